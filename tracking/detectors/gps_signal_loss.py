"""Nothing is heard from the phone of a rider on duty."""

from domain.incidents import IncidentType, Severity
from domain.units import Millis
from tracking.detectors.detector import RiderDetector
from tracking.findings import Finding, Standing
from tracking.scene import Scene, seconds
from tracking.state import NEVER_MS, RiderTrack


class GpsSignalLoss(RiderDetector):
    """Silence for max(60 s, 6 cadences); serious after 180 s with food, 600 s without (tracking.md, row 9).

    A rider who never sent a fix is silent since the start of the shift. A gap is measured between device
    stamps and judged when every fix that could end it has left the hold.
    """

    type = IncidentType.GPS_SIGNAL_LOSS

    def look(self, rider: RiderTrack, scene: Scene, now_ms: Millis) -> Finding:
        """Say whether a rider is silent."""
        silence = scene.params.silence
        cadence_ms = rider.cadence_ms or silence.first_cadence_ms
        threshold_ms = max(silence.shortest_ms, int(silence.cadences * cadence_ms))
        minor_at_ms = scene.released_at_ms(rider.heard_at_ms + threshold_ms)
        if now_ms < minor_at_ms:
            return Finding(Standing.CLEAR, reason="fixes_returned", look_again_ms=minor_at_ms)
        carried = scene.state.carried_by(rider)
        serious_ms = max(silence.serious_with_food_ms if carried else silence.serious_ms, threshold_ms)
        serious_at_ms = scene.released_at_ms(rider.heard_at_ms + serious_ms)
        is_serious = now_ms >= serious_at_ms
        return Finding(
            Standing.MET,
            Severity.SERIOUS if is_serious else Severity.MINOR,
            _evidence(rider, carried, scene),
            "call_rider",
            look_again_ms=None if is_serious else serious_at_ms,
        )


def _evidence(rider: RiderTrack, carried: int, scene: Scene) -> str:
    since = scene.exact_clock(rider.heard_at_ms)
    load = f", carrying {carried} order{'s' if carried > 1 else ''}" if carried else ""
    if rider.fixed_at_ms == NEVER_MS or rider.fixed_at_ms < rider.shift_started_ms:
        return f"no position since the shift began at {since}{load}"
    usual = f" (usually every {seconds(rider.cadence_ms)} s)" if rider.cadence_ms else ""
    return f"no position since {since}{usual}{load}"
