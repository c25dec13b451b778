"""The letter of authorization: who may stand on it, where it moves the orders, how it ends."""

from dataclasses import replace

import pytest

from tests.verification.letter_office import PARTS, Letters
from verification import accounts, calling, letter_mails, mails, ordering, orders, signing
from verification.documents import (
    MOST_ORDERS,
    SIGNING_SECONDS,
    DocumentStatus,
    Immutable,
    Incomplete,
    LetterGone,
    UnfitOrders,
)
from verification.letter_duties import LettersDue
from verification.mails import MailKind
from verification.ordering import UnknownAddress
from verification.statuses import Mover, MoveRefused, Status


@pytest.fixture
def desk(office):
    return Letters(office)


def sids(found):
    return [order.sid for order in found]


def cancel(desk, document, by=Mover.CUSTOMER):
    with desk.office.store.write() as tx:
        return signing.cancel(desk.desk(tx), document, by)


def edit(desk, document, wishes=None, order_sids=None, status=None):
    with desk.office.store.write() as tx:
        return signing.edit(desk.desk(tx), document, wishes or {}, order_sids, status)


def work(desk):
    return LettersDue(desk.office.store, desk.office.keyring, desk.office.clock.now).do()


def subaccount(office):
    with office.store.write() as tx:
        made, _ = accounts.create(tx, office.keyring, "Branch", 1.0, office.account)
    return made


def test_a_letter_that_goes_out_waits_for_its_signature(desk):
    document = desk.out()
    assert document.status is DocumentStatus.SIGNING
    assert desk.statuses(document) == {"pending-loa"}
    assert desk.mails(document) == [
        ("letter_sent", "boss@example.com"),
        ("letter_sent", "front@example.com"),
        ("letter_to_sign", "anne@example.com"),
    ]
    letter = desk.read(document)
    assert letter.name == "Anne-Marie Élise Roy"
    assert (letter.first_name, letter.business) == ("Anne-Marie", PARTS["friendly_name"])
    assert letter.address == ("14 Maple Street", "Halifax, NS B3J 1A1", "CA")
    assert letter.customer == desk.office.account.name


def test_a_signed_letter_sends_its_orders_to_the_carrier_and_a_copy_to_everybody(desk):
    document = desk.out()
    assert desk.sign(document, b"%PDF-x").status is DocumentStatus.SIGNED
    assert desk.statuses(document) == {"carrier-processing"}
    copies = [to for kind, to in desk.mails(document) if kind == MailKind.LETTER_SIGNED]
    assert copies == ["anne@example.com", "boss@example.com", "front@example.com"]
    with desk.office.store.read() as tx:
        assert signing.signed_pdf(tx, desk.office.keyring, document.sid) == b"%PDF-x"
        assert tx.documents.pdf(document.sid) != b"%PDF-x"


def test_a_letter_is_signed_once(desk):
    document = desk.out()
    letter = desk.read(document)
    desk.sign(document, b"%PDF-1")
    with desk.office.store.write() as tx, pytest.raises(LetterGone) as gone:
        signing.sign(desk.desk(tx), letter, b"%PDF-2")
    assert gone.value.status is DocumentStatus.SIGNED
    with desk.office.store.read() as tx:
        assert signing.signed_pdf(tx, desk.office.keyring, document.sid) == b"%PDF-1"


@pytest.mark.parametrize("by", [Mover.CUSTOMER, Mover.SIGNER, Mover.OPERATOR])
def test_a_cancelled_letter_leaves_its_orders_verified(desk, by):
    document = desk.out()
    cancelled = cancel(desk, document, by)
    assert cancelled.status is DocumentStatus.CANCELED
    assert desk.statuses(document) == {"verified"}
    with pytest.raises(LetterGone):
        desk.read(cancelled)
    with desk.office.store.read() as tx:
        assert tx.documents.letter(document.sid) is None


@pytest.mark.parametrize("end", [lambda desk, document: desk.sign(document), cancel])
def test_a_letter_that_has_ended_cannot_be_cancelled_or_edited(desk, end):
    ended = end(desk, desk.out())
    with pytest.raises(Immutable):
        cancel(desk, ended)
    with pytest.raises(Immutable):
        edit(desk, ended, status=DocumentStatus.OPENED)


def test_a_letter_that_nobody_signs_fails_after_seven_days_with_the_faq_s_reason(desk):
    document = desk.out()
    desk.office.clock.tick(SIGNING_SECONDS - 1)
    assert work(desk) is False
    desk.office.clock.tick(1)
    with pytest.raises(LetterGone) as gone:
        desk.read(document)
    assert gone.value.status is DocumentStatus.FAILED
    assert work(desk) is True
    assert desk.now(document).status is DocumentStatus.FAILED
    assert desk.statuses(document) == {"action-required"}
    with desk.office.store.read() as tx:
        (reason,) = {order.failure_reason for order in tx.documents.orders_of(document.sid)}
    assert reason == "The Letter of Authorization was not signed within seven days."
    assert work(desk) is False


def test_a_letter_that_cannot_reach_its_signer_fails(desk):
    document = desk.out()
    writer = letter_mails.LetterMails(desk.office.keyring, "http://localhost")
    with desk.office.store.write() as tx:
        mail = next(m for m in tx.mails.of_object(document.sid) if m.kind == "letter_sent")
        writer.given_up(tx, mail, 1.0)
        assert tx.documents.get(document.sid).status is DocumentStatus.SIGNING
        writer.given_up(tx, replace(mail, kind=MailKind.LETTER_TO_SIGN), 1.0)
    assert desk.now(document).status is DocumentStatus.FAILED
    assert desk.statuses(document) == {"action-required"}


def test_each_order_that_cannot_stand_on_a_letter_is_named_with_its_reason(desk):
    fit, waiting, foreign, taken = desk.verified(4)
    other = desk.create([taken.sid], desk.address())
    with desk.office.store.write() as tx:
        tx.orders.move_all([waiting.sid], Status.RECEIVED, None, 1.0)
        stranger, _ = accounts.create(tx, desk.office.keyring, "Else", 1.0)
        tx.orders.save(replace(foreign, account_sid=stranger.sid))
    unknown = "HR" + "0" * 32
    with pytest.raises(UnfitOrders) as refused:
        desk.create([*sids([fit, waiting, foreign, taken]), unknown], desk.address())
    told = str(refused.value)
    assert f"not verified but received: {waiting.sid}" in told
    assert f"not an order of this account: {foreign.sid}, {unknown}" in told
    assert f"on the open document {other.sid}: {taken.sid}" in told
    assert fit.sid not in told
    assert desk.office.order_now(fit.sid).status is Status.VERIFIED


def test_a_letter_is_of_one_account_which_may_be_a_subaccount(desk):
    branch = subaccount(desk.office)
    (own,), (theirs,) = desk.verified(1), desk.verified(1, branch.sid)
    with pytest.raises(UnfitOrders, match=f"of another account than .*: {theirs.sid}"):
        desk.create([own.sid, theirs.sid], desk.address())
    with pytest.raises(UnfitOrders, match=f"of another account than .*: {own.sid}"):
        desk.create([theirs.sid, own.sid], desk.address(branch.sid))
    with pytest.raises(UnknownAddress):
        desk.create([theirs.sid], desk.address())
    made = desk.create([theirs.sid], desk.address(branch.sid))
    assert made.account_sid == branch.sid


def test_15000_orders_stand_on_one_letter_and_15001_do_not(desk):
    made = sids(desk.verified(MOST_ORDERS + 1))
    address = desk.address()
    with pytest.raises(UnfitOrders, match="1 to 15000 orders, not 15001"):
        desk.create(made, address)
    document = desk.create(made[1:], address)
    desk.sign(document)
    assert desk.now(document).status is DocumentStatus.SIGNED
    assert desk.statuses(document) == {"carrier-processing"}
    assert desk.statuses(document) == {"carrier-processing"}
    assert desk.office.store.check() == []


def test_no_order_at_all_makes_no_letter(desk):
    with pytest.raises(UnfitOrders):
        desk.create([], desk.address())


def test_every_missing_or_wrong_piece_of_the_letter_is_named(desk):
    (order,) = desk.verified(1)
    address = desk.address(customer_name="Roy", street="P.O. Box 9", postal_code="94105")
    with pytest.raises(Incomplete) as refused:
        desk.create([order.sid], address)
    for piece in ("CustomerName", "Street names a post office box", "PostalCode"):
        assert piece in str(refused.value)
    with pytest.raises(Incomplete, match="AuthorizedUserFirstName and AuthorizedUserLastName go"):
        desk.create([order.sid], desk.address(), first_name="Anne")
    assert desk.office.order_now(order.sid).signing_document_sid is None


def test_the_user_s_names_and_business_may_be_told_apart_from_the_address(desk):
    (order,) = desk.verified(1)
    names = {"first_name": "Jean", "last_name": "de la Tour", "business_name": "Tour Inc."}
    document = desk.create([order.sid], desk.address(customer_name="Tower"), **names)
    letter = desk.read(document)
    assert (letter.name, letter.business) == ("Jean de la Tour", "Tour Inc.")


def test_a_business_is_named_only_if_there_is_one(desk):
    (order,) = desk.verified(1)
    letter = desk.read(desk.create([order.sid], desk.address(friendly_name="")))
    assert letter.business is None
    assert "on behalf of" not in letter.paragraphs[0]


def test_a_letter_that_is_out_is_a_snapshot(desk):
    document = desk.out()
    before = desk.read(document)
    with desk.office.store.write() as tx:
        found = tx.addresses.get(desk.office.account.sid, document.address_sid)
        tx.addresses.save(replace(found, city="Truro", customer_name="Someone Else"))
    assert desk.read(document) == before


def test_a_letter_out_is_edited_only_by_taking_it_back(desk):
    document = desk.out()
    with pytest.raises(Immutable, match="only together with Status=opened"):
        edit(desk, document, {"email": "x@example.com"})
    opened = edit(desk, document, {"email": "x@example.com"}, status=DocumentStatus.OPENED)
    assert (opened.status, opened.email) == (DocumentStatus.OPENED, "x@example.com")
    assert desk.statuses(document) == {"verified"}
    with pytest.raises(LetterGone):
        desk.read(document)


def test_a_letter_that_is_sent_again_has_a_new_link_and_a_new_list(desk):
    document = desk.out(3)
    opened = edit(desk, document, status=DocumentStatus.OPENED)
    with desk.office.store.read() as tx:
        keep, *rest = sids(tx.documents.orders_of(document.sid))
    again = edit(desk, opened, order_sids=[keep], status=DocumentStatus.SIGNING)
    assert again.sendings == 2
    with pytest.raises(LetterGone) as gone:
        desk.read(document)  # the first sending
    assert gone.value.status is DocumentStatus.OPENED
    assert len(desk.read(again).numbers) == 1
    assert all(desk.office.order_now(sid).signing_document_sid is None for sid in rest)


def test_a_deleted_order_is_left_alone_by_its_letter(desk):
    document = desk.out()
    with desk.office.store.write() as tx:
        gone, stays = tx.documents.orders_of(document.sid)
        ordering.delete(tx, gone, 1.0)
        calling.abandon(tx, gone, 1.0)
    desk.sign(document)
    assert desk.office.order_now(gone.sid).status is Status.PENDING_LOA
    assert desk.office.order_now(stays.sid).status is Status.CARRIER_PROCESSING


def test_every_move_of_an_order_is_in_the_audit_trail_and_reported(desk):
    (order,) = desk.verified(1, status_callback_url="https://customer.example/cb")
    document = desk.create([order.sid], desk.address())
    desk.sign(document)
    events = desk.office.events(order.sid)
    assert "status: verified -> pending-loa" in events
    assert "status: pending-loa -> carrier-processing" in events
    assert any(
        event.startswith("letter signed: letter ") for event in desk.office.events(document.sid)
    )
    assert desk.office.store.check() == []


def test_many_orders_move_all_or_none(desk):
    fit, unfit = desk.verified(2)
    with desk.office.store.write() as tx:
        moved = orders.move_all(tx, [unfit], Status.PENDING_LOA, Mover.CUSTOMER, 1.0)
    with desk.office.store.write() as tx, pytest.raises(MoveRefused):
        orders.move_all(tx, [fit, *moved], Status.PENDING_LOA, Mover.CUSTOMER, 1.0)
    assert desk.office.order_now(fit.sid).status is Status.VERIFIED


def test_a_mail_about_a_letter_that_was_taken_back_does_not_leave(desk):
    document = desk.out()
    writer = letter_mails.LetterMails(desk.office.keyring, "https://lineproof.example")

    def says():
        with desk.office.store.read() as tx:
            found = tx.mails.of_object(document.sid)
            return [writer.compose(tx, mail) for mail in found if mail.kind == "letter_to_sign"]

    (message,) = says()
    assert message.facts["link"].startswith("https://lineproof.example/sign/")
    assert message.facts["count"] == 2
    again = edit(desk, edit(desk, document, status=DocumentStatus.OPENED), {}, None, None)
    assert says() == [None]
    edit(desk, again, status=DocumentStatus.SIGNING)
    first, second = says()
    assert (first is None) != (second is None)


def test_the_mail_queue_holds_no_link_and_no_name(desk):
    document = desk.out()
    with desk.office.store.read() as tx:
        held = repr(tx.mails.of_object(document.sid))
    assert "Roy" not in held
    assert mails.About(document.account_sid, document.sid, 1, "en").object_sid in held
