"""Requests to an application in this process, without a socket: what they cost, in time of CPU.

The wait for the disk is not in it. It is the same for a small database and a large one, and would
hide what the size costs; another program's work changes it least of all.
"""

from __future__ import annotations

import io
import sys
import time
from typing import Any

from flask import Flask

from tests.bench.parts.load import Script, WrongAnswer


def cost(application: Flask, one: Script) -> list[float]:
    """Play a call; the seconds of CPU of each of its requests."""
    taken, answer = [], b""
    while request := one.next(answer):
        environ = _environ(request)
        begun = time.thread_time()
        status, answer = _answered(application, environ)
        taken.append(time.thread_time() - begun)
        if not status.startswith("2"):
            raise WrongAnswer(f"{status}: {answer.decode(errors='replace')}")
    return taken


def _answered(application: Flask, environ: dict[str, Any]) -> tuple[str, bytes]:
    told: list[str] = []
    body = application(environ, lambda status, _headers, _trouble=None: told.append(status))  # type: ignore[arg-type]
    return told[0], b"".join(body)


def _environ(request: bytes) -> dict[str, Any]:
    """A request as gunicorn hands it on."""
    head, _, body = request.partition(b"\r\n\r\n")
    first, *lines = head.decode().split("\r\n")
    method, target, protocol = first.split(" ")
    path, _, query = target.partition("?")
    environ: dict[str, Any] = {
        "REQUEST_METHOD": method,
        "PATH_INFO": path,
        "RAW_URI": target,
        "QUERY_STRING": query,
        "SERVER_NAME": "127.0.0.1",
        "SERVER_PORT": "80",
        "SERVER_PROTOCOL": protocol,
        "wsgi.version": (1, 0),
        "wsgi.url_scheme": "http",
        "wsgi.input": io.BytesIO(body),
        "wsgi.errors": sys.stderr,
        "wsgi.multithread": True,
        "wsgi.multiprocess": True,
        "wsgi.run_once": False,
    }
    for line in lines:
        name, _, value = line.partition(": ")
        name = name.upper().replace("-", "_")
        environ[name if name.startswith("CONTENT_") else f"HTTP_{name}"] = value
    return environ
