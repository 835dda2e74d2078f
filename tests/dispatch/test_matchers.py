"""The contract of every policy, and what is special about each."""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dispatch.matching import DEFAULT_POLICY, MATCHERS, Budget
from dispatch.matching.hungarian import PATIENCE_MS, UNASSIGNED_MS
from dispatch.params import DispatchParams
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.commands import ApplyPlan, Command, PlaceOrder, StartShift
from domain.errors import InvalidValueError
from domain.events import OrderDelivered, OrderPlaced, PlanApplied
from domain.geo import Point
from domain.ids import RiderId
from domain.places import Merchant
from domain.plans import DispatchPlan
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from tests.dispatch.chaos import STEPS, Chaos, Step
from tests.dispatch.desk import ASSIGNING, EXAMPLES, OFFERING, START_MS, TOWN, Desk, live_through

POLICIES = st.sampled_from(sorted(MATCHERS))
TIMES = Desk().times


class Crow:
    """Travel times of a crow, to the millisecond, so that equal ones do not happen by chance."""

    def __init__(self, points: Sequence[tuple[float, float]]) -> None:
        self.points = np.array(points, dtype=np.float64).reshape(-1, 2)

    def locate(self, point: Point) -> int:
        return int(np.argmin(((self.points - (point.x, point.y)) ** 2).sum(axis=1)))

    def duration_ms(self, origin: int, destination: int, depart_ms: Millis) -> Millis:
        return int(self.durations_ms([origin], [destination], depart_ms)[0, 0])

    def durations_ms(
        self, origins: Sequence[int], destinations: Sequence[int], depart_ms: Millis
    ) -> NDArray[np.int64]:
        ways = self.points[list(origins)][:, None] - self.points[list(destinations)][None, :]
        return np.asarray(np.sqrt((ways**2).sum(axis=2)) * 200, dtype=np.int64)

    def pair_durations_ms(
        self, origins: Sequence[int], destinations: Sequence[int], depart_ms: Millis
    ) -> NDArray[np.int64]:
        ways = self.points[list(origins)] - self.points[list(destinations)]
        return np.asarray(np.sqrt((ways**2).sum(axis=1)) * 200, dtype=np.int64)


def random_snapshot(seed: int, riders: int, orders: int, *, busy: bool = True) -> tuple[Snapshot, Crow]:
    draw = np.random.default_rng(seed)
    crow = Crow([(float(x), float(y)) for x, y in draw.uniform(0, 6_000, (riders + orders + 1, 2))])
    views = tuple(
        RiderView(
            f"r{k:02}",
            k,
            START_MS + (int(draw.integers(1, 20 * MINUTE_MS)) if busy and k % 3 == 2 else 0),
            START_MS + int(draw.integers(0, 2 * HOUR_MS)),
            not (busy and k % 3 == 2),
        )
        for k in range(riders)
    )
    waited = np.sort(draw.choice(90 * MINUTE_MS, orders, replace=False))[::-1]
    placed = [START_MS - int(span_ms) for span_ms in waited]
    opened = tuple(
        OpenOrder(
            f"o{k:02}",
            f"m-{k}",
            riders + k,
            riders + k,
            placed[k],
            placed[k] + int(draw.integers(0, 20 * MINUTE_MS)),
            placed[k] + HOUR_MS,
            tuple(view.rider_id for view in views if draw.random() < 0.1),
            "",
        )
        for k in range(orders)
    )
    snapshot = Snapshot("decision-1", START_MS, START_MS + 15 * SECOND_MS, opened, views, OFFERING, TIMES)
    return snapshot, crow


def decide(policy: str, snapshot: Snapshot, crow: Crow) -> DispatchPlan:
    return MATCHERS[policy].decide(snapshot, crow, Budget())


SIZES = st.tuples(st.integers(0, 10**6), st.integers(0, 7), st.integers(0, 7))


def test_the_default_is_one_of_them() -> None:
    assert DEFAULT_POLICY in MATCHERS


def test_a_budget_is_not_negative() -> None:
    with pytest.raises(InvalidValueError):
        Budget(iterations=-1)


@settings(max_examples=EXAMPLES)
@given(POLICIES, SIZES)
def test_the_same_snapshot_gives_the_same_plan(policy: str, size: tuple[int, int, int]) -> None:
    snapshot, crow = random_snapshot(*size)
    plan = decide(policy, snapshot, crow)
    assert plan == decide(policy, snapshot, crow)
    assert (plan.decision_id, plan.policy, plan.cut) == (snapshot.decision_id, policy, False)


@settings(max_examples=EXAMPLES)
@given(POLICIES, SIZES)
def test_everybody_at_most_once(policy: str, size: tuple[int, int, int]) -> None:
    snapshot, crow = random_snapshot(*size)
    plan = decide(policy, snapshot, crow)
    riders = [trip.rider_id for trip in plan.trips]
    orders = [order_id for trip in plan.trips for order_id in trip.order_ids]
    held = [hold.order_id for hold in plan.holds]
    assert len(set(riders)) == len(riders)
    assert len({*orders, *held}) == len(orders) + len(held) == len(snapshot.orders)
    assert {*orders, *held} == {order.order_id for order in snapshot.orders}
    free = {rider.rider_id for rider in snapshot.riders if rider.is_free}
    assert set(riders) <= free
    for trip in plan.trips:
        assert len(trip.explanations) == len(trip.order_ids)


@settings(max_examples=EXAMPLES)
@given(POLICIES, STEPS, st.sampled_from((OFFERING, ASSIGNING)))
def test_every_trip_still_holds_at_once(policy: str, steps: list[Step], rules: object) -> None:
    desk = Desk(rules)  # type: ignore[arg-type]
    Chaos(desk).play(steps)
    for _ in range(3):
        snapshot = desk.engine.pending_decision(desk.now_ms)
        if snapshot is None:
            desk.wait(desk.params.epoch_ms)
            continue
        plan = MATCHERS[policy].decide(snapshot, desk.plane, Budget())
        (applied,) = (e for e in desk.say(ApplyPlan(plan)) if isinstance(e, PlanApplied))
        assert applied.stale == ()
        assert applied.trips == len(plan.trips)


@settings(max_examples=EXAMPLES)
@given(POLICIES, SIZES)
def test_names_do_not_matter(policy: str, size: tuple[int, int, int]) -> None:
    snapshot, crow = random_snapshot(*size)
    # Food that is ready later would make riders equal: whoever comes first waits for it.
    orders = tuple(order._replace(ready_at_ms=order.placed_at_ms) for order in snapshot.orders)
    snapshot = replace(snapshot, orders=orders)
    name: dict[RiderId, RiderId] = {
        rider.rider_id: f"n{99 - k:02}" for k, rider in enumerate(snapshot.riders)
    }
    renamed = replace(
        snapshot,
        riders=tuple(
            sorted(
                (rider._replace(rider_id=name[rider.rider_id]) for rider in snapshot.riders),
                key=lambda rider: rider.rider_id,
            )
        ),
        orders=tuple(
            order._replace(
                order_id=f"x-{order.order_id}", declined_by=tuple(name[r] for r in order.declined_by)
            )
            for order in snapshot.orders
        ),
    )
    plan, other = decide(policy, snapshot, crow), decide(policy, renamed, crow)
    pairs = {(name[trip.rider_id], tuple(f"x-{o}" for o in trip.order_ids)) for trip in plan.trips}
    assert pairs == {(trip.rider_id, trip.order_ids) for trip in other.trips}
    assert {(f"x-{h.order_id}", h.explanation.reason) for h in plan.holds} == {
        (h.order_id, h.explanation.reason) for h in other.holds
    }


@settings(max_examples=EXAMPLES)
@given(POLICIES, SIZES)
def test_a_hold_is_told_once(policy: str, size: tuple[int, int, int]) -> None:
    snapshot, crow = random_snapshot(*size)
    plan = decide(policy, snapshot, crow)
    reason = {hold.order_id: hold.explanation.reason for hold in plan.holds}
    assert all(reason.values())
    orders = tuple(o._replace(held_reason=reason.get(o.order_id, "")) for o in snapshot.orders)
    again = decide(policy, replace(snapshot, orders=orders), crow)
    assert again.trips == plan.trips
    assert again.holds == ()


@settings(max_examples=EXAMPLES)
@given(POLICIES, SIZES)
def test_never_worse_than_doing_nothing(policy: str, size: tuple[int, int, int]) -> None:
    snapshot, crow = random_snapshot(*size, busy=False)
    # With the next epoch far away nobody may wait for the kitchen.
    snapshot = replace(snapshot, next_epoch_ms=START_MS + 3 * HOUR_MS)
    plan = decide(policy, snapshot, crow)
    possible = pairs_of(snapshot, crow)
    assert bool(plan.trips) == bool(possible)
    assert all((t.rider_id, t.order_ids[0]) in possible for t in plan.trips)
    assert sum(possible[t.rider_id, t.order_ids[0]] for t in plan.trips) <= 0


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_nobody_on_duty_nobody_in_time_and_nothing_to_do(policy: str) -> None:
    snapshot, crow = random_snapshot(1, 0, 2)
    assert [h.explanation.reason for h in decide(policy, snapshot, crow).holds] == ["no_rider_on_duty"] * 2
    snapshot, crow = random_snapshot(1, 2, 2, busy=False)
    gone = tuple(rider._replace(shift_ends_at_ms=START_MS) for rider in snapshot.riders)
    plan = decide(policy, replace(snapshot, riders=gone), crow)
    assert plan.trips == ()
    assert [h.explanation.reason for h in plan.holds] == ["no_rider_in_time"] * 2
    assert decide(policy, replace(snapshot, orders=()), crow) == DispatchPlan("decision-1", policy, (), ())


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_of_equals_the_smaller_id(policy: str) -> None:
    snapshot, crow = random_snapshot(1, 4, 1, busy=False)
    twins = tuple(r._replace(location=0, shift_ends_at_ms=START_MS + HOUR_MS) for r in snapshot.riders)
    orders = tuple(order._replace(declined_by=()) for order in snapshot.orders)
    plan = decide(policy, replace(snapshot, riders=twins, orders=orders), crow)
    assert [trip.rider_id for trip in plan.trips] == ["r00"]
    alternatives = plan.trips[0].explanations[0].alternatives
    assert [(a.rider_id, a.delta_min) for a in alternatives] == [("r01", 0), ("r02", 0), ("r03", 0)]


def pairs_of(snapshot: Snapshot, crow: Crow) -> dict[tuple[str, str], int]:
    """Return what each possible pair costs by the definition of ``hungarian``, in ms."""
    costs: dict[tuple[str, str], int] = {}
    for rider, order in itertools.product(snapshot.riders, snapshot.orders):
        drive_ms = crow.duration_ms(rider.location, order.pickup, snapshot.at_ms)
        arrival = rider.free_at_ms + drive_ms + snapshot.times.pickup_before_ms
        pickup = max(arrival, order.ready_at_ms)
        if pickup > rider.shift_ends_at_ms or rider.rider_id in order.declined_by:
            continue
        delay = pickup - max(order.ready_at_ms, snapshot.at_ms)
        waited = snapshot.at_ms - order.placed_at_ms
        overdue = max(0, snapshot.at_ms - order.ready_at_ms - PATIENCE_MS)
        costs[rider.rider_id, order.order_id] = round(
            (delay - UNASSIGNED_MS - waited) * (1 + overdue / PATIENCE_MS) ** 2
        )
    return costs


def cheapest(snapshot: Snapshot, costs: dict[tuple[str, str], int]) -> int:
    """Return the least total over every way of pairing, by trying all."""
    riders = [rider.rider_id for rider in snapshot.riders]
    orders: list[str | None] = [order.order_id for order in snapshot.orders]
    orders += [None] * len(riders)
    return min(
        sum(costs.get((r, o), 0) for r, o in zip(riders, way, strict=True) if o is not None)
        for way in set(itertools.permutations(orders, len(riders)))
    )


@settings(max_examples=min(EXAMPLES, 200))
@given(st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 4))
def test_hungarian_equals_trying_all(seed: int, riders: int, orders: int) -> None:
    snapshot, crow = random_snapshot(seed, riders, orders, busy=False)
    # With the next epoch far away nothing is held for the kitchen: the plan is the whole assignment.
    snapshot = replace(snapshot, next_epoch_ms=START_MS + 3 * HOUR_MS)
    costs = pairs_of(snapshot, crow)
    plan = decide("hungarian", snapshot, crow)
    total = sum(costs[trip.rider_id, trip.order_ids[0]] for trip in plan.trips)
    assert total == cheapest(snapshot, costs)


@settings(max_examples=EXAMPLES)
@given(SIZES)
def test_nearest_is_nearest(size: tuple[int, int, int]) -> None:
    snapshot, crow = random_snapshot(*size)
    left = {rider.rider_id: rider for rider in snapshot.riders if rider.is_free}
    possible = pairs_of(snapshot, crow)
    taken = {trip.order_ids[0]: trip.rider_id for trip in decide("nearest", snapshot, crow).trips}
    for order in snapshot.orders:
        able = [rider for rider in left.values() if (rider.rider_id, order.order_id) in possible]
        near = min(able, key=lambda r: crow.duration_ms(r.location, order.pickup, 0), default=None)
        assert taken.get(order.order_id) == (near.rider_id if near else None)
        if near:
            del left[near.rider_id]


@settings(max_examples=EXAMPLES)
@given(st.sampled_from(("hungarian", "nearest")), SIZES)
def test_explanations_by_pickup_recompute(policy: str, size: tuple[int, int, int]) -> None:
    snapshot, crow = random_snapshot(*size)
    orders = {order.order_id: order for order in snapshot.orders}
    riders = {rider.rider_id: rider for rider in snapshot.riders}
    for trip in decide(policy, snapshot, crow).trips:
        rider, order = riders[trip.rider_id], orders[trip.order_ids[0]]
        explanation = trip.explanations[0]
        terms = {term.name: term.value for term in explanation.terms}
        assert {term.unit for term in explanation.terms} == {"min"}
        drive_ms = crow.duration_ms(rider.location, order.pickup, START_MS)
        pickup = max(rider.free_at_ms + drive_ms + TIMES.pickup_before_ms, order.ready_at_ms)
        assert round(terms["first_mile"] * MINUTE_MS) == drive_ms
        assert round(terms["pickup_after_ready"] * MINUTE_MS) == pickup - order.ready_at_ms
        assert round(terms["pickup_after_placed"] * MINUTE_MS) == pickup - order.placed_at_ms
        others = explanation.alternatives
        assert len(others) <= 3
        assert rider.rider_id not in {other.rider_id for other in others}
        keys = [(other.delta_min, other.rider_id) for other in others]
        assert keys == sorted(keys)
        for other in others:
            view = riders[other.rider_id]
            at = view.free_at_ms + crow.duration_ms(view.location, order.pickup, START_MS)
            delta = max(at + TIMES.pickup_before_ms, order.ready_at_ms) - pickup
            assert round(other.delta_min * MINUTE_MS) == delta


def test_hungarian_lets_nobody_wait_for_ever() -> None:
    """Two riders serve a kitchen each; one that is free always finds an order just there."""
    left, right = Point(0.0, 0.0), Point(3_000.0, 0.0)
    city = replace(
        TOWN,
        merchants=(
            Merchant("left", "L", left),
            Merchant("right", "R", right),
            Merchant("far", "F", Point(1_500.0, 6_000.0)),
        ),
    )
    desk = Desk(ASSIGNING, policy="hungarian", city=city, params=DispatchParams(epoch_ms=30 * SECOND_MS))
    busy_ms, ends_at_ms = START_MS + 100 * SECOND_MS, START_MS + 6 * HOUR_MS
    commands: list[tuple[Millis, Command]] = [
        (START_MS - 1, StartShift("rider-1", left, ends_at_ms)),
        (START_MS - 1, StartShift("rider-2", right, ends_at_ms)),
        (busy_ms, PlaceOrder("far", left, ready_at_ms=busy_ms, reference="far")),
    ]
    for k in range(240):
        # A moment before a rider is free again: what comes at the instant of a decision is not part of it.
        at_ms = START_MS + k * 90 * SECOND_MS - 1
        merchant, door = ("left", left) if k % 2 == 0 else ("right", right)
        commands.append((at_ms, PlaceOrder(merchant, door, ready_at_ms=at_ms)))
    records = live_through(desk, commands, ends_at_ms)
    placed = [r.message for r in records if isinstance(r.message, OrderPlaced)]
    done = {r.message.order_id: r.at_ms for r in records if isinstance(r.message, OrderDelivered)}
    (order_id,) = (order.order_id for order in placed if order.reference == "far")
    assert done[order_id] - START_MS < 3 * HOUR_MS


def test_nobody_waits_for_a_rider_who_got_lost() -> None:
    desk = Desk(ASSIGNING, policy="hungarian", params=DispatchParams(epoch_ms=15_000))
    desk.rider("rider-1", x=300.0)
    desk.order("m-1", x=300.0)
    desk.wait(MINUTE_MS)
    assert desk.state.riders["rider-1"].trip_id == "trip-1"
    desk.rider("rider-2", x=9_000.0)
    order_id = desk.order("m-1")
    # Rider 1 would have been free long before rider 2 could be there, but is never heard of again.
    desk.wait(HOUR_MS)
    assert desk.state.orders[order_id].rider_id == "rider-2"
