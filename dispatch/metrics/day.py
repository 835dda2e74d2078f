"""A day as metrics see it: its timelines, and what the city says beside them."""

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from dispatch.timelines import OrderTimeline, Timelines
from domain.ids import RiderId
from domain.pay import DEFAULT_PAY, PayScheme
from domain.plans import ServiceTimes
from domain.ports import TravelTimes
from domain.units import HOUR_MS, MINUTE_MS, Millis

DEFAULT_TIMES = ServiceTimes()
"""How long stops take where nothing is said."""


@dataclass(frozen=True, slots=True)
class Day:
    """Everything that metrics are computed from.

    Attributes
    ----------
    timelines : Timelines
        Orders, shifts and trips.
    pay : PayScheme
        What riders earn.
    grid_ms : int
        Instants are floored to this grid first (Grubhub counts whole minutes).
    times : ServiceTimes
        How long stops usually take.
    travel : TravelTimes or None
        How long drives take; None: figures that need it are not known.
    """

    timelines: Timelines
    pay: PayScheme = DEFAULT_PAY
    grid_ms: Millis = 1
    times: ServiceTimes = DEFAULT_TIMES
    travel: TravelTimes | None = None

    def floor(self, at_ms: Millis) -> Millis:
        """Return an instant floored to the grid."""
        return at_ms - at_ms % self.grid_ms

    @property
    def orders(self) -> Iterable[OrderTimeline]:
        """All orders, in the sequence of placement."""
        return self.timelines.orders.values()

    def minutes(
        self,
        start: Callable[[OrderTimeline], Millis | None],
        end: Callable[[OrderTimeline], Millis | None],
    ) -> list[float]:
        """Return the minutes between two instants, of the delivered orders for which both are known."""
        spans: list[float] = []
        for order in self.orders:
            first, last = start(order), end(order)
            if order.delivered_at_ms is not None and first is not None and last is not None:
                spans.append((self.floor(last) - self.floor(first)) / MINUTE_MS)
        return spans

    def is_on_time(self, order: OrderTimeline) -> bool:
        """Tell whether an order came by its promise, and a scheduled one not before its window."""
        delivered = order.delivered_at_ms
        if delivered is None or self.floor(delivered) > self.floor(order.promised_at_ms):
            return False
        return order.window_from_ms is None or self.floor(delivered) >= self.floor(order.window_from_ms)

    def delivered(self) -> int:
        """Return the number of delivered orders."""
        return sum(order.delivered_at_ms is not None for order in self.orders)

    def delivered_by(self) -> Counter[RiderId | None]:
        """Return the number of delivered orders by rider."""
        return Counter(order.rider_id for order in self.orders if order.delivered_at_ms is not None)

    def hours(self) -> Counter[RiderId]:
        """Return the milliseconds on shift by rider, each shift as it was announced."""
        hours: Counter[RiderId] = Counter()
        for shift in self.timelines.shifts:
            hours[shift.rider_id] += shift.ends_at_ms - shift.starts_at_ms
        return hours

    def rider_hours(self) -> float:
        """Return the hours of all shifts."""
        return sum(self.hours().values()) / HOUR_MS

    def earned_cents(self) -> dict[RiderId, float]:
        """Return what each rider earned: the larger of piece pay and guarantee."""
        done = self.delivered_by()
        pay = self.pay
        return {
            rider_id: max(
                pay.per_order_cents * done[rider_id], pay.guaranteed_per_hour_cents * span_ms / HOUR_MS
            )
            for rider_id, span_ms in self.hours().items()
        }

    def direct_ms(self, order: OrderTimeline) -> Millis | None:
        """Return the drive from the merchant straight to the door."""
        if self.travel is None:
            return None
        departs_ms = order.ready_at_ms if order.picked_up_at_ms is None else order.picked_up_at_ms
        return self.travel.duration_ms(order.pickup_location, order.dropoff_location, departs_ms)

    def earliest_door_ms(self, order: OrderTimeline, on_duty_ms: Millis = 0) -> Millis | None:
        """Return the instant before which no policy can deliver an order, however clever; None if not known.

        Somebody has been at the merchant for the usual time, takes the food as soon as it is ready, and
        drives straight to the door. Known as the physical bound of an order.

        Parameters
        ----------
        order : OrderTimeline
            The order.
        on_duty_ms : int
            When the first rider of the day came on duty.
        """
        direct_ms = self.direct_ms(order)
        if direct_ms is None:
            return None
        times = self.times
        there_ms = max(self.floor(order.placed_at_ms), self.floor(on_duty_ms)) + times.pickup_before_ms
        taken_ms = max(self.floor(order.ready_at_ms), there_ms)
        return taken_ms + times.pickup_after_ms + direct_ms + times.dropoff_before_ms
