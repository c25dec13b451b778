"""SIDs: two capital letters that name the kind, then 32 hexadecimal digits (Twilio)."""

from __future__ import annotations

import re
import secrets

ACCOUNT = "AC"
ADDRESS = "AD"
API_KEY = "SK"
BULK = "BH"
DOCUMENT = "PX"
ELIGIBILITY = "EC"
PHONE_BILL = "RI"
OPERATOR = "OP"
ORDER = "HR"
PHONE_NUMBER = "PN"
MESSAGING_SERVICE = "MG"


def new(kind: str) -> str:
    """A new SID with 128 random bits."""
    return kind + secrets.token_hex(16)


def is_sid(text: str, kind: str) -> bool:
    """Whether ``text`` has the form of a SID of this kind; Twilio also takes capital digits."""
    return re.fullmatch(kind + "[0-9a-fA-F]{32}", text, re.ASCII) is not None
