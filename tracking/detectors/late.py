"""An order is late."""

from domain.incidents import IncidentType, Severity
from domain.units import Millis
from tracking.detectors.detector import OrderDetector
from tracking.findings import Finding, Standing
from tracking.scene import Scene
from tracking.state import OrderTrack


class Late(OrderDetector):
    """Past the promise; serious 10 min past it (tracking.md, row 2). Ends with delivery or cancellation."""

    type = IncidentType.LATE

    def look(self, order: OrderTrack, scene: Scene, now_ms: Millis) -> Finding:
        """Say whether an order is past its promise."""
        late_ms = now_ms - order.promised_at_ms
        if late_ms <= 0:
            return Finding(Standing.CLEAR, look_again_ms=order.promised_at_ms + 1)
        serious_ms = scene.params.lateness.serious_late_ms
        is_serious = late_ms >= serious_ms
        return Finding(
            Standing.MET,
            Severity.SERIOUS if is_serious else Severity.MINOR,
            _evidence(order, scene),
            "inform_customer",
            look_again_ms=None if is_serious else order.promised_at_ms + serious_ms,
        )


def _evidence(order: OrderTrack, scene: Scene) -> str:
    whereabouts = "with the rider" if order.is_picked_up else "not picked up"
    return (
        f"promised {scene.clock(order.promised_at_ms)}, {whereabouts}; "
        f"expected {scene.clock(order.eta_at_ms)}; slowest leg: {order.slowest}"
    )
