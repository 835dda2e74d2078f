"""The same day with another policy from an instant on."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from domain.errors import InvalidValueError, LogError
from domain.events import OrderReady
from domain.units import MINUTE_MS
from runtime.bootstrap import new_header
from runtime.event_log.port import LogHeader, LogRecord
from runtime.replay import ENGINE_VERSION
from sim.run import RunResult, run
from sim.spec import ScenarioSpec
from sim.whatif import what_if

Scenario = Callable[..., ScenarioSpec]
SEED = 3


def day(spec: ScenarioSpec, policy: str) -> tuple[RunResult, LogHeader]:
    return run(spec, SEED, policy=policy), LogHeader(
        ENGINE_VERSION, spec.name, spec.scenario_hash, policy, SEED
    )


def test_the_same_policy_changes_nothing(small_scenario: Scenario) -> None:
    spec = small_scenario()
    logged, header = day(spec, "nearest")
    at_ms = spec.starts_at_ms + 20 * MINUTE_MS
    found = what_if(spec, header, logged.records, at_ms, "nearest")
    assert list(found.result.records) == list(logged.records)
    assert {delta for delta in found.deltas.values() if delta is not None} == {0}
    assert all(order.before_min == order.after_min for order in found.orders)
    assert found.prefix_records == sum(record.at_ms < at_ms for record in logged.records) > 0


def test_another_policy_changes_only_what_comes_after(small_scenario: Scenario) -> None:
    spec = small_scenario()
    logged, header = day(spec, "nearest")
    at_ms = spec.starts_at_ms + 20 * MINUTE_MS
    found = what_if(spec, header, logged.records, at_ms, "hungarian")
    before = found.prefix_records
    assert list(found.result.records[:before]) == list(logged.records[:before])
    assert found.result.log_hash != logged.log_hash
    assert found.result.records[before].at_ms >= at_ms
    taken = [order for order in found.orders if order.delta_min not in {None, 0}]
    assert taken
    early = {
        timeline.order_id
        for timeline in logged.day.timelines.orders.values()
        if timeline.delivered_at_ms is not None and timeline.delivered_at_ms < at_ms
    }
    assert early
    assert early.isdisjoint(order.order_id for order in taken)


def test_from_the_beginning_it_is_a_run_of_the_other_policy(small_scenario: Scenario) -> None:
    spec = small_scenario()
    logged, header = day(spec, "nearest")
    found = what_if(spec, header, logged.records, 0, "hungarian")
    assert found.prefix_records == 0
    assert found.result.log_hash == run(spec, SEED, policy="hungarian").log_hash


def test_a_log_that_ended_early_will_do(small_scenario: Scenario) -> None:
    spec = small_scenario()
    logged, header = day(spec, "nearest")
    at_ms = spec.starts_at_ms + 20 * MINUTE_MS
    found = what_if(spec, header, logged.records[:50], at_ms, "nearest")
    assert len(found.baseline.records) == len(logged.records)


def test_a_log_that_was_tampered_with_is_found_out(small_scenario: Scenario) -> None:
    spec = small_scenario()
    logged, header = day(spec, "nearest")
    at = next(k for k, record in enumerate(logged.records) if isinstance(record.message, OrderReady))
    tampered = [*logged.records]
    tampered[at] = tampered[at]._replace(at_ms=tampered[at].at_ms + 1)
    with pytest.raises(LogError, match=f"record {at + 1} is not what comes out"):
        what_if(spec, header, tampered, spec.starts_at_ms, "hungarian")
    longer = [*logged.records, LogRecord(len(logged.records) + 1, 0, None, OrderReady("order-1"))]
    with pytest.raises(LogError, match=f"record {len(longer)} is not what comes out"):
        what_if(spec, header, longer, spec.starts_at_ms, "hungarian")


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"seed": None}, "live one"),
        ({"engine_version": "0"}, "engine version 0"),
        ({"scenario_hash": "f" * 64}, "another version of scenario"),
    ],
)
def test_a_log_that_cannot_be_run_again_is_refused(
    small_scenario: Scenario, changes: dict[str, object], said: str
) -> None:
    spec = small_scenario()
    header = LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, "nearest", SEED)
    with pytest.raises(LogError, match=said):
        what_if(spec, replace(header, **changes), [], spec.starts_at_ms, "nearest")  # type: ignore[arg-type]


def test_a_demo_with_people_in_it_is_refused_although_it_has_a_seed(small_scenario: Scenario) -> None:
    spec = small_scenario()
    header = new_header(spec.setup, scenario=spec.name, policy="nearest", seed=SEED)
    with pytest.raises(LogError, match="live one"):
        what_if(spec, header, [], spec.starts_at_ms, "nearest")


def test_an_unknown_policy_is_named(small_scenario: Scenario) -> None:
    spec = small_scenario()
    logged, header = day(spec, "nearest")
    with pytest.raises(InvalidValueError, match="best"):
        what_if(spec, header, logged.records, spec.starts_at_ms, "best")
