"""Pages of a list, as Preview and Numbers write them: a ``meta`` object and absolute URLs.

A page begins behind a place in the list and not at a number, so that rows that come or go meanwhile
are neither shown twice nor left out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, Generic, Protocol
from urllib.parse import urlencode

from pydantic import SerializeAsAny
from typing_extensions import TypeVar

from verification.api.errors import ApiError
from verification.api.shapes import Shape, Url
from verification.codes import Keyring, Unsealable
from verification.ordering import Place

PAGE_SIZE = 50
LARGEST_PAGE = 1000
HIGHEST_NUMBER = 10**9
_OURS = ("PageSize", "Page", "PageToken")


class Row(Protocol):
    """A row of a list."""

    @property
    def created_at(self) -> float: ...
    @property
    def sid(self) -> str: ...


RowT = TypeVar("RowT", bound=Row)
ShapeT = TypeVar("ShapeT", bound=Shape, default=Shape)


class Meta(Shape):
    """Where a page stands."""

    key: str
    page: int
    page_size: int
    first_page_url: Url
    url: Url
    next_page_url: Url | None
    previous_page_url: Url | None


class Page(Shape, Generic[ShapeT]):
    """One page of a list; ``items`` are the family's shapes."""

    meta: Meta
    items: tuple[SerializeAsAny[ShapeT], ...]


@dataclass(frozen=True, slots=True)
class Wish:
    """Which page is asked for. ``filters``: the query's other parameters, for the URLs."""

    size: int
    number: int
    place: Place | None
    filters: tuple[tuple[str, str], ...]


def wish(query: Sequence[tuple[str, str]], keyring: Keyring) -> Wish:
    """Read PageSize, Page and PageToken, each at most once.

    Raises ApiError 20001, 20007 or 21481 (400).
    """
    given = dict(query)
    names = [name for name, _ in query]
    for name in _OURS:
        if names.count(name) > 1:
            raise ApiError(20001, 400, f"{name} may be given only once")
    size = _integer(given, "PageSize", PAGE_SIZE, 1, LARGEST_PAGE)
    number = _integer(given, "Page", 0, 0, HIGHEST_NUMBER)
    token = given.get("PageToken")
    filters = tuple(pair for pair in query if pair[0] not in _OURS)
    return Wish(size, number, _place(token, keyring) if token else None, filters)


def page(
    asked: Wish,
    url: str,
    keyring: Keyring,
    rows_from: Callable[[Place | None, int], list[RowT]],
    shape: Callable[[RowT], ShapeT],
) -> Page[ShapeT]:
    """One page of a list of Preview or Numbers, the newest row first.

    ``rows_from(place, limit)`` gives the rows from a place on, in the list's order in the
    direction of the place.
    """
    rows, following, preceding = _rows(asked, rows_from)
    address = partial(_address, asked, url, keyring)
    meta = Meta(
        key="items",
        page=asked.number,
        page_size=asked.size,
        first_page_url=address(0, None),
        url=address(asked.number, asked.place),
        next_page_url=address(asked.number + 1, following) if following else None,
        previous_page_url=address(max(asked.number - 1, 0), preceding) if preceding else None,
    )
    return Page(meta=meta, items=tuple(shape(row) for row in rows))


def flat_page(
    asked: Wish,
    path: str,
    keyring: Keyring,
    rows_from: Callable[[Place | None, int], list[RowT]],
    shape: Callable[[RowT], Shape],
) -> dict[str, Any]:
    """One page of a list of the 2010 API, without its rows' name: relative URIs, nothing else.

    The official Python SDK takes the one key that it does not know for the rows.
    """
    rows, following, preceding = _rows(asked, rows_from)
    address = partial(_address, asked, path, keyring)
    start = asked.number * asked.size if rows else 0
    return {
        "page": asked.number,
        "page_size": asked.size,
        "start": start,
        "end": start + max(len(rows) - 1, 0),
        "uri": address(asked.number, asked.place),
        "first_page_uri": address(0, None),
        "next_page_uri": address(asked.number + 1, following) if following else None,
        "previous_page_uri": address(max(asked.number - 1, 0), preceding) if preceding else None,
        "rows": tuple(shape(row) for row in rows),
    }


def _rows(
    asked: Wish, rows_from: Callable[[Place | None, int], list[RowT]]
) -> tuple[list[RowT], Place | None, Place | None]:
    """The rows of a page, and the places behind and before them if there is anything."""
    backward = asked.place is not None and asked.place.before
    rows = rows_from(asked.place, asked.size + 1)
    more, rows = len(rows) > asked.size, rows[: asked.size]
    if backward:
        rows.reverse()
    following = preceding = None
    if rows and (more or backward):
        following = Place(rows[-1].created_at, rows[-1].sid)
    if rows and asked.place and (more or not backward):
        preceding = Place(rows[0].created_at, rows[0].sid, before=True)
    return rows, following, preceding


def _address(asked: Wish, url: str, keyring: Keyring, number: int, place: Place | None) -> str:
    # The number is only the caller's own count: behind the highest that is taken it stays there.
    pairs = [*asked.filters, ("PageSize", asked.size), ("Page", min(number, HIGHEST_NUMBER))]
    if place:
        token = keyring.link("page.v1", [repr(place.created_at), place.sid, int(place.before)])
        pairs.append(("PageToken", token))
    return f"{url}?{urlencode(pairs)}"


def _integer(given: dict[str, str], name: str, default: int, least: int, most: int) -> int:
    text = given.get(name, str(default))
    valid = text.isascii() and text.isdigit() and len(text) < 12 and least <= int(text) <= most
    if not valid:
        code = 20007 if name == "PageSize" else 20001
        raise ApiError(code, 400, f"{name} must be an integer from {least} to {most}")
    return int(text)


def _place(token: str, keyring: Keyring) -> Place:
    try:
        created_at, sid, before = keyring.read_link("page.v1", token)
    except Unsealable:
        raise ApiError(21481, 400, "PageToken must be one of a page that this API gave") from None
    return Place(float(created_at), str(sid), bool(before))
