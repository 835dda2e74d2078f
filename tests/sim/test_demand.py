from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValueError
from domain.geo import Point
from domain.units import HOUR_MS
from sim.demand import DrawnOrder, PoissonDemand, ZoneDemand, draw_orders, invert_rate
from sim.randomness import Streams
from sim.spec import ScenarioSpec


def orders_of(spec: ScenarioSpec, seed: int = 1, **changes: object) -> list[DrawnOrder]:
    demand = spec.demand
    assert isinstance(demand, PoissonDemand)
    changed = replace(demand, **changes)  # type: ignore[arg-type]
    return draw_orders(changed, spec.setup.city, spec.kitchens, spec.starts_at_ms, Streams(seed))


def test_a_smaller_scale_keeps_a_subset(small_scenario: Callable[..., ScenarioSpec]) -> None:
    spec = small_scenario()
    small, medium, large = (orders_of(spec, scale=scale) for scale in (0.5, 1.0, 2.5))
    assert 0 < len(small) < len(medium) < len(large)
    assert set(small) < set(medium) < set(large)


def test_another_zone_changes_nothing_in_the_first(small_scenario: Callable[..., ScenarioSpec]) -> None:
    spec = small_scenario()
    demand = spec.demand
    assert isinstance(demand, PoissonDemand)
    alone = orders_of(spec)
    both = orders_of(spec, zones=(demand.zones[0], replace(demand.zones[0], zone_id="second")))
    assert [order for order in both if order.stream_key[0] == 0] == alone


def test_the_number_of_orders_is_poisson(small_scenario: Callable[..., ScenarioSpec]) -> None:
    numbers = np.array([len(orders_of(small_scenario(), seed)) for seed in range(200)])
    assert numbers.mean() == pytest.approx(30, abs=1.6)  # four standard errors
    assert numbers.var() == pytest.approx(30, rel=0.4)


def test_overdispersed_days_differ_more(small_scenario: Callable[..., ScenarioSpec]) -> None:
    numbers = np.array([len(orders_of(small_scenario(), seed, overdispersion_cv=0.5)) for seed in range(200)])
    assert numbers.var() > 2 * 30


def test_orders_come_when_the_profile_says() -> None:
    profile = ((0, 0.0), (HOUR_MS, 2.0), (2 * HOUR_MS, 2.0))
    shares = np.array([0.0, 1 / 12, 1 / 3, 2 / 3, 1.0])
    assert invert_rate(profile, shares).tolist() == [0, HOUR_MS // 2, HOUR_MS, 3 * HOUR_MS // 2, 2 * HOUR_MS]


@given(
    st.lists(st.tuples(st.integers(1, 10**6), st.floats(0, 100)), min_size=2, max_size=8),
    st.lists(st.floats(0, 1), min_size=1, max_size=30),
)
def test_inverted_instants_stay_inside_and_keep_their_order(
    steps: list[tuple[int, float]], shares: list[float]
) -> None:
    at_ms = np.cumsum([step for step, _ in steps]).tolist()
    rates = [rate if rate > 1e-6 else 0.0 for _, rate in steps]
    if max(rates) == 0:
        rates[0] = 1.0
    profile = tuple(zip(at_ms, rates, strict=True))
    offsets = invert_rate(profile, np.sort(np.array(shares)))
    assert (np.diff(offsets) >= 0).all()
    assert offsets.min() >= at_ms[0]
    assert offsets.max() <= at_ms[-1]


@pytest.mark.parametrize(
    ("profile", "allowed"),
    [
        (((0, 1.0),), "two or more points"),
        (((0, 1.0), (0, 2.0)), "increasing"),
        (((0, -1.0), (5, 2.0)), "0 or more"),
        (((0, 0.0), (5, 0.0)), "above 0"),
    ],
)
def test_a_profile_that_is_none_is_refused(profile: tuple[tuple[int, float], ...], allowed: str) -> None:
    with pytest.raises(InvalidValueError, match=allowed):
        ZoneDemand("all", 10, profile, (Point(0, 0),))


@pytest.mark.parametrize(
    ("field", "value"), [("scale", 0), ("scale", 4), ("reach_m", 0), ("value_cents", -1), ("zones", ())]
)
def test_impossible_demand_is_refused(
    small_scenario: Callable[..., ScenarioSpec], field: str, value: object
) -> None:
    with pytest.raises(InvalidValueError, match=field):
        orders_of(small_scenario(), **{field: value})
