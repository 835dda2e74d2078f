"""Shadow mode: a second policy decides, acts on nothing, and can neither delay nor change what is real."""

import os
import signal
import threading
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.expected import expected
from dispatch.matching import MATCHERS, Budget
from dispatch.params import VerifierParams
from dispatch.snapshot import Snapshot
from domain.commands import ApplyPlan, PlaceOrder, StartShift
from domain.events import OrderAssigned, PlanApplied
from domain.plans import DispatchPlan, Explanation, PlannedTrip
from domain.ports import TravelTimes
from domain.units import HOUR_MS, MINUTE_MS, Millis
from runtime.bootstrap import build_control_room, build_solver, shadow_of
from runtime.codec import log_hash
from runtime.control_room import ControlRoom
from runtime.event_log.memory import MemoryLog
from runtime.process_solver import ProcessSolver
from runtime.shadow import FAILURES_IN_A_ROW, PATIENCE_S, ShadowingSolver, ShadowReport
from runtime.solver import InlineSolver, Solver
from tests.dispatch.desk import ASSIGNING, Desk
from tests.dispatch.situations import ADDING, situation
from tests.runtime.play import Move, moves, play
from tests.runtime.town import START_MS, anywhere, header, setup, streets


def room_with(shadow: Solver | str, solve_ms: Millis = 0) -> tuple[ControlRoom, ShadowingSolver]:
    acting = build_solver(setup(), "nearest", solve_ms)
    inline = build_solver(setup(), shadow) if isinstance(shadow, str) else shadow
    shadowing = shadow_of(setup(), acting, "nearest", "shadow", inline)
    return build_control_room(setup(), MemoryLog(header()), solver=shadowing), shadowing


def plain_room(solve_ms: Millis = 0) -> ControlRoom:
    return build_control_room(setup(), MemoryLog(header()), solver=build_solver(setup(), "nearest", solve_ms))


class Breaking:
    """A policy that fails."""

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        raise ZeroDivisionError("as planned")


class Reckless:
    """A policy that gives everything to somebody who does not exist."""

    def decide(self, snapshot: Snapshot, travel: TravelTimes, budget: Budget) -> DispatchPlan:
        ids = tuple(order.order_id for order in snapshot.orders)
        trip = PlannedTrip("nobody", ids, (Explanation(),) * len(ids))
        return DispatchPlan(snapshot.decision_id, "reckless", (trip,))


class Never:
    """A solver whose plan never comes."""

    def __init__(self) -> None:
        self.started = 0

    def start(self, snapshot: Snapshot, now_ms: Millis) -> None:
        self.started += 1

    def next_ready_ms(self) -> Millis | None:
        return None

    def take(self, now_ms: Millis) -> DispatchPlan | None:
        return None


@settings(max_examples=40)
@given(moves(), st.sampled_from(sorted(MATCHERS)), st.sampled_from((0, 2_000, 70_000)))
def test_the_log_is_the_same_with_any_shadow(day: list[Move], policy: str, solve_ms: Millis) -> None:
    (shadowed, shadowing), plain = room_with(policy, solve_ms), plain_room(solve_ms)
    play(shadowed, day)
    play(plain, day)
    assert log_hash(shadowed.log.read()) == log_hash(plain.log.read())
    report = shadowing.report()
    assert (report.failed, report.dropped, report.infeasible_plans) == (0, 0, 0)


@settings(max_examples=40)
@given(moves(), st.sampled_from(["breaking", "reckless", "never"]))
def test_whatever_a_shadow_does_the_log_is_the_same(day: list[Move], kind: str) -> None:
    shadow: Solver = Never()
    if kind != "never":
        shadow = InlineSolver(Breaking() if kind == "breaking" else Reckless(), streets())
    (shadowed, shadowing), plain = room_with(shadow), plain_room()
    play(shadowed, day)
    play(plain, day)
    assert log_hash(shadowed.log.read()) == log_hash(plain.log.read())
    assert shadowing.report().compared == 0


def through(shadow: Solver, count: int) -> ShadowReport:
    """Ask about some decisions, one after the other, all on one plane."""
    _, plane = situation(0, 6, 12)
    shadowing = ShadowingSolver(
        InlineSolver(MATCHERS["nearest"], plane),
        shadow,
        ShadowReport("shadow", "nearest"),
        plane,
        VerifierParams(),
        lambda: 0.0,
    )
    for k in range(count):
        snapshot, _ = situation(0, 6, 12)
        asked = replace(snapshot, decision_id=f"decision-{k}")
        shadowing.start(asked, asked.at_ms)
        plan = shadowing.take(asked.at_ms)
        assert plan is not None
        assert plan.decision_id == asked.decision_id
    return shadowing.report()


def test_the_same_policy_in_the_shadow_has_the_same_in_mind() -> None:
    _, plane = situation(0, 6, 12)
    report = through(InlineSolver(MATCHERS["nearest"], plane), 3)
    assert (report.asked, report.compared) == (3, 3)
    assert report.started == report.same_rider > 0
    assert (report.pickup.sum_ms, report.dropoff.sum_ms) == (0, 0)
    assert report.figures()["orders"]["same_rider_pct"] == 100.0
    assert len(report.acting_s) == len(report.shadow_s) == 3


def test_a_shadow_that_breaks_rules_is_counted_by_rule_and_not_compared() -> None:
    _, plane = situation(0, 6, 12)
    report = through(InlineSolver(Reckless(), plane), 2)
    assert (report.compared, report.infeasible_plans) == (0, 2)
    assert report.infeasible["unknown_rider"] == 2


def test_a_shadow_that_fails_is_asked_nothing_more_after_some_in_a_row() -> None:
    _, plane = situation(0, 6, 12)
    report = through(InlineSolver(Breaking(), plane), 10)
    assert report.failed == FAILURES_IN_A_ROW
    assert "ZeroDivisionError: as planned" in report.stopped


def test_decisions_that_come_while_the_shadow_is_at_work_are_dropped_and_counted() -> None:
    shadow = Never()
    report = through(shadow, 10)
    assert (report.dropped, shadow.started) == (9, 1)


def test_a_shadow_that_has_lost_its_way_is_asked_anew_and_counted_as_failed() -> None:
    now_s = [0.0]
    shadow = Never()
    _, plane = situation(0, 6, 12)
    acting = InlineSolver(MATCHERS["nearest"], plane)
    report = ShadowReport("shadow", "nearest")
    shadowing = ShadowingSolver(acting, shadow, report, plane, VerifierParams(), lambda: now_s[0])
    for k in range(2):
        snapshot, _ = situation(0, 6, 12)
        shadowing.start(replace(snapshot, decision_id=f"decision-{k}"), snapshot.at_ms)
        shadowing.take(snapshot.at_ms)
        now_s[0] += PATIENCE_S + 1
    assert (report.failed, shadow.started) == (1, 2)


def test_an_order_that_the_shadow_sent_off_before_counts_with_its_first_choice() -> None:
    snapshot, plane = situation(3, 6, 12)
    sends = MATCHERS["nearest"].decide(snapshot, plane, Budget())
    holds = DispatchPlan(snapshot.decision_id, "holding", ())
    report = ShadowReport("shadow", "acting")
    report.compare(snapshot, holds, sends, plane)
    report.compare(snapshot, sends, holds, plane)
    assert report.started == report.sent_earlier == report.same_rider == len(sends.trips)
    report.compare(snapshot, sends, holds, plane)
    assert report.no_rider == len(sends.trips)


@pytest.mark.parametrize("policy", sorted(MATCHERS))
def test_what_is_expected_is_what_is_planned_when_it_is_carried_out(policy: str) -> None:
    desk = Desk(ASSIGNING)
    for k in range(3):
        desk.rider(f"rider-{k}", x=k * 700.0)
    for k in range(5):
        desk.order(f"m-{1 + k % 2}", x=600.0 + 90 * k)
    desk.say(ApplyPlan(desk.plan()))  # it was asked before most of them were placed
    desk.wait(desk.engine._book.params.epoch_ms)
    asked = desk.state.asked
    assert asked is not None
    plan = MATCHERS[policy].decide(asked, desk.plane, Budget())
    mind = expected(asked, plan, desk.plane)
    told = [event for event in desk.say(ApplyPlan(plan)) if isinstance(event, OrderAssigned)]
    assert desk.now_ms == asked.at_ms
    assert {event.order_id for event in told} == {o for o, found in mind.items() if found.starts_now}
    for event in told:
        assert mind[event.order_id][:3] == (event.rider_id, event.pickup_at_ms, event.dropoff_at_ms)


@settings(max_examples=50)
@given(st.integers(0, 10**6), st.sampled_from(sorted(MATCHERS)))
def test_everything_that_a_sound_plan_names_has_its_times(seed: int, policy: str) -> None:
    snapshot, plane = situation(seed, 5, 15, ADDING)
    plan = MATCHERS[policy].decide(snapshot, plane, Budget())
    mind = expected(snapshot, plan, plane)
    named = {o for t in (*plan.trips, *plan.queues) for o in t.order_ids}
    assert mind.keys() == named | {o for a in plan.additions for o in a.added}
    ready = {order.order_id: order.ready_at_ms for order in snapshot.orders}
    for order_id, found in mind.items():
        assert found.dropoff_at_ms > found.pickup_at_ms >= max(ready[order_id], snapshot.at_ms)


def test_a_shadow_in_a_process_of_its_own_may_die() -> None:
    shadow = ProcessSolver("hungarian", streets(), stands_in=False, niceness=10)
    ready = threading.Event()
    try:
        room, shadowing = room_with(shadow)

        def told() -> None:
            shadowing.note_thought()
            ready.set()

        shadow.on_ready = told
        at_ms = START_MS
        room.submit(StartShift("r1", anywhere(0), at_ms + HOUR_MS), at_ms)
        for failed, compared in ((0, 1), (1, 1)):
            ready.clear()
            if failed:
                os.kill(shadow.worker_pid, signal.SIGSTOP)
            room.submit(PlaceOrder("m1", anywhere(9)), at_ms)
            at_ms += MINUTE_MS
            assert any(isinstance(e, PlanApplied) for e in room.advance(at_ms).events)
            if failed:
                os.kill(shadow.worker_pid, signal.SIGKILL)
            assert ready.wait(60)
            report = shadowing.report()
            assert (report.failed, report.compared) == (failed, compared)
    finally:
        shadow.close()
