"""What every family of the API works with."""

from __future__ import annotations

import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from verification.codes import Keyring
from verification.ordering import Directory, Policy


class Store(Protocol):
    """Where everything is. Each family says itself which records of a transaction it uses."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True, slots=True)
class Context:
    """The server's parts. ``base_url``: where clients reach it; ``now`` in Unix seconds."""

    store: Store
    keyring: Keyring
    directory: Directory
    policy: Policy
    base_url: str
    now: Callable[[], float] = time.time
