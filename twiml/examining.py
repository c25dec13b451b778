"""The checks of ``lineproof doctor`` that ask the carrier, through the SDK. None places a call."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from email.utils import parsedate_to_datetime
from http import HTTPStatus
from typing import Any

import requests
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.http.response import Response
from twilio.rest import Client

from twiml.carrier import HttpClient, NotNow
from verification import numbers
from verification.findings import Finding, ok, trouble, warning
from verification.settings import Settings

COUNTRIES = ("US", "CA")  # whose numbers may be ordered (numbers.py)
CLOCK_SECONDS = 30.0  # a Date header has whole seconds, and an answer takes its time
_REFUSED = (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN)
_AWAY = "see that this machine reaches it, and what its status page says"


class _Dated(HttpClient):
    """The HTTP client that also notes how far the carrier's clock is from this machine's."""

    apart: float | None = None

    def request(self, method: str, url: str, *args: Any, **kwargs: Any) -> Response:  # type: ignore[override]
        """Send one request."""
        response = super().request(method, url, *args, **kwargs)
        try:
            date = parsedate_to_datetime((response.headers or {})["Date"])
            self.apart = date.timestamp() - time.time()
        except (KeyError, TypeError, ValueError):
            pass
        return response


def examine(chosen: Settings) -> Iterator[Finding]:
    """All that the carrier can be asked; nothing without its credentials."""
    sid, token = chosen.twilio_account_sid, chosen.twilio_auth_token
    if sid is None or token is None:
        return
    http = _Dated(chosen.twilio_api_base_url)
    owner = Client(sid, token.get_secret_value(), http_client=http)
    yield of_account(owner, sid)
    if http.apart is not None:
        yield of_clock(http.apart)
    client, secret = owner, chosen.twilio_api_secret
    if chosen.twilio_api_key and secret:
        client = Client(chosen.twilio_api_key, secret.get_secret_value(), sid, http_client=http)
        yield of_key(client)
    yield of_number(client, chosen.twilio_from_number)
    for country in COUNTRIES:
        yield of_permission(client, country)
    if chosen.registers_by == "twilio":
        yield of_hosting(client)


def of_account(client: Client, sid: str) -> Finding:
    """Whether SID and token are right, and the account may call."""
    account, wrong = _had(lambda: client.api.accounts(sid).fetch())
    if account is None:
        remedy = _AWAY
        if wrong.startswith("refused"):
            remedy = "set TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN as the Console shows them"
        return trouble("twilio", f"the account cannot be asked for: {wrong}", remedy)
    if account.status != "active":
        remedy = "reopen it in Twilio's Console"
        return trouble("twilio", f"the account is {account.status}", remedy)
    if account.type == "Trial":
        remedy = "upgrade it: a trial calls only numbers that were verified by hand"
        return warning("twilio", "it is a trial account", remedy)
    return ok("twilio", "SID and auth token are right, and the account is active")


def of_key(client: Client) -> Finding:
    """Whether the API key is right."""
    found, wrong = _had(lambda: client.incoming_phone_numbers.list(limit=1))
    if found is None:
        remedy = "set TWILIO_API_KEY and TWILIO_API_SECRET to a key of this account"
        return trouble("api key", f"numbers cannot be asked for with it: {wrong}", remedy)
    return ok("api key", "it is right")


def of_clock(apart: float) -> Finding:
    """The carrier's clock against this machine's; ``apart`` in seconds."""
    if abs(apart) > CLOCK_SECONDS:
        remedy = "let NTP set this machine's clock"
        return warning("time", f"the carrier's clock is {apart:+.0f} s from this machine's", remedy)
    return ok("time", "the carrier's clock and this machine's agree")


def of_number(client: Client, number: str | None) -> Finding:
    """Whether there is a number to call from."""
    wish: dict[str, Any] = {"phone_number": number} if number else {}
    owned, wrong = _had(lambda: client.incoming_phone_numbers.list(limit=1, **wish))
    others, _ = _had(lambda: client.outgoing_caller_ids.list(limit=1, **wish))
    if owned is None:
        return trouble("number", f"the account's numbers cannot be asked for: {wrong}", _AWAY)
    if not owned and not others:
        told = f"{numbers.masked(number)} is not the account's" if number else "there is none"
        remedy = "buy a number with voice at Twilio, and set TWILIO_FROM_NUMBER to it"
        return trouble("number", f"a number to call from: {told}", remedy)
    if owned and not (owned[0].capabilities or {}).get("voice"):
        remedy = "set TWILIO_FROM_NUMBER to a number with voice"
        return trouble("number", "the number to call from has no voice", remedy)
    return ok("number", f"calls come from {numbers.masked(str((owned or others)[0].phone_number))}")


def of_permission(client: Client, country: str) -> Finding:
    """Whether the account may dial a country, and none of its dear numbers (error 21215)."""
    check = f"dialling {country}"
    permissions = client.voice.v1.dialing_permissions
    found, wrong = _had(lambda: permissions.countries(country).fetch())
    remedy = "look in Twilio's Console under Voice, Settings, Geo permissions"
    if found is None:
        return warning(check, f"the permission cannot be asked for here: {wrong}", remedy)
    if not found.low_risk_numbers_enabled:
        remedy = f"allow {country} in Twilio's Console under Voice, Settings, Geo permissions"
        return trouble(check, "the account may not call there: each call fails with 21215", remedy)
    if found.high_risk_special_numbers_enabled or found.high_risk_tollfraud_numbers_enabled:
        remedy = "switch both kinds of high-risk numbers off: nothing here calls them"
        return warning(check, "the account may also call high-risk numbers", remedy)
    return ok(check, "the account may call there, and no high-risk numbers")


def of_hosting(client: Client) -> Finding:
    """Whether Twilio takes hosted number orders of this account."""
    found, wrong = _had(lambda: client.numbers.v2.hosted_number_orders.list(limit=1))
    if found is None:
        remedy = "ask Twilio to enable Hosted Numbers, or set LINEPROOF_REGISTRAR to manual"
        return trouble("hosting", f"Twilio's orders cannot be asked for: {wrong}", remedy)
    return ok("hosting", "Twilio takes hosted number orders of this account")


def _had(ask: Callable[[], Any]) -> tuple[Any, str]:
    """What the carrier gives, or None and why, without its own words: they can hold numbers."""
    try:
        return ask(), ""
    except TwilioRestException as error:
        return None, _told(error.status, error.code)
    except NotNow:
        return None, "it cannot be connected to, or asks to slow down"
    except TwilioException as error:  # a list's: it carries the answer
        status = getattr(error.args[-1], "status_code", None)
        return None, _told(status) if status else type(error).__name__
    except (requests.RequestException, ValueError) as error:
        return None, type(error).__name__


def _told(status: int, code: int | None = None) -> str:
    told = "refused" if status in _REFUSED else "answered"
    return f"{told} with status {status}" + (f", code {code}" if code else "")
