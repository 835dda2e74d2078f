"""An order will probably be late."""

from domain.incidents import IncidentType, Severity
from domain.units import Millis
from tracking.detectors.detector import OrderDetector
from tracking.eta.model import KITCHEN
from tracking.findings import Finding, Standing
from tracking.scene import Scene
from tracking.state import NEVER_MS, OrderTrack

BECAME_LATE = Finding(Standing.OVER, reason="became_late")
ON_TIME_AGAIN = Finding(Standing.CLEAR, reason="on_time_again")
OUT_OF_HANDS = Finding(Standing.OVER, reason=ON_TIME_AGAIN.reason)
"""With the food on its way in time, what was suggested before the pickup must not stand on."""
UNCERTAIN = Finding(Standing.UNCERTAIN)


class LatePredicted(OrderDetector):
    """P(late) at or above 0.6 twice; let go below 0.35; serious at 0.85 or 10 min (tracking.md, row 1).

    Once the promise has passed it is over: the order is late then, and no prediction. It is over as well once
    the food is on its way in time.
    """

    type = IncidentType.LATE_PREDICTED

    def look(self, order: OrderTrack, scene: Scene, now_ms: Millis) -> Finding:
        """Say whether an order will probably be late."""
        lateness = scene.params.lateness
        if now_ms > order.promised_at_ms:
            return BECAME_LATE
        if order.late_probability < lateness.leave_probability:
            return OUT_OF_HANDS if order.is_picked_up else ON_TIME_AGAIN
        since_ms = order.likely_late_since_ms
        if since_ms == NEVER_MS or order.refreshed_at_ms - since_ms < lateness.confirm_ms:
            return UNCERTAIN
        late_ms = order.eta_at_ms - order.promised_at_ms
        is_serious = (
            order.late_probability >= lateness.serious_probability or late_ms >= lateness.serious_late_ms
        )
        return Finding(
            Standing.MET,
            Severity.SERIOUS if is_serious else Severity.MINOR,
            _evidence(order, scene),
            _action(order),
        )


def _action(order: OrderTrack) -> str:
    """Return what helps: the food on its way cannot be sped up, and another rider cooks no faster."""
    if order.is_picked_up:
        return "inform_customer"
    return "call_merchant" if order.slowest == KITCHEN else "reassign"


def _evidence(order: OrderTrack, scene: Scene) -> str:
    return (
        f"promised {scene.clock(order.promised_at_ms)}, expected {scene.clock(order.eta_at_ms)} "
        f"(late with probability {order.late_probability:.2f}); slowest leg: {order.slowest}"
    )
