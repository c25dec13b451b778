"""The judge of a crash run: holds the carrier's own log against the database and the ledger.

The carrier's log is what happened. The URL that a call was placed with names its attempt, for
Lineproof seals the attempt's id into it: two calls with one URL are an attempt dialled twice.
"""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any, NamedTuple

from tests.end_to_end import crash_database
from tests.end_to_end.crash_customer import ENDED, USED_UP, VERIFIED

SHOWN = 10  # of each kind of finding


class Placed(NamedTuple):
    """A call in the carrier's log. ``attempt_id`` None: its URL is none of ours."""

    call_sid: str
    attempt_id: str | None


class Attempt(NamedTuple):
    """An attempt in the database."""

    id: str
    subject_sid: str
    state: str
    outcome: str | None
    call_sid: str | None
    dialled_at: float | None
    number: str = ""
    account_sid: str = ""


@dataclass(frozen=True, slots=True)
class Evidence:
    """All that the judge looks at.

    ``acknowledged`` and ``orders``: the status of each order as its customer last saw it, and as
    it is in the database. ``answered``: the attempts whose dialler lived to say what the carrier
    answered. ``unsound``: what is wrong with the file and its audit trail. ``odd``: what no kill
    explains, such as answers that customers should never have got.
    """

    log: Sequence[Placed]
    attempts: Sequence[Attempt]
    orders: Mapping[str, str]
    acknowledged: Mapping[str, str]
    answered: Collection[str] = frozenset()
    unsound: Sequence[str] = ()
    odd: Sequence[str] = ()


@dataclass(slots=True)
class Verdict:
    """Figures, which can be added up over several judgements, and what is wrong."""

    acknowledged: int = 0
    verified: int = 0
    used_up: int = 0
    attempts: int = 0
    interrupted: int = 0
    placed: int = 0
    doubled: int = 0
    lost_orders: int = 0
    given_back: int = 0
    lost_though_placed: int = 0
    findings: list[str] = field(default_factory=list)

    def add(self, other: Verdict) -> None:
        """Take another judgement's figures and findings to this one's."""
        for one in fields(Verdict):
            setattr(self, one.name, getattr(self, one.name) + getattr(other, one.name))


def judge(evidence: Evidence) -> Verdict:
    """Compare what was promised, what is written down, and what the carrier did."""
    calls = _calls_by_attempt(evidence.log)
    statuses = [evidence.orders.get(sid, "") for sid in evidence.acknowledged]
    doubled = _doubled(calls)
    lost = _lost_orders(evidence)
    denied = _lost_though_placed(evidence, calls)
    return Verdict(
        acknowledged=len(evidence.acknowledged),
        verified=statuses.count(VERIFIED),
        used_up=statuses.count(USED_UP),
        attempts=len(evidence.attempts),
        interrupted=sum(
            attempt.dialled_at is not None and attempt.id not in evidence.answered
            for attempt in evidence.attempts
        ),
        placed=len(evidence.log),
        doubled=len(doubled),
        lost_orders=len(lost),
        given_back=sum(attempt.outcome == "lost" for attempt in evidence.attempts),
        lost_though_placed=len(denied),
        findings=[
            *_some(doubled),
            *_some(lost),
            *_some(denied),
            *_some(_unended(evidence)),
            *_some(_misfiled(evidence, calls)),
            *_some(list(evidence.unsound)),
            *_some(list(evidence.odd)),
        ],
    )


def _calls_by_attempt(log: Sequence[Placed]) -> dict[str | None, list[str]]:
    calls: dict[str | None, list[str]] = defaultdict(list)
    for placed in log:
        calls[placed.attempt_id].append(placed.call_sid)
    return calls


def _doubled(calls: Mapping[str | None, list[str]]) -> list[str]:
    return [
        f"dialled twice: attempt {attempt_id} by {' and '.join(sids)}"
        for attempt_id, sids in calls.items()
        if attempt_id is not None and len(sids) > 1
    ]


def _lost_orders(evidence: Evidence) -> list[str]:
    """Orders that are gone, or that were verified and no longer are."""
    found = []
    for sid, seen in evidence.acknowledged.items():
        status = evidence.orders.get(sid)
        if status is None:
            found.append(f"lost: order {sid} was acknowledged and is not in the database")
        elif seen == VERIFIED != status:
            found.append(f"lost: order {sid} was verified and is {status}")
    return found


def _lost_though_placed(evidence: Evidence, calls: Mapping[str | None, list[str]]) -> list[str]:
    return [
        f"given up though placed: attempt {attempt.id} by {calls[attempt.id][0]}"
        for attempt in evidence.attempts
        if attempt.outcome == "lost" and attempt.id in calls
    ]


def _unended(evidence: Evidence) -> list[str]:
    orders = [
        f"not ended: order {sid} is still {evidence.orders[sid]}"
        for sid in evidence.acknowledged
        if evidence.orders.get(sid, VERIFIED) not in ENDED
    ]
    attempts = [
        f"not ended: attempt {attempt.id} of order {attempt.subject_sid} is still {attempt.state}"
        for attempt in evidence.attempts
        if attempt.state != "done"
    ]
    return orders + attempts


def _misfiled(evidence: Evidence, calls: Mapping[str | None, list[str]]) -> list[str]:
    """Where the database and the log disagree about which call belongs to which attempt."""
    found = [f"not ours: call {sid} names no attempt" for sid in calls.get(None, ())]
    known = {attempt.id: attempt for attempt in evidence.attempts}
    found += [
        f"misfiled: {attempt.call_sid} was not placed for attempt {attempt.id}"
        for attempt in evidence.attempts
        if attempt.call_sid and attempt.call_sid not in calls.get(attempt.id, ())
    ]
    for attempt_id, sids in calls.items():
        if attempt_id is None:
            continue
        if attempt_id not in known:
            found.append(f"no intent: call {sids[0]} is of attempt {attempt_id}, which is unknown")
        elif known[attempt_id].call_sid is None:
            found.append(f"not adopted: attempt {attempt_id} knows nothing of its call {sids[0]}")
    return found


def _some(found: list[str]) -> list[str]:
    more = len(found) - SHOWN
    return found if more <= 0 else [*found[:SHOWN], f"... and {more} more like it"]


def read_database(url: str) -> tuple[dict[str, str], list[Attempt], list[str]]:
    """The status of each order, the attempts, and what is wrong with the file."""
    orders = dict(crash_database.rows(url, "SELECT sid, status FROM orders"))
    columns = ", ".join(Attempt._fields)
    attempts = crash_database.rows(url, f"SELECT {columns} FROM attempts")  # noqa: S608
    return orders, [Attempt(*row) for row in attempts], crash_database.unsound(url)


def calls_under_way(url: str) -> int:
    """How many attempts have not come to their end."""
    ((number,),) = crash_database.rows(url, "SELECT count(*) FROM attempts WHERE state <> 'done'")
    return int(number)


def read_log(
    calls: Sequence[Mapping[str, Any]], attempt_of: Callable[[str], str | None]
) -> list[Placed]:
    """The emulator's log. ``attempt_of`` opens the URL that a call was placed with."""
    return [Placed(call["sid"], attempt_of(call["url"] or "")) for call in calls]


def answered(worker_log: Path) -> set[str]:
    """The attempts of which a dialler wrote that the carrier had answered, whatever it was."""
    found = set()
    for line in worker_log.read_text().splitlines():
        with suppress(ValueError):  # the last line of a killed process may be cut off
            entry = json.loads(line)
            if entry["event"] == "dialled" and entry["answer"] != "Postponed":
                found.add(entry["attempt"])
    return found


def complaints(log: Path, excused: str | None = None) -> list[str]:
    """Errors in a part's log, but those that name what is ``excused``: being killed is not."""
    signs = ("Exception on ", '"worker failed"', "[CRITICAL]")
    lines = log.read_text().splitlines() if log.exists() else []
    if excused:
        lines = [line for line in lines if excused not in line]
    found = [line for line in lines if any(sign in line for sign in signs)]
    return [f"{log.name}: {line[:200]}" for line in found]
