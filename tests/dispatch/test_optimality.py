"""No plan is better than the best there is, and where exactness is claimed it is just as good."""

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.kernels.layout import COST_PER_MS
from dispatch.matching.base import Budget
from dispatch.matching.bundles import COST_UNIT, NO_ORDER, Weights, bundle, kitchens, order_table, tariff
from dispatch.matching.bundles import Limits as MergeLimits
from dispatch.matching.foodmatch import FoodMatchMatcher, FoodMatchParams
from dispatch.matching.large import LargeParams, decide_large
from dispatch.matching.rolling import RollingMatcher
from dispatch.matching.rolling_cost import delay_cost, pay_cost
from dispatch.matching.rolling_params import RollingParams
from dispatch.snapshot import OpenOrder, RiderView, Snapshot
from domain.plans import DispatchPlan, ServiceRules, ServiceTimes
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from tests.dispatch.brute_force import Limits, Objective, cheapest, cost_of_plan
from tests.dispatch.desk import EXAMPLES, START_MS
from tests.dispatch.test_matchers import Crow

DEFAULT = LargeParams()
EXACT = LargeParams(most_orders=1, trips=1, rounds=1)


def small_case(seed: int, riders: int, orders: int) -> tuple[Snapshot, Crow]:
    """Up to three merchants with several orders each; riders free or busy, one near the end of the shift."""
    draw = np.random.default_rng(seed)
    crow = Crow([(float(x), float(y)) for x, y in draw.uniform(0, 5_000, (riders + orders + 3, 2))])
    views = tuple(
        RiderView(
            f"r{k}",
            k,
            START_MS + (int(draw.integers(1, 20 * MINUTE_MS)) if k % 2 else 0),
            START_MS + int(draw.choice((20 * MINUTE_MS, HOUR_MS, 3 * HOUR_MS))),
            k % 2 == 0,
            START_MS - int(draw.integers(1, 3 * HOUR_MS)),
            int(draw.integers(0, 6)),
        )
        for k in range(riders)
    )
    placed = np.sort(START_MS - draw.choice(40 * MINUTE_MS, orders, replace=False)).tolist()
    opened = []
    for k in range(orders):
        merchant = int(draw.integers(0, 3))
        ready = placed[k] + int(draw.integers(0, 30 * MINUTE_MS))
        declined = tuple(view.rider_id for view in views if draw.random() < 0.1)
        opened.append(
            OpenOrder(
                f"o{k}",
                f"m{merchant}",
                riders + orders + merchant,
                riders + k,
                placed[k],
                ready,
                placed[k] + int(draw.integers(25, 60)) * MINUTE_MS,
                declined,
                "",
            )
        )
    rules, times = ServiceRules(riders_may_decline=False), ServiceTimes()
    next_ms = START_MS + 15 * SECOND_MS
    return Snapshot("decision-1", START_MS, next_ms, tuple(opened), views, rules, times), crow


CASES = st.builds(small_case, st.integers(0, 10**6), st.integers(1, 3), st.integers(0, 4))


def large_objective(params: LargeParams) -> Objective:
    """What ``decide_large`` minimizes, in tenths of a ms."""

    def order(order: OpenOrder, at_ms: Millis) -> int:
        late_ms = max(0, at_ms - order.promised_at_ms)
        cost = COST_UNIT * (at_ms - order.placed_at_ms) + params.late * late_ms
        return cost + (COST_UNIT * params.broken_ms if late_ms else 0)

    def unassigned(order: OpenOrder) -> int:
        return COST_UNIT * (params.unassigned_ms + START_MS - order.placed_at_ms)

    return Objective(order, unassigned)


def delay_objective(params: FoodMatchParams) -> Objective:
    """What ``foodmatch`` minimizes: delivery time, the shortest possible part of which is always the same."""

    def unassigned(order: OpenOrder) -> int:
        return COST_UNIT * (params.rejection_ms + START_MS - order.placed_at_ms)

    return Objective(lambda order, at_ms: COST_UNIT * (at_ms - order.placed_at_ms), unassigned)


def rolling_objective(params: RollingParams) -> Objective:
    """What ``rolling`` minimizes; having no rider costs something beyond the wait so far."""
    now = Snapshot("now", START_MS, START_MS, (), (), ServiceRules(riders_may_decline=False), ServiceTimes())
    return Objective(
        lambda order, at_ms: delay_cost(order, at_ms, params),
        lambda order: COST_PER_MS * params.unassigned_ms + delay_cost(order, START_MS, params),
        lambda rider, count: pay_cost(now, rider, count, params),
    )


@dataclass(frozen=True)
class Optimizer:
    """A policy with what it minimizes and may do.

    To add one, list it in ``OPTIMIZERS``. ``exact`` says that its plans claim to cost no more than the best.
    """

    decide: Callable[[Snapshot, Crow], DispatchPlan]
    objective: Objective
    limits: Limits
    exact: bool


def _large(params: LargeParams, *, exact: bool = False) -> Optimizer:
    limits = Limits(params.trips, params.most_orders)
    objective = large_objective(params)
    return Optimizer(lambda s, crow: decide_large(s, crow, "large", params), objective, limits, exact)


def _foodmatch(params: FoodMatchParams, *, exact: bool = False) -> Optimizer:
    limits, matcher = Limits(1, params.most_orders), FoodMatchMatcher(params)
    return Optimizer(
        lambda s, crow: matcher.decide(s, crow, Budget()), delay_objective(params), limits, exact
    )


def _rolling(params: RollingParams) -> Optimizer:
    limits, matcher = Limits(params.most_trips, params.most_orders), RollingMatcher("rolling", params)
    return Optimizer(
        lambda s, crow: matcher.decide(s, crow, Budget()), rolling_objective(params), limits, exact=False
    )


# Expected orders are no part of a plan, and costs are the same however many orders there are.
CALM = RollingParams(expected_weight_pct=0, pressed_pct=0, overloaded_pct=1_000)

OPTIMIZERS = {
    "rolling": _rolling(CALM),
    "rolling, overloaded": _rolling(replace(CALM, late_pct=10, broken_promise_ms=20 * MINUTE_MS)),
    "improve": _rolling(replace(CALM, iterations=400)),
    "large": _large(DEFAULT),
    "large, one order a trip, one trip": _large(EXACT, exact=True),
    "large, one trip": _large(replace(DEFAULT, trips=1, rounds=1)),
    "foodmatch": _foodmatch(FoodMatchParams()),
    "foodmatch, one order a batch": _foodmatch(FoodMatchParams(most_orders=1), exact=True),
}


def everybody_now(snapshot: Snapshot) -> Snapshot:
    """The same with all riders free, and the next decision too far away to wait for."""
    riders = tuple(rider._replace(free_at_ms=START_MS, is_free=True) for rider in snapshot.riders)
    return replace(snapshot, riders=riders, next_epoch_ms=START_MS + 3 * HOUR_MS)


@pytest.mark.parametrize("name", OPTIMIZERS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(CASES)
def test_a_plan_is_never_better_than_the_best(name: str, case: tuple[Snapshot, Crow]) -> None:
    snapshot, crow = case
    optimizer = OPTIMIZERS[name]
    if name.startswith("foodmatch"):  # it tells nothing of what it foresees
        snapshot = everybody_now(snapshot)
    plan = optimizer.decide(snapshot, crow)
    cost = cost_of_plan(snapshot, crow, optimizer.objective, plan)
    least = cheapest(snapshot, crow, optimizer.objective, optimizer.limits)
    assert cost >= least
    if optimizer.exact:
        assert cost == least


@pytest.mark.parametrize("name", OPTIMIZERS)
@settings(max_examples=EXAMPLES, deadline=None)
@given(CASES, st.permutations(range(3)))
def test_relabeled_riders_change_nothing_but_labels(
    name: str, case: tuple[Snapshot, Crow], numbers: list[int]
) -> None:
    snapshot, crow = case
    if name.startswith("foodmatch"):
        snapshot = everybody_now(snapshot)
    # Food that is ready later would make riders equal: whoever comes first waits for it.
    ripe = tuple(order._replace(ready_at_ms=order.placed_at_ms) for order in snapshot.orders)
    snapshot = replace(snapshot, orders=ripe)
    label = {rider.rider_id: f"x{numbers[k]}" for k, rider in enumerate(snapshot.riders)}
    riders = [rider._replace(rider_id=label[rider.rider_id]) for rider in snapshot.riders]
    orders = tuple(
        order._replace(declined_by=tuple(label[rider_id] for rider_id in order.declined_by))
        for order in snapshot.orders
    )
    other = replace(snapshot, riders=tuple(sorted(riders, key=lambda r: r.rider_id)), orders=orders)
    optimizer = OPTIMIZERS[name]
    least = cheapest(snapshot, crow, optimizer.objective, optimizer.limits)
    assert cheapest(other, crow, optimizer.objective, optimizer.limits) == least
    costs = [cost_of_plan(s, crow, optimizer.objective, optimizer.decide(s, crow)) for s in (snapshot, other)]
    assert costs[0] == costs[1]


@settings(max_examples=EXAMPLES, deadline=None)
@given(CASES, st.integers(0, 2))
def test_a_removed_rider_does_not_make_the_best_plan_of_queues_better(
    case: tuple[Snapshot, Crow], gone: int
) -> None:
    snapshot, crow = case
    gone %= len(snapshot.riders)
    fewer = replace(snapshot, riders=snapshot.riders[:gone] + snapshot.riders[gone + 1 :])
    objective, limits = OPTIMIZERS["rolling"].objective, OPTIMIZERS["rolling"].limits
    assert cheapest(fewer, crow, objective, limits) >= cheapest(snapshot, crow, objective, limits)


@pytest.mark.parametrize("name", [name for name, optimizer in OPTIMIZERS.items() if optimizer.exact])
@settings(max_examples=EXAMPLES, deadline=None)
@given(CASES, st.integers(0, 2))
def test_a_removed_rider_makes_nothing_better(name: str, case: tuple[Snapshot, Crow], gone: int) -> None:
    snapshot, crow = case
    snapshot = everybody_now(snapshot)
    gone %= len(snapshot.riders)
    fewer = replace(snapshot, riders=snapshot.riders[:gone] + snapshot.riders[gone + 1 :])
    optimizer = OPTIMIZERS[name]
    wide = Limits()
    assert cheapest(fewer, crow, optimizer.objective, wide) >= cheapest(
        snapshot, crow, optimizer.objective, wide
    )
    costs = [cost_of_plan(s, crow, optimizer.objective, optimizer.decide(s, crow)) for s in (fewer, snapshot)]
    assert costs[0] >= costs[1]


@pytest.mark.parametrize("name", ["rolling", "improve"])
@settings(max_examples=EXAMPLES, deadline=None)
@given(st.builds(small_case, st.integers(0, 10**6), st.integers(1, 3), st.just(1)))
def test_one_order_goes_where_it_costs_least(name: str, case: tuple[Snapshot, Crow]) -> None:
    snapshot, crow = case
    optimizer = OPTIMIZERS[name]
    plan = optimizer.decide(snapshot, crow)
    cost = cost_of_plan(snapshot, crow, optimizer.objective, plan)
    assert cost == cheapest(snapshot, crow, optimizer.objective, optimizer.limits)


@settings(max_examples=EXAMPLES, deadline=None)
@given(st.integers(0, 10**6), st.integers(1, 7), st.sampled_from((0, 3, 14)), st.integers(1, 4))
def test_bundles_are_merged_as_in_plain_words(seed: int, orders: int, price: int, most: int) -> None:
    snapshot, crow = small_case(seed, 1, orders)
    table = order_table(snapshot, crow)
    reach_ms = np.array([START_MS + (k + 3) * MINUTE_MS for k in range(len(table.merchants))])
    approach_ms = np.full(len(table.merchants), 4 * MINUTE_MS)
    how = tariff(snapshot.times, Weights(1, COST_UNIT * 8 * MINUTE_MS), price)
    found = bundle(kitchens(snapshot, table, crow, reach_ms, approach_ms), how, MergeLimits(most, weight=0))
    drops: dict[tuple[int, ...], list[int]] = {}
    for row, size in enumerate(found.size.tolist()):
        members = tuple(found.orders[row, :size].tolist())
        drops[members] = found.drop_ms[row, :size].tolist()
        assert found.orders[row, size:].tolist() == [NO_ORDER] * (4 - size)
        assert found.ready_ms[row] == max(snapshot.orders[o].ready_at_ms for o in members)
    expected = merged_in_words(snapshot, crow, reach_ms[table.merchant].tolist(), price, most)
    assert set(drops) == set(expected)
    for members, after_ms in drops.items():
        assert after_ms == stops_after(snapshot, crow, members)


def stops_after(snapshot: Snapshot, crow: Crow, members: tuple[int, ...]) -> list[int]:
    """From the pickup to each drop-off."""
    times, spans = snapshot.times, []
    here, at_ms = snapshot.orders[members[0]].pickup, times.pickup_after_ms
    for o in members:
        at_ms += crow.duration_ms(here, snapshot.orders[o].dropoff, 0) + times.dropoff_before_ms
        spans.append(at_ms)
        here, at_ms = snapshot.orders[o].dropoff, at_ms + times.dropoff_after_ms
    return spans


def merged_in_words(
    snapshot: Snapshot, crow: Crow, reach_ms: list[int], price: int, most: int
) -> list[tuple[int, ...]]:
    """Merge the two bundles of a merchant whose merge saves most, until none saves anything."""
    objective = large_objective(DEFAULT)

    def cost(members: tuple[int, ...]) -> int:
        pickup_ms = max(reach_ms[members[0]], *(snapshot.orders[o].ready_at_ms for o in members))
        spans = stops_after(snapshot, crow, members)
        busy_ms = spans[-1] + snapshot.times.pickup_before_ms + snapshot.times.dropoff_after_ms
        total = price * (4 * MINUTE_MS + busy_ms)
        for o, span_ms in zip(members, spans, strict=True):
            total += objective.order(snapshot.orders[o], pickup_ms + span_ms)
        return total

    def best(members: tuple[int, ...]) -> tuple[int, ...]:
        return min(itertools.permutations(members), key=cost)

    bundles: list[tuple[int, ...]] = [(o,) for o in range(len(snapshot.orders))]
    while True:
        merges = []
        for a, b in itertools.combinations(bundles, 2):
            merchants = {snapshot.orders[o].merchant_id for o in (*a, *b)}
            if len(merchants) == 1 and len(a) + len(b) <= most:
                both = best((*a, *b))
                merges.append((cost(both) - cost(a) - cost(b), a, b, both))
        weight, a, b, both = min(merges, default=(0, (), (), ()))
        if weight >= 0:
            return bundles
        bundles = [each for each in bundles if each not in {a, b}] + [both]
