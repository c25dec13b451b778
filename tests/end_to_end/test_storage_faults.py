"""A whole server on a disk that is full or fails, on a database that it may only read, and beside a
process that holds the lock and does not run. The carrier's log is the judge.
"""

import os
import signal
import subprocess
import sys
import threading
from contextlib import closing, contextmanager

import pytest
from twilio.base.exceptions import TwilioRestException
from twilio.rest import Client

from tests.end_to_end import crash_system, faulty_disks
from tests.end_to_end.conftest import unused_port
from tests.end_to_end.story import eventually
from twiml import script
from twiml.carrier import HttpClient
from twiml.emulator import Emulator, Phones, clock_for
from twiml.emulator.calls import FINAL
from twiml.emulator.serving import serving
from verification.store.sqlite import SqliteStore

PEOPLE = [f"+1212457{n:04d}" for n in range(1000, 1006)]
OTHERS = [f"+1212456{n:04d}" for n in range(1000, 1300)]
PATIENCE_SECONDS = 40.0
# The waits that the crash run shortens, too: a report that was lost is asked after in two seconds.
SERVE = """
from tests.end_to_end import crash_parts
import app, sys
crash_parts.shorten()
app.main(["account", "create", "Acme"], standalone_mode=False)
app.main(["serve", "--port", sys.argv[1]])
"""


class World:
    """A server of its own on a disk, the carrier around it, and a customer."""

    def __init__(self, disk, port):
        self.disk, self.port = disk, port
        self.said: list[str] = []
        self.acknowledged: set[str] = set()
        self.when_asked_for_a_code = lambda: None
        self.emulator = Emulator(
            Phones.load(disk.folder.parent / "phones.toml"),
            clock_for(0),
            account_sid=crash_system.CARRIER_ACCOUNT[0],
            auth_token=crash_system.CARRIER_ACCOUNT[1],
            calls_per_second=100,
            code_of=self._code_of,
        )

    @property
    def orders(self):
        return self.client.preview.hosted_numbers.hosted_number_orders

    def order(self, number):
        return self.orders.create(phone_number=number, sms_capability=True)

    def verified(self, order):
        """The order as soon as it is verified; it is called again for as long as that may help."""

        def is_verified():
            now = order.fetch()
            if now.failure_reason and now.verification_attempts < 3:
                now.update(status="pending-verification")
            return now if now.status == "verified" else None

        return eventually(is_verified, "a verified order", PATIENCE_SECONDS)

    def calls_to(self, number):
        return [call for call in self.emulator.calls.values() if call.to == number]

    def _code_of(self, number):
        (order,) = self.orders.list(phone_number=number)
        self.when_asked_for_a_code()
        return order.verification_code

    @contextmanager
    def running(self, carrier):
        place = crash_system.Place(self.disk.folder, f"sqlite:///{self.disk.folder}/lineproof.db")
        process = subprocess.Popen(
            self.disk.command(sys.executable, "-c", SERVE, str(self.port)),
            cwd=crash_system.ROOT,
            env=crash_system.environment_of(place)
            | {"TWILIO_API_BASE_URL": carrier, "PUBLIC_BASE_URL": f"http://127.0.0.1:{self.port}"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        out, err = process.stdout, process.stderr
        assert out
        assert err
        self.process, self.disk.pid = process, process.pid
        reader = threading.Thread(target=lambda: self.said.extend(err))
        reader.start()
        try:
            lines = [out.readline().strip() for _ in range(3)]
            assert lines[2].startswith("http"), self.said
            sid, token = [line.partition("=")[2] for line in lines[:2]]
            self.client = Client(sid, token, http_client=HttpClient(lines[2]))
            yield self
        finally:
            process.kill()
            process.wait()
            reader.join()
            out.close()
            err.close()


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    folder = tmp_path_factory.mktemp("world") / "disk"
    folder.mkdir()
    phones = [f'["{number}"]\nline_type = "landline"\nanswers = "person"\n' for number in PEOPLE]
    (folder.parent / "phones.toml").write_text("".join(phones))
    made = World(faulty_disks.disk(folder), unused_port())
    with serving(made.emulator) as carrier, made.running(carrier):
        yield made


def refused(act):
    """The SDK's error, if it is one."""
    try:
        act()
    except TwilioRestException as error:
        return error
    return None


@pytest.mark.parametrize("fault", ["fill", "fail"])
def test_a_disk_that_takes_nothing_costs_no_call_and_no_promise(world, tmp_path, fault):
    numbers = [PEOPLE.pop() for _ in range(3)]
    first, second, third = (world.order(number) for number in numbers)
    world.when_asked_for_a_code = getattr(world.disk, fault)
    third.update(status="pending-verification", call_delay=1)
    first.update(status="pending-verification")
    call = eventually(lambda: world.calls_to(numbers[0]), "a call", PATIENCE_SECONDS)[0]
    eventually(lambda: call.status in FINAL, "the end of the call", PATIENCE_SECONDS)

    # Who was on the line when it happened heard the fallback's words, and not the carrier's.
    assert script.LANGUAGES["en"].error in " ".join(event.text for event in call.events)

    # What cannot be kept is refused in Twilio's shape; what can be read is answered.
    taken: list[str] = []
    told: list[TwilioRestException] = []
    while len(told) < 3:
        number = OTHERS.pop()
        error = refused(lambda number=number: world.order(number))
        if error:
            told.append(error)
        else:
            taken.append(number)
    asked = refused(lambda: second.update(status="pending-verification"))
    assert {(error.status, error.code) for error in told} == {(503, 20503)}
    assert asked is None or (asked.status, asked.code) == (503, 20503)
    assert first.fetch().status == "pending-verification"

    # With room again everything goes on, in the same process.
    world.when_asked_for_a_code = lambda: None
    world.disk.mend()
    if asked:
        second.update(status="pending-verification")
    orders = [world.verified(order) for order in (first, second, third)]
    assert world.process.poll() is None
    held = {order.phone_number for order in world.orders.list()}
    world.acknowledged |= {*numbers, *taken}
    assert held == world.acknowledged
    for order in orders:
        # Each call was asked for by the customer, once.
        placed = [call.sid for call in world.calls_to(order.phone_number)]
        assert placed == order.verification_call_sids
        assert len(placed) <= order.verification_attempts

    # What lies on the disk at any moment is whole.
    os.kill(world.process.pid, signal.SIGSTOP)
    world.disk.copy(tmp_path / "copy")
    os.kill(world.process.pid, signal.SIGCONT)
    with closing(SqliteStore(tmp_path / "copy" / "lineproof.db")) as store:
        assert store.check() == []
    assert [line for line in world.said if '"status": 500' in line] == []
