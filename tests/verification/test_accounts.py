"""Accounts: tokens, keys, subaccounts, and what a suspended one may do."""

import pytest

from verification import accounts
from verification.accounts import (
    AccountStatus,
    BadName,
    NoRotation,
    NotActive,
    StatusRefused,
)
from verification.store.copying import TABLES


@pytest.fixture
def opened(office):
    """An account, its token, and a way to change it."""
    with office.store.write() as tx:
        return accounts.create(tx, office.keyring, "Acme", office.clock.now())


def authenticate(office, user, secret):
    with office.store.read() as tx:
        return accounts.authenticate(tx, office.keyring, user, secret)


def test_the_right_token_opens_the_account_and_no_other_does(office, opened):
    account, token = opened
    assert authenticate(office, account.sid, token) == account
    assert authenticate(office, account.sid, "0" * 32) is None
    assert authenticate(office, account.sid, "") is None
    assert authenticate(office, "AC" + "0" * 32, token) is None


def test_while_tokens_are_exchanged_both_open_and_then_only_the_new_one(office, opened):
    account, old = opened
    with office.store.write() as tx:
        new = accounts.rotate(tx, office.keyring, account, office.clock.now())
    assert authenticate(office, account.sid, old)
    assert authenticate(office, account.sid, new)
    with office.store.write() as tx:
        found = tx.accounts.get(account.sid)
        accounts.finish_rotation(tx, found, office.clock.now())
    assert authenticate(office, account.sid, old) is None
    assert authenticate(office, account.sid, new)


def test_without_a_second_token_there_is_nothing_to_finish(office, opened):
    with office.store.write() as tx, pytest.raises(NoRotation):
        accounts.finish_rotation(tx, opened[0], office.clock.now())


def test_a_key_opens_its_account_until_it_is_revoked(office, opened):
    account, _ = opened
    with office.store.write() as tx:
        key, secret = accounts.create_key(tx, office.keyring, account, "ci", office.clock.now())
    assert authenticate(office, key.sid, secret) == account
    assert authenticate(office, key.sid, "no") is None
    with office.store.write() as tx:
        accounts.revoke_key(tx, key, office.clock.now())
    assert authenticate(office, key.sid, secret) is None


def test_an_accounts_token_is_no_secret_of_its_key(office, opened):
    account, token = opened
    with office.store.write() as tx:
        key, _ = accounts.create_key(tx, office.keyring, account, "ci", office.clock.now())
    assert authenticate(office, key.sid, token) is None


@pytest.mark.parametrize("status", [AccountStatus.SUSPENDED, AccountStatus.CLOSED])
@pytest.mark.parametrize("whose", ["own", "owner's"])
def test_a_suspended_or_closed_account_or_owner_may_do_nothing(office, opened, status, whose):
    account, token = opened
    with office.store.write() as tx:
        sub, sub_token = accounts.create(tx, office.keyring, "Sub", 1.0, account)
        accounts.set_status(tx, sub if whose == "own" else account, status, 1.0)
    with pytest.raises(NotActive, match=status):
        authenticate(office, sub.sid, sub_token)
    if whose == "own":
        assert authenticate(office, account.sid, token)


def test_a_wrong_token_does_not_tell_that_an_account_is_suspended(office, opened):
    account, _ = opened
    with office.store.write() as tx:
        accounts.set_status(tx, account, AccountStatus.SUSPENDED, 1.0)
    assert authenticate(office, account.sid, "0" * 32) is None


def test_a_suspended_account_works_again_when_it_is_resumed(office, opened):
    account, token = opened
    with office.store.write() as tx:
        suspended = accounts.set_status(tx, account, AccountStatus.SUSPENDED, 1.0)
        accounts.set_status(tx, suspended, AccountStatus.ACTIVE, 2.0)
    assert authenticate(office, account.sid, token)


def test_a_closed_account_stays_closed(office, opened):
    with office.store.write() as tx:
        closed = accounts.set_status(tx, opened[0], AccountStatus.CLOSED, 1.0)
        with pytest.raises(StatusRefused):
            accounts.set_status(tx, closed, AccountStatus.ACTIVE, 2.0)


def test_an_owner_acts_for_his_subaccounts_and_nobody_else_does(office, opened):
    account, _ = opened
    with office.store.write() as tx:
        sub, _ = accounts.create(tx, office.keyring, "Sub", 1.0, account)
        other, _ = accounts.create(tx, office.keyring, "Other", 1.0)
        assert accounts.acting_for(tx, account, sub.sid) == sub
        assert accounts.acting_for(tx, account, account.sid) == account
        assert accounts.acting_for(tx, sub, account.sid) is None
        assert accounts.acting_for(tx, other, sub.sid) is None
        assert accounts.acting_for(tx, account, "AC" + "0" * 32) is None


def test_a_subaccount_of_a_test_account_is_a_test_account(office):
    with office.store.write() as tx:
        owner, _ = accounts.create(tx, office.keyring, "Test", 1.0, test=True)
        sub, _ = accounts.create(tx, office.keyring, "Sub", 1.0, owner)
    assert sub.test


@pytest.mark.parametrize("name", ["", " ", "x" * 65, "a\nb"])
def test_a_name_that_cannot_be_spoken_is_refused(office, opened, name):
    with office.store.write() as tx, pytest.raises(BadName):
        accounts.rename(tx, opened[0], name, 1.0)


def test_no_token_and_no_secret_stands_readable_in_the_database(office, opened):
    account, token = opened
    with office.store.write() as tx:
        _, secret = accounts.create_key(tx, office.keyring, account, "ci", 1.0)
    with office.store.read():
        rows = [row for table in TABLES for row in office.store.dump(table)[1]]
    stored = b" ".join(v if isinstance(v, bytes) else str(v).encode() for row in rows for v in row)
    assert account.sid.encode() in stored
    assert token.encode() not in stored
    assert secret.encode() not in stored
