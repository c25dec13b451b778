"""A server, its orders, and people who sit at its console."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass

import pytest
from flask import Flask

import app
from tests.conftest import LANDLINE, NUMBER, Clock, Office
from tests.verification.console.test_signer import Tags
from verification import accounts, operators, ordering, orders, settings
from verification.operators import Role
from verification.statuses import Mover

SIGN_IN = "/console/sign-in/"
ORDERS = "/console/orders"


class Directory:
    """Knows every number."""

    def look_up(self, number):
        return LANDLINE


@dataclass
class Desk:
    """A server, its orders, and people who sit at its console."""

    house: app.House
    flask: Flask
    office: Office
    clock: Clock

    def link(self, role=Role.ADMIN, name=None):
        name = name or str(role)
        with self.house.store.write() as tx:
            if tx.operators.named(name) is None:
                operators.create(tx, name, role, self.clock.now())
            return operators.new_link(tx, self.house.keyring, name, self.clock.now())

    def client(self, role=Role.ADMIN, flask=None):
        client = (flask or self.flask).test_client()
        answer = client.get(SIGN_IN + self.link(role))
        assert answer.status_code == 303, answer.text
        return client

    def token(self, client, path=ORDERS):
        return re.findall(r'name="csrf_token" value="([^"]+)"', client.get(path).text)[0]

    def act(self, client, order, act, **fields):
        path = f"{ORDERS}/{order.sid}"
        fields |= {"act": act, "csrf_token": self.token(client, path)}
        return client.post(path, data=fields)

    def ordered(self, number=NUMBER):
        """An order whose line was not looked up yet."""
        with self.house.store.write() as tx:
            return ordering.create(tx, self.office.account.sid, number, {}, self.clock.now())

    def now(self, order):
        return self.office.order_now(order.sid)


@pytest.fixture
def desk(tmp_path, monkeypatch):
    chosen = settings.load({"DATABASE_URL": f"sqlite:///{tmp_path}/console.db"})
    house = app.open_house(chosen, "http://localhost")
    clock = Clock(time.time())
    monkeypatch.setattr(type(house.store), "now", lambda _: clock.time)
    with house.store.write() as tx:
        account, _ = accounts.create(tx, house.keyring, "Maple Street Dental", clock.now())
    office = Office(house.store, house.keyring, clock, account)
    yield Desk(house, app.create_app(house, Directory()), office, clock)
    house.store.close()


def buttons(text):
    return {a["value"] for tag, a in Tags(text).seen if tag == "button" and a.get("name") == "act"}


def moved(desk, order, to, reason="because", by=Mover.LINEPROOF):
    with desk.house.store.write() as tx:
        return orders.move(tx, tx.orders.get(order.sid), to, by, desk.clock.now(), reason)
