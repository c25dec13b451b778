"""How long a page of the console's table of orders takes with few orders and with many.

python -m tests.bench.orders_table [--orders 1000000]
"""

from __future__ import annotations

import argparse
import tempfile
import time
from contextlib import closing
from pathlib import Path

from verification.ordering import Place
from verification.overview import OrderFilter
from verification.statuses import Status
from verification.store import Store, open_store

FEW = 1000
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


def main() -> None:
    """Print a line for each kind of page."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--orders", type=int, default=1_000_000)
    most = parser.parse_args().orders
    pages = {
        "newest": (OrderFilter(), lambda count: None),
        "in the middle": (OrderFilter(), lambda count: Place(count / 2, "HR")),
        "by status": (OrderFilter(status=Status.RECEIVED), lambda count: None),
        "by reason": (OrderFilter(reason="The number was busy."), lambda count: None),
        "by both, none": (
            OrderFilter(status=Status.RECEIVED, reason="The number was busy."),
            lambda count: None,
        ),
        "by number": (OrderFilter(number="+12002000700"), lambda count: None),
        "by its start": (OrderFilter(number="+12002000"), lambda count: None),
    }
    with tempfile.TemporaryDirectory() as folder:
        took: dict[int, dict[str, float]] = {}
        for count in (FEW, most):
            with closing(open_store(f"sqlite:///{Path(folder) / f'{count}.db'}")) as store:
                filled(store, count)
                took[count] = {
                    name: milliseconds(store, wanted, place(count))
                    for name, (wanted, place) in pages.items()
                }
    for name in pages:
        few, many = took[FEW][name], took[most][name]
        print(f"{name:14} {FEW:>9}: {few:6.2f} ms  {most:>9}: {many:6.2f} ms  x{many / few:.2f}")


if __name__ == "__main__":
    main()
