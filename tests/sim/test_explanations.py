"""Every explanation of a whole day comes out again from its log, and one that was altered does not."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from dispatch.explain_again import explain_again
from dispatch.matching import MATCHERS, Budget
from dispatch.snapshot import Snapshot
from domain.commands import ApplyPlan, Command
from domain.errors import LogError, UnknownIdError
from domain.events import (
    Event,
    OrderAssigned,
    OrderCanceled,
    OrderHeld,
    OrderPlaced,
    OrderReady,
    PlanApplied,
    PlanRefused,
)
from domain.geo import Point
from domain.orders import OrderState
from domain.plans import CostTerm, DispatchPlan, Explanation, Hold, PlannedTrip, QueuedTrip
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogHeader, LogRecord
from runtime.explanations import recompute, recompute_all
from runtime.order_story import FORESEEN, PLANNED, find_order, tell
from runtime.replay import ENGINE_VERSION
from sim.run import run
from sim.spec import RiderBehavior, ScenarioSpec

Scenario = Callable[..., ScenarioSpec]


def logged(spec: ScenarioSpec, policy: str) -> MemoryLog:
    log = MemoryLog(LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, policy, 1))
    run(spec, 1, policy=policy, log=log)
    return log


def altered(log: MemoryLog, alter: Callable[[LogRecord], LogRecord]) -> MemoryLog:
    copy = MemoryLog(log.header)
    copy.append([alter(record) for record in log.read()])
    return copy


@pytest.mark.parametrize("policy", MATCHERS)
@pytest.mark.parametrize("may_decline", [True, False])
def test_every_explanation_of_a_day_comes_out_again(
    small_scenario: Scenario, policy: str, may_decline: bool
) -> None:
    spec = small_scenario()
    setup = replace(spec.setup, rules=replace(spec.setup.rules, riders_may_decline=may_decline))
    spec = replace(spec, setup=setup)
    log = logged(spec, policy)
    found = recompute_all(log, spec.setup)
    assert found.mismatches == ()
    assert found.incomparable == 0
    assert found.decisions == sum(isinstance(record.message, ApplyPlan) for record in log.read())
    assert found.checked >= sum(isinstance(record.message, OrderAssigned) for record in log.read()) > 10


def inflated(explanation: Explanation) -> Explanation:
    return replace(explanation, terms=(*explanation.terms[:-1], CostTerm("click_to_door", 1.0, "min")))


def test_an_altered_explanation_is_found(small_scenario: Scenario) -> None:
    spec = small_scenario()
    log = logged(spec, "nearest")
    assigned = next(r.message for r in log.read() if isinstance(r.message, OrderAssigned))
    assert isinstance(assigned, OrderAssigned)

    def alter(record: LogRecord) -> LogRecord:
        message = record.message
        if isinstance(message, OrderAssigned) and message.order_id == assigned.order_id:
            return record._replace(message=replace(message, explanation=inflated(message.explanation)))
        if isinstance(message, ApplyPlan):
            trips = tuple(
                replace(trip, explanations=tuple(map(inflated, trip.explanations)))
                if assigned.order_id in trip.order_ids
                else trip
                for trip in message.plan.trips
            )
            return record._replace(message=ApplyPlan(replace(message.plan, trips=trips)))
        return record

    [mismatch] = recompute_all(altered(log, alter), spec.setup).mismatches
    assert mismatch.explained.order_id == assigned.order_id
    assert mismatch.explained.again == assigned.explanation
    only = recompute(altered(log, alter), spec.setup, assigned.order_id)
    assert only.mismatches == (mismatch,)
    assert only.checked >= 1
    other = next(r.message for r in reversed(log.records) if isinstance(r.message, OrderAssigned))
    assert isinstance(other, OrderAssigned)
    assert recompute(altered(log, alter), spec.setup, other.order_id).mismatches == ()


def test_an_event_that_does_not_follow_from_its_plan_is_found(small_scenario: Scenario) -> None:
    spec = small_scenario()
    log = logged(spec, "hungarian")

    def alter(record: LogRecord) -> LogRecord:
        message = record.message
        if isinstance(message, OrderHeld):
            return record._replace(message=replace(message, explanation=Explanation(reason="kitchen")))
        return record

    with pytest.raises(LogError, match="is not what happens again"):
        recompute_all(altered(log, alter), spec.setup)


class Remembering:
    """A policy that remembers what it was asked and what it answered."""

    def __init__(self) -> None:
        self.asked: list[tuple[Snapshot, DispatchPlan]] = []

    def decide(self, snapshot: Snapshot, travel: object, budget: Budget) -> DispatchPlan:
        plan = MATCHERS["hungarian"].decide(snapshot, travel, budget)  # type: ignore[arg-type]
        self.asked.append((snapshot, plan))
        return plan


def test_what_only_deciding_again_would_tell_is_left_out_when_that_is_not_possible(
    small_scenario: Scenario, monkeypatch: pytest.MonkeyPatch
) -> None:
    spec = small_scenario()
    remembering = Remembering()
    monkeypatch.setitem(MATCHERS, "remembering", remembering)
    run(spec, 1, policy="remembering")
    travel = spec.setup.travel
    snapshot, plan = next((s, p) for s, p in remembering.asked if p.holds)
    assert all(explained.is_same for explained in explain_again(snapshot, plan, travel) or ())
    assert explain_again(snapshot, replace(plan, cut=True), travel) is None
    assert explain_again(snapshot, replace(plan, policy="forgotten"), travel) is None
    trips_only = replace(next(p for _, p in remembering.asked if p.trips), holds=(), cut=True)
    asked = next(s for s, p in remembering.asked if p.trips)
    assert all(explained.is_same for explained in explain_again(asked, trips_only, travel) or ())


def test_the_story_of_every_order_is_whole(small_scenario: Scenario) -> None:
    spec = small_scenario(riders=RiderBehavior(accept_base=0.5))
    log = logged(spec, "hungarian")
    ends: set[OrderState] = set()
    words: set[str] = set()
    for placed in [r.message for r in log.read() if isinstance(r.message, OrderPlaced)]:
        story = tell(log.read(), placed.order_id)
        assert story.lines[0].what == "OrderPlaced"
        assert [line.seq for line in story.lines] == sorted(line.seq for line in story.lines)
        ends.add(story.state)
        words |= {line.what for line in story.lines}
        explained = [line for line in story.lines if line.explanation is not None]
        assert all(line.decision_id and line.policy == "hungarian" for line in explained)
        planned = sum(line.what == PLANNED for line in story.lines)
        offered = sum(line.what in {"TripOffered", "Dropped"} for line in story.lines)
        assert planned == offered
    assert OrderState.DELIVERED in ends
    assert {"OrderHeld", "OfferDeclined", "OrderAssigned", "OrderDelivered"} <= words


def test_an_order_is_found_by_id_and_by_reference(small_scenario: Scenario) -> None:
    log = logged(small_scenario(), "nearest")
    assert find_order(log.read(), "order-3") == "order-3"
    with pytest.raises(UnknownIdError, match="4711"):
        find_order(log.read(), "4711")
    with pytest.raises(UnknownIdError):
        tell(log.read(), "order-4711")


def test_what_is_foreseen_and_what_is_dropped_is_told_when_it_changes() -> None:
    placed = OrderPlaced("o-1", "till", "m", "all", Point(0.0, 0.0), 1, 2, 0, 60_000, 90_000)
    because = Explanation(reason="waits_in_queue", foreseen="r-1")

    def plan(n: int, trips: tuple[PlannedTrip, ...] = (), **more: Any) -> ApplyPlan:  # noqa: ANN401
        return ApplyPlan(DispatchPlan(f"d-{n}", "some", trips, **more))

    second = (QueuedTrip("r-1", ("o-7",)), QueuedTrip("r-1", ("o-1",)))
    first = (QueuedTrip("r-1", ("o-1", "o-7")),)
    trip = PlannedTrip("r-1", ("o-1",), (Explanation(reason="cheapest_plan"),))
    messages: list[Command | Event] = [
        placed,
        plan(1, queues=second, holds=(Hold("o-1", because),)),
        OrderHeld("o-1", because),
        plan(2, queues=second),
        plan(3, queues=first),
        plan(4, trips=(trip,)),
        PlanApplied("d-4", "some", 0, ("o-1",), cut=False),
        plan(5),
        PlanRefused("d-5", "some", "breaks_rules"),
        OrderAssigned("o-1", "r-2", "t-1", 1, 2, Explanation(reason="greedy_insertion")),
        OrderCanceled("o-1", "r-2", "operator"),
        OrderReady("o-1"),
    ]
    story = tell([LogRecord(k, k, None, message) for k, message in enumerate(messages, start=1)], "o-1")
    assert [(line.what, line.decision_id, line.rider_id, line.place) for line in story.lines] == [
        ("OrderPlaced", "", None, 0),
        (FORESEEN, "d-1", "r-1", 2),
        ("OrderHeld", "d-1", None, 0),
        (FORESEEN, "d-3", "r-1", 1),
        (PLANNED, "d-4", "r-1", 0),
        ("Dropped", "d-4", None, 0),
        ("PlanRefused", "d-5", None, 0),
        ("OrderAssigned", "d-5", "r-2", 0),
        ("OrderCanceled", "", "r-2", 0),
    ]
    assert story.lines[2].waited == 3
    assert story.lines[7].policy == "fallback"
    assert story.state is OrderState.CANCELED
