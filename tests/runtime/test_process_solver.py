"""The live solver: another process decides, and its death costs one decision no more than its policy."""

import os
import signal
import threading
from collections.abc import Iterator
from dataclasses import replace

import pytest

from dispatch.fallback import FALLBACK, plan_fallback
from dispatch.matching import MATCHERS, Budget
from dispatch.params import PrepositioningParams
from dispatch.snapshot import Snapshot
from domain.commands import PlaceOrder, StartShift
from domain.events import OrderOffered, PlanApplied
from domain.plans import DispatchPlan
from domain.units import HOUR_MS, MINUTE_MS
from runtime.bootstrap import build_control_room
from runtime.event_log.memory import MemoryLog
from runtime.explanations import recompute_all
from runtime.process_solver import ProcessSolver
from runtime.solver import InlineSolver
from tests.runtime.town import START_MS, anywhere, header, setup, streets


class Waiting:
    """A live solver, and a way to wait for its plan without a loop."""

    def __init__(self, policy: str) -> None:
        self.solver = ProcessSolver(policy, streets())
        self._ready = threading.Event()
        self.solver.on_ready = self._ready.set

    def plan(self) -> DispatchPlan:
        while self.solver.next_ready_ms() is None:
            assert self._ready.wait(60)
            self._ready.clear()
        plan = self.solver.take(START_MS)
        assert plan is not None
        return plan


@pytest.fixture
def waiting() -> Iterator[Waiting]:
    made = Waiting("hungarian")
    yield made
    made.solver.close()


def snapshot() -> Snapshot:
    """Return what a room with two orders and a rider asks its solver."""
    asked: list[Snapshot] = []

    class Noting:
        def start(self, snapshot: Snapshot, now_ms: int) -> None:
            asked.append(snapshot)

        def next_ready_ms(self) -> None:
            return None

        def take(self, now_ms: int) -> None:
            return None

    room = build_control_room(setup(), MemoryLog(header()), solver=Noting())
    room.submit(StartShift("r1", anywhere(0), START_MS + HOUR_MS, "Li"), START_MS)
    room.submit(PlaceOrder("m1", anywhere(9)), START_MS)
    room.submit(PlaceOrder("m2", anywhere(5)), START_MS)
    room.advance(START_MS + MINUTE_MS)
    return asked[0]


def test_the_plan_is_the_one_that_the_policy_makes(waiting: Waiting) -> None:
    asked = snapshot()
    assert waiting.solver.next_ready_ms() is None
    assert waiting.solver.take(START_MS) is None

    waiting.solver.start(asked, START_MS)

    assert waiting.plan() == MATCHERS["hungarian"].decide(asked, streets(), Budget())


def test_a_dead_worker_costs_one_decision_its_policy(waiting: Waiting) -> None:
    asked = snapshot()
    pid = waiting.solver.worker_pid
    os.kill(pid, signal.SIGSTOP)
    waiting.solver.start(asked, START_MS)
    os.kill(pid, signal.SIGKILL)

    assert waiting.plan() == plan_fallback(asked, streets())

    assert waiting.solver.worker_pid != pid
    waiting.solver.start(asked, START_MS)
    assert waiting.plan().policy == "hungarian"


def test_a_worker_that_lost_its_way_is_replaced(waiting: Waiting) -> None:
    asked = snapshot()
    pid = waiting.solver.worker_pid
    os.kill(pid, signal.SIGSTOP)
    waiting.solver.start(asked, START_MS)

    waiting.solver.start(asked, START_MS)

    assert waiting.plan().policy == "hungarian"
    assert waiting.solver.worker_pid != pid


def test_a_control_room_takes_in_the_plan_when_it_is_back(waiting: Waiting) -> None:
    ready = threading.Event()
    waiting.solver.on_ready = ready.set
    room = build_control_room(setup(), MemoryLog(header()), solver=waiting.solver)
    room.submit(StartShift("r1", anywhere(0), START_MS + HOUR_MS, "Li"), START_MS)
    room.submit(PlaceOrder("m1", anywhere(9)), START_MS)
    room.advance(START_MS)
    assert ready.wait(60)

    events = room.advance(START_MS + 1_000).events

    assert type(events[0]) is PlanApplied


def test_a_control_room_goes_on_with_the_fallback_when_the_worker_dies(waiting: Waiting) -> None:
    ready = threading.Event()
    waiting.solver.on_ready = ready.set
    log = MemoryLog(header())
    room = build_control_room(setup(), log, solver=waiting.solver)
    room.submit(StartShift("r1", anywhere(0), START_MS + HOUR_MS, "Li"), START_MS)
    room.submit(PlaceOrder("m1", anywhere(9), ready_at_ms=START_MS), START_MS)
    os.kill(waiting.solver.worker_pid, signal.SIGSTOP)
    room.advance(START_MS)
    os.kill(waiting.solver.worker_pid, signal.SIGKILL)
    assert ready.wait(60)

    events = room.advance(START_MS + 1_000).events

    applied = events[0]
    assert isinstance(applied, PlanApplied)
    assert (applied.policy, applied.trips) == (FALLBACK, 1)
    assert [event.rider_id for event in events if isinstance(event, OrderOffered)] == ["r1"]
    again = recompute_all(log, setup())
    assert (again.checked, again.incomparable, again.mismatches) == (1, 0, ())


def test_it_moves_idle_riders_as_the_inline_solver_does(waiting: Waiting) -> None:
    asked = snapshot()
    kitchen = asked.orders[0].pickup
    riders = (asked.riders[0]._replace(rider_id="r2", location=15),)
    moving = replace(
        asked,
        orders=(),
        riders=riders,
        recent=tuple(order._replace(pickup=kitchen) for order in asked.recent * 10),
        rules=replace(asked.rules, prepositioning=True),
        prepositioning=PrepositioningParams(most_drive_ms=HOUR_MS),
    )
    waiting.solver.start(moving, START_MS)
    plan = waiting.plan()
    assert [(move.rider_id, move.location) for move in plan.moves] == [("r2", kitchen)]
    inline = InlineSolver(MATCHERS["hungarian"], streets())
    inline.start(moving, START_MS)
    assert inline.take(START_MS) == plan
