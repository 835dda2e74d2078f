"""Riders coming on and going off duty, and where they say they are."""

from dispatch.book import Book, RiderRecord
from domain.commands import EndShift, StartShift
from domain.errors import ConflictError, InvalidValueError
from domain.events import Event, RiderMoved, ShiftEnded, ShiftStarted
from domain.riders import RiderState, RiderStep, next_rider_state
from domain.units import Millis


def start_shift(book: Book, command: StartShift, now_ms: Millis) -> list[Event]:
    """Let a rider come on duty; an unknown id is a new rider.

    Raises
    ------
    WrongStateError
        If the rider is on duty already.
    InvalidValueError
        If the shift ends before it starts, or starts outside the city.
    """
    if command.ends_at_ms <= now_ms:
        raise InvalidValueError("ends_at_ms", command.ends_at_ms, f"after the start of the shift ({now_ms})")
    location = book.travel.locate(command.point)
    known = book.state.riders.get(command.rider_id)
    if known is None:
        state = RiderState.OFF_DUTY
        known = RiderRecord(command.rider_id, command.name, state, location, now_ms, command.ends_at_ms)
    next_state = next_rider_state(known.rider_id, known.state, RiderStep.START_SHIFT)
    known.state = next_state
    known.name = command.name or known.name
    known.location = location
    known.free_at_ms = now_ms
    known.reported = None
    known.shift_ends_at_ms = command.ends_at_ms
    book.state.riders[known.rider_id] = known
    return [ShiftStarted(known.rider_id, known.name, command.point, location, command.ends_at_ms)]


def end_shift(book: Book, command: EndShift, now_ms: Millis) -> list[Event]:
    """Let a rider go off duty: at once when idle, else with the end of the present trip.

    Raises
    ------
    ConflictError
        If the rider is off duty, or leaves after the present trip anyway.
    """
    rider = book.rider(command.rider_id)
    if rider.state is RiderState.OFF_DUTY or rider.leaving:
        raise ConflictError(f"the shift of rider {rider.rider_id!r} has ended or is ending already")
    if rider.trip_id is not None:
        rider.leaving = True
        rider.shift_ends_at_ms = min(rider.shift_ends_at_ms, now_ms)
        return []
    rider.state = next_rider_state(rider.rider_id, rider.state, RiderStep.END_SHIFT)
    return [ShiftEnded(rider.rider_id)]


def note_position(book: Book, event: RiderMoved, now_ms: Millis) -> list[Event]:
    """Remember where an idle rider was seen; the next decision looks at it."""
    rider = book.state.riders.get(event.rider_id)
    if rider is not None and rider.trip_id is None and rider.state is RiderState.IDLE:
        rider.reported = event.point
    return []
