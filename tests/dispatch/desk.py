"""A dispatch desk on a plane: the real engine in a real control room, without streets and tracking."""

import heapq
import os
from collections.abc import Iterable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field

import msgspec

from dispatch.book import Book, DispatchState
from dispatch.engine import DispatchEngine
from dispatch.matching import MATCHERS
from dispatch.params import DispatchParams
from dispatch.snapshot import Snapshot
from domain.commands import (
    AcceptOffer,
    AcknowledgeIncident,
    ApplyPlan,
    ArriveAtDoor,
    ArriveAtMerchant,
    Command,
    DeliverOrder,
    PickUpOrder,
    PlaceOrder,
    RecordFixes,
    ResolveIncident,
    StartShift,
)
from domain.errors import ConflictError, InvalidValueError, RefusedError
from domain.events import (
    Event,
    IncidentOpened,
    IncidentResolved,
    RiderMoved,
    TripAssigned,
    TripOffered,
)
from domain.fixes import Fix
from domain.geo import Frame, Point
from domain.incidents import IncidentType, Severity
from domain.places import City, Merchant
from domain.plans import DispatchPlan, Explanation, PlannedTrip, ServiceRules, ServiceTimes, StopKind
from domain.riders import RiderState
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from roads.plane import MetricPlane
from runtime.control_room import ControlRoom
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogHeader, LogRecord
from runtime.solver import InlineSolver, ReplaySolver, Solver

EXAMPLES = int(os.environ.get("PEAKLINE_EXAMPLES", "50"))
START_MS: Millis = 1_519_516_800_000
HEADER = LogHeader("test", "plane", "0", "nearest", 1)
TOWN = City(
    "Plane",
    Frame.PLANE,
    "UTC",
    (
        Merchant("m-1", "Noodles", Point(0.0, 0.0)),
        Merchant("m-2", "Dumplings", Point(2_000.0, 500.0)),
        Merchant("m-3", "Tea", Point(-1_500.0, 2_500.0)),
    ),
)
OFFERING = ServiceRules()
TIMES = ServiceTimes()
PARAMS = DispatchParams()
ASSIGNING = ServiceRules(riders_may_decline=False)
DIVERTING = ServiceRules(riders_may_decline=False, divert_en_route=True)
RIDER = "rider-1"


class TrackingByWord:
    """A tracking engine that believes what it is told: no state, no timers, no judgment of its own."""

    state = None

    def restore(self, state: object) -> None:
        """There is nothing to restore."""

    def handle(self, message: Command | Event, now_ms: Millis) -> list[Event]:
        if isinstance(message, AcknowledgeIncident):
            kind, here = IncidentType.GPS_SIGNAL_LOSS, Point(0.0, 0.0)
            return [
                RiderMoved(message.by, now_ms, here, None, None),
                IncidentOpened(message.incident_id, kind, Severity.MINOR, None, message.by, "", "call_rider"),
            ]
        if isinstance(message, ResolveIncident):
            return [IncidentResolved(message.incident_id, message.reason, message.by)]
        if isinstance(message, RecordFixes):
            return [RiderMoved(fix.rider_id, fix.fixed_at_ms, fix.point, None, None) for fix in message.fixes]
        return []

    def next_wakeup_ms(self) -> Millis | None:
        return None

    def wake(self, now_ms: Millis) -> list[Event]:
        return []


def falls_silent(rider_id: str, number: int = 1) -> Command:
    """Have ``TrackingByWord`` tell a last position and open an incident about a silent phone."""
    return AcknowledgeIncident(f"incident-{number}", rider_id)


def is_heard(rider_id: str, at_ms: Millis, point: Point) -> Command:
    return RecordFixes((Fix(rider_id, at_ms, 1, point, 5.0),))


@dataclass
class Desk:
    """A control room with dispatch and a tracking that believes anything; no streets.

    Without a policy the test itself answers decisions.
    """

    rules: ServiceRules = OFFERING
    times: ServiceTimes = TIMES
    params: DispatchParams = PARAMS
    policy: str | None = None
    solve_ms: Millis = 0
    city: City = TOWN
    plane: MetricPlane = field(default_factory=lambda: MetricPlane(300.0))
    engine: DispatchEngine = field(init=False)
    log: MemoryLog = field(init=False)
    room: ControlRoom = field(init=False)
    now_ms: Millis = START_MS

    def __post_init__(self) -> None:
        self.log = MemoryLog(HEADER)
        self._open(None)

    def _open(self, last: LogRecord | None) -> None:
        self.engine = DispatchEngine(
            Book(self.city, self.plane, self.plane, self.rules, self.times, self.params)
        )
        solver: Solver = ReplaySolver()
        if self.policy is not None:
            solver = InlineSolver(MATCHERS[self.policy], self.plane, self.solve_ms)
        engines = {"dispatch": self.engine, "tracking": TrackingByWord()}
        self.room = ControlRoom(engines, self.log, solver, self.engine, last)

    def reopen(self) -> None:
        """Go on with a new engine that knows only what was stored: a restart from a snapshot."""
        stored = self.memory()
        self._open(self.log.records[-1] if self.log.records else None)
        self.engine.restore(msgspec.msgpack.decode(stored, type=DispatchState))

    @property
    def state(self) -> DispatchState:
        return self.engine.state

    def memory(self) -> bytes:
        return msgspec.msgpack.encode(self.engine.state)

    def say(self, command: Command, after_ms: Millis = 0) -> list[Event]:
        """Submit a command so long after the one before."""
        self.now_ms += after_ms
        return self.room.submit(command, self.now_ms).events

    def wait(self, span_ms: Millis) -> list[Event]:
        self.now_ms += span_ms
        return self.room.advance(self.now_ms).events

    def wait_until(self, at_ms: Millis) -> list[Event]:
        return self.wait(at_ms - self.now_ms)

    def rider(self, rider_id: str, x: float = 0.0, y: float = 0.0, hours: float = 8.0) -> str:
        self.say(StartShift(rider_id, Point(x, y), self.now_ms + round(hours * HOUR_MS)))
        return rider_id

    def order(
        self, merchant_id: str = "m-1", x: float = 600.0, y: float = 0.0, ready_in_ms: Millis = 0
    ) -> str:
        order = PlaceOrder(merchant_id, Point(x, y), ready_at_ms=self.now_ms + ready_in_ms)
        self.say(order)
        return f"order-{self.state.ids.counts['order']}"

    def decide(self, *trips: tuple[str, Sequence[str]]) -> list[Event]:
        """Let a decision fall due that knows of everything, and answer it with trips (rider, orders)."""
        asked = self.state.asked
        if asked is not None and not self._is_present(asked):
            self.say(ApplyPlan(self.plan()))
        if self.state.pending_decision is None:
            due = self.room.next_due_ms()
            assert due is not None
            self.wait_until(max(due, self.now_ms))
        return self.say(ApplyPlan(self.plan(*trips)))

    def _is_present(self, asked: Snapshot) -> bool:
        riders = {r.rider_id for r in self.state.riders.values() if r.state is not RiderState.OFF_DUTY}
        return [order.order_id for order in asked.orders] == list(self.state.waiting) and riders == {
            rider.rider_id for rider in asked.riders
        }

    def plan(self, *trips: tuple[str, Sequence[str]]) -> DispatchPlan:
        planned = tuple(
            PlannedTrip(rider, tuple(orders), (Explanation(reason="test"),) * len(orders))
            for rider, orders in trips
        )
        return DispatchPlan(self.state.pending_decision or "none", "test", planned)

    def refuses(self, command: Command) -> RefusedError | InvalidValueError | None:
        """Submit a command; when it is refused, show that nothing at all has changed."""
        self.room.advance(self.now_ms)
        memory, records, places = self.memory(), len(self.log.records), len(self.plane)
        try:
            self.room.submit(command, self.now_ms)
        except (RefusedError, InvalidValueError) as error:
            assert self.memory() == memory
            assert len(self.log.records) == records
            assert len(self.plane) == places
            return error
        return None


def live_through(desk: Desk, commands: Iterable[tuple[Millis, Command]], until_ms: Millis) -> list[LogRecord]:
    """Play commands, with riders who do exactly what they are told, and return the log."""
    agenda = [(at_ms, number, command) for number, (at_ms, command) in enumerate(commands)]
    heapq.heapify(agenda)
    count = len(agenda)

    def listen(records: Sequence[LogRecord]) -> None:
        nonlocal count
        for record in records:
            for at_ms, command in _duties(record):
                count += 1
                heapq.heappush(agenda, (at_ms, count, command))

    desk.room.subscribe(listen)
    while True:
        due = desk.room.next_due_ms()
        at_ms = agenda[0][0] if agenda else until_ms
        if due is not None and due < at_ms:
            desk.room.advance(due)
        elif agenda and at_ms <= until_ms:
            command = heapq.heappop(agenda)[2]
            # Who would by now pick up after the end of the shift is told so, and lets the offer go.
            with suppress(ConflictError) if isinstance(command, AcceptOffer) else nullcontext():
                desk.room.submit(command, at_ms)
        else:
            return desk.log.records
        if min(at_ms, due or at_ms) > until_ms:
            return desk.log.records


def _duties(record: LogRecord) -> Iterable[tuple[Millis, Command]]:
    message = record.message
    if isinstance(message, TripOffered):
        yield record.at_ms + 10 * SECOND_MS, AcceptOffer(message.rider_id, message.trip_id)
    elif isinstance(message, TripAssigned):
        for stop in message.stops:
            if stop.kind is StopKind.PICKUP:
                yield stop.arrives_at_ms, ArriveAtMerchant(message.rider_id)
                for order_id in stop.order_ids:
                    yield stop.done_at_ms, PickUpOrder(message.rider_id, order_id)
            else:
                yield stop.arrives_at_ms, ArriveAtDoor(message.rider_id, stop.order_ids[0])
                yield stop.done_at_ms, DeliverOrder(message.rider_id, stop.order_ids[0])


GRUBHUB = ServiceRules(max_orders_per_trip=None, time_grid_ms=MINUTE_MS, riders_may_decline=False)
GRUBHUB_TIMES = ServiceTimes(2 * MINUTE_MS, 2 * MINUTE_MS, 2 * MINUTE_MS, 2 * MINUTE_MS)
GRUBHUB_PARAMS = DispatchParams(epoch_ms=MINUTE_MS, epoch_offset_ms=1)


def on_a_trip(*doors: float, rules: ServiceRules = ASSIGNING) -> tuple[Desk, list[str]]:
    """Return a desk whose only rider has set out for some orders, and the orders."""
    desk = Desk(rules)
    desk.rider(RIDER, x=-900.0)
    orders = [desk.order(x=x) for x in doors or (600.0, 1_200.0)]
    desk.decide((RIDER, orders))
    if rules.riders_may_decline:
        desk.say(AcceptOffer(RIDER, "trip-1"))
    return desk, orders
