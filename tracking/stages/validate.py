"""First stage: sort out the fixes that cannot be true."""

from math import isfinite

from domain.fixes import Fix
from domain.units import Millis
from tracking.params import IngestParams
from tracking.scene import Scene
from tracking.stages.reasons import DropReason
from tracking.state import RiderTrack


def validate(fix: Fix, track: RiderTrack, scene: Scene, now_ms: Millis) -> DropReason | None:
    """Reject what cannot be true: no number, outside the city, stamped in 1970 or in the future."""
    if not track.on_duty:
        return DropReason.OFF_DUTY
    ingest = scene.params.ingest
    if fix.fixed_at_ms < now_ms - ingest.oldest_ms:
        return DropReason.STALE
    if fix.fixed_at_ms > now_ms + ingest.future_ms:
        return DropReason.FUTURE
    if fix.sequence < 0:
        return DropReason.BAD_SEQUENCE
    if not scene.reach.contains(fix.point):
        is_number = isfinite(fix.point.x) and isfinite(fix.point.y)
        return DropReason.OUTSIDE_CITY if is_number else DropReason.NOT_FINITE
    return _motion_reason(fix, ingest)


def _motion_reason(fix: Fix, ingest: IngestParams) -> DropReason | None:
    # A comparison with what is not a number is false, so that one chain catches both.
    if not 0 <= fix.accuracy_m <= ingest.worst_accuracy_m:
        return DropReason.BAD_ACCURACY if isfinite(fix.accuracy_m) else DropReason.NOT_FINITE
    if fix.speed_mps is not None and not 0 <= fix.speed_mps <= ingest.fastest_mps:
        return DropReason.BAD_SPEED if isfinite(fix.speed_mps) else DropReason.NOT_FINITE
    if fix.heading_deg is not None and not 0 <= fix.heading_deg <= 360:
        return DropReason.BAD_HEADING if isfinite(fix.heading_deg) else DropReason.NOT_FINITE
    return None
