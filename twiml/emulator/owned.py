"""The numbers of the account, as a client asks for them that does not know its own."""

from __future__ import annotations

import hashlib
from typing import Any

from twiml.emulator.calls import API_VERSION, national, rfc2822

_CAPABILITIES = {"voice": True, "sms": False, "mms": False, "fax": False}
_NONE = (
    *("address_sid", "bundle_sid", "identity_sid", "trunk_sid", "emergency_address_sid"),
    *("sms_url", "sms_fallback_url", "voice_url", "voice_fallback_url", "status_callback"),
)
_POST = (
    *("sms_method", "sms_fallback_method", "voice_method", "voice_fallback_method"),
    "status_callback_method",
)
_SIDS = ("sms_application_sid", "voice_application_sid")


def number_sid(number: str) -> str:
    """Return the SID of a number: always the same one."""
    return "PN" + hashlib.sha256(number.encode()).hexdigest()[:32]


def number_resource(number: str, account_sid: str, since: float) -> dict[str, Any]:
    """Return a number as Twilio's JSON (OpenAPI: api.v2010.account.incoming_phone_number).

    ``since`` is when the account got it, in Unix seconds.
    """
    sid, date = number_sid(number), rfc2822(since)
    return {
        "sid": sid,
        "account_sid": account_sid,
        "phone_number": number,
        "friendly_name": national(number),
        "api_version": API_VERSION,
        "beta": False,
        "capabilities": dict(_CAPABILITIES),
        "date_created": date,
        "date_updated": date,
        "address_requirements": "none",
        "emergency_status": "Inactive",
        "emergency_address_status": "unregistered",
        "origin": "twilio",
        "status": "in-use",
        "type": "local",
        "voice_caller_id_lookup": False,
        "voice_receive_mode": "voice",
        **dict.fromkeys(_NONE),
        **dict.fromkeys(_POST, "POST"),
        **dict.fromkeys(_SIDS, ""),
        "subresource_uris": {},
        "uri": f"/{API_VERSION}/Accounts/{account_sid}/IncomingPhoneNumbers/{sid}.json",
    }
