"""What a policy gets to see: frozen, complete, and nothing of the future.

Orders and riders are named tuples: hundreds of them are put into columns in every decision, which is a single
``zip`` then.
"""

from dataclasses import dataclass
from typing import NamedTuple

from dispatch.params import PrepositioningParams
from domain.construction import quickly_made
from domain.ids import DecisionId, MerchantId, OrderId, RiderId, TripId
from domain.loads import OrderType
from domain.pay import DEFAULT_PAY, PayScheme
from domain.plans import Leg, QueuedTrip, ServiceRules, ServiceTimes
from domain.ports import LocationKey
from domain.units import MINUTE_MS, Millis


class OpenOrder(NamedTuple):
    """An order that has no rider yet.

    Attributes
    ----------
    merchant_id : str
        Who hands it over: the merchant, or ``handover:RIDER@PLACE`` for food that a
        rider who broke down has.
    pickup, dropoff : int
        Location keys of that place and of the door.
    ready_at_ms : int
        Expected ready time.
    declined_by : tuple of str
        Riders who turned it down of late; they are not asked again for now.
    held_reason : str
        Why the last decision left it waiting, empty at first.
    """

    order_id: OrderId
    merchant_id: MerchantId
    pickup: LocationKey
    dropoff: LocationKey
    placed_at_ms: Millis
    ready_at_ms: Millis
    promised_at_ms: Millis
    declined_by: tuple[RiderId, ...]
    held_reason: str


class RiderView(NamedTuple):
    """A rider on duty, seen from the place and time at which the rider is free.

    Attributes
    ----------
    location : int
        Where the rider is, or will be after the present trip.
    free_at_ms : int
        When the rider can leave from there; not before the snapshot's time.
    shift_ends_at_ms : int
        No pickup after it.
    is_free : bool
        Whether a trip can start now.
    shift_started_at_ms : int
        When the rider came on duty.
    delivered : int
        Orders delivered in this shift, with those of the present trip.
    """

    rider_id: RiderId
    location: LocationKey
    free_at_ms: Millis
    shift_ends_at_ms: Millis
    is_free: bool
    shift_started_at_ms: Millis = 0
    delivered: int = 0


@dataclass(frozen=True, slots=True)
class OpenTrip:
    """A trip that is assigned and that further orders of its merchant may join.

    Attributes
    ----------
    pickup : int
        Location key of the merchant.
    arrives_at_ms : int
        When the rider is there: planned, or reported.
    pickup_at_ms : int
        When its orders are picked up, as planned now; not before the snapshot's time.
    shift_ends_at_ms : int
        No pickup after it.
    orders : tuple of OpenOrder
        Its orders in drop-off sequence; none is picked up yet.
    """

    trip_id: TripId
    rider_id: RiderId
    merchant_id: MerchantId
    pickup: LocationKey
    arrives_at_ms: Millis
    pickup_at_ms: Millis
    shift_ends_at_ms: Millis
    orders: tuple[OpenOrder, ...]


class Pin(NamedTuple):
    """An order that a dispatcher has assigned by hand: it is with this rider, or waits for this rider alone.

    Attributes
    ----------
    by : str
        The dispatcher, as far as told.
    at_ms : int
        When that was.
    """

    order_id: OrderId
    rider_id: RiderId
    by: str
    at_ms: Millis


class OrderLoad(NamedTuple):
    """What an order is and takes up; of the orders of which nothing is stated there is none."""

    order_id: OrderId
    type: OrderType
    volume_l: int
    weight_g: int


class RiderCapacity(NamedTuple):
    """What a rider can carry at a time; who has none can carry anything."""

    rider_id: RiderId
    volume_l: int
    weight_g: int


class OrderWindow(NamedTuple):
    """When a scheduled order is to be handed over."""

    order_id: OrderId
    earliest_ms: Millis
    latest_ms: Millis


class RecentOrder(NamedTuple):
    """An order placed a short while ago, whatever became of it: what demand looks like just now."""

    pickup: LocationKey
    dropoff: LocationKey
    placed_at_ms: Millis
    ready_at_ms: Millis
    promised_at_ms: Millis


class MovingRider(NamedTuple):
    """A free rider under way to a place to wait at; the rider's view tells where the rider is now."""

    rider_id: RiderId
    destination: LocationKey
    arrives_at_ms: Millis


@dataclass(frozen=True, slots=True)
class MoveUnderWay:
    """The way of a rider who was advised to wait elsewhere, and when the rider left."""

    leg: Leg
    left_at_ms: Millis

    @property
    def arrives_at_ms(self) -> Millis:
        """When the rider is there, as planned."""
        return self.left_at_ms + self.leg.duration_ms


@quickly_made
@dataclass(frozen=True, slots=True)
class Snapshot:
    """The situation at one decision.

    Attributes
    ----------
    decision_id : str
        Which decision it is for.
    at_ms : int
        The present.
    next_epoch_ms : int
        When the next decision comes at the latest: what can wait until then may be held.
    orders : tuple of OpenOrder
        Oldest first, ties by id.
    riders : tuple of RiderView
        Sorted by id.
    rules, times, pay
        What the city allows, how long stops usually take, and what riders earn.
    queues : tuple of QueuedTrip
        What the plan before foresaw, as far as it still can be: orders that wait, riders on duty.
    recent : tuple of RecentOrder
        Orders placed in the last ``recent_ms``, oldest first.
    recent_ms : int
        How long an order counts as recent.
    coming : tuple of RiderView
        Riders whose announced shift begins soon, by id; not free, and nothing can be started with them yet.
    open_trips : tuple of OpenTrip
        Trips that orders may join, by number; none where nothing may be added after departure.
    loads : tuple of OrderLoad
        Of the open orders and those of open trips, as far as stated; oldest statement first.
    capacities : tuple of RiderCapacity
        Of riders who cannot carry everything, as far as there are loads; by id.
    windows : tuple of OrderWindow
        Of the open orders, and those of open trips, that have one; oldest first. The ready time of such an
        order is not earlier than lets it come within its window.
    pins : tuple of Pin
        What is assigned by hand, oldest first. Such orders are not among ``orders`` nor their trips among
        ``open_trips``, and riders are seen from the end of all that waits for them: policies obey by that.
    moving : tuple of MovingRider
        Free riders under way to a place to wait at, by id.
    prepositioning : PrepositioningParams or None
        How idle riders are moved; None: not at all.
    """

    decision_id: DecisionId
    at_ms: Millis
    next_epoch_ms: Millis
    orders: tuple[OpenOrder, ...]
    riders: tuple[RiderView, ...]
    rules: ServiceRules
    times: ServiceTimes
    pay: PayScheme = DEFAULT_PAY
    queues: tuple[QueuedTrip, ...] = ()
    recent: tuple[RecentOrder, ...] = ()
    recent_ms: Millis = 40 * MINUTE_MS
    coming: tuple[RiderView, ...] = ()
    open_trips: tuple[OpenTrip, ...] = ()
    loads: tuple[OrderLoad, ...] = ()
    capacities: tuple[RiderCapacity, ...] = ()
    windows: tuple[OrderWindow, ...] = ()
    moving: tuple[MovingRider, ...] = ()
    prepositioning: PrepositioningParams | None = None
    pins: tuple[Pin, ...] = ()
