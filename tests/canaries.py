"""A pytest plugin: no code, token, key, sealed link or full number stands in a log.

Secrets are noted where they are made (``Keyring``), given (settings of processes) and answered
(HTTP). Logs are noted where they are written: structured lines, the standard error stream of this
process and of those it starts, and ``*.log`` files. After each test the one is looked for in the
other, and a test whose servers told a secret fails.
"""

from __future__ import annotations

import re
import subprocess
from collections.abc import Callable, Generator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
import requests

from verification import log
from verification.codes import Keyring

SHORTEST = 16  # of a secret that is no code: shorter words stand in logs by chance
LONGEST_ANSWER = 1_000_000
CODE = re.compile(r"[0-9]{6}", re.ASCII)
NUMBER = re.compile(r"(?<![\w.])(?:\+|%2B)1?[0-9]{10}(?![0-9])", re.ASCII | re.IGNORECASE)
WORD = re.compile(r"[A-Za-z0-9_.\-]{6,}", re.ASCII)
ANSWERED = re.compile(
    r'"(?:verification_code|verificationCode|validation_code|auth_token|secret)":\s*"([^"]+)"'
)
SECRET_SETTING = re.compile(r"TOKEN|SECRET|PASSWORD|PGPASS")
OTHERS = re.compile(r" (?:werkzeug|mail\.log|asyncio):")  # receivers that tests set up
URL_SETTING = ("DATABASE_URL", "LINEPROOF_SMTP_URL")


@dataclass
class Watch:
    """What must not be told, and what was logged, since the test module began."""

    words: set[str] = field(default_factory=set)
    odd: set[str] = field(default_factory=set)  # with characters that no word has
    lines: list[str] = field(default_factory=list)
    files: dict[Path, int] = field(default_factory=dict)
    module: str = ""

    def guard(self, *secrets: str | None) -> None:
        """Note secrets; what is too short to be told from other words is left out."""
        for secret in secrets:
            if not secret or (len(secret) < SHORTEST and not CODE.fullmatch(secret)):
                continue
            (self.words if WORD.fullmatch(secret) else self.odd).add(secret)

    def heard(self, text: str | bytes | None) -> None:
        """Note what was logged."""
        if isinstance(text, bytes):
            text = text.decode(errors="replace")
        if text:
            self.lines.append(text)

    def read_files(self) -> None:
        """Note what log files have gained."""
        for path, read in self.files.items():
            if path.is_file():
                with path.open("rb") as file:
                    file.seek(read)
                    self.heard(file.read())
                    self.files[path] = file.tell()

    def told(self) -> list[str]:
        """The lines since the last time in which a secret stands, without it."""
        text, self.lines = "\n".join(self.lines), []
        return [f"{what}: {line}" for line in text.splitlines() for what, line in self._in(line)]

    def _in(self, line: str) -> Generator[tuple[str, str]]:
        for found in NUMBER.finditer(line):
            yield "a full number", _hidden(line, found[0])
        for found in WORD.finditer(line):
            word = found[0].strip(".-")
            if word in self.words:
                yield ("a code" if CODE.fullmatch(word) else "a secret"), _hidden(line, word)
        for secret in self.odd:
            if secret in line:
                yield "a secret", _hidden(line, secret)


watch = Watch()


def _hidden(line: str, secret: str) -> str:
    return line.replace(secret, "*****")[:300]


def _wrapped(kind: Any, name: str, around: Callable[..., Any]) -> None:
    """Let ``around`` be called in place of a method, with the method as its first argument."""
    method = getattr(kind, name)
    setattr(kind, name, lambda *given, **named: around(method, *given, **named))


def _made(method: Callable[..., None], ring: Keyring, roots: Any) -> None:
    method(ring, roots)
    watch.guard(*(root.decode(errors="replace") for root in roots))


def _sealed(method: Callable[..., bytes], ring: Keyring, value: str, context: str) -> bytes:
    watch.guard(value)
    return method(ring, value, context)


def _linked(method: Callable[..., str], *given: Any) -> str:
    token = method(*given)
    watch.guard(token)
    return token


def _started(method: Callable[..., None], process: Any, *given: Any, **named: Any) -> None:
    for name, value in (named.get("env") or {}).items():
        if SECRET_SETTING.search(name) and name != "LINEPROOF_SECRETS_DIR":
            watch.guard(*str(value).split(","))
        elif name in URL_SETTING:
            watch.guard(unquote(urlsplit(str(value)).password or ""))
    for stream in (named.get("stdout"), named.get("stderr")):
        name = getattr(stream, "name", None)
        if isinstance(name, str):
            watch.files.setdefault(Path(name), 0)
    method(process, *given, **named)


def _ended(method: Callable[..., Any], *given: Any, **named: Any) -> Any:
    out, err = method(*given, **named)
    text = err.decode(errors="replace") if isinstance(err, bytes) else err or ""
    # What a command says to whoever typed it is no log.
    watch.heard("\n".join(line for line in text.splitlines() if line[:1] in "{["))
    return out, err


def _sent(method: Callable[..., Any], *given: Any, **named: Any) -> Any:
    answer = method(*given, **named)
    if not named.get("stream") and len(answer.content) < LONGEST_ANSWER:
        watch.guard(*ANSWERED.findall(answer.text))
    return answer


def _logged(method: Callable[..., None], stderr: Any, message: str) -> None:
    watch.heard(message)
    method(stderr, message)


def pytest_configure() -> None:
    """Begin to listen. The log is written as a server writes it, also where a test sets none up."""
    _wrapped(Keyring, "__init__", _made)
    _wrapped(Keyring, "seal", _sealed)
    _wrapped(Keyring, "link", _linked)
    _wrapped(subprocess.Popen, "__init__", _started)
    _wrapped(subprocess.Popen, "communicate", _ended)
    _wrapped(requests.Session, "send", _sent)
    for level in ("debug", "info", "warning", "error", "critical", "exception"):
        _wrapped(log._Stderr, level, _logged)
    log.to_stderr()


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Forget the codes of other modules: in six digits there is chance."""
    if item.location[0] != watch.module:
        watch.module = item.location[0]
        watch.words = {word for word in watch.words if not CODE.fullmatch(word)}
        watch.files.clear()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item,
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Fail a test at its end if a secret was told."""
    report = yield
    if report.when != "teardown":
        return report
    folder = getattr(item, "funcargs", {}).get("tmp_path")
    for path in folder.rglob("*.log") if isinstance(folder, Path) else ():
        watch.files.setdefault(path, 0)
    watch.read_files()
    watch.heard(report.capstderr)
    watch.heard("\n".join(line for line in report.caplog.splitlines() if not OTHERS.search(line)))
    told = watch.told()
    if told and report.passed:
        report.outcome = "failed"
        report.longrepr = "\n".join(["a log tells what it must not:", *dict.fromkeys(told)])
    return report
