"""The independent verifier, which tells whether a plan keeps every constraint.

Written from the constraints of dispatch.md alone. It shares no code with the policies or with what carries
plans out, and computes all times itself, so that a mistake in one of them does not hide here. It looks at the
snapshot that the plan answers: what has changed since then is for ``dispatch/plan_check.py``.

Hard constraints: every order known, waiting, and started or foreseen once; every rider on duty, free, and
with one trip; one merchant and one place in a trip; no more orders than allowed; pickup by the end of the
shift; who declined is not asked again; what is assigned by hand is left alone; every order explained. Soft
ones: the age of food, detours, and the promise; with each it says whether the bundle is to blame, which it
never should be.

What riders can carry is a hard constraint too, of every trip and of what is foreseen.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import chain
from operator import attrgetter

from dispatch.move_verifier import broken_by_moves
from dispatch.params import VerifierParams
from dispatch.snapshot import OpenOrder, OpenTrip, OrderLoad, RiderCapacity, RiderView, Snapshot
from dispatch.violations import (
    ADDITIONS_CLOSED,
    ASKED_AGAIN,
    BEFORE_WINDOW,
    DETOUR,
    EMPTY_TRIP,
    EXPLANATIONS_MISSING,
    FLAWLESS,
    FOOD_AGE,
    HELD_AND_STARTED,
    MIXED_MERCHANTS,
    MIXED_PLACES,
    ORDER_TWICE,
    OTHER_DECISION,
    OVERLOADED,
    PICKUP_AFTER_SHIFT,
    PINNED,
    PROMISE_SLIP,
    RIDER_NOT_FREE,
    RIDER_TWICE,
    TOO_MANY_ORDERS,
    TRIP_TWICE,
    UNKNOWN_ORDER,
    UNKNOWN_RIDER,
    UNKNOWN_TRIP,
    WRONG_SEQUENCE,
    Verdict,
)
from domain.ids import OrderId, RiderId, TripId
from domain.loads import OrderType
from domain.plans import AdditionsUntil, DispatchPlan, PlannedTrip, QueuedTrip, TripAddition, Violation
from domain.ports import LocationKey, TravelTimes
from domain.units import MINUTE_MS, Millis

_order_id = attrgetter("order_id")
_order_ids = attrgetter("order_ids")
_rider_id = attrgetter("rider_id")

DEFAULT_PARAMS = VerifierParams()


def verify(
    snapshot: Snapshot, plan: DispatchPlan, travel: TravelTimes, params: VerifierParams = DEFAULT_PARAMS
) -> Verdict:
    """Check a plan against the snapshot that it answers.

    Parameters
    ----------
    snapshot : Snapshot
        The situation.
    plan : DispatchPlan
        The answer.
    travel : TravelTimes
        How long drives take.
    params : VerifierParams
        The soft limits.

    Notes
    -----
    Cost: a few microseconds for each trip to start, and some tens of nanoseconds for each open order and
    rider when the plan starts, foresees or holds anything; nothing otherwise.
    """
    is_idle = not (plan.trips or plan.additions or plan.queues or plan.holds or plan.moves)
    if is_idle and plan.decision_id == snapshot.decision_id:
        return FLAWLESS
    check = _Check(snapshot, travel, params)
    if snapshot.pins:
        check.pinned = {pin.order_id: pin.rider_id for pin in snapshot.pins}
    if plan.decision_id != snapshot.decision_id:
        check.break_rule(OTHER_DECISION, None, None, f"{plan.decision_id!r}, not {snapshot.decision_id!r}")
    for trip in plan.trips:
        check.take_trip(trip)
    for addition in plan.additions:
        check.take_addition(addition)
    check.take_holds([hold.order_id for hold in plan.holds])
    if plan.queues:
        check.take_queues(plan.queues)
    if plan.moves:
        check.hard += broken_by_moves(snapshot, plan, travel)
    if not (check.hard or check.soft):
        return FLAWLESS
    return Verdict(tuple(check.hard), tuple(check.soft))


@dataclass(slots=True)
class _Check:
    """One verification under way."""

    snapshot: Snapshot
    travel: TravelTimes
    params: VerifierParams
    hard: list[Violation] = field(default_factory=list)
    soft: list[Violation] = field(default_factory=list)
    used: set[OrderId] = field(default_factory=set)
    started: set[RiderId] = field(default_factory=set)
    added_to: set[TripId] = field(default_factory=set)
    pinned: dict[OrderId, RiderId] = field(default_factory=dict)
    _waiting: dict[OrderId, OpenOrder] | None = None
    _riders: dict[RiderId, RiderView] | None = None
    _loads: dict[OrderId, OrderLoad] = field(default_factory=dict)
    _capacities: dict[RiderId, RiderCapacity] = field(default_factory=dict)

    @property
    def waiting(self) -> dict[OrderId, OpenOrder]:
        if self._waiting is None:
            self._waiting = dict(zip(map(_order_id, self.snapshot.orders), self.snapshot.orders, strict=True))
        return self._waiting

    @property
    def riders(self) -> dict[RiderId, RiderView]:
        if self._riders is None:
            self._riders = dict(zip(map(_rider_id, self.snapshot.riders), self.snapshot.riders, strict=True))
        return self._riders

    def break_rule(self, kind: str, order_id: OrderId | None, rider_id: RiderId | None, detail: str) -> None:
        self.hard.append(Violation(kind, order_id, rider_id, detail))

    def take_trip(self, trip: PlannedTrip) -> None:
        rider_id = trip.rider_id
        rider = self.riders.get(rider_id)
        if rider is None:
            self.break_rule(UNKNOWN_RIDER, None, rider_id, "is not on duty")
        elif not rider.is_free and not self.snapshot.rules.queue_next_trip:
            free_in = _minutes(rider.free_at_ms - self.snapshot.at_ms)
            self.break_rule(RIDER_NOT_FREE, None, rider_id, f"is free in {free_in} min")
        if rider_id in self.started:
            self.break_rule(RIDER_TWICE, None, rider_id, "gets a second trip")
        self.started.add(rider_id)
        known = self._take_orders(trip.order_ids, rider_id)
        self._count_explanations(trip.order_ids, len(trip.explanations), rider_id)
        self._belong_together(known, len(trip.order_ids), rider_id)
        self._can_carry(trip.order_ids, rider_id)
        if rider is None or len(known) != len(trip.order_ids) or not known:
            return
        leaves_ms = max(self.snapshot.at_ms, rider.free_at_ms)
        arrives_ms = leaves_ms + self.travel.duration_ms(rider.location, known[0].pickup, leaves_ms)
        pickup_ms = self._pickup_ms(arrives_ms, known)
        self._in_shift(pickup_ms, rider_id, rider.shift_ends_at_ms)
        self._weigh(known, arrives_ms, pickup_ms, rider_id)

    def take_addition(self, addition: TripAddition) -> None:
        if self.snapshot.rules.additions_until is AdditionsUntil.DEPARTURE:
            self.break_rule(ADDITIONS_CLOSED, None, None, f"{addition.trip_id} has departed")
        trip = next((t for t in self.snapshot.open_trips if t.trip_id == addition.trip_id), None)
        rider_id = trip.rider_id if trip is not None else None
        if trip is None:
            self.break_rule(UNKNOWN_TRIP, None, None, f"{addition.trip_id} takes no orders")
        if addition.trip_id in self.added_to:
            self.break_rule(TRIP_TWICE, None, rider_id, f"{addition.trip_id} is added to twice")
        self.added_to.add(addition.trip_id)
        for order in trip.orders if trip is not None and self.pinned else ():
            self._is_pinned(order.order_id, rider_id)
        known = self._take_orders(addition.added, rider_id)
        self._count_explanations(addition.added, len(addition.explanations), rider_id)
        if trip is None or len(known) != len(addition.added):
            return
        present = {order.order_id: order for order in (*trip.orders, *known)}
        if sorted(addition.order_ids) != sorted([*map(_order_id, trip.orders), *addition.added]):
            detail = f"{', '.join(addition.order_ids)} is not {', '.join(present)} in some sequence"
            self.break_rule(WRONG_SEQUENCE, None, rider_id, detail)
            return
        together = [present[order_id] for order_id in addition.order_ids]
        self._belong_together(together, len(together), rider_id)
        self._can_carry(addition.order_ids, trip.rider_id)
        pickup_ms = self._pickup_ms(trip.arrives_at_ms, together)
        self._in_shift(pickup_ms, trip.rider_id, trip.shift_ends_at_ms)
        self._weigh_addition(trip, together, pickup_ms)

    def take_holds(self, order_ids: Sequence[OrderId]) -> None:
        for order_id in order_ids:
            if order_id in self.used:
                self.break_rule(HELD_AND_STARTED, order_id, None, "is held and in a trip")
            elif self.pinned and self._is_pinned(order_id, None):
                continue
            elif order_id not in self.waiting:
                self.break_rule(UNKNOWN_ORDER, order_id, None, "is held and does not wait")

    def take_queues(self, queues: Sequence[QueuedTrip]) -> None:
        # One look at all of them: a plan may foresee a trip for every open order, at every epoch.
        order_ids = list(chain.from_iterable(map(_order_ids, queues)))
        fresh = set(order_ids)
        strangers = set(map(_rider_id, queues)).difference(self.riders)
        strangers.difference_update(map(_rider_id, self.snapshot.coming))
        if (
            not strangers
            and len(fresh) == len(order_ids)
            and fresh.isdisjoint(self.used)
            and fresh.isdisjoint(self.pinned)
            and self.waiting.keys() >= fresh
            and all(map(_order_ids, queues))
            and not self.snapshot.loads
        ):
            return
        for queued in queues:
            if queued.rider_id in strangers:
                self.break_rule(UNKNOWN_RIDER, None, queued.rider_id, "is foreseen and not on duty")
            self._take_orders(queued.order_ids, queued.rider_id, may_decline=True)
            self._can_carry(queued.order_ids, queued.rider_id)

    def _take_orders(
        self, order_ids: Sequence[OrderId], rider_id: RiderId | None, *, may_decline: bool = False
    ) -> list[OpenOrder]:
        """Note orders as used, and return those that wait."""
        known: list[OpenOrder] = []
        if not order_ids:
            self.break_rule(EMPTY_TRIP, None, rider_id, "has no orders")
        for order_id in order_ids:
            order = self.waiting.get(order_id)
            if order_id in self.used:
                self.break_rule(ORDER_TWICE, order_id, rider_id, "is in another trip as well")
            self.used.add(order_id)
            if self.pinned and self._is_pinned(order_id, rider_id):
                continue
            if order is None:
                self.break_rule(UNKNOWN_ORDER, order_id, rider_id, "does not wait for a rider")
                continue
            known.append(order)
            if rider_id in order.declined_by and not may_decline:
                self.break_rule(ASKED_AGAIN, order_id, rider_id, "was turned down by this rider of late")
        return known

    def _is_pinned(self, order_id: OrderId, rider_id: RiderId | None) -> bool:
        """Tell whether an order is assigned by hand, and note that a plan should have left it alone."""
        holder = self.pinned.get(order_id)
        if holder is not None:
            self.break_rule(PINNED, order_id, rider_id, f"is assigned to {holder} by hand, until released")
        return holder is not None

    def _count_explanations(
        self, order_ids: Sequence[OrderId], explained: int, rider_id: RiderId | None
    ) -> None:
        if explained != len(order_ids):
            detail = f"{explained} explanations for {len(order_ids)} orders"
            self.break_rule(EXPLANATIONS_MISSING, None, rider_id, detail)

    def _belong_together(self, orders: Sequence[OpenOrder], count: int, rider_id: RiderId | None) -> None:
        rules = self.snapshot.rules
        if rules.max_orders_per_trip is not None and count > rules.max_orders_per_trip:
            detail = f"{count} orders, at most {rules.max_orders_per_trip}"
            self.break_rule(TOO_MANY_ORDERS, None, rider_id, detail)
        if len(orders) < 2:
            return
        first = orders[0]
        for order in orders[1:]:
            if rules.one_merchant_per_trip and order.merchant_id != first.merchant_id:
                detail = f"{order.merchant_id!r} beside {first.merchant_id!r}"
                self.break_rule(MIXED_MERCHANTS, order.order_id, rider_id, detail)
            elif order.pickup != first.pickup:
                detail = f"waits at {order.pickup}, others at {first.pickup}"
                self.break_rule(MIXED_PLACES, order.order_id, rider_id, detail)

    def _can_carry(self, order_ids: Sequence[OrderId], rider_id: RiderId) -> None:
        if not self.snapshot.loads or not self.snapshot.capacities:
            return
        if not self._loads:
            self._loads = {load.order_id: load for load in self.snapshot.loads}
            self._capacities = {capacity.rider_id: capacity for capacity in self.snapshot.capacities}
        capacity = self._capacities.get(rider_id)
        loads = [self._loads[order_id] for order_id in order_ids if order_id in self._loads]
        volume_l, weight_g = sum(load.volume_l for load in loads), sum(load.weight_g for load in loads)
        if capacity is not None and (volume_l > capacity.volume_l or weight_g > capacity.weight_g):
            detail = f"{volume_l} l and {weight_g} g, at most {capacity.volume_l} l, {capacity.weight_g} g"
            self.break_rule(OVERLOADED, None, rider_id, detail)

    def _in_shift(self, pickup_ms: Millis, rider_id: RiderId, ends_ms: Millis) -> None:
        if self.snapshot.rules.floor(pickup_ms) > ends_ms:
            detail = f"{_minutes(pickup_ms - ends_ms)} min after the end of the shift"
            self.break_rule(PICKUP_AFTER_SHIFT, None, rider_id, detail)

    def _pickup_ms(self, arrives_ms: Millis, orders: Iterable[OpenOrder]) -> Millis:
        ready_ms = max([order.ready_at_ms for order in orders])
        return max(arrives_ms + self.snapshot.times.pickup_before_ms, ready_ms, self.snapshot.at_ms)

    def _dropoffs_ms(self, pickup_ms: Millis, orders: Sequence[OpenOrder]) -> list[Millis]:
        times, travel = self.snapshot.times, self.travel
        here: LocationKey = orders[0].pickup
        leaves_ms = pickup_ms + times.pickup_after_ms
        done: list[Millis] = []
        for order in orders:
            arrives_ms = leaves_ms + travel.duration_ms(here, order.dropoff, leaves_ms)
            done.append(arrives_ms + times.dropoff_before_ms)
            here, leaves_ms = order.dropoff, done[-1] + times.dropoff_after_ms
        return done

    def _weigh(
        self, orders: Sequence[OpenOrder], arrives_ms: Millis, pickup_ms: Millis, rider_id: RiderId
    ) -> None:
        """Look at the soft limits of a trip's orders, each beside what it would be alone."""
        for order, dropoff_ms in zip(orders, self._dropoffs_ms(pickup_ms, orders), strict=True):
            if self._is_safe(order, pickup_ms, dropoff_ms):
                continue
            exceeded = self._exceeded(order, pickup_ms, dropoff_ms)
            alone = exceeded if len(orders) == 1 else self._exceeded_alone(order, arrives_ms)
            self._report(exceeded, alone, order.order_id, rider_id)

    def _weigh_addition(self, trip: OpenTrip, orders: Sequence[OpenOrder], pickup_ms: Millis) -> None:
        """Look at the soft limits of a trip with added orders, beside what they would be without those."""
        before_ms = self._dropoffs_ms(trip.pickup_at_ms, trip.orders)
        planned_ms = dict(zip(map(_order_id, trip.orders), before_ms, strict=True))
        for order, dropoff_ms in zip(orders, self._dropoffs_ms(pickup_ms, orders), strict=True):
            if self._is_safe(order, pickup_ms, dropoff_ms):
                continue
            if order.order_id in planned_ms:
                before = self._exceeded(order, trip.pickup_at_ms, planned_ms[order.order_id])
            else:
                before = self._exceeded_alone(order, trip.arrives_at_ms)
            exceeded = self._exceeded(order, pickup_ms, dropoff_ms)
            self._report(exceeded, before, order.order_id, trip.rider_id)

    def _report(
        self, exceeded: dict[str, str], before: dict[str, str], order_id: OrderId, rider_id: RiderId
    ) -> None:
        for kind, detail in exceeded.items():
            self.soft.append(Violation(kind, order_id, rider_id, detail, kind not in before))

    def _is_safe(self, order: OpenOrder, pickup_ms: Millis, dropoff_ms: Millis) -> bool:
        """Tell whether no limit can be exceeded; true of most orders, and cheap."""
        params = self.params
        return (
            not self.snapshot.windows
            and dropoff_ms - order.ready_at_ms <= params.food_age_ms
            and dropoff_ms - order.promised_at_ms <= params.promise_slip_ms
            and dropoff_ms - pickup_ms <= params.detour_ms
        )

    def _exceeded_alone(self, order: OpenOrder, arrives_ms: Millis) -> dict[str, str]:
        pickup_ms = self._pickup_ms(arrives_ms, (order,))
        return self._exceeded(order, pickup_ms, self._dropoffs_ms(pickup_ms, (order,))[0])

    def _exceeded(self, order: OpenOrder, pickup_ms: Millis, dropoff_ms: Millis) -> dict[str, str]:
        """Return the soft limits that an order exceeds, each with its numbers."""
        params, times = self.params, self.snapshot.times
        found: dict[str, str] = {}
        for window in self.snapshot.windows:  # few: those released and not picked up
            if window.order_id == order.order_id and dropoff_ms < window.earliest_ms:
                found[BEFORE_WINDOW] = f"{_minutes(window.earliest_ms - dropoff_ms)} min before its window"
        age_ms = dropoff_ms - order.ready_at_ms
        if age_ms > params.food_age_ms and self._is_perishable(order.order_id):
            found[FOOD_AGE] = f"{_minutes(age_ms)} min old, at most {_minutes(params.food_age_ms)}"
        slip_ms = dropoff_ms - order.promised_at_ms
        if slip_ms > params.promise_slip_ms:
            found[PROMISE_SLIP] = (
                f"{_minutes(slip_ms)} min after the promise, at most {_minutes(params.promise_slip_ms)}"
            )
        leaves_ms = pickup_ms + times.pickup_after_ms
        carried_ms = dropoff_ms - times.dropoff_before_ms - leaves_ms
        if carried_ms > params.detour_ms:
            detour_ms = carried_ms - self.travel.duration_ms(order.pickup, order.dropoff, leaves_ms)
            if detour_ms > params.detour_ms:
                found[DETOUR] = (
                    f"{_minutes(detour_ms)} min longer than direct, at most {_minutes(params.detour_ms)}"
                )
        return found

    def _is_perishable(self, order_id: OrderId) -> bool:
        """Tell whether an order grows old on the way: what is not said to be something else is a meal."""
        return not any(
            load.order_id == order_id and load.type is not OrderType.MEAL for load in self.snapshot.loads
        )


def _minutes(span_ms: Millis) -> str:
    return f"{span_ms / MINUTE_MS:.1f}"
