"""Kitchens: they acknowledge orders, cook, and put the food on the shelf."""

from collections.abc import Mapping
from functools import partial

from domain.commands import ConfirmOrder, MarkOrderReady
from domain.events import OrderCanceled, OrderPlaced
from domain.ids import MerchantId, OrderId
from domain.units import Millis
from sim.demand import DrawnOrder, KitchenSpec
from sim.driver import SimpyDriver
from sim.randomness import StreamKind, Streams, gamma_ms

CONFIRM_CV = 0.5


class Kitchens:
    """All kitchens of the city. What an order needs was drawn with the order, so no policy can change it.

    Parameters
    ----------
    spec : KitchenSpec
        How they work.
    driver : SimpyDriver
        Their way to the control room.
    streams : Streams
        For what is drawn while they work.
    usual_ms : mapping of str to int
        Usual preparation by merchant: how long before it is wanted an order for later is begun.
    """

    def __init__(
        self,
        spec: KitchenSpec,
        driver: SimpyDriver,
        streams: Streams,
        usual_ms: Mapping[MerchantId, Millis],
    ) -> None:
        self._spec = spec
        self._driver = driver
        self._streams = streams
        self._usual_ms = usual_ms
        self._expected: DrawnOrder | None = None
        self._walk_ins = 0
        self._called_off: set[OrderId] = set()

    def expect(self, order: DrawnOrder | None) -> None:
        """Be told which drawn order the next `OrderPlaced` is, None for one from outside."""
        self._expected = order

    def hear_placed(self, event: OrderPlaced) -> None:
        """Begin to cook: at once, or what is wanted for later so that it is ready when it was told to be."""
        order = self._expected
        begins_ms = now_ms = self._driver.now_ms
        if event.window is not None:
            begins_ms = max(now_ms, event.ready_at_ms - self._usual_ms[event.merchant_id])
        if order is None:
            self._walk_ins += 1
            stream = self._streams.stream(StreamKind.WALK_IN_ORDER, self._walk_ins)
            # Somebody outside placed it (through the API): it takes about as long as was told.
            preparation_ms = gamma_ms(stream, event.ready_at_ms - begins_ms, self._spec.preparation_cv)
            stream_key: tuple[int, ...] = (-1, self._walk_ins)
        else:
            preparation_ms, stream_key = order.preparation_ms, order.stream_key
        ready_at_ms = begins_ms + preparation_ms
        self._driver.at(ready_at_ms, partial(self._put_on_shelf, event.order_id))
        if self._spec.confirm_delay_ms is not None:
            self._plan_confirmation(event.order_id, stream_key, ready_at_ms, preparation_ms)

    def hear_canceled(self, event: OrderCanceled) -> None:
        """Stop cooking."""
        self._called_off.add(event.order_id)

    def _plan_confirmation(
        self, order_id: OrderId, stream_key: tuple[int, ...], ready_at_ms: Millis, preparation_ms: Millis
    ) -> None:
        stream = self._streams.stream(StreamKind.KITCHEN, *(part + 1 for part in stream_key))
        delay_ms = gamma_ms(stream, self._spec.confirm_delay_ms or 0, CONFIRM_CV)
        error_ms = round(float(stream.normal()) * self._spec.estimate_error_cv * preparation_ms)
        confirm = partial(self._confirm, order_id, ready_at_ms + error_ms, ready_at_ms)
        self._driver.at(self._driver.now_ms + delay_ms, confirm)

    def _confirm(self, order_id: OrderId, estimate_ms: Millis, ready_at_ms: Millis) -> None:
        # Food that is ready before anybody confirmed was acknowledged by being ready.
        now_ms = self._driver.now_ms
        if order_id not in self._called_off and now_ms < ready_at_ms:
            self._driver.submit(ConfirmOrder(order_id, max(estimate_ms, now_ms)))

    def _put_on_shelf(self, order_id: OrderId) -> None:
        if order_id not in self._called_off:
            self._driver.submit(MarkOrderReady(order_id))
