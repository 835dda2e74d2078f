"""The control room: timers first, everything logged once, refusals without a trace."""

from dataclasses import dataclass, field

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.params import DispatchParams
from domain.commands import COMMAND_OWNERS, ApplyPlan, CancelOrder, Command, PlaceOrder, RecordFixes
from domain.errors import PeaklineError, UnknownIdError
from domain.events import (
    DecisionRequested,
    Event,
    FixesRejected,
    OrderPlaced,
    PlanApplied,
    RiderMoved,
)
from domain.geo import Point
from domain.units import Millis
from runtime.control_room import ControlRoom
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogRecord
from runtime.solver import ReplaySolver
from tests.dispatch.chaos import STEPS, Chaos, Step
from tests.dispatch.desk import EXAMPLES, HEADER, START_MS, Desk

ORDER = PlaceOrder("m-1", Point(600.0, 0.0))


@dataclass
class Clockwork:
    """An engine that wakes at given instants and answers every order with a note, to watch the routing."""

    name: str
    due: list[Millis] = field(default_factory=list)
    heard: list[tuple[Millis, Command | Event]] = field(default_factory=list)
    state: None = None

    def restore(self, state: None) -> None:
        self.state = state

    def handle(self, message: Command | Event, now_ms: Millis) -> list[Event]:
        self.heard.append((now_ms, message))
        if isinstance(message, RecordFixes):
            return [RiderMoved(self.name, now_ms, Point(0, 0), None, None), self.note("fixes")]
        return [self.note("order")] if isinstance(message, OrderPlaced) else []

    def next_wakeup_ms(self) -> Millis | None:
        return min(self.due, default=None)

    def wake(self, now_ms: Millis) -> list[Event]:
        self.due.remove(min(self.due))
        return [self.note(f"woken at {now_ms - START_MS}")]

    def note(self, text: str) -> Event:
        return FixesRejected(self.name, text, 0)


def with_clockwork(*due_ms: Millis) -> tuple[ControlRoom, MemoryLog, Clockwork, Desk]:
    desk = Desk()
    log = MemoryLog(HEADER)
    tracking = Clockwork("tracking", [START_MS + at for at in due_ms])
    engines = {"dispatch": desk.engine, "tracking": tracking}
    return ControlRoom(engines, log, ReplaySolver(), desk.engine), log, tracking, desk


def told(records: list[LogRecord]) -> list[tuple[Millis, str]]:
    return [(r.at_ms - START_MS, type(r.message).__name__) for r in records]


def test_timers_fire_at_their_own_time_before_the_message() -> None:
    room, log, _, _ = with_clockwork(10, 5, 20)
    outcome = room.submit(ORDER, START_MS + 15)
    assert told(log.records) == [
        (5, "FixesRejected"),
        (10, "FixesRejected"),
        (15, "PlaceOrder"),
        (15, "OrderPlaced"),
        (15, "FixesRejected"),
    ]
    assert [type(event) for event in outcome.events] == [OrderPlaced, FixesRejected]
    assert [r.cause_seq for r in log.records] == [None, None, None, 3, 3]
    assert room.next_due_ms() == START_MS + 20


def test_numbers_have_no_gaps_and_time_never_goes_back() -> None:
    room, log, _, _ = with_clockwork(10)
    room.submit(ORDER, START_MS + 15)
    room.submit(ORDER, START_MS + 3)
    assert [r.seq for r in log.records] == list(range(1, len(log.records) + 1))
    assert log.records[-1].at_ms == START_MS + 15
    assert room.now_ms == START_MS + 15


def test_derived_events_are_published_but_not_appended() -> None:
    room, log, _, _ = with_clockwork()
    published: list[LogRecord] = []
    room.subscribe(published.extend)
    room.submit(RecordFixes(()), START_MS)
    assert [type(r.message) for r in published] == [RecordFixes, RiderMoved, FixesRejected]
    assert [r.seq for r in published] == [1, 0, 2]
    assert [type(r.message) for r in log.records] == [RecordFixes, FixesRejected]


def test_a_refused_command_leaves_no_trace() -> None:
    room, log, tracking, desk = with_clockwork()
    memory = desk.memory()
    with pytest.raises(UnknownIdError):
        room.submit(CancelOrder("order-1"), START_MS)
    assert (log.records, tracking.heard, desk.memory()) == ([], [], memory)
    assert room.seq == 0


def test_a_command_without_its_engine_is_refused() -> None:
    desk = Desk()
    del desk.room.engines["tracking"]
    with pytest.raises(PeaklineError, match="tracking"):
        desk.say(RecordFixes(()))


def test_a_plan_that_comes_too_late_disturbs_nobody() -> None:
    params = DispatchParams(epoch_ms=15_000, solve_timeout_ms=20_000)
    desk = Desk(policy="nearest", solve_ms=25_000, params=params)
    desk.rider("rider-1")
    desk.order()
    desk.wait(26_000)
    assert not any(isinstance(r.message, ApplyPlan) for r in desk.log.records)
    applied = [r.message.policy for r in desk.log.records if isinstance(r.message, PlanApplied)]
    assert applied == ["fallback"]
    desk.say(ORDER, 1_000)
    assert isinstance(desk.log.records[-1].message, OrderPlaced)


def test_a_plan_comes_back_as_an_input_after_its_time() -> None:
    desk = Desk(policy="nearest", solve_ms=2_000)
    desk.rider("rider-1")
    desk.order()
    desk.wait(1_999)
    assert isinstance(desk.log.records[-1].message, DecisionRequested)
    desk.wait(1)
    (plan,) = (r for r in desk.log.records if isinstance(r.message, ApplyPlan))
    assert plan.is_input
    assert plan.at_ms == START_MS + 2_000


def test_a_decision_is_asked_for_again_after_a_restart() -> None:
    desk = Desk(policy="nearest", solve_ms=2_000)
    desk.rider("rider-1")
    order_id = desk.order()
    desk.wait(1_000)
    desk.reopen()
    assert desk.state.orders[order_id].rider_id is None
    memory = desk.memory()
    desk.room.resume_decision()
    assert desk.memory() == memory
    desk.wait(2_000)
    assert desk.state.orders[order_id].rider_id == "rider-1"


def test_nothing_to_resume() -> None:
    desk = Desk(policy="nearest")
    desk.room.resume_decision()
    assert desk.room.next_due_ms() is None


@settings(max_examples=EXAMPLES)
@given(STEPS, st.lists(st.integers(0, 200_000), max_size=40))
def test_a_late_driver_changes_nothing(steps: list[Step], looks: list[int]) -> None:
    """However often a driver looks for due timers between two commands, the log is the same."""
    first, second = Desk(policy="hungarian"), Desk(policy="hungarian")
    chaos = Chaos(first)
    chaos.play(steps)
    first.wait(0)
    extra = sorted(START_MS + look for look in looks)
    for at_ms, command in chaos.taken:
        while extra and extra[0] <= at_ms:
            second.room.advance(extra.pop(0))
        second.now_ms = at_ms
        second.refuses(command)
    second.room.advance(first.now_ms)
    assert second.log.records == first.log.records


def test_every_command_has_an_engine_here() -> None:
    assert set(COMMAND_OWNERS.values()) == {"dispatch", "tracking"}
