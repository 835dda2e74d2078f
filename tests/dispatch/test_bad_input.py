"""What cannot be is refused on construction, with the field and what is allowed; what waits says why."""

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from dispatch.book import Book
from dispatch.explain import NO_FREE_RIDER, NO_RIDER_IN_TIME, NO_RIDER_ON_DUTY
from dispatch.matching import MATCHERS, Budget
from dispatch.merchant_places import REACHABLE_MS
from dispatch.params import DispatchParams, RescueParams, VerifierParams
from domain.commands import (
    AcceptOffer,
    ArriveAtMerchant,
    EndShift,
    PickUpOrder,
    ReportBreakdown,
    StartShift,
)
from domain.errors import InvalidValueError, PeaklineError
from domain.events import OrderHeld, OrderOffered
from domain.geo import Frame, Point
from domain.pay import PayScheme
from domain.places import City, Merchant, PromisePolicy
from domain.plans import ServiceRules, ServiceTimes
from domain.units import MINUTE_MS, Millis
from roads.plane import MetricPlane
from sim.spec import RiderShift
from tests.dispatch.desk import PARAMS, START_MS, TIMES, TOWN, Desk

NAN = float("nan")


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: DispatchParams(epoch_ms=0), "epoch_ms"),
        (lambda: DispatchParams(epoch_ms=NAN), "epoch_ms"),  # type: ignore[arg-type]
        (lambda: DispatchParams(recent_ms=0), "recent_ms"),
        (lambda: DispatchParams(solve_timeout_ms=-1), "solve_timeout_ms"),
        (lambda: VerifierParams(food_age_ms=-1), "food_age_ms"),
        (lambda: VerifierParams(detour_ms=NAN), "detour_ms"),  # type: ignore[arg-type]
        (lambda: RescueParams(silent_ms=0), "silent_ms"),
        (lambda: ServiceRules(time_grid_ms=0), "time_grid_ms"),
        (lambda: ServiceRules(max_orders_per_trip=0), "max_orders_per_trip"),
        (lambda: ServiceTimes(pickup_before_ms=-1), "pickup_before_ms"),
        (lambda: ServiceTimes(dropoff_after_ms=-1), "dropoff_after_ms"),
        (lambda: Merchant("m", "M", Point(0, 0), -1), "preparation_ms"),
        (lambda: PromisePolicy(floor_ms=-1), "floor_ms"),
        (lambda: PayScheme(per_order_cents=-1), "per_order_cents"),
        (lambda: Budget(iterations=-1), "iterations"),
        (lambda: RiderShift("r", "R", Point(0, 0), START_MS, START_MS), "ends_at_ms"),
        (lambda: replace(TOWN, merchants=TOWN.merchants * 2), "merchants"),
    ],
)
def test_the_field_and_what_is_allowed_are_named(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        make()
    assert refused.value.field == field
    assert refused.value.allowed
    assert field in str(refused.value)


# --- merchants ---


class CutOff(MetricPlane):
    """A plane with an island: no drive from west of -1,000 km to the rest takes less than for ever."""

    def durations_ms(self, origins: object, destinations: object, depart_ms: Millis) -> NDArray[np.int64]:
        found = super().durations_ms(origins, destinations, depart_ms)  # type: ignore[arg-type]
        for column, key in enumerate(destinations):  # type: ignore[arg-type, var-annotated]
            if self.point(key).x < -1e6:
                found[:, column] = -(2**31)
        return found


def book(city: City, plane: MetricPlane) -> Book:
    return Book(city, plane, plane, ServiceRules(), TIMES, PARAMS)


@pytest.mark.parametrize(
    ("plane", "x"), [(MetricPlane(300.0), 2e6), (CutOff(300.0), -2e6)], ids=["far", "island"]
)
def test_an_unreachable_merchant_is_refused(plane: MetricPlane, x: float) -> None:
    city = replace(TOWN, merchants=(*TOWN.merchants, Merchant("m-9", "Far", Point(x, 0.0))))
    with pytest.raises(InvalidValueError) as refused:
        book(city, plane)
    assert "m-9" in refused.value.field
    assert str(REACHABLE_MS) in refused.value.allowed


def test_a_merchant_outside_the_city_is_named() -> None:
    city = replace(TOWN, merchants=(*TOWN.merchants, Merchant("m-9", "Far", Point(1e9, 0.0))))
    with pytest.raises(InvalidValueError, match="m-9"):
        book(city, MetricPlane(300.0))


def test_a_city_may_have_no_merchant_yet() -> None:
    assert book(City("Empty", Frame.PLANE, "UTC", ()), MetricPlane(300.0)).merchant_locations == {}


# --- riders without a shift ---


@pytest.mark.parametrize("rider_id", ["never-seen", "went-home"])
def test_a_rider_without_a_shift_can_do_nothing(rider_id: str) -> None:
    desk = Desk()
    desk.rider("went-home")
    desk.say(EndShift("went-home"))
    order_id = desk.order()
    for command in (
        EndShift(rider_id),
        ReportBreakdown(rider_id),
        AcceptOffer(rider_id, "trip-1"),
        ArriveAtMerchant(rider_id),
        PickUpOrder(rider_id, order_id),
    ):
        assert isinstance(desk.refuses(command), PeaklineError)
    assert isinstance(desk.refuses(StartShift(rider_id, Point(0, 0), desk.now_ms)), InvalidValueError)


# --- nobody can ---


@pytest.mark.parametrize("policy", [*sorted(MATCHERS), "fallback"])
def test_an_order_that_nobody_can_carry_is_held_with_its_reason_and_tried_again(policy: str) -> None:
    params = DispatchParams(solve_timeout_ms=1) if policy == "fallback" else PARAMS
    desk = Desk(policy=None if policy == "fallback" else policy, params=params)
    order_id = desk.order(ready_in_ms=MINUTE_MS)
    desk.wait(5)
    assert reasons(desk) == [NO_RIDER_ON_DUTY]
    # Too far away to be there before the end of the shift.
    desk.rider("rider-1", x=9_000.0, hours=0.25)
    desk.wait(MINUTE_MS)
    assert reasons(desk)[-1] in {NO_RIDER_IN_TIME, NO_FREE_RIDER}
    assert list(desk.state.waiting) == [order_id]
    desk.rider("rider-2")
    desk.wait(2 * MINUTE_MS)
    offers = [r.message for r in desk.log.records if isinstance(r.message, OrderOffered)]
    assert [(offer.order_id, offer.rider_id) for offer in offers[:1]] == [(order_id, "rider-2")]


def reasons(desk: Desk) -> list[str]:
    return [r.message.explanation.reason for r in desk.log.records if isinstance(r.message, OrderHeld)]
