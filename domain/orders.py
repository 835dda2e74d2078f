"""The life of an order: its states and the one table that says how they change.

Documentation draws the diagram from ``ORDER_TRANSITIONS``; no other place changes an order's state.
"""

from enum import StrEnum

from domain.ids import OrderId
from domain.transitions import wrong_step


class OrderState(StrEnum):
    """Where an order is in its life."""

    SCHEDULED = "scheduled"
    PLACED = "placed"
    OFFERED = "offered"
    ASSIGNED = "assigned"
    AT_MERCHANT = "at_merchant"
    PICKED_UP = "picked_up"
    AT_DOOR = "at_door"
    DELIVERED = "delivered"
    CANCELED = "canceled"


class OrderStep(StrEnum):
    """What moves an order from one state to the next."""

    RELEASE = "release"
    OFFER = "offer"
    RETURN = "return"
    ASSIGN = "assign"
    ARRIVE_AT_MERCHANT = "arrive_at_merchant"
    PICK_UP = "pick_up"
    ARRIVE_AT_DOOR = "arrive_at_door"
    DELIVER = "deliver"
    HAND_BACK = "hand_back"
    CANCEL = "cancel"


_S, _T = OrderState, OrderStep

ORDER_TRANSITIONS: dict[tuple[OrderState, OrderStep], OrderState] = {
    (_S.SCHEDULED, _T.RELEASE): _S.PLACED,
    (_S.SCHEDULED, _T.CANCEL): _S.CANCELED,
    (_S.PLACED, _T.OFFER): _S.OFFERED,
    (_S.PLACED, _T.ASSIGN): _S.ASSIGNED,
    (_S.PLACED, _T.CANCEL): _S.CANCELED,
    (_S.OFFERED, _T.RETURN): _S.PLACED,
    (_S.OFFERED, _T.ASSIGN): _S.ASSIGNED,
    (_S.OFFERED, _T.CANCEL): _S.CANCELED,
    (_S.ASSIGNED, _T.RETURN): _S.PLACED,
    (_S.ASSIGNED, _T.ARRIVE_AT_MERCHANT): _S.AT_MERCHANT,
    (_S.ASSIGNED, _T.PICK_UP): _S.PICKED_UP,
    (_S.ASSIGNED, _T.CANCEL): _S.CANCELED,
    (_S.AT_MERCHANT, _T.RETURN): _S.PLACED,
    (_S.AT_MERCHANT, _T.PICK_UP): _S.PICKED_UP,
    (_S.AT_MERCHANT, _T.CANCEL): _S.CANCELED,
    (_S.PICKED_UP, _T.ARRIVE_AT_DOOR): _S.AT_DOOR,
    (_S.PICKED_UP, _T.DELIVER): _S.DELIVERED,
    (_S.PICKED_UP, _T.HAND_BACK): _S.PLACED,
    (_S.AT_DOOR, _T.DELIVER): _S.DELIVERED,
    (_S.AT_DOOR, _T.HAND_BACK): _S.PLACED,
}
"""(state, step) -> next state. A pair that is not listed is refused.

``release`` lets an order with a delivery window wait for a rider from then on.
``return`` gives an order back that is still at the merchant; ``hand_back`` one whose rider broke down with
the food: somebody else picks it up where that rider stands.
"""

FINAL_ORDER_STATES = frozenset({OrderState.DELIVERED, OrderState.CANCELED})
"""States that nothing leaves."""

CARRIED_ORDER_STATES = frozenset({OrderState.PICKED_UP, OrderState.AT_DOOR})
"""States in which a rider has the food."""


def next_order_state(order_id: OrderId, state: OrderState, step: OrderStep) -> OrderState:
    """Return the state that a step leads to.

    Raises
    ------
    WrongStateError
        If the table does not list the step for this state; it names the steps that are possible.
    """
    following = ORDER_TRANSITIONS.get((state, step))
    if following is None:
        raise wrong_step(ORDER_TRANSITIONS, "order", order_id, state, step)
    return following
