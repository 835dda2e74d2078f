"""The compiled search of queues is what its plain Python says, and what it costs is what rolling says."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from scipy.optimize import linear_sum_assignment

from dispatch.explain import WAITS_IN_QUEUE
from dispatch.kernels import assignment, commitment, exchange, search, unpacking
from dispatch.kernels.layout import COST_PER_MS, LONGEST, MOST, PLACED, PRICE_SIZE, PROMISED, READY, TRIPS
from dispatch.matching import Budget
from dispatch.matching.rolling import RollingMatcher
from dispatch.matching.rolling_cost import COST_PER_MIN, delay_cost, pay_cost
from dispatch.matching.rolling_explain import explain_hold_again, explain_trip_again
from dispatch.matching.rolling_params import RollingParams
from dispatch.matching.rolling_problem import Problem, expected_orders, pose
from dispatch.snapshot import OpenOrder, RecentOrder, RiderView, Snapshot
from domain.geo import Point
from domain.plans import Explanation, QueuedTrip, ServiceTimes
from domain.units import HOUR_MS, MINUTE_MS
from roads.plane import MetricPlane
from tests.dispatch.desk import EXAMPLES, START_MS
from tests.dispatch.plain_kernels import plain_kernels
from tests.dispatch.rolling_cases import RULES, expected_order, rolling_case

Ints = NDArray[np.int64]
Case = tuple[Snapshot, MetricPlane]

PARAMS = RollingParams(iterations=12)
CASES = st.builds(rolling_case, st.integers(0, 10**6), st.integers(1, 4), st.integers(1, 7))
SLOW = max(8, EXAMPLES // 4)


@dataclass(frozen=True)
class Kernels:
    """The kernels, compiled or as plain Python."""

    search: Callable[..., int]
    conclude: Callable[..., int]
    warm_start: Callable[..., None]
    unpack: Callable[..., int]


COMPILED = Kernels(search.search, commitment.conclude, search.warm_start, unpacking.unpack)


@pytest.fixture(scope="module")
def plain() -> Kernels:
    modules = plain_kernels("search", "commitment", "unpacking")
    search = modules["search"]
    return Kernels(
        search.search, modules["commitment"].conclude, search.warm_start, modules["unpacking"].unpack
    )


@dataclass(frozen=True)
class Found:
    """What a search and its conclusion left in the arrays."""

    problem: Problem
    cost: int
    searched: Ints
    rider_of: Ints
    fate: Ints
    starts: Ints
    prices: Ints


def pose_again(case: Case, params: RollingParams = PARAMS) -> Problem:
    """Pose a case for one future: all recent orders come again, as long after they came."""
    snapshot, travel = case
    p = pose(snapshot, travel, params)
    p.order_rows[len(snapshot.orders) :, (PLACED, READY, PROMISED)] += snapshot.recent_ms
    return p


def solve(
    case: Case,
    params: RollingParams = PARAMS,
    by: Kernels = COMPILED,
    *,
    seed: int = 4_711,
) -> Found:
    p = pose_again(case, params)
    rider_of = np.empty(len(p.order_rows), dtype=np.int64)
    cost = by.search(
        *p.arrays,
        rider_of,
        params.iterations,
        params.removed,
        params.noise_ms,
        np.array([seed], dtype=np.int64),
    )
    searched = p.queues.copy()
    fate = np.empty(len(p.order_rows), dtype=np.int64)
    starts = np.empty(len(p.riders), dtype=np.int64)
    prices = np.empty((len(p.riders), PRICE_SIZE), dtype=np.int64)
    count = by.conclude(*p.arrays, fate, starts, prices)
    return Found(p, int(cost), searched, rider_of, fate, starts[:count], prices[:count])


def trips_of(problem: Problem, queues: Ints, r: int) -> list[list[int]]:
    step = int(problem.city[MOST]) + 1
    row = queues[r].tolist()
    ats = range(1, 1 + row[TRIPS] * step, step)
    return [row[at + 1 : at + 1 + row[at]] for at in ats]


class Words:
    """What queues cost, in plain words."""

    def __init__(self, case: Case, params: RollingParams) -> None:
        self.snapshot, self.travel = case
        self.params = params
        expected = expected_orders(self.snapshot, params)
        later_ms = self.snapshot.recent_ms
        self.orders = [*self.snapshot.orders]
        self.orders += [expected_order(k, order, later_ms) for k, order in enumerate(expected)]
        self.riders = [*self.snapshot.riders, *self.snapshot.coming]

    def is_real(self, o: int) -> bool:
        return o < len(self.snapshot.orders)

    def idle(self, o: int) -> int:
        if not self.is_real(o):
            return self.params.expected_weight_pct * 100 * self.params.unassigned_ms
        so_far = delay_cost(self.orders[o], self.snapshot.rules.floor(START_MS), self.params)
        return COST_PER_MS * self.params.unassigned_ms + so_far

    def queue(self, rider: RiderView, trips: list[list[int]]) -> int | None:
        """Return what trips of a rider cost one after the other, None where one cannot be."""
        snapshot, times = self.snapshot, self.snapshot.times
        floor = snapshot.rules.floor
        at_ms = floor(snapshot.at_ms) if rider.is_free else floor(rider.free_at_ms)
        here, delivered, total = rider.location, rider.delivered, 0
        for trip in trips:
            orders: list[OpenOrder] = [self.orders[o] for o in trip]
            if any(rider.rider_id in order.declined_by for order in orders):
                return None
            at_ms += self.travel.duration_ms(here, orders[0].pickup, 0) + times.pickup_before_ms
            at_ms = max(at_ms, *(order.ready_at_ms for order in orders))
            if floor(at_ms) > rider.shift_ends_at_ms:
                return None
            here, at_ms = orders[0].pickup, at_ms + times.pickup_after_ms
            for o, order in zip(trip, orders, strict=True):
                at_ms += self.travel.duration_ms(here, order.dropoff, 0) + times.dropoff_before_ms
                cost = delay_cost(order, at_ms, self.params)
                if self.is_real(o):
                    total += cost + pay_cost(snapshot, rider, delivered, self.params)
                else:
                    total += cost * self.params.expected_weight_pct // 100
                here, at_ms = order.dropoff, at_ms + times.dropoff_after_ms
            delivered += sum(map(self.is_real, trip))
        return total

    def without_rider(self, queues: list[list[list[int]]]) -> int:
        taken = {o for queue in queues for trip in queue for o in trip}
        return sum(self.idle(o) for o in range(len(self.orders)) if o not in taken)

    def whole(self, queues: list[list[list[int]]]) -> int:
        """Return what queues cost, and the orders without a rider."""
        total = self.without_rider(queues)
        for rider, queue in zip(self.riders, queues, strict=True):
            cost = self.queue(rider, queue)
            assert cost is not None, "a trip that cannot be"
            total += cost
        return total


@settings(max_examples=SLOW, deadline=None)
@given(case=CASES)
def test_compiled_and_plain_kernels_give_the_same(plain: Kernels, case: Case) -> None:
    compiled, interpreted = solve(case), solve(case, by=plain)
    assert compiled.cost == interpreted.cost
    for name in ("searched", "rider_of", "fate", "starts", "prices"):
        np.testing.assert_array_equal(getattr(compiled, name), getattr(interpreted, name), err_msg=name)
    np.testing.assert_array_equal(compiled.problem.queues, interpreted.problem.queues)


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES)
def test_unpacked_trips_are_those_of_the_rows(plain: Kernels, case: Case) -> None:
    found = solve(case)
    p = found.problem
    queues = {r: trips_of(p, p.queues, r) for r in range(len(p.riders))}
    starting = [queues[r].pop(0) for r in found.starts.tolist()]
    foreseen = [[r, len(trip), *trip] for r, queue in queues.items() for trip in queue]
    unpacked = []
    for unpack in (COMPILED.unpack, plain.unpack):
        times = np.zeros((len(starting), 2 + 2 * p.city[MOST]), dtype=np.int64)
        flat = np.empty(2 * len(p.riders) * p.city[LONGEST] + len(p.order_rows), dtype=np.int64)
        end = unpack(p.city, p.order_rows, p.way, p.queues, found.starts, times, flat)
        assert flat[:end].tolist() == [number for trip in foreseen for number in trip]
        unpacked.append(times.tolist())
    assert unpacked[0] == unpacked[1]
    assert [row[2 : 2 + 2 * row[0] : 2] for row in unpacked[0]] == starting


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES, seed=st.integers(1, 2**31 - 1))
def test_queues_cost_what_plain_words_say_and_no_more_than_before(case: Case, seed: int) -> None:
    words = Words(case, PARAMS)
    before = pose(*case, PARAMS)
    warm = [trips_of(before, before.queues, r) for r in range(len(words.riders))]
    possible = [
        queue if words.queue(rider, queue) is not None else []
        for rider, queue in zip(words.riders, warm, strict=True)
    ]
    found = solve(case, seed=seed)
    queues = [trips_of(found.problem, found.searched, r) for r in range(len(words.riders))]
    assert found.cost == words.whole(queues)
    assert found.cost <= words.whole(possible)


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES)
def test_every_order_is_in_one_place_and_no_trip_breaks_a_limit(case: Case) -> None:
    snapshot, _ = case
    found = solve(case)
    words = Words(case, PARAMS)
    most = min(PARAMS.most_orders, snapshot.rules.max_orders_per_trip or PARAMS.most_orders)
    places = dict.fromkeys(range(len(words.orders)), -1)
    for r in range(len(words.riders)):
        queue = trips_of(found.problem, found.searched, r)
        assert len(queue) <= PARAMS.most_trips
        for trip in queue:
            assert 1 <= len(trip) <= most
            assert len({(words.orders[o].pickup, words.is_real(o)) for o in trip}) == 1
            for o in trip:
                assert places[o] == -1
                places[o] = r
    assert list(places.values()) == found.rider_of.tolist()


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES)
def test_a_plan_is_explained_again_to_the_last_digit(case: Case) -> None:
    snapshot, travel = case
    plan = RollingMatcher("rolling", PARAMS).decide(snapshot, travel, Budget())
    planned = [order_id for trip in plan.trips for order_id in trip.order_ids]
    held = [hold.order_id for hold in plan.holds]
    assert sorted(planned + held) == sorted(order.order_id for order in snapshot.orders)
    for k, trip in enumerate(plan.trips):
        assert explain_trip_again(snapshot, plan, k, travel) == trip.explanations
    for k, hold in enumerate(plan.holds):
        assert explain_hold_again(snapshot, plan, k, travel) == hold.explanation


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES)
def test_the_terms_of_a_trip_sum_to_its_cost(case: Case) -> None:
    plan = RollingMatcher("rolling", PARAMS).decide(*case, Budget())
    snapshot = case[0]
    riders_and_coming = len(snapshot.riders) + len(snapshot.coming)
    words = Words(case, PARAMS.in_force(len(snapshot.orders), riders_and_coming, len(snapshot.recent)))
    number = {order.order_id: k for k, order in enumerate(words.orders)}
    riders = {rider.rider_id: rider for rider in words.riders}
    for trip in plan.trips:
        terms = sum(term.value for explanation in trip.explanations for term in explanation.terms)
        cost = words.queue(riders[trip.rider_id], [[number[order_id] for order_id in trip.order_ids]])
        assert cost is not None
        assert terms == pytest.approx(cost / COST_PER_MIN)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7), st.integers(0, 4), st.sampled_from((3, 10**3, 10**15)))
def test_rows_are_assigned_at_the_least_cost(seed: int, rows: int, more: int, top: int) -> None:
    draw = np.random.default_rng(seed)
    cost = draw.integers(-top, top, (rows, rows + more))
    own = draw.permutation(rows + more)[:rows]
    columns = assignment.assign_rows(cost, own)
    assert len(set(columns.tolist())) == rows
    best = cost[linear_sum_assignment(cost)].sum()
    assert cost[np.arange(rows), columns].sum() == best


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES)
def test_whole_queues_are_exchanged_for_the_best_assignment(plain: Kernels, case: Case) -> None:
    p = pose_again(case)
    plain.warm_start(p.city, p.rider_rows, p.order_rows, p.way, p.queues, np.empty(len(p.order_rows), int))
    words = Words(case, PARAMS)
    queues = [trips_of(p, p.queues, r) for r in range(len(words.riders))]
    exchange.exchange(p.city, p.rider_rows, p.order_rows, p.way, p.barred, p.queues, 0)
    after = [trips_of(p, p.queues, r) for r in range(len(words.riders))]
    assert sorted(after) == sorted(queues)
    table = np.zeros((len(queues), len(queues)), dtype=np.int64)
    for i, queue in enumerate(queues):
        costs = [words.queue(rider, queue) for rider in words.riders]
        table[i] = [cost if cost is not None else 10**15 for cost in costs]
    best = int(table[linear_sum_assignment(table)].sum())
    assert words.whole(after) - words.without_rider(after) == best


def test_more_search_never_costs_more_than_none() -> None:
    for seed in range(20):
        case = rolling_case(seed, 3, 6)
        costs = [solve(case, replace(PARAMS, iterations=n)).cost for n in (0, 40)]
        assert costs[1] <= costs[0]


def test_an_order_behind_an_expected_one_waits_in_the_queue() -> None:
    """Its rider would have to leave now, and is kept for what is expected: the plan alone tells so."""
    plane = MetricPlane(300.0)
    here, near, far = (plane.locate(Point(x, 0.0)) for x in (0.0, 300.0, 18_000.0))
    day_ms = START_MS + 24 * HOUR_MS
    order = OpenOrder("o", "m", here, far, START_MS, START_MS, START_MS + 2 * HOUR_MS, (), "")
    rider = RiderView("r", here, START_MS, day_ms, is_free=True)
    before_ms = START_MS - 20 * MINUTE_MS
    recent = RecentOrder(here, near, before_ms, before_ms, before_ms + 30 * MINUTE_MS)
    snapshot = one_rider(order, rider=rider)
    plan = RollingMatcher().decide(snapshot, plane, Budget())
    assert [trip.order_ids for trip in plan.trips] == [("o",)]
    snapshot = replace(snapshot, recent=(recent,) * 4)
    plan = RollingMatcher().decide(snapshot, plane, Budget())
    assert (plan.trips, plan.queues) == ((), (QueuedTrip("r", ("o",)),))
    assert [hold.explanation for hold in plan.holds] == [Explanation(reason=WAITS_IN_QUEUE, foreseen="r")]
    assert explain_hold_again(snapshot, plan, 0, plane) == plan.holds[0].explanation


def one_rider(*orders: OpenOrder, rider: RiderView) -> Snapshot:
    return Snapshot("d", START_MS, START_MS + 15_000, orders, (rider,), RULES[0], ServiceTimes())


def test_an_order_that_waited_for_hours_still_gets_a_rider() -> None:
    plane = MetricPlane(300.0)
    here = plane.locate(Point(0.0, 0.0))
    rider = RiderView("r", here, START_MS, START_MS + 9 * HOUR_MS, is_free=True)
    for hours in (1, 4, 9):
        placed_ms = START_MS - hours * HOUR_MS
        order = OpenOrder("o", "m", here, here, placed_ms, placed_ms, placed_ms + HOUR_MS, (), "")
        [trip] = RollingMatcher().decide(one_rider(order, rider=rider), plane, Budget()).trips
        assert trip.order_ids == ("o",)


def test_two_merchants_at_one_place_are_two_trips() -> None:
    plane = MetricPlane(300.0)
    here, door = plane.locate(Point(0.0, 0.0)), plane.locate(Point(900.0, 0.0))
    rider = RiderView("r", here, START_MS, START_MS + 9 * HOUR_MS, is_free=True)
    noodles = OpenOrder("o1", "m1", here, door, START_MS, START_MS, START_MS + HOUR_MS, (), "")
    for merchant_id, trips in (("m1", 1), ("m2", 2)):
        order = noodles._replace(order_id="o2", merchant_id=merchant_id)
        plan = RollingMatcher().decide(one_rider(noodles, order, rider=rider), plane, Budget())
        assert len(plan.trips) + len(plan.queues) == trips
