"""What the compiled search saves is only work: its steps give what the long way round gives."""

from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.kernels.layout import COUNT, INFEASIBLE, MERCHANT, REAL, TRIPS
from dispatch.matching.rolling_problem import Problem
from tests.dispatch.plain_kernels import plain_kernels
from tests.dispatch.test_kernels import CASES, SLOW, Case, solve, trips_of


@pytest.fixture(scope="module")
def modules() -> dict[str, ModuleType]:
    return plain_kernels("exchange", "insertion", "queues", "costs")


@settings(max_examples=SLOW, deadline=None)
@given(case=CASES, first=st.integers(0, 1))
def test_tails_are_priced_for_all_takers_as_for_each(
    modules: dict[str, ModuleType], case: Case, first: int
) -> None:
    exchange, rest_from = modules["exchange"], modules["queues"].rest_from
    p = solve(case).problem
    arrays = (p.city, p.rider_rows, p.order_rows, p.way)
    after = [r for r in range(len(p.riders)) if p.queues[r, TRIPS] >= first]
    takers = np.empty((exchange.TAKER_SIZE, len(after)), dtype=np.int64)
    for j, r in enumerate(after):
        exchange.enter_taker(p.city, p.rider_rows, p.queues, first, r, takers, j)
    ceiling = exchange.most_cost(p.city, p.order_rows)
    cost = np.empty((1, len(after)), dtype=np.int64)
    for owner in after:
        exchange.price_tail(p.city, p.order_rows, p.way, p.queues, owner, first, ceiling, takers, cost, 0)
        for j, r in enumerate(after):
            place, since = takers[exchange.FROM, j], takers[exchange.SINCE, j]
            count = p.queues[r, modules["queues"].state_at(p.city, first) + COUNT]
            rest = rest_from(*arrays, p.queues, owner, first, r, place, since, count, ceiling)
            assert cost[0, j] == min(rest, ceiling)


@settings(max_examples=SLOW, deadline=None)
@given(case=CASES)
def test_nothing_cheaper_is_passed_over_where_an_order_is_inserted(
    modules: dict[str, ModuleType], case: Case
) -> None:
    """The bounds and what they save only save: every place is tried here."""
    insertion, queues = modules["insertion"], modules["queues"]
    p = solve(case).problem
    arrays = (p.city, p.rider_rows, p.order_rows, p.way)
    single = [modules["costs"].single_of(p.city, p.order_rows, o) for o in range(len(p.order_rows))]
    where = np.empty(3, dtype=np.int64)
    for r in range(len(p.riders)):
        present = [o for trip in trips_of(p, p.queues, r) for o in trip]
        for o in set(range(len(p.order_rows))) - set(present):
            idle = modules["costs"].idle_cost(p.city, p.order_rows, o)
            found = insertion.best_in_queue(*arrays, p.queues, r, o, single[o], idle, where)
            assert found == min(idle, least_extra(queues, p, r, o))


def least_extra(queues: ModuleType, p: Problem, r: int, o: int) -> int:
    """Return what it costs at least to put an order into a queue: in every place, computed from the start."""
    before, most, longest = trips_of(p, p.queues, r), int(p.city[-1]), int(p.city[-2])
    kind = (MERCHANT, REAL)
    tried = [[*before[:k], [o], *before[k:]] for k in range(len(before) + 1) if len(before) < longest]
    for k, trip in enumerate(before):
        if len(trip) < most and (p.order_rows[trip[0], kind] == p.order_rows[o, kind]).all():
            joined = [[*trip[:s], o, *trip[s:]] for s in range(len(trip) + 1)]
            tried += [[*before[:k], longer, *before[k + 1 :]] for longer in joined]
    alone = queue_cost(queues, p, r, before)
    costs = [queue_cost(queues, p, r, trips) for trips in tried]
    return min([INFEASIBLE, *(cost - alone for cost in costs if cost < INFEASIBLE)])


def queue_cost(queues: ModuleType, p: Problem, r: int, trips: list[list[int]]) -> int:
    q = np.zeros_like(p.queues)
    q[r, TRIPS] = len(trips)
    for k, trip in enumerate(trips):
        at = queues.trip_at(p.city, k)
        q[r, at : at + 1 + len(trip)] = [len(trip), *trip]
    queues.begin(p.city, p.rider_rows, q, r)
    queues.refresh(p.city, p.rider_rows, p.order_rows, p.way, q, r, 0)
    return int(queues.total_cost(p.city, q, r))
