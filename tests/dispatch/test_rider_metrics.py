"""Figures of riders and of plans, on a day that was computed by hand."""

import pytest

from dispatch.metrics import compute_metrics, percentile
from domain import events
from domain.commands import ApplyPlan
from domain.pay import PayScheme
from domain.plans import DispatchPlan, Explanation, Leg, PlannedTrip, QueuedTrip
from domain.units import MINUTE_MS
from tests.dispatch.a_day import (
    FAR_DOOR,
    MERCHANT,
    NEAR_DOOR,
    RIDER,
    Happened,
    assigned,
    at,
    day_of,
    placed,
    shift,
    trip,
)


def a_bundle() -> list[Happened]:
    """Return a trip with two orders (for o-2 the rider waits), one never served, one cooked too late.

    3 minutes to the merchant, 7 beyond the usual 2 of waiting, then 5 to the near and 3 to the far door.
    """
    return [
        (shift("r-1", 4), at(0)),
        (shift("r-2", 2), at(0)),
        (placed("o-1", 10, 25, NEAR_DOOR), at(0)),
        (placed("o-2", 20, 28, FAR_DOOR), at(5)),
        (placed("o-3", 300, 400, NEAR_DOOR), at(5)),
        (placed("o-4", 20, 60, NEAR_DOOR), at(5)),
        (trip("trip-1", "r-1", RIDER, {"o-1": NEAR_DOOR, "o-2": FAR_DOOR}), at(8)),
        (assigned("o-1", "r-1"), at(8)),
        (assigned("o-2", "r-1"), at(8)),
        (events.OrderReady("o-1"), at(10)),
        (events.RiderArrivedAtMerchant("r-1", "trip-1", "m-1", ("o-1", "o-2")), at(11)),
        (events.OrderPickedUp("o-1", "r-1", "trip-1"), at(20)),
        (events.OrderPickedUp("o-2", "r-1", "trip-1"), at(20)),
        (events.RiderArrivedAtDoor("o-1", "r-1", "trip-1"), at(27)),
        (events.OrderDelivered("o-1", "r-1", "trip-1"), at(29)),
        (events.RiderArrivedAtDoor("o-2", "r-1", "trip-1"), at(34)),
        (events.OrderDelivered("o-2", "r-1", "trip-1"), at(36)),
        (events.TripEnded("trip-1", "r-1", FAR_DOOR, at(38)), at(36)),
    ]


def test_what_riders_do() -> None:
    figures = compute_metrics(day_of(*a_bundle()))
    assert figures["rider_wait_min"] == pytest.approx(20 - 11 - 2)
    assert figures["utilization_pct"] == pytest.approx(100 * (38 - 8 - 7) / 360)
    assert figures["deadhead_pct"] == pytest.approx(100 * 300 / 1100)
    assert figures["load_factor"] == pytest.approx((500 * 2 + 300 * 1) / 1100)
    assert figures["bundling_pct"] == pytest.approx(100)
    assert figures["orders_per_bundle"] == pytest.approx(2)


def test_what_could_not_be_avoided() -> None:
    """The bounds are 10 + 2 + 5 + 2 = 19 and 20 + 2 + 6 + 2 = 30; the promises 25 and 28."""
    figures = compute_metrics(day_of(*a_bundle()))
    assert figures["extra_delivery_min"] == pytest.approx(((29 - 19) + (36 - 30)) / 2)
    assert figures["late_or_undelivered_pct"] == pytest.approx(100)
    assert figures["unavoidably_late_pct"] == pytest.approx(50)  # o-2, and o-3: ready after the last shift
    assert figures["controllable_late_pct"] == pytest.approx(50)
    assert figures["served_pct"] == pytest.approx(50)
    assert figures["food_age_p90_min"] == pytest.approx(16 + 0.9 * (19 - 16))


def test_before_the_first_shift_nobody_can_come() -> None:
    early = [(shift("r-1", 4), at(30)), (placed("o-1", 10, 38), at(0))]
    assert compute_metrics(day_of(*early))["unavoidably_late_pct"] == 100  # 30 + 2 + 2 + 5 + 2 = 41
    in_time = [(shift("r-1", 4), at(27)), (placed("o-1", 10, 38), at(0))]
    assert compute_metrics(day_of(*in_time))["controllable_late_pct"] == 100


def test_the_gini_of_one_rider_with_work_and_one_without() -> None:
    """Hourly 5 (two orders in 4 h) and 0: half the pairs differ by all there is."""
    figures = compute_metrics(day_of(*a_bundle(), pay=PayScheme(1_000, 0)))
    assert figures["earnings_gini"] == pytest.approx(0.5)
    guaranteed = compute_metrics(day_of(*a_bundle(), pay=PayScheme(1_000, 1_500)))
    assert guaranteed["earnings_gini"] == pytest.approx(0)


def test_a_trip_that_waited_for_the_one_before_begins_when_that_ended() -> None:
    happened = [
        (shift("r-1", 1), at(0)),
        (placed("o-1", 0, 60), at(0)),
        (trip("trip-1", "r-1", RIDER, {"o-1": NEAR_DOOR}), at(0)),
        (assigned("o-1", "r-1"), at(0)),
        (events.TripEnded("trip-0", "r-1", RIDER, at(7)), at(5)),
        (events.RiderArrivedAtMerchant("r-1", "trip-1", "m-1", ("o-1",)), at(10)),
        (events.OrderPickedUp("o-1", "r-1", "trip-1"), at(12)),
        (events.RiderArrivedAtDoor("o-1", "r-1", "trip-1"), at(19)),
        (events.OrderDelivered("o-1", "r-1", "trip-1"), at(21)),
        (events.TripEnded("trip-1", "r-1", NEAR_DOOR, at(23)), at(21)),
    ]
    assert compute_metrics(day_of(*happened))["utilization_pct"] == pytest.approx(100 * (23 - 7) / 60)


def test_an_order_that_changes_its_rider() -> None:
    happened = [
        *a_bundle()[:8],
        (events.OrderReturned("o-1", "r-1", "trip-1", 0, False, "rider_broke_down"), at(9)),
        (assigned("o-1", "r-2", "trip-2"), at(10)),
    ]
    assert compute_metrics(day_of(*happened))["reassignments_per_order"] == pytest.approx(1 / 4)


def test_how_often_plans_change_their_mind() -> None:
    """Of three orders foreseen the next plan sends one, gives one away, and does not name the last."""
    first = DispatchPlan(
        "d-1", "p", (), queues=(QueuedTrip("r-1", ("o-1", "o-2")), QueuedTrip("r-2", ("o-3",)))
    )
    second = DispatchPlan("d-2", "p", (PlannedTrip("r-1", ("o-1",)),), queues=(QueuedTrip("r-2", ("o-2",)),))
    figures = compute_metrics(day_of((ApplyPlan(first), at(1)), (ApplyPlan(second), at(2))))
    assert figures["plan_churn_pct"] == pytest.approx(50)
    assert compute_metrics(day_of())["plan_churn_pct"] is None


def test_plans_that_missed_their_deadline() -> None:
    happened = [
        (events.PlanApplied("d-1", "p", 0, (), cut=True), at(1)),
        (events.PlanApplied("d-2", "p", 0, (), cut=False), at(2)),
        (events.PlanRefused("d-3", "", "overdue"), at(3)),
        (events.PlanRefused("d-4", "p", "breaks_rules"), at(4)),
    ]
    assert compute_metrics(day_of(*happened))["missed_deadlines"] == 2
    assert compute_metrics(day_of(*happened))["broken_plans"] == 1


def test_percentiles_lie_between_the_nearest_values() -> None:
    assert percentile([3.0, 1.0, 2.0], 0.5) == 2
    assert percentile([1.0, 2.0], 0.99) == pytest.approx(1.99)
    assert percentile([], 0.5) is None


def test_only_what_is_asked_for_is_computed() -> None:
    assert list(compute_metrics(day_of(), ("served_pct", "orders"))) == ["served_pct", "orders"]
    assert compute_metrics(day_of(*a_bundle(), grid_ms=MINUTE_MS), ("served_pct",)) == {"served_pct": 50}


def test_the_way_to_a_place_to_wait_at_is_driven_empty() -> None:
    """500 m in 5 minutes to the near door, of which a trip after 3 minutes leaves 300 m; later all of it."""
    leg = Leg(MERCHANT, NEAR_DOOR, 5 * MINUTE_MS, 500.0)
    advised = events.MoveAdvised("r-1", None, leg, at(10), Explanation())
    again = events.MoveAdvised("r-1", None, leg, at(55), Explanation())
    happened = a_bundle()
    happened.insert(1, (advised, at(5)))
    figures = compute_metrics(day_of(*happened, (again, at(50))))
    assert figures["moves"] == 2
    assert figures["moved_km"] == pytest.approx(0.8)
    assert figures["deadhead_pct"] == pytest.approx(100 * (300 + 800) / (1100 + 800))
