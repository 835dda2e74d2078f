"""First stage after the hold: the fix becomes the rider's latest, and teaches the cadence of the phone."""

from domain.fixes import Fix
from domain.units import Millis
from tracking.params import SilenceParams
from tracking.scene import Scene
from tracking.stages.reasons import DropReason
from tracking.state import RiderTrack

LONGEST_STEP = 3.0
"""An interval counts as at most this many cadences: one gap must not teach a phone to be slow."""


def take_up(fix: Fix, track: RiderTrack, scene: Scene, now_ms: Millis) -> DropReason | None:
    """Make a fix the latest of its rider, unless a later one is known or it is not of this shift."""
    if not track.on_duty or fix.fixed_at_ms < track.shift_started_ms:
        return DropReason.OUT_OF_SHIFT
    interval_ms = fix.fixed_at_ms - track.fixed_at_ms
    if interval_ms < 0 or (interval_ms == 0 and fix.sequence <= track.sequence):
        return DropReason.OVERTAKEN
    if track.fixed_at_ms >= track.shift_started_ms:
        _learn_cadence(track, interval_ms, scene.params.silence)
    track.fixed_at_ms = fix.fixed_at_ms
    track.sequence = fix.sequence
    track.point = fix.point
    return None


def _learn_cadence(track: RiderTrack, interval_ms: Millis, silence: SilenceParams) -> None:
    known_ms = track.cadence_ms
    if known_ms <= 0:
        track.cadence_ms = min(float(interval_ms), LONGEST_STEP * silence.first_cadence_ms)
        return
    counted_ms = min(interval_ms, LONGEST_STEP * known_ms)
    track.cadence_ms = known_ms + silence.learning_rate * (counted_ms - known_ms)
