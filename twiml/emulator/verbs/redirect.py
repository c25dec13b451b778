"""<Redirect>: another document takes over."""

from __future__ import annotations

from twiml.emulator.document import Verb
from twiml.emulator.verbs.running import HANG_UP, Running, Runs


def redirect(verb: Verb, session: Running) -> Runs:
    """Go on with the document at the URL in the text; no text is the current document."""
    yield from ()
    method = verb.attributes.get("method", "POST").upper()
    if method not in ("GET", "POST"):
        session.warn(13710, f'Line {verb.line}: method "{method}" is not GET or POST')
        method = "POST"
    return session.request(verb.text, method, {}) or HANG_UP
