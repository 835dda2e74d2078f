"""Idle riders under way to a place where they are to wait, and where they are meanwhile.

A rider under way is as free as one who stands: at each decision the rider is where the way there has led by
then. A reported position that is clearly elsewhere counts more, and the way is planned anew from there.
"""

from dataclasses import replace

from dispatch.book import Book, RiderRecord
from dispatch.routes import drive, place_along
from dispatch.snapshot import MoveUnderWay, MovingRider
from domain.events import Event, MoveAdvised
from domain.plans import Move
from domain.ports import LocationKey
from domain.riders import RiderState
from domain.units import Millis


def decide_for_idle(book: Book, earliest_ms: Millis) -> None:
    """See to it that a decision comes for a rider who becomes free, where such riders may be moved."""
    state = book.state
    if book.params.prepositioning is None or state.pending_decision is not None:
        return
    if state.epoch_due_ms is None:
        state.epoch_due_ms = book.epoch_from(earliest_ms)


def whereabouts(book: Book, rider: RiderRecord, now_ms: Millis) -> LocationKey:
    """Return where a rider who is free, or is only asked, is at an instant, as far as is known."""
    move = book.state.moves.get(rider.rider_id)
    return rider.location if move is None else place_along(move.leg, move.left_at_ms, now_ms)


def settle_moves(book: Book, now_ms: Millis) -> None:
    """Note where the riders under way are by now; who has arrived is under way no longer."""
    for rider_id, move in list(book.state.moves.items()):
        rider = book.state.riders[rider_id]
        rider.location = place_along(move.leg, move.left_at_ms, now_ms)
        if move.arrives_at_ms <= now_ms:
            del book.state.moves[rider_id]


def correct_moves(book: Book, now_ms: Millis) -> None:
    """Plan the way anew of riders who were found elsewhere than where theirs had led."""
    for rider_id, move in book.state.moves.items():
        here = book.state.riders[rider_id].location
        if here != place_along(move.leg, move.left_at_ms, now_ms):
            leg = drive(book, here, move.leg.destination, now_ms)
            book.state.moves[rider_id] = replace(move, leg=leg, left_at_ms=now_ms)


def riders_under_way(book: Book) -> tuple[MovingRider, ...]:
    """Return the riders under way for a snapshot, by id."""
    return tuple(
        MovingRider(rider_id, move.leg.destination, move.arrives_at_ms)
        for rider_id, move in sorted(book.state.moves.items())
    )


def advise(book: Book, move: Move, now_ms: Millis) -> list[Event]:
    """Advise a rider to wait elsewhere who still has nothing to do, and is on no such way already."""
    rider = book.state.riders.get(move.rider_id)
    if rider is None or not _can_be_moved(book, rider, now_ms):
        return []
    leg = drive(book, rider.location, move.location, now_ms)
    under_way = MoveUnderWay(leg, now_ms)
    book.state.moves[rider.rider_id] = under_way
    kitchens = (m for m, location in book.merchant_locations.items() if location == move.location)
    return [MoveAdvised(rider.rider_id, next(kitchens, None), leg, under_way.arrives_at_ms, move.explanation)]


def _can_be_moved(book: Book, rider: RiderRecord, now_ms: Millis) -> bool:
    return (
        book.rules.prepositioning
        and rider.state is RiderState.IDLE
        and rider.trip_id is None
        and not rider.leaving
        and rider.free_at_ms <= now_ms
        and rider.rider_id not in book.state.moves
        and all(pin.rider_id != rider.rider_id for pin in book.state.pins.values())
    )
