"""The load: Twilio's requests of ownership calls, over kept connections, from one thread.

What can be made before is made before, and an answer is looked at as bytes: the load must cost
little of what it measures. ``Drive.cost`` says how much it was.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import selectors
import socket
import time
from collections import deque
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import cast
from urllib.parse import quote_plus

from tests.bench.parts.world import CODE, SID, TOKEN, Dialled

_CHALLENGE = re.compile(rb"press (\d)\.")
_KEY = hmac.new(TOKEN.encode(), digestmod=hashlib.sha1)
_REPORTS = ("initiated", "ringing", "in-progress", "completed")


class WrongAnswer(Exception):
    """The server did not answer as it should, so that its speed means nothing."""


@dataclass(frozen=True, slots=True)
class Addresses:
    """Where a server takes the requests of a call: each gives an URL."""

    voice: Callable[[str], str]
    keys: Callable[[str, int], str]
    status: Callable[[str], str] | None = None


@dataclass(slots=True)
class Script:
    """The requests of one call, in their order; each is made from the answer to the one before."""

    call: Dialled
    requests: list[Callable[[bytes], bytes]]
    place: int = 0
    sent_at: float = 0.0

    def next(self, answer: bytes) -> bytes | None:
        """The next request, None behind the last."""
        if self.place == len(self.requests):
            return None
        self.place += 1
        return self.requests[self.place - 1](answer)


def script(addresses: Addresses, call: Dialled) -> Script:
    """A call that is answered, agreed to, and proven with the right code.

    With the four reports of the carrier where the server takes them.
    """
    fields = {
        "AccountSid": SID,
        "ApiVersion": "2010-04-01",
        "CallSid": call.call_sid,
        "CallStatus": "in-progress",
        "Called": call.number,
        "CalledCountry": "US",
        "Caller": "+15005550006",
        "Direction": "outbound-api",
        "From": "+15005550006",
        "FromCountry": "US",
        "To": call.number,
        "ToCountry": "US",
    }

    def keys(step: int, digits: str) -> bytes:
        return _request(addresses.keys(call.attempt_id, step), fields | {"Digits": digits})

    def consent(answer: bytes) -> bytes:
        found = _CHALLENGE.search(answer)
        if not found:
            raise WrongAnswer(answer.decode(errors="replace"))
        return keys(1, found[1].decode())

    begun = _request(addresses.voice(call.attempt_id), fields)
    proven = keys(2, CODE)
    spoken = [lambda _: begun, consent, lambda _: proven]
    if addresses.status is None:
        return Script(call, spoken)
    url = addresses.status(call.attempt_id)
    told = [_request(url, fields | {"CallStatus": status}) for status in _REPORTS]
    before, after = [_always(one) for one in told[:3]], [_always(told[3])]
    return Script(call, [*before, *spoken, *after])


def _always(request: bytes) -> Callable[[bytes], bytes]:
    return lambda _: request


@dataclass(slots=True)
class Drive:
    """What a load came to. Seconds: of each answer, of the whole (``took``), of CPU (``cost``)."""

    seconds: list[float] = field(default_factory=list)
    took: float = 0.0
    cost: float = 0.0

    @property
    def rate(self) -> float:
        """Webhooks a second."""
        return len(self.seconds) / self.took


def drive(
    port: int,
    scripts: Iterable[Script],
    *,
    connections: int = 16,
    seconds: float = 60.0,
    calls_per_second: float | None = None,
) -> Drive:
    """Play the calls, so many at a time, until they or the time are at their end.

    With ``calls_per_second`` a call begins when its time has come, however the server does, and
    its first answer's time is counted from there. Raises WrongAnswer.
    """
    left, run, begun = deque(scripts), Drive(), time.perf_counter()
    used, started = time.process_time(), 0
    idle: list[socket.socket] = []
    busy: dict[socket.socket, Script] = {}
    with selectors.DefaultSelector() as doors:
        try:
            while busy or (left and time.perf_counter() - begun < seconds):
                now = time.perf_counter()
                while len(busy) < connections and left and now - begun < seconds:
                    due = begun + started / calls_per_second if calls_per_second else now
                    if due > now:
                        break
                    if not idle:  # a thread of the server waits for a new one's first request
                        idle.append(_connected(port))
                        doors.register(idle[-1], selectors.EVENT_READ)
                    door, one = idle.pop(), left.popleft()
                    started, one.sent_at, busy[door] = started + 1, due, one
                    door.sendall(one.next(b"") or b"")
                for key, _ in doors.select(0.001 if calls_per_second else 30):
                    door = cast(socket.socket, key.fileobj)
                    if door in idle:  # the server has waited long enough for it
                        doors.unregister(door)
                        idle.remove(door)
                        door.close()
                    elif not _go_on(door, busy[door], run):
                        del busy[door]
                        idle.append(door)
        finally:
            run.took = time.perf_counter() - begun
            run.cost = time.process_time() - used
            for door in (*idle, *busy):
                door.close()
    return run


def _connected(port: int) -> socket.socket:
    door = socket.create_connection(("127.0.0.1", port), timeout=30)
    door.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return door


def _go_on(door: socket.socket, one: Script, run: Drive) -> bool:
    """Take an answer and ask what comes next; False behind the last."""
    answer = door.recv(65536)
    head, _, body = answer.partition(b"\r\n\r\n")
    if not head.startswith((b"HTTP/1.1 200", b"HTTP/1.1 204")):
        raise WrongAnswer(answer.decode(errors="replace"))
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += door.recv(65536)
    now = time.perf_counter()
    run.seconds.append(now - one.sent_at)
    request = one.next(body)
    if request is None:
        return False
    one.sent_at = now
    door.sendall(request)
    return True


def _request(url: str, fields: dict[str, str]) -> bytes:
    """A signed request as it goes over the wire."""
    mac = _KEY.copy()
    mac.update((url + "".join(name + fields[name] for name in sorted(fields))).encode())
    signature = base64.b64encode(mac.digest()).decode()
    body = "&".join(f"{name}={quote_plus(value)}" for name, value in fields.items())
    _, _, host_and_path = url.partition("://")
    host, _, path = host_and_path.partition("/")
    return (
        f"POST /{path} HTTP/1.1\r\nHost: {host}\r\nUser-Agent: TwilioProxy/1.1\r\n"
        "Content-Type: application/x-www-form-urlencoded; charset=UTF-8\r\n"
        f"X-Twilio-Signature: {signature}\r\nI-Twilio-Idempotency-Token: {fields['CallSid']}\r\n"
        f"Accept: */*\r\nContent-Length: {len(body)}\r\n\r\n{body}"
    ).encode()
