"""The account itself and whom it may call, in Twilio's shape."""

from __future__ import annotations

from typing import Any, cast

from flask import Blueprint, Response, current_app, jsonify, request

from twiml.emulator.calls import API_VERSION, rfc2822
from twiml.emulator.exchange import Emulator
from twiml.emulator.placing import RestError

# Whom the emulator's phones stand for.
_COUNTRIES = {"US": "United States", "CA": "Canada"}

blueprint = Blueprint("account", __name__)


@blueprint.get(f"/{API_VERSION}/Accounts/<account_sid>.json")
def fetch_account(account_sid: str) -> Response:
    """Fetch the account; its token is not shown."""
    emulator = cast(Emulator, current_app.extensions["emulator"])
    if account_sid != emulator.account_sid:
        raise RestError(404, 20404, f"The requested resource {request.path} was not found")
    date = rfc2822(emulator.since)
    return jsonify(
        {
            "auth_token": None,
            "date_created": date,
            "date_updated": date,
            "friendly_name": "Emulator",
            "owner_account_sid": account_sid,
            "sid": account_sid,
            "status": "active",
            "subresource_uris": {},
            "type": "Full",
            "uri": f"/{API_VERSION}/Accounts/{account_sid}.json",
        }
    )


@blueprint.get("/v1/DialingPermissions/Countries/<iso_code>")
def fetch_permission(iso_code: str) -> Response:
    """Fetch whether a country may be called: ordinary numbers of the US and Canada."""
    name = _COUNTRIES.get(iso_code.upper())
    if name is None:
        raise RestError(404, 20404, f"The requested resource {request.path} was not found")
    found: dict[str, Any] = {
        "iso_code": iso_code.upper(),
        "name": name,
        "continent": "NORTH_AMERICA",
        "country_codes": ["+1"],
        "low_risk_numbers_enabled": True,
        "high_risk_special_numbers_enabled": False,
        "high_risk_tollfraud_numbers_enabled": False,
        "url": request.base_url,
        "links": {},
    }
    return jsonify(found)
