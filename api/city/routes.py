"""``/city`` and ``/clock``: public, because customers' pages need them too."""

from typing import Annotated

from fastapi import Header, Request, Response

from api.auth import public_router
from api.city.schemas import CityOut, MerchantOut, NameOut, RoomClockOut, ZoneOut
from api.city.streets import StreetMap
from api.context import Context
from api.wire import LonLat, line
from domain.geo import Point
from domain.places import City

router = public_router("city")


@router.get("/city", summary="Show the city")
async def show_city(context: Context) -> CityOut:
    """Return names, zones and merchants."""
    city = context.setup.city
    west, south, east, north = bounds(city)
    return CityOut(
        name=_name(city.name),
        frame=city.frame,
        time_zone=city.time_zone,
        currency=city.currency,
        center=LonLat(lon=(west + east) / 2, lat=(south + north) / 2),
        bounds=(west, south, east, north),
        zones=[
            ZoneOut(
                zone_id=zone.zone_id,
                name=NameOut(en=zone.name_en, zh=zone.name_zh),
                polygon=line(list(zone.polygon)),
            )
            for zone in city.zones
        ],
        merchants=[
            MerchantOut(merchant_id=m.merchant_id, name=m.name, lon=m.point.x, lat=m.point.y)
            for m in city.merchants
        ],
    )


@router.get(
    "/city/streets",
    summary="Show streets, water and parks",
    response_class=Response,
    responses={200: {"content": {"application/geo+json": {}}}, 304: {"description": "Unchanged"}},
)
async def show_streets(
    request: Request,
    if_none_match: Annotated[str, Header()] = "",
    accept_encoding: Annotated[str, Header()] = "",
) -> Response:
    """Return the background map as GeoJSON; `kind` is street, water, park or zone."""
    streets: StreetMap = request.app.state.streets
    return streets.response(if_none_match, accept_encoding)


@router.get("/clock", summary="Show the control room's time")
async def show_clock(context: Context) -> RoomClockOut:
    """Return what time it is and how fast it goes by."""
    return RoomClockOut(now=context.driver.now_ms(), rate=context.driver.rate, simulated=context.simulated)


def _name(name: str) -> NameOut:
    """Split "兰汀 Lanting" into both languages; a name in one language serves for both."""
    first, _, rest = name.partition(" ")
    return NameOut(en=rest, zh=first) if rest.isascii() and not first.isascii() else NameOut(en=name, zh=name)


def bounds(city: City) -> tuple[float, float, float, float]:
    """Return west, south, east and north of all zones and merchants."""
    points: list[Point] = [corner for zone in city.zones for corner in zone.polygon]
    points += [merchant.point for merchant in city.merchants]
    xs, ys = [point.x for point in points], [point.y for point in points]
    return min(xs), min(ys), max(xs), max(ys)
