"""Riders as the events tell them."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from domain.events import (
    Event,
    MoveAdvised,
    OfferDeclined,
    OfferExpired,
    OrderDelivered,
    OrderPickedUp,
    RiderArrivedAtDoor,
    RiderArrivedAtMerchant,
    RiderMoved,
    ShiftEnded,
    ShiftStarted,
    TripAssigned,
    TripEnded,
    TripOffered,
    TripRevised,
)
from domain.geo import Point
from domain.ids import OrderId, RiderId
from domain.plans import Stop, StopKind
from domain.ports import StreetPaths
from domain.riders import RiderState
from runtime.projections.views import Position, RiderView, StopView, WaitingPlace


@dataclass(slots=True)
class Riders:
    """Everybody who ever was on duty; positions apart, because they change far more often than the rest."""

    paths: StreetPaths
    views: dict[RiderId, RiderView] = field(default_factory=dict)
    positions: dict[RiderId, Position] = field(default_factory=dict)
    _handlers: dict[type[Event], Callable[[Any], None]] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        self._handlers = {
            ShiftStarted: self._shift_started,
            ShiftEnded: self._shift_ended,
            MoveAdvised: self._move_advised,
            TripOffered: self._offered,
            TripAssigned: self._assigned,
            TripRevised: self._revised,
            OfferDeclined: self._released,
            OfferExpired: self._released,
            TripEnded: self._released,
            RiderArrivedAtMerchant: self._at_merchant,
            OrderPickedUp: self._picked_up,
            RiderArrivedAtDoor: self._at_door,
            OrderDelivered: self._delivered,
            RiderMoved: self._moved,
        }

    def apply(self, event: Event) -> None:
        """Take in one event; events that are not about riders change nothing."""
        handler = self._handlers.get(type(event))
        if handler is not None:
            handler(event)

    def get(self, rider_id: RiderId) -> RiderView | None:
        """Return a rider with the latest position, None when nobody has that id."""
        view = self.views.get(rider_id)
        return None if view is None else replace(view, position=self.positions.get(rider_id))

    def on_duty(self) -> list[RiderView]:
        """Return everybody on duty, in the sequence of first appearance."""
        return [
            replace(view, position=self.positions.get(view.rider_id))
            for view in self.views.values()
            if view.state is not RiderState.OFF_DUTY
        ]

    def _change(self, rider_id: RiderId, **changes: Any) -> None:  # noqa: ANN401  (fields of RiderView)
        self.views[rider_id] = replace(self.views[rider_id], **changes)

    def _stop_view(self, stop: Stop) -> StopView:
        point = self.paths.point(stop.location)
        return StopView(
            kind=stop.kind,
            order_ids=stop.order_ids,
            location=stop.location,
            point=point,
            arrives_at_ms=stop.arrives_at_ms,
            done_at_ms=stop.done_at_ms,
            path=tuple(self.paths.point(key) for key in stop.leg.path) or (point,),
        )

    def _trip(self, event: TripOffered | TripAssigned | TripRevised, state: RiderState) -> None:
        ahead = {order_id for stop in event.stops for order_id in stop.order_ids}
        self._change(
            event.rider_id,
            state=state,
            trip_id=event.trip_id,
            order_ids=tuple(order_id for order_id in event.order_ids if order_id in ahead),
            stops=tuple(map(self._stop_view, event.stops)),
        )

    def _shift_started(self, event: ShiftStarted) -> None:
        self.views[event.rider_id] = RiderView(
            rider_id=event.rider_id,
            name=event.name,
            state=RiderState.IDLE,
            started_at=event.point,
            shift_ends_at_ms=event.ends_at_ms,
            vehicle=event.vehicle,
            capacity=event.capacity,
        )
        self.positions.pop(event.rider_id, None)

    def _shift_ended(self, event: ShiftEnded) -> None:
        self._change(event.rider_id, state=RiderState.OFF_DUTY, waiting_place=None)
        self.positions.pop(event.rider_id, None)

    def _move_advised(self, event: MoveAdvised) -> None:
        point = self.paths.point(event.leg.destination)
        place = WaitingPlace(
            point=point,
            path=tuple(self.paths.point(key) for key in event.leg.path) or (point,),
            arrives_at_ms=event.arrives_at_ms,
            merchant_id=event.merchant_id,
            explanation=event.explanation,
        )
        self._change(event.rider_id, waiting_place=place)

    def _offered(self, event: TripOffered) -> None:
        self._trip(event, RiderState.OFFERED)

    def _assigned(self, event: TripAssigned) -> None:
        self._trip(event, RiderState.TO_MERCHANT)
        if self.views[event.rider_id].waiting_place is not None:
            self._change(event.rider_id, waiting_place=None)

    def _revised(self, event: TripRevised) -> None:
        before = self.views[event.rider_id].state
        all_with_rider = not any(stop.kind is StopKind.PICKUP for stop in event.stops)
        waiting = before in {RiderState.TO_MERCHANT, RiderState.AT_MERCHANT}
        self._trip(event, RiderState.TO_DOOR if waiting and all_with_rider and event.stops else before)

    def _released(self, event: OfferDeclined | OfferExpired | TripEnded) -> None:
        self._change(event.rider_id, state=RiderState.IDLE, trip_id=None, order_ids=(), stops=())

    def _at_merchant(self, event: RiderArrivedAtMerchant) -> None:
        self._change(event.rider_id, state=RiderState.AT_MERCHANT)

    def _picked_up(self, event: OrderPickedUp) -> None:
        view = self.views[event.rider_id]
        stops = _without(view.stops, StopKind.PICKUP, event.order_id)
        waiting = any(stop.kind is StopKind.PICKUP for stop in stops)
        state = view.state if waiting else RiderState.TO_DOOR
        self._change(event.rider_id, state=state, stops=stops)

    def _at_door(self, event: RiderArrivedAtDoor) -> None:
        # The rider may have gone to another door than the next one planned: that stop is the first now.
        stops = sorted(
            self.views[event.rider_id].stops, key=lambda stop: event.order_id not in stop.order_ids
        )
        self._change(event.rider_id, state=RiderState.AT_DOOR, stops=tuple(stops))

    def _delivered(self, event: OrderDelivered) -> None:
        view = self.views[event.rider_id]
        self._change(
            event.rider_id,
            state=RiderState.TO_DOOR,
            stops=_without(view.stops, StopKind.DROPOFF, event.order_id),
            order_ids=tuple(order_id for order_id in view.order_ids if order_id != event.order_id),
        )

    def _moved(self, event: RiderMoved) -> None:
        self.positions[event.rider_id] = Position(
            event.point, event.fixed_at_ms, event.heading_deg, event.speed_mps
        )


def _without(stops: tuple[StopView, ...], kind: StopKind, order_id: OrderId) -> tuple[StopView, ...]:
    """Return the stops without one order; a stop that then has none is gone."""
    left = []
    for stop in stops:
        if stop.kind is kind and order_id in stop.order_ids:
            rest = tuple(other for other in stop.order_ids if other != order_id)
            if rest:
                left.append(replace(stop, order_ids=rest))
        else:
            left.append(stop)
    return tuple(left)


def remaining_route(view: RiderView, upto: OrderId | None = None) -> list[Point]:
    """Return the streets still ahead of a rider, from the present position on.

    The drive under way begins at the corner nearest to the rider; corners already passed are left out. At a
    stop (merchant or door) nothing of the drive that led there is left. Without a trip they lead to the place
    to wait at, if there is one.

    Parameters
    ----------
    view : RiderView
        The rider.
    upto : str or None
        End at the door of this order; None: at the last stop.
    """
    points: list[Point] = []
    arrived = view.state in {RiderState.AT_MERCHANT, RiderState.AT_DOOR}
    if not view.stops and view.waiting_place is not None:
        points = [view.point, *_ahead_of(view.point, view.waiting_place.path)]
    for index, stop in enumerate(view.stops):
        ahead = stop.path
        if index == 0:
            ahead = ahead[-1:] if arrived else _ahead_of(view.point, ahead)
            points.append(view.point)
        points += ahead
        if upto is not None and stop.kind is StopKind.DROPOFF and upto in stop.order_ids:
            break
    return [point for index, point in enumerate(points) if not index or point != points[index - 1]]


def _ahead_of(point: Point, path: tuple[Point, ...]) -> tuple[Point, ...]:
    nearest = min(range(len(path)), key=lambda k: (path[k].x - point.x) ** 2 + (path[k].y - point.y) ** 2)
    return path[nearest:]
