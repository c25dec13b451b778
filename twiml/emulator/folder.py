"""A folder of TwiML documents as an application: an IVR without a server.

``index.xml`` is the first document. ``action="main"`` asked with the key 2 is answered by
``main.2.xml`` if there is one, else by ``main.xml``. Where the greeting of the night is asked for,
``main.night.xml`` stands in for ``main.xml``, if there is one; so does any other name for its time.
"""

from __future__ import annotations

import copy
import re
from pathlib import Path
from urllib.parse import unquote, urlsplit
from zlib import crc32

from twiml.emulator.fetching import Request, Response

_LONGEST_LABEL = 63  # RFC 1035: of a name between two dots
_DIGITS = {"*": "star", "#": "pound"}


class Folder:
    """Answers requests from files. ``latency`` is how long each answer takes (ms)."""

    def __init__(self, path: Path, latency: int = 75) -> None:
        self._root = path.resolve()
        self._latency = latency
        self._greeting = ""
        self._paths: dict[str, Path] = {}
        self._read: dict[str, tuple[int, bytes]] = {}
        self._others: dict[tuple[str, int], Folder] = {}

    def taking(self, latency: int) -> Folder:
        """Return the same folder, with answers that take another time (ms)."""
        return self._other(self._greeting, latency)

    def greeting(self, name: str) -> Folder:
        """Return the same folder, as it answers at another time: day, night, holiday."""
        return self._other(name, self._latency)

    @property
    def greetings(self) -> frozenset[str]:
        """The names that stand before the suffix of a document: other times, and digits."""
        stems = (path.name.removesuffix(".xml") for path in self._root.glob("**/*.xml"))
        return frozenset(stem.rpartition(".")[2] for stem in stems if "." in stem)

    @property
    def host(self) -> str:
        """The host name under which this folder is asked (reserved: it never leaves)."""
        name = re.sub(r"[^a-z0-9]+", "-", self._root.name.lower()).strip("-") or "folder"
        name = name[:_LONGEST_LABEL]
        return f"{name}.{crc32(str(self._root).encode()):08x}.invalid"

    @property
    def first_url(self) -> str:
        """The URL of the first document."""
        return f"http://{self.host}/index.xml"

    def fetch(self, request: Request) -> tuple[Response, int]:
        """Answer with the document, or with a 404 that names the file."""
        path = unquote(urlsplit(request.url).path).strip("/") or "index.xml"
        stem = path.removesuffix(".xml")
        digits = "".join(_DIGITS.get(key, key) for key in request.parameters.get("Digits", ""))
        names = [f"{stem}.{digits}.xml"] if digits else []
        for name in self._now([*names, f"{stem}.xml"]):
            body = self._document(name)
            if body is not None:
                return Response(200, body, name=name), self._latency
        missing = f"there is no {stem}.xml in the folder {self._root.name}"
        return Response(404, missing.encode(), "text/plain", name=f"{stem}.xml"), self._latency

    def _now(self, names: list[str]) -> list[str]:
        """Put before each document the one that stands in for it at this time."""
        if not self._greeting:
            return names
        return [
            other
            for name in names
            for other in (f"{name.removesuffix('.xml')}.{self._greeting}.xml", name)
        ]

    def _other(self, greeting: str, latency: int) -> Folder:
        known = self._others.get((greeting, latency))
        if known is None:
            known = copy.copy(self)
            known._greeting, known._latency = greeting, latency
            self._others[greeting, latency] = known
        return known

    def _document(self, name: str) -> bytes | None:
        try:
            path = self._path(name)
            if path is None:
                return None
            changed = path.stat().st_mtime_ns
            known = self._read.get(name)
            if known is None or known[0] != changed:
                known = self._read[name] = (changed, path.read_bytes())
        except (OSError, ValueError):
            return None
        return known[1]

    def _path(self, name: str) -> Path | None:
        """Return the path of a document, or None if it lies outside the folder."""
        known = self._paths.get(name)
        if known is None:
            path = (self._root / name).resolve()
            if not path.is_relative_to(self._root):
                return None
            known = self._paths[name] = path
        return known
