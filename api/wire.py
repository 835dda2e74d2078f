"""How values travel: strict bodies, RFC 3339 instants, positions with names."""

import re
from datetime import UTC, datetime, timedelta
from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, Field, PlainSerializer, WithJsonSchema

from domain.geo import Point
from domain.units import Millis

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MILLISECOND = timedelta(milliseconds=1)
_RFC3339 = re.compile(r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d{1,9})?([Zz]|[+-]\d\d:\d\d)")


def rfc3339(at_ms: Millis) -> str:
    """Return an instant as RFC 3339 in UTC with milliseconds."""
    return (_EPOCH + at_ms * _MILLISECOND).isoformat(timespec="milliseconds")[:-6] + "Z"


def parse_rfc3339(text: object) -> Millis:
    """Return the instant that an RFC 3339 text names, fractions of a millisecond cut off.

    Raises
    ------
    ValueError
        If it is no text of that form, or no such instant exists.
    """
    if not isinstance(text, str) or not _RFC3339.fullmatch(text):
        raise ValueError("must be an RFC 3339 instant with its offset, like 2026-06-05T03:30:00.000Z")
    try:
        return (datetime.fromisoformat(text.upper()) - _EPOCH) // _MILLISECOND
    except (ValueError, OverflowError) as error:
        raise ValueError(f"no such instant: {error}") from None


_INSTANT_SCHEMA: dict[str, Any] = {
    "type": "string",
    "format": "date-time",
    "examples": ["2026-06-05T03:30:00.000Z"],
}

InstantIn = Annotated[Millis, BeforeValidator(parse_rfc3339), WithJsonSchema(_INSTANT_SCHEMA)]
"""An instant in a request: RFC 3339 outside, Unix ms inside."""

InstantOut = Annotated[Millis, PlainSerializer(rfc3339), WithJsonSchema(_INSTANT_SCHEMA)]
"""An instant in a response: Unix ms inside, RFC 3339 outside."""

Longitude = Annotated[float, Field(ge=-180, le=180, description="Degrees east, WGS-84.")]
Latitude = Annotated[float, Field(ge=-90, le=90, description="Degrees north, WGS-84.")]
Coordinate = Annotated[float, PlainSerializer(lambda degrees: round(degrees, 6))]
"""A coordinate in a response: six decimals are a tenth of a meter."""

Identifier = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9._:-]{1,64}$",
        description="1 to 64 letters, digits or . _ : -",
    ),
]


class Body(BaseModel):
    """Base of all request bodies: exact types, finite numbers, no unknown fields."""

    model_config = ConfigDict(strict=True, extra="forbid", allow_inf_nan=False, frozen=True)


class View(BaseModel):
    """Base of all response bodies: read from the views of the read model."""

    model_config = ConfigDict(from_attributes=True, populate_by_name=True, frozen=True)


class LonLatIn(Body):
    """A position in a request."""

    lon: Longitude
    lat: Latitude

    def point(self) -> Point:
        """Return it as a point of the city's frame."""
        return Point(self.lon, self.lat)


class LonLat(View):
    """A position in a response."""

    lon: Coordinate
    lat: Coordinate

    @classmethod
    def of(cls, point: Point) -> "LonLat":
        """Return a point of the city's frame as a position."""
        return cls(lon=point.x, lat=point.y)


Line = list[tuple[Coordinate, Coordinate]]
"""A line in a response: [[lon, lat], ...]."""


def line(points: list[Point]) -> Line:
    """Return points of the city's frame as a line."""
    return [(point.x, point.y) for point in points]
