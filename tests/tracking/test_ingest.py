"""What is accepted of a fix, and what becomes of the rest."""

from dataclasses import replace

import pytest

from domain.commands import RecordFixes
from domain.events import FixesRejected, RiderMoved
from domain.fixes import Fix
from domain.geo import Point
from domain.units import HOUR_MS
from tests.tracking.town import START_MS, Player, fix, shift, shift_end

NOW_MS = START_MS + 60_000
GOOD = fix("r-1", NOW_MS - 200, 500.0)
NAN, INFINITE = float("nan"), float("inf")


def on_duty() -> Player:
    player = Player()
    player.play(shift(), START_MS)
    return player


@pytest.mark.parametrize(
    ("bad", "reason"),
    [
        (replace(GOOD, point=Point(NAN, 0.0)), "not_finite"),
        (replace(GOOD, point=Point(0.0, INFINITE)), "not_finite"),
        (replace(GOOD, point=Point(0.0, 5_501.0)), "outside_city"),
        (replace(GOOD, fixed_at_ms=0), "stale"),
        (replace(GOOD, fixed_at_ms=NOW_MS - 25 * HOUR_MS), "stale"),
        (replace(GOOD, fixed_at_ms=NOW_MS + 60_001), "future"),
        (replace(GOOD, sequence=-1), "bad_sequence"),
        (replace(GOOD, accuracy_m=-1.0), "bad_accuracy"),
        (replace(GOOD, accuracy_m=1_000.1), "bad_accuracy"),
        (replace(GOOD, accuracy_m=NAN), "not_finite"),
        (replace(GOOD, speed_mps=-0.1), "bad_speed"),
        (replace(GOOD, speed_mps=70.1), "bad_speed"),
        (replace(GOOD, speed_mps=INFINITE), "not_finite"),
        (replace(GOOD, heading_deg=361.0), "bad_heading"),
        (replace(GOOD, heading_deg=NAN), "not_finite"),
        (replace(GOOD, rider_id="r-9"), "unknown_rider"),
    ],
)
def test_what_cannot_be_true_is_rejected_with_its_reason(bad: Fix, reason: str) -> None:
    player = on_duty()
    assert player.play(RecordFixes((bad,)), NOW_MS) == [FixesRejected(bad.rider_id, reason, 1)]
    assert player.engine.state.hold.next_ms() is None


@pytest.mark.parametrize(
    "good",
    [
        replace(GOOD, point=Point(-5_000.0, 5_500.0)),
        replace(GOOD, fixed_at_ms=NOW_MS + 60_000),
        replace(GOOD, accuracy_m=0.0, speed_mps=0.0, heading_deg=360.0),
        replace(GOOD, accuracy_m=1_000.0, speed_mps=70.0, heading_deg=0.0),
    ],
)
def test_the_limits_themselves_are_allowed(good: Fix) -> None:
    moved = RiderMoved("r-1", good.fixed_at_ms, good.point, good.heading_deg, good.speed_mps)
    assert on_duty().play(RecordFixes((good,)), NOW_MS) == [moved]


def test_rejections_are_counted_by_rider_and_reason() -> None:
    player = on_duty()
    player.play(shift("r-2"), START_MS)
    stale, wild = replace(GOOD, fixed_at_ms=1), replace(GOOD, accuracy_m=-1.0)
    fixes = (stale, wild, stale, GOOD, GOOD, replace(stale, rider_id="r-2"))
    assert player.play(RecordFixes(fixes), NOW_MS) == [
        RiderMoved("r-1", GOOD.fixed_at_ms, GOOD.point, None, None),
        FixesRejected("r-1", "stale", 2),
        FixesRejected("r-1", "bad_accuracy", 1),
        FixesRejected("r-1", "duplicate", 1),
        FixesRejected("r-2", "stale", 1),
    ]


def test_riders_are_not_followed_off_duty() -> None:
    player = on_duty()
    player.play(shift_end(), START_MS + 30_000)
    assert player.play(RecordFixes((GOOD,)), NOW_MS) == [FixesRejected("r-1", "off_duty", 1)]


def test_the_marker_does_not_wait_for_the_hold_and_never_goes_back() -> None:
    player = on_duty()
    newer, older = fix("r-1", NOW_MS - 100, 520.0), fix("r-1", NOW_MS - 900, 510.0)
    assert player.play(RecordFixes((older, newer)), NOW_MS) == [
        RiderMoved("r-1", newer.fixed_at_ms, newer.point, None, None)
    ]
    assert player.play(RecordFixes((fix("r-1", NOW_MS - 500, 515.0),)), NOW_MS + 1) == []


def test_fixes_out_of_sequence_are_used_and_doubles_are_told_in_any_order() -> None:
    player = on_duty()
    first, second = fix("r-1", NOW_MS - 2_000, 500.0), fix("r-1", NOW_MS - 1_000, 510.0)
    player.play(RecordFixes((second, first)), NOW_MS)
    again = player.play(RecordFixes((first, second)), NOW_MS + 10)
    assert again == [FixesRejected("r-1", "duplicate", 2)]
    player.advance(NOW_MS + 5_000)
    assert player.engine.state.riders["r-1"].fixed_at_ms == second.fixed_at_ms


def test_a_phone_that_starts_counting_anew_is_still_heard() -> None:
    player = on_duty()
    player.play(RecordFixes((fix("r-1", NOW_MS - 2_000, 500.0, sequence=9_000),)), NOW_MS)
    assert player.play(RecordFixes((fix("r-1", NOW_MS, 500.0, sequence=0),)), NOW_MS) != []
    player.advance(NOW_MS + 5_000)
    assert player.engine.state.riders["r-1"].fixed_at_ms == NOW_MS


def test_memory_of_doubles_is_bounded() -> None:
    player = on_duty()
    player.drive("r-1", START_MS + 1_000, START_MS + 1_000_000)
    assert len(player.engine.state.riders["r-1"].recent) == 64


def test_a_fix_of_before_the_shift_is_not_of_this_shift() -> None:
    player = on_duty()
    player.play(RecordFixes((fix("r-1", START_MS - 500, 0.0),)), START_MS + 100)
    player.advance(NOW_MS)
    assert player.engine.state.riders["r-1"].point is None


def test_a_late_fix_never_overtakes_a_newer_one() -> None:
    player = on_duty()
    player.play(RecordFixes((fix("r-1", NOW_MS, 500.0, sequence=7),)), NOW_MS)
    player.advance(NOW_MS + 10_000)
    player.play(RecordFixes((fix("r-1", NOW_MS - 20_000, 300.0, sequence=6),)), NOW_MS + 10_000)
    player.advance(NOW_MS + 20_000)
    assert player.engine.state.riders["r-1"].point == Point(500.0, 0.0)
