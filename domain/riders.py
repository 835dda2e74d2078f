"""The working day of a rider: states and the one table that says how they change."""

from enum import StrEnum

from domain.ids import RiderId
from domain.transitions import wrong_step


class RiderState(StrEnum):
    """What a rider is doing."""

    OFF_DUTY = "off_duty"
    IDLE = "idle"
    OFFERED = "offered"
    TO_MERCHANT = "to_merchant"
    AT_MERCHANT = "at_merchant"
    TO_DOOR = "to_door"
    AT_DOOR = "at_door"


class RiderStep(StrEnum):
    """What moves a rider from one state to the next."""

    START_SHIFT = "start_shift"
    END_SHIFT = "end_shift"
    OFFER = "offer"
    RELEASE = "release"
    ASSIGN = "assign"
    ARRIVE_AT_MERCHANT = "arrive_at_merchant"
    LEAVE_MERCHANT = "leave_merchant"
    ARRIVE_AT_DOOR = "arrive_at_door"
    LEAVE_DOOR = "leave_door"
    FINISH_TRIP = "finish_trip"
    BREAK_DOWN = "break_down"


_S, _T = RiderState, RiderStep

RIDER_TRANSITIONS: dict[tuple[RiderState, RiderStep], RiderState] = {
    (_S.OFF_DUTY, _T.START_SHIFT): _S.IDLE,
    (_S.IDLE, _T.END_SHIFT): _S.OFF_DUTY,
    (_S.IDLE, _T.OFFER): _S.OFFERED,
    (_S.IDLE, _T.ASSIGN): _S.TO_MERCHANT,
    (_S.OFFERED, _T.RELEASE): _S.IDLE,
    (_S.OFFERED, _T.ASSIGN): _S.TO_MERCHANT,
    (_S.TO_MERCHANT, _T.ARRIVE_AT_MERCHANT): _S.AT_MERCHANT,
    (_S.TO_MERCHANT, _T.LEAVE_MERCHANT): _S.TO_DOOR,
    (_S.TO_MERCHANT, _T.RELEASE): _S.IDLE,
    (_S.AT_MERCHANT, _T.LEAVE_MERCHANT): _S.TO_DOOR,
    (_S.AT_MERCHANT, _T.RELEASE): _S.IDLE,
    (_S.TO_DOOR, _T.ARRIVE_AT_DOOR): _S.AT_DOOR,
    (_S.TO_DOOR, _T.LEAVE_DOOR): _S.TO_DOOR,
    (_S.TO_DOOR, _T.FINISH_TRIP): _S.IDLE,
    (_S.AT_DOOR, _T.LEAVE_DOOR): _S.TO_DOOR,
    (_S.AT_DOOR, _T.FINISH_TRIP): _S.IDLE,
    (_S.IDLE, _T.BREAK_DOWN): _S.OFF_DUTY,
    (_S.OFFERED, _T.BREAK_DOWN): _S.OFF_DUTY,
    (_S.TO_MERCHANT, _T.BREAK_DOWN): _S.OFF_DUTY,
    (_S.AT_MERCHANT, _T.BREAK_DOWN): _S.OFF_DUTY,
    (_S.TO_DOOR, _T.BREAK_DOWN): _S.OFF_DUTY,
    (_S.AT_DOOR, _T.BREAK_DOWN): _S.OFF_DUTY,
}
"""(state, step) -> next state. A pair that is not listed is refused."""


def next_rider_state(rider_id: RiderId, state: RiderState, step: RiderStep) -> RiderState:
    """Return the state that a step leads to.

    Raises
    ------
    WrongStateError
        If the table does not list the step for this state; it names the steps that are possible.
    """
    following = RIDER_TRANSITIONS.get((state, step))
    if following is None:
        raise wrong_step(RIDER_TRANSITIONS, "rider", rider_id, state, step)
    return following
