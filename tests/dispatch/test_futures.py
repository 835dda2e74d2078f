"""Queues are searched for drawn futures, and the plan that is cheapest over all of them is kept."""

from collections.abc import Callable
from types import ModuleType

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray

from dispatch.kernels import futures, search
from dispatch.kernels.layout import MERCHANT, NOW, ORDERS, PLACED, PROMISED, READY, REAL
from dispatch.matching.rolling_params import RollingParams
from dispatch.matching.rolling_problem import Problem, pose
from dispatch.snapshot import Snapshot
from domain.units import MINUTE_MS
from roads.plane import MetricPlane
from tests.dispatch.desk import EXAMPLES
from tests.dispatch.plain_kernels import plain_kernels
from tests.dispatch.rolling_cases import rolling_case

Ints = NDArray[np.int64]
Case = tuple[Snapshot, MetricPlane]
Search = Callable[..., int]

PARAMS = RollingParams(iterations=6)
AHEAD_MS = 20 * MINUTE_MS
CASES = st.builds(
    lambda seed, riders, orders: rolling_case(seed, riders, orders, recent=6),
    st.integers(0, 10**6),
    st.integers(1, 4),
    st.integers(1, 6),
)
SLOW = max(8, EXAMPLES // 4)


@pytest.fixture(scope="module")
def plain() -> ModuleType:
    return plain_kernels("futures")["futures"]


def solve(
    case: Case, count: int, *, by: Search = futures.search_futures, seed: int = 4_711
) -> tuple[Problem, int]:
    """Pose a case, and search its queues for some futures."""
    snapshot, travel = case
    p = pose(snapshot, travel, PARAMS)
    cost = by(
        *p.arrays,
        np.empty(len(p.order_rows), dtype=np.int64),
        count,
        snapshot.recent_ms,
        AHEAD_MS,
        snapshot.rules.time_grid_ms,
        PARAMS.iterations,
        PARAMS.removed,
        PARAMS.noise_ms,
        np.array([seed], dtype=np.int64),
    )
    return p, int(cost)


def counted(problem: Problem) -> Ints:
    """The rows of the orders that count."""
    return problem.order_rows[: problem.city[ORDERS]]


@settings(max_examples=SLOW, deadline=None)
@given(case=CASES, count=st.integers(1, 3))
def test_compiled_and_plain_futures_give_the_same(plain: ModuleType, case: Case, count: int) -> None:
    compiled, interpreted = solve(case, count), solve(case, count, by=plain.search_futures)
    assert compiled[1] == interpreted[1]
    for name in ("city", "order_rows", "way"):
        np.testing.assert_array_equal(getattr(compiled[0], name), getattr(interpreted[0], name), err_msg=name)


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES, count=st.integers(1, 4), seed=st.integers(1, 2**31 - 1))
def test_a_future_has_all_real_orders_and_some_recent_ones_again(case: Case, count: int, seed: int) -> None:
    snapshot, travel = case
    before = pose(snapshot, travel, PARAMS)
    after, _ = solve(case, count, seed=seed)
    real = len(snapshot.orders)
    rows = counted(after)
    np.testing.assert_array_equal(rows[:real], before.order_rows[:real])
    assert real <= len(rows) <= real + len(snapshot.recent)
    known = {
        (row[MERCHANT], row[READY] - row[PLACED], row[PROMISED] - row[PLACED]) for row in before.order_rows
    }
    now_ms, grid_ms = int(after.city[NOW]), snapshot.rules.time_grid_ms
    for row in rows[real:]:
        assert row[REAL] == 0
        assert 0 < row[PLACED] - now_ms <= AHEAD_MS
        assert (row[PLACED] - now_ms) % grid_ms == 0
        assert (row[MERCHANT], row[READY] - row[PLACED], row[PROMISED] - row[PLACED]) in known


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES, count=st.integers(1, 4))
def test_the_arrays_are_those_of_the_future_that_was_kept(case: Case, count: int) -> None:
    """A search that starts from the queues kept, in the arrays kept, begins at their cost."""
    p, cost = solve(case, count)
    again = search.search(
        *p.arrays,
        np.empty(len(p.order_rows), dtype=np.int64),
        0,
        PARAMS.removed,
        PARAMS.noise_ms,
        np.array([1], dtype=np.int64),
    )
    assert again <= cost


@settings(max_examples=EXAMPLES, deadline=None)
@given(case=CASES, seed=st.integers(1, 2**31 - 1))
def test_the_plan_kept_is_the_cheapest_over_all_futures(plain: ModuleType, case: Case, seed: int) -> None:
    """Priced as the plain words of the kernel say: the trips of real orders in every future drawn."""
    priced: list[Ints] = []
    plans: list[Ints] = []
    add_prices = plain.add_prices

    def note(*arrays: Ints) -> None:
        before = arrays[-1].copy()
        add_prices(*arrays)
        priced.append(arrays[-1] - before)
        plans[:] = [plan.copy() for plan in arrays[5]]

    with pytest.MonkeyPatch.context() as watched:
        watched.setattr(plain, "add_prices", note)
        p, _ = solve(case, 3, by=plain.search_futures, seed=seed)
    total = np.sum(priced, axis=0)
    assert len(priced) == len(total) == 3
    np.testing.assert_array_equal(p.queues, plans[int(np.argmin(total))])


def test_about_as_many_orders_come_again_as_came_before() -> None:
    case = rolling_case(1, 2, 3, recent=400)
    expected = 400 * AHEAD_MS / case[0].recent_ms
    counts = [len(counted(solve(case, 1, seed=seed)[0])) - 3 for seed in range(1, 21)]
    assert np.mean(counts) == pytest.approx(expected, rel=0.1)
