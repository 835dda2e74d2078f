"""Scheduled orders: known at once, and released to dispatch at the latest safe time.

An order with a delivery window is aimed at a drop-off so much before the window's end that what usually goes
wrong does not break it (``slack_ms``), but not before its start. Counted back from there:

    release -- preparation, or finding a rider and the way there, whichever is longer --> pickup
    pickup  -- taking it, the drive straight to the door, handing it over --> drop-off aimed at

Released earlier, it would bind riders and food would get old; later, it could come after its window. Until
then it does not wait for a rider, and no policy sees it. Food that is ready earlier stays in the kitchen,
where it is kept warm, and the rider leaves later: a rider at the door would stand there with cooling food.
Whoever drives faster than planned waits at the door.
"""

from bisect import insort
from collections.abc import Container
from dataclasses import dataclass, field
from typing import NamedTuple

from dispatch.params import SchedulingParams
from dispatch.snapshot import OrderWindow
from domain.commands import PlaceOrder
from domain.errors import InvalidValueError
from domain.ids import OrderId
from domain.places import Merchant
from domain.plans import ServiceTimes
from domain.schedule import DeliveryWindow
from domain.units import Millis


class Appointment(NamedTuple):
    """When what is done for a scheduled order.

    Attributes
    ----------
    window : DeliveryWindow
        When it is to be handed over.
    ready_at_ms : int
        When its kitchen is expected to have it ready.
    pickup_from_ms : int
        Before this nobody leaves with it.
    release_at_ms : int
        When dispatch begins to look for a rider.
    """

    window: DeliveryWindow
    ready_at_ms: Millis
    pickup_from_ms: Millis
    release_at_ms: Millis


@dataclass(slots=True)
class Schedule:
    """The scheduled orders under way; empty on a day on which nobody asks for a window.

    Attributes
    ----------
    due : list of (int, str)
        When each order that is not released yet will be, earliest first.
    windows : dict
        Window by order, until it is delivered or canceled.
    pickup_from_ms : dict
        By order, when it can be picked up at the earliest.
    """

    due: list[tuple[Millis, OrderId]] = field(default_factory=list)
    windows: dict[OrderId, DeliveryWindow] = field(default_factory=dict)
    pickup_from_ms: dict[OrderId, Millis] = field(default_factory=dict)

    def add(self, order_id: OrderId, appointment: Appointment) -> None:
        """Note an order that is to be released when it is time."""
        self.windows[order_id] = appointment.window
        self.pickup_from_ms[order_id] = appointment.pickup_from_ms
        insort(self.due, (appointment.release_at_ms, order_id))

    def forget(self, order_id: OrderId) -> None:
        """Let an order go that is delivered or canceled."""
        if self.windows.pop(order_id, None) is not None:
            del self.pickup_from_ms[order_id]
            self.due[:] = [entry for entry in self.due if entry[1] != order_id]

    def pickup_ms(self, order_id: OrderId, ready_at_ms: Millis) -> Millis:
        """Return when an order can be picked up whose food is ready at an instant."""
        if not self.pickup_from_ms:
            return ready_at_ms
        return max(ready_at_ms, self.pickup_from_ms.get(order_id, ready_at_ms))

    def shown(self, order_ids: Container[OrderId]) -> tuple[OrderWindow, ...]:
        """Return the windows of some orders."""
        return tuple(
            [
                OrderWindow(order_id, window.earliest_ms, window.latest_ms)
                for order_id, window in self.windows.items()
                if order_id in order_ids
            ]
        )


def check_window(
    command: PlaceOrder, merchant: Merchant, times: ServiceTimes, params: SchedulingParams, now_ms: Millis
) -> None:
    """Refuse a window that cannot be kept.

    Raises
    ------
    InvalidValueError
        If it starts in the past or too far ahead, or ends before anybody could be there with the food.
    """
    window = command.window
    if window is None:
        return
    last_ms = now_ms + params.most_ahead_ms
    if not now_ms <= window.earliest_ms <= last_ms:
        allowed = f"not before the order is placed ({now_ms}), and not after {last_ms}"
        raise InvalidValueError("window.earliest_ms", window.earliest_ms, allowed)
    ready_ms = now_ms + merchant.preparation_ms if command.ready_at_ms is None else command.ready_at_ms
    there_ms = max(ready_ms, now_ms + times.pickup_before_ms)
    could_ms = there_ms + times.pickup_after_ms + times.dropoff_before_ms
    if window.latest_ms < could_ms:
        allowed = f"not before the food can be there ({could_ms})"
        raise InvalidValueError("window.latest_ms", window.latest_ms, allowed)


def make_appointment(
    window: DeliveryWindow,
    told_ready_ms: Millis | None,
    preparation_ms: Millis,
    drive_ms: Millis,
    times: ServiceTimes,
    params: SchedulingParams,
    now_ms: Millis,
) -> Appointment:
    """Return when a scheduled order is to be released, ready and picked up.

    Parameters
    ----------
    window : DeliveryWindow
        When it is to be handed over.
    told_ready_ms : int or None
        When the kitchen says it will be ready; None: as late as is right.
    preparation_ms : int
        The merchant's usual preparation.
    drive_ms : int
        Drive from the merchant straight to the door.
    times, params : ServiceTimes, SchedulingParams
        How long stops take, and how much is kept in hand.
    now_ms : int
        The present.
    """
    carry_ms = times.pickup_after_ms + drive_ms + times.dropoff_before_ms
    pickup_from_ms = window.earliest_ms - carry_ms
    aim_ms = max(pickup_from_ms, window.latest_ms - params.slack_ms - carry_ms)
    reach_ms = params.first_mile_ms + times.pickup_before_ms
    if told_ready_ms is None:
        ready_at_ms = max(now_ms + preparation_ms, aim_ms)
        lead_ms = max(preparation_ms, reach_ms)
    else:
        ready_at_ms = max(told_ready_ms, pickup_from_ms)
        lead_ms = reach_ms
    return Appointment(window, ready_at_ms, pickup_from_ms, max(now_ms, aim_ms - lead_ms))
