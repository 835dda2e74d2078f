"""The two state tables: every state is reached, nothing leaves a final one, and no step is invented."""

from enum import StrEnum

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import WrongStateError
from domain.orders import (
    CARRIED_ORDER_STATES,
    FINAL_ORDER_STATES,
    ORDER_TRANSITIONS,
    OrderState,
    OrderStep,
    next_order_state,
)
from domain.riders import RIDER_TRANSITIONS, RiderState, RiderStep, next_rider_state


def reachable(table: dict[tuple[StrEnum, StrEnum], StrEnum], start: StrEnum) -> set[StrEnum]:
    seen, todo = {start}, [start]
    while todo:
        here = todo.pop()
        for (source, _), target in table.items():
            if source is here and target not in seen:
                seen.add(target)
                todo.append(target)
    return seen


def test_every_order_state_is_reached_from_the_two_in_which_orders_begin() -> None:
    table = dict(ORDER_TRANSITIONS)
    assert reachable(table, OrderState.PLACED) == set(OrderState) - {OrderState.SCHEDULED}
    assert reachable(table, OrderState.SCHEDULED) == set(OrderState)


def test_every_rider_state_is_reached_from_off_duty() -> None:
    assert reachable(dict(RIDER_TRANSITIONS), RiderState.OFF_DUTY) == set(RiderState)


def test_nothing_leaves_a_final_order_state() -> None:
    leaves = {source for source, _ in ORDER_TRANSITIONS}
    assert set(OrderState) - leaves == FINAL_ORDER_STATES


@pytest.mark.parametrize("state", [state for state in OrderState if state not in FINAL_ORDER_STATES])
def test_every_order_can_still_end(state: OrderState) -> None:
    assert reachable(dict(ORDER_TRANSITIONS), state) & FINAL_ORDER_STATES


@pytest.mark.parametrize("state", list(RiderState))
def test_every_rider_can_still_go_home(state: RiderState) -> None:
    assert RiderState.OFF_DUTY in reachable(dict(RIDER_TRANSITIONS), state)


@pytest.mark.parametrize("state", sorted(CARRIED_ORDER_STATES))
def test_an_order_on_the_way_can_only_be_delivered_unless_the_rider_breaks_down(state: OrderState) -> None:
    table = {key: to for key, to in ORDER_TRANSITIONS.items() if key[1] is not OrderStep.HAND_BACK}
    assert reachable(table, state) & FINAL_ORDER_STATES == {OrderState.DELIVERED}
    assert ORDER_TRANSITIONS[state, OrderStep.HAND_BACK] is OrderState.PLACED


@given(st.lists(st.sampled_from(OrderStep)))
def test_an_order_walks_only_along_its_table(steps: list[OrderStep]) -> None:
    state = OrderState.PLACED
    for step in steps:
        possible = {str(s) for (source, s) in ORDER_TRANSITIONS if source is state}
        if str(step) in possible:
            state = next_order_state("order-1", state, step)
            continue
        with pytest.raises(WrongStateError) as refused:
            next_order_state("order-1", state, step)
        assert set(refused.value.possible) == possible
        assert "order-1" in str(refused.value)


@given(st.lists(st.sampled_from(RiderStep)))
def test_a_rider_walks_only_along_the_table(steps: list[RiderStep]) -> None:
    state = RiderState.OFF_DUTY
    for step in steps:
        possible = {str(s) for (source, s) in RIDER_TRANSITIONS if source is state}
        if str(step) in possible:
            state = next_rider_state("rider-1", state, step)
            continue
        with pytest.raises(WrongStateError) as refused:
            next_rider_state("rider-1", state, step)
        assert set(refused.value.possible) == possible


def test_every_step_is_used() -> None:
    assert {step for _, step in ORDER_TRANSITIONS} == set(OrderStep)
    assert {step for _, step in RIDER_TRANSITIONS} == set(RiderStep)
