"""What travels about GPS fixes."""

from typing import Annotated, Any

from pydantic import ConfigDict, Discriminator, Field, Tag
from pydantic.config import JsonDict

from api.wire import Body, Identifier, InstantIn, Latitude, Longitude, View
from domain.fixes import Fix
from domain.geo import Point
from domain.ids import RiderId

MAX_FIXES = 1_000
"""Most fixes of one request."""

_FIX_EXAMPLE: JsonDict = {
    "fixed_at": "2026-06-05T03:31:58.000Z",
    "sequence": 118,
    "lon": 121.4737,
    "lat": 31.2304,
    "accuracy_m": 8.0,
    "speed_mps": 6.1,
    "heading_deg": 87.0,
}


class FixIn(Body):
    """One position report."""

    model_config = ConfigDict(json_schema_extra={"examples": [_FIX_EXAMPLE]})

    fixed_at: InstantIn = Field(description="The device's stamp of the measurement.")
    sequence: Annotated[int, Field(ge=0, le=2**53, description="The device's own count, from 0.")]
    lon: Longitude
    lat: Latitude
    accuracy_m: Annotated[float, Field(ge=0, le=100_000, description="Reported 68 % radius.")]
    speed_mps: Annotated[float, Field(ge=0, le=200)] | None = None
    heading_deg: Annotated[float, Field(ge=0, le=360)] | None = None

    def fix(self, rider_id: RiderId) -> Fix:
        """Return it as a fix of a rider."""
        return Fix(
            rider_id=rider_id,
            fixed_at_ms=self.fixed_at,
            sequence=self.sequence,
            point=Point(self.lon, self.lat),
            accuracy_m=self.accuracy_m,
            speed_mps=self.speed_mps,
            heading_deg=self.heading_deg,
        )


class RiderFixesIn(Body):
    """Several position reports of one rider, in any order."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"fixes": [_FIX_EXAMPLE]}]})

    fixes: Annotated[list[FixIn], Field(min_length=1, max_length=MAX_FIXES)]


class RidersFixIn(FixIn):
    """One position report that says whose it is."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"rider_id": "rider-8", **_FIX_EXAMPLE}]})

    rider_id: Identifier


class FixBatchIn(Body):
    """Position reports of several riders, in any order."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"fixes": [{"rider_id": "rider-8", **_FIX_EXAMPLE}]}]}
    )

    fixes: Annotated[list[RidersFixIn], Field(min_length=1, max_length=MAX_FIXES)]


def _one_or_many(body: Any) -> str:  # noqa: ANN401  (whatever was sent)
    return "many" if isinstance(body, dict) and "fixes" in body else "one"


OneOrManyFixes = Annotated[
    Annotated[FixIn, Tag("one")] | Annotated[RiderFixesIn, Tag("many")], Discriminator(_one_or_many)
]
"""One fix, or ``{"fixes": [...]}``."""


class AcceptedFixesOut(View):
    """What became of the fixes of one rider."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"accepted": 1, "durable_sequence": 118}]})

    accepted: int = Field(description="Fixes that are used; stale, double or impossible ones are not.")
    durable_sequence: int = Field(description="Highest sequence of this request; all of it is durable.")


class AcceptedBatchOut(View):
    """What became of the fixes of several riders."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"accepted": 2, "durable_sequences": {"rider-8": 118}}]}
    )

    accepted: int
    durable_sequences: dict[str, int]
