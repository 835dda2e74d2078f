"""Random days: moves that become commands by what is going on, many of them sensible and some refused."""

from collections.abc import Callable
from dataclasses import dataclass

from hypothesis import strategies as st

from dispatch.book import DispatchState, TripRecord
from domain import commands
from domain.commands import Command
from domain.errors import PeaklineError
from domain.fixes import Fix
from domain.geo import Point
from domain.loads import Load, OrderType, Vehicle
from domain.schedule import DeliveryWindow
from domain.units import HOUR_MS, MINUTE_MS, Millis
from runtime.control_room import ControlRoom
from tests.runtime.town import START_MS, anywhere

RIDERS = ("r1", "r2", "r3")


@dataclass(frozen=True, slots=True)
class Move:
    """One thing somebody does, some time after the one before."""

    gap_ms: Millis
    kind: int
    number: int


@dataclass(frozen=True, slots=True)
class Stamped:
    """A command and when it is submitted."""

    at_ms: Millis
    command: Command


def moves(most: int = 60) -> st.SearchStrategy[list[Move]]:
    gaps = st.one_of(
        st.sampled_from([0, 0, 1, 15_000, 45_000]), st.integers(0, 90_000), st.integers(0, 10 * MINUTE_MS)
    )
    return st.lists(
        st.builds(Move, gaps, st.integers(0, len(KINDS) - 1), st.integers(0, 47)), min_size=1, max_size=most
    )


def command_for(move: Move, state: DispatchState, at_ms: Millis) -> Command:
    return KINDS[move.kind](move.number, state, at_ms)


def play(room: ControlRoom, day: list[Move], start_ms: Millis = START_MS) -> list[Stamped]:
    """Submit a day's moves and return what was submitted."""
    at_ms, done = start_ms, []
    for move in day:
        at_ms += move.gap_ms
        room.advance(at_ms)
        stamped = Stamped(at_ms, command_for(move, room.engines["dispatch"].state, at_ms))
        submit(room, stamped)
        done.append(stamped)
    return done


def submit(room: ControlRoom, stamped: Stamped) -> str | None:
    """Submit a command; return the words of its refusal, if it is refused."""
    try:
        room.submit(stamped.command, stamped.at_ms)
    except PeaklineError as error:
        return str(error)
    return None


def _rider(number: int) -> str:
    return RIDERS[number % len(RIDERS)]


def _order(number: int, state: DispatchState) -> str:
    open_orders = list(state.orders)
    return open_orders[number % len(open_orders)] if open_orders and number % 5 else f"order-{number}"


def _trip(number: int, state: DispatchState) -> TripRecord | None:
    trips = list(state.trips.values())
    return trips[number % len(trips)] if trips else None


def _place(number: int, state: DispatchState, at_ms: Millis) -> Command:
    merchant = f"m{number % 4}"  # m0 does not exist
    ready = None if number % 3 else at_ms + number * 20_000
    load = Load(OrderType.GROCERIES, number, 300 * number) if number % 5 == 1 else None
    window = None
    if number % 7 == 3:
        begins_ms = at_ms + number % 4 * 20 * MINUTE_MS
        window = DeliveryWindow(begins_ms, begins_ms + 30 * MINUTE_MS)
    reference = f"no {number}"
    return commands.PlaceOrder(
        merchant, anywhere(number), 100 * number, ready, reference=reference, load=load, window=window
    )


def _start_shift(number: int, state: DispatchState, at_ms: Millis) -> Command:
    ends = at_ms + HOUR_MS if number % 4 else at_ms + 1 + number * 1_000
    vehicle = Vehicle.ON_FOOT if number % 6 == 1 else None
    return commands.StartShift(_rider(number), anywhere(number), ends, "Li Wei", vehicle)


def _answer(number: int, state: DispatchState, at_ms: Millis) -> Command:
    offers = list(state.offers)
    trip_id = offers[number % len(offers)] if offers else f"trip-{number}"
    rider_id = state.trips[trip_id].rider_id if trip_id in state.trips else _rider(number)
    if number % 4 == 0:
        return commands.DeclineOffer(rider_id, trip_id, "too far")
    return commands.AcceptOffer(rider_id, trip_id)


def _work(number: int, state: DispatchState, at_ms: Millis) -> Command:
    """Do the next thing on a trip, or something out of turn."""
    trip = _trip(number, state)
    rider_id = trip.rider_id if trip else _rider(number)
    order_id = trip.stops[0].order_ids[0] if trip and trip.stops else _order(number, state)
    steps: tuple[Command, ...] = (
        commands.ArriveAtMerchant(rider_id),
        commands.PickUpOrder(rider_id, order_id),
        commands.PickUpOrder(rider_id, order_id),
        commands.ArriveAtDoor(rider_id, order_id),
        commands.DeliverOrder(rider_id, order_id),
        commands.DeliverOrder(rider_id, order_id),
    )
    return steps[number % len(steps)]


def _fixes(number: int, state: DispatchState, at_ms: Millis) -> Command:
    fixes = tuple(
        Fix(
            _rider(number + i),
            at_ms - i * 5_000,
            at_ms // 1_000 - i,
            Point(anywhere(number).x + i * 1e-4, anywhere(number).y),
            5.0 + number / 7,
            None if number % 2 else 4.2,
        )
        for i in range(number % 4)
    )
    return commands.RecordFixes(fixes)


def _incident(number: int, state: DispatchState, at_ms: Millis) -> Command:
    incident = f"incident-{1 + number % 5}"
    if number % 2:
        return commands.AcknowledgeIncident(incident, "Wang")
    return commands.ResolveIncident(incident, "called the rider", "Wang")


KINDS: tuple[Callable[[int, DispatchState, Millis], Command], ...] = (
    _place,
    _place,
    _place,
    _start_shift,
    _start_shift,
    _answer,
    _answer,
    _answer,
    _work,
    _work,
    _work,
    _work,
    _fixes,
    _fixes,
    _incident,
    lambda number, state, at_ms: commands.CancelOrder(_order(number, state), "changed my mind"),
    lambda number, state, at_ms: commands.MarkOrderReady(_order(number, state)),
    lambda number, state, at_ms: commands.ConfirmOrder(_order(number, state), at_ms + number * 10_000),
    lambda number, state, at_ms: commands.EndShift(_rider(number)),
    lambda number, state, at_ms: commands.PinOrder(_order(number, state), _rider(number), "Wang"),
    lambda number, state, at_ms: commands.PinOrder(_order(number, state), _rider(number // 3)),
    lambda number, state, at_ms: commands.ReleaseOrder(_order(number, state)),
)
