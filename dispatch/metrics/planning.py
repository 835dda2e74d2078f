"""How steady the plans of the day were."""

from itertools import pairwise

from dispatch.metrics.day import Day
from dispatch.metrics.metric import Metric, percent, ratio
from domain.ids import OrderId, RiderId
from domain.plans import DispatchPlan


def _reassignments_per_order(day: Day) -> float | None:
    again = sum(max(0, order.assignments - 1) for order in day.orders)
    return ratio(again, len(day.timelines.orders))


def _plan_churn_pct(day: Day) -> float | None:
    named_again = changed = 0
    for before, after in pairwise(day.timelines.plans):
        named = _riders(after, with_trips=True)
        for order_id, rider_id in _riders(before, with_trips=False).items():
            now = named.get(order_id)
            if now is not None:
                named_again += 1
                changed += now != rider_id
    return percent(changed, named_again)


def _riders(plan: DispatchPlan, *, with_trips: bool) -> dict[OrderId, RiderId]:
    """Return whom a plan foresees for each order, and on demand whom it sends at once."""
    riders = {order_id: trip.rider_id for trip in plan.queues for order_id in trip.order_ids}
    if with_trips:
        riders |= {order_id: trip.rider_id for trip in plan.trips for order_id in trip.order_ids}
    return riders


PLANNING: tuple[Metric, ...] = (
    Metric(
        "reassignments_per_order",
        "1",
        "changes of the rider after an order had been assigned, per order placed",
        _reassignments_per_order,
    ),
    Metric(
        "plan_churn_pct",
        "%",
        "orders foreseen for a rider for whom the next plan names another, of those it names again",
        _plan_churn_pct,
    ),
    Metric(
        "missed_deadlines",
        "1",
        "plans that were cut short by their deadline, or came too late to be used",
        lambda day: day.timelines.missed_deadlines,
    ),
    Metric(
        "broken_plans",
        "1",
        "plans in which the verifier found a broken hard constraint; each was refused",
        lambda day: day.timelines.broken_plans,
    ),
)
"""What plans were like."""
