"""A keyed request is carried out once, whatever dies when; nothing that is kept can be read."""

import pytest

from tests.conftest import count
from verification import idempotency
from verification.idempotency import (
    LEASE_SECONDS,
    LIFE_SECONDS,
    Answer,
    BadKey,
    Marking,
    OtherRequest,
    UnderWay,
)

ANSWER = Answer(201, "application/json", b'{"verification_code": "612904"}')


class Client:
    """Sends requests under one key."""

    def __init__(self, office):
        self.office, self.store = office, Marking(office.store)
        self.id = idempotency.key_id(office.keyring, office.account.sid, "POST", "/x", "k-1")

    def begin(self, body=b"a=1"):
        office = self.office
        asked = idempotency.asked(office.keyring, "application/json", body)
        with self.store.write() as tx:
            return idempotency.begin(
                tx, office.keyring, self.id, office.account.sid, asked, office.clock.now()
            )

    def change(self, claimed):
        with idempotency.carrying_out(claimed), self.store.write() as tx:
            tx.suppressions.add("+12124567890", 2e9)

    def finish(self, claimed):
        with self.store.write() as tx:
            idempotency.finish(tx, self.office.keyring, claimed, ANSWER)


@pytest.fixture
def client(office):
    return Client(office)


def test_the_first_answer_is_given_again(client):
    claimed = client.begin()
    client.change(claimed)
    client.finish(claimed)
    assert client.begin() == ANSWER


def test_another_body_under_the_same_key_is_refused(client):
    client.finish(client.begin())
    with pytest.raises(OtherRequest, match="another body"):
        client.begin(b"a=2")


def test_while_the_first_runs_a_second_one_is_told_so(client):
    client.begin()
    with pytest.raises(UnderWay, match="under way"):
        client.begin()


def test_what_died_before_it_changed_anything_may_be_tried_again(client):
    client.begin()
    client.office.clock.tick(LEASE_SECONDS)
    claimed = client.begin()
    client.change(claimed)
    assert count(client.office.store, "suppressions") == 1


def test_what_died_after_its_change_is_never_carried_out_again(client):
    client.change(client.begin())
    client.office.clock.tick(LEASE_SECONDS)
    with pytest.raises(UnderWay, match="its answer was lost"):
        client.begin()


def test_whoever_was_too_slow_changes_nothing_once_another_has_begun(client):
    slow = client.begin()
    client.office.clock.tick(LEASE_SECONDS)
    fast = client.begin()
    with pytest.raises(UnderWay, match="another has taken its place"):
        client.change(slow)
    assert count(client.office.store, "suppressions") == 0
    client.change(fast)
    client.finish(slow)
    with pytest.raises(UnderWay):
        client.begin()


def test_a_request_that_failed_gives_its_key_back_only_if_it_has_changed_nothing(client):
    claimed = client.begin()
    with client.store.write() as tx:
        assert idempotency.give_up(tx, claimed)
    claimed = client.begin(b"mended")
    client.change(claimed)
    with client.store.write() as tx:
        assert not idempotency.give_up(tx, claimed)


def test_keys_of_other_accounts_and_paths_are_other_keys(office):
    ids = {
        idempotency.key_id(office.keyring, *scope, "k")
        for scope in (("AC1", "POST", "/x"), ("AC2", "POST", "/x"), ("AC1", "POST", "/y"))
    }
    assert len(ids) == 3


@pytest.mark.parametrize("key", ["", "a b", "é", "k" * 256, "a\n"])
def test_what_is_no_key_is_refused(office, key):
    with pytest.raises(BadKey, match="1 to 255 visible ASCII"):
        idempotency.key_id(office.keyring, "AC1", "POST", "/x", key)


def test_no_answer_body_or_key_can_be_read_in_the_store(client):
    claimed = client.begin(b"PhoneNumber=%2B12124567890")
    client.finish(claimed)
    with client.office.store.read():
        rows = repr([*client.office.store.dump("answers")[1]])
    assert not [secret for secret in ("612904", "2124567890", "k-1") if secret in rows]


def test_a_key_is_as_good_as_new_after_a_day_also_before_it_is_erased(client):
    client.finish(client.begin())
    client.office.clock.tick(LIFE_SECONDS - 1)
    assert client.begin() == ANSWER
    client.office.clock.tick(1)
    assert client.begin(b"new") != ANSWER
    assert count(client.office.store, "answers") == 1
