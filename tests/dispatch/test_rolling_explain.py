"""Every way in which rolling decides is explained again, to the last digit."""

from dataclasses import replace

import pytest

from dispatch.explain import CHEAPEST_PLAN, JOINS_TRIP, NO_RIDER_ON_DUTY
from dispatch.explain_again import POLICIES_OF_QUEUES, explain_again
from dispatch.matching import MATCHERS, Budget
from dispatch.matching.rolling_explain import explain_trip_again, is_for_whole_city
from dispatch.snapshot import Snapshot
from domain.errors import InvalidValueError
from domain.ports import TravelTimes
from tests.dispatch.desk import START_MS
from tests.dispatch.situations import ADDING, GRUBHUB_LIKE, situation


def reasons_again(policy: str, snapshot: Snapshot, travel: TravelTimes) -> set[str]:
    plan = MATCHERS[policy].decide(snapshot, travel, Budget())
    explained = explain_again(snapshot, plan, travel)
    assert explained
    assert [each for each in explained if not each.is_same] == []
    return {each.logged.reason for each in explained}


@pytest.mark.parametrize("policy", POLICIES_OF_QUEUES)
def test_with_additions_to_open_trips(policy: str) -> None:
    reasons: set[str] = set()
    for seed in range(5):
        reasons |= reasons_again(policy, *situation(seed, 12, 20, ADDING))
    assert {JOINS_TRIP, CHEAPEST_PLAN} <= reasons


def test_a_whole_city() -> None:
    snapshot, plane = situation(1, 660, 640, GRUBHUB_LIKE, merchants=40, side_m=9_000)
    plan = MATCHERS["rolling"].decide(snapshot, plane, Budget())
    assert is_for_whole_city(snapshot, plan)
    assert CHEAPEST_PLAN in reasons_again("rolling", snapshot, plane)


def test_nobody_on_duty() -> None:
    snapshot, plane = situation(1, 0, 3, GRUBHUB_LIKE)
    assert reasons_again("rolling", snapshot, plane) == {NO_RIDER_ON_DUTY}


def test_a_plan_that_cannot_be_is_refused() -> None:
    snapshot, plane = situation(2, 4, 6, GRUBHUB_LIKE)
    plan = MATCHERS["rolling"].decide(snapshot, plane, Budget())
    assert plan.trips
    over = tuple(rider._replace(shift_ends_at_ms=START_MS - 1) for rider in snapshot.riders)
    with pytest.raises(InvalidValueError, match=plan.trips[0].rider_id):
        explain_trip_again(replace(snapshot, riders=over), plan, 0, plane)
