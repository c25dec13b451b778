"""Certificates: what was proved, signed, and checked with nothing but the public keys."""

import base64
import json
from dataclasses import replace
from typing import Any

import jwt
import pytest

from tests.conftest import NUMBER
from tests.verification.test_conversation import Talk
from verification import caller_ids, orders, proofs, spoken_code, validating
from verification.proofs import NotGenuine, NotProved
from verification.statuses import Mover, Status

ISSUER = "https://lineproof.example.com"


def verified(office, **wishes):
    talk = Talk(office, **wishes)
    talk.consent()
    talk.press(talk.code)
    return talk.order


def issued(office, order, number=None):
    with office.store.write() as tx:
        said = proofs.claims(tx, order, "Acme", number or {"phone_number": order.phone_number})
        made = proofs.issue(tx, office.keyring, said, ISSUER, office.clock.now())
        return made, proofs.key_set(tx.proof_keys.all())


def test_a_certificate_says_what_was_proved_when_how_and_what_it_does_not_prove(office):
    order = verified(office)
    said = proofs.verify(*issued(office, order))
    with office.store.read() as tx:
        (row,) = [e for e in tx.audit.of_object(order.sid) if e.detail.endswith("-> verified")]
    assert said["audit"] == {"row": row.seq, "hash": row.hash}
    assert (said["sub"], said["phone_number"]) == (order.sid, NUMBER)
    assert (said["account_sid"], said["account_name"]) == (order.account_sid, "Acme")
    assert said["verified_at"] == int(office.clock.now())
    assert said["method"] == "ownership-call"
    assert said["consent"] == {"asked": True, "given": True, "random_keys": 1}
    assert said["iss"] == ISSUER
    assert "does not prove" in said["proves_not"]


def test_without_a_question_no_consent_is_claimed(office):
    talk = Talk(office, digits=0)
    talk.press(talk.code)
    said = proofs.verify(*issued(office, talk.order))
    assert said["consent"] == {"asked": False, "given": False, "random_keys": 0}


def test_it_is_a_jws_that_another_library_checks_with_the_published_key(office):
    certificate, keys = issued(office, verified(office))
    (key,) = keys["keys"]
    assert (key["kty"], key["crv"], key["use"]) == ("OKP", "Ed25519", "sig")
    assert "d" not in key
    header = jwt.get_unverified_header(certificate)
    assert (header["alg"], header["kid"]) == ("EdDSA", key["kid"])
    now: Any = {"verify_iat": False}  # the test's clock is ahead
    said = jwt.decode(certificate, jwt.PyJWK(key), algorithms=["EdDSA"], options=now)
    assert said["phone_number"] == NUMBER


@pytest.mark.parametrize("part", [0, 1, 2])
def test_a_changed_certificate_is_not_genuine(office, part):
    certificate, keys = issued(office, verified(office))
    parts = certificate.split(".")
    middle = len(parts[part]) // 2
    swapped = "A" if parts[part][middle] != "A" else "B"
    parts[part] = parts[part][:middle] + swapped + parts[part][middle + 1 :]
    with pytest.raises(NotGenuine):
        proofs.verify(".".join(parts), keys)


def test_nobody_elses_signature_and_no_weaker_algorithm_is_taken(office):
    certificate, keys = issued(office, verified(office))
    header = jwt.get_unverified_header(certificate)
    claims = jwt.decode(certificate, options={"verify_signature": False})

    def forged(**changes):
        headers = {**header, **changes, "alg": "HS256"}
        return jwt.encode(claims, "x" * 32, algorithm="HS256", headers=headers)

    raw = base64.urlsafe_b64encode(json.dumps({**header, "alg": "none"}).encode()).rstrip(b"=")
    none = f"{raw.decode()}.{certificate.split('.')[1]}."
    for text in (forged(), forged(kid="other"), none, "", "a.b.c", "é" * 3):
        with pytest.raises(NotGenuine):
            proofs.verify(text, keys)
    wrong: Any
    for wrong in ({}, {"keys": []}, {"keys": [None]}, {"keys": 3}):
        with pytest.raises(NotGenuine):
            proofs.verify(certificate, wrong)


def test_a_key_that_was_replaced_still_checks_what_it_signed(office):
    order = verified(office)
    before, _ = issued(office, order)
    with office.store.write() as tx:
        proofs.rotate(tx, office.keyring, office.clock.tick(1))
    after, keys = issued(office, order)
    kids = [jwt.get_unverified_header(text)["kid"] for text in (before, after)]
    assert kids == [key["kid"] for key in keys["keys"]]
    assert proofs.verify(before, keys)["sub"] == proofs.verify(after, keys)["sub"] == order.sid


def test_an_order_that_was_never_verified_has_no_certificate(office):
    with pytest.raises(NotProved):
        issued(office, office.order())


def test_each_way_of_proving_is_named(office):
    talk = Talk(office, code_entry="api")
    heard, sid = talk.consent().code, talk.order.sid

    with office.store.write() as tx:
        spoken_code.enter(tx, office.keyring, tx.orders.get(sid), heard, office.clock.now())
    assert proofs.verify(*issued(office, talk.order))["method"] == "spoken-code"
    by_hand = office.order("+12124560001")
    with office.store.write() as tx:
        by_hand = orders.move(tx, by_hand, Status.VERIFIED, Mover.OPERATOR, office.clock.now())
    assert proofs.verify(*issued(office, by_hand))["method"] == "operator"
    with office.store.write() as tx:
        asked = validating.request(
            tx, office.keyring, office.account, "+12124560002", {}, office.clock.now()
        )
        caller_ids.hear(tx, asked.caller_id, True, True, office.clock.now())
    known = office.order("+12124560002")
    assert proofs.verify(*issued(office, known))["method"] == "verified-caller-id"


def test_a_pseudonym_is_the_same_for_the_same_number_and_tells_it_to_nobody(office):
    name = office.keyring.pseudonym(NUMBER)
    assert name == office.keyring.pseudonym(NUMBER)
    assert name != office.keyring.pseudonym("+19029052035")
    certificate, keys = issued(office, verified(office), {"number_pseudonym": name})
    assert NUMBER not in json.dumps(proofs.verify(certificate, keys))


def test_a_letter_that_is_taken_back_does_not_change_when_it_was_proved(office):
    order = verified(office)
    at = order.verified_at
    office.clock.tick(1000)
    with office.store.write() as tx:
        order = orders.move(tx, order, Status.PENDING_LOA, Mover.CUSTOMER, office.clock.now())
        order = orders.move(tx, order, Status.VERIFIED, Mover.CUSTOMER, office.clock.now())
    said = proofs.verify(*issued(office, order))
    assert said["verified_at"] == int(at)
    with office.store.read() as tx:
        first = next(e for e in tx.audit.of_object(order.sid) if e.detail.endswith("-> verified"))
    assert said["audit"]["row"] == first.seq


def test_a_reason_makes_nothing_verified_and_hides_nothing_that_was(office):
    order, now = office.order(), office.clock.now()
    with office.store.write() as tx:
        order = orders.move(tx, order, Status.ACTION_REQUIRED, Mover.OPERATOR, now, "-> verified")
    with pytest.raises(NotProved):
        issued(office, replace(order, verified_at=now))
    other = office.order("+12124560001")
    with office.store.write() as tx:
        other = orders.move(tx, other, Status.VERIFIED, Mover.OPERATOR, now, "seen in person")
    assert proofs.verify(*issued(office, other))["method"] == "operator"
