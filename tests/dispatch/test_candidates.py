"""The candidates are exactly the riders who can be there first."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch import candidates
from dispatch.candidates import candidate_edges
from dispatch.snapshot import OpenOrder
from domain.plans import ServiceRules
from domain.units import MINUTE_MS
from tests.dispatch.desk import EXAMPLES
from tests.dispatch.test_matchers import Crow, random_snapshot


@settings(max_examples=EXAMPLES, deadline=None)
@given(
    st.integers(0, 10**6), st.integers(0, 9), st.integers(0, 7), st.integers(1, 5), st.sampled_from((1, 20))
)
def test_they_are_the_first_to_arrive(seed: int, riders: int, orders: int, k: int, cells: int) -> None:
    snapshot, crow = random_snapshot(seed, riders, orders)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(candidates, "BLOCK_CELLS", cells)
        edges = candidate_edges(snapshot, crow, k)
    found: dict[int, list[tuple[int, int]]] = {o: [] for o in range(orders)}
    for r, o, drive_ms in zip(
        edges.rider.tolist(), edges.order.tolist(), edges.drive_ms.tolist(), strict=True
    ):
        found[o].append((r, drive_ms))
    for o, order in enumerate(snapshot.orders):
        arrivals = []
        for r, rider in enumerate(snapshot.riders):
            drive_ms = crow.duration_ms(rider.location, order.pickup, 0)
            arrival = rider.free_at_ms + drive_ms
            # Each order of these has its own merchant.
            pickup_ms = max(arrival + snapshot.times.pickup_before_ms, order.ready_at_ms)
            if pickup_ms <= rider.shift_ends_at_ms:
                arrivals.append((arrival, r, drive_ms))
        expected = [(r, drive_ms) for _, r, drive_ms in sorted(arrivals)[:k]]
        assert found[o] == [
            (r, drive_ms) for r, drive_ms in expected if snapshot.riders[r].rider_id not in order.declined_by
        ]


def test_the_end_of_a_shift_is_compared_on_the_grid() -> None:
    snapshot, crow = random_snapshot(5, 1, 1, busy=False)
    rules = ServiceRules(time_grid_ms=MINUTE_MS)
    order, rider = snapshot.orders[0], snapshot.riders[0]
    order = OpenOrder(
        "o",
        "m",
        order.pickup,
        order.dropoff,
        order.placed_at_ms,
        order.ready_at_ms,
        order.promised_at_ms,
        (),
        "",
    )
    pickup_ms = (
        rider.free_at_ms + crow.duration_ms(rider.location, order.pickup, 0) + snapshot.times.pickup_before_ms
    )
    for early_ms, count in ((0, 1), (1, 0)):
        ends_ms = pickup_ms - pickup_ms % MINUTE_MS - early_ms
        view = rider._replace(shift_ends_at_ms=ends_ms)
        case = replace(snapshot, orders=(order,), riders=(view,), rules=rules)
        assert len(candidate_edges(case, crow).rider) == count


def test_of_equals_the_smaller_id() -> None:
    snapshot, _ = random_snapshot(1, 6, 1, busy=False)
    crow = Crow([(0.0, 0.0)] * 20)
    ends = max(rider.shift_ends_at_ms for rider in snapshot.riders) + 10**7
    riders = tuple(rider._replace(shift_ends_at_ms=ends) for rider in snapshot.riders)
    orders = tuple(order._replace(declined_by=()) for order in snapshot.orders)
    edges = candidate_edges(replace(snapshot, riders=riders, orders=orders), crow, 3)
    assert np.array_equal(edges.rider, [0, 1, 2])
