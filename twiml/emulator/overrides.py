"""Connection overrides: how a URL's fragment changes Twilio's time-outs and retries."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple
from urllib.parse import parse_qsl

from twiml.emulator.whole import shown, whole

_KINDS = ("4xx", "5xx", "ct", "rt", "all")


class Overrides(NamedTuple):
    """Milliseconds, and on which failures a request is repeated (defaults: Twilio's)."""

    connect: int = 5000
    read: int = 15_000
    total: int = 15_000
    retries: int = 1
    policy: frozenset[str] = frozenset({"ct"})
    problems: tuple[tuple[int, str], ...] = ()

    def retries_on(self, kind: str) -> bool:
        """Whether a failure of this kind (4xx, 5xx, ct, rt) is tried again."""
        return bool(kind) and (kind in self.policy or "all" in self.policy)


_RANGES = {"ct": (100, 10_000), "rt": (100, 15_000), "tt": (100, 15_000), "rc": (0, 5)}


@lru_cache(maxsize=256)
def overrides_of(url: str) -> Overrides:
    """Read ``#ct=2000&rc=2&rp=ct,rt,5xx`` (Twilio: Webhook connection overrides).

    A value that is not allowed is a problem (11241) and keeps the default; names that are not
    known here (``sni``, ``e``) change nothing on loopback.
    """
    fragment = url.partition("#")[2]
    if "=" not in fragment:
        return Overrides()
    values: dict[str, int] = {}
    policy: frozenset[str] | None = None
    problems: list[tuple[int, str]] = []
    for name, value in parse_qsl(fragment):
        if name in _RANGES:
            low, high = _RANGES[name]
            number = whole(value)
            if number is not None and low <= number <= high:
                values[name] = number
            else:
                problems.append((11241, f"{name}={shown(value)} is not between {low} and {high}"))
        elif name == "rp":
            kinds = frozenset(value.split(","))
            if kinds <= set(_KINDS):
                policy = kinds
            else:
                problems.append((11241, f"rp={shown(value)} is not a list of {', '.join(_KINDS)}"))
    defaults = Overrides()
    return Overrides(
        connect=values.get("ct", defaults.connect),
        read=values.get("rt", defaults.read),
        total=values.get("tt", defaults.total),
        retries=values.get("rc", defaults.retries),
        policy=defaults.policy if policy is None else policy,
        problems=tuple(problems),
    )
