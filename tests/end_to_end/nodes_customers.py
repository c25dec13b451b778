"""Who uses two nodes at once: customers, others who want more than they may, and an operator.

Each comes from an address of its own, as on the internet: nginx limits what one address may ask.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import requests
from requests.adapters import HTTPAdapter

from tests.end_to_end.crash_customer import (
    ANSWER_SECONDS,
    ORDERS,
    PENDING,
    VERIFIED,
    Addresses,
    Customer,
    Errand,
    Ledger,
    Supply,
)

ROUND_SECONDS = 0.7  # a customer looks after all his orders as often
LOOK_EVERY_SECONDS = 1.0  # the page's script lets two pass
AT_A_TIME = 20  # numbers that a greedy one asks about in a round
PAGE_PATIENCE_SECONDS = 8.0  # as long as the page's own script waits
GUESS_EVERY_SECONDS = 0.2
_WRONG, _TOO_MANY, _OVER_BUDGET = 401, 429, 20429
_USED_UP = 22100  # all calls of the order
_TO_COME = 22112  # its line is still to be looked up


class FromAddress(HTTPAdapter):
    """Connects from one of the machine's loopback addresses."""

    def __init__(self, ordinal: int) -> None:
        self._source = f"127.0.1.{ordinal}"
        super().__init__()

    def init_poolmanager(self, *args: Any, **options: Any) -> None:
        """Make the pool."""
        super().init_poolmanager(*args, **options, source_address=(self._source, 0))


class Steady(Customer):
    """Orders until ``quota`` numbers are verified."""

    pause_seconds = ROUND_SECONDS

    def __init__(
        self, ordinal: int, addresses: Addresses, supply: Supply, share: int, quota: int
    ) -> None:
        super().__init__(f"customer-{ordinal}", addresses, supply, share, Ledger())
        self._api.mount("http://", FromAddress(ordinal))
        self.quota = quota
        self.verified = 0

    @property
    def ledger(self) -> Ledger:
        """What it was told."""
        return self._ledger

    def _has_work(self) -> bool:
        room = min(self._share, self.quota - self.verified) - len(self._errands)
        self._errands += [Errand(self._supply.take()) for _ in range(room)]
        return bool(self._errands)

    def _look_at(self, errand: Errand) -> None:
        super()._look_at(errand)
        self.verified += errand not in self._errands and (
            self._ledger.orders[errand.sid] == VERIFIED
        )


class Greedy(threading.Thread):
    """Orders ``numbers`` and asks for ``calls`` to each, until a budget refuses it."""

    def __init__(
        self, ordinal: int, addresses: Addresses, numbers: Sequence[str], calls: int
    ) -> None:
        super().__init__(name=f"greedy-{ordinal}", daemon=True)
        self._addresses = addresses
        self._wanted = dict.fromkeys(numbers, calls)
        self._sids: dict[str, str] = {}
        self._abandoned = threading.Event()
        self.refused = 0
        self.odd: list[str] = []
        self._api = requests.Session()
        self._api.auth, self._api.trust_env = addresses.account, False
        self._api.mount("http://", FromAddress(ordinal))

    def abandon(self) -> None:
        """Stop as soon as possible."""
        self._abandoned.set()

    @property
    def acknowledged(self) -> list[str]:
        """The orders that it was told of."""
        return list(self._sids.values())

    def run(self) -> None:
        """Ask again and again; what a failover cuts off is asked again too."""
        with self._api:
            while self._wanted and not self._abandoned.is_set():
                for number in list(self._wanted)[:AT_A_TIME]:
                    try:
                        self._ask(number)
                    except requests.RequestException:
                        continue
                self._abandoned.wait(ROUND_SECONDS)

    def _ask(self, number: str) -> None:
        if number not in self._sids:
            self._order(number)
            return
        answer = self._post(f"/{self._sids[number]}", Status=PENDING)
        code = _code(answer)
        if answer.ok:
            if answer.json()["verification_attempts"] >= self._wanted[number]:
                del self._wanted[number]
        elif code == _OVER_BUDGET:
            self.refused += 1
            del self._wanted[number]
            if answer.status_code != _TOO_MANY or not _may_come_back(answer):
                self.odd.append(f"over budget, and told so by HTTP {answer.status_code}")
        elif code == _USED_UP:
            del self._wanted[number]
        elif code != _TO_COME and answer.status_code < 500:
            self.odd.append(f"greedy: HTTP {answer.status_code} {answer.text[:200]!r}")

    def _order(self, number: str) -> None:
        answer = self._post("", PhoneNumber=number, SmsCapability="true")
        if answer.ok:
            self._sids[number] = answer.json()["sid"]
        elif _code(answer) == 22110:  # its own, whose answer was cut off
            listed = self._api.get(
                self._addresses.server + ORDERS,
                params={"PhoneNumber": number},
                timeout=ANSWER_SECONDS,
            )
            for row in listed.json()["items"] if listed.ok else []:
                self._sids[number] = row["sid"]

    def _post(self, path: str, **form: str) -> requests.Response:
        url = self._addresses.server + ORDERS + path
        return self._api.post(url, data=form, timeout=ANSWER_SECONDS)


class Guesser(threading.Thread):
    """Tries one wrong token after the other for an account, from one address."""

    def __init__(self, ordinal: int, addresses: Addresses) -> None:
        super().__init__(name="guesser", daemon=True)
        self._addresses = addresses
        self._ordinal = ordinal
        self._over = threading.Event()
        self.told_wrong: list[float] = []  # Unix seconds
        self.turned_away = 0

    def finish(self) -> None:
        """Try no more."""
        self._over.set()
        self.join(ANSWER_SECONDS * 2)

    def run(self) -> None:
        """Try until it is over, whatever the answer."""
        with requests.Session() as api:
            api.trust_env = False
            api.mount("http://", FromAddress(self._ordinal))
            while not self._over.wait(GUESS_EVERY_SECONDS):
                try:
                    answer = api.get(
                        self._addresses.server + ORDERS,
                        auth=(self._addresses.account[0], "0" * 32),
                        timeout=ANSWER_SECONDS,
                    )
                except requests.RequestException:
                    continue
                if answer.status_code == _TOO_MANY:
                    self.turned_away += 1
                elif answer.status_code == _WRONG:
                    self.told_wrong.append(time.time())


class Look(NamedTuple):
    """One look at the page: when, what the answer was (0: none), whether there was news."""

    at: float
    status: int
    is_news: bool


@dataclass(eq=False)
class Watcher(threading.Thread):
    """An operator whose page of orders stands open and looks for changes as its script does."""

    link: str

    def __post_init__(self) -> None:
        super().__init__(name="watcher", daemon=True)
        self.looks: list[Look] = []
        self._over = threading.Event()

    def finish(self) -> None:
        """Look no more."""
        self._over.set()
        self.join(PAGE_PATIENCE_SECONDS * 2)

    def run(self) -> None:
        """Sign in, then look."""
        etag = ""
        with requests.Session() as browser:
            browser.trust_env = False
            browser.mount("http://", FromAddress(250))
            page = browser.get(self.link, timeout=PAGE_PATIENCE_SECONDS)
            page.raise_for_status()
            while not self._over.wait(LOOK_EVERY_SECONDS):
                status = 0
                try:
                    headers = {"If-None-Match": etag} if etag else {}
                    answer = browser.get(page.url, headers=headers, timeout=PAGE_PATIENCE_SECONDS)
                    status = answer.status_code
                    etag = answer.headers.get("ETag", "") if answer.ok else etag
                except requests.RequestException:
                    pass
                self.looks.append(Look(time.monotonic(), status, status == 200))


def _may_come_back(answer: requests.Response) -> bool:
    return answer.headers.get("Retry-After", "").isdigit()


def _code(answer: requests.Response) -> int | None:
    try:
        return answer.json().get("code")  # type: ignore[no-any-return]
    except requests.JSONDecodeError:
        return None
