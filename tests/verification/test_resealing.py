"""Everything is sealed anew with the newest secret key, and the old one can be dropped."""

import threading

import pytest

from tests.conftest import opened_office, run
from tests.verification.letter_office import Letters
from verification import (
    accounts,
    callback_secrets,
    phone_bills,
    proofs,
    resealing,
    signing,
    validating,
)
from verification.codes import Keyring, Unsealable
from verification.idempotency import Keyed
from verification.resealing import PLACES, reseal
from verification.retention import TABLES
from verification.store.sealed import Sealed

OLD, NEW = b"o" * 32, b"n" * 32
BOTH = Keyring([OLD, NEW])
NUMBER = "+19022345678"


@pytest.fixture
def full(store, clock):
    """An office with a value in every place that is sealed, by the old key."""
    office = opened_office(store, Keyring([OLD]), clock)
    letters = Letters(office)
    letters.sign(letters.out(1), b"%PDF of Zoe")
    attempt = office.dialled(number="+19022349999")
    with store.write() as tx:
        now, keyring, account = clock.now(), office.keyring, office.account
        accounts.rotate(tx, keyring, account, now)
        accounts.create_key(tx, keyring, account, "laptop", now)
        callback_secrets.rotate(tx, keyring, account.sid, now)
        phone_bills.upload(tx, keyring, account.sid, b"%PDF-1.4 %%EOF", now)
        body = keyring.seal_bytes(b"{}", "key")
        tx.answers.insert(Keyed("key", account.sid, "", "", now, now, body=body))
        proofs.signing_key(tx, keyring, now)
        validating.request(tx, keyring, account, NUMBER, {"friendly_name": "Zoe"}, now)
    assert office.code(attempt)
    return office


def opened_by(store, keyring):
    """How many values a keyring opens, and how many it does not, over all places."""
    good = bad = 0
    with store.read() as tx:
        for place in PLACES:
            for key, sealed in tx.sealed.after(place, "", 1000):
                try:
                    keyring.open_bytes(sealed, place.context.format(key))
                    good += 1
                except Unsealable:
                    bad += 1
    return good, bad


def test_every_column_of_bytes_is_a_place_that_is_sealed_anew(postgres_store):
    columns = run(
        postgres_store,
        "SELECT table_name, column_name FROM information_schema.columns WHERE data_type = 'bytea'"
        " AND table_schema = current_schema()",
    )
    assert {(place.table, place.column) for place in PLACES} == set(columns)
    assert {place.table for place in PLACES} <= set(TABLES)


def test_after_it_the_old_key_opens_nothing_and_the_new_one_everything(full):
    good, bad = opened_by(full.store, Keyring([OLD]))
    assert bad == 0
    assert good == len(PLACES)  # one of each: nothing is left out by chance
    result = reseal(full.store, BOTH, 5.0)
    assert sum(result.resealed.values()) == good
    assert result.lost == {}
    assert opened_by(full.store, Keyring([NEW])) == (good, 0)
    assert opened_by(full.store, Keyring([OLD])) == (0, good)
    assert full.store.check() == []


def test_what_was_sealed_says_the_same_with_the_new_key_alone(full):
    reseal(full.store, BOTH, 5.0)
    keyring = Keyring([NEW])
    with full.store.read() as tx:
        (document,) = run_sids(tx, "SELECT sid FROM documents")
        assert signing.signed_pdf(tx, keyring, document) == b"%PDF of Zoe"
        letter = signing.letter_of(tx, keyring, document)
        assert letter is not None
        assert letter.document_sid == document
    with full.store.write() as tx:
        secrets = callback_secrets.signing(tx, keyring, full.account.sid, full.clock.now())
    assert len(secrets) == 2


def run_sids(tx, sql):
    return [row[0] for row in tx._execute(sql).fetchall()]


def test_a_second_run_writes_nothing(full):
    reseal(full.store, BOTH, 5.0)
    with full.store.read() as tx:
        head = tx.audit.head()
    assert reseal(full.store, BOTH, 6.0).resealed == {}
    with full.store.read() as tx:
        assert tx.audit.head() == head


def test_one_that_was_killed_half_way_goes_on(full, monkeypatch):
    class Killed(Exception):
        pass

    done: list[object] = []

    def put(self, place, key, sealed):
        if len(done) == 4:
            raise Killed
        done.append(place)
        original(self, place, key, sealed)

    original = Sealed.put
    monkeypatch.setattr(Sealed, "put", put)
    with pytest.raises(Killed):
        reseal(full.store, BOTH, 5.0)
    monkeypatch.setattr(Sealed, "put", original)
    assert opened_by(full.store, BOTH)[1] == 0
    reseal(full.store, BOTH, 6.0)
    assert opened_by(full.store, Keyring([NEW]))[1] == 0


def test_many_values_are_sealed_in_slices_in_which_others_get_their_turns(full, monkeypatch):
    monkeypatch.setattr(resealing, "SLICE", 2)
    with full.store.write() as tx:
        for _ in range(7):
            accounts.create_key(tx, full.keyring, full.account, "laptop", 1.0)
    assert reseal(full.store, BOTH, 5.0).resealed["api_keys.secret"] == 8
    assert opened_by(full.store, Keyring([NEW]))[1] == 0


def test_tokens_are_taken_all_the_while(full):
    with full.store.write() as tx:
        _, token = accounts.create(tx, full.keyring, "Another", 1.0)
        sid = run_sids(tx, "SELECT sid FROM accounts WHERE name = 'Another'")[0]
    stop, refused = threading.Event(), []

    def ask():
        while not stop.is_set():
            with full.store.write() as tx:
                if accounts.authenticate(tx, BOTH, sid, token) is None:
                    refused.append(sid)
        full.store.close()

    asking = threading.Thread(target=ask)
    asking.start()
    try:
        reseal(full.store, BOTH, 5.0)
    finally:
        stop.set()
        asking.join()
    assert refused == []


def test_what_no_key_opens_is_counted_and_left_as_it_is(full):
    lost = reseal(full.store, Keyring([b"x" * 32, NEW]), 5.0)
    assert lost.resealed == {}
    assert sum(lost.lost.values()) == len(PLACES)
    assert opened_by(full.store, Keyring([OLD]))[1] == 0
