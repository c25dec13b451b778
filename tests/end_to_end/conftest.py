"""A whole server with its worker and its emulator, in this process, on an instant clock."""

from __future__ import annotations

import random
import socket
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from twilio.rest import Client

import app
from twiml.carrier import HttpClient
from verification import cli, settings

NUMBER = "+19029052034"
PATIENCE_SECONDS = 30.0


@dataclass
class Customer:
    """A customer with the official SDK, and the server that he uses."""

    house: app.House
    client: Client

    @property
    def orders(self) -> Any:
        return self.client.preview.hosted_numbers.hosted_number_orders

    def order(self, number: str = NUMBER) -> Any:
        return self.orders.create(phone_number=number, sms_capability=True)

    def call(self, order: Any, **wishes: Any) -> Any:
        """Ask for the call and follow the order until the call has an outcome."""
        order = order.update(status="pending-verification", **wishes)
        count = order.verification_attempts
        return self.follow(order, lambda now: _ended(now, count))

    def follow(self, order: Any, done: Callable[[Any], bool]) -> Any:
        """Fetch the order until ``done``; each fetch is a request, so nothing sleeps."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            order = order.fetch()
            if done(order):
                return order
        raise AssertionError(f"the order stayed {order.status}: {order.failure_reason}")

    def quiet(self) -> None:
        """Wait until no call is on the line."""
        deadline = time.monotonic() + PATIENCE_SECONDS
        while time.monotonic() < deadline:
            with self.house.store.read() as tx:
                if tx.attempts.on_the_line(NUMBER) is None:
                    return
        raise AssertionError("a call stayed on the line")


def _ended(order: Any, count: int) -> bool:
    if order.status != "pending-verification":
        return True
    return bool(order.failure_reason and order.verification_attempts == count)


@pytest.fixture
def short_folder() -> Iterator[Path]:
    """A folder with a short name, for runs that put sockets there: long names are refused."""
    with tempfile.TemporaryDirectory(prefix="lp-") as made:
        yield Path(made)


@pytest.fixture
def serve(tmp_path: Path, database_url: str) -> Iterator[Callable[..., Customer]]:
    """Start a server whose phones are those of a phones.toml; extra settings by their names."""
    with ExitStack() as stack:

        def start(phones: str = "", port: int = 0, **extra: Any) -> Customer:
            toml = tmp_path / "phones.toml"
            toml.write_text(phones)
            chosen = settings.load(
                {
                    "DATABASE_URL": database_url,
                    "LINEPROOF_SECRET_KEYS": "made-up-secret-key-of-the-journeys",
                    "LINEPROOF_PHONES": toml,
                    "LINEPROOF_SPEED": 0,
                    "LINEPROOF_CALLS_PER_SECOND": 100,
                    **extra,
                }
            )
            house = stack.enter_context(app.running(chosen, port))
            sid, token = cli.new_account(app._opened(house), "Acme")
            return Customer(house, Client(sid, token, http_client=HttpClient(house.base_url)))

        yield start


@pytest.fixture
def free_port() -> int:
    """A port for a server of the test's own."""
    return unused_port()


def unused_port() -> int:
    """A loopback port that nobody uses now, and that the system gives to nobody by itself."""
    for port in random.sample(range(20_000, 32_000), 100):
        with socket.socket() as probe:
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                continue
            return port
    raise AssertionError("no port is free")
