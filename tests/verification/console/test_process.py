"""The timeline of one call on the page of its order."""

from __future__ import annotations

from tests.conftest import CALL
from tests.verification.test_conversation import Talk
from verification import attempts
from verification.console import process


def report(office, attempt, status):
    with office.store.write() as tx:
        now = office.clock.tick(2)
        attempts.hear_report(tx, attempt.id, CALL, status, False, now)


def told(office, attempt, begun):
    with office.store.read() as tx:
        found = tx.attempts.get(attempt.id)
        moments = process.timeline(found, tx.console.replies(attempt.id))
    return [(one.what, one.at - begun if one.at else None) for one in moments]


class Ringing(Talk):
    """A call that rings and is answered before it talks."""

    def begin(self, *call):
        for status in ("ringing", "in-progress"):
            report(self.office, self.attempt, status)
        return super().begin(*call)


def test_a_call_is_told_from_the_request_to_the_verdict_with_its_times(sqlite_office):
    office, begun = sqlite_office, sqlite_office.clock.now()
    talk = Ringing(office, extension="ww2")
    code = office.code(talk.attempt)
    wrong = "000000" if code != "000000" else "111111"
    for keys in (talk.reply.keys, wrong, code):
        office.clock.tick(3)
        talk.press(keys)
    assert told(office, talk.attempt, begun) == [
        ("The call was asked for", 0.0),
        ("The carrier was asked", 0.0),
        ("The phone rang", 2.0),
        ("The call was answered", 4.0),
        ("The keys of the extension were sent", None),
        ("The call asked for the consent key", 4.0),
        ("The consent key was heard", 7.0),
        ("The call asked for the code", 7.0),
        ("A wrong code was heard", 10.0),
        ("The call asked for the code", 10.0),
        ("The right code was heard", 13.0),
        ("Verified", 13.0),
    ]


def test_a_ring_that_is_reported_after_the_answer_has_no_time(sqlite_office):
    begun, attempt = sqlite_office.clock.now(), sqlite_office.dialled()
    for status in ("in-progress", "ringing"):
        report(sqlite_office, attempt, status)
    assert ("The phone rang", None) in told(sqlite_office, attempt, begun)
