"""The read model: everything that people are shown, from the records of the log in their sequence."""

from dataclasses import replace

from domain.commands import ApplyPlan, RecordFixes
from domain.ids import OrderId
from domain.places import City
from domain.plans import Explanation
from domain.ports import StreetPaths
from domain.riders import RiderState
from domain.units import Millis
from runtime.event_log.port import LogRecord
from runtime.projections.incidents import Incidents
from runtime.projections.orders import Orders
from runtime.projections.plans import Plans
from runtime.projections.riders import Riders
from runtime.projections.views import OrderView, Summary


class ReadModel:
    """Views of orders, riders and incidents, and the headline figures.

    Derived records (``RiderMoved``, ``seq`` 0) are taken in like all others; they are not in a log, so that a
    model read from one has no positions until the next fix.

    Parameters
    ----------
    city : City
        Names and places of merchants.
    paths : StreetPaths
        Where location keys are.
    """

    def __init__(self, city: City, paths: StreetPaths) -> None:
        self.city = city
        self.orders = Orders(city, paths)
        self.riders = Riders(paths)
        self.incidents = Incidents()
        self.plans = Plans(self.orders.explanations)
        self.fixes_received = 0
        self.seq = 0

    def apply(self, record: LogRecord) -> None:
        """Take in one record."""
        self.seq = record.seq or self.seq
        message = record.message
        if isinstance(message, RecordFixes):
            self.fixes_received += len(message.fixes)
        elif isinstance(message, ApplyPlan):
            self.plans.hear(message)
        elif not record.is_input:
            self.plans.apply(message)  # type: ignore[arg-type]
            self.orders.apply(message, record.at_ms)  # type: ignore[arg-type]
            self.riders.apply(message)  # type: ignore[arg-type]
            self.incidents.apply(message, record.at_ms)  # type: ignore[arg-type]

    def explanation(self, order_id: OrderId) -> Explanation | None:
        """Return why an order got its rider, or has none; with the rider foreseen for it."""
        explanation = self.orders.explanations.get(order_id)
        if explanation is None or self.orders.all[order_id].rider_id is not None:
            return explanation
        if self.orders.all[order_id].pin is not None:
            return explanation
        return replace(explanation, foreseen=self.plans.foreseen.get(order_id))

    def stops_before(self, order: OrderView) -> int | None:
        """Return how many doors come before the one of an order that is on its way, None for other orders."""
        rider = self.riders.views.get(order.rider_id) if order.rider_id else None
        if rider is None or order.picked_up_at_ms is None:
            return None
        return _doors_before(order.order_id, [stop.order_ids for stop in rider.stops])

    def summary(self, now_ms: Millis) -> Summary:
        """Return the headline figures as of an instant; cost O(riders)."""
        orders = self.orders
        overdue = orders.overdue(now_ms)
        judged = orders.delivered + overdue
        on_time = orders.delivered - orders.delivered_late - orders.delivered_early
        states = [view.state for view in self.riders.views.values()]
        return Summary(
            placed=len(orders.all),
            open=len(orders.open),
            assigned=orders.ever_assigned,
            delivered=orders.delivered,
            canceled=orders.canceled,
            late=orders.delivered_late + overdue,
            on_time_pct=100 * on_time / judged if judged else None,
            riders_on_duty=len(states) - states.count(RiderState.OFF_DUTY),
            riders_idle=states.count(RiderState.IDLE),
            incidents=len(self.incidents.all),
            open_incidents=len(self.incidents.unresolved),
            fixes_received=self.fixes_received,
            median_click_to_door_min=orders.click_to_door.minutes(),
            median_eta_error_min=orders.eta_error.minutes(),
        )


def _doors_before(order_id: OrderId, stops: list[tuple[OrderId, ...]]) -> int | None:
    for index, order_ids in enumerate(stops):
        if order_id in order_ids:
            return index
    return None
