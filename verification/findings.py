"""What an examination of a server finds: one sentence on what is, one on what to do about it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    """How bad it is: a warning lets the server work, trouble keeps it from its work."""

    OK = "ok"
    WARNING = "warning"
    TROUBLE = "trouble"


@dataclass(frozen=True, slots=True)
class Finding:
    """The result of one check. Neither sentence holds a secret or a full number.

    ``remedy``: what to do; empty where there is nothing to be done.
    """

    check: str
    state: State
    found: str
    remedy: str = ""


def ok(check: str, found: str) -> Finding:
    """All is well."""
    return Finding(check, State.OK, found)


def warning(check: str, found: str, remedy: str) -> Finding:
    """It works, and somebody should look at it."""
    return Finding(check, State.WARNING, found, remedy)


def trouble(check: str, found: str, remedy: str) -> Finding:
    """It does not work."""
    return Finding(check, State.TROUBLE, found, remedy)
