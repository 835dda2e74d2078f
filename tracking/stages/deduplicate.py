"""Second stage: sort out the fixes that have arrived before."""

from domain.fixes import Fix
from domain.units import Millis
from tracking.scene import Scene
from tracking.stages.reasons import DropReason
from tracking.state import RiderTrack

RING = 64
"""Identities remembered for each rider (tracking.md). A double that comes later still changes nothing: the
hold lets no fix go that is not newer than the last."""

_SEQUENCES = 1_000_003
"""Sequence numbers are told apart within one millisecond up to this prime; the product stays below 2^63."""


def deduplicate(fix: Fix, track: RiderTrack, scene: Scene, now_ms: Millis) -> DropReason | None:
    """Reject a fix that has arrived before: by the highest sequence number, and by the ring below it."""
    identity = fix.fixed_at_ms * _SEQUENCES + fix.sequence % _SEQUENCES
    if fix.sequence > track.high_sequence:
        track.high_sequence = fix.sequence
    elif identity in track.recent:
        return DropReason.DUPLICATE
    if len(track.recent) < RING:
        track.recent.append(identity)
    else:
        track.recent[track.recent_at] = identity
        track.recent_at = (track.recent_at + 1) % RING
    return None
