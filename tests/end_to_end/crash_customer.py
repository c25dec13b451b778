"""The customers of the crash run: they order numbers over the API and do not take no for an answer.

An answer that is cut off says nothing, so whatever was asked is asked again. What was acknowledged
is written into a ledger, which the judge holds against the database.
"""

from __future__ import annotations

import itertools
import random
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import requests

from verification import numbers

ORDERS = "/HostedNumbers/HostedNumberOrders"
PAUSE_SECONDS = 0.2
ANSWER_SECONDS = 10.0
# The person must know the code before the phone rings: the call is asked for with this delay.
CALL_DELAY = 1

PROCESSING, RECEIVED, PENDING = "twilio-processing", "received", "pending-verification"
VERIFIED, USED_UP = "verified", "action-required"
ENDED = frozenset({VERIFIED, USED_UP})

_OK, _CREATED = 200, 201
# 503 is the server's own word; 502 and 504 are a proxy's for a server that is gone or stopped.
_NOT_NOW = frozenset({502, 503, 504})
_ORDERED_ALREADY, _NOT_CALLABLE_NOW = 22110, (22100, 22112)
# The emulator's built-in numbers that no person answers.
_NOT_PEOPLE = frozenset({"+19029052034", "+19029052032"})
_AREAS = sorted(numbers.UNITED_STATES | numbers.CANADA)


def fit_numbers(seed: int) -> Iterator[str]:
    """Numbers that may be ordered, all different, for longer than any run."""
    areas = random.Random(seed).sample(_AREAS, len(_AREAS))  # noqa: S311 - no secret
    for line, exchange, area in itertools.product(range(100, 10_000), range(200, 1000), areas):
        number = f"+1{area}{exchange}{line:04}"
        if number not in _NOT_PEOPLE and _is_fit(number):
            yield number


class Supply:
    """Hands each number to one customer only."""

    def __init__(self, seed: int) -> None:
        self._source = fit_numbers(seed)
        self._lock = threading.Lock()

    def take(self) -> str:
        """The next number."""
        with self._lock:
            return next(self._source)


def _is_fit(number: str) -> bool:
    try:
        return numbers.check(number) == number
    except numbers.UnfitNumber:
        return False


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where the API and the emulator are, and who asks them (user, password)."""

    server: str
    account: tuple[str, str]
    emulator: str
    carrier_account: tuple[str, str]


@dataclass(slots=True)
class Ledger:
    """What customers were told: orders and their last status; answers that no crash explains."""

    orders: dict[str, str] = field(default_factory=dict)
    odd: list[str] = field(default_factory=list)


@dataclass(slots=True)
class Errand:
    """One number on its way to being verified."""

    number: str
    sid: str = ""
    called: bool = False  # a call was asked for, and that was acknowledged
    told: str = ""  # the code that the person at the phone has been told


class Customer(threading.Thread):
    """Keeps ``share`` orders in work until it is told to finish, then works off what it has."""

    pause_seconds = PAUSE_SECONDS

    def __init__(
        self, name: str, addresses: Addresses, supply: Supply, share: int, ledger: Ledger
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._addresses = addresses
        self._supply = supply
        self._share = share
        self._ledger = ledger
        self._errands: list[Errand] = []
        self._finishing = threading.Event()
        self._abandoned = threading.Event()
        self._api = _session(addresses.account)
        self._carrier = _session(addresses.carrier_account)

    def finish(self) -> None:
        """Order nothing more."""
        self._finishing.set()

    def abandon(self) -> None:
        """Stop as soon as possible."""
        self._abandoned.set()

    def run(self) -> None:
        """Go round by round; a server that is dead cuts the round short."""
        with self._api, self._carrier:
            while not self._abandoned.is_set() and self._has_work():
                try:
                    self._round()
                except requests.RequestException:
                    self._abandoned.wait(self.pause_seconds / 4)
                else:
                    self._abandoned.wait(self.pause_seconds)

    def _has_work(self) -> bool:
        if not self._finishing.is_set():
            missing = self._share - len(self._errands)
            self._errands += [Errand(self._supply.take()) for _ in range(missing)]
        return bool(self._errands)

    def _round(self) -> None:
        standing = {row["sid"]: row for row in self._list(Status=PENDING, FriendlyName=self.name)}
        for errand in list(self._errands):
            if self._abandoned.is_set():
                return
            if not errand.sid:
                self._order(errand)
            elif not errand.called:
                self._request_call(errand)
            elif errand.sid in standing:
                self._go_on(errand, standing[errand.sid])
            else:
                self._look_at(errand)

    def _order(self, errand: Errand) -> None:
        form = {
            "PhoneNumber": errand.number,
            "SmsCapability": "true",
            "FriendlyName": self.name,
        }
        answer = self._ask("POST", ORDERS, data=form)
        if answer.status_code == _CREATED:
            self._acknowledged(errand, answer.json())
        elif _code(answer) == _ORDERED_ALREADY:  # our own order, whose answer was cut off
            for row in self._list(PhoneNumber=errand.number):
                self._acknowledged(errand, row)
        else:
            self._odd("order", answer)

    def _acknowledged(self, errand: Errand, order: dict[str, Any]) -> None:
        errand.sid = order["sid"]
        self._ledger.orders[errand.sid] = order["status"]

    def _request_call(self, errand: Errand) -> None:
        form = {"Status": PENDING, "CallDelay": str(CALL_DELAY)}
        answer = self._ask("POST", f"{ORDERS}/{errand.sid}", data=form)
        if answer.status_code == _OK:
            errand.called = True
            self._ledger.orders[errand.sid] = answer.json()["status"]
            self._tell(errand, answer.json())
        elif _code(answer) in _NOT_CALLABLE_NOW:
            # Its line is still to be looked up; or a call whose request was cut off has been made.
            errand.called = self._fetch(errand) in (PENDING, *ENDED)
        else:
            self._odd("request for a call", answer)

    def _go_on(self, errand: Errand, order: dict[str, Any]) -> None:
        """The order waits: for the call's end, or, if that has come and says why, for us."""
        if order["failure_reason"]:
            self._request_call(errand)
        else:
            self._tell(errand, order)

    def _look_at(self, errand: Errand) -> None:
        status = self._fetch(errand)
        if status in ENDED:
            self._errands.remove(errand)
        elif status in (PROCESSING, RECEIVED):
            self._ledger.odd.append(f"{errand.sid} is {status}: the requested call is forgotten")
            self._errands.remove(errand)

    def _fetch(self, errand: Errand) -> str:
        answer = self._ask("GET", f"{ORDERS}/{errand.sid}")
        if answer.status_code != _OK:
            self._odd("fetch", answer)
            return ""
        self._ledger.orders[errand.sid] = status = str(answer.json()["status"])
        return status

    def _tell(self, errand: Errand, order: dict[str, Any]) -> None:
        code = order["verification_code"]
        if code and code != errand.told:
            url = f"{self._addresses.emulator}/emulator/v1/codes/{errand.number}"
            self._carrier.put(url, json={"code": code}, timeout=ANSWER_SECONDS).raise_for_status()
            errand.told = code

    def _list(self, **query: str) -> list[dict[str, Any]]:
        answer = self._ask("GET", ORDERS, params={**query, "PageSize": "1000"})
        if answer.status_code != _OK:
            self._odd("list", answer)
            return []
        items: list[dict[str, Any]] = answer.json()["items"]
        return items

    def _ask(self, method: str, path: str, **options: Any) -> requests.Response:
        url = self._addresses.server + path
        return self._api.request(method, url, timeout=ANSWER_SECONDS, **options)

    def _odd(self, what: str, answer: requests.Response) -> None:
        if answer.status_code not in _NOT_NOW:
            self._ledger.odd.append(f"{what}: HTTP {answer.status_code} {answer.text[:200]!r}")


def _session(account: tuple[str, str]) -> requests.Session:
    session = requests.Session()
    session.auth = account
    session.trust_env = False  # a proxy of this machine has no part in it
    return session


def _code(answer: requests.Response) -> int | None:
    try:
        return answer.json().get("code")  # type: ignore[no-any-return]
    except requests.JSONDecodeError:
        return None
