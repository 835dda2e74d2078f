"""Compiling what is compiled at first use, so that nobody waits for it: ``python -m runtime.warm_up``."""

from dispatch.matching import MATCHERS, Budget
from dispatch.snapshot import OpenOrder, RecentOrder, RiderView, Snapshot
from domain.geo import Point
from domain.plans import ServiceRules, ServiceTimes
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS
from roads.plane import MetricPlane


def warm_up(policy: str) -> None:
    """Have a policy decide on a small situation; what it compiles is kept for the next process.

    Parameters
    ----------
    policy : str
        A key of ``MATCHERS``.
    """
    plane = MetricPlane(320.0)
    merchant, here, door = (plane.locate(Point(x, 0.0)) for x in (0.0, 500.0, 900.0))
    at_ms = HOUR_MS
    orders = tuple(
        OpenOrder(f"o{k}", "m", merchant, door, at_ms, at_ms + MINUTE_MS, 2 * at_ms, (), "") for k in range(4)
    )
    snapshot = Snapshot(
        decision_id="d",
        at_ms=at_ms,
        next_epoch_ms=at_ms + 15 * SECOND_MS,
        orders=orders,
        riders=tuple(RiderView(f"r{k}", here, at_ms, 3 * at_ms, is_free=True) for k in range(3)),
        rules=ServiceRules(),
        times=ServiceTimes(),
        recent=(RecentOrder(merchant, door, at_ms - 15 * MINUTE_MS, at_ms, at_ms + HOUR_MS),),
    )
    MATCHERS[policy].decide(snapshot, plane, Budget())


if __name__ == "__main__":
    for each in MATCHERS:
        warm_up(each)
