"""Disks that a test can fill, or let fail, under a server that runs on them; root is not needed.

Where the system allows it, the server has a small file system of its own in a mount namespace, and
"full" is the real thing. Where not, and for a disk that fails, it may not write to files any more
(RLIMIT_FSIZE, set from outside): SQLite then gets EFBIG, which is to it what EIO is.
"""

from __future__ import annotations

import resource
import shutil
import subprocess
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

_BLOCK = 4096
_SIZE = "16m"


@dataclass(slots=True)
class Disk:
    """The place of a database. ``small``: it is a file system of its own, which the server alone
    sees. ``pid``: of the server.
    """

    folder: Path
    small: bool
    pid: int = 0

    def command(self, *command: str) -> list[str]:
        """A command as it is started, to have this disk under it."""
        if not self.small:
            return [*command]
        mount = f"mount -t tmpfs -o size={_SIZE} lineproof '{self.folder}' && exec \"$@\""
        return [*_NAMESPACE, "sh", "-c", mount, "sh", *command]

    def copy(self, to: Path) -> None:
        """Copy what lies on it."""
        shutil.copytree(self._seen, to)

    def fill(self) -> None:
        """Nothing has room on it any more."""
        if not self.small:
            self.fail()
            return
        with self._filler.open("wb", buffering=0) as file, suppress(OSError):
            while True:
                file.write(b"x" * _BLOCK)

    def fail(self) -> None:
        """Every write of the server to a file fails."""
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, (0, resource.RLIM_INFINITY))

    def mend(self) -> None:
        """All is as it was before."""
        self._filler.unlink(missing_ok=True)
        limit = (resource.RLIM_INFINITY, resource.RLIM_INFINITY)
        resource.prlimit(self.pid, resource.RLIMIT_FSIZE, limit)

    @property
    def _seen(self) -> Path:
        return Path(f"/proc/{self.pid}/root{self.folder}") if self.small else self.folder

    @property
    def _filler(self) -> Path:
        return self._seen / "filler"


# A user who is not root may mount in a namespace where he is.
_NAMESPACE = ["unshare", "--user", "--map-root-user", "--mount"]


def disk(folder: Path) -> Disk:
    """A disk that can be filled: a real one where the system lets us mount it."""
    tried = [*_NAMESPACE, "mount", "-t", "tmpfs", "lineproof", str(folder)]
    return Disk(folder, subprocess.run(tried, check=False, capture_output=True).returncode == 0)
