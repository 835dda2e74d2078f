"""Silence of riders on duty: when it is found, how bad it is, when it ends."""

from domain.commands import AcknowledgeIncident, RecordFixes, ResolveIncident
from domain.events import (
    IncidentAcknowledged,
    IncidentEscalated,
    IncidentOpened,
    IncidentResolved,
    OrderPickedUp,
)
from domain.incidents import IncidentType, Severity
from domain.units import MINUTE_MS, SECOND_MS
from tests.tracking.town import START_MS, Player, assigned, fix, placed, shift, shift_end
from tracking.params import TrackingParams
from tracking.stages.take_up import LONGEST_STEP

HOLD = TrackingParams().ingest.hold_ms + TrackingParams().ingest.release_step_ms


def on_duty(rider_id: str = "r-1") -> Player:
    player = Player()
    player.play(shift(rider_id), START_MS)
    return player


def opened(player: Player) -> list[tuple[int, IncidentType, Severity]]:
    return [
        (at_ms - START_MS, event.type, event.severity)
        for at_ms, event in player.of(IncidentOpened)
        if isinstance(event, IncidentOpened)
    ]


def test_a_rider_who_sends_fixes_raises_nothing() -> None:
    player = on_duty()
    player.drive("r-1", START_MS + 1_000, START_MS + 30 * MINUTE_MS)
    assert player.incidents() == []


def test_a_rider_who_never_sent_a_fix_is_silent_since_the_start_of_the_shift() -> None:
    player = on_duty()
    player.advance(START_MS + 2 * MINUTE_MS)
    assert opened(player) == [(MINUTE_MS + HOLD, IncidentType.GPS_SIGNAL_LOSS, Severity.MINOR)]
    event = player.of(IncidentOpened)[0][1]
    assert isinstance(event, IncidentOpened)
    assert (event.order_id, event.rider_id, event.suggested_action) == (None, "r-1", "call_rider")
    assert event.evidence == "no position since the shift began at 16:00:00"


def test_silence_is_found_after_a_minute_and_serious_after_ten() -> None:
    player = on_duty()
    player.drive("r-1", START_MS + 1_000, START_MS + 5 * MINUTE_MS)
    last_ms = 5 * MINUTE_MS - 4_000
    player.advance(START_MS + 30 * MINUTE_MS)
    assert opened(player) == [
        (last_ms + MINUTE_MS + HOLD, IncidentType.GPS_SIGNAL_LOSS, Severity.MINOR),
    ]
    [(at_ms, worse)] = player.of(IncidentEscalated)
    assert at_ms == START_MS + last_ms + 10 * MINUTE_MS + HOLD
    assert isinstance(worse, IncidentEscalated)
    assert worse.evidence == "no position since 16:04:56 (usually every 5 s)"


def test_with_food_silence_is_serious_after_three_minutes() -> None:
    player = on_duty()
    player.play(placed(promise_in_ms=60 * MINUTE_MS), START_MS)
    player.play(assigned({"o-1": 30}, START_MS), START_MS)
    player.drive("r-1", START_MS + 1_000, START_MS + MINUTE_MS)
    player.play(OrderPickedUp("o-1", "r-1", "t-1"), START_MS + MINUTE_MS)
    player.advance(START_MS + 6 * MINUTE_MS)
    [(at_ms, worse)] = player.of(IncidentEscalated)
    assert at_ms == START_MS + 56_000 + 3 * MINUTE_MS + HOLD
    assert isinstance(worse, IncidentEscalated)
    assert worse.evidence.endswith("carrying 1 order")


def test_picking_food_up_during_silence_makes_it_serious_at_once() -> None:
    player = on_duty()
    player.play(placed(promise_in_ms=60 * MINUTE_MS), START_MS)
    player.play(assigned({"o-1": 30}, START_MS), START_MS)
    player.advance(START_MS + 5 * MINUTE_MS)
    assert player.of(IncidentEscalated) == []
    events = player.play(OrderPickedUp("o-1", "r-1", "t-1"), START_MS + 5 * MINUTE_MS)
    assert [type(event) for event in events if not hasattr(event, "eta_at_ms")] == [IncidentEscalated]


def test_a_slow_phone_is_given_six_of_its_cadences() -> None:
    player = on_duty()
    player.drive("r-1", START_MS + 1_000, START_MS + 30 * MINUTE_MS, every_ms=40_000)
    assert player.incidents() == []
    track = player.engine.state.riders["r-1"]
    assert 39_000 < track.cadence_ms <= 40_000
    player.advance(track.fixed_at_ms + 230_000)
    assert player.incidents() == []
    player.advance(track.fixed_at_ms + 250_000)
    assert len(player.incidents()) == 1


def test_one_gap_does_not_teach_a_phone_to_be_slow() -> None:
    player = on_duty()
    player.drive("r-1", START_MS + 1_000, START_MS + 5 * MINUTE_MS)
    before_ms = player.engine.state.riders["r-1"].cadence_ms
    player.drive("r-1", START_MS + 20 * MINUTE_MS, START_MS + 20 * MINUTE_MS + 1)
    player.advance(START_MS + 21 * MINUTE_MS)
    after_ms = player.engine.state.riders["r-1"].cadence_ms
    assert after_ms <= before_ms * (1 + (LONGEST_STEP - 1) * 0.1) + 1


def test_silence_resolves_a_minute_after_fixes_return() -> None:
    player = on_duty()
    player.advance(START_MS + 2 * MINUTE_MS)
    back_ms = START_MS + 2 * MINUTE_MS
    player.drive("r-1", back_ms, back_ms + 5 * MINUTE_MS)
    [(at_ms, event)] = player.of(IncidentResolved)
    assert event == IncidentResolved("incident-1", "fixes_returned", "")
    assert at_ms == back_ms + HOLD + MINUTE_MS


def test_a_single_fix_does_not_end_the_silence() -> None:
    player = on_duty()
    player.play(RecordFixes((fix("r-1", START_MS + 2 * MINUTE_MS, 0.0),)), START_MS + 2 * MINUTE_MS)
    player.advance(START_MS + 9 * MINUTE_MS)
    assert len(player.of(IncidentOpened)) == 1
    assert player.of(IncidentResolved) == []


def test_old_fixes_from_a_buffer_do_not_end_the_silence() -> None:
    player = on_duty()
    now_ms = START_MS + 5 * MINUTE_MS
    player.advance(now_ms)
    buffered = tuple(fix("r-1", START_MS + second * SECOND_MS, 0.0) for second in range(10, 100, 5))
    player.play(RecordFixes(buffered), now_ms)
    player.advance(now_ms + 2 * MINUTE_MS)
    assert player.of(IncidentResolved) == []


def test_off_duty_ends_the_silence_and_the_next_shift_starts_anew() -> None:
    player = on_duty()
    player.advance(START_MS + 2 * MINUTE_MS)
    [event] = player.play(shift_end(), START_MS + 2 * MINUTE_MS)
    assert event == IncidentResolved("incident-1", "off_duty", "")
    player.advance(START_MS + 60 * MINUTE_MS)
    player.play(shift(), START_MS + 60 * MINUTE_MS)
    player.advance(START_MS + 61 * MINUTE_MS)
    assert len(player.of(IncidentOpened)) == 1
    player.advance(START_MS + 62 * MINUTE_MS)
    assert len(player.of(IncidentOpened)) == 2


def test_a_dispatcher_acknowledges_and_resolves() -> None:
    player = on_duty()
    player.advance(START_MS + 2 * MINUTE_MS)
    acknowledged = player.play(AcknowledgeIncident("incident-1", "Li"), START_MS + 2 * MINUTE_MS)
    assert acknowledged == [IncidentAcknowledged("incident-1", "Li")]
    resolved = player.play(ResolveIncident("incident-1", "phone broken", "Li"), START_MS + 3 * MINUTE_MS)
    assert resolved == [IncidentResolved("incident-1", "phone broken", "Li")]
    player.advance(START_MS + 9 * MINUTE_MS)
    assert len(player.of(IncidentOpened)) == 1
    # Worse than what was closed: it comes back.
    player.advance(START_MS + 11 * MINUTE_MS)
    assert opened(player)[1:] == [
        (10 * MINUTE_MS + HOLD, IncidentType.GPS_SIGNAL_LOSS, Severity.SERIOUS),
    ]
