"""What the verifier can find wrong with a plan: stable words, in two classes.

Pages translate the words, tests and logs compare them.
"""

from dataclasses import dataclass

from domain.plans import Violation

OTHER_DECISION = "other_decision"
"""The plan answers another decision than the snapshot's."""
UNKNOWN_ORDER = "unknown_order"
"""The order is not among those that wait."""
ORDER_TWICE = "order_twice"
"""The order is in more than one trip, addition or foreseen trip."""
UNKNOWN_RIDER = "unknown_rider"
"""Nobody of that id is on duty."""
RIDER_NOT_FREE = "rider_not_free"
"""The rider is on a trip, and the city does not let riders queue the next."""
RIDER_TWICE = "rider_twice"
"""The rider gets more than one trip to start now."""
EMPTY_TRIP = "empty_trip"
"""A trip or addition without orders: nobody is sent anywhere for nothing."""
MIXED_MERCHANTS = "mixed_merchants"
"""Orders of several merchants in one trip."""
MIXED_PLACES = "mixed_places"
"""Orders of one trip that wait at several places."""
TOO_MANY_ORDERS = "too_many_orders"
"""More orders in a trip than the city allows."""
PICKUP_AFTER_SHIFT = "pickup_after_shift"
"""The pickup comes after the end of the rider's shift."""
ASKED_AGAIN = "asked_again"
"""The rider turned the order down a short while ago."""
PINNED = "pinned"
"""The order is assigned by hand, and not the policy's to decide about."""
HELD_AND_STARTED = "held_and_started"
"""The order is held, and started as well."""
EXPLANATIONS_MISSING = "explanations_missing"
"""Not exactly one explanation for each order."""
ADDITIONS_CLOSED = "additions_closed"
"""The city lets nothing join a trip after departure."""
UNKNOWN_TRIP = "unknown_trip"
"""The trip takes no further orders."""
TRIP_TWICE = "trip_twice"
"""Two additions to one trip."""
OVERLOADED = "overloaded"
"""The orders of a trip are more than the rider can carry."""
WRONG_SEQUENCE = "wrong_sequence"
"""The new drop-off sequence is not the trip's orders and the added ones, each once."""
MOVES_FORBIDDEN = "moves_forbidden"
"""Riders are moved without an order where the city forbids it, or nobody asked for it."""
MOVED_TWICE = "moved_twice"
"""One rider is sent to two places."""
MOVED_WITH_WORK = "moved_with_work"
"""A rider is moved who has a trip in the same plan, now or foreseen."""
ALREADY_MOVING = "already_moving"
"""A rider is moved who is on the way to a place to wait at: nobody is sent to and fro."""
MOVED_TOO_FAR = "moved_too_far"
"""The way to the place to wait at is longer than allowed."""
MOVED_NEAR_END = "moved_near_end"
"""A rider is moved in the last part of the shift."""

FOOD_AGE = "food_age"
"""The food is older at the door than it should be."""
DETOUR = "detour"
"""The food is carried much longer than the direct drive takes."""
PROMISE_SLIP = "promise_slip"
"""The order arrives well after what was promised to the customer."""
BEFORE_WINDOW = "before_window"
"""The order arrives before its delivery window begins."""

HARD_KINDS = (
    OTHER_DECISION,
    UNKNOWN_ORDER,
    ORDER_TWICE,
    UNKNOWN_RIDER,
    RIDER_NOT_FREE,
    RIDER_TWICE,
    EMPTY_TRIP,
    MIXED_MERCHANTS,
    MIXED_PLACES,
    TOO_MANY_ORDERS,
    PICKUP_AFTER_SHIFT,
    ASKED_AGAIN,
    PINNED,
    HELD_AND_STARTED,
    EXPLANATIONS_MISSING,
    ADDITIONS_CLOSED,
    UNKNOWN_TRIP,
    TRIP_TWICE,
    OVERLOADED,
    WRONG_SEQUENCE,
    MOVES_FORBIDDEN,
    MOVED_TWICE,
    MOVED_WITH_WORK,
    ALREADY_MOVING,
    MOVED_TOO_FAR,
    MOVED_NEAR_END,
)
"""A plan with one of these is refused."""

SOFT_KINDS = (FOOD_AGE, DETOUR, PROMISE_SLIP, BEFORE_WINDOW)
"""These are priced by policies, and reported."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """What the verifier found.

    Attributes
    ----------
    hard : tuple of Violation
        Broken hard constraints: the plan may not be carried out.
    soft : tuple of Violation
        Exceeded soft constraints.
    """

    hard: tuple[Violation, ...] = ()
    soft: tuple[Violation, ...] = ()


FLAWLESS = Verdict()
"""Nothing found."""
