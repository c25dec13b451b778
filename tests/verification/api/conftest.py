"""The web application over a store, with a directory that knows what a test says."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask.testing import FlaskClient

import app
from tests.conftest import LANDLINE
from verification import accounts, settings
from verification.numbers import Line

ADDRESS = {
    "CustomerName": "Maple Street Dental",
    "Street": "1 Maple Street",
    "City": "Halifax",
    "Region": "NS",
    "PostalCode": "B3J 1A1",
    "IsoCountry": "CA",
}


@dataclass
class Directory:
    """Knows every number as ``line`` unless told otherwise; None: cannot be asked."""

    line: Line | None = LANDLINE
    lines: dict[str, Line | None] = field(default_factory=dict)

    def look_up(self, number: str) -> Line | None:
        return self.lines.get(number, self.line)


@dataclass
class Api:
    """The order API as one customer uses it, without an SDK between."""

    client: FlaskClient
    house: app.House
    directory: Directory
    sid: str
    token: str

    PATH = "/HostedNumbers/HostedNumberOrders"

    def auth(self, sid: str | None = None, token: str | None = None) -> dict[str, str]:
        pair = f"{sid or self.sid}:{token or self.token}".encode()
        return {"Authorization": f"Basic {base64.b64encode(pair).decode()}"}

    def create(self, number: str = "+19029052034", **form: object):
        data = {"PhoneNumber": number, "SmsCapability": "true", **form}
        return self.client.post(self.PATH, data=data, headers=self.auth())

    def update(self, sid: str, **form: object):
        return self.client.post(f"{self.PATH}/{sid}", data=form, headers=self.auth())

    def get(self, sid: str):
        return self.client.get(f"{self.PATH}/{sid}", headers=self.auth())

    def list(self, query: str = ""):
        return self.client.get(f"{self.PATH}{query}", headers=self.auth())

    def delete(self, sid: str):
        return self.client.delete(f"{self.PATH}/{sid}", headers=self.auth())

    def address(self) -> str:
        """The SID of an address of the account."""
        path = f"/2010-04-01/Accounts/{self.sid}/Addresses.json"
        made: str = self.client.post(path, data=ADDRESS, headers=self.auth()).get_json()["sid"]
        return made

    def another(self, name: str) -> Api:
        with self.house.store.write() as tx:
            account, token = accounts.create(tx, self.house.keyring, name, 1.0)
        return Api(self.client, self.house, self.directory, account.sid, token)


@pytest.fixture
def api(tmp_path: Path) -> Iterator[Api]:
    chosen = settings.load({"DATABASE_URL": f"sqlite:///{tmp_path}/api.db"})
    house = app.open_house(chosen, "http://localhost")
    directory = Directory()
    flask = app.create_app(house, directory)
    with house.store.write() as tx:
        account, token = accounts.create(tx, house.keyring, "Acme", 1.0)
    yield Api(flask.test_client(), house, directory, account.sid, token)
    house.store.close()
