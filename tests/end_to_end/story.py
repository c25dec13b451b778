"""What people do in a whole journey: read their mail, open the signer's page, sign."""

from __future__ import annotations

import time
from collections.abc import Callable
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default
from pathlib import Path
from typing import Any

from tests.end_to_end.conftest import PATIENCE_SECONDS
from tests.end_to_end.test_letters import Browser, link_in


def eventually(
    ask: Callable[[], Any],
    what: str,
    patience: float = PATIENCE_SECONDS,
    between: float = 0.01,
) -> Any:
    """What ``ask`` gives as soon as it gives anything. ``between``: seconds from look to look."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        found = ask()
        if found:
            return found
        time.sleep(between)
    raise AssertionError(f"there never was {what}")


def mails(folder: Path, recipient: str) -> list[EmailMessage]:
    """The mails to somebody that lie in a folder."""
    found = []
    for file in sorted(folder.glob("*.eml"), key=lambda path: path.stat().st_mtime_ns):
        mail = message_from_bytes(file.read_bytes(), policy=default)
        assert isinstance(mail, EmailMessage)
        if mail["To"] == recipient:
            found.append(mail)
    return found


def signer_of(folder: Path, recipient: str) -> Browser:
    """The browser of who has just opened the link in his newest letter."""
    letters = eventually(lambda: mails(folder, recipient), f"a mail to {recipient}")
    return Browser(link_in(letters[-1]))


def sign(browser: Browser, name: str) -> None:
    """Type the name, agree, and sign."""
    answer = browser.send(name=name, consent="yes", answer="sign")
    assert answer.status_code == 200, answer.text
