"""`peakline bench dispatch`: figures of decisions in a city that a seed lays out."""

import json

import pytest

from cli.bench.city_moments import EPOCH_MS, STARTS_AT_MS, CityMoments, Size
from dispatch.matching import DEFAULT_POLICY, MATCHERS, Budget
from domain.errors import InvalidValueError
from tests.cli.conftest import Peakline


@pytest.mark.parametrize("policy", ["", "foodmatch"])
def test_it_tells_the_time_of_decisions(peakline: Peakline, policy: str) -> None:
    words = ["bench", "dispatch", "--riders", "40", "--orders", "30", "--decisions", "3", "--json"]
    ended = peakline(*words, *(["--policy", policy] if policy else []))
    assert ended.code == 0
    told = json.loads(ended.out)
    assert told["policy"] == (policy or DEFAULT_POLICY)
    assert (told["riders"], told["orders"], told["decisions"]) == (40, 30, 3)
    assert 0 < told["p50_s"] <= told["p99_s"] <= told["max_s"]
    assert told["cold_s"] <= told["max_s"]
    assert told["first_s"] > 0
    assert told["orders_started"] > 0
    assert 0 < told["orders_assigned"] <= 30


def test_a_person_reads_a_table(peakline: Peakline) -> None:
    ended = peakline("bench", "dispatch", "--riders", "10", "--orders", "5", "--decisions", "1")
    assert ended.code == 0
    assert f"10 riders x 5 orders, policy {DEFAULT_POLICY}" in ended.out


def test_bad_input_is_named(peakline: Peakline) -> None:
    assert peakline("bench", "dispatch", "--riders", "0").code == 2
    ended = peakline("bench", "dispatch", "--policy", "magic")
    assert ended.code == 2
    assert "magic" in ended.err
    with pytest.raises(InvalidValueError, match="orders"):
        Size(1, 20_001)


@pytest.mark.parametrize("policy", ["nearest", "foodmatch"])
def test_a_city_moves_on_with_its_plans(policy: str) -> None:
    city, twin, other = (CityMoments(Size(30, 40), seed) for seed in (1, 1, 2))
    assert city.snapshot == twin.snapshot != other.snapshot
    assert sum(rider.is_free for rider in city.snapshot.riders) == 15
    started = 0
    for moment in range(1, 6):
        before = city.snapshot
        plan = MATCHERS[policy].decide(before, city.plane, Budget())
        city.move_on(plan)
        twin.move_on(plan)
        after = city.snapshot
        assert after == twin.snapshot
        assert after.at_ms == STARTS_AT_MS + moment * EPOCH_MS
        assert len(after.orders) == 40
        assert [o.placed_at_ms for o in after.orders] == sorted(o.placed_at_ms for o in after.orders)
        gone = {order_id for trip in plan.trips for order_id in trip.order_ids}
        assert gone.isdisjoint(order.order_id for order in after.orders)
        riders = {rider.rider_id: rider for rider in after.riders}
        for trip in plan.trips:
            rider = riders[trip.rider_id]
            assert not rider.is_free
            assert rider.free_at_ms > before.at_ms
        assert all(rider.is_free == (rider.free_at_ms <= after.at_ms) for rider in after.riders)
        assert {hold.order_id for hold in plan.holds} <= {o.order_id for o in after.orders if o.held_reason}
        started += len(plan.trips)
    assert started > 5
