"""The log: one JSON object a line. It names SIDs and ids, never a number, a code or a secret."""

from __future__ import annotations

import logging
import sys

import structlog


class _Stderr:
    """Writes to what is the standard error stream at that moment."""

    def msg(self, message: str) -> None:
        """Write one line at once."""
        sys.stderr.write(f"{message}\n")
        sys.stderr.flush()

    debug = info = warning = error = critical = exception = msg


def to_stderr(level: int = logging.INFO) -> None:
    """Write the log to the standard error stream."""
    structlog.configure(
        processors=[
            structlog.contextvars.merge_contextvars,
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.format_exc_info,
            structlog.processors.JSONRenderer(),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(level),
        logger_factory=lambda *_: _Stderr(),
    )
