"""Delays of simulated days, where nothing is as tidy as by hand: the sums hold all the same."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.delay_attribution import attribute_delays, stages_of
from dispatch.matching import MATCHERS
from domain.units import MINUTE_MS
from sim.run import run
from sim.spec import CustomerBehavior, RiderBehavior, ScenarioSpec

Scenario = Callable[..., ScenarioSpec]


@pytest.mark.parametrize("policy", MATCHERS)
def test_stages_cover_the_way_and_charges_the_lateness(small_scenario: Scenario, policy: str) -> None:
    # Two riders, and customers who wait for ever, so that many orders are late.
    spec = small_scenario(
        riders=RiderBehavior(drive_cv=0.6, dwell_cv=1.5),
        customers=CustomerBehavior(cancel_unassigned_after_ms=None),
    )
    result = run(replace(spec, shifts=spec.shifts[:2]), 5, policy=policy)
    day = result.day
    delivered = [order for order in day.orders if order.delivered_at_ms is not None]
    for order in delivered:
        stages = stages_of(day, order)
        assert sum(stage.took_ms for stage in stages) == (order.delivered_at_ms or 0) - order.placed_at_ms
        assert min(stage.allowance_ms for stage in stages) >= 0
    found = attribute_delays(day)
    late = {order.order_id: order.late_ms for order in found.orders}
    assert late == {
        order.order_id: (order.delivered_at_ms or 0) - order.promised_at_ms
        for order in delivered
        if not day.is_on_time(order)
    }
    assert len(late) > 3
    for delay in found.orders:
        assert sum(delay.charges.values()) == delay.late_ms
        assert min(delay.charges.values()) >= 0
    assert sum(found.undelivered.values()) == len(day.timelines.orders) - len(delivered)
    assert found.late_ms > MINUTE_MS


def test_metrics_of_a_log_are_those_of_the_run(small_scenario: Scenario) -> None:
    first, again = (run(small_scenario(), 2, policy="hungarian") for _ in range(2))
    assert first.metrics == again.metrics
    assert len(first.decision_s) == sum(
        type(record.message).__name__ == "DecisionRequested" for record in first.records
    )
    assert min(first.decision_s) > 0
