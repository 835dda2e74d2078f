"""Parameters of the ``rolling`` policy."""

from dataclasses import dataclass, replace
from functools import lru_cache

from domain.errors import InvalidValueError
from domain.units import HOUR_MS, MINUTE_MS, Millis


@dataclass(frozen=True, slots=True)
class RollingParams:
    """What a plan of queues costs, how far it looks ahead, and how it is searched.

    The defaults were chosen on the Grubhub days of seeds 0, 1, 3 and 4, and confirmed on seeds 5, 8 and 9
    (docs/explanation/dispatch-quality.md).

    Attributes
    ----------
    late_pct : int
        Cost of a minute beyond the promise, in percent of the cost of a minute before it.
    broken_promise_ms : int
        Cost of breaking a promise, as delay. An order that is late anyway gets no further urgency from it:
        the others are saved.
    unassigned_ms : int
        Cost of having no rider, as delay, beyond what its wait so far has cost.
    pay_ms : int
        Cost of one more order for a rider who earned an order's pay beyond the guarantee, as delay.
    most_trips, most_orders : int
        Trips of a queue and orders of a trip, at most.
    iterations : int
        Ruins of a decision, at most; a decision of little delay needs fewer.
    removed : int
        Orders taken out by a ruin.
    noise_ms : int
        Random part of relatedness.
    expected_weight_pct : int
        Weight of an order that is only expected, in percent of a real one.
    expected_ahead_ms : int
        How far ahead orders are expected.
    futures : int
        Futures that are drawn for a decision, at most.
    future_cells : int
        Futures times riders times orders, recent ones too: larger decisions get fewer futures, down to one.
        Without pressure a quarter of it.
    pressed_pct, overloaded_pct : int
        Open orders in percent of riders from which on a decision is *pressed*, and *overloaded*. Below the
        first there are riders enough: neither expected orders nor ruins change anything that can be measured.
        Above the second not everybody can be served in time.
    small_cells : int
        With at most this many riders times orders a decision is searched even without pressure: it costs
        little, and single orders matter.
    search_cells : int
        Iterations times riders times orders: larger decisions get fewer iterations, down to half.
    overloaded_late_pct, overloaded_broken_promise_ms, overloaded_unassigned_ms : int
        The costs under overload: who is late anyway waits, so that others are not, but nobody is left out.
    most_cells : int
        With more riders times orders than this the decision is made by min-cost flows.
    """

    late_pct: int = 110
    broken_promise_ms: Millis = 8 * MINUTE_MS
    unassigned_ms: Millis = 4 * HOUR_MS
    pay_ms: Millis = MINUTE_MS
    most_trips: int = 3
    most_orders: int = 4
    iterations: int = 40
    removed: int = 5
    noise_ms: Millis = 4 * MINUTE_MS
    expected_weight_pct: int = 50
    expected_ahead_ms: Millis = 20 * MINUTE_MS
    futures: int = 8
    future_cells: int = 40_000
    pressed_pct: int = 35
    small_cells: int = 1_500
    search_cells: int = 120_000
    overloaded_pct: int = 200
    overloaded_late_pct: int = 10
    overloaded_broken_promise_ms: Millis = 20 * MINUTE_MS
    overloaded_unassigned_ms: Millis = 2_000 * MINUTE_MS
    most_cells: int = 400_000

    def __post_init__(self) -> None:
        for name in (
            "late_pct",
            "broken_promise_ms",
            "pay_ms",
            "iterations",
            "expected_ahead_ms",
            "pressed_pct",
            "small_cells",
            "future_cells",
            "search_cells",
        ):
            if getattr(self, name) < 0:
                raise InvalidValueError(name, getattr(self, name), "0 or more")
        for name in (
            "unassigned_ms",
            "most_trips",
            "most_orders",
            "removed",
            "noise_ms",
            "futures",
            "most_cells",
        ):
            if getattr(self, name) < 1:
                raise InvalidValueError(name, getattr(self, name), "1 or more")
        if not 0 <= self.expected_weight_pct <= 100:
            raise InvalidValueError("expected_weight_pct", self.expected_weight_pct, "0 to 100")

    def in_force(self, orders: int, riders: int, recent: int) -> "RollingParams":
        """Return the parameters under the pressure of so many open and recent orders on so many riders."""
        cells = max(1, orders * riders)
        pressed = 100 * orders >= self.pressed_pct * riders
        if not pressed and cells > self.small_cells:
            return _changed(self, iterations=0, expected_weight_pct=0)
        iterations = max((self.iterations + 1) // 2, min(self.iterations, self.search_cells // cells))
        future_cells = self.future_cells if pressed else self.future_cells // 4
        futures = max(1, min(self.futures, future_cells // max(1, riders * (orders + recent))))
        if 100 * orders > self.overloaded_pct * riders:
            return _changed(
                self,
                iterations=iterations,
                futures=futures,
                late_pct=self.overloaded_late_pct,
                broken_promise_ms=self.overloaded_broken_promise_ms,
                unassigned_ms=self.overloaded_unassigned_ms,
            )
        return _changed(self, iterations=iterations, futures=futures)


@lru_cache(maxsize=256)
def _changed(params: RollingParams, **changes: int) -> RollingParams:
    """Return changed parameters; to check two dozen numbers takes longer than to pose the riders."""
    return replace(params, **changes)
