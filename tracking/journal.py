"""What events of dispatch change in tracking's memory: one function for each event, in one table."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from domain.events import (
    Event,
    OrderCanceled,
    OrderConfirmed,
    OrderDelivered,
    OrderPickedUp,
    OrderPlaced,
    OrderReady,
    OrderReturned,
    RiderArrivedAtDoor,
    RiderArrivedAtMerchant,
    ShiftEnded,
    ShiftStarted,
    TripAssigned,
    TripEnded,
    TripRevised,
)
from domain.ids import OrderId, RiderId
from domain.plans import Stop, StopKind
from domain.units import Millis
from tracking.scene import Scene
from tracking.state import NEVER_MS, OrderTrack, RiderTrack, TripTrack


@dataclass(frozen=True, slots=True)
class Change:
    """What has to be looked at after an event.

    Attributes
    ----------
    order_ids : tuple of str
        Orders whose arrival may have changed.
    rider_id : str or None
        Rider whose situation may have changed.
    ended_order_id, ended_rider_id : str or None
        Order or rider that is no longer watched ...
    reason : str
        ... and why: what closes its incidents.
    """

    order_ids: tuple[OrderId, ...] = ()
    rider_id: RiderId | None = None
    ended_order_id: OrderId | None = None
    ended_rider_id: RiderId | None = None
    reason: str = ""


def write_down(event: Event, scene: Scene, now_ms: Millis) -> Change | None:
    """Take an event into the state; None where tracking has no use for it."""
    entry = _ENTRIES.get(type(event))
    return None if entry is None else entry(event, scene, now_ms)


def _order_placed(event: OrderPlaced, scene: Scene, now_ms: Millis) -> Change:
    direct_ms = scene.drive_ms(event.pickup_location, event.dropoff_location, now_ms)
    scene.state.orders[event.order_id] = OrderTrack(
        event.order_id, event.merchant_id, event.promised_at_ms, event.ready_at_ms, direct_ms
    )
    return Change((event.order_id,))


def _order_confirmed(event: OrderConfirmed, scene: Scene, now_ms: Millis) -> Change:
    order = scene.state.orders.get(event.order_id)
    if order is None:
        return Change()
    order.ready_at_ms = event.ready_at_ms
    return Change(_together_with(order, scene))


def _order_ready(event: OrderReady, scene: Scene, now_ms: Millis) -> Change:
    order = scene.state.orders.get(event.order_id)
    if order is None:
        return Change()
    order.is_ready = True
    return Change(_together_with(order, scene))


def _trip_assigned(event: TripAssigned, scene: Scene, now_ms: Millis) -> Change:
    trip = TripTrack(event.trip_id, event.rider_id, list(event.stops), now_ms, now_ms)
    _depart(trip, _planned_departure_ms(trip, now_ms), now_ms)
    scene.state.trips[event.trip_id] = trip
    rider = scene.state.riders.setdefault(event.rider_id, RiderTrack(event.rider_id))
    scene.supply.remove(rider)
    if event.trip_id not in rider.trip_ids:
        rider.trip_ids.append(event.trip_id)
    scene.supply.add(rider)
    for order in _known(event.order_ids, scene):
        order.trip_id, order.rider_id = event.trip_id, event.rider_id
    return Change(event.order_ids, event.rider_id)


def _trip_revised(event: TripRevised, scene: Scene, now_ms: Millis) -> Change:
    trip = scene.state.trips.get(event.trip_id)
    if trip is None:
        # Revised while still an offer: tracking hears of the trip when it is assigned.
        return Change()
    before = trip.stops[0] if trip.stops else None
    dropped = _orders_of(trip)
    trip.stops = list(event.stops)
    for order in _known(dropped, scene):
        if order.order_id not in event.order_ids:
            order.trip_id = order.rider_id = None
    for order in _known(event.order_ids, scene):
        order.trip_id, order.rider_id = event.trip_id, event.rider_id
    if trip.stops and not _is_same_drive(before, trip.stops[0]):
        _depart(trip, _planned_departure_ms(trip, now_ms), now_ms)
        # The new drive may begin anywhere on the way.
        trip.progress_m = -1.0
    return Change(tuple(dict.fromkeys((*dropped, *event.order_ids))), event.rider_id)


def _arrived_at_merchant(event: RiderArrivedAtMerchant, scene: Scene, now_ms: Millis) -> Change:
    trip = scene.state.trips.get(event.trip_id)
    if trip is not None and trip.stops:
        trip.arrived_at_ms = now_ms
    return Change(event.order_ids, event.rider_id)


def _arrived_at_door(event: RiderArrivedAtDoor, scene: Scene, now_ms: Millis) -> Change:
    trip = scene.state.trips.get(event.trip_id)
    if trip is None:
        return Change()
    # The rider may have chosen another door than the next one planned.
    trip.stops.sort(key=lambda stop: not _is_door_of(stop, event.order_id))
    trip.arrived_at_ms = now_ms
    return Change(_orders_of(trip), event.rider_id)


def _order_picked_up(event: OrderPickedUp, scene: Scene, now_ms: Millis) -> Change:
    trip, order = scene.state.trips.get(event.trip_id), scene.state.orders.get(event.order_id)
    if order is not None:
        order.is_picked_up = order.is_ready = True
    if trip is None or not trip.stops:
        return Change(rider_id=event.rider_id)
    first = trip.stops[0]
    if first.kind is StopKind.PICKUP and all(o.is_picked_up for o in _known(first.order_ids, scene)):
        del trip.stops[0]
        _depart(trip, now_ms + scene.times.pickup_after_ms, now_ms)
    return Change(_orders_of(trip), event.rider_id)


def _order_returned(event: OrderReturned, scene: Scene, now_ms: Millis) -> Change:
    order = scene.state.orders.get(event.order_id)
    if order is None:
        return Change()
    order.trip_id = order.rider_id = None
    order.is_picked_up = False
    return Change((event.order_id,))


def _order_delivered(event: OrderDelivered, scene: Scene, now_ms: Millis) -> Change:
    _forget(event.order_id, scene)
    trip = scene.state.trips.get(event.trip_id)
    if trip is None:
        return Change((), event.rider_id, event.order_id, reason="delivered")
    was_next = bool(trip.stops) and _is_door_of(trip.stops[0], event.order_id)
    trip.stops = [stop for stop in trip.stops if not _is_door_of(stop, event.order_id)]
    if was_next:
        _depart(trip, now_ms + scene.times.dropoff_after_ms, now_ms)
    return Change(_orders_of(trip), event.rider_id, event.order_id, reason="delivered")


def _order_canceled(event: OrderCanceled, scene: Scene, now_ms: Millis) -> Change:
    order = _forget(event.order_id, scene)
    together = _together_with(order, scene) if order is not None else ()
    return Change(together, event.rider_id, event.order_id, reason="canceled")


def _trip_ended(event: TripEnded, scene: Scene, now_ms: Millis) -> Change:
    scene.state.trips.pop(event.trip_id, None)
    scene.forget_line(event.trip_id)
    rider = scene.state.riders.get(event.rider_id)
    if rider is None or event.trip_id not in rider.trip_ids:
        return Change()
    scene.supply.remove(rider)
    rider.trip_ids.remove(event.trip_id)
    scene.supply.add(rider)
    following = scene.state.trip_under_way(rider)
    if following is None:
        return Change(rider_id=event.rider_id)
    _depart(following, max(event.free_at_ms, now_ms), now_ms)
    return Change(_orders_of(following), event.rider_id)


def _shift_started(event: ShiftStarted, scene: Scene, now_ms: Millis) -> Change:
    rider = scene.state.riders.setdefault(event.rider_id, RiderTrack(event.rider_id))
    scene.supply.remove(rider)
    rider.on_duty = True
    scene.supply.add(rider)
    rider.shift_started_ms = now_ms
    return Change(rider_id=event.rider_id)


def _shift_ended(event: ShiftEnded, scene: Scene, now_ms: Millis) -> Change:
    rider = scene.state.riders.get(event.rider_id)
    if rider is not None:
        scene.supply.remove(rider)
        rider.on_duty = False
        scene.supply.add(rider)
    return Change(ended_rider_id=event.rider_id, reason="off_duty")


_ENTRIES: dict[type[Event], Callable[..., Change]] = {
    OrderPlaced: _order_placed,
    OrderConfirmed: _order_confirmed,
    OrderReady: _order_ready,
    TripAssigned: _trip_assigned,
    TripRevised: _trip_revised,
    RiderArrivedAtMerchant: _arrived_at_merchant,
    RiderArrivedAtDoor: _arrived_at_door,
    OrderPickedUp: _order_picked_up,
    OrderReturned: _order_returned,
    OrderDelivered: _order_delivered,
    OrderCanceled: _order_canceled,
    TripEnded: _trip_ended,
    ShiftStarted: _shift_started,
    ShiftEnded: _shift_ended,
}
"""Event -> what it changes. Offers, decisions and plans do not concern tracking."""


def _depart(trip: TripTrack, departs_at_ms: Millis, now_ms: Millis) -> None:
    """Begin the drive to the first stop."""
    trip.leg_since_ms = now_ms
    trip.as_of_ms = departs_at_ms
    trip.arrived_at_ms = NEVER_MS
    trip.progress_m = 0.0
    trip.driven_ms = 0
    trip.misses = 0


def _planned_departure_ms(trip: TripTrack, now_ms: Millis) -> Millis:
    if not trip.stops:
        return now_ms
    return trip.stops[0].arrives_at_ms - trip.stops[0].leg.duration_ms


def _is_same_drive(before: Stop | None, after: Stop) -> bool:
    return before is not None and (before.kind, before.leg.origin, before.leg.destination) == (
        after.kind,
        after.leg.origin,
        after.leg.destination,
    )


def _is_door_of(stop: Stop, order_id: OrderId) -> bool:
    return stop.kind is StopKind.DROPOFF and order_id in stop.order_ids


def _orders_of(trip: TripTrack) -> tuple[OrderId, ...]:
    return tuple(dict.fromkeys(order_id for stop in trip.stops for order_id in stop.order_ids))


def _together_with(order: OrderTrack, scene: Scene) -> tuple[OrderId, ...]:
    """Return an order and those on the same trip: what one waits for, all wait for."""
    trip = scene.state.trips.get(order.trip_id) if order.trip_id is not None else None
    others = _orders_of(trip) if trip is not None else ()
    return tuple(dict.fromkeys((order.order_id, *others)))


def _known(order_ids: Iterable[OrderId], scene: Scene) -> list[OrderTrack]:
    orders = scene.state.orders
    return [orders[order_id] for order_id in order_ids if order_id in orders]


def _forget(order_id: OrderId, scene: Scene) -> OrderTrack | None:
    return scene.state.orders.pop(order_id, None)
