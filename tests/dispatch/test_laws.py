"""Laws of the dispatch engine, whatever people do."""

from hypothesis import event, given, settings
from hypothesis import strategies as st

from domain.commands import COMMAND_OWNERS
from domain.plans import ServiceRules
from tests.dispatch.chaos import STEPS, Chaos, Step, states_from
from tests.dispatch.desk import ASSIGNING, EXAMPLES, OFFERING, Desk

RULES = st.sampled_from((OFFERING, ASSIGNING))


@settings(max_examples=EXAMPLES)
@given(STEPS, RULES)
def test_nothing_is_lost_and_refusals_change_nothing(steps: list[Step], rules: ServiceRules) -> None:
    chaos = Chaos(Desk(rules))
    chaos.play(steps)
    event(f"refused {round(10 * chaos.refused / max(1, len(steps))) * 10} %")
    state = chaos.desk.state
    told = states_from(chaos.desk.log.records)
    assert told == {**{o.order_id: o.state for o in state.orders.values()}, **state.closed}


@settings(max_examples=EXAMPLES)
@given(STEPS, RULES, st.sampled_from(("nearest", "hungarian")), st.sampled_from((0, 2_000, 90_000)))
def test_policies_serve_anybody(steps: list[Step], rules: ServiceRules, policy: str, solve_ms: int) -> None:
    # Plans that are made up elsewhere are refused or stale here; those of the policy come in between.
    chaos = Chaos(Desk(rules, policy=policy, solve_ms=solve_ms))
    chaos.play(steps)
    state = chaos.desk.state
    told = states_from(chaos.desk.log.records)
    assert told == {**{o.order_id: o.state for o in state.orders.values()}, **state.closed}


@settings(max_examples=EXAMPLES)
@given(STEPS, RULES, st.integers(0, 90))
def test_restored_from_any_point_it_behaves_the_same(
    steps: list[Step], rules: ServiceRules, cut: int
) -> None:
    first, second = Desk(rules), Desk(rules)
    chaos = Chaos(first)
    chaos.play(steps)
    for number, (at_ms, command) in enumerate(chaos.taken):
        if number == cut:
            second.reopen()
        second.wait_until(at_ms)
        second.refuses(command)
    assert second.log.records == first.log.records
    assert second.memory() == first.memory()


@settings(max_examples=EXAMPLES)
@given(STEPS, RULES)
def test_the_accepted_commands_alone_give_the_same_day(steps: list[Step], rules: ServiceRules) -> None:
    first, second = Desk(rules, policy="hungarian", solve_ms=2_000), Desk(rules)
    Chaos(first).play(steps)
    first.wait(0)
    for record in first.log.records:
        if type(record.message) in COMMAND_OWNERS:
            second.wait_until(record.at_ms)
            second.say(record.message)  # type: ignore[arg-type]
    second.wait_until(first.now_ms)
    assert second.log.records == first.log.records
    assert second.memory() == first.memory()


@settings(max_examples=EXAMPLES)
@given(STEPS, RULES, st.sampled_from(("nearest", "hungarian", None)))
def test_a_decision_can_be_asked_for_again_also_after_a_restart(
    steps: list[Step], rules: ServiceRules, policy: str | None
) -> None:
    desk = Desk(rules, policy=policy, solve_ms=10_000)
    Chaos(desk).play(steps)
    while desk.state.waiting and desk.state.pending_decision is None:
        desk.wait(1_000)
    memory = desk.memory()
    asked = desk.engine.pending_decision(desk.now_ms + 1)
    assert desk.memory() == memory
    desk.reopen()
    assert desk.engine.pending_decision(desk.now_ms + 1) == asked
    assert desk.memory() == memory
