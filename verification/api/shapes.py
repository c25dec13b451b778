"""What the API answers: one model for each resource, with dates as each family writes them."""

from __future__ import annotations

from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, PlainSerializer, WithJsonSchema


class Shape(BaseModel):
    """An answer, in JSON. Its fields are always all there, null where there is nothing."""

    model_config = ConfigDict(frozen=True)


def iso(at: float) -> str:
    """Unix seconds as Preview and Numbers write them: ISO 8601, UTC, whole seconds."""
    return _utc(at).strftime("%Y-%m-%dT%H:%M:%SZ")


def rfc2822(at: float) -> str:
    """Unix seconds as the 2010 API writes them, whatever the process's locale is."""
    return format_datetime(_utc(at))


Method = Literal["GET", "POST"]
VerificationType = Literal["phone-call", "phone-bill"]
IsoDate = Annotated[
    float,
    PlainSerializer(iso, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time"}),
]
Rfc2822Date = Annotated[
    float,
    PlainSerializer(rfc2822, return_type=str, when_used="json"),
    WithJsonSchema({"type": "string", "format": "date-time-rfc-2822"}),
]
Url = Annotated[str, WithJsonSchema({"type": "string", "format": "uri"})]
RelativeUri = Annotated[str, WithJsonSchema({"type": "string", "format": "uri-reference"})]


class FlatPage(Shape):
    """Where a page of the 2010 API stands; each family adds its rows under their own name."""

    page: int
    page_size: int
    start: int
    end: int
    uri: RelativeUri
    first_page_uri: RelativeUri
    next_page_uri: RelativeUri | None
    previous_page_uri: RelativeUri | None


class Capabilities(Shape):
    """What a number can do."""

    voice: bool
    sms: bool
    mms: bool
    fax: bool


HOSTED = Capabilities(voice=False, sms=True, mms=False, fax=False)


def _utc(at: float) -> datetime:
    return datetime.fromtimestamp(int(at), UTC)
