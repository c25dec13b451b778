"""Who picks up when a number rings: the leg that a phone's table makes of it."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from twiml.emulator.caller import inbound
from twiml.emulator.calls import Call
from twiml.emulator.leg import Leg
from twiml.emulator.people import Around, greeting_ms, who
from twiml.emulator.phones import Phone, Phones
from twiml.emulator.session import Session
from twiml.emulator.voicexml import running


def answerer(
    phones: Phones,
    phone: Phone,
    call: Call,
    session_of: Callable[[Call], Session],
    around: Around,
    greeting: str = "",
) -> Leg:
    """Return the leg of the one who answers a phone of ``phones``; it has not begun.

    ``call`` is the leg's own; a TwiML application runs its documents in the session of it.
    ``greeting`` chooses among those of a VoiceXML document.
    """
    document = phones.document(phone, greeting)
    if document is not None:
        run = running.run(document, phone.answer_after, call.from_, around.timing)
        return Leg("ivr", "ivr", run, call)
    if phone.kind == "ivr":
        run = inbound(session_of(call), phone.url, phone.answer_after, around.now)
        return Leg("ivr", "ivr", run, call)
    leg = Leg(phone.kind, phone.kind, who(phone, around), call)
    leg.greeting = greeting_ms(phone, around.timing)
    if phone.kind == "person":
        leg.inbox = deque()
    return leg
