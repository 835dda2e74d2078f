"""What dispatch remembers: orders, riders, trips, and who waits.

Everything is in ``DispatchState``, a plain dataclass that can be stored and restored; nothing else is kept.
"""

from bisect import bisect_left
from dataclasses import dataclass, field
from operator import attrgetter

from dispatch.freight import Freight
from dispatch.kept_views import BusyRider, ComingRiders
from dispatch.merchant_places import locate_merchants
from dispatch.params import DispatchParams
from dispatch.schedule import Schedule
from dispatch.snapshot import MoveUnderWay, OpenOrder, Pin, RecentOrder, RiderView, Snapshot
from domain.errors import ConflictError, UnknownIdError
from domain.geo import Point
from domain.ids import CountedIds, DecisionId, IncidentId, MerchantId, OrderId, RiderId, TripId
from domain.orders import OrderState
from domain.pay import DEFAULT_PAY, PayScheme
from domain.places import City, Merchant
from domain.plans import Explanation, QueuedTrip, ServiceRules, ServiceTimes, Stop
from domain.ports import LocationKey, StreetPaths, TravelTimes
from domain.riders import RiderState, RiderStep, next_rider_state
from domain.units import Millis

_NOT_EXPLAINED = Explanation()


@dataclass(slots=True)
class OrderRecord:
    """An order that is still under way.

    Attributes
    ----------
    pickup : int
        Where it is picked up: at the merchant, or where a rider stands who broke down with it.
    handover_by : str or None
        That rider.
    returns : int
        How often it was taken back for its kitchen.
    """

    order_id: OrderId
    merchant_id: MerchantId
    pickup: LocationKey
    dropoff: LocationKey
    placed_at_ms: Millis
    ready_at_ms: Millis
    promised_at_ms: Millis
    state: OrderState = OrderState.PLACED
    is_ready: bool = False
    rider_id: RiderId | None = None
    trip_id: TripId | None = None
    declined_by: tuple[RiderId, ...] = ()
    declined_at_ms: Millis = 0
    held_reason: str = ""
    explanation: Explanation = _NOT_EXPLAINED
    handover_by: RiderId | None = None
    returns: int = 0

    @property
    def place_id(self) -> str:
        """Who hands the order over: the merchant, or a rider at a place; only such orders share a trip."""
        if self.handover_by is None:
            return self.merchant_id
        return f"handover:{self.handover_by}@{self.pickup}"


@dataclass(slots=True)
class RiderRecord:
    """A rider who is or was on duty.

    Attributes
    ----------
    location : int
        Where the rider was when last free.
    free_at_ms : int
        When the rider could leave from there.
    reported : Point or None
        Latest reported position since then; that of an idle rider becomes the location.
    leaving : bool
        Whether the shift ends with the present trip.
    shift_started_at_ms : int
        When the present shift began.
    delivered : int
        Orders delivered since then.
    is_tracked : bool
        Whether the phone has told a position since then.
    """

    rider_id: RiderId
    name: str
    state: RiderState
    location: LocationKey
    free_at_ms: Millis
    shift_ends_at_ms: Millis
    trip_id: TripId | None = None
    reported: Point | None = None
    leaving: bool = False
    shift_started_at_ms: Millis = 0
    delivered: int = 0
    is_tracked: bool = False


@dataclass(slots=True)
class TripRecord:
    """A trip that is offered or under way; ``stops`` are the ones still ahead."""

    trip_id: TripId
    rider_id: RiderId
    merchant_id: MerchantId
    order_ids: tuple[OrderId, ...]
    stops: tuple[Stop, ...]
    expires_at_ms: Millis | None = None


@dataclass(slots=True)
class Silence:
    """A rider of whom nothing is heard.

    Attributes
    ----------
    incident_id : str
        The incident that says so.
    due_ms : int or None
        When that has lasted too long; None once it has.
    is_lost : bool
        Whether the rider gets nothing more until heard of.
    """

    incident_id: IncidentId
    due_ms: Millis | None
    is_lost: bool = False


@dataclass(slots=True)
class DispatchState:
    """The whole memory of the dispatch engine.

    Attributes
    ----------
    orders : dict
        Orders under way by id; finished ones move to ``closed``.
    closed : dict
        Final state of every finished order.
    waiting : dict
        Orders without a rider, oldest first, ties by number (a dict serves as ordered set).
    offers : dict
        Trip -> expiry of its offer, earliest first.
    epoch_due_ms : int or None
        When the next decision is due, None while nobody waits or a plan is pending.
    pending_decision : str or None
        The decision whose plan is not back yet.
    pending_since_ms : int
        When it was asked for.
    asked : Snapshot or None
        What it was asked about: its plan is verified against this, also after a restart.
    queues : tuple of QueuedTrip
        What the latest plan foresees for later.
    recent : list of RecentOrder
        Orders placed of late, oldest first; pruned whenever one is placed.
    silences : dict
        Riders of whom nothing is heard.
    announced : dict
        Riders whose shift has not started yet, as they will be at its start.
    freight, schedule : Freight, Schedule
        What orders take up and riders can carry, and when orders are wanted.
    pins : dict
        Orders assigned by hand and not picked up yet, in the sequence in which they were.
    moves : dict
        Idle riders under way to a place to wait at.
    """

    orders: dict[OrderId, OrderRecord] = field(default_factory=dict)
    closed: dict[OrderId, OrderState] = field(default_factory=dict)
    riders: dict[RiderId, RiderRecord] = field(default_factory=dict)
    trips: dict[TripId, TripRecord] = field(default_factory=dict)
    waiting: dict[OrderId, None] = field(default_factory=dict)
    offers: dict[TripId, Millis] = field(default_factory=dict)
    ids: CountedIds = field(default_factory=CountedIds)
    epoch_due_ms: Millis | None = None
    pending_decision: DecisionId | None = None
    pending_since_ms: Millis = 0
    asked: Snapshot | None = None
    queues: tuple[QueuedTrip, ...] = ()
    recent: list[RecentOrder] = field(default_factory=list)
    silences: dict[RiderId, Silence] = field(default_factory=dict)
    announced: dict[RiderId, RiderView] = field(default_factory=dict)
    freight: Freight = field(default_factory=Freight)
    schedule: Schedule = field(default_factory=Schedule)
    moves: dict[RiderId, MoveUnderWay] = field(default_factory=dict)
    pins: dict[OrderId, Pin] = field(default_factory=dict)


_rider_id = attrgetter("rider_id")


def _age_key(order: OrderRecord) -> tuple[Millis, int, OrderId]:
    """Sort by placement, then by number (a shorter id has the smaller number)."""
    return (order.placed_at_ms, len(order.order_id), order.order_id)


class Book:
    """The dispatch state with what the city says beside it.

    Parameters
    ----------
    city : City
        Merchants, zones and promise policy.
    travel, paths : TravelTimes, StreetPaths
        How long drives take and which way they go.
    rules, times : ServiceRules, ServiceTimes
        What the city allows and how long stops take.
    params : DispatchParams
        How dispatch works.
    pay : PayScheme
        What riders earn.

    Raises
    ------
    InvalidValueError
        If a merchant is outside the city or out of reach, or parameters ask for what the rules forbid.
    """

    def __init__(
        self,
        city: City,
        travel: TravelTimes,
        paths: StreetPaths,
        rules: ServiceRules,
        times: ServiceTimes,
        params: DispatchParams,
        pay: PayScheme = DEFAULT_PAY,
    ) -> None:
        params.check_allowed(rules)
        self.city = city
        self.travel = travel
        self.paths = paths
        self.rules = rules
        self.times = times
        self.params = params
        self.pay = pay
        self.state = DispatchState()
        self.open_orders: dict[OrderId, OpenOrder] = {}
        self.busy_riders: dict[RiderId, BusyRider] = {}
        self.coming: ComingRiders | None = None
        self._on_duty: list[RiderRecord] | None = []
        self._somebody_left = False
        self.merchants: dict[MerchantId, Merchant] = {m.merchant_id: m for m in city.merchants}
        self.merchant_locations = locate_merchants(city, travel)

    def order(self, order_id: OrderId) -> OrderRecord:
        """Return an order under way.

        Raises
        ------
        UnknownIdError
            If there never was such an order.
        ConflictError
            If it is finished.
        """
        record = self.state.orders.get(order_id)
        if record is None:
            final = self.state.closed.get(order_id)
            if final is None:
                raise UnknownIdError("order", order_id)
            raise ConflictError(f"order {order_id!r} is already {final}")
        return record

    def rider(self, rider_id: RiderId) -> RiderRecord:
        """Return a rider.

        Raises
        ------
        UnknownIdError
            If no such rider ever came on duty.
        """
        record = self.state.riders.get(rider_id)
        if record is None:
            raise UnknownIdError("rider", rider_id)
        return record

    def trip_of(self, rider: RiderRecord) -> TripRecord:
        """Return the trip that a rider is on or is asked about.

        Raises
        ------
        ConflictError
            If the rider has none.
        """
        if rider.trip_id is None:
            raise ConflictError(f"rider {rider.rider_id!r} has no trip")
        return self.state.trips[rider.trip_id]

    def carried(self, rider_id: RiderId, order_id: OrderId) -> tuple[RiderRecord, OrderRecord, TripRecord]:
        """Return a rider, an order of the rider's trip, and the trip.

        Raises
        ------
        UnknownIdError, ConflictError
            If one of them is unknown, or the order is not with this rider.
        """
        rider, order = self.rider(rider_id), self.order(order_id)
        if order.rider_id != rider_id or order.trip_id is None:
            holder = f"rider {order.rider_id!r}" if order.rider_id else "no rider"
            raise ConflictError(f"order {order_id!r} is with {holder}, not with rider {rider_id!r}")
        return rider, order, self.state.trips[order.trip_id]

    def restore(self, state: DispatchState) -> None:
        """Take up a state that was stored before; what can be made again is made again."""
        self.state = state
        self.open_orders.clear()
        self.busy_riders.clear()
        self.coming = None
        self._on_duty = None

    def come_on_duty(self, rider: RiderRecord) -> None:
        """Count a rider among those on duty."""
        self.state.riders[rider.rider_id] = rider
        self.coming = None
        on_duty = self.riders_on_duty()
        place = bisect_left(on_duty, rider.rider_id, key=_rider_id)
        if place == len(on_duty) or on_duty[place] is not rider:
            on_duty.insert(place, rider)

    def is_on_duty(self, rider_id: RiderId) -> bool:
        """Tell whether a rider is on duty."""
        rider = self.state.riders.get(rider_id)
        return rider is not None and rider.state is not RiderState.OFF_DUTY

    def go_off_duty(self, rider: RiderRecord, step: RiderStep) -> None:
        """Let a rider go off duty by a step that leads there."""
        rider.state = next_rider_state(rider.rider_id, rider.state, step)
        self.state.moves.pop(rider.rider_id, None)
        self._somebody_left = True
        if rider.rider_id in self.state.announced:
            self.coming = None

    def riders_on_duty(self) -> list[RiderRecord]:
        """Return everybody who is on duty, by id; most riders of a day are not, at any one time."""
        known = self._on_duty
        if known is None:
            known = sorted(self.state.riders.values(), key=_rider_id)
        elif not self._somebody_left:
            return known
        self._on_duty = [rider for rider in known if rider.state is not RiderState.OFF_DUTY]
        self._somebody_left = False
        return self._on_duty

    def begin_waiting(self, order: OrderRecord, now_ms: Millis) -> None:
        """Put an order among those that wait for a rider, and see to it that a decision comes."""
        order.rider_id = None
        order.trip_id = None
        waiting = self.state.waiting
        youngest = self.state.orders[next(reversed(waiting))] if waiting else None
        waiting[order.order_id] = None
        if youngest is not None and _age_key(order) < _age_key(youngest):
            in_sequence = sorted((self.state.orders[order_id] for order_id in waiting), key=_age_key)
            self.state.waiting = {waits.order_id: None for waits in in_sequence}
        self.arm_epoch(now_ms)

    def arm_epoch(self, earliest_ms: Millis) -> None:
        """Schedule the next decision at the first epoch from an instant on, unless one is due or pending."""
        state = self.state
        if state.waiting and state.epoch_due_ms is None and state.pending_decision is None:
            state.epoch_due_ms = self.epoch_from(earliest_ms)

    def epoch_from(self, earliest_ms: Millis) -> Millis:
        """Return the first epoch that is not before an instant."""
        step, shift = self.params.epoch_ms, self.params.epoch_offset_ms
        return -((shift - earliest_ms) // step) * step + shift

    def forget_view(self, order: OrderRecord) -> None:
        """Have the view of an order made anew at the next epoch, because what it shows has changed."""
        self.open_orders.pop(order.order_id, None)

    def stop_waiting(self, order_id: OrderId) -> None:
        """Take an order from those that wait; without any the next decision is called off."""
        self.state.waiting.pop(order_id, None)
        self.open_orders.pop(order_id, None)
        if not self.state.waiting and self.params.prepositioning is None:
            self.state.epoch_due_ms = None

    def passed_over(self, order: OrderRecord, now_ms: Millis) -> tuple[RiderId, ...]:
        """Return the riders who are not asked for an order now, because they turned it down a while ago."""
        recent = now_ms < order.declined_at_ms + self.params.reoffer_after_ms
        return order.declined_by if recent else ()

    def close_order(self, order: OrderRecord, final: OrderState) -> None:
        """Move a finished order out of the way."""
        self.stop_waiting(order.order_id)
        self.state.freight.loads.pop(order.order_id, None)
        self.state.schedule.forget(order.order_id)
        del self.state.orders[order.order_id]
        self.state.closed[order.order_id] = final
