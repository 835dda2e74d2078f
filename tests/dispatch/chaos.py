"""People who do anything at any time: random commands, many of them nonsense, and what must hold anyway."""

from dataclasses import dataclass, field

from hypothesis import strategies as st

from dispatch.book import DispatchState, TripRecord
from domain import commands, events
from domain.commands import Command
from domain.errors import InvalidValueError, RefusedError
from domain.geo import Point
from domain.loads import Load, OrderType, Vehicle
from domain.orders import (
    CARRIED_ORDER_STATES,
    FINAL_ORDER_STATES,
    OrderState,
    OrderStep,
    next_order_state,
)
from domain.plans import StopKind
from domain.riders import RiderState
from domain.schedule import DeliveryWindow
from domain.units import HOUR_MS, MINUTE_MS, Millis
from runtime.event_log.port import LogRecord
from tests.dispatch.desk import Desk, falls_silent, is_heard

Step = tuple[int, int, int, int]
KINDS = 35
SENSIBLE_FROM = 23
"""Kinds from here on are what a rider of a trip would do next, so that days get somewhere."""
STEPS = st.lists(
    st.tuples(
        st.integers(0, KINDS - 1),
        st.integers(0, 11),
        st.integers(0, 11),
        st.sampled_from((0, 0, 0, 1, 1_000, 1_000, 7_500, 7_500, 15_000, 40_000, 200_000)),
    ),
    max_size=120,
)
VEHICLES = (None, None, Vehicle.ON_FOOT, Vehicle.BICYCLE)
DOORS = ((600.0, 0.0), (-900.0, 300.0), (2_000.0, 500.0), (0.0, 0.0), (1e9, 0.0))


@dataclass
class Chaos:
    """Plays steps on a desk; every command is chosen by what the desk knows at that moment."""

    desk: Desk
    taken: list[tuple[Millis, Command]] = field(default_factory=list)
    refused: int = 0

    def play(self, steps: list[Step]) -> None:
        for step in steps:
            self.desk.wait(step[3])
            due = self.desk.room.next_due_ms()
            assert due is None or due > self.desk.now_ms
            command = choose(self.desk, step)
            error = self.desk.refuses(command)
            assert error is None or isinstance(error, RefusedError | InvalidValueError)
            self.refused += error is not None
            self.taken.append((self.desk.now_ms, command))
            check(self.desk.state)


def choose(desk: Desk, step: Step) -> Command:
    kind, a, b, _ = step
    if kind >= SENSIBLE_FROM:
        return sensible(desk, a, b)
    state, now_ms = desk.state, desk.now_ms
    rider_id = f"rider-{a % 5}"
    order_ids = [*state.orders, "order-999"]
    order_id = order_ids[b % len(order_ids)]
    rider = state.riders.get(rider_id)
    trip = state.trips.get(rider.trip_id or "") if rider else None
    if trip is not None and b < 9:
        mine = [order for stop in trip.stops for order in stop.order_ids]
        order_id = mine[b % len(mine)]
    trip_id = trip.trip_id if trip is not None and b < 9 else f"trip-{b}"
    door = DOORS[a % len(DOORS)]
    choices: tuple[Command, ...] = (
        commands.PlaceOrder(f"m-{1 + b % 4}", Point(*door), ready_at_ms=now_ms + (b - 1) * MINUTE_MS),
        commands.PlaceOrder("m-1", Point(*DOORS[a % 3]), load=_load(a, b), window=_window(a, b, now_ms)),
        commands.StartShift(rider_id, Point(*door), now_ms + (b - 1) * HOUR_MS // 4),
        commands.StartShift(rider_id, Point(*DOORS[b % 3]), now_ms + HOUR_MS, vehicle=VEHICLES[b % 4]),
        commands.EndShift(rider_id),
        commands.ConfirmOrder(order_id, now_ms + (a - 2) * MINUTE_MS if a % 2 else None),
        commands.MarkOrderReady(order_id),
        commands.CancelOrder(order_id),
        commands.AcceptOffer(rider_id, trip_id),
        commands.DeclineOffer(rider_id, trip_id),
        commands.ArriveAtMerchant(rider_id),
        commands.PickUpOrder(rider_id, order_id),
        commands.ArriveAtDoor(rider_id, order_id),
        commands.DeliverOrder(rider_id, order_id),
        _plan(desk, a, b),
        _plan(desk, a, b),
        commands.ReportBreakdown(rider_id, "flat tire", Point(*door) if b % 2 else None),
        falls_silent(rider_id, b % 3),
        commands.ResolveIncident(f"incident-{b % 3}", "called"),
        is_heard(rider_id, desk.now_ms, Point(*DOORS[b % len(DOORS)])),
        commands.PinOrder(order_id, rider_id, "Chen"),
        commands.PinOrder(order_ids[-1 - b % len(order_ids)], rider_id),
        commands.ReleaseOrder(order_id, "Chen"),
    )
    return choices[kind]


def _load(a: int, b: int) -> Load | None:
    return Load(OrderType.GROCERIES, 5 * b, 700 * b) if a % 3 == 0 else None


def _window(a: int, b: int, now_ms: Millis) -> DeliveryWindow | None:
    begins_ms = now_ms + (b - 1) * 10 * MINUTE_MS
    return DeliveryWindow(begins_ms, begins_ms + 15 * MINUTE_MS) if a % 4 == 1 else None


def sensible(desk: Desk, a: int, b: int) -> Command:
    """Return what one of the riders would do next; doors in any sequence, arrivals not always told."""
    trips = list(desk.state.trips.values())
    if not trips:
        return _plan(desk, a, b)
    trip = trips[a % len(trips)]
    rider = desk.state.riders[trip.rider_id]
    stop = trip.stops[b % len(trip.stops)]
    order_id = stop.order_ids[b % len(stop.order_ids)]
    if rider.state is RiderState.OFFERED:
        return commands.AcceptOffer(rider.rider_id, trip.trip_id)
    if rider.state is RiderState.TO_MERCHANT and b % 3:
        return commands.ArriveAtMerchant(rider.rider_id)
    if trip.stops[0].kind is StopKind.PICKUP:
        waiting = trip.stops[0].order_ids
        return commands.PickUpOrder(rider.rider_id, waiting[b % len(waiting)])
    if rider.state is RiderState.TO_DOOR and a % 3:
        return commands.ArriveAtDoor(rider.rider_id, order_id)
    return commands.DeliverOrder(rider.rider_id, order_id)


def _plan(desk: Desk, a: int, b: int) -> Command:
    """Answer the pending decision: bundles of one merchant, and now and then something that cannot be."""
    groups: dict[str, list[str]] = {}
    asked = desk.state.asked
    for order in asked.orders if asked is not None else ():
        groups.setdefault(order.merchant_id, []).append(order.order_id)
    riders = [f"rider-{(a + k) % 5}" for k in range(5)]
    if asked is not None and b < 8:
        riders = [rider.rider_id for rider in asked.riders if rider.is_free]
    trips = [
        (rider, group[: 1 + (b + k) % 4])
        for k, (rider, group) in enumerate(zip(riders, groups.values(), strict=False))
    ]
    if b == 11:
        trips += [(riders[0], ["order-1"]), (riders[0], ["order-999"]), ("nobody", [])]
    return commands.ApplyPlan(desk.plan(*trips))


def check(state: DispatchState) -> None:
    """Show that the memory is whole: nothing lost, nothing twice, everybody where the tables say."""
    assert not set(state.orders) & set(state.closed)
    assert len(state.orders) + len(state.closed) == state.ids.counts.get("order", 0)
    assert set(state.closed.values()) <= FINAL_ORDER_STATES
    waiting = [order.order_id for order in state.orders.values() if order.state is OrderState.PLACED]
    for_one = [order_id for order_id in waiting if order_id in state.pins]
    assert set(waiting) == set(state.waiting) | set(for_one)
    assert set(for_one).isdisjoint(state.waiting)
    for pin in state.pins.values():
        order, rider = state.orders[pin.order_id], state.riders[pin.rider_id]
        assert order.state not in CARRIED_ORDER_STATES
        # Either the rider has it, or it is the rider's who is on a trip.
        assert order.rider_id == pin.rider_id if order.rider_id is not None else rider.trip_id is not None
    for order in state.orders.values():
        assert order.state not in FINAL_ORDER_STATES
        if order.state in {OrderState.SCHEDULED, OrderState.PLACED}:
            assert order.rider_id is None
            assert order.trip_id is None
        else:
            assert order.trip_id is not None
            assert order.order_id in state.trips[order.trip_id].order_ids
            assert order.rider_id == state.trips[order.trip_id].rider_id
    scheduled = {o.order_id for o in state.orders.values() if o.state is OrderState.SCHEDULED}
    assert scheduled == {order_id for _, order_id in state.schedule.due} <= set(state.schedule.windows)
    assert state.schedule.due == sorted(state.schedule.due)
    assert state.schedule.windows.keys() == state.schedule.pickup_from_ms.keys()
    assert {*state.schedule.windows, *state.freight.loads} <= set(state.orders)
    for rider in state.riders.values():
        assert (rider.trip_id is None) == (rider.state in {RiderState.OFF_DUTY, RiderState.IDLE})
        assert rider.trip_id is None or state.trips[rider.trip_id].rider_id == rider.rider_id
        assert not rider.leaving or rider.state not in {
            RiderState.OFF_DUTY,
            RiderState.IDLE,
            RiderState.OFFERED,
        }
    active = [o for t in state.trips.values() for o in t.order_ids if o in state.orders]
    assert len(set(active)) == len(active)
    for trip in state.trips.values():
        _check_trip(state, trip)
    expiries = list(state.offers.values())
    assert expiries == sorted(expiries)
    assert set(state.offers) == {t.trip_id for t in state.trips.values() if t.expires_at_ms is not None}
    assert state.epoch_due_ms is None or state.pending_decision is None
    if state.waiting:
        assert state.epoch_due_ms is not None or state.pending_decision is not None
    else:
        assert state.epoch_due_ms is None


def _check_trip(state: DispatchState, trip: TripRecord) -> None:
    rider = state.riders[trip.rider_id]
    assert rider.trip_id == trip.trip_id
    assert (rider.state is RiderState.OFFERED) == (trip.expires_at_ms is not None)
    under_way = [order_id for order_id in trip.order_ids if order_id in state.orders]
    drops = [stop for stop in trip.stops if stop.kind is StopKind.DROPOFF]
    assert sorted(stop.order_ids[0] for stop in drops) == sorted(under_way)
    assert under_way
    assert state.freight.fits(rider.rider_id, under_way)
    pickups = [stop for stop in trip.stops if stop.kind is StopKind.PICKUP]
    at_merchant = {o for o in under_way if state.orders[o].state not in CARRIED_ORDER_STATES}
    assert [set(stop.order_ids) for stop in pickups] == ([at_merchant] if at_merchant else [])
    assert not pickups or trip.stops[0] is pickups[0]
    before = None
    for stop in trip.stops:
        assert stop.arrives_at_ms <= stop.done_at_ms
        assert stop.leg.destination == stop.location
        if before is not None:
            assert stop.leg.origin == before.location
            assert stop.arrives_at_ms - stop.leg.duration_ms >= before.done_at_ms
        before = stop


STEPS_OF_EVENTS = {
    events.OrderReleased: OrderStep.RELEASE,
    events.OrderOffered: OrderStep.OFFER,
    events.OrderAssigned: OrderStep.ASSIGN,
    events.OrderPickedUp: OrderStep.PICK_UP,
    events.RiderArrivedAtDoor: OrderStep.ARRIVE_AT_DOOR,
    events.OrderDelivered: OrderStep.DELIVER,
    events.OrderCanceled: OrderStep.CANCEL,
}


def states_from(records: list[LogRecord]) -> dict[str, OrderState]:
    """Return the state of every order as the events alone tell it, by the one table."""
    states: dict[str, OrderState] = {}
    for record in records:
        event = record.message
        if isinstance(event, events.OrderPlaced):
            placed, scheduled = OrderState.PLACED, OrderState.SCHEDULED
            states[event.order_id] = placed if event.window is None else scheduled
        for order_id, step in _steps(event, states):
            states[order_id] = next_order_state(order_id, states[order_id], step)
    return states


def _steps(event: object, states: dict[str, OrderState]) -> list[tuple[str, OrderStep]]:
    if isinstance(event, events.OfferDeclined | events.OfferExpired):
        return [(order_id, OrderStep.RETURN) for order_id in event.order_ids]
    if isinstance(event, events.RiderArrivedAtMerchant):
        coming = [o for o in event.order_ids if states[o] is OrderState.ASSIGNED]
        return [(order_id, OrderStep.ARRIVE_AT_MERCHANT) for order_id in coming]
    if isinstance(event, events.OrderReturned):
        step = OrderStep.HAND_BACK if event.was_picked_up else OrderStep.RETURN
        return [(event.order_id, step)]
    step_of = STEPS_OF_EVENTS.get(type(event))  # type: ignore[call-overload]
    return [(event.order_id, step_of)] if step_of else []  # type: ignore[attr-defined]
