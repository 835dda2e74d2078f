"""Every explanation of a whole day comes out again from its log, whoever decides."""

from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.matching import MATCHERS
from domain.events import OrderAssigned
from domain.units import HOUR_MS
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogHeader
from runtime.explanations import recompute_all
from runtime.replay import ENGINE_VERSION
from scenarios import catalogue
from scenarios.grubhub import read_instance
from sim.demand import PoissonDemand
from sim.run import run
from sim.spec import Tracking

INSTANCE = Path(__file__).resolve().parents[2].parent / "shared" / "data" / "mdrp" / "0o50t100s1p100"


@pytest.mark.parametrize("policy", MATCHERS)
def test_every_explanation_of_a_grubhub_day_comes_out_again(policy: str) -> None:
    if not INSTANCE.is_dir():
        pytest.skip("no public instances at ../shared/data/mdrp")
    spec = read_instance(INSTANCE)
    log = MemoryLog(LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, policy, 0))
    result = run(spec, 0, policy=policy, log=log)
    # A city of its own, as whoever only has the log would read it: places get their keys anew.
    found = recompute_all(log, read_instance(INSTANCE).setup)
    assert found.mismatches == ()
    assert found.incomparable == 0
    assert found.checked >= sum(isinstance(record.message, OrderAssigned) for record in result.records) > 200


def test_every_explanation_of_an_hour_on_streets_comes_out_again() -> None:
    spec = catalogue.load("lunch_peak")
    demand = spec.demand
    assert isinstance(demand, PoissonDemand)
    # A third of the orders and riders: offers, streets and refusals are the same.
    fewer = tuple(replace(zone, expected_orders=zone.expected_orders / 3) for zone in demand.zones)
    spec = replace(
        spec,
        duration_ms=HOUR_MS,
        demand=replace(demand, zones=fewer),
        shifts=spec.shifts[::3],
        tracking=Tracking.EVENTS,
    )
    log = MemoryLog(LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, "rolling", 0))
    result = run(spec, 0, policy="rolling", log=log)
    found = recompute_all(log, spec.setup)
    assert found.mismatches == ()
    assert found.incomparable == 0
    assert found.checked >= sum(isinstance(record.message, OrderAssigned) for record in result.records) > 100
