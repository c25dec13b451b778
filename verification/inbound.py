"""The test of a number that has just been registered: an inbound message, as Twilio sends it.

It goes to the number's SmsUrl, and to the SmsFallbackUrl if that fails. It has passed when the
webhook answers with 2xx and TwiML, with a text, or with nothing, within fifteen seconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlencode
from xml.parsers import expat

from verification import forms, numbers, signatures
from verification.outgoing import Answer, Request, Sender, requested
from verification.phone_numbers import PhoneNumber

BODY = "Test of the inbound messages of this number"
LONGEST_ANSWER = 64 * 1024  # Twilio's limit for a TwiML document


def fields(number: PhoneNumber, message_sid: str, texter: str) -> dict[str, str]:
    """The parameters of an inbound message (Twilio: request to your webhook)."""
    return {
        "MessageSid": message_sid,
        "SmsSid": message_sid,
        "SmsMessageSid": message_sid,
        "AccountSid": number.account_sid,
        "From": texter,
        "To": number.phone_number,
        "Body": BODY,
        "NumMedia": "0",
        "NumSegments": "1",
        "SmsStatus": "received",
        "ApiVersion": "2010-04-01",
        "ToCountry": numbers.country(number.phone_number),
        "FromCountry": numbers.country(texter),
    }


def request(url: str, method: str, given: Mapping[str, str], token: str) -> Request:
    """The request of a message's webhook, signed with its account's token."""
    headers = {"Content-Type": forms.MEDIA_TYPE}
    if method == "GET":
        url = requested(url, urlencode(given))
        headers = {"X-Twilio-Signature": signatures.twilio(url, {}, token)}
        return Request(method, url, headers, wanted_bytes=LONGEST_ANSWER)
    url = requested(url)
    headers["X-Twilio-Signature"] = signatures.twilio(url, given, token)
    return Request(method, url, headers, urlencode(given).encode(), LONGEST_ANSWER)


def why_not(web: Sender, number: PhoneNumber, message_sid: str, texter: str, token: str) -> str:
    """Send the test to a number's webhooks; gives why it failed, empty if it passed.

    ``texter``: the number that the message comes from; ``token``: of the number's account.
    A number without SmsUrl has no webhook to ask, and passes.
    """
    trouble = ""
    asked = [
        ("SmsUrl", number.sms_url, number.sms_method),
        ("SmsFallbackUrl", number.sms_fallback_url, number.sms_fallback_method),
    ]
    given = fields(number, message_sid, texter)
    for name, url, method in asked:
        if not url or (name == "SmsFallbackUrl" and not trouble):
            continue
        reply = web.send(request(url, method, given, token))
        wrong = _wrong(reply)
        if not wrong:
            return ""
        trouble = f"{trouble}; the {name} {wrong}" if trouble else f"the {name} {wrong}"
        given |= {"ErrorCode": "11200", "ErrorUrl": url}
    return trouble


def _wrong(reply: Answer) -> str:
    if reply.error or reply.status is None:
        return f"could not be asked ({reply.error or 'no answer'})"
    if not 200 <= reply.status < 300:
        return f"answered with HTTP {reply.status}"
    if not reply.whole:
        return f"answered with more than {LONGEST_ANSWER} bytes"
    if not reply.body.strip() or reply.content_type.lower().startswith("text/plain"):
        return ""
    return "" if _is_twiml(reply.body) else "answered with what is no TwiML"


def _is_twiml(body: bytes) -> bool:
    """Whether a document is well-formed XML whose root is Response; one with a DTD is not read."""
    roots: list[str] = []
    depth = 0

    def start(name: str, _: object) -> None:
        nonlocal depth
        if depth == 0:
            roots.append(name)
        depth += 1

    def end(_: str) -> None:
        nonlocal depth
        depth -= 1

    def refuse(*_: object) -> None:
        raise ValueError("a document type")

    parser = expat.ParserCreate()
    parser.StartElementHandler = start
    parser.EndElementHandler = end
    parser.StartDoctypeDeclHandler = refuse
    try:
        parser.Parse(body, True)
    except (expat.ExpatError, ValueError, LookupError):
        return False
    return roots == ["Response"]
