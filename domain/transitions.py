"""One rule for every state table: a step that the table does not list is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from domain.errors import WrongStateError

State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


def next_state(
    table: Mapping[tuple[State, Step], State], kind: str, key: str, state: State, step: Step
) -> State:
    """Return the state that a step leads to.

    Parameters
    ----------
    table : mapping
        (state, step) -> next state.
    kind, key : str
        What changes, for the error: for example ``order`` and ``order-7``.
    state, step : StrEnum
        Where it is, and what happens.

    Raises
    ------
    WrongStateError
        If the table does not list the step for this state; it names the steps that are possible.
    """
    following = table.get((state, step))
    if following is None:
        possible = tuple(str(s) for (source, s) in table if source is state)
        raise WrongStateError(kind, key, str(state), str(step), possible)
    return following
