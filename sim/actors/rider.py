"""A rider: comes on duty, answers offers, drives the legs of a trip, waits for food, hands it over, ends."""

from collections import deque
from dataclasses import dataclass, field
from functools import partial
from math import exp

import numpy as np

from domain.commands import (
    AcceptOffer,
    ArriveAtDoor,
    ArriveAtMerchant,
    DeclineOffer,
    DeliverOrder,
    EndShift,
    PickUpOrder,
    StartShift,
)
from domain.events import MoveAdvised, ShiftStarted, TripAssigned, TripEnded, TripOffered, TripRevised
from domain.ids import OrderId, TripId
from domain.plans import Leg, ServiceTimes, Stop, StopKind
from domain.units import MINUTE_MS, Millis
from sim.driver import Action, Appointment, SimpyDriver
from sim.motion import Motion
from sim.randomness import StreamKind, Streams, gamma_ms
from sim.spec import RiderBehavior, RiderShift

ANSWER_CV = 0.6


@dataclass(frozen=True, slots=True)
class RiderWorld:
    """What all riders of a run share.

    Attributes
    ----------
    driver : SimpyDriver
        Their way to the control room.
    behavior : RiderBehavior
        How they answer, drive and serve.
    times : ServiceTimes
        How long stops usually take in this city.
    on_shelf : set of str
        Orders that are ready for pickup.
    motion : Motion or None
        Where everybody is; None when nobody wants to know.
    pickup_from_ms, handover_from_ms : dict
        Of scheduled orders: nobody leaves the merchant with one before, nor hands it over before.
    """

    driver: SimpyDriver
    behavior: RiderBehavior
    times: ServiceTimes
    on_shelf: set[OrderId]
    motion: Motion | None
    pickup_from_ms: dict[OrderId, Millis] = field(default_factory=dict)
    handover_from_ms: dict[OrderId, Millis] = field(default_factory=dict)


class Rider:
    """One simulated rider.

    Parameters
    ----------
    index : int
        Position in the fleet: the rider's stream key.
    shift : RiderShift
        Who, where and when.
    world : RiderWorld
        What all riders share.
    streams : Streams
        For the rider's own draws.
    """

    def __init__(self, index: int, shift: RiderShift, world: RiderWorld, streams: Streams) -> None:
        self.index = index
        self.shift = shift
        self._world = world
        self._driver = world.driver
        self._streams = streams
        self._drawn: dict[StreamKind, np.random.Generator] = {}
        self._offer_id: TripId | None = None
        self._trip_id: TripId | None = None
        self._stops: deque[Stop] = deque()
        self._next_trips: deque[TripAssigned] = deque()
        self._free_at_ms: Millis = 0
        self._step: Appointment | None = None
        self._waiting_for: set[OrderId] = set()

    def start(self) -> None:
        """Plan the working day."""
        self._driver.at(self.shift.starts_at_ms, self._begin_shift)
        self._driver.at(self.shift.ends_at_ms, self._end_shift)

    # --- what the control room says ---

    def hear_shift_started(self, event: ShiftStarted) -> None:
        """Stand at the start of the shift."""
        if self._world.motion is not None:
            self._world.motion.appear(self.index, event.location)

    def hear_shift_ended(self) -> None:
        """Go home."""
        if self._world.motion is not None:
            self._world.motion.disappear(self.index)

    def hear_offered(self, event: TripOffered) -> None:
        """Think about an offer, and answer it some seconds later."""
        self._offer_id = event.trip_id
        answers = self._stream(StreamKind.RIDER_ANSWERS)
        delay_ms = gamma_ms(answers, self._world.behavior.answer_delay_ms, ANSWER_CV)
        behavior = self._world.behavior
        minutes = event.stops[0].leg.duration_ms / MINUTE_MS
        logit = behavior.accept_base + behavior.accept_per_minute * minutes
        accepts = float(answers.random()) < 1.0 / (1.0 + exp(-logit))
        answer = partial(self._answer, event.trip_id, accepts)
        self._driver.at(self._driver.now_ms + delay_ms, answer)

    def hear_move_advised(self, event: MoveAdvised) -> None:
        """Ride to where to wait; an offer is answered on the way, and a trip begins from there."""
        if self._trip_id is None and self._world.motion is not None:
            factor = self._drive_factor(event.leg, StreamKind.RIDER_MOVES)
            self._world.motion.drive(self.index, event.leg, self._driver.now_ms, factor)

    def hear_offer_gone(self, trip_id: TripId) -> None:
        """Forget an offer that was answered, expired or withdrawn."""
        if self._offer_id == trip_id:
            self._offer_id = None

    def hear_assigned(self, event: TripAssigned) -> None:
        """Set out on a trip, at once or after the present one."""
        self._offer_id = None
        if self._trip_id is not None:
            self._next_trips.append(event)
        else:
            self._begin_trip(event)

    def hear_revised(self, event: TripRevised) -> None:
        """Follow new stops; whatever of the present stop still stands goes on."""
        if event.trip_id != self._trip_id or not event.stops:
            return
        present = self._stops[0] if self._stops else None
        first = event.stops[0]
        self._stops = deque(event.stops)
        if present is None or (present.kind, present.location) != (first.kind, first.location):
            if self._step is not None:
                self._driver.cancel(self._step)
            self._set_out(self._driver.now_ms)
        elif self._waiting_for:
            # What joined the trip may have to be waited for, what left it no longer.
            self._waiting_for = set(first.order_ids) - self._world.on_shelf
            if not self._waiting_for:
                self._plan(self._driver.now_ms, self._ask_for_food)

    def hear_ended(self, event: TripEnded) -> None:
        """Stop a trip that was called off; after the last drop-off there is nothing left to stop."""
        self.hear_offer_gone(event.trip_id)
        if event.trip_id != self._trip_id or not self._stops:
            return
        if self._step is not None:
            self._driver.cancel(self._step)
        self._stops.clear()
        self._waiting_for = set()
        if self._world.motion is not None:
            self._world.motion.appear(self.index, event.location)
        self._finish(event.free_at_ms)

    def hear_ready(self, order_id: OrderId) -> None:
        """Take the food when it was the last that was waited for."""
        if order_id in self._waiting_for:
            self._waiting_for.discard(order_id)
            if not self._waiting_for:
                self._plan(self._driver.now_ms, self._ask_for_food)

    # --- what the rider does ---

    def _begin_shift(self) -> None:
        shift = self.shift
        self._driver.submit(
            StartShift(shift.rider_id, shift.point, shift.ends_at_ms, shift.name, shift.vehicle)
        )

    def _end_shift(self) -> None:
        self._driver.submit(EndShift(self.shift.rider_id))

    def _answer(self, trip_id: TripId, accepts: bool) -> None:
        if self._offer_id != trip_id:
            return
        self._offer_id = None
        rider_id = self.shift.rider_id
        self._driver.submit(
            AcceptOffer(rider_id, trip_id) if accepts else DeclineOffer(rider_id, trip_id, "not worth it")
        )

    def _begin_trip(self, event: TripAssigned) -> None:
        self._trip_id = event.trip_id
        self._stops = deque(event.stops)
        self._set_out(max(self._driver.now_ms, self._free_at_ms))

    def _set_out(self, leaves_at_ms: Millis) -> None:
        if leaves_at_ms > self._driver.now_ms:
            self._plan(leaves_at_ms, self._drive)
        else:
            self._drive()

    def _drive(self) -> None:
        leg = self._stops[0].leg
        factor = self._drive_factor(leg)
        now_ms = self._driver.now_ms
        self._waiting_for = set()
        if self._world.motion is not None:
            self._world.motion.drive(self.index, leg, now_ms, factor)
        self._plan(now_ms + round(leg.duration_ms * factor), self._arrive)

    def _arrive(self) -> None:
        stop = self._stops[0]
        times = self._world.times
        if stop.kind is StopKind.PICKUP:
            self._driver.submit(ArriveAtMerchant(self.shift.rider_id))
            dwell_ms, action = times.pickup_before_ms, self._ask_for_food
        else:
            self._driver.submit(ArriveAtDoor(self.shift.rider_id, stop.order_ids[0]))
            dwell_ms, action = times.dropoff_before_ms, self._hand_over
        self._plan(self._driver.now_ms + self._dwell_ms(dwell_ms), action)

    def _ask_for_food(self) -> None:
        self._waiting_for = set(self._stops[0].order_ids) - self._world.on_shelf
        if self._waiting_for or self._is_too_early(self._world.pickup_from_ms, self._ask_for_food):
            return
        self._pick_up()

    def _pick_up(self) -> None:
        rider_id = self.shift.rider_id
        for order_id in self._stops[0].order_ids:
            self._driver.submit(PickUpOrder(rider_id, order_id))
            self._world.on_shelf.discard(order_id)
        self._leave(self._driver.now_ms + self._dwell_ms(self._world.times.pickup_after_ms))

    def _is_too_early(self, from_ms: dict[OrderId, Millis], action: Action) -> bool:
        """Tell whether a scheduled order would come before its window; the action is then tried later."""
        if not from_ms:
            return False
        at_ms = max([from_ms.get(order_id, 0) for order_id in self._stops[0].order_ids])
        if at_ms <= self._driver.now_ms:
            return False
        self._plan(at_ms, action)
        return True

    def _hand_over(self) -> None:
        if self._is_too_early(self._world.handover_from_ms, self._hand_over):
            return
        order_id = self._stops[0].order_ids[0]
        leaves_at_ms = self._driver.now_ms + self._dwell_ms(self._world.times.dropoff_after_ms)
        if len(self._stops) == 1:
            # The control room ends the trip with this; there is nothing left that could be stopped.
            self._stops.popleft()
            self._driver.submit(DeliverOrder(self.shift.rider_id, order_id))
            self._finish(leaves_at_ms)
        else:
            self._driver.submit(DeliverOrder(self.shift.rider_id, order_id))
            self._leave(leaves_at_ms)

    def _leave(self, leaves_at_ms: Millis) -> None:
        self._stops.popleft()
        self._set_out(leaves_at_ms)

    def _finish(self, free_at_ms: Millis) -> None:
        self._trip_id = None
        self._step = None
        self._free_at_ms = free_at_ms
        if self._next_trips:
            self._begin_trip(self._next_trips.popleft())

    def _plan(self, at_ms: Millis, action: Action) -> None:
        self._step = self._driver.at(at_ms, action)

    # --- what chance says ---

    def _stream(self, kind: StreamKind) -> np.random.Generator:
        stream = self._drawn.get(kind)
        if stream is None:
            stream = self._drawn[kind] = self._streams.stream(kind, self.index)
        return stream

    def _drive_factor(self, leg: Leg, kind: StreamKind = StreamKind.RIDER_DRIVES) -> float:
        cv = self._world.behavior.drive_cv
        if cv == 0 or leg.duration_ms == 0:
            return 1.0
        shape = 1.0 / (cv * cv)
        return float(self._stream(kind).gamma(shape)) / shape

    def _dwell_ms(self, usual_ms: Millis) -> Millis:
        cv = self._world.behavior.dwell_cv
        return usual_ms if cv == 0 else gamma_ms(self._stream(StreamKind.RIDER_DWELLS), usual_ms, cv)
