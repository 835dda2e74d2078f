"""Customers: they order, and some give up when nobody takes the order."""

from collections.abc import Iterator
from functools import partial

from domain.commands import CancelOrder, PlaceOrder
from domain.events import OrderAssigned, OrderCanceled, OrderPlaced, OrderReleased
from domain.ids import OrderId
from sim.actors.merchant import Kitchens
from sim.demand import DrawnOrder
from sim.driver import SimpyDriver
from sim.spec import CustomerBehavior


class Customers:
    """Everybody who orders.

    Parameters
    ----------
    orders : iterator of DrawnOrder
        What they order, by time of placement.
    behavior : CustomerBehavior
        What they do afterwards.
    driver : SimpyDriver
        Their way to the control room.
    kitchens : Kitchens
        Learn with each order how long it will really take them.
    """

    def __init__(
        self,
        orders: Iterator[DrawnOrder],
        behavior: CustomerBehavior,
        driver: SimpyDriver,
        kitchens: Kitchens,
    ) -> None:
        self._orders = orders
        self._patience_ms = behavior.cancel_unassigned_after_ms
        self._driver = driver
        self._kitchens = kitchens
        self._unassigned: set[OrderId] = set()
        self.placed = 0
        self.done = False

    def start(self) -> None:
        """Let the first customer come; each next one is only looked for then, so the calendar stays short."""
        order = next(self._orders, None)
        if order is None:
            self.done = True
            return
        self._driver.at(order.placed_at_ms, partial(self._place, order))

    def hear_placed(self, event: OrderPlaced) -> None:
        """Begin to wait for a rider; also customers who came through the API lose patience."""
        if event.window is None:
            self._wait(event.order_id)

    def hear_released(self, event: OrderReleased) -> None:
        """Begin to wait for an order that was wanted for later."""
        self._wait(event.order_id)

    def hear_assigned(self, event: OrderAssigned) -> None:
        """Be content: the order has a rider."""
        self._unassigned.discard(event.order_id)

    def hear_canceled(self, event: OrderCanceled) -> None:
        """Stop waiting."""
        self._unassigned.discard(event.order_id)

    def _place(self, order: DrawnOrder) -> None:
        command = PlaceOrder(
            merchant_id=order.merchant_id,
            dropoff=order.dropoff,
            value_cents=order.value_cents,
            ready_at_ms=order.ready_at_ms,
            promised_at_ms=order.promised_at_ms,
            reference=order.reference,
            load=order.load,
            window=order.window,
        )
        self._kitchens.expect(order)
        self._driver.submit(command)
        self._kitchens.expect(None)
        self.placed += 1
        self.start()

    def _wait(self, order_id: OrderId) -> None:
        if self._patience_ms is not None:
            self._unassigned.add(order_id)
            self._driver.at(self._driver.now_ms + self._patience_ms, partial(self._give_up, order_id))

    def _give_up(self, order_id: OrderId) -> None:
        if order_id in self._unassigned:
            self._unassigned.discard(order_id)
            self._driver.submit(CancelOrder(order_id, "waited too long without a rider"))
