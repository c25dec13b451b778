"""The ownership calls of an account as it may read them: Twilio's Calls and Notifications."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Call:
    """One ownership call that the carrier has taken. Times in Unix seconds.

    ``sid``: what its order or validation request says. ``caller``: the number that it comes from,
    None if the carrier has not said it. ``status`` is Twilio's word for where it stands.
    """

    sid: str
    account_sid: str
    number: str
    caller: str | None
    created_at: float
    answered_at: float | None
    finished_at: float | None
    status: str
    machine: bool

    @property
    def updated_at(self) -> float:
        """When anything of it was last heard."""
        return self.finished_at or self.answered_at or self.created_at

    @property
    def seconds(self) -> int | None:
        """How long it was talked for, from the answer to the end; None while it lasts."""
        if self.finished_at is None:
            return None
        return round(self.finished_at - self.answered_at) if self.answered_at else 0


@dataclass(frozen=True, slots=True)
class Notification:
    """A call that the carrier refused to place, with its error number. Times in Unix seconds.

    ``call_sid``: what a validation request was told; an order is told none for such a call.
    """

    sid: str
    account_sid: str
    call_sid: str | None
    error_code: int
    created_at: float
