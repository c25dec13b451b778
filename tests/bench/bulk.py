"""A bulk request against the plainest way of writing as many rows.

All numbers in one ``POST /v2/HostedNumber/Orders/Bulk``, from the JSON to the answer, against
``insert_all`` by sqlite-utils of the rows that it has made, into a table without any index; in
turns, each into a new file with synchronous FULL. And the memory that the request takes.
"""

from __future__ import annotations

import json
import statistics
import tempfile
import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from sqlite_utils import Database

import app
from tests.bench.parts.figures import FULL, Row, Scale, interleaved, ratio
from tests.bench.parts.world import World, fresh_number, world
from tests.directories import Unasked
from verification.api.numbers_v2_bulk import PATH
from verification.store.orders import TABLE as ORDERS

MOST = 5.0
_ADDRESS = {
    "CustomerName": "Maple Dental",
    "Street": "1741 Brunswick St",
    "City": "Halifax",
    "Region": "NS",
    "PostalCode": "B3J 3X8",
    "IsoCountry": "CA",
}


def figures(scale: Scale = FULL) -> Iterator[Row]:
    """What ``make bench`` prints."""
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as name:
        folders = (Path(name) / str(number) for number in range(4 * scale.rounds + 4))

        def ours() -> float:
            with _new_world(next(folders)) as one:
                ask = _request(one, scale.numbers)
                begun = time.perf_counter()
                ask()
                took = time.perf_counter() - begun
                rows[:] = _orders(one)
            return took

        def plain() -> float:
            folder = next(folders)
            folder.mkdir()
            database = Database(folder / "plain.db")
            with closing(database.conn) as connection:
                connection.execute("PRAGMA journal_mode = WAL")
                begun = time.perf_counter()
                database["orders"].insert_all(rows)  # type: ignore[union-attr] # a table, not a view
                took = time.perf_counter() - begun
                assert connection.execute("SELECT count(*) FROM orders").fetchone()[0] == len(rows)
            return took

        ours()  # makes the rows, and the first request's imports
        took = interleaved({"bulk request": ours, "insert_all": plain}, scale.rounds)
        memory = _memory(next(folders), scale.numbers)
    for peer, each in took.items():
        yield Row(f"{peer}, {scale.numbers} orders", statistics.median(each), "s")
    against = ratio(took["bulk request"], took["insert_all"])
    yield Row("bulk request to insert_all", against, "x", most=MOST)
    yield Row("memory of the request at its highest", memory / 2**20, "MiB")


def _memory(folder: Path, numbers: int) -> int:
    """The bytes of Python's that a request takes at most."""
    with _new_world(folder) as one:
        ask = _request(one, numbers)
        tracemalloc.start()
        ask()
        _, most = tracemalloc.get_traced_memory()
        tracemalloc.stop()
    return most


@contextmanager
def _new_world(folder: Path) -> Iterator[World]:
    folder.mkdir()
    with world(folder) as one:
        yield one


def _request(one: World, numbers: int) -> Callable[[], None]:
    """The bulk request, ready to be made."""
    client, user = _client(one), (one.account.sid, one.token)
    path = f"/2010-04-01/Accounts/{one.account.sid}/Addresses.json"
    address = client.post(path, data=_ADDRESS, auth=user)
    assert address.status_code == 201, address.text
    item = {
        "email": "owner@example.com",
        "address_sid": address.get_json()["sid"],
        "contact_phone_number": "+19029052030",
        "numbers": [{"phone_number": fresh_number()} for _ in range(numbers)],
    }
    wish = json.dumps({"friendly_name": "All", "request_items": [item]})

    def ask() -> None:
        answer = client.post(PATH, data=wish, content_type="application/json", auth=user)
        assert answer.status_code == 202, answer.text

    return ask


def _client(one: World) -> FlaskClient:
    return app.create_app(one.house, Unasked()).test_client()


def _orders(one: World) -> list[dict[str, Any]]:
    with one.house.store.read() as tx:
        found = tx._execute(ORDERS.select).fetchall()
    return [dict(zip(ORDERS.columns, row, strict=True)) for row in found]
