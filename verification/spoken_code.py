"""The code that a person heard in an ownership call, entered in the API by who ordered.

The other direction of the proof (Preview's VerificationCode): such a code is spoken after consent
and shown by no API, so that only somebody who was told it by the person at the phone can know it.
"""

from __future__ import annotations

from dataclasses import replace

from verification import attempts, calling, codes, orders
from verification.codes import Keyring
from verification.conversation import WRONG_CODES_PER_CODE
from verification.orders import Order
from verification.statuses import Mover, Status

CODE_ENTRIES = ("phone", "api")


class NoCodeAwaited(ValueError):
    """The order does not wait for a code now (Twilio error 22114)."""


class WrongCode(ValueError):
    """The code is wrong, expired, or not entered here (Twilio error 22113)."""


def enter(
    tx: attempts.Transaction, keyring: Keyring, order: Order, code: str, now: float
) -> WrongCode | None:
    """Verify the order if ``code`` is what its call has spoken; else count the try and say why not.

    The refusal is given back and not raised: the count must be committed. Raises NoCodeAwaited.
    """
    if order.status is not Status.PENDING_VERIFICATION:
        raise NoCodeAwaited("VerificationCode is taken only while pending-verification")
    if order.code_entry != "api":
        return WrongCode("The code of this order is entered on the phone that is called")
    expected = calling.live_code(order, keyring, now)
    if expected is None:
        return WrongCode("The code has expired: request Status=pending-verification again")
    order = replace(order, code_tries=order.code_tries + 1)
    if codes.same(code, expected):
        spent = replace(order, code=None, code_expires_at=None, due_at=None)
        orders.move(tx, spent, Status.VERIFIED, Mover.PERSON, now)
        for attempt in tx.attempts.of_subject(order.sid):
            if attempt.outcome is None:
                attempts.drop(tx, attempt, now)
        return None
    left = WRONG_CODES_PER_CODE - order.code_tries
    if left <= 0:
        order = replace(order, code=None, code_expires_at=None, due_at=None)
    tx.orders.save(order)
    tx.audit.append(now, Mover.CUSTOMER, order.account_sid, order.sid, "wrong code entered")
    if left <= 0:
        return WrongCode("The code was wrong too often: request Status=pending-verification again")
    return WrongCode(f"The code is wrong: {left} more tries are left")
