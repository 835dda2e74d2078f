"""Where idle riders are to wait: only whom nothing keeps, only where it saves, and never to and fro."""

from collections import Counter
from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import violations as v
from dispatch.matching import MATCHERS, Budget
from dispatch.params import DispatchParams, PrepositioningParams
from dispatch.prepositioning import busy_riders, expected_pickups, plan_moves, with_moves
from dispatch.snapshot import MovingRider, RecentOrder, RiderView, Snapshot
from dispatch.verifier import verify
from domain.errors import InvalidValueError
from domain.geo import Point
from domain.plans import DispatchPlan, Move, QueuedTrip, ServiceRules
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS
from roads.plane import MetricPlane
from tests.dispatch.desk import EXAMPLES, OFFERING, START_MS, TIMES, Desk
from tests.dispatch.situations import situation, trip

MOVING = ServiceRules(prepositioning=True)
PARAMS = PrepositioningParams()
ENDS_MS = START_MS + 2 * HOUR_MS


def scene(
    riders: dict[str, tuple[float, float]],
    orders: dict[tuple[float, float], int],
    params: PrepositioningParams = PARAMS,
) -> tuple[Snapshot, MetricPlane]:
    """Return free riders at places, and places with so many orders, one a minute, the newest just now."""
    plane = MetricPlane(300.0)
    views = tuple(
        RiderView(rider_id, plane.locate(Point(x, y)), START_MS, ENDS_MS, is_free=True)
        for rider_id, (x, y) in sorted(riders.items())
    )
    recent = [
        RecentOrder(
            plane.locate(Point(x, y)), plane.locate(Point(0.0, 0.0)), START_MS - age * MINUTE_MS, 0, 0
        )
        for (x, y), count in orders.items()
        for age in range(count)
    ]
    snapshot = Snapshot(
        "decision-1",
        START_MS,
        START_MS + 15 * SECOND_MS,
        (),
        views,
        MOVING,
        TIMES,
        recent=tuple(sorted(recent, key=lambda order: order.placed_at_ms)),
        prepositioning=params,
    )
    return snapshot, plane


def idle_plan(*moves: Move) -> DispatchPlan:
    return DispatchPlan("decision-1", "test", (), moves=moves)


NOTHING = idle_plan()


def busy_scene(seed: int, riders: int, orders: int) -> tuple[Snapshot, MetricPlane]:
    """Return a random situation with open orders, recent ones and shifts of all lengths."""
    snapshot, plane = situation(seed, riders, orders, MOVING, merchants=6)
    draw = np.random.default_rng(seed)
    kitchens = [order.pickup for order in snapshot.orders] or [plane.locate(Point(0.0, 0.0))]
    placed = sorted(START_MS - int(draw.integers(40 * MINUTE_MS)) for _ in range(60))
    recent = tuple(
        RecentOrder(kitchens[int(draw.integers(len(kitchens)))], kitchens[0], at_ms, at_ms, at_ms)
        for at_ms in placed
    )
    return replace(snapshot, recent=recent, prepositioning=PARAMS), plane


# --- what is expected ---


def test_an_order_a_minute_is_expected_every_minute() -> None:
    snapshot, plane = scene({}, {(0.0, 0.0): 40})
    places, expected = expected_pickups(snapshot, PARAMS)
    assert places == [plane.locate(Point(0.0, 0.0))]
    # A sum over whole minutes, the newest of them just now, instead of an integral: a little more than ten.
    assert expected[0] == pytest.approx(1_000, rel=0.03)


def test_newer_orders_tell_more() -> None:
    snapshot, _ = scene({}, {(0.0, 0.0): 1})
    older = tuple(order._replace(placed_at_ms=START_MS - PARAMS.half_life_ms) for order in snapshot.recent)
    now, before = (
        expected_pickups(snapshot, PARAMS),
        expected_pickups(replace(snapshot, recent=older), PARAMS),
    )
    assert before[1][0] == pytest.approx(now[1][0] / 2, abs=1)


# --- who is moved, and where ---


def test_a_rider_far_from_all_orders_is_sent_there_and_told_why() -> None:
    snapshot, plane = scene({"rider-1": (1_500.0, 0.0)}, {(0.0, 0.0): 40})
    (move,) = plan_moves(snapshot, NOTHING, plane)
    assert (move.rider_id, move.location) == ("rider-1", plane.locate(Point(0.0, 0.0)))
    terms = {term.name: (term.value, term.unit) for term in move.explanation.terms}
    assert terms == {
        "expected_orders": (1.0, "orders"),
        "first_mile_here": (5.0, "min"),
        "first_mile_there": (0.0, "min"),
        "saved": (5.0, "min"),
        "drive_there": (5.0, "min"),
    }
    assert move.explanation.reason == "orders_expected"


def test_who_is_near_enough_stays() -> None:
    snapshot, plane = scene(
        {"rider-1": (250.0, 0.0)}, {(0.0, 0.0): 40}, replace(PARAMS, least_saving_ms=61_000)
    )
    assert plan_moves(snapshot, NOTHING, plane) == ()


def test_one_rider_for_each_expected_order() -> None:
    """Two orders in forty minutes, half an order in the next ten: one of three riders is enough."""
    snapshot, plane = scene({f"rider-{k}": (2_000.0, 0.0) for k in range(3)}, {(0.0, 0.0): 2})
    assert len(plan_moves(snapshot, NOTHING, plane)) == 1
    many = replace(snapshot, recent=snapshot.recent * 20)
    assert len(plan_moves(many, NOTHING, plane)) == 3


def test_who_becomes_free_there_soon_is_counted() -> None:
    snapshot, plane = scene({"rider-1": (2_000.0, 0.0)}, {(0.0, 0.0): 5})
    assert plan_moves(snapshot, NOTHING, plane)
    here = plane.locate(Point(0.0, 0.0))
    soon = tuple(
        RiderView(f"rider-{k}", here, START_MS + MINUTE_MS, ENDS_MS, is_free=False) for k in range(2, 5)
    )
    assert plan_moves(replace(snapshot, riders=snapshot.riders + soon), NOTHING, plane) == ()


def test_nobody_is_sent_farther_than_the_longest_drive() -> None:
    snapshot, plane = scene({"rider-1": (3_000.0, 0.0)}, {(0.0, 0.0): 40})
    assert plan_moves(snapshot, NOTHING, plane) == ()
    allowed = replace(snapshot, prepositioning=replace(PARAMS, most_drive_ms=10 * MINUTE_MS))
    assert plan_moves(allowed, NOTHING, plane)


def test_nobody_is_moved_at_the_end_of_the_shift() -> None:
    snapshot, plane = scene({"rider-1": (1_500.0, 0.0)}, {(0.0, 0.0): 40})
    (rider,) = snapshot.riders
    for left_ms, moved in ((PARAMS.before_end_ms, 1), (PARAMS.before_end_ms - 1, 0)):
        ending = replace(snapshot, riders=(rider._replace(shift_ends_at_ms=START_MS + left_ms),))
        assert len(plan_moves(ending, NOTHING, plane)) == moved


def test_off_or_forbidden_nobody_is_moved() -> None:
    snapshot, plane = scene({"rider-1": (1_500.0, 0.0)}, {(0.0, 0.0): 40})
    assert with_moves(replace(snapshot, prepositioning=None), NOTHING, plane) is NOTHING
    assert with_moves(replace(snapshot, rules=OFFERING), NOTHING, plane) is NOTHING
    assert with_moves(snapshot, NOTHING, plane).moves


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(sorted(MATCHERS)), st.integers(0, 10**6), st.integers(1, 14), st.integers(0, 12))
def test_nobody_with_work_is_moved(policy: str, seed: int, riders: int, orders: int) -> None:
    snapshot, plane = busy_scene(seed, riders, orders)
    plan = with_moves(snapshot, MATCHERS[policy].decide(snapshot, plane, Budget()), plane)
    assert verify(snapshot, plan, plane).hard == ()
    moved = [move.rider_id for move in plan.moves]
    assert busy_riders(plan).isdisjoint(moved)
    assert all(rider.is_free for rider in snapshot.riders if rider.rider_id in moved)
    assert max(Counter(moved).values(), default=1) == 1
    assert with_moves(snapshot, replace(plan, moves=()), plane) == plan


@settings(max_examples=EXAMPLES)
@given(st.integers(0, 10**6), st.integers(1, 10))
def test_with_the_same_demand_riders_come_to_rest(seed: int, riders: int) -> None:
    """Every move shortens the sum of all expected drives by the least saving: there are only so many."""
    snapshot, plane = busy_scene(seed, riders, 6)
    snapshot = replace(snapshot, orders=())
    for _ in range(60):
        to = {move.rider_id: move.location for move in plan_moves(snapshot, NOTHING, plane)}
        if not to:
            return
        there = tuple(r._replace(location=to.get(r.rider_id, r.location)) for r in snapshot.riders)
        snapshot = replace(snapshot, riders=there)
    pytest.fail("riders are sent to and fro")


def test_who_is_on_the_way_covers_the_place_ahead_and_is_left_alone() -> None:
    snapshot, plane = scene({"rider-1": (1_500.0, 0.0), "rider-2": (1_500.0, 0.0)}, {(0.0, 0.0): 1})
    (move,) = plan_moves(snapshot, NOTHING, plane)
    moving = (MovingRider(move.rider_id, move.location, START_MS + 5 * MINUTE_MS),)
    assert plan_moves(replace(snapshot, moving=moving), NOTHING, plane) == ()


@pytest.mark.parametrize(
    ("name", "value"),
    [(n, 0) for n in ("horizon_ms", "half_life_ms", "least_saving_ms", "most_drive_ms")]
    + [("before_end_ms", -1)],
)
def test_parameters_out_of_range_are_refused(name: str, value: int) -> None:
    with pytest.raises(InvalidValueError) as refused:
        PrepositioningParams(**{name: value})
    assert refused.value.field == name


def test_a_city_that_forbids_it_cannot_be_asked_for_it() -> None:
    with pytest.raises(InvalidValueError, match="without an order"):
        Desk(OFFERING, params=DispatchParams(prepositioning=PARAMS))


# --- the verifier ---

Change = Callable[[Snapshot, Move], tuple[Snapshot, DispatchPlan]]


def forbidden(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    return replace(snapshot, rules=OFFERING), idle_plan(move)


def not_asked_for(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    return replace(snapshot, prepositioning=None), idle_plan(move)


def twice(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    return snapshot, idle_plan(move, move)


def foreseen(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    return snapshot, replace(idle_plan(move), queues=(QueuedTrip(move.rider_id, ("order-1",)),))


def started(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    return snapshot, replace(idle_plan(move), trips=(trip(move.rider_id, "order-1"),))


def unknown(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    return snapshot, idle_plan(replace(move, rider_id="nobody"))


def busy(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    riders = tuple(r._replace(is_free=False, free_at_ms=START_MS + 1) for r in snapshot.riders)
    return replace(snapshot, riders=riders), idle_plan(move)


def on_the_way(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    return replace(snapshot, moving=(MovingRider(move.rider_id, 0, START_MS + 1),)), idle_plan(move)


def too_far(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    return replace(snapshot, prepositioning=replace(PARAMS, most_drive_ms=MINUTE_MS)), idle_plan(move)


def near_end(snapshot: Snapshot, move: Move) -> tuple[Snapshot, DispatchPlan]:
    riders = tuple(r._replace(shift_ends_at_ms=START_MS + MINUTE_MS) for r in snapshot.riders)
    return replace(snapshot, riders=riders), idle_plan(move)


MISTAKES: tuple[tuple[Change, str], ...] = (
    (forbidden, v.MOVES_FORBIDDEN),
    (not_asked_for, v.MOVES_FORBIDDEN),
    (twice, v.MOVED_TWICE),
    (foreseen, v.MOVED_WITH_WORK),
    (started, v.MOVED_WITH_WORK),
    (unknown, v.UNKNOWN_RIDER),
    (busy, v.RIDER_NOT_FREE),
    (on_the_way, v.ALREADY_MOVING),
    (too_far, v.MOVED_TOO_FAR),
    (near_end, v.MOVED_NEAR_END),
)


@pytest.mark.parametrize(("change", "kind"), MISTAKES, ids=lambda m: getattr(m, "__name__", None))
def test_a_planted_mistake_is_caught(change: Change, kind: str) -> None:
    snapshot, plane = scene({"rider-1": (1_500.0, 0.0)}, {(0.0, 0.0): 40})
    (move,) = plan_moves(snapshot, NOTHING, plane)
    assert verify(snapshot, idle_plan(move), plane).hard == ()
    wrong, plan = change(snapshot, move)
    assert kind in {found.kind for found in verify(wrong, plan, plane).hard}


def test_every_kind_about_moves_is_planted() -> None:
    about_moves = {kind for kind in v.HARD_KINDS if kind.startswith(("moved_", "moves_", "already_"))}
    assert about_moves <= {kind for _, kind in MISTAKES}
