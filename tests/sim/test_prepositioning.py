"""Idle riders of a simulated city are moved: off changes nothing; on repeats, and looks at no future."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from dispatch.matching import MATCHERS
from dispatch.params import PrepositioningParams
from dispatch.prepositioning import busy_riders, plan_moves
from dispatch.snapshot import Snapshot
from domain.commands import ApplyPlan
from domain.events import MoveAdvised, OrderDelivered, OrderPlaced, PlanRefused, TripAssigned
from domain.geo import Point
from domain.ids import DecisionId
from domain.units import MINUTE_MS, Millis
from runtime.bootstrap import build_engines, replay_log
from runtime.codec import canonical
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogHeader, LogRecord
from runtime.replay import replay
from runtime.solver import ReplaySolver
from sim.demand import DrawnOrder, RecordedDemand
from sim.run import RunResult, run
from sim.spec import CustomerBehavior, ScenarioSpec, Tracking
from tests.sim.conftest import NOON_MS

Make = Callable[..., ScenarioSpec]
PARAMS = PrepositioningParams(least_saving_ms=30_000)


def moving(spec: ScenarioSpec, params: PrepositioningParams | None = PARAMS) -> ScenarioSpec:
    setup = spec.setup
    rules = replace(setup.rules, prepositioning=True)
    dispatch = replace(setup.dispatch_params, prepositioning=params)
    return replace(spec, setup=replace(setup, rules=rules, dispatch_params=dispatch))


def log_of(spec: ScenarioSpec, seed: int = 1, policy: str = "rolling") -> tuple[RunResult, MemoryLog]:
    log = MemoryLog(LogHeader("test", spec.name, "0", policy, seed))
    return run(spec, seed, policy=policy, log=log), log


def events_of(result: RunResult, kind: type) -> list[LogRecord]:
    return [record for record in result.records if type(record.message) is kind]


@pytest.mark.parametrize("tracking", list(Tracking))
def test_switched_off_the_log_is_the_same_to_the_last_byte(small_scenario: Make, tracking: Tracking) -> None:
    spec = small_scenario(tracking=tracking)
    assert not spec.setup.rules.prepositioning
    forbidden, allowed = run(spec, 3), run(moving(spec, None), 3)
    assert forbidden.log_hash == allowed.log_hash
    assert events_of(allowed, MoveAdvised) == []


@pytest.mark.parametrize(
    ("policy", "tracking"),
    [("rolling", Tracking.FULL), *((policy, Tracking.EVENTS) for policy in sorted(MATCHERS))],
)
def test_riders_are_moved_and_everybody_is_served(
    small_scenario: Make, policy: str, tracking: Tracking
) -> None:
    spec = moving(small_scenario(tracking=tracking, customers=CustomerBehavior(None)))
    result, log = log_of(spec, policy=policy)
    assert len(events_of(result, MoveAdvised)) > 3
    assert events_of(result, PlanRefused) == []
    assert len(events_of(result, OrderDelivered)) == len(events_of(result, OrderPlaced))
    assert run(spec, 1, policy=policy).log_hash == result.log_hash
    assert replay_log(spec.setup, log)[1].added == 0
    assert result.metrics["moves"] == len(events_of(result, MoveAdvised))
    assert (result.metrics["moved_km"] or 0) > 0


def test_nobody_is_advised_between_assignment_and_delivery(small_scenario: Make) -> None:
    result, _ = log_of(moving(small_scenario()))
    working: set[str] = set()
    for record in result.records:
        message = record.message
        if isinstance(message, TripAssigned):
            working.add(message.rider_id)
        elif type(message).__name__ == "TripEnded":
            working.discard(message.rider_id)  # type: ignore[union-attr]
        elif isinstance(message, MoveAdvised):
            assert message.rider_id not in working


class _Snapshots(ReplaySolver):
    def __init__(self) -> None:
        super().__init__()
        self.asked: dict[DecisionId, Snapshot] = {}

    def start(self, snapshot: Snapshot, now_ms: Millis) -> None:
        self.asked[snapshot.decision_id] = snapshot


def test_every_move_comes_out_again_from_the_rebuilt_snapshot(small_scenario: Make) -> None:
    spec = moving(small_scenario())
    result, log = log_of(spec)
    engines, solver = build_engines(spec.setup), _Snapshots()
    replay(engines.by_name, log, engines.dispatch, solver=solver)
    plans = [record.message.plan for record in result.records if isinstance(record.message, ApplyPlan)]
    for plan in plans:
        again = plan_moves(solver.asked[plan.decision_id], plan, spec.setup.travel)
        assert again == plan.moves
        assert busy_riders(plan).isdisjoint(move.rider_id for move in plan.moves)
    assert sum(len(plan.moves) for plan in plans) >= len(events_of(result, MoveAdvised)) > 0


def test_orders_after_an_instant_change_no_move_before_it(small_scenario: Make) -> None:
    def day(far: float) -> RunResult:
        orders = tuple(
            DrawnOrder(
                stream_key=(k,),
                placed_at_ms=NOON_MS + k * 100_000,
                merchant_id=f"m-{1 + k % 2}",
                dropoff=Point(600.0 * (k % 5), 300.0 if k < 18 else far),
                value_cents=0,
                preparation_ms=8 * MINUTE_MS,
            )
            for k in range(30)
        )
        return run(moving(small_scenario(demand=RecordedDemand(orders))), 1)

    cut_ms = NOON_MS + 18 * 100_000
    logs = [
        [canonical(record) for record in day(far).records if record.at_ms < cut_ms]
        for far in (900.0, -1_200.0)
    ]
    assert logs[0] == logs[1]
    assert sum(b"MoveAdvised" in line for line in logs[0]) > 0
