"""The laws of tracking: order of arrival, doubles, batches, restarts and repetition change no incident."""

from dataclasses import dataclass

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from domain.commands import RecordFixes
from domain.events import Event, FixesRejected, RiderMoved
from domain.fixes import Fix
from domain.units import MINUTE_MS, Millis
from tests.tracking.town import START_MS, Player, fix, new_engine, shift, whole_trip
from tracking.params import TrackingParams
from tracking.state import TrackingState

HOLD_MS = TrackingParams().ingest.hold_ms
ABOUT_ARRIVALS = (RiderMoved, FixesRejected)
END_MS = START_MS + 50 * MINUTE_MS

Arrival = tuple[Millis, Fix]


@dataclass(frozen=True)
class Day:
    """What happened, and when each fix arrived."""

    events: tuple[tuple[Millis, Event], ...]
    arrivals: tuple[Arrival, ...]


def rider_fixes(draw: st.DrawFn, rider_id: str) -> list[Fix]:
    """Fixes of a rider who drives to and fro, with gaps of any length between them."""
    gaps_ms = draw(
        st.lists(
            st.one_of(st.integers(1, 12_000), st.integers(50_000, 80_000), st.integers(120_000, 700_000)),
            min_size=1,
            max_size=40,
        )
    )
    fixes, at_ms = [], START_MS + 1
    for number, gap_ms in enumerate(gaps_ms):
        at_ms += gap_ms
        x = abs((at_ms - START_MS) // 100 % 6_000 - 3_000)
        fixes.append(fix(rider_id, at_ms, float(x), sequence=number))
    return fixes


@st.composite
def days(draw: st.DrawFn) -> Day:
    events: list[tuple[Millis, Event]] = []
    arrivals: list[Arrival] = []
    for number in range(draw(st.integers(1, 3))):
        rider_id = f"r-{number}"
        events.append((START_MS + number, shift(rider_id)))
        slow_ms = draw(st.integers(0, 15 * MINUTE_MS))
        events += whole_trip(START_MS + 30_000, f"o-{number}", rider_id, f"t-{number}", slow_ms)
        fixes = rider_fixes(draw, rider_id)
        delays_ms = draw(st.lists(st.integers(0, HOLD_MS), min_size=len(fixes), max_size=len(fixes)))
        arrivals += [(f.fixed_at_ms + d, f) for f, d in zip(fixes, delays_ms, strict=True)]
    return Day(tuple(sorted(events, key=lambda pair: pair[0])), tuple(arrivals))


def script(day: Day, arrivals: list[Arrival]) -> list[tuple[Millis, Event | RecordFixes]]:
    """Every fix as a message of its own, among the events, in order of time."""
    messages: list[tuple[Millis, Event | RecordFixes]] = list(day.events)
    messages += [(at_ms, RecordFixes((one,))) for at_ms, one in arrivals]
    return sorted(messages, key=lambda pair: pair[0])


def results(player: Player) -> list[tuple[Millis, Event]]:
    """All that must not depend on how fixes arrived: incidents and estimates, with their times."""
    player.advance(END_MS)
    return [pair for pair in player.happened if not isinstance(pair[1], ABOUT_ARRIVALS)]


def played(messages: list[tuple[Millis, Event | RecordFixes]]) -> Player:
    player = Player()
    for at_ms, message in messages:
        player.play(message, at_ms)
    return player


@given(day=days(), data=st.data())
def test_any_order_of_arrival_and_any_doubles_give_the_same_incidents(day: Day, data: st.DataObject) -> None:
    again: list[Arrival] = []
    for _, one in day.arrivals:
        delays_ms = data.draw(st.lists(st.integers(0, HOLD_MS), min_size=1, max_size=3))
        again += [(one.fixed_at_ms + delay_ms, one) for delay_ms in delays_ms]
    shuffled = data.draw(st.permutations(again))
    straight = played(script(day, list(day.arrivals)))
    disturbed = played(script(day, list(shuffled)))
    assert results(disturbed) == results(straight)


@given(day=days(), span_ms=st.integers(1, HOLD_MS))
def test_any_size_of_batches_gives_the_same_incidents(day: Day, span_ms: Millis) -> None:
    punctual = [(one.fixed_at_ms, one) for _, one in day.arrivals]
    batches: dict[Millis, list[Fix]] = {}
    for at_ms, one in punctual:
        # Sent when the span is over, so that none is late by more than the hold.
        batches.setdefault((at_ms + span_ms - 1) // span_ms * span_ms, []).append(one)
    messages: list[tuple[Millis, Event | RecordFixes]] = list(day.events)
    messages += [(at_ms, RecordFixes(tuple(fixes))) for at_ms, fixes in batches.items()]
    batched = played(sorted(messages, key=lambda pair: pair[0]))
    assert results(batched) == results(played(script(day, punctual)))


@given(day=days(), data=st.data())
def test_a_restart_from_any_snapshot_changes_nothing(day: Day, data: st.DataObject) -> None:
    messages = script(day, list(day.arrivals))
    cut = data.draw(st.integers(0, len(messages)))
    player = played(messages[:cut])
    stored = msgspec.msgpack.encode(player.engine.state)
    restarted = Player(new_engine(), list(player.happened))
    restarted.engine.restore(msgspec.msgpack.decode(stored, type=TrackingState))
    for at_ms, message in messages[cut:]:
        restarted.play(message, at_ms)
    straight = played(messages)
    assert results(restarted) == results(straight)
    assert restarted.engine.state == straight.engine.state


@given(day=days())
def test_the_same_messages_give_the_same_events_and_state(day: Day) -> None:
    messages = script(day, list(day.arrivals))
    one, other = played(messages), played(messages)
    assert one.happened == other.happened
    assert msgspec.msgpack.encode(one.engine.state) == msgspec.msgpack.encode(other.engine.state)


@given(day=days(), data=st.data())
def test_the_marker_never_goes_back(day: Day, data: st.DataObject) -> None:
    delayed = [(at_ms + data.draw(st.integers(0, MINUTE_MS)), one) for at_ms, one in day.arrivals]
    player = played(script(day, delayed))
    seen: dict[str, Millis] = {}
    for _, event in player.of(RiderMoved):
        assert isinstance(event, RiderMoved)
        assert event.fixed_at_ms > seen.get(event.rider_id, -1)
        seen[event.rider_id] = event.fixed_at_ms
