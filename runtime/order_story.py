"""The story of one order, from the log: what happened, what was decided about it, by whom and why."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from dispatch.explain import ASSIGNED_BY_HAND
from domain import commands, events
from domain.errors import UnknownIdError
from domain.ids import DecisionId, OrderId, RiderId
from domain.orders import OrderState
from domain.plans import DispatchPlan, Explanation
from domain.units import Millis
from runtime.event_log.port import LogRecord

PLANNED = "Planned"
"""A plan starts a trip with the order."""
FORESEEN = "Foreseen"
"""A plan foresees the order for a rider, later; nobody is told."""
JOINED = "Joined"
"""A plan adds the order to a trip under way."""
DROPPED = "Dropped"
"""What a plan wanted with the order no longer held when it came."""


@dataclass(frozen=True, slots=True)
class StoryLine:
    """One thing that happened to an order, or was decided about it.

    Attributes
    ----------
    seq, at_ms : int
        The record that tells it.
    what : str
        The name of the event, or a word of this module.
    decision_id, policy : str
        For decisions: which, and who decided.
    rider_id : str or None
        The rider whom it is about.
    order_ids : tuple of str
        All orders of the trip, in drop-off sequence.
    detail : str
        A stable word or a line for people.
    place : int
        For what is foreseen: the how many-th trip of the rider, from 1.
    waited : int
        For holds: how many further decisions left it at that.
    explanation : Explanation or None
        Why, where a decision says so.
    by : str
        The dispatcher who did it, as far as told.
    """

    seq: int
    at_ms: Millis
    what: str
    decision_id: DecisionId = ""
    policy: str = ""
    rider_id: RiderId | None = None
    order_ids: tuple[OrderId, ...] = ()
    detail: str = ""
    place: int = 0
    waited: int = 0
    explanation: Explanation | None = None
    by: str = ""


@dataclass(frozen=True, slots=True)
class OrderStory:
    """One order, and its lines in the sequence of the log.

    Attributes
    ----------
    ready_at_ms : int
        When the food was, or is expected to be, ready.
    state : OrderState
        What became of it.
    """

    order_id: OrderId
    reference: str
    merchant_id: str
    placed_at_ms: Millis
    ready_at_ms: Millis
    promised_at_ms: Millis
    state: OrderState
    lines: tuple[StoryLine, ...]


def find_order(records: Iterable[LogRecord], name: str) -> OrderId:
    """Return the id of the order of this id, or of this reference if there is none of this id.

    Raises
    ------
    UnknownIdError
        If there is neither.
    """
    by_reference: OrderId | None = None
    for record in records:
        placed = record.message
        if isinstance(placed, events.OrderPlaced):
            if placed.order_id == name:
                return name
            if placed.reference == name and by_reference is None:
                by_reference = placed.order_id
    if by_reference is None:
        raise UnknownIdError("order", name)
    return by_reference


def tell(records: Iterable[LogRecord], order_id: OrderId) -> OrderStory:
    """Return the story of an order.

    Raises
    ------
    UnknownIdError
        If it was never placed.
    """
    teller = _Teller(order_id)
    for record in records:
        teller.hear(record)
    if teller.placed is None:
        raise UnknownIdError("order", order_id)
    placed, at_ms = teller.placed
    return OrderStory(
        order_id,
        placed.reference,
        placed.merchant_id,
        at_ms,
        teller.ready_at_ms,
        placed.promised_at_ms,
        teller.state,
        tuple(teller.lines),
    )


_STATES: dict[type, OrderState] = {
    events.OrderPlaced: OrderState.PLACED,
    events.OrderReleased: OrderState.PLACED,
    events.OrderOffered: OrderState.OFFERED,
    events.OfferDeclined: OrderState.PLACED,
    events.OfferExpired: OrderState.PLACED,
    events.OrderReturned: OrderState.PLACED,
    events.OrderAssigned: OrderState.ASSIGNED,
    events.RiderArrivedAtMerchant: OrderState.AT_MERCHANT,
    events.OrderPickedUp: OrderState.PICKED_UP,
    events.RiderArrivedAtDoor: OrderState.AT_DOOR,
    events.OrderDelivered: OrderState.DELIVERED,
    events.OrderCanceled: OrderState.CANCELED,
}
"""The state of an order after an event about it."""

_SILENT: tuple[type, ...] = (events.EtaChanged, events.OrderOffered)
"""Events that add nothing to a story: changes of the ETA, and what `TripOffered` has said already."""


@dataclass(slots=True)
class _Teller:
    """Takes in the log of a city, and keeps what concerns one order."""

    order_id: OrderId
    placed: tuple[events.OrderPlaced, Millis] | None = None
    ready_at_ms: Millis = 0
    state: OrderState = OrderState.PLACED
    lines: list[StoryLine] = field(default_factory=list)
    _decision: tuple[DecisionId, str] = ("", "")
    _planned: Explanation | None = None
    _foreseen: tuple[RiderId, int] | None = None
    _pinned: bool = False
    _handlers: dict[type, Callable[[Any, LogRecord], None]] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        self._handlers = {
            commands.ApplyPlan: self._hear_plan,
            events.PlanRefused: self._hear_refused,
            events.PlanApplied: self._hear_applied,
            events.OrderHeld: self._hear_held,
            events.OrderAssigned: self._hear_assigned,
            events.OrderPinned: self._hear_pinned,
        }

    def hear(self, record: LogRecord) -> None:
        message = record.message
        kind = type(message)
        if kind is events.OrderPlaced and message.order_id == self.order_id:  # type: ignore[union-attr]
            self.placed = (message, record.at_ms)  # type: ignore[assignment]
            self.ready_at_ms = message.ready_at_ms  # type: ignore[union-attr,assignment]
            if message.window is not None:  # type: ignore[union-attr]
                self.state = OrderState.SCHEDULED
        if self.placed is None or self.state in {OrderState.DELIVERED, OrderState.CANCELED}:
            return
        handler = self._handlers.get(kind)
        if handler is not None:
            handler(message, record)
        elif not record.is_input and kind not in _SILENT and self._is_about(message):
            self._hear_event(message, record)
        if kind in _STATES and kind is not events.OrderPlaced and self._is_about(message):
            self.state = _STATES[kind]

    def _is_about(self, message: Any) -> bool:  # noqa: ANN401  (events with an order, or with several)
        return self.order_id == getattr(message, "order_id", None) or self.order_id in getattr(
            message, "order_ids", ()
        )

    def _hear_event(self, event: Any, record: LogRecord) -> None:  # noqa: ANN401
        if isinstance(event, events.OrderConfirmed):
            self.ready_at_ms = event.ready_at_ms
        elif isinstance(event, events.OrderReady):
            self.ready_at_ms = record.at_ms
        elif isinstance(event, events.OrderUnpinned):
            self._pinned = False
        self._add(
            record,
            type(event).__name__,
            rider_id=getattr(event, "rider_id", None),
            order_ids=getattr(event, "order_ids", ()),
            detail=str(getattr(event, "reason", "") or getattr(event, "type", "")),
            by=getattr(event, "by", ""),
        )

    def _hear_plan(self, command: commands.ApplyPlan, record: LogRecord) -> None:
        plan = command.plan
        self._decision, self._planned = (plan.decision_id, plan.policy), None
        for trip in plan.trips:
            if self.order_id in trip.order_ids:
                self._planned = trip.explanations[trip.order_ids.index(self.order_id)]
                self._decide(record, PLANNED, trip.rider_id, trip.order_ids)
        for addition in plan.additions:
            if self.order_id in addition.added:
                self._planned = addition.explanations[addition.added.index(self.order_id)]
                self._decide(record, JOINED, None, addition.order_ids, addition.trip_id)
        if self._planned is None and self.state is OrderState.PLACED and not self._pinned:
            if all(hold.order_id != self.order_id for hold in plan.holds):
                self._wait()
            self._foresee(record, plan)

    def _hear_refused(self, event: events.PlanRefused, record: LogRecord) -> None:
        """Note that a plan which was about this order was refused: from now on the fallback decides."""
        concerned = self.state is OrderState.PLACED and not self._pinned
        self._decision, self._planned = (event.decision_id, "fallback"), None
        if concerned:
            self._add(
                record,
                "PlanRefused",
                decision_id=event.decision_id,
                policy=event.policy,
                detail=event.reason,
            )

    def _hear_applied(self, event: events.PlanApplied, record: LogRecord) -> None:
        if self.order_id in event.stale:
            self._planned = None
            self._decide(record, DROPPED)

    def _hear_held(self, event: events.OrderHeld, record: LogRecord) -> None:
        if event.order_id == self.order_id:
            self._decide(record, "OrderHeld", detail=event.explanation.reason, why=event.explanation)

    def _hear_assigned(self, event: events.OrderAssigned, record: LogRecord) -> None:
        """Note the assignment; the decision behind it is told only where no plan has told it already."""
        if event.order_id != self.order_id:
            return
        self._foreseen = None
        told = any(line.explanation == event.explanation for line in self.lines)
        if told or event.explanation.reason == ASSIGNED_BY_HAND:
            why = None if told else event.explanation
            self._add(record, "OrderAssigned", rider_id=event.rider_id, detail=event.trip_id, explanation=why)
        else:
            self._decide(record, "OrderAssigned", event.rider_id, detail=event.trip_id, why=event.explanation)

    def _hear_pinned(self, event: events.OrderPinned, record: LogRecord) -> None:
        if event.order_id != self.order_id:
            return
        self._pinned, self._foreseen, self._planned = True, None, None
        self._add(record, "OrderPinned", rider_id=event.rider_id, explanation=event.explanation, by=event.by)

    def _wait(self) -> None:
        """Count the decision for the last hold; a plan names an order again only when its reason changes."""
        for k in range(len(self.lines) - 1, -1, -1):
            if self.lines[k].what == "OrderHeld":
                self.lines[k] = replace(self.lines[k], waited=self.lines[k].waited + 1)
                return

    def _foresee(self, record: LogRecord, plan: DispatchPlan) -> None:
        places: dict[RiderId, int] = {}
        for trip in plan.queues:
            place = places[trip.rider_id] = places.get(trip.rider_id, 0) + 1
            if self.order_id in trip.order_ids:
                if self._foreseen != (trip.rider_id, place):
                    self._foreseen = (trip.rider_id, place)
                    self._decide(record, FORESEEN, trip.rider_id, trip.order_ids, place=place)
                return
        self._foreseen = None

    def _decide(
        self,
        record: LogRecord,
        what: str,
        rider_id: RiderId | None = None,
        order_ids: tuple[OrderId, ...] = (),
        detail: str = "",
        *,
        place: int = 0,
        why: Explanation | None = None,
    ) -> None:
        decision_id, policy = self._decision
        explanation = self._planned if what in {PLANNED, JOINED} else why
        self.lines.append(
            StoryLine(
                record.seq,
                record.at_ms,
                what,
                decision_id,
                policy,
                rider_id,
                order_ids,
                detail,
                place,
                explanation=explanation,
            )
        )

    def _add(self, record: LogRecord, what: str, **more: Any) -> None:  # noqa: ANN401  (fields of StoryLine)
        self.lines.append(StoryLine(record.seq, record.at_ms, what, **more))
