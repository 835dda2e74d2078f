"""A rider who is to wait elsewhere is told so: where, until when the way takes, and why there."""

from api.live.feed import touched
from api.riders.schemas import rider_out
from domain.events import Event, MoveAdvised, ShiftEnded, ShiftStarted, TripAssigned
from domain.plans import CostTerm, Explanation, Leg, Stop, StopKind
from domain.units import HOUR_MS, MINUTE_MS
from runtime.event_log.port import LogRecord
from runtime.projections import ReadModel
from tests.runtime.town import START_MS, TOWN, corner, streets

WHY = Explanation((CostTerm("saved", 2.5, "min"),), (), "orders_expected")
WAY = Leg(0, 3, 4 * MINUTE_MS, 1_500.0, (0, 1, 2, 3), (0, 60_000, 120_000, 240_000))
SHIFT = ShiftStarted("r1", "Li Wei", corner(0, 0), 0, START_MS + HOUR_MS)
ADVISED = MoveAdvised("r1", "m3", WAY, START_MS + 4 * MINUTE_MS, WHY)
PICKUP = Stop(StopKind.PICKUP, ("order-1",), 0, Leg(3, 0, 1, 1.0, (3, 0), (0, 1)), START_MS, START_MS)


def model_of(*events: Event) -> ReadModel:
    model = ReadModel(TOWN, streets())
    for seq, event in enumerate(events, start=1):
        model.apply(LogRecord(seq, START_MS, None, event))
    return model


def shown(model: ReadModel) -> dict[str, object]:
    view = model.riders.get("r1")
    assert view is not None
    return rider_out(view).model_dump(mode="json")


def test_the_place_the_way_and_the_reason_are_shown() -> None:
    model = model_of(SHIFT, ADVISED)
    rider = shown(model)
    assert rider["state"] == "idle"
    assert rider["waiting_place"] == {
        "lon": corner(3, 0).x,
        "lat": corner(3, 0).y,
        "arrives_at": "2027-01-15T08:04:00.000Z",
        "merchant_id": "m3",
        "explanation": {
            "terms": [{"name": "saved", "value": 2.5, "unit": "min"}],
            "alternatives": [],
            "reason": "orders_expected",
            "binding": "",
            "foreseen": None,
            "opportunity_min": 0.0,
        },
    }
    assert rider["route"] == [[corner(column, 0).x, corner(column, 0).y] for column in range(4)]


def test_followers_of_the_fleet_hear_of_it() -> None:
    change = touched(model_of(SHIFT, ADVISED), ADVISED)
    assert (change.rider_id, change.order_ids) == ("r1", ())


def test_a_trip_and_the_end_of_the_shift_end_it() -> None:
    for event in (TripAssigned("trip-1", "r1", "m1", ("order-1",), (PICKUP,)), ShiftEnded("r1")):
        assert shown(model_of(SHIFT, ADVISED, event))["waiting_place"] is None
    assert shown(model_of(SHIFT))["waiting_place"] is None
