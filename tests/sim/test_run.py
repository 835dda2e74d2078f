import os
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import InvalidValueError
from domain.events import (
    OrderCanceled,
    OrderDelivered,
    OrderPickedUp,
    OrderPlaced,
    OrderReady,
    TripAssigned,
)
from domain.units import MINUTE_MS
from sim.run import RunResult, run
from sim.spec import CustomerBehavior, RiderBehavior, RiderShift, ScenarioSpec, Tracking

ROOT = Path(__file__).resolve().parents[2]

HASH_OF_A_DAY = """
import sys
from scenarios.catalogue import load
from sim.run import run
result = run(load(sys.argv[1]), 3, policy="hungarian")
print(result.log_hash, result.scenario_hash)
"""


def of(result: RunResult, kind: type) -> list[tuple[int, object]]:
    return [(r.at_ms, r.message) for r in result.records if type(r.message) is kind]


@pytest.mark.parametrize("policy", ["nearest", "hungarian"])
def test_orders_are_conserved(small_scenario: Callable[..., ScenarioSpec], policy: str) -> None:
    few = small_scenario()
    result = run(replace(few, shifts=few.shifts[:2]), 2, policy=policy)
    placed = {message.order_id for _, message in of(result, OrderPlaced)}  # type: ignore[attr-defined]
    delivered = {message.order_id for _, message in of(result, OrderDelivered)}  # type: ignore[attr-defined]
    canceled = {message.order_id for _, message in of(result, OrderCanceled)}  # type: ignore[attr-defined]
    assert canceled, "the fleet is meant to be too small"
    assert delivered.isdisjoint(canceled)
    assert delivered | canceled == placed


def test_nobody_runs_into_anybody(small_scenario: Callable[..., ScenarioSpec]) -> None:
    assert run(small_scenario(), 2).refusals == ()


def test_food_is_taken_when_it_is_ready_and_not_before(small_scenario: Callable[..., ScenarioSpec]) -> None:
    result = run(small_scenario(), 3)
    ready = {message.order_id: at for at, message in of(result, OrderReady)}  # type: ignore[attr-defined]
    taken = {message.order_id: at for at, message in of(result, OrderPickedUp)}  # type: ignore[attr-defined]
    assert len(taken) > 10
    assert all(ready[order_id] <= at for order_id, at in taken.items())
    assert any(ready[order_id] == at for order_id, at in taken.items())


def test_a_run_is_a_function_of_scenario_and_seed(small_scenario: Callable[..., ScenarioSpec]) -> None:
    first, again, other = (run(small_scenario(), seed) for seed in (1, 1, 2))
    assert first.log_hash == again.log_hash
    assert first.records == again.records
    assert first.truth == again.truth
    assert first.log_hash != other.log_hash


def test_the_scenario_hash_tells_scenarios_apart(small_scenario: Callable[..., ScenarioSpec]) -> None:
    same, slower = small_scenario(), small_scenario(riders=RiderBehavior(drive_cv=0.3))
    assert small_scenario().scenario_hash == same.scenario_hash
    assert slower.scenario_hash != same.scenario_hash
    rules = replace(same.setup.rules, max_orders_per_trip=1)
    assert replace(same, setup=replace(same.setup, rules=rules)).scenario_hash != same.scenario_hash


def test_the_hash_seed_of_the_process_does_not_matter() -> None:
    def in_a_process(hash_seed: str) -> str:
        environment = {**os.environ, "PYTHONHASHSEED": hash_seed}
        words = [sys.executable, "-c", HASH_OF_A_DAY, str(ROOT / "tests" / "scenarios" / "tiny.toml")]
        done = subprocess.run(words, env=environment, capture_output=True, text=True, check=True, cwd=ROOT)
        return done.stdout

    assert in_a_process("1") == in_a_process("2")


def test_riders_decline_only_where_they_may(small_scenario: Callable[..., ScenarioSpec]) -> None:
    picky = small_scenario(riders=RiderBehavior(accept_base=-1.0))
    names = Counter(type(record.message).__name__ for record in run(picky, 1).records)
    assert names["OfferDeclined"] > names["TripAssigned"] > 0
    rules = replace(picky.setup.rules, riders_may_decline=False)
    obedient = replace(picky, setup=replace(picky.setup, rules=rules))
    names = Counter(type(record.message).__name__ for record in run(obedient, 1).records)
    assert names["TripOffered"] == names["OfferDeclined"] == 0
    assert names["TripAssigned"] > 0


def test_a_slow_solver_only_delays(small_scenario: Callable[..., ScenarioSpec]) -> None:
    quick, slow = (run(small_scenario(), 1, solve_ms=solve_ms) for solve_ms in (0, 7_000))
    first, later = (of(result, TripAssigned)[0][0] for result in (quick, slow))
    assert quick.refusals == slow.refusals == ()
    assert later > first


def test_without_riders_the_run_ends_with_the_patience_of_customers(
    small_scenario: Callable[..., ScenarioSpec],
) -> None:
    result = run(small_scenario(shifts=()), 1)
    placed, canceled = of(result, OrderPlaced), of(result, OrderCanceled)
    assert [at + 12 * MINUTE_MS for at, _ in placed][: len(canceled)] == [at for at, _ in canceled]
    patient = run(small_scenario(shifts=(), customers=CustomerBehavior(None)), 1)
    assert of(patient, OrderCanceled) == []


def test_progress_is_told_and_changes_nothing(small_scenario: Callable[..., ScenarioSpec]) -> None:
    told: list[tuple[int, int]] = []
    followed = run(small_scenario(), 1, progress=lambda now_ms, placed: told.append((now_ms, placed)))
    assert followed.log_hash == run(small_scenario(), 1).log_hash
    assert len(told) > 60
    assert told[-1][1] == len(of(followed, OrderPlaced))


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"drain_ms": -1}, "drain_ms"),
        ({"gps": None}, "tracking"),
    ],
)
def test_an_impossible_scenario_is_refused(
    small_scenario: Callable[..., ScenarioSpec], changes: dict[str, object], field: str
) -> None:
    with pytest.raises(InvalidValueError, match=field):
        small_scenario(**changes)


def test_a_rider_works_one_shift(small_scenario: Callable[..., ScenarioSpec]) -> None:
    spec = small_scenario(tracking=Tracking.EVENTS)
    with pytest.raises(InvalidValueError, match="each rider once"):
        replace(spec, shifts=spec.shifts + spec.shifts[:1])
    with pytest.raises(InvalidValueError, match="ends_at_ms"):
        RiderShift("r", "R", spec.shifts[0].point, 5, 5)
