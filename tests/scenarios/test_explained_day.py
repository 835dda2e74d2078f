"""Every explanation of a whole Grubhub day comes out again from its log, whoever decides."""

from pathlib import Path

import pytest

from dispatch.matching import MATCHERS
from domain.events import OrderAssigned
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogHeader
from runtime.explanations import recompute_all
from runtime.replay import ENGINE_VERSION
from scenarios.grubhub import read_instance
from sim.run import run

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
