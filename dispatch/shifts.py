"""Riders coming on and going off duty, and where they say they are."""

from dispatch.book import Book, RiderRecord
from dispatch.moves import decide_for_idle
from dispatch.offers import take_back
from dispatch.snapshot import RiderView
from domain.commands import AnnounceShift, EndShift, StartShift
from domain.errors import ConflictError, InvalidValueError
from domain.events import Event, OfferDeclined, RiderMoved, ShiftAnnounced, ShiftEnded, ShiftStarted
from domain.loads import capacity_of
from domain.riders import RiderState, RiderStep, next_rider_state
from domain.units import Millis

SHIFT_ENDED = "shift_ended"
"""Why an offer is turned down for a rider who goes off duty."""


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
    known = book.state.riders.get(command.rider_id)
    before = RiderState.OFF_DUTY if known is None else known.state
    # Checked first: on a plane locating a point counts it, and a refused command must not leave a trace.
    state = next_rider_state(command.rider_id, before, RiderStep.START_SHIFT)
    location = book.travel.locate(command.point)
    if known is None:
        known = RiderRecord(command.rider_id, command.name, state, location, now_ms, command.ends_at_ms)
    known.state = state
    known.name = command.name or known.name
    known.location = location
    known.free_at_ms = now_ms
    known.reported = None
    known.shift_ends_at_ms = command.ends_at_ms
    known.shift_started_at_ms = now_ms
    known.delivered = 0
    known.is_tracked = False
    book.state.announced.pop(known.rider_id, None)
    book.come_on_duty(known)
    decide_for_idle(book, now_ms)
    capacity = capacity_of(command.vehicle, command.capacity)
    book.state.freight.note_capacity(known.rider_id, capacity)
    return [
        ShiftStarted(
            known.rider_id,
            known.name,
            command.point,
            location,
            command.ends_at_ms,
            command.vehicle,
            capacity,
        )
    ]


def announce_shift(book: Book, command: AnnounceShift, now_ms: Millis) -> list[Event]:
    """Note a shift that is planned, so that decisions shortly before it may count on the rider.

    Raises
    ------
    InvalidValueError
        If it ends before it starts, has ended already, or starts outside the city.
    """
    if command.ends_at_ms <= max(now_ms, command.starts_at_ms):
        allowed = f"after the start of the shift ({command.starts_at_ms}) and the present ({now_ms})"
        raise InvalidValueError("ends_at_ms", command.ends_at_ms, allowed)
    location = book.travel.locate(command.point)
    rider_id, starts_at_ms, ends_at_ms = command.rider_id, command.starts_at_ms, command.ends_at_ms
    book.state.announced[rider_id] = RiderView(
        rider_id, location, starts_at_ms, ends_at_ms, is_free=False, shift_started_at_ms=starts_at_ms
    )
    book.coming = None
    if not book.is_on_duty(rider_id):
        book.state.freight.note_capacity(rider_id, capacity_of(command.vehicle, command.capacity))
    return [ShiftAnnounced(rider_id, location, starts_at_ms, ends_at_ms)]


def end_shift(book: Book, command: EndShift, now_ms: Millis) -> list[Event]:
    """Let a rider go off duty: at once when idle or only asked, else with the end of the present trip.

    Raises
    ------
    ConflictError
        If the rider is off duty, or leaves after the present trip anyway.
    """
    rider = book.rider(command.rider_id)
    if rider.state is RiderState.OFF_DUTY or rider.leaving:
        raise ConflictError(f"the shift of rider {rider.rider_id!r} has ended or is ending already")
    happened: list[Event] = []
    if rider.state is RiderState.OFFERED:
        trip = book.trip_of(rider)
        take_back(book, rider, trip, now_ms)
        happened.append(OfferDeclined(trip.trip_id, rider.rider_id, trip.order_ids, SHIFT_ENDED))
    elif rider.trip_id is not None:
        rider.leaving = True
        rider.shift_ends_at_ms = min(rider.shift_ends_at_ms, now_ms)
        return []
    book.go_off_duty(rider, RiderStep.END_SHIFT)
    return [*happened, ShiftEnded(rider.rider_id)]


def note_position(book: Book, event: RiderMoved, now_ms: Millis) -> list[Event]:
    """Remember where a rider on duty was seen; the next decision looks at the idle ones."""
    rider = book.state.riders.get(event.rider_id)
    if rider is not None and rider.state is not RiderState.OFF_DUTY:
        rider.reported = event.point
        rider.is_tracked = True
    return []
