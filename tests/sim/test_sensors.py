from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from domain.commands import RecordFixes
from domain.fixes import Fix
from domain.units import MINUTE_MS, SECOND_MS
from sim.demand import PoissonDemand
from sim.run import RunResult, run
from sim.spec import GpsSpec, ScenarioSpec


def quiet(spec: ScenarioSpec, gps: GpsSpec) -> ScenarioSpec:
    """Nobody orders, so everybody stands where the shift started."""
    demand = spec.demand
    assert isinstance(demand, PoissonDemand)
    zone = replace(demand.zones[0], expected_orders=0.0)
    return replace(spec, demand=replace(demand, zones=(zone,)), gps=gps)


def fixes_of(result: RunResult, rider_id: str) -> list[Fix]:
    return [
        fix
        for record in result.records
        if isinstance(record.message, RecordFixes)
        for fix in record.message.fixes
        if fix.rider_id == rider_id
    ]


def test_one_message_per_tick_carries_everybody(small_scenario: Callable[..., ScenarioSpec]) -> None:
    result = run(quiet(small_scenario(), GpsSpec(cadence_ms=10_000)), 1, policy="nearest")
    messages = [record for record in result.records if isinstance(record.message, RecordFixes)]
    assert {b.at_ms - a.at_ms for a, b in pairwise(messages)} == {10_000}
    assert max(len(record.message.fixes) for record in messages) == 8
    for record in messages:
        assert all(0 <= record.at_ms - fix.fixed_at_ms < 10_000 for fix in record.message.fixes)


def test_errors_have_the_spread_asked_for_and_wander(small_scenario: Callable[..., ScenarioSpec]) -> None:
    spec = quiet(small_scenario(), GpsSpec(cadence_ms=2_000, noise_m=8.0, noise_memory=0.8))
    result = run(spec, 1, policy="nearest")
    errors = []
    for shift in spec.shifts:
        fixes = fixes_of(result, shift.rider_id)
        assert [fix.sequence for fix in fixes] == list(range(len(fixes)))
        assert {fix.speed_mps for fix in fixes} == {0.0}
        assert {fix.heading_deg for fix in fixes} == {None}
        errors.append([(fix.point.x - shift.point.x, fix.point.y - shift.point.y) for fix in fixes[:1_700]])
    error = np.array(errors)
    assert error.std() == pytest.approx(8.0, rel=0.05)
    assert abs(error.mean()) < 0.5
    following = (error[:, 1:] * error[:, :-1]).mean() / error.var()
    assert following == pytest.approx(0.8, abs=0.03)


def test_a_silent_phone_is_silent_exactly_as_the_truth_says(
    small_scenario: Callable[..., ScenarioSpec],
) -> None:
    gps = GpsSpec(cadence_ms=5_000, dropouts_per_hour=4.0, dropout_ms=2 * MINUTE_MS)
    spec = quiet(small_scenario(), gps)
    result = run(spec, 1, policy="nearest")
    stopped_ms = result.records[-1].at_ms - 5_000
    assert len(result.truth) > 20
    for shift in spec.shifts:
        stamps = np.array([fix.fixed_at_ms for fix in fixes_of(result, shift.rider_id)])
        phase = stamps[0] % 5_000
        for truth in result.truth:
            if truth.entity == shift.rider_id and truth.end_ms < stopped_ms:
                assert not ((stamps >= truth.onset_ms) & (stamps < truth.end_ms)).any()
                assert truth.severity == (truth.end_ms - truth.onset_ms) / SECOND_MS
                assert truth.observable_from_ms == truth.onset_ms + 5_000
        gaps = [(a, b) for a, b in pairwise(stamps.tolist()) if b - a > 5_000]
        told = [(t.onset_ms, t.end_ms) for t in result.truth if t.entity == shift.rider_id]
        assert all(any(a < onset <= b and end <= b for onset, end in told) for a, b in gaps)
        assert set(stamps % 5_000) == {phase}


def test_silences_do_not_change_the_errors(small_scenario: Callable[..., ScenarioSpec]) -> None:
    loud = run(quiet(small_scenario(), GpsSpec(cadence_ms=10_000)), 6, policy="nearest")
    gaps = run(quiet(small_scenario(), GpsSpec(cadence_ms=10_000, dropouts_per_hour=6)), 6, policy="nearest")
    everything = {
        (f.rider_id, f.fixed_at_ms): f.point for n in range(1, 9) for f in fixes_of(loud, f"rider-{n}")
    }
    heard = {(f.rider_id, f.fixed_at_ms): f.point for n in range(1, 9) for f in fixes_of(gaps, f"rider-{n}")}
    assert 0 < len(heard) < len(everything)
    assert heard.items() <= everything.items()
