"""The figures of a day that was computed by hand."""

import pytest

from dispatch.metrics import METRICS, Day, compute_metrics
from dispatch.timelines import Timelines
from domain import events
from domain.errors import InvalidValueError
from domain.geo import Point
from domain.pay import PayScheme
from domain.units import MINUTE_MS
from tests.dispatch.a_day import assigned, at, placed, shift


def a_day() -> Timelines:
    """Return two riders (4 h and 2 h) and four orders: on time, late, called off, never served."""
    day = Timelines()
    day.extend(
        [
            (shift("r-1", 4), at(0)),
            (shift("r-2", 2), at(0)),
            (placed("o-1", 10, 40), at(0)),
            (placed("o-2", 20, 40), at(5)),
            (placed("o-3", 20, 45), at(5)),
            (placed("o-4", 20, 45), at(5)),
            (events.OrderConfirmed("o-2", at(25)), at(6)),
            (events.TripAssigned("trip-1", "r-1", "m-1", ("o-1", "o-2"), ()), at(8)),
            (assigned("o-1", "r-1"), at(8)),
            (assigned("o-2", "r-1"), at(8)),
            (events.TripAssigned("trip-2", "r-2", "m-1", ("o-3",), ()), at(9)),
            (assigned("o-3", "r-2", "trip-2"), at(9)),
            (events.OrderReady("o-1"), at(12)),
            (events.OrderCanceled("o-3", "r-2", ""), at(15)),
            (events.OrderPickedUp("o-1", "r-1", "trip-1"), at(20)),
            (events.OrderPickedUp("o-2", "r-1", "trip-1"), at(27)),
            (events.OrderDelivered("o-1", "r-1", "trip-1"), at(40)),
            (events.OrderDelivered("o-2", "r-1", "trip-1"), at(47)),
            (events.RiderMoved("r-1", 0, Point(0.0, 0.0), None, None), at(48)),
        ]
    )
    return day


def test_a_day_by_hand() -> None:
    figures = compute_metrics(Day(a_day(), PayScheme(1_000, 1_500)))
    assert figures["click_to_door_min"] == pytest.approx((40 + 42) / 2)
    assert figures["click_to_taken_min"] == pytest.approx((8 + 3) / 2)
    assert figures["ready_to_pickup_min"] == pytest.approx((8 + 2) / 2)
    assert figures["ready_to_door_min"] == pytest.approx((28 + 22) / 2)
    assert figures["on_time_pct"] == pytest.approx(25)
    assert figures["late_or_undelivered_pct"] == pytest.approx(75)
    assert figures["undelivered_pct"] == pytest.approx(50)
    # 4 h x 15 = 60 and 2 h x 15 = 30, both more than the piece pay, over two orders.
    assert figures["cost_per_order"] == pytest.approx(45)
    assert figures["orders_per_rider_hour"] == pytest.approx(2 / 6)
    assert figures["orders_per_bundle"] == pytest.approx(1.5)


def test_piece_pay_above_the_guarantee() -> None:
    figures = compute_metrics(Day(a_day(), PayScheme(5_000, 1_500)))
    assert figures["cost_per_order"] == pytest.approx((100 + 30) / 2)


def test_on_a_grid_instants_are_floored_first() -> None:
    day = Timelines()
    day.extend(
        [
            (placed("o-1", 1.5, 40), at(0.9)),
            (events.OrderPickedUp("o-1", "r-1", "trip-1"), at(3.2)),
            (events.OrderDelivered("o-1", "r-1", "trip-1"), at(40.9)),
        ]
    )
    figures = compute_metrics(Day(day, grid_ms=MINUTE_MS))
    assert figures["click_to_door_min"] == 40
    assert figures["ready_to_pickup_min"] == 2
    assert figures["on_time_pct"] == 100
    assert compute_metrics(Day(day))["on_time_pct"] == 0


def test_food_that_was_taken_was_ready() -> None:
    day = Timelines()
    day.extend(
        [
            (placed("o-1", 30, 40), at(0)),
            (events.OrderPickedUp("o-1", "r-1", "trip-1"), at(20)),
            (events.OrderDelivered("o-1", "r-1", "trip-1"), at(30)),
        ]
    )
    figures = compute_metrics(Day(day))
    assert figures["ready_to_pickup_min"] == 0
    assert figures["ready_to_door_min"] == 10


def test_an_empty_day_has_no_means() -> None:
    figures = compute_metrics(Day(Timelines()))
    assert {name for name, value in figures.items() if value} == set()


def test_every_figure_says_what_it_is() -> None:
    assert len({metric.name for metric in METRICS}) == len(METRICS)
    assert all(metric.unit and metric.meaning for metric in METRICS)


def test_pay_is_not_negative() -> None:
    with pytest.raises(InvalidValueError):
        PayScheme(per_order_cents=-1)
