"""Addresses: what one must have, and when it may go."""

from dataclasses import replace

import pytest

from verification import accounts, addresses, ordering, orders
from verification.addresses import AddressInUse, InvalidAddress
from verification.ordering import UnknownAddress
from verification.statuses import Mover, Status

PARTS = {
    "customer_name": "Maple Street Dental",
    "street": "14 Maple Street",
    "city": "Halifax",
    "region": "NS",
    "postal_code": "B3J 1A1",
    "iso_country": "CA",
}


@pytest.fixture
def keep(office):
    def keep(**parts):
        with office.store.write() as tx:
            return addresses.create(
                tx, office.account.sid, {**PARTS, **parts}, office.clock.tick(1)
            )

    return keep


@pytest.fixture
def kept(office):
    """The account's addresses as they stand, the newest first."""

    def kept(**filters):
        with office.store.read() as tx:
            return tx.addresses.page(office.account.sid, filters, None, 100)

    return kept


def delete(office, address):
    with office.store.write() as tx:
        addresses.delete(tx, address, office.clock.now())


def test_an_address_is_kept_as_it_was_given(office, keep, kept):
    made = keep(friendly_name="Main office", street_secondary="Suite 3", emergency_enabled=True)
    assert kept() == [made]
    assert {name: getattr(made, name) for name in PARTS} == PARTS
    assert (made.friendly_name, made.street_secondary) == ("Main office", "Suite 3")
    assert made.emergency_enabled is True
    assert made.created_at == made.updated_at == office.clock.now()
    assert made.sid.startswith("AD")


def test_spaces_around_the_parts_are_dropped_and_empty_optional_ones_are_none(keep):
    made = keep(city=" Halifax ", friendly_name="  ", street_secondary="")
    assert (made.city, made.friendly_name, made.street_secondary) == ("Halifax", None, None)


@pytest.mark.parametrize(
    ("part", "value", "words"),
    [
        *[(name, "", "1 to 128") for name in addresses.REQUIRED[:-1]],
        *[(name, " \t", "1 to 128") for name in addresses.REQUIRED[:-1]],
        *[(name, "x" * 129, "1 to 128") for name in addresses.REQUIRED[:-1]],
        *[(name, "a\nb", "printable") for name in addresses.REQUIRED[:-1]],
        ("iso_country", "", "US, CA"),
        ("iso_country", "GB", "US, CA"),
        ("iso_country", "us", "US, CA"),
        ("iso_country", "USA", "US, CA"),
        ("street_secondary", "x" * 129, "0 to 128"),
        ("street_secondary", "a\x07b", "printable"),
        ("friendly_name", "x" * 65, "0 to 64"),
        ("friendly_name", "a\u202eb", "printable"),
    ],
)
def test_a_wrong_part_is_named_with_its_bounds_and_nothing_is_kept(keep, kept, part, value, words):
    with pytest.raises(InvalidAddress, match=words) as refused:
        keep(**{part: value})
    assert str(refused.value).startswith(part.title().replace("_", ""))
    assert kept() == []


def test_parts_at_their_bounds_are_taken(keep):
    widest = dict.fromkeys(addresses.REQUIRED[:-1], "x" * 128)
    made = keep(**widest, street_secondary="é" * 128, friendly_name="x" * 64)
    assert made.street == "x" * 128


def test_the_name_of_an_emergency_address_is_shorter(keep):
    assert keep(friendly_name="x" * 32, emergency_enabled=True).emergency_enabled
    with pytest.raises(InvalidAddress, match="FriendlyName must have 0 to 32"):
        keep(friendly_name="x" * 33, emergency_enabled=True)


def test_all_wrong_parts_are_named_at_once_and_a_missing_one_is_wrong(office):
    with office.store.write() as tx, pytest.raises(InvalidAddress) as refused:
        addresses.create(tx, office.account.sid, {"street": "x" * 129}, 1.0)
    named = [sentence.split()[0] for sentence in str(refused.value).split("; ")]
    assert named == ["CustomerName", "Street", "City", "Region", "PostalCode", "IsoCountry"]


def test_an_edit_changes_what_it_names_and_the_time(office, keep, kept):
    made = keep(friendly_name="Main office")
    with office.store.write() as tx:
        edited = addresses.edit(tx, made, {"street": "1 Elm Street"}, office.clock.tick(5))
    assert edited == replace(made, street="1 Elm Street", updated_at=office.clock.now())
    assert kept() == [edited]


def test_an_edit_of_nothing_is_none(office, keep):
    made = keep()
    with office.store.write() as tx:
        assert addresses.edit(tx, made, {}, office.clock.tick(5)) == made


def test_a_wrong_edit_changes_nothing(office, keep, kept):
    made = keep()
    with office.store.write() as tx, pytest.raises(InvalidAddress, match="City"):
        addresses.edit(tx, made, {"city": ""}, office.clock.tick(5))
    assert kept() == [made]


def test_a_deleted_address_is_gone(office, keep, kept):
    made = keep()
    delete(office, made)
    assert kept() == []


@pytest.mark.parametrize("status", [status for status in Status if status is not Status.FAILED])
def test_an_address_that_an_order_has_cannot_be_deleted(office, keep, kept, status):
    made = keep()
    order = office.order(address_sid=made.sid)
    with office.store.write() as tx:
        tx.orders.save(replace(order, status=status))
    with pytest.raises(AddressInUse):
        delete(office, made)
    assert kept() == [made]


def test_an_order_that_failed_or_was_deleted_holds_no_address(office, keep, kept):
    made = keep()
    taken_back = office.order(address_sid=made.sid)
    failed = office.order("+12124567890", address_sid=made.sid)
    with office.store.write() as tx:
        ordering.delete(tx, taken_back, office.clock.now())
        waiting = orders.move(tx, failed, Status.ACTION_REQUIRED, Mover.LINEPROOF, 1.0)
        orders.move(tx, waiting, Status.FAILED, Mover.LINEPROOF, 1.0)
    delete(office, made)
    assert kept() == []


def test_another_accounts_order_cannot_hold_an_address(office, keep, kept):
    made = keep()
    with office.store.write() as tx:
        other, _ = accounts.create(tx, office.keyring, "Other", 1.0)
        with pytest.raises(UnknownAddress):
            ordering.create(tx, other.sid, "+12124567890", {"address_sid": made.sid}, 1.0)
        assert tx.addresses.dependents(made, None, 10) == []
    delete(office, made)
    assert kept() == []


def test_an_account_reads_its_own_addresses_only(office, keep):
    made = keep()
    with office.store.write() as tx:
        other, _ = accounts.create(tx, office.keyring, "Other", 1.0)
        assert tx.addresses.get(other.sid, made.sid) is None
        assert tx.addresses.page(other.sid, {}, None, 10) == []
        assert tx.addresses.get(office.account.sid, made.sid) == made


def test_the_audit_trail_tells_what_was_done_and_not_where_anybody_lives(office, keep):
    made = keep()
    with office.store.write() as tx:
        edited = addresses.edit(tx, made, {"street": "1 Elm Street", "city": "Truro"}, 2.0)
        addresses.delete(tx, edited, 3.0)
    assert office.events(made.sid) == [
        "address created",
        "address edited: city, street",
        "address deleted",
    ]
