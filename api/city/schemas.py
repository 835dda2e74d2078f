"""What travels about a city."""

from pydantic import ConfigDict

from api.wire import Coordinate, InstantOut, Line, LonLat, View


class NameOut(View):
    """A name in both languages."""

    en: str
    zh: str


class ZoneOut(View):
    """A named part of the city; the closing edge of its polygon is implied."""

    zone_id: str
    name: NameOut
    polygon: Line


class MerchantOut(View):
    """A kitchen."""

    merchant_id: str
    name: str
    lon: Coordinate
    lat: Coordinate


class CityOut(View):
    """What pages need to know of the city."""

    model_config = ConfigDict(
        json_schema_extra={
            "examples": [
                {
                    "name": {"en": "Jiangwan", "zh": "江湾"},
                    "frame": "wgs84",
                    "time_zone": "Asia/Shanghai",
                    "currency": "CNY",
                    "center": {"lon": 121.47, "lat": 31.23},
                    "bounds": [121.43, 31.19, 121.52, 31.27],
                    "zones": [],
                    "merchants": [
                        {
                            "merchant_id": "merchant-3",
                            "name": "Lotus Noodle House",
                            "lon": 121.47,
                            "lat": 31.23,
                        }
                    ],
                }
            ]
        }
    )

    name: NameOut
    frame: str
    time_zone: str
    currency: str
    center: LonLat
    bounds: tuple[Coordinate, Coordinate, Coordinate, Coordinate]
    zones: list[ZoneOut]
    merchants: list[MerchantOut]


class RoomClockOut(View):
    """What time it is in the control room, how fast it goes by, and whether its world is simulated."""

    model_config = ConfigDict(
        json_schema_extra={"examples": [{"now": "2026-06-05T03:30:00.000Z", "rate": 10.0, "simulated": True}]}
    )

    now: InstantOut
    rate: float
    simulated: bool
