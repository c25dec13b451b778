"""One person's data is erased at once: what goes, what is stopped, what stays and why."""

import pytest

from tests.conftest import CALL, count
from tests.verification import planted
from tests.verification.letter_office import Letters
from verification import attempts, eligibility, erasing, mails, phone_numbers
from verification.adapters.mail import MailFolder
from verification.erasing import InUse
from verification.mails import MailKind
from verification.retention import Kind
from verification.statuses import Status

NUMBER = planted.number(0)  # the letters' first


@pytest.fixture
def letters(office):
    return Letters(office)


def erase(office, number=NUMBER):
    with office.store.write() as tx:
        return erasing.erase(tx, office.keyring, number, office.clock.now())


def put_in_use(office, order):
    with office.store.write() as tx:
        tx.orders.move_all([order.sid], Status.COMPLETED, None, office.clock.now())
        number = tx.phone_numbers.get(order.incoming_phone_number_sid)
        phone_numbers.put_in_use(tx, number, office.clock.now())
    return number


def everything(office):
    with office.store.read():
        found = []
        for table in ("orders", "attempts", "phone_numbers", "documents", "addresses", "mails",
                      "outbox", "eligibility_numbers", "caller_ids", "remains"):  # fmt: skip
            found += list(office.store.dump(table)[1])
    return str(found)


def test_all_of_an_order_that_nobody_has_called_goes_at_once(letters):
    office = letters.office
    (order,) = letters.verified(1, status_callback_url="https://shop.example/a", email="z@e.org")
    letters.create([order.sid], letters.address())
    erased = erase(office)
    assert not erased.waiting
    assert erased.kept == ()
    assert erased.counts[Kind.ORDER] == erased.counts[Kind.ADDRESS] == 1
    assert erased.counts[Kind.DOCUMENT] == 1
    assert len(erased.mail_ids) == 3
    for trace in (NUMBER[1:], "Anne-Marie", "z@e.org", "anne@example.com"):
        assert trace not in everything(office)
    with office.store.read() as tx:
        assert tx.retention.traces(office.keyring.pseudonym(NUMBER))
    assert office.store.check() == []


def test_a_call_on_the_line_is_ended_first_and_nothing_is_erased_until_it_is(office):
    attempt = office.dialled(number=NUMBER)
    assert erase(office).waiting
    assert office.attempt(attempt.id).hang_up
    assert count(office.store, "orders") == 1
    with office.store.write() as tx:
        attempts.hear_report(tx, attempt.id, CALL, "completed", False, office.clock.now())
    assert not erase(office).waiting
    assert NUMBER[1:] not in everything(office)


def test_a_number_in_use_is_a_reason_to_refuse_which_changes_nothing(letters):
    office = letters.office
    (order,) = letters.verified(1)
    number = put_in_use(office, order)
    with pytest.raises(InUse, match=f"in use as {number.sid}.*release"):
        erase(office)
    with office.store.write() as tx:
        phone_numbers.release(tx, tx.phone_numbers.get(number.sid), office.clock.now())
    with pytest.raises(InUse, match="released, and gone within three days"):
        erase(office)
    assert count(office.store, "orders") == 1


@pytest.mark.parametrize("status", [Status.CARRIER_PROCESSING, Status.TESTING])
def test_an_order_with_a_carrier_is_a_reason_to_refuse(letters, status):
    (order,) = letters.verified(1)
    with letters.office.store.write() as tx:
        tx.orders.move_all([order.sid], status, None, 1.0)
    with pytest.raises(InUse, match=f"lineproof order move {order.sid} action-required"):
        erase(letters.office)


def test_a_letter_that_other_numbers_stand_on_stays_and_is_named(letters):
    office = letters.office
    first, second = letters.verified(2)
    document = letters.create([first.sid, second.sid], letters.address())
    erased = erase(office)
    assert erased.kept == (f"the letter {document.sid}: other numbers stand on it",)
    assert office.order_now(second.sid).status is Status.PENDING_LOA
    assert letters.now(document).status == "signing"
    assert count(office.store, "mails") == 3  # they have not left yet: the signer waits for his
    assert count(office.store, "orders") == 1


def test_a_number_that_somebody_else_asked_about_is_forgotten(office):
    with office.store.write() as tx:
        asked = [eligibility.Answer(NUMBER, "AC1"), eligibility.Answer("+19022341111", "AC1")]
        eligibility.create(tx, office.account.sid, "ours", asked, 1.0)
    office.order("+19022342222", contact_phone_number=NUMBER)
    erase(office)
    assert NUMBER[1:] not in everything(office)
    assert count(office.store, "eligibility_numbers") == 1
    assert count(office.store, "orders") == 1


def test_the_wish_not_to_be_called_stays_its_days_and_is_named(office):
    with office.store.write() as tx:
        tx.suppressions.add(NUMBER, office.clock.now() + 5)
    assert "the wish not to be called" in erase(office).kept[0]
    office.clock.tick(5)
    assert erase(office).kept == ()


def test_the_mails_to_the_owner_of_the_line_go_too(office):
    order = office.order(NUMBER)
    with office.store.write() as tx:
        about = mails.About(office.account.sid, order.sid, 1, "en")
        mails.queue(tx, about, MailKind.OWNER_LINK, ("zoe@example.com",), 1.0)
    assert len(erase(office).mail_ids) == 1
    assert count(office.store, "mails") == 0


def test_one_who_is_not_known_is_no_trouble(office):
    assert erase(office).counts == {}


def test_mail_files_of_a_person_go_and_those_of_others_stay(tmp_path):
    for name in ("a" * 32 + ".eml", "b" * 32 + ".eml", "a" * 32 + ".12345678", "aaa.eml"):
        (tmp_path / name).write_text("Date: Mon, 01 Jan 2024 00:00:00 +0000\r\n\r\nbody")
    folder = MailFolder(tmp_path)
    assert folder.remove(["a" * 32]) == 2
    assert sorted(path.name for path in tmp_path.iterdir()) == ["aaa.eml", "b" * 32 + ".eml"]
    assert folder.remove_before(1_704_067_199.0) == 0
    assert folder.remove_before(1_704_067_200.0) == 1
    assert [path.name for path in tmp_path.iterdir()] == ["aaa.eml"]
