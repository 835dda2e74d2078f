"""Last stage: how far along the planned path the rider is."""

from domain.fixes import Fix
from domain.units import Millis
from tracking.legline import Place, project
from tracking.scene import Scene
from tracking.stages.reasons import DropReason
from tracking.state import NEVER_MS, RiderTrack, TripTrack

STANDING_M = 50.0
"""Progress below this before the planned departure is noise of a rider who still waits: the departure
stays."""


def follow_route(fix: Fix, track: RiderTrack, scene: Scene, now_ms: Millis) -> DropReason | None:
    """Move the rider's progress along the drive under way; a fix that is off the path changes nothing."""
    trip = scene.state.trip_under_way(track)
    if trip is None or not trip.stops or trip.arrived_at_ms != NEVER_MS:
        return None
    route = scene.params.route
    if fix.fixed_at_ms < trip.leg_since_ms or fix.accuracy_m > route.worst_accuracy_m:
        return None
    place = _find(fix, trip, scene)
    if place.off_m > route.off_route_m:
        trip.misses += 1
        return None
    trip.misses = 0
    trip.progress_m = place.progress_m
    if fix.fixed_at_ms >= trip.as_of_ms or place.progress_m > STANDING_M:
        trip.driven_ms = place.driven_ms
        trip.as_of_ms = fix.fixed_at_ms
    return None


def _find(fix: Fix, trip: TripTrack, scene: Scene) -> Place:
    route = scene.params.route
    line = scene.line_of(trip)
    x_m, y_m = scene.plane.meters(fix.point)
    if trip.progress_m < 0:
        return project(line, x_m, y_m, 0.0, line.length_m)
    low_m = trip.progress_m - route.back_m
    is_lost = trip.misses >= route.search_after
    return project(line, x_m, y_m, low_m, line.length_m if is_lost else trip.progress_m + route.ahead_m)
