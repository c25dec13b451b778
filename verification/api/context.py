"""What every family of the API works with."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

from verification.codes import Keyring
from verification.dialling import NO_LIMITS, Limits
from verification.ordering import Directory, Policy
from verification.outgoing import Network


class Store(Protocol):
    """Where everything is. Each family says itself which records of a transaction it uses."""

    def read(self) -> AbstractContextManager[Any]: ...
    def write(self) -> AbstractContextManager[Any]: ...


@dataclass(frozen=True, slots=True)
class Context:
    """The server's parts. ``base_url``: where clients reach it; ``now`` in Unix seconds.

    ``callback_networks``: what the customers' URLs may name though it is not public.
    ``limits``: of calls.
    """

    store: Store
    keyring: Keyring
    directory: Directory
    policy: Policy
    base_url: str
    callback_networks: Sequence[Network] = ()
    now: Callable[[], float] = time.time
    limits: Limits = NO_LIMITS
