"""What is due of retention: each hour, everything whose time is over is erased, wherever it is.

What lives for minutes is erased each minute: a public server counts the requests of each address.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import structlog

from verification import retention
from verification.codes import Keyring
from verification.retention import DAY, Kind

IDLE_SECONDS = 3600.0
EXPIRED_SECONDS = 60.0
# The whole file is written anew so often; what was erased may leave bytes in it until then.
REWRITE_SECONDS = 7 * DAY
# A database that nobody has purged for so long was asleep, or is a backup that was put back.
ASLEEP_SECONDS = DAY

log = structlog.get_logger()


class Retention(retention.Retention, Protocol):
    """What is erased in one transaction, as the duty needs it."""

    def anything_expired(self, now: float) -> bool:
        """Whether there is anything that has no kind of its own and is over."""
        ...

    def remove_what_expired(self, now: float, limit: int) -> bool:
        """Erase what has no kind of its own; True if there may be more."""
        ...


class Transaction(retention.Transaction, Protocol):
    """What this duty needs of a transaction."""

    @property
    def retention(self) -> Retention: ...


class Store(Protocol):
    """Where the rows are."""

    def read(self) -> AbstractContextManager[Transaction]: ...
    def write(self) -> AbstractContextManager[Transaction]: ...
    def sweep(self, whole: bool) -> bool:
        """Let what was erased leave the files too; ``whole``: though writers wait meanwhile."""
        ...


class MailFiles(Protocol):
    """The mails that were written as files."""

    def remove_before(self, time: float) -> int:
        """Delete those of before a time; gives how many they were."""
        ...

    def remove(self, mail_ids: Sequence[str]) -> int:
        """Delete these mails' files; gives how many there were."""
        ...


class Backup(Protocol):
    """One backup; ``until``: when it must be deleted, in Unix seconds."""

    @property
    def path(self) -> Path: ...
    @property
    def until(self) -> float: ...


class Backups(Protocol):
    """The folder of backups, if there is one."""

    def new_file(self, now: float) -> Path | None:
        """Where the next backup belongs; None: there is no folder."""
        ...

    def all(self) -> Sequence[Backup]:
        """The backups in it, the one to be deleted first before the others."""
        ...

    def remove_old(self, now: float) -> int:
        """Delete the backups whose time is over; gives how many they were."""
        ...


@dataclass(frozen=True, slots=True)
class ExpiredDue:
    """Erases counts of rates, links and receivers that are over. ``now`` gives Unix seconds."""

    store: Store
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait before looking again."""
        return EXPIRED_SECONDS

    def do(self) -> bool:
        """Erase a slice; True if there may be more."""
        with self.store.read() as tx:  # a look takes no lock
            if not tx.retention.anything_expired(self.now()):
                return False
        with self.store.write() as tx:
            return tx.retention.remove_what_expired(self.now(), retention.SLICE)


@dataclass(frozen=True, slots=True)
class RetentionDue:
    """Erases what is due. ``now`` gives Unix seconds; ``keep``: seconds after the end of a thing.

    A round that was killed is done again: what has been erased is not found.
    """

    store: Store
    keyring: Keyring
    mail_files: MailFiles
    backups: Backups
    keep: float
    now: Callable[[], float]

    @property
    def idle_seconds(self) -> float:
        """How long to wait before looking again."""
        return IDLE_SECONDS

    def do(self) -> bool:
        """Erase all that is due now; False: then there is nothing left to do."""
        self._purge(self._rewriting_is_due())
        return False

    def at_once(self) -> dict[Kind, int]:
        """Erase all that is due, and write the database anew; gives how much it was."""
        return self._purge(True)

    def before_serving(self) -> None:
        """Erase what is due before a database that was asleep is served from, or worked on."""
        with self.store.read() as tx:
            progress = tx.retention.progress()
        if progress.backup_until is not None or self.now() - progress.purged_at > ASLEEP_SECONDS:
            self._purge(progress.purged_at > 0)

    def _purge(self, whole: bool) -> dict[Kind, int]:
        began = self.now()
        erased = {kind: self._erase(kind) for kind in Kind}
        expired = ExpiredDue(self.store, self.now)
        while expired.do():
            pass
        mails = self.mail_files.remove_before(began - self.keep)
        backups = self.backups.remove_old(began)
        swept = self.store.sweep(whole)
        with self.store.write() as tx:
            progress = tx.retention.progress()._replace(purged_at=began, backup_until=None)
            if whole and swept:
                progress = progress._replace(rewritten_at=began)
            tx.retention.note_progress(progress)
        if not swept:
            log.warning("retention.not_swept")
        counts = {str(kind): count for kind, count in erased.items() if count}
        if counts or mails or backups:
            log.info("retention.erased", **counts, mail_files=mails, backups=backups)
        return erased

    def _erase(self, kind: Kind) -> int:
        """Erase a kind, in slices, so that others get their turns in between."""
        erased = 0
        while True:
            with self.store.read() as tx:  # a look takes no lock
                before = self.now() - retention.seconds(kind, self.keep)
                if not tx.retention.due(kind, before, 1):
                    return erased
            with self.store.write() as tx:
                erased += retention.purge(tx, self.keyring, kind, self.keep, self.now())

    def _rewriting_is_due(self) -> bool:
        with self.store.read() as tx:
            progress = tx.retention.progress()
        # Written in the future: by a clock that was set back since.
        return not 0 <= self.now() - progress.rewritten_at < REWRITE_SECONDS
