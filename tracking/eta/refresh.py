"""Keeping an order's estimate up to date, and telling when it has changed enough."""

from domain.events import EtaChanged
from domain.units import Millis
from tracking.eta.model import Estimate, estimate, late_probability
from tracking.params import LatenessParams
from tracking.scene import Scene
from tracking.state import NEVER_MS, OrderTrack


def refresh(order: OrderTrack, scene: Scene, now_ms: Millis) -> EtaChanged | None:
    """Estimate an order anew; return what is to be told, None when it is as good as what was told last."""
    found = estimate(order, scene, now_ms)
    probability = late_probability(found, order.promised_at_ms, now_ms)
    _note(order, found, probability, scene.params.lateness, now_ms)
    if not _is_news(order, scene):
        return None
    order.published_eta_at_ms = order.eta_at_ms
    order.published_probability = probability
    half_ms = round(scene.params.eta.window_sd * found.spread_ms)
    earliest_ms = max(now_ms, found.eta_at_ms - half_ms, found.earliest_at_ms)
    return EtaChanged(order.order_id, found.eta_at_ms, earliest_ms, found.eta_at_ms + half_ms, probability)


def _note(
    order: OrderTrack, found: Estimate, probability: float, lateness: LatenessParams, now_ms: Millis
) -> None:
    order.eta_at_ms = found.eta_at_ms
    order.spread_ms = found.spread_ms
    order.slowest = found.slowest
    order.late_probability = probability
    order.refreshed_at_ms = now_ms
    if probability < lateness.enter_probability:
        order.likely_late_since_ms = NEVER_MS
    elif order.likely_late_since_ms == NEVER_MS:
        order.likely_late_since_ms = now_ms


def _is_news(order: OrderTrack, scene: Scene) -> bool:
    if order.published_eta_at_ms == NEVER_MS:
        return True
    if abs(order.eta_at_ms - order.published_eta_at_ms) >= scene.params.eta.step_ms:
        return True
    lateness = scene.params.lateness
    before, after = order.published_probability, order.late_probability
    if before == after:
        return False
    # The last bound is reached when the promise passes, and not before.
    bounds = (lateness.leave_probability, lateness.enter_probability, lateness.serious_probability, 1.0)
    return any((before >= bound) != (after >= bound) for bound in bounds)
