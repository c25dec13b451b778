"""How long a page of the console's table of orders takes with few orders and with many."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

from tests.bench.parts.figures import FULL, Row, Scale
from verification.ordering import Place
from verification.overview import OrderFilter
from verification.statuses import Status
from verification.store import Store, open_store

MOST = 2.0
TRIES = 20
_FILL = """
    WITH RECURSIVE n (i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n WHERE i + 1 < :count)
    INSERT INTO orders (sid, account_sid, phone_number, status, created_at, updated_at,
        incoming_phone_number_sid, failure_reason, cc_emails, verification_type, call_delay,
        language, verification_attempts, code_tries, code_entry)
    SELECT 'HR' || (100000000 + i), 'AC1', '+1' || (2002000000 + i * 7),
        CASE i % 10 WHEN 0 THEN 'failed' WHEN 1 THEN 'received' ELSE 'verified' END, i, i, 'PN1',
        CASE i % 10 WHEN 0 THEN 'The number was busy.' END, '[]', 'phone-call', 0, 'en', 0, 0,
        'phone' FROM n
"""


def filled(store: Store, count: int) -> None:
    """A database with so many orders of one account."""
    store.migrate()
    with store.write() as tx:
        tx._execute(
            "INSERT INTO accounts (sid, name, status, auth_token, created_at)"
            " VALUES ('AC1', 'Bench', 'active', :token, 0)",
            {"token": b""},
        )
        tx._execute(_FILL, {"count": count})


def milliseconds(store: Store, wanted: OrderFilter, place: Place | None) -> float:
    """The quickest of some reads of one page."""
    best = float("inf")
    for _ in range(TRIES):
        begun = time.perf_counter()
        with store.read() as tx:
            tx.console.orders(wanted, place, 51)
            tx.console.reasons()
        best = min(best, time.perf_counter() - begun)
    return best * 1000


def figures(scale: Scale = FULL) -> Iterator[Row]:
    """What ``make bench`` prints: each kind of page with all orders, and its ratio to few."""
    few, most = scale.orders[0], scale.orders[-1]
    pages: dict[str, tuple[OrderFilter, Callable[[int], Place | None]]] = {
        "newest": (OrderFilter(), lambda _: None),
        "in the middle": (OrderFilter(), lambda count: Place(count / 2, "HR")),
        "by status": (OrderFilter(status=Status.RECEIVED), lambda _: None),
        "by reason": (OrderFilter(reason="The number was busy."), lambda _: None),
        "by both, none": (
            OrderFilter(status=Status.RECEIVED, reason="The number was busy."),
            lambda _: None,
        ),
        "by number": (OrderFilter(number="+12002000700"), lambda _: None),
        "by its start": (OrderFilter(number="+12002000"), lambda _: None),
    }
    took: dict[int, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for count in (few, most):
            with closing(open_store(f"sqlite:///{Path(folder) / f'{count}.db'}")) as store:
                filled(store, count)
                took[count] = {
                    name: milliseconds(store, wanted, place(count))
                    for name, (wanted, place) in pages.items()
                }
    for name in pages:
        yield Row(f"{name}, {most} orders", took[most][name], "ms")
        yield Row(f"{name}, last to first", took[most][name] / took[few][name], "x", most=MOST)
