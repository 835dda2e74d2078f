"""Days written down by hand: events at minutes after the start, on a plane with 100 meters a minute."""

from dispatch.metrics import Day
from dispatch.timelines import Timelines
from domain import events
from domain.commands import Command
from domain.events import Event
from domain.geo import Point
from domain.pay import PayScheme
from domain.plans import Explanation, Leg, ServiceTimes, Stop, StopKind
from domain.ports import LocationKey
from domain.units import HOUR_MS, MINUTE_MS, Millis
from roads.plane import MetricPlane
from tests.dispatch.desk import START_MS

PLANE = MetricPlane(100.0)
MERCHANT, NEAR_DOOR, FAR_DOOR, RIDER = (
    PLANE.locate(Point(x, y)) for x, y in ((0.0, 0.0), (500.0, 0.0), (500.0, 300.0), (300.0, 0.0))
)
"""To the near door 5 minutes, to the far one 6, from door to door 3, from the rider to the merchant 3."""

TIMES = ServiceTimes(*(2 * MINUTE_MS for _ in range(4)))

Happened = tuple[Command | Event, Millis]


def at(minutes: float) -> Millis:
    return START_MS + round(minutes * MINUTE_MS)


def placed(order_id: str, ready: float, promised: float, door: LocationKey = NEAR_DOOR) -> events.OrderPlaced:
    point = Point(0.0, 0.0)
    return events.OrderPlaced(order_id, "", "m-1", "all", point, MERCHANT, door, 0, at(ready), at(promised))


def assigned(order_id: str, rider_id: str, trip_id: str = "trip-1") -> events.OrderAssigned:
    return events.OrderAssigned(order_id, rider_id, trip_id, 0, 0, Explanation())


def shift(rider_id: str, hours: float) -> events.ShiftStarted:
    return events.ShiftStarted(rider_id, "", Point(0.0, 0.0), 0, START_MS + round(hours * HOUR_MS))


def stop(kind: StopKind, origin: LocationKey, location: LocationKey, *order_ids: str) -> Stop:
    path = PLANE.path(origin, location, 0)
    leg = Leg(origin, location, PLANE.duration_ms(origin, location, 0), path.length_m)
    return Stop(kind, order_ids, location, leg, 0, 0)


def trip(
    trip_id: str, rider_id: str, origin: LocationKey, doors: dict[str, LocationKey]
) -> events.TripAssigned:
    """Return a trip from the rider's place to the merchant and on to the doors, in their sequence."""
    stops = [stop(StopKind.PICKUP, origin, MERCHANT, *doors)]
    for order_id, door in doors.items():
        stops.append(stop(StopKind.DROPOFF, stops[-1].location, door, order_id))
    return events.TripAssigned(trip_id, rider_id, "m-1", tuple(doors), tuple(stops))


def day_of(*happened: Happened, pay: PayScheme | None = None, grid_ms: Millis = 1) -> Day:
    timelines = Timelines()
    timelines.extend(happened)
    return Day(timelines, pay or PayScheme(), grid_ms, TIMES, PLANE)
