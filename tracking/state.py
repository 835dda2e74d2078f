"""Everything tracking remembers: plain dataclasses that msgspec can write and read back.

No field holds a union of dataclasses (None apart): msgspec could not tell them apart.
"""

from dataclasses import dataclass, field

from domain.geo import Point
from domain.ids import MerchantId, OrderId, RiderId, TripId
from domain.plans import Stop
from domain.units import Millis
from tracking.hold import Hold
from tracking.incidents import IncidentBook
from tracking.watches import Watches

NEVER_MS: Millis = -1
"""An instant that stands for "not yet"."""


@dataclass(slots=True)
class RiderTrack:
    """What is known of a rider's phone and position.

    Attributes
    ----------
    rider_id : str
        The rider.
    on_duty : bool
        Whether the rider's shift is on.
    shift_started_ms : int
        Start of the latest shift.
    trip_ids : list of str
        Trips not yet ended; the first one is under way.
    high_sequence : int
        Highest sequence number that ever arrived, -1 before the first.
    recent : list of int
        Ring of the identities of the last fixes that arrived, for telling doubles.
    recent_at : int
        Where the ring is written next.
    marker_at_ms : int
        Stamp of the latest position published.
    fixed_at_ms, sequence : int
        Stamp and number of the latest fix released by the hold.
    point : Point or None
        Its position.
    cadence_ms : float
        Learned time between fixes, 0 while unknown.
    """

    rider_id: RiderId
    on_duty: bool = False
    shift_started_ms: Millis = NEVER_MS
    trip_ids: list[TripId] = field(default_factory=list)
    high_sequence: int = -1
    recent: list[int] = field(default_factory=list)
    recent_at: int = 0
    marker_at_ms: Millis = NEVER_MS
    fixed_at_ms: Millis = NEVER_MS
    sequence: int = -1
    point: Point | None = None
    cadence_ms: float = 0.0

    @property
    def heard_at_ms(self) -> Millis:
        """Since when nothing was heard of a rider on duty: the latest fix, or the start of the shift."""
        return max(self.fixed_at_ms, self.shift_started_ms)


@dataclass(slots=True)
class TripTrack:
    """How far a rider is on a trip.

    Attributes
    ----------
    trip_id, rider_id : str
        The trip and who is on it.
    stops : list of Stop
        Stops not yet done; the drive under way, or just finished, is that of the first.
    leg_since_ms : int
        Fixes measured before this belong to an earlier drive.
    arrived_at_ms : int
        When the rider reported to be at the first stop, ``NEVER_MS`` while driving.
    progress_m : float
        Distance along the path at the latest fix, -1 when it has to be searched.
    driven_ms : int
        Planned driving time up to there ...
    as_of_ms : int
        ... and the instant at which that was so: the departure, or the stamp of the fix.
    misses : int
        Fixes in a row that were off the path.
    """

    trip_id: TripId
    rider_id: RiderId
    stops: list[Stop]
    leg_since_ms: Millis
    as_of_ms: Millis
    arrived_at_ms: Millis = NEVER_MS
    progress_m: float = 0.0
    driven_ms: Millis = 0
    misses: int = 0

    @property
    def arrives_at_ms(self) -> Millis:
        """Expected arrival at the first stop, as of the latest fix."""
        return self.as_of_ms + self.stops[0].leg.duration_ms - self.driven_ms


@dataclass(slots=True)
class OrderTrack:
    """What is known of an order under way, and what was told about its arrival.

    Attributes
    ----------
    order_id, merchant_id : str
        The order and its kitchen.
    promised_at_ms, ready_at_ms : int
        The promise, and when the food is expected to be ready.
    direct_ms : int
        Drive from the merchant to the door.
    is_ready, is_picked_up : bool
        Whether the kitchen is done, and whether a rider has the food.
    trip_id, rider_id : str or None
        Who brings it.
    eta_at_ms, spread_ms : int
        Latest estimate and its standard deviation.
    late_probability : float
        Probability of arriving after the promise.
    slowest : str
        The leg that takes longest from now on.
    refreshed_at_ms : int
        When the estimate was made.
    likely_late_since_ms : int
        Since when every estimate was at or above the entering probability, ``NEVER_MS`` if the latest is not.
    published_eta_at_ms : int
        The estimate told last ...
    published_probability : float
        ... and the probability told with it.
    """

    order_id: OrderId
    merchant_id: MerchantId
    promised_at_ms: Millis
    ready_at_ms: Millis
    direct_ms: Millis
    is_ready: bool = False
    is_picked_up: bool = False
    trip_id: TripId | None = None
    rider_id: RiderId | None = None
    eta_at_ms: Millis = NEVER_MS
    spread_ms: Millis = 0
    late_probability: float = 0.0
    slowest: str = ""
    refreshed_at_ms: Millis = NEVER_MS
    likely_late_since_ms: Millis = NEVER_MS
    published_eta_at_ms: Millis = NEVER_MS
    published_probability: float = 0.0


@dataclass(slots=True)
class TrackingState:
    """All memory of the tracking engine.

    Attributes
    ----------
    riders, trips, orders : dict
        Riders ever on duty, trips and orders under way, by id.
    hold : Hold
        Fixes not yet released.
    watches : Watches
        What to look at, and when.
    book : IncidentBook
        Incidents that are open.
    """

    riders: dict[RiderId, RiderTrack] = field(default_factory=dict)
    trips: dict[TripId, TripTrack] = field(default_factory=dict)
    orders: dict[OrderId, OrderTrack] = field(default_factory=dict)
    hold: Hold = field(default_factory=Hold)
    watches: Watches = field(default_factory=Watches)
    book: IncidentBook = field(default_factory=IncidentBook)

    def trip_under_way(self, rider: RiderTrack) -> TripTrack | None:
        """Return the trip that a rider is on."""
        return self.trips.get(rider.trip_ids[0]) if rider.trip_ids else None

    def carried_by(self, rider: RiderTrack) -> int:
        """Return how many orders a rider carries."""
        trip = self.trip_under_way(rider)
        if trip is None:
            return 0
        dropped_off = (order_id for stop in trip.stops for order_id in stop.order_ids)
        aboard = {order_id for order_id in dropped_off if self._is_picked_up(order_id)}
        return len(aboard)

    def _is_picked_up(self, order_id: OrderId) -> bool:
        order = self.orders.get(order_id)
        return order is not None and order.is_picked_up
