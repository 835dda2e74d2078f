"""Third stage, the last on arrival: wait until those measured before it can have arrived."""

from domain.fixes import Fix
from domain.units import Millis
from tracking.scene import Scene
from tracking.stages.reasons import DropReason
from tracking.state import RiderTrack


def reorder(fix: Fix, track: RiderTrack, scene: Scene, now_ms: Millis) -> DropReason | None:
    """Hand a fix to the hold, until stamp + hold; a later one than that goes with the next step.

    The next step rather than at once, so that late fixes that arrive together are still put in order.
    """
    release_ms = scene.released_at_ms(fix.fixed_at_ms)
    if release_ms <= now_ms:
        release_ms = scene.next_step_ms(now_ms)
    scene.state.hold.put(fix, release_ms)
    return None
