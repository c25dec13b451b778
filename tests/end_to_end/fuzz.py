"""100,000 mutated webhooks: none accepted, none a 500. ``python -m tests.end_to_end.fuzz``

Calls are brought to each door of ``twiml/webhooks.py``; their next requests, signed as Twilio
signs, are mutated in one way or in several and handed to the application as gunicorn would hand
them. Accepted is what is answered below 400 or writes to the database, which a second connection
watches.

No mutations, and accepted by design: another order of the fields, another spelling of the same
text (``%2b``), a cut between fields that moves nothing the door reads and nothing that is signed,
and what Twilio does not sign and the server does not use: Host, X-Forwarded-Host and their like,
and the charset of a form, which is UTF-8 whatever Content-Type says.
``still_genuine`` leaves them out; ``rehearse`` shows that they are accepted.

A run can be repeated to the byte: ``--seed S --only N`` sends the Nth request of seed S again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from random import Random, SystemRandom
from typing import Any
from urllib.parse import unquote_to_bytes

from tests.end_to_end.fuzz_encodings import ENCODING, METHOD, SIZE, SPOOFS
from tests.end_to_end.fuzz_mutations import (
    COUNTED,
    PARAMETERS,
    PATH,
    READ,
    SIGNATURE,
    TOKEN,
    Case,
    Fields,
    Mutation,
    Request,
)
from tests.end_to_end.fuzz_world import Answer, NothingProved, World, opened, send
from verification.forms import MEDIA_TYPE

KINDS: dict[str, dict[str, Mutation]] = {
    "path": PATH,
    "token": TOKEN,
    "parameters": PARAMETERS,
    "signature": SIGNATURE,
    "method": METHOD,
    "encoding": ENCODING,
    "size": SIZE,
}
WEIGHTS = (14, 14, 24, 18, 7, 22, 1)  # large bodies take time and teach little more
SEVERAL, SPOOFED = 0.2, 0.3  # shares of the requests: mutated in several ways; with spoofed headers
COUNT, SHOWN = 100_000, 5  # how many are sent, how many failures are printed in full
NAMES = {kind: tuple(mutations) for kind, mutations in KINDS.items()}
# What is signed anew stays alone: together with another it could come out genuine.
TOGETHER = {kind: tuple(n for n in names if ", signed" not in n) for kind, names in NAMES.items()}


@dataclass(frozen=True, slots=True)
class Mutant:
    """The ``number``-th request of a seed: what was done to which genuine one.

    ``neutral``: how many were drawn before it that were no mutations.
    """

    number: int
    case: Case
    mutations: tuple[tuple[str, str], ...]
    request: Request
    neutral: int

    @property
    def kind(self) -> str:
        return self.mutations[0][0] if len(self.mutations) == 1 else "several"


@dataclass(frozen=True, slots=True)
class Failure:
    """A mutated request that was not refused as it should be."""

    mutant: Mutant
    status: int
    why: str


@dataclass(slots=True)
class Report:
    """What a run has found. ``answers``: how often a kind of mutation got a status."""

    seed: int
    answers: Counter[tuple[str, int]] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    neutral: int = 0
    seconds: float = 0.0
    slowest: float = 0.0

    @property
    def sent(self) -> int:
        return self.answers.total()


def rehearse(world: World) -> None:
    """Show that the requests would be accepted, and their neutral variations. Raises NothingProved.

    The twins are asked, so that the calls themselves stay where a mutation can move them.
    """
    for twin in world.twins:
        _accepted(world, twin, twin.request, must_write=twin.door != "fallback")
        _accepted(world, twin, twin.request._replace(fields=twin.request.fields[::-1]))
        _accepted(world, twin, twin.request._replace(raw=_spelled(twin.request.fields)))
        for spoof in SPOOFS:
            _accepted(world, twin, twin.request._replace(headers=(spoof,)))


def _accepted(world: World, case: Case, request: Request, must_write: bool = False) -> None:
    answer = send(world, request)
    if answer.status not in (200, 204) or (must_write and not answer.wrote):
        raise NothingProved(f"{case.name}: a genuine request was answered {answer}:\n{request}")


def _spelled(fields: Fields) -> bytes:
    """The fields with every byte escaped, in small letters."""
    texts = (["".join(f"%{byte:02x}" for byte in text.encode()) for text in one] for one in fields)
    return "&".join(f"{name}={value}" for name, value in texts).encode()


def mutant(cases: Sequence[Case], seed: int, number: int) -> Mutant:
    """Draw the ``number``-th request of a seed."""
    g = Random((seed << 32) + number)  # noqa: S311 - repeatable on purpose
    neutral = 0
    while True:
        case = g.choice(cases)
        count = g.choice((2, 3)) if g.random() < SEVERAL else 1
        drawn = set(g.choices(tuple(KINDS), WEIGHTS, k=count))
        names = NAMES if len(drawn) == 1 else TOGETHER
        mutations = tuple((kind, g.choice(names[kind])) for kind in KINDS if kind in drawn)
        request = mutated(case, mutations, g)
        if not still_genuine(case, request):
            return Mutant(number, case, mutations, request, neutral)
        neutral += 1


def mutated(case: Case, mutations: Iterable[tuple[str, str]], g: Random) -> Request:
    """The genuine request of a case after these mutations, by kind and name."""
    request = case.request
    for kind, name in mutations:
        request = KINDS[kind][name](request, g, case)
    if g.random() < SPOOFED:
        spoofs = g.sample(SPOOFS, g.randrange(1, 4))
        request = request._replace(headers=(*request.headers, *spoofs))
    return request


def still_genuine(case: Case, request: Request) -> bool:
    """Whether a request says and signs the same as the genuine one of its case."""
    genuine = case.request
    line = (request.method, request.target, request.signature)
    if line != (genuine.method, genuine.target, genuine.signature):
        return False
    if (request.media_type or "").partition(";")[0] != MEDIA_TYPE:
        return False
    if any(name == "HTTP_TRANSFER_ENCODING" for name, _ in request.headers):
        return False
    fields = _read(_delivered(request))
    if fields is None or len(dict(fields)) != len(fields):
        return False
    said, meant = dict(fields), dict(genuine.fields)
    alike = all(said.get(name) == meant.get(name) for name in READ[case.door])
    return alike and _text(fields) == _text(genuine.fields)


def _delivered(request: Request) -> bytes:
    """The body as its length cuts it; nothing for a length that is none, or that is too long."""
    body, length = request.body, request.length or ""
    if length == COUNTED:
        return body
    return body[: int(length)] if length.isdigit() and int(length[:9]) <= len(body) else b""


def _read(body: bytes) -> Fields | None:
    """The fields of a form, read without any help of the server's; None if it is none."""
    pairs = [pair.replace(b"+", b" ").partition(b"=") for pair in body.split(b"&")]
    if not body.isascii() or b"%00" in body or b"\x00" in body or not all(p[1] for p in pairs):
        return None
    try:
        return tuple(
            (unquote_to_bytes(name).decode(), unquote_to_bytes(value).decode())
            for name, _, value in pairs
        )
    except UnicodeDecodeError:
        return None


def _text(fields: Fields) -> str:
    return "".join(name + value for name, value in sorted(fields))


def attack(world: World, mutant: Mutant, report: Report) -> None:
    """Send one mutated request and note what comes back."""
    world.raised.clear()
    begun = time.perf_counter()
    try:
        answer = send(world, mutant.request)
    except Exception as error:  # noqa: BLE001 - whatever comes out of the application
        answer = Answer(599, b"", False)
        world.raised.append(repr(error))
    report.slowest = max(report.slowest, time.perf_counter() - begun)
    report.answers[mutant.kind, answer.status] += 1
    report.neutral += mutant.neutral
    why = "; ".join(_wrongs(answer, world.raised))
    if why:
        report.failures.append(Failure(mutant, answer.status, why))


def _wrongs(answer: Answer, raised: list[str]) -> list[str]:
    wrongs = [f"raised {one}" for one in raised]
    if answer.status >= 500:
        wrongs.append("a server error")
    if answer.status < 400:
        wrongs.append("accepted")
    if answer.wrote:
        wrongs.append("changed the database")
    return wrongs


def run(count: int, seed: int, progress: Callable[[Report], None] = lambda report: None) -> Report:
    """Send ``count`` mutated requests. Raises NothingProved where the genuine ones are refused."""
    report = Report(seed)
    with opened(seed) as world:
        rehearse(world)
        begun = time.perf_counter()
        for number in range(count):
            attack(world, mutant(world.cases, seed, number), report)
            if report.sent % max(1, count // 10) == 0:
                report.seconds = time.perf_counter() - begun
                progress(report)
        report.seconds = time.perf_counter() - begun
        if not report.failures:  # the very calls that were attacked are still open for Twilio
            for case in world.cases:
                _accepted(world, case, case.request, must_write=case.door != "fallback")
    return report


def replay(seed: int, number: int) -> tuple[str, Report]:
    """Send one request of a seed again; gives it as it is sent, and what came of it."""
    report = Report(seed)
    with opened(seed) as world:
        rehearse(world)
        again = mutant(world.cases, seed, number)
        attack(world, again, report)
    return shown(again), report


def shown(mutant: Mutant) -> str:
    """A request in full, with what was done to it."""
    request, done = mutant.request, ", ".join(": ".join(one) for one in mutant.mutations)
    headers: list[tuple[str, Any]] = [
        ("Content-Type", request.media_type),
        ("Content-Length", len(request.body) if request.length == COUNTED else request.length),
        ("X-Twilio-Signature", request.signature),
        *(
            (name[5:].replace("_", "-").title(), value)
            for name, value in dict(request.headers).items()
        ),
    ]
    lines = [f"{name}: {value}" for name, value in headers if value is not None]
    sent = "\n".join([f"{request.method} {request.target} HTTP/1.1", *lines, ""])
    body = request.body.decode("latin-1")
    return f"# {mutant.number}: {mutant.case.name}: {done}\n{sent}\n{body}".encode(
        "ascii", "backslashreplace"
    ).decode()


def summary(report: Report) -> str:
    """The table of kinds and answers, the failures, and a last line that says it all."""
    statuses = sorted({status for _, status in report.answers})
    rows = [f"{'mutated':<12}" + "".join(f"{status:>9}" for status in statuses)]
    for kind in (*KINDS, "several"):
        counts = (report.answers[kind, status] for status in statuses)
        rows.append(f"{kind:<12}" + "".join(f"{count:>9,}" for count in counts))
    for failure in report.failures[:SHOWN]:
        rows += ["", f"{failure.why} ({failure.status}):", shown(failure.mutant)]
        rows.append(f"again: --seed {report.seed} --only {failure.mutant.number}")
    kinds = Counter(
        (failure.why, ", ".join(": ".join(one) for one in failure.mutant.mutations))
        for failure in report.failures
        if len(failure.mutant.mutations) == 1
    )
    rows += [f"{count:>6,} times {why}: {done}" for (why, done), count in kinds.most_common()]
    return "\n".join([*rows, _figures(report)])


def _figures(report: Report) -> str:
    rate = report.sent / report.seconds if report.seconds else 0
    return (
        f"{report.sent:,} mutated webhooks in {report.seconds:.1f} s ({rate:,.0f}/s), "
        f"the slowest {report.slowest * 1000:.0f} ms; "
        f"{report.neutral:,} drawn besides that were no mutation\n"
        f"seed {report.seed}: {_verdict(report)}"
    )


def _verdict(report: Report) -> str:
    accepted = sum("accepted" in failure.why for failure in report.failures)
    errors = sum(failure.status >= 500 for failure in report.failures)
    written = sum("changed" in failure.why for failure in report.failures)
    return f"{accepted:,} accepted, {written:,} changed the database, {errors:,} server errors"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run from the command line; gives the exit code."""
    said = (__doc__ or "").partition(" ``")[0]
    parser = argparse.ArgumentParser(prog="python -m tests.end_to_end.fuzz", description=said)
    parser.add_argument("--count", type=int, default=COUNT)
    parser.add_argument("--seed", type=int, default=SystemRandom().randrange(10**6))
    parser.add_argument("--only", type=int, metavar="N", help="send the Nth request alone")
    chosen = parser.parse_args(arguments)
    try:
        if chosen.only is not None:
            text, report = replay(chosen.seed, chosen.only)
            print(text)
        else:
            report = run(chosen.count, chosen.seed, _tell)
    except NothingProved as error:
        print(f"nothing proved: {error}", file=sys.stderr)
        return 1
    print(summary(report))
    return 1 if report.failures else 0


def _tell(report: Report) -> None:
    print(f"{report.sent:,} sent, {len(report.failures):,} failures", file=sys.stderr, flush=True)


if __name__ == "__main__":
    raise SystemExit(main())
