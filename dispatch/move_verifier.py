"""The part of the verifier that looks at moves: whoever is sent somewhere without an order has nothing to do.

Like the rest of it, it shares no code with what plans moves or carries them out.
"""

from collections.abc import Iterator

from dispatch.snapshot import Snapshot
from dispatch.violations import (
    ALREADY_MOVING,
    MOVED_NEAR_END,
    MOVED_TOO_FAR,
    MOVED_TWICE,
    MOVED_WITH_WORK,
    MOVES_FORBIDDEN,
    RIDER_NOT_FREE,
    UNKNOWN_RIDER,
)
from domain.ids import RiderId
from domain.plans import DispatchPlan, Move, Violation
from domain.ports import TravelTimes
from domain.units import MINUTE_MS


def broken_by_moves(snapshot: Snapshot, plan: DispatchPlan, travel: TravelTimes) -> Iterator[Violation]:
    """Yield the hard constraints that the moves of a plan break."""
    if not snapshot.rules.prepositioning or snapshot.prepositioning is None:
        why = "is not asked for" if snapshot.rules.prepositioning else "is not allowed in this city"
        for move in plan.moves:
            yield _broken(MOVES_FORBIDDEN, move, f"moving riders without an order {why}")
        return
    working = {trip.rider_id for trip in plan.trips} | {queued.rider_id for queued in plan.queues}
    seen: set[RiderId] = set()
    for move in plan.moves:
        if move.rider_id in seen:
            yield _broken(MOVED_TWICE, move, "is moved twice")
        if move.rider_id in working:
            yield _broken(MOVED_WITH_WORK, move, "has a trip in this plan")
        seen.add(move.rider_id)
        yield from _of_rider(snapshot, move, travel)


def _of_rider(snapshot: Snapshot, move: Move, travel: TravelTimes) -> Iterator[Violation]:
    params = snapshot.prepositioning
    rider = next((rider for rider in snapshot.riders if rider.rider_id == move.rider_id), None)
    if rider is None or params is None:
        yield _broken(UNKNOWN_RIDER, move, "is not on duty")
        return
    if not rider.is_free:
        free_in = (rider.free_at_ms - snapshot.at_ms) / MINUTE_MS
        yield _broken(RIDER_NOT_FREE, move, f"is free in {free_in:.1f} min")
    if any(other.rider_id == move.rider_id for other in snapshot.moving):
        yield _broken(ALREADY_MOVING, move, "is on the way to a place to wait at")
    drive_ms = travel.duration_ms(rider.location, move.location, snapshot.at_ms)
    if drive_ms > params.most_drive_ms:
        most = params.most_drive_ms / MINUTE_MS
        yield _broken(MOVED_TOO_FAR, move, f"{drive_ms / MINUTE_MS:.1f} min away, at most {most:.1f}")
    left_ms = rider.shift_ends_at_ms - snapshot.at_ms
    if left_ms < params.before_end_ms:
        least = params.before_end_ms / MINUTE_MS
        detail = f"{left_ms / MINUTE_MS:.1f} min before the end of the shift, at least {least:.1f}"
        yield _broken(MOVED_NEAR_END, move, detail)


def _broken(kind: str, move: Move, detail: str) -> Violation:
    return Violation(kind, None, move.rider_id, detail)
