"""Scheduled orders: released neither late nor early, brought within their window."""

from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import violations as v
from dispatch.explain import WAITS_FOR_WINDOW
from dispatch.matching import MATCHERS
from dispatch.metrics import Day
from dispatch.params import DispatchParams, SchedulingParams
from dispatch.schedule import make_appointment
from dispatch.snapshot import OrderWindow
from dispatch.timelines import Timelines
from dispatch.verifier import verify
from domain.commands import CancelOrder, ConfirmOrder, MarkOrderReady, PlaceOrder
from domain.errors import InvalidValueError, WrongStateError
from domain.events import (
    DecisionRequested,
    OrderDelivered,
    OrderHeld,
    OrderPlaced,
    OrderReleased,
    PlanRefused,
)
from domain.geo import Point
from domain.orders import OrderState, OrderStep, next_order_state
from domain.plans import DispatchPlan, ServiceRules, ServiceTimes
from domain.schedule import SHORTEST_WINDOW_MS, DeliveryWindow
from domain.units import HOUR_MS, MINUTE_MS, Millis
from tests.dispatch.desk import ASSIGNING, EXAMPLES, OFFERING, PARAMS, START_MS, TIMES, Desk, live_through
from tests.dispatch.situations import at_one_kitchen, trip

PARAMETERS = SchedulingParams()
MINUTES = st.integers(0, 12 * 60).map(lambda minutes: minutes * MINUTE_MS)


def window(begins_min: float, minutes: float = 30) -> DeliveryWindow:
    begins_ms = START_MS + round(begins_min * MINUTE_MS)
    return DeliveryWindow(begins_ms, begins_ms + round(minutes * MINUTE_MS))


def scheduled(begins_min: float, minutes: float = 30, x: float = 1_500.0) -> PlaceOrder:
    return PlaceOrder("m-1", Point(x, 0.0), window=window(begins_min, minutes))


# --- when it is released ---


@settings(max_examples=EXAMPLES)
@given(MINUTES, MINUTES, st.integers(15, 240), st.integers(0, 60), st.integers(0, 40), st.booleans())
def test_an_order_is_released_neither_late_nor_before_the_safe_time(
    ahead_ms: Millis, told_ms: Millis, minutes: int, preparation: int, drive: int, is_told: bool
) -> None:
    times, params = ServiceTimes(), PARAMETERS
    wanted = DeliveryWindow(START_MS + ahead_ms, START_MS + ahead_ms + minutes * MINUTE_MS)
    preparation_ms, drive_ms = preparation * MINUTE_MS, drive * MINUTE_MS
    told = START_MS + told_ms if is_told else None
    found = make_appointment(wanted, told, preparation_ms, drive_ms, times, params, START_MS)
    carry_ms = times.pickup_after_ms + drive_ms + times.dropoff_before_ms
    reach_ms = params.first_mile_ms + times.pickup_before_ms
    needed_ms = reach_ms if is_told else max(preparation_ms, reach_ms)
    # Picked up as early as it may be, it comes as the window begins: never before.
    assert found.pickup_from_ms + carry_ms == wanted.earliest_ms
    assert found.ready_at_ms >= found.pickup_from_ms
    arrival_ms = found.release_at_ms + needed_ms + carry_ms
    if found.release_at_ms > START_MS:
        # Whoever needs the usual time from the release on comes inside the window, as late as is safe.
        assert wanted.holds(arrival_ms)
        assert arrival_ms == max(wanted.earliest_ms, wanted.latest_ms - params.slack_ms)
    else:
        assert arrival_ms >= max(wanted.earliest_ms, wanted.latest_ms - params.slack_ms)


def test_until_its_release_nobody_decides_about_it() -> None:
    desk = Desk(ASSIGNING, policy="rolling")
    desk.rider("rider-1")
    placed, held = desk.say(scheduled(120))
    assert isinstance(placed, OrderPlaced)
    assert isinstance(held, OrderHeld)
    assert held.explanation.reason == WAITS_FOR_WINDOW
    assert placed.promised_at_ms == window(120).latest_ms
    assert placed.release_at_ms is not None
    assert desk.state.orders["order-1"].state is OrderState.SCHEDULED
    assert desk.state.waiting == {}
    assert desk.room.next_due_ms() == placed.release_at_ms

    assert desk.wait_until(placed.release_at_ms - 1) == []
    released, *then = desk.wait(1)
    assert isinstance(released, OrderReleased)
    assert desk.state.orders["order-1"].state is not OrderState.SCHEDULED
    assert any(isinstance(event, DecisionRequested) for event in [*then, *desk.wait(15_000)])


def test_an_order_for_soon_is_released_at_once() -> None:
    desk = Desk(ASSIGNING, policy="nearest")
    desk.rider("rider-1")
    placed, released = desk.say(scheduled(5, 15))[:2]
    assert isinstance(placed, OrderPlaced)
    assert (placed.release_at_ms, type(released)) == (START_MS, OrderReleased)


def test_a_canceled_order_is_never_released() -> None:
    desk = Desk(ASSIGNING, policy="rolling")
    desk.rider("rider-1")
    desk.say(scheduled(120))
    desk.say(CancelOrder("order-1"))
    assert desk.room.next_due_ms() is None
    assert not any(isinstance(event, OrderReleased) for event in desk.wait(4 * HOUR_MS))
    assert desk.state.schedule.windows == {}


def test_a_kitchen_that_is_early_does_not_make_the_order_early() -> None:
    desk = Desk(ASSIGNING, policy="rolling")
    desk.rider("rider-1")
    desk.say(scheduled(120))
    desk.say(ConfirmOrder("order-1", START_MS + 30 * MINUTE_MS))
    desk.say(MarkOrderReady("order-1"), after_ms=20 * MINUTE_MS)
    order = desk.state.orders["order-1"]
    assert order.is_ready
    assert order.ready_at_ms == desk.state.schedule.pickup_from_ms["order-1"]


def test_a_restart_forgets_no_release() -> None:
    desk = Desk(ASSIGNING, policy="rolling")
    desk.rider("rider-1")
    for number in range(3):
        desk.say(scheduled(120 - 20 * number))
    releases = sorted(desk.state.schedule.due)
    desk.reopen()
    assert desk.state.schedule.due == releases
    happened = desk.wait(2 * HOUR_MS)
    assert [event.order_id for event in happened if isinstance(event, OrderReleased)] == [
        "order-3",
        "order-2",
        "order-1",
    ]


# --- whole days ---


def a_day(draws: list[tuple[int, int, int]]) -> list[tuple[Millis, PlaceOrder]]:
    return [
        (
            START_MS + number * 4 * MINUTE_MS,
            PlaceOrder(
                f"m-{1 + number % 3}",
                Point(300.0 * x - 1_500.0, 200.0 * number % 1_000),
                window=window(4 * number + ahead, minutes) if ahead else None,
            ),
        )
        for number, (ahead, minutes, x) in enumerate(draws)
    ]


DRAWS = st.lists(
    st.tuples(st.sampled_from((0, 60, 90, 150)), st.integers(15, 60), st.integers(0, 10)), max_size=10
)


@pytest.mark.parametrize("policy", sorted(MATCHERS))
@pytest.mark.parametrize("rules", [OFFERING, ASSIGNING], ids=["offering", "assigning"])
@settings(max_examples=max(1, EXAMPLES // 25))
@given(DRAWS)
def test_with_riders_enough_every_scheduled_order_comes_within_its_window(
    policy: str, rules: ServiceRules, draws: list[tuple[int, int, int]]
) -> None:
    desk = Desk(rules, policy=policy)
    for number in range(8):
        desk.rider(f"rider-{number}", x=400.0 * number)
    log = live_through(desk, a_day(draws), START_MS + 6 * HOUR_MS)
    windows = {r.message.order_id: r.message.window for r in log if isinstance(r.message, OrderPlaced)}
    delivered = {r.message.order_id: r.at_ms for r in log if isinstance(r.message, OrderDelivered)}
    assert delivered.keys() == windows.keys()
    for order_id, wanted in windows.items():
        assert wanted is None or wanted.holds(delivered[order_id])
    assert not any(isinstance(record.message, PlanRefused) for record in log)
    timelines = Timelines()
    timelines.extend((record.message, record.at_ms) for record in log)
    day = Day(timelines, times=TIMES, travel=desk.plane)
    assert all(day.is_on_time(order) for order in day.orders if order.window_from_ms is not None)


# --- verifier and metrics ---


def test_an_order_that_would_come_before_its_window_is_reported() -> None:
    snapshot, plane = at_one_kitchen(600.0)
    plan = DispatchPlan("d", "test", (trip("r", "o0"),))
    begins = START_MS + 30 * MINUTE_MS
    early = replace(snapshot, windows=(OrderWindow("o0", begins, begins + HOUR_MS),))
    assert [found.kind for found in verify(early, plan, plane).soft] == [v.BEFORE_WINDOW]
    assert "before its window" in verify(early, plan, plane).soft[0].detail
    fitting = replace(snapshot, windows=(OrderWindow("o0", START_MS, begins),))
    assert verify(fitting, plan, plane).soft == ()


def test_on_time_means_within_the_window() -> None:
    timelines = Timelines()
    for number, minutes in enumerate((119, 121, 151)):
        order = f"order-{number}"
        point = Point(0.0, 0.0)
        placed = OrderPlaced(
            order, "", "m-1", "all", point, 0, 0, 0, START_MS, window(120).latest_ms, None, window(120), 0
        )
        timelines.add(placed, START_MS)
        timelines.add(OrderReleased(order, 0), START_MS + HOUR_MS)
        timelines.add(OrderDelivered(order, "r", "t"), START_MS + minutes * MINUTE_MS)
    day = Day(timelines)
    assert [day.is_on_time(order) for order in day.orders] == [False, True, False]
    assert [order.placed_at_ms for order in day.orders] == [START_MS + HOUR_MS] * 3


# --- bad input ---


@pytest.mark.parametrize(
    ("order", "field", "words"),
    [
        (lambda: scheduled(-10), "window.earliest_ms", "not before the order is placed"),
        (lambda: scheduled(8 * 24 * 60), "window.earliest_ms", "not after"),
        (lambda: scheduled(60, 14), "window.latest_ms", "at least 15 min"),
        (lambda: scheduled(60, -5), "window.latest_ms", "after the window's start"),
        (lambda: replace(scheduled(0, 15), ready_at_ms=START_MS + HOUR_MS), "window.latest_ms", "food"),
        (lambda: replace(scheduled(60), promised_at_ms=START_MS + HOUR_MS), "promised_at_ms", "window"),
    ],
)
def test_a_window_that_cannot_be_is_refused_with_its_field(order, field: str, words: str) -> None:  # type: ignore[no-untyped-def]
    desk = Desk()
    with pytest.raises(InvalidValueError, match=words) as caught:
        desk.say(order())
    assert caught.value.field == field
    assert desk.state.orders == {}


def test_what_is_not_released_cannot_be_offered() -> None:
    with pytest.raises(WrongStateError, match="possible now: release, cancel"):
        next_order_state("order-1", OrderState.SCHEDULED, OrderStep.OFFER)


def test_parameters_out_of_range_are_refused() -> None:
    for name, value in (("slack_ms", -1), ("first_mile_ms", -1), ("most_ahead_ms", 0)):
        with pytest.raises(InvalidValueError, match=name):
            SchedulingParams(**{name: value})
    assert DispatchParams().scheduling == PARAMS.scheduling
    assert PARAMS.scheduling.slack_ms < SHORTEST_WINDOW_MS
