"""What dispatch decides: rules, stops, routes, plans, and why."""

from dataclasses import dataclass
from enum import StrEnum

from domain.construction import quickly_made
from domain.errors import InvalidValueError
from domain.ids import DecisionId, OrderId, RiderId, TripId
from domain.ports import LocationKey
from domain.units import MINUTE_MS, Millis


class AdditionsUntil(StrEnum):
    """Until when orders may join a trip that is already assigned."""

    DEPARTURE = "departure"
    ARRIVAL = "arrival"
    PICKUP = "pickup"


@dataclass(frozen=True, slots=True)
class ServiceRules:
    """What the city (never a policy) allows; every matcher and the verifier obey it.

    Attributes
    ----------
    one_merchant_per_trip : bool
        All orders of a trip come from one merchant.
    queue_next_trip : bool
        A rider may hold a next trip while still on one.
    divert_en_route : bool
        A rider may be sent elsewhere while driving.
    additions_until : AdditionsUntil
        Until when orders may join an assigned trip.
    prepositioning : bool
        A rider may be sent to a merchant without an order.
    max_orders_per_trip : int or None
        Most orders of one trip, None for no limit.
    time_grid_ms : int
        Instants are compared after flooring to this grid (Grubhub: whole minutes).
    riders_may_decline : bool
        Trips are offered and may be declined; otherwise they are assigned at once.
    """

    one_merchant_per_trip: bool = True
    queue_next_trip: bool = False
    divert_en_route: bool = False
    additions_until: AdditionsUntil = AdditionsUntil.DEPARTURE
    prepositioning: bool = False
    max_orders_per_trip: int | None = 3
    time_grid_ms: Millis = 1
    riders_may_decline: bool = True

    def __post_init__(self) -> None:
        if not self.time_grid_ms >= 1:
            raise InvalidValueError("time_grid_ms", self.time_grid_ms, "1 or more")
        if self.max_orders_per_trip is not None and not self.max_orders_per_trip >= 1:
            raise InvalidValueError("max_orders_per_trip", self.max_orders_per_trip, "1 or more, or none")

    def floor(self, at_ms: Millis) -> Millis:
        """Return the instant floored to the rules' time grid."""
        return at_ms - at_ms % self.time_grid_ms


@dataclass(frozen=True, slots=True)
class ServiceTimes:
    """Usual time spent at stops.

    Attributes
    ----------
    pickup_before_ms, pickup_after_ms : int
        From arrival at the merchant to the pickup, and from the pickup to leaving.
    dropoff_before_ms, dropoff_after_ms : int
        From arrival at the door to the drop-off, and from the drop-off to leaving.
    """

    pickup_before_ms: Millis = MINUTE_MS
    pickup_after_ms: Millis = MINUTE_MS // 2
    dropoff_before_ms: Millis = MINUTE_MS
    dropoff_after_ms: Millis = MINUTE_MS // 2

    def __post_init__(self) -> None:
        for name in ("pickup_before_ms", "pickup_after_ms", "dropoff_before_ms", "dropoff_after_ms"):
            if not getattr(self, name) >= 0:
                raise InvalidValueError(name, getattr(self, name), "0 or more")


class StopKind(StrEnum):
    """What happens at a stop."""

    PICKUP = "pickup"
    DROPOFF = "dropoff"


@quickly_made
@dataclass(frozen=True, slots=True)
class Leg:
    """One drive between two places.

    Attributes
    ----------
    origin, destination : int
        Location keys.
    duration_ms : int
        Planned travel time.
    length_m : float
        Length along the streets.
    path : tuple of int
        Location keys passed, from origin to destination; empty where the city has no streets.
    passed_ms : tuple of int
        Offset from departure at which each key of ``path`` is passed; same length as ``path``.
    """

    origin: LocationKey
    destination: LocationKey
    duration_ms: Millis
    length_m: float
    path: tuple[LocationKey, ...] = ()
    passed_ms: tuple[Millis, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class Stop:
    """One stop of a trip with the drive that leads to it.

    Attributes
    ----------
    kind : StopKind
        Pickup or drop-off.
    order_ids : tuple of str
        The orders picked up here, or the one order dropped off.
    location : int
        Location key.
    leg : Leg
        The drive to this stop from the one before.
    arrives_at_ms, done_at_ms : int
        Planned arrival, and planned instant of the pickup or drop-off.
    """

    kind: StopKind
    order_ids: tuple[OrderId, ...]
    location: LocationKey
    leg: Leg
    arrives_at_ms: Millis
    done_at_ms: Millis


@quickly_made
@dataclass(frozen=True, slots=True)
class CostTerm:
    """One addend of a cost, with its unit, for explanations."""

    name: str
    value: float
    unit: str


@quickly_made
@dataclass(frozen=True, slots=True)
class Alternative:
    """A choice that was not taken, and how much more it would have cost (minutes)."""

    rider_id: RiderId
    delta_min: float


@quickly_made
@dataclass(frozen=True, slots=True)
class Explanation:
    """Why an order got this rider, or none.

    Attributes
    ----------
    terms : tuple of CostTerm
        The addends of the chosen cost.
    alternatives : tuple of Alternative
        The best other riders, cheapest first, at most three.
    reason : str
        Why it was chosen, held or left unassigned: one stable word of ``dispatch/explain.py``.
    binding : str
        What keeps the cost from being lower: one stable word of ``dispatch/explain.py``, empty if not known.
    foreseen : str or None
        The rider whom the plan foresees for an order that is held.
    opportunity_min : float
        The rider's opportunity price: how much this trip costs the orders planned next for the same rider.
    """

    terms: tuple[CostTerm, ...] = ()
    alternatives: tuple[Alternative, ...] = ()
    reason: str = ""
    binding: str = ""
    foreseen: RiderId | None = None
    opportunity_min: float = 0.0


@quickly_made
@dataclass(frozen=True, slots=True)
class PlannedTrip:
    """A trip that a policy wants to start now: one rider, orders in drop-off sequence."""

    rider_id: RiderId
    order_ids: tuple[OrderId, ...]
    explanations: tuple[Explanation, ...] = ()


@quickly_made
@dataclass(frozen=True, slots=True)
class QueuedTrip:
    """A trip that a plan foresees for a rider later: nobody is told, and the next decision may change it.

    The trips of one rider follow each other in the sequence in which a plan lists them.
    """

    rider_id: RiderId
    order_ids: tuple[OrderId, ...]


@quickly_made
@dataclass(frozen=True, slots=True)
class Hold:
    """An order that stays without a rider for now, and why."""

    order_id: OrderId
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class TripAddition:
    """Orders that join a trip which is assigned and not yet picked up, where the service rules allow it.

    Attributes
    ----------
    trip_id : str
        The trip.
    order_ids : tuple of str
        The whole drop-off sequence from now on: the orders that the trip has already, and the added ones.
    added : tuple of str
        The orders that join.
    explanations : tuple of Explanation
        One for each added order.
    """

    trip_id: TripId
    order_ids: tuple[OrderId, ...]
    added: tuple[OrderId, ...]
    explanations: tuple[Explanation, ...] = ()


@dataclass(frozen=True, slots=True)
class Move:
    """Advice to an idle rider without a trip: wait elsewhere, where orders are expected.

    Attributes
    ----------
    rider_id : str
        The rider.
    location : int
        Location key of the place to wait at.
    explanation : Explanation
        Why there, and what it saves.
    """

    rider_id: RiderId
    location: LocationKey
    explanation: Explanation


@dataclass(frozen=True, slots=True)
class Violation:
    """A constraint that a plan does not keep, as the verifier found it.

    Attributes
    ----------
    kind : str
        A stable word of ``dispatch/violations.py``.
    order_id, rider_id : str or None
        Whom it concerns, as far as it concerns one.
    detail : str
        What was found and what is allowed, with numbers, for people.
    caused_by_bundle : bool
        Whether the order alone, with the same rider, would have kept it.
    """

    kind: str
    order_id: OrderId | None
    rider_id: RiderId | None
    detail: str
    caused_by_bundle: bool = False


@dataclass(frozen=True, slots=True)
class DispatchPlan:
    """The answer of a policy to one snapshot.

    Attributes
    ----------
    decision_id : str
        The decision that it answers.
    policy : str
        Name of the policy, a key of ``MATCHERS``.
    trips : tuple of PlannedTrip
        Trips to start now.
    holds : tuple of Hold
        Orders that wait.
    queues : tuple of QueuedTrip
        What is foreseen for later; the next decision starts from it.
    cut : bool
        Whether the solver stopped before its budget of iterations was spent.
    additions : tuple of TripAddition
        Orders that join trips under way.
    moves : tuple of Move
        Idle riders who are to wait elsewhere.
    """

    decision_id: DecisionId
    policy: str
    trips: tuple[PlannedTrip, ...]
    holds: tuple[Hold, ...] = ()
    queues: tuple[QueuedTrip, ...] = ()
    cut: bool = False
    additions: tuple[TripAddition, ...] = ()
    moves: tuple[Move, ...] = ()
