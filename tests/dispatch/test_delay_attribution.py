"""Every late minute has one cause: days by hand, and the laws of charging."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.delay_attribution import CAUSES, Cause, Stage, attribute_delays, charge, stages_of
from dispatch.metrics import Day
from dispatch.timelines import Timelines
from domain import events
from domain.errors import InvalidValueError
from domain.units import MINUTE_MS
from tests.dispatch.a_day import (
    FAR_DOOR,
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
from tests.dispatch.test_rider_metrics import a_bundle


def alone(
    promised: float, *, told: float, ready: float, taken_over: float, there: float, door: float, over: float
) -> list[Happened]:
    """Return the day of one order: told and really ready, assigned, rider there, at the door, handed over."""
    picked_up = max(ready, there + 2)
    return [
        (shift("r-1", 4), at(0)),
        (placed("o-1", told, promised, NEAR_DOOR), at(0)),
        (trip("trip-1", "r-1", RIDER, {"o-1": NEAR_DOOR}), at(taken_over)),
        (assigned("o-1", "r-1"), at(taken_over)),
        (events.RiderArrivedAtMerchant("r-1", "trip-1", "m-1", ("o-1",)), at(there)),
        (events.OrderReady("o-1"), at(ready)),
        (events.OrderPickedUp("o-1", "r-1", "trip-1"), at(picked_up)),
        (events.RiderArrivedAtDoor("o-1", "r-1", "trip-1"), at(door)),
        (events.OrderDelivered("o-1", "r-1", "trip-1"), at(over)),
    ]


def minutes(happened: list[Happened]) -> dict[str, float]:
    """Return what the late order of a day is charged, without the zeros."""
    (order,) = attribute_delays(day_of(*happened)).orders
    assert sum(order.charges.values()) == order.late_ms
    return {cause.value: ms / MINUTE_MS for cause, ms in order.charges.items() if ms}


def test_a_promise_that_could_not_be_kept() -> None:
    """The bound is 30 + 2 + 5 + 2 = 39, 7 above the promise: 30 and 5 parts of 35 of it."""
    day = alone(32, told=30, ready=30, taken_over=20, there=23, door=37, over=39)
    assert minutes(day) == {"preparation": pytest.approx(6), "travel": pytest.approx(1)}
    assert attribute_delays(day_of(*day)).overpromised_ms == 7 * MINUTE_MS


def test_nobody_came_for_the_food() -> None:
    """Ready at 10, assigned at 21, at the counter at 26, delivered at 35; the bound is 19."""
    day = alone(19, told=10, ready=10, taken_over=21, there=24, door=33, over=35)
    assert minutes(day) == {"unassigned_wait": pytest.approx(11), "first_mile": pytest.approx(5)}


def test_slack_spares_every_cause_alike() -> None:
    """The same with 8 of the 16 minutes forgiven."""
    day = alone(27, told=10, ready=10, taken_over=21, there=24, door=33, over=35)
    assert minutes(day) == {"unassigned_wait": pytest.approx(5.5), "first_mile": pytest.approx(2.5)}


def test_the_kitchen_took_longer_than_it_had_said() -> None:
    day = alone(19, told=10, ready=18, taken_over=5, there=8, door=25, over=27)
    assert minutes(day) == {"kitchen_wait": pytest.approx(8)}


def test_while_the_food_is_not_ready_the_rider_is_not_to_blame() -> None:
    """Ready 8 late; the rider, assigned late as well, is at the counter 1 minute after that."""
    day = alone(19, told=10, ready=18, taken_over=14, there=17, door=26, over=28)
    assert minutes(day) == {"kitchen_wait": pytest.approx(8), "first_mile": pytest.approx(1)}


def test_slow_on_the_road_and_slow_at_the_door() -> None:
    day = alone(19, told=10, ready=10, taken_over=3, there=6, door=20, over=26)
    assert minutes(day) == {"travel": pytest.approx(3), "dropoff_dwell": pytest.approx(4)}


def test_an_order_that_others_went_before() -> None:
    """o-2 (bound 30, promised 28) comes at 36: over the near door 5 + 2 + 2 + 3 minutes instead of 6."""
    late = {order.order_id: order for order in attribute_delays(day_of(*a_bundle())).orders}
    second = {cause: ms / MINUTE_MS for cause, ms in late["o-2"].charges.items() if ms}
    assert late["o-2"].overpromised_ms == 2 * MINUTE_MS
    assert second == {
        Cause.PREPARATION: pytest.approx(2 * 15 / 21, abs=1e-4),
        Cause.TRAVEL: pytest.approx(2 * 6 / 21, abs=1e-4),
        Cause.DETOUR: pytest.approx(6),
    }


def test_an_order_that_waited_for_another_of_its_bundle() -> None:
    """o-1 is ready at 10, somebody at the counter at 13, and o-2 ready at 20: seven minutes for the other."""
    late = {order.order_id: order for order in attribute_delays(day_of(*a_bundle())).orders}
    assert late["o-1"].late_ms == 4 * MINUTE_MS
    first = {cause: ms / MINUTE_MS for cause, ms in late["o-1"].charges.items() if ms}
    # Of the 10 minutes of excess the promise forgives 6.
    assert first == {Cause.FIRST_MILE: pytest.approx(4 * 3 / 10), Cause.DETOUR: pytest.approx(4 * 7 / 10)}


def test_what_is_not_delivered_is_counted_where_it_ended() -> None:
    happened = [
        (placed("o-0", 10, 20), at(0)),
        (placed("o-1", 10, 20), at(0)),
        (trip("trip-1", "r-1", RIDER, {"o-1": NEAR_DOOR}), at(3)),
        (assigned("o-1", "r-1"), at(3)),
    ]
    assert attribute_delays(day_of(*happened)).undelivered == {Cause.UNASSIGNED_WAIT: 1, Cause.FIRST_MILE: 1}
    happened.append((events.RiderArrivedAtMerchant("r-1", "trip-1", "m-1", ("o-1",)), at(6)))
    assert attribute_delays(day_of(*happened)).undelivered[Cause.KITCHEN_WAIT] == 1
    happened.append((events.OrderPickedUp("o-1", "r-1", "trip-1"), at(10)))
    assert attribute_delays(day_of(*happened)).undelivered[Cause.TRAVEL] == 1
    happened.append((events.RiderArrivedAtDoor("o-1", "r-1", "trip-1"), at(15)))
    found = attribute_delays(day_of(*happened))
    assert found.undelivered[Cause.DROPOFF_DWELL] == 1
    assert (found.orders, found.late_ms) == ((), 0)


def test_food_handed_on_counts_as_unassigned_until_the_next_rider() -> None:
    happened = [
        *alone(19, told=10, ready=10, taken_over=3, there=6, door=17, over=19)[:7],
        (events.OrderReturned("o-1", "r-1", "trip-1", FAR_DOOR, True, "rider_broke_down"), at(15)),
        (trip("trip-2", "r-2", RIDER, {"o-1": NEAR_DOOR}), at(20)),
        (assigned("o-1", "r-2", "trip-2"), at(20)),
        (events.RiderArrivedAtMerchant("r-2", "trip-2", "m-1", ("o-1",)), at(24)),
        (events.OrderPickedUp("o-1", "r-2", "trip-2"), at(26)),
        (events.RiderArrivedAtDoor("o-1", "r-2", "trip-2"), at(33)),
        (events.OrderDelivered("o-1", "r-2", "trip-2"), at(35)),
    ]
    assert minutes(happened) == {"unassigned_wait": pytest.approx(10), "first_mile": pytest.approx(6)}


def test_a_day_without_travel_times_cannot_be_attributed() -> None:
    timelines = Timelines()
    timelines.extend(a_bundle())
    with pytest.raises(InvalidValueError, match="travel"):
        attribute_delays(Day(timelines))


def test_the_stages_are_the_whole_way() -> None:
    day = day_of(*a_bundle())
    for order_id, took in (("o-1", 29), ("o-2", 36 - 5)):
        stages = stages_of(day, day.timelines.orders[order_id])
        assert sum(stage.took_ms for stage in stages) == took * MINUTE_MS


SPANS = st.integers(0, 3 * 3_600_000)
STAGES = st.lists(
    st.builds(Stage, st.sampled_from(CAUSES), st.integers(-60_000, 3 * 3_600_000), SPANS), min_size=1
)


@given(stages=STAGES, promised_ms=SPANS)
def test_charges_are_the_lateness_exactly_and_never_below_zero(stages: list[Stage], promised_ms: int) -> None:
    late_ms = max(0, sum(stage.took_ms for stage in stages) - promised_ms)
    charges, overpromised_ms = charge(stages, late_ms)
    assert sum(charges.values()) == late_ms
    assert min(charges.values()) >= 0
    assert 0 <= overpromised_ms <= late_ms
    assert set(charges) == set(CAUSES)


@given(stages=STAGES, promised_ms=SPANS, place=st.integers(0), more_ms=st.integers(1, 3_600_000))
def test_a_longer_stage_is_never_charged_less(
    stages: list[Stage], promised_ms: int, place: int, more_ms: int
) -> None:
    k = place % len(stages)
    longer = list(stages)
    longer[k] = Stage(stages[k].cause, stages[k].took_ms + more_ms, stages[k].allowance_ms)
    before, after = (
        charge(way, max(0, sum(stage.took_ms for stage in way) - promised_ms))[0] for way in (stages, longer)
    )
    cause = stages[k].cause
    # Each stage of the cause is rounded by itself.
    assert after[cause] >= before[cause] - sum(stage.cause is cause for stage in stages)


@given(stages=STAGES)
def test_without_slack_every_excess_is_charged_in_full(stages: list[Stage]) -> None:
    slower = [
        Stage(stage.cause, max(stage.took_ms, stage.allowance_ms), stage.allowance_ms) for stage in stages
    ]
    late_ms = sum(stage.took_ms - stage.allowance_ms for stage in slower)
    charges, overpromised_ms = charge(slower, late_ms)
    assert overpromised_ms == 0
    for cause in CAUSES:
        excess_ms = sum(s.took_ms - s.allowance_ms for s in slower if s.cause is cause)
        assert charges[cause] == excess_ms
