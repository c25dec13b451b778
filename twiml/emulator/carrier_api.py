"""The emulator over HTTP, in Twilio's shape: Calls, Notifications, Lookups, and a control door."""

from __future__ import annotations

import hmac
import logging
import socket
from collections.abc import Callable, Sequence
from typing import Any, Protocol, cast
from urllib.parse import urlencode

from flask import Blueprint, Flask, Response, current_app, jsonify, request
from werkzeug.exceptions import HTTPException

from twiml.emulator import account_api
from twiml.emulator.calls import API_VERSION, Call
from twiml.emulator.exchange import Emulator
from twiml.emulator.listing import Filters, matching
from twiml.emulator.lookups import lookup_v1, lookup_v2
from twiml.emulator.owned import number_resource
from twiml.emulator.placing import RestError
from twiml.emulator.recording import Recording

_LARGEST_PAGE = 1000
_LAST_PAGE = 1_000_000
# Twilio's code for what the web framework refuses; anything else of the client's is 20001.
_CODES = {404: 20404, 405: 20004, 429: 20429}
_SERVER_ERROR = 500
_log = logging.getLogger(__name__)
_api = Blueprint("twilio", __name__)
_door = Blueprint("emulator", __name__, url_prefix="/emulator/v1")


def create_carrier_api(emulator: Emulator) -> Flask:
    """Return the Flask application of an emulator; it neither starts nor stops it.

    Every path needs Basic auth with the emulator's account_sid and auth_token.
    """
    app = Flask(__name__)
    app.json.sort_keys = False  # type: ignore[attr-defined]
    app.extensions["emulator"] = emulator
    app.before_request(_authenticate)
    app.register_error_handler(RestError, _refused)
    app.register_error_handler(HTTPException, _http_error)
    app.register_error_handler(Exception, _failed)
    app.register_blueprint(_api)
    app.register_blueprint(_door)
    app.register_blueprint(account_api.blueprint)
    return app


def _emulator() -> Emulator:
    return cast(Emulator, current_app.extensions["emulator"])


def _authenticate() -> Response | None:
    emulator, given = _emulator(), request.authorization
    if given is None or given.type != "basic":
        return _not_authenticated("No credentials provided")
    if not hmac.compare_digest(_bytes(given.username), emulator.account_sid.encode()):
        return _not_authenticated("invalid username")
    if not hmac.compare_digest(_bytes(given.password), emulator.auth_token.encode()):
        return _not_authenticated("invalid password")
    return None


def _bytes(text: str | None) -> bytes:
    return (text or "").encode()


def _not_authenticated(why: str) -> Response:
    body = _error(401, 20003, f"Authentication Error - {why}")
    answer = jsonify({**body, "detail": "Your AccountSid or AuthToken was incorrect."})
    answer.status_code = 401
    answer.headers["WWW-Authenticate"] = 'Basic realm="Twilio API"'
    return answer


def _error(status: int, code: int, message: str) -> dict[str, Any]:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return {"code": code, "message": message, "more_info": more, "status": status}


def _refused(error: RestError) -> tuple[Response, int]:
    return jsonify(_error(error.status, error.code, error.message)), error.status


def _http_error(error: HTTPException) -> Response | HTTPException:
    """What Flask refuses, in Twilio's shape; its headers (such as Allow) stay."""
    status = error.code or _SERVER_ERROR
    if status < 400:
        return error
    message = error.description or error.name
    if status == 404:
        message = f"The requested resource {request.path} was not found"
    code = _CODES.get(status, 20001 if status < _SERVER_ERROR else 20500)
    answer = jsonify(_error(status, code, message))
    answer.status_code = status
    for name, value in error.get_headers():
        if name not in ("Content-Type", "Content-Length"):
            answer.headers[name] = value
    return answer


def _failed(_: Exception) -> tuple[Response, int]:
    """The last resort: a mistake of the emulator, told without a page of HTML."""
    _log.exception("%s %s failed", request.method, request.path)
    return jsonify(_error(500, 20500, "An internal server error has occurred")), 500


def _own(account_sid: str) -> Emulator:
    emulator = _emulator()
    if account_sid != emulator.account_sid:
        raise RestError(404, 20404, f"The requested resource {request.path} was not found")
    return emulator


# Calls

_CALLS = f"/{API_VERSION}/Accounts/<account_sid>/Calls"


@_api.post(f"{_CALLS}.json")
def create_call(account_sid: str) -> tuple[Response, int]:
    """Place a call, or meet a fault that was ordered."""
    emulator = _own(account_sid)
    fault = emulator.faults.draw()
    if fault == "429":
        raise RestError(429, 20429, "Too many concurrent requests")
    if fault == "500":
        raise RestError(500, 20500, "An internal server error has occurred")
    call = emulator.place(_form())
    if fault == "place-then-500":
        raise RestError(500, 20500, "An internal server error has occurred")
    if fault == "place-then-drop":
        _drop_the_connection()
    if fault == "delay":
        emulator.faults.wait()
    return jsonify(call.resource()), 201


@_api.get(f"{_CALLS}.json")
def list_calls(account_sid: str) -> Response:
    """List calls, newest first."""
    emulator = _own(account_sid)
    filters = Filters.of(request.args)
    calls = sorted(emulator.calls.copy().values(), key=lambda call: call.created, reverse=True)
    return _page("calls", [call.resource() for call in calls if matching(call, filters)])


@_api.get(f"{_CALLS}/<sid>.json")
def fetch_call(account_sid: str, sid: str) -> Response:
    """Fetch a call."""
    return jsonify(_own(account_sid).call(sid).resource())


@_api.post(f"{_CALLS}/<sid>.json")
def update_call(account_sid: str, sid: str) -> Response:
    """Cancel or complete a call, or give it another document."""
    return jsonify(_own(account_sid).change(sid, _form()).resource())


# Notifications

_NOTIFICATIONS = f"/{API_VERSION}/Accounts/<account_sid>/Notifications"


@_api.get(f"{_NOTIFICATIONS}.json")
@_api.get(f"{_CALLS}/<call_sid>/Notifications.json")
def list_notifications(account_sid: str, call_sid: str | None = None) -> Response:
    """List notifications, newest first; ``Log`` 0 are errors, 1 warnings."""
    log = request.args.get("Log")
    found = [
        notification.resource()
        for notification in reversed(_own(account_sid).notifications)
        if log in (None, notification.log) and call_sid in (None, notification.call_sid)
    ]
    return _page("notifications", found)


@_api.get(f"{_NOTIFICATIONS}/<sid>.json")
def fetch_notification(account_sid: str, sid: str) -> Response:
    """Fetch a notification, with what only the single one has."""
    for notification in _own(account_sid).notifications:
        if notification.sid == sid:
            more = {"request_variables": "", "response_body": "", "response_headers": ""}
            return jsonify({**notification.resource(), **more})
    raise RestError(404, 20404, f"The requested resource {request.path} was not found")


# Recordings

_RECORDINGS = f"/{API_VERSION}/Accounts/<account_sid>/Recordings"
_WIDEST = 2


@_api.get(f"{_RECORDINGS}.json")
@_api.get(f"{_CALLS}/<call_sid>/Recordings.json")
def list_recordings(account_sid: str, call_sid: str | None = None) -> Response:
    """List recordings, newest first; with CallSid those of a call."""
    emulator = _own(account_sid)
    wanted = call_sid or request.args.get("CallSid") or None
    found = [
        one.resource()
        for one in reversed(emulator.recordings.copy().values())
        if wanted in (None, one.call.sid)
    ]
    return _page("recordings", found)


@_api.get(f"{_RECORDINGS}/<sid>.json")
@_api.get(f"{_CALLS}/<_>/Recordings/<sid>.json")
def fetch_recording(account_sid: str, sid: str, _: str = "") -> Response:
    """Fetch what is known of a recording."""
    return jsonify(_recording(account_sid, sid).resource())


@_api.get(f"{_RECORDINGS}/<sid>.wav")
@_api.get(f"{_RECORDINGS}/<sid>")
def fetch_sound(account_sid: str, sid: str) -> Response:
    """Fetch a recording's sound as WAV; RequestedChannels=1 mixes two channels into one."""
    recording = _recording(account_sid, sid)
    if not recording.completed:
        raise RestError(404, 20404, f"The recording {sid} is not completed: its call goes on")
    channels = request.args.get("RequestedChannels", type=int)
    if channels is not None and not 1 <= channels <= _WIDEST:
        raise RestError(400, 20001, "RequestedChannels must be 1 or 2")
    return Response(recording.wav(channels), mimetype="audio/x-wav")


@_api.delete(f"{_RECORDINGS}/<sid>.json")
def delete_recording(account_sid: str, sid: str) -> tuple[str, int]:
    """Delete a recording."""
    del _own(account_sid).recordings[_recording(account_sid, sid).sid]
    return "", 204


def _recording(account_sid: str, sid: str) -> Recording:
    found = _own(account_sid).recordings.get(sid)
    if found is None:
        raise RestError(404, 20404, f"The requested resource {request.path} was not found")
    return found


# The account's own numbers

_ACCOUNT = f"/{API_VERSION}/Accounts/<account_sid>"


@_api.get(f"{_ACCOUNT}/IncomingPhoneNumbers.json")
def list_numbers(account_sid: str) -> Response:
    """List the numbers that calls may come from; with PhoneNumber only that one."""
    wanted = request.args.get("PhoneNumber")
    numbers = _numbers(_own(account_sid))
    found = [number for number in numbers if wanted in (None, number["phone_number"])]
    return _page("incoming_phone_numbers", found)


@_api.get(f"{_ACCOUNT}/IncomingPhoneNumbers/<sid>.json")
def fetch_number(account_sid: str, sid: str) -> Response:
    """Fetch a number of the account."""
    for number in _numbers(_own(account_sid)):
        if number["sid"] == sid:
            return jsonify(number)
    raise RestError(404, 20404, f"The requested resource {request.path} was not found")


@_api.get(f"{_ACCOUNT}/OutgoingCallerIds.json")
def list_caller_ids(account_sid: str) -> Response:
    """List verified numbers of others: there are none."""
    _own(account_sid)
    return _page("outgoing_caller_ids", [])


def _numbers(emulator: Emulator) -> list[dict[str, Any]]:
    return [
        number_resource(number, emulator.account_sid, emulator.since)
        for number in sorted(emulator.owned_numbers)
    ]


# Lookups


@_api.get("/v1/PhoneNumbers/<number>")
def fetch_lookup_v1(number: str) -> Response:
    """Look a number up; with Type=carrier also its carrier and line type."""
    emulator = _emulator()
    phone = emulator.phones.find(number)
    found = lookup_v1(phone, carrier="carrier" in request.args.getlist("Type"))
    return jsonify({**found, "url": request.url})


@_api.get("/v2/PhoneNumbers/<number>")
def fetch_lookup_v2(number: str) -> Response:
    """Look a number up; with Fields=line_type_intelligence also its carrier and line type."""
    emulator = _emulator()
    fields = request.args.get("Fields", "").split(",")
    found = lookup_v2(emulator.phones.find(number), fields)
    return jsonify({**found, "url": request.base_url})


# The control door: not Twilio's, ours


@_door.put("/codes/<number>")
def set_code(number: str) -> tuple[str, int]:
    """Tell the one who answers a number the code that he will type."""
    body = request.get_json(silent=True)
    code = body.get("code") if isinstance(body, dict) else None
    if not isinstance(code, str) or not code.isdecimal():
        raise RestError(400, 20001, 'The body must be JSON such as {"code": "123456"}')
    _emulator().codes[number] = code
    return "", 204


@_door.get("/calls")
def call_log() -> Response:
    """All calls that were ever placed, in order of placing."""
    placed = [call for call in list(_emulator().calls.values()) if call.parent_call_sid is None]
    return jsonify({"calls": [_logged(call) for call in placed]})


@_door.get("/calls/<sid>/events")
def call_events(sid: str) -> Response:
    """The trace of a call."""
    events = list(_emulator().call(sid).events)
    return jsonify({"events": [{**event._asdict(), "line": str(event)} for event in events]})


def _logged(call: Call) -> dict[str, Any]:
    return {
        "sid": call.sid,
        "to": call.to,
        "from": call.from_,
        "url": call.url,
        "status": call.status,
        "created": call.created,
        "starts": call.starts,
        "answered": call.started,
        "ended": call.ended,
    }


# Shared


def _form() -> dict[str, list[str]]:
    return request.form.to_dict(flat=False)


def _page(name: str, records: Sequence[dict[str, Any]]) -> Response:
    """A page in the shape of API 2010-04-01: relative URIs, no further top-level key."""
    size = min(max(request.args.get("PageSize", 50, int), 1), _LARGEST_PAGE)
    number = min(max(request.args.get("Page", 0, int), 0), _LAST_PAGE)
    start = number * size
    part = records[start : start + size]
    more = start + size < len(records)
    return jsonify(
        {
            "end": start + len(part) - 1 if part else start,
            "first_page_uri": _page_uri(0, size),
            "next_page_uri": _page_uri(number + 1, size) if more else None,
            "page": number,
            "page_size": size,
            "previous_page_uri": _page_uri(number - 1, size) if number else None,
            "start": start,
            "uri": _page_uri(number, size),
            name: part,
        }
    )


def _page_uri(number: int, size: int) -> str:
    kept = [
        (name, value)
        for name, value in request.args.items(multi=True)
        if name not in ("Page", "PageSize", "PageToken")
    ]
    return f"{request.path}?{urlencode([*kept, ('PageSize', size), ('Page', number)])}"


class _ConnectionOwner(Protocol):
    """What werkzeug and gunicorn put into the environment to reach the socket."""

    shutdown: Callable[[int], None]


def _drop_the_connection() -> None:
    """Close the socket under the client, so that it cannot know what came of its request."""
    connection = request.environ.get("werkzeug.socket") or request.environ.get("gunicorn.socket")
    if connection is not None:
        cast(_ConnectionOwner, connection).shutdown(socket.SHUT_RDWR)
    raise RestError(500, 20500, "The connection was dropped on order")
