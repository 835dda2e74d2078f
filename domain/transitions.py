"""One rule for every state table: a step that the table does not list is refused."""

from collections.abc import Mapping
from enum import StrEnum
from typing import TypeVar

from domain.errors import WrongStateError

State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)


def wrong_step(
    table: Mapping[tuple[State, Step], State], kind: str, key: str, state: State, step: Step
) -> WrongStateError:
    """Return the error for a step that a table does not list; it names the steps that are possible.

    Parameters
    ----------
    table : mapping
        (state, step) -> next state.
    kind, key : str
        What was to change: for example ``order`` and ``order-7``.
    state, step : StrEnum
        Where it is, and what cannot happen there.
    """
    possible = tuple(str(s) for (source, s) in table if source is state)
    return WrongStateError(kind, key, str(state), str(step), possible)
