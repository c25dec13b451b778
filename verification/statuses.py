"""The one table of an order's statuses: which follows which, who may move it, and why.

Twilio's ten statuses (the Hosted Numbers FAQ). ``orders.move`` is what reads it to move an order.
"""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where an order stands."""

    TWILIO_PROCESSING = "twilio-processing"
    RECEIVED = "received"
    PENDING_VERIFICATION = "pending-verification"
    VERIFIED = "verified"
    PENDING_LOA = "pending-loa"
    CARRIER_PROCESSING = "carrier-processing"
    TESTING = "testing"
    COMPLETED = "completed"
    FAILED = "failed"
    ACTION_REQUIRED = "action-required"


class Mover(StrEnum):
    """Who moves an order."""

    CUSTOMER = "customer"  # through the API
    PERSON = "person"  # with the keys of the phone
    OWNER = "owner"  # whoever holds the owner's link
    LINEPROOF = "lineproof"  # eligibility, limits, the outcome of a call
    SIGNER = "signer"  # of the letter of authorization
    REGISTRAR = "registrar"
    OPERATOR = "operator"


_S, _M = Status, Mover

TRANSITIONS: dict[tuple[Status, Status], frozenset[Mover]] = {
    (_S.TWILIO_PROCESSING, _S.RECEIVED): frozenset({_M.LINEPROOF}),
    (_S.TWILIO_PROCESSING, _S.FAILED): frozenset({_M.LINEPROOF}),
    (_S.RECEIVED, _S.PENDING_VERIFICATION): frozenset({_M.CUSTOMER, _M.OPERATOR}),
    (_S.RECEIVED, _S.VERIFIED): frozenset({_M.LINEPROOF, _M.OPERATOR}),
    (_S.RECEIVED, _S.ACTION_REQUIRED): frozenset({_M.LINEPROOF, _M.OPERATOR, _M.OWNER}),
    # Idle for too long.
    (_S.RECEIVED, _S.FAILED): frozenset({_M.LINEPROOF}),
    (_S.PENDING_VERIFICATION, _S.FAILED): frozenset({_M.LINEPROOF}),
    (_S.VERIFIED, _S.FAILED): frozenset({_M.LINEPROOF}),
    (_S.CARRIER_PROCESSING, _S.FAILED): frozenset({_M.LINEPROOF}),
    (_S.TESTING, _S.FAILED): frozenset({_M.LINEPROOF}),
    (_S.PENDING_VERIFICATION, _S.VERIFIED): frozenset({_M.PERSON, _M.OPERATOR}),
    (_S.PENDING_VERIFICATION, _S.ACTION_REQUIRED): frozenset(
        {_M.LINEPROOF, _M.PERSON, _M.OWNER, _M.OPERATOR}
    ),
    (_S.VERIFIED, _S.PENDING_LOA): frozenset({_M.CUSTOMER, _M.OPERATOR}),
    (_S.PENDING_LOA, _S.VERIFIED): frozenset({_M.CUSTOMER, _M.SIGNER, _M.OPERATOR}),
    (_S.PENDING_LOA, _S.CARRIER_PROCESSING): frozenset({_M.SIGNER}),
    (_S.PENDING_LOA, _S.ACTION_REQUIRED): frozenset({_M.LINEPROOF}),
    (_S.CARRIER_PROCESSING, _S.TESTING): frozenset({_M.REGISTRAR, _M.OPERATOR}),
    (_S.CARRIER_PROCESSING, _S.ACTION_REQUIRED): frozenset({_M.REGISTRAR, _M.OPERATOR}),
    (_S.TESTING, _S.COMPLETED): frozenset({_M.REGISTRAR, _M.OPERATOR}),
    (_S.TESTING, _S.ACTION_REQUIRED): frozenset({_M.REGISTRAR, _M.OPERATOR}),
    # The owner goes on: with a call while any are left, or with a new letter once it is verified.
    (_S.ACTION_REQUIRED, _S.PENDING_VERIFICATION): frozenset({_M.CUSTOMER}),
    (_S.ACTION_REQUIRED, _S.PENDING_LOA): frozenset({_M.CUSTOMER}),
    # A person may still be typing when the carrier has already reported the end of the call.
    (_S.ACTION_REQUIRED, _S.VERIFIED): frozenset({_M.PERSON, _M.OPERATOR}),
    # Lineproof, when a document that was refused is replaced.
    (_S.ACTION_REQUIRED, _S.RECEIVED): frozenset({_M.LINEPROOF, _M.OPERATOR}),
    # What kept the registration or the test back has been resolved: it is done again.
    (_S.ACTION_REQUIRED, _S.CARRIER_PROCESSING): frozenset({_M.OPERATOR}),
    (_S.ACTION_REQUIRED, _S.TESTING): frozenset({_M.OPERATOR}),
    (_S.ACTION_REQUIRED, _S.FAILED): frozenset({_M.LINEPROOF, _M.OPERATOR}),
}

# In these the customer may take the order back (Twilio: DELETE of a HostedNumberOrder); an order
# that failed or waits for action holds nothing that he could not give up, so it may go as well.
DELETABLE = frozenset(
    {
        Status.TWILIO_PROCESSING,
        Status.RECEIVED,
        Status.PENDING_VERIFICATION,
        Status.VERIFIED,
        Status.PENDING_LOA,
        Status.ACTION_REQUIRED,
        Status.FAILED,
    }
)


class MoveRefused(ValueError):
    """This mover may not bring the order from its status to that one (Twilio error 22112)."""


def may_move(order_status: Status, to: Status, by: Mover) -> bool:
    """Whether the table lets ``by`` bring an order from one status to another."""
    return by in TRANSITIONS.get((order_status, to), frozenset())


def refusal(status: Status, to: Status, by: Mover) -> str:
    """Why a mover may not make this move, and to which statuses he may bring the order."""
    allowed = sorted(
        after
        for (before, after), movers in TRANSITIONS.items()
        if before == status and by in movers
    )
    choice = f"only to {', '.join(allowed)}" if allowed else "to no other status"
    return f"An order that is {status} cannot be moved to {to} by the {by}: {choice}"
