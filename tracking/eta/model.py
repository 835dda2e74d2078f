"""When an order arrives: the sum of what is still to be done, and how far that may be off.

``arrival = pickup + drive to the door + stops before it + handover``, where
``pickup = max(rider at the merchant + service, food ready)``.

The error is taken as normal. Its variance is the sum of independent parts:

- the handover, a constant: what remains when the rider stands at the door;
- all drives still ahead of the order, ``(drive_cv x remaining driving time)^2``: one rider in one traffic, so
  the drives of one chain err together;
- if the kitchen decides the pickup, ``(kitchen_cv x remaining preparation)^2`` in place of the drives before
  it: what the rider does meanwhile no longer matters;
- while nobody is assigned, the wait for a rider, which is taken as memoryless: its deviation is its mean.
  That mean depends on who is on duty and idle. Only what of it outlasts the kitchen counts.

So the spread grows with what remains and falls to the handover's at the door; P(late) is the normal tail
beyond the promise. The constants stay assumed until a model is fitted per order state (tracking.md asks for
conformal ones).
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from domain.plans import Stop, StopKind
from domain.units import Millis
from tracking.params import EtaParams
from tracking.scene import Scene
from tracking.state import NEVER_MS, OrderTrack, TripTrack


class Estimate(NamedTuple):
    """When an order arrives; a named tuple, for one is made every 15 s for every order on a trip.

    Attributes
    ----------
    eta_at_ms : int
        Expected instant.
    spread_ms : int
        Standard deviation.
    slowest : str
        What takes longest from now on: ``assignment``, ``to_merchant``, ``kitchen`` or ``to_door``.
    earliest_at_ms : int
        No arrival is told before this instant.
    """

    eta_at_ms: Millis
    spread_ms: Millis
    slowest: str
    earliest_at_ms: Millis


KITCHEN = "kitchen"
"""The leg in which the food is not ready yet."""


@dataclass(slots=True)
class _Course:
    """The rest of an order's way while it is added up.

    Attributes
    ----------
    at_ms : int
        Expected instant of what was added last.
    driving_ms : int
        Driving time that counts for the spread.
    other_variance : float
        Variance of the rest, ms^2.
    legs_ms : dict of str to int
        Time by leg.
    """

    at_ms: Millis
    driving_ms: Millis
    other_variance: float
    legs_ms: dict[str, Millis]

    def arrive(self, leg: str, at_ms: Millis) -> None:
        """Drive until an instant."""
        drive_ms = max(at_ms - self.at_ms, 0)
        self.legs_ms[leg] = self.legs_ms.get(leg, 0) + drive_ms
        self.driving_ms += drive_ms
        self.at_ms += drive_ms

    def wait_for_kitchen(self, ready_at_ms: Millis, kitchen_sd_ms: float) -> None:
        """Wait until the food is ready, where it is not."""
        if ready_at_ms > self.at_ms:
            self.legs_ms[KITCHEN] = ready_at_ms - self.at_ms
            self.at_ms = ready_at_ms
            self.driving_ms = 0
            self.other_variance = kitchen_sd_ms**2

    def wait_for_rider(self, mean_ms: Millis, slack_ms: Millis) -> None:
        """Add what a memoryless wait takes beyond the slack that the kitchen leaves it."""
        beyond = math.exp(-slack_ms / mean_ms)
        self.at_ms += round(mean_ms * beyond)
        self.other_variance += mean_ms**2 * beyond * (2.0 - beyond)


def estimate(order: OrderTrack, scene: Scene, now_ms: Millis) -> Estimate:
    """Return when an order arrives, as known now. Cost: one step for each stop before its door."""
    eta = scene.params.eta
    trip = scene.state.trips.get(order.trip_id) if order.trip_id is not None else None
    if trip is None or not trip.stops:
        course = _without_rider(order, scene, now_ms)
    else:
        course = _on_trip(order, trip, scene, now_ms)
    driving_variance = (eta.drive_cv * course.driving_ms) ** 2
    variance = eta.handover_ms**2 + driving_variance + course.other_variance
    slowest = max(course.legs_ms, key=course.legs_ms.__getitem__)
    earliest_at_ms = min(_earliest_at_ms(order, scene, now_ms), course.at_ms)
    return Estimate(course.at_ms, round(math.sqrt(variance)), slowest, earliest_at_ms)


def late_probability(found: Estimate, promised_at_ms: Millis, now_ms: Millis) -> float:
    """Return the probability of arriving after the promise, to three decimals; 1 only once it has passed."""
    if now_ms > promised_at_ms:
        return 1.0
    deviations = (promised_at_ms - found.eta_at_ms) / found.spread_ms
    return min(round(0.5 * math.erfc(deviations / math.sqrt(2.0)), 3), 0.999)


def _earliest_at_ms(order: OrderTrack, scene: Scene, now_ms: Millis) -> Millis:
    """Return when the order is at the door at best: with food that is ready, driven fast."""
    if order.is_picked_up:
        return now_ms
    eta, times = scene.params.eta, scene.times
    leaves_at_ms = now_ms if order.is_ready else max(order.ready_at_ms, now_ms)
    fast_ms = round(max(1.0 - eta.window_sd * eta.drive_cv, 0.0) * order.direct_ms)
    return leaves_at_ms + times.pickup_after_ms + fast_ms + times.dropoff_before_ms


def _without_rider(order: OrderTrack, scene: Scene, now_ms: Millis) -> _Course:
    """Add up: somebody is found, drives to the merchant, waits, and drives straight to the door."""
    eta, times = scene.params.eta, scene.times
    wait_ms = scene.supply.wait_ms(eta)
    course = _Course(now_ms, 0, 0.0, {"assignment": wait_ms})
    course.arrive("to_merchant", now_ms + eta.to_merchant_ms)
    course.at_ms += times.pickup_before_ms
    there_at_ms = course.at_ms
    _wait(course, order, eta, now_ms)
    course.wait_for_rider(wait_ms, course.at_ms - there_at_ms)
    course.at_ms += times.pickup_after_ms
    course.arrive("to_door", course.at_ms + order.direct_ms)
    course.at_ms += times.dropoff_before_ms
    return course


def _on_trip(order: OrderTrack, trip: TripTrack, scene: Scene, now_ms: Millis) -> _Course:
    """Add up the stops of the trip until the one at the order's door."""
    times = scene.times
    course = _Course(now_ms, 0, 0.0, {})
    reached_at_ms = max(trip.arrives_at_ms, now_ms)
    for stop in trip.stops:
        is_first = stop is trip.stops[0]
        is_there = is_first and trip.arrived_at_ms != NEVER_MS
        if not is_there:
            leg = "to_merchant" if stop.kind is StopKind.PICKUP else "to_door"
            course.arrive(leg, reached_at_ms if is_first else course.at_ms + stop.leg.duration_ms)
        since_ms = trip.arrived_at_ms if is_there else course.at_ms
        if stop.kind is StopKind.PICKUP:
            course.at_ms = max(course.at_ms, since_ms + times.pickup_before_ms)
            _wait_for_all(course, stop, scene, now_ms)
            course.at_ms += times.pickup_after_ms
            continue
        course.at_ms = max(course.at_ms, since_ms + times.dropoff_before_ms)
        if order.order_id in stop.order_ids:
            break
        course.at_ms += times.dropoff_after_ms
    course.legs_ms.setdefault("to_door", 0)
    return course


def _wait_for_all(course: _Course, stop: Stop, scene: Scene, now_ms: Millis) -> None:
    for order_id in stop.order_ids:
        order = scene.state.orders.get(order_id)
        if order is not None and not order.is_picked_up:
            _wait(course, order, scene.params.eta, now_ms)


def _wait(course: _Course, order: OrderTrack, eta: EtaParams, now_ms: Millis) -> None:
    """Wait for the kitchen; food that is past its estimate takes the memoryless rest."""
    if order.is_ready:
        return
    if order.ready_at_ms > now_ms:
        course.wait_for_kitchen(order.ready_at_ms, eta.kitchen_cv * (order.ready_at_ms - now_ms))
    else:
        course.wait_for_kitchen(now_ms + eta.overdue_ms, float(eta.overdue_ms))
