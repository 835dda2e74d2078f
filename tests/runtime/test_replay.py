"""A log gives its own events again, from its beginning and from any snapshot."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dispatch.book import DispatchState
from dispatch.params import DispatchParams
from domain.commands import AcceptOffer, MarkOrderReady, PlaceOrder, StartShift
from domain.errors import LogError
from domain.events import OrderConfirmed, OrderReady
from domain.units import HOUR_MS, MINUTE_MS, Millis
from runtime.bootstrap import build_engines, build_solver, open_city, replay_log
from runtime.codec import canonical
from runtime.control_room import ControlRoom
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogRecord
from runtime.event_log.sqlite import SqliteLog
from runtime.replay import ENGINE_VERSION, recover
from runtime.snapshots import EngineSnapshot
from runtime.snapshotter import Snapshotter
from tests.runtime.play import Move, moves, play, submit
from tests.runtime.town import (
    MOVING,
    SCENARIO,
    START_MS,
    anywhere,
    control_room,
    header,
    setup,
    setup_with,
)

PARAMS = st.sampled_from([DispatchParams(), MOVING])
"""Idle riders wait where they are, or are moved."""


def states(room: ControlRoom) -> dict[str, object]:
    return {name: engine.state for name, engine in room.engines.items()}


def memory_log(records: Sequence[LogRecord]) -> MemoryLog:
    log = MemoryLog(header())
    log.append(records)
    return log


def lunch(room: ControlRoom) -> None:
    """Have a rider carry one order, up to the way to the door."""
    room.submit(StartShift("r1", anywhere(0), START_MS + 3 * HOUR_MS, "Li"), START_MS)
    room.submit(PlaceOrder("m1", anywhere(9), 3_000), START_MS + 1_000)
    room.submit(AcceptOffer("r1", "trip-1"), START_MS + MINUTE_MS // 2)
    room.submit(MarkOrderReady("order-1"), START_MS + 2 * MINUTE_MS)


@given(day=moves(), solve_ms=st.sampled_from([0, 20_000]), params=PARAMS)
def test_replay_gives_the_live_state(day: list[Move], solve_ms: Millis, params: DispatchParams) -> None:
    room = control_room(solve_ms=solve_ms, params=params)
    play(room, day)
    room.advance(room.now_ms)

    engines, replayed = replay_log(setup_with(params), room.log, until_ms=room.now_ms)

    assert {name: engine.state for name, engine in engines.by_name.items()} == states(room)
    assert replayed.added == 0
    assert replayed.last == (list(room.log.read())[-1] if room.seq else None)


@given(day=moves(), every=st.integers(1, 10), cut=st.floats(0, 1), params=PARAMS)
def test_a_city_that_died_anywhere_goes_on_as_if_nothing_had_happened(
    day: list[Move], every: int, cut: float, params: DispatchParams
) -> None:
    """Nothing is pending at the solver when it dies, so that the plans are the same: see the next test."""
    whole, log = control_room(params=params), MemoryLog(header())
    room = control_room(log, params=params)
    room.subscribe(Snapshotter(room, log, ENGINE_VERSION, every))
    commands = play(whole, day)
    died = int(cut * len(commands))
    for stamped in commands[:died]:
        submit(room, stamped)

    engines = build_engines(setup_with(params))
    solver = build_solver(setup_with(params), "nearest")
    again, _ = recover(engines.by_name, log, solver, engines.dispatch, log)
    for stamped in commands[died:]:
        submit(again, stamped)

    again.advance(whole.now_ms)
    whole.advance(whole.now_ms)

    assert [canonical(record) for record in log.read()] == [canonical(record) for record in whole.log.read()]
    assert states(again) == states(whole)


@given(
    day=moves(), every=st.integers(1, 10), cut=st.floats(0, 1), solve_ms=st.sampled_from([1, 20_000, 59_999])
)
def test_a_log_stays_replayable_after_any_recovery(
    day: list[Move], every: int, cut: float, solve_ms: Millis
) -> None:
    """A decision whose plan never came back is asked for again; whatever it says, the log stays whole."""
    log = MemoryLog(header())
    room = control_room(log, solve_ms)
    room.subscribe(Snapshotter(room, log, ENGINE_VERSION, every))
    died = int(cut * len(day))
    play(room, day[:died])
    ended_ms = max(room.now_ms, START_MS)

    engines = build_engines(setup())
    solver = build_solver(setup(), "nearest", solve_ms)
    again, _ = recover(engines.by_name, log, solver, engines.dispatch, log)
    play(again, day[died:], ended_ms)
    again.advance(again.now_ms + HOUR_MS)

    engines, replayed = replay_log(setup(), log, until_ms=again.now_ms)
    assert replayed.added == 0
    assert engines.dispatch.state == again.engines["dispatch"].state


def test_events_of_a_timer_after_the_last_input_happen_again() -> None:
    room = control_room(solve_ms=20_000)
    room.submit(PlaceOrder("m1", anywhere(9), 3_000), START_MS + 1_000)
    room.advance(START_MS + 20_000)
    records = list(room.log.read())
    assert records[-1].cause_seq is None

    engines, replayed = replay_log(setup(), room.log)

    assert replayed.last == records[-1]
    assert engines.dispatch.state == room.engines["dispatch"].state


def test_what_was_not_logged_of_the_last_instant_is_added() -> None:
    """The process died between two steps of one instant: what was due then comes after all."""
    room = control_room()
    room.submit(StartShift("r1", anywhere(0), START_MS + HOUR_MS, "Li"), START_MS)
    room.submit(PlaceOrder("m1", anywhere(9), 3_000), START_MS)
    whole = list(room.log.read())
    room.advance(START_MS)
    everything = list(room.log.read())
    assert len(everything) > len(whole)

    log = memory_log(whole)
    engines = build_engines(setup())
    again, _ = recover(engines.by_name, log, build_solver(setup(), "nearest"), engines.dispatch, log)
    again.advance(START_MS)

    assert list(log.read()) == everything


def test_an_event_that_does_not_happen_again_is_named_with_both() -> None:
    room = control_room()
    lunch(room)
    records = list(room.log.read())
    at = next(i for i, record in enumerate(records) if isinstance(record.message, OrderReady))
    records[at] = records[at]._replace(message=OrderConfirmed("order-1", START_MS))

    with pytest.raises(LogError) as caught:
        replay_log(setup(), memory_log(records))

    assert f"record {at + 1} is not what happens again" in str(caught.value)
    assert "OrderConfirmed" in str(caught.value)
    assert "OrderReady" in str(caught.value)


def test_an_event_from_nowhere_is_named() -> None:
    room = control_room()
    lunch(room)
    records = list(room.log.read())
    records.append(LogRecord(len(records) + 1, records[-1].at_ms, None, OrderReady("order-9")))

    with pytest.raises(LogError, match=f"record {len(records)} was logged, and does not happen again"):
        replay_log(setup(), memory_log(records))


def test_an_input_that_is_refused_now_is_named() -> None:
    with pytest.raises(LogError, match="record 1 was accepted when it was logged, and is refused now"):
        replay_log(setup(), memory_log([LogRecord(1, START_MS, None, MarkOrderReady("order-1"))]))


def test_a_log_that_ends_in_an_input_without_its_events_is_whole_again() -> None:
    room = control_room()
    lunch(room)
    log = memory_log(list(room.log.read())[:1])

    _, replayed = replay_log(setup(), log)

    assert (replayed.inputs, replayed.added) == (1, 1)


def test_snapshots_are_taken_every_so_many_inputs() -> None:
    log = MemoryLog(header())
    room = control_room(log)
    room.subscribe(Snapshotter(room, log, ENGINE_VERSION, every_inputs=2))

    lunch(room)

    snapshot = log.newest_snapshot()
    assert snapshot is not None
    inputs = [record for record in log.read() if record.is_input]
    assert len([record for record in inputs if record.seq > snapshot.seq]) < 2


def test_a_snapshot_of_other_engines_is_refused() -> None:
    log = memory_log([])
    log.save_snapshot(EngineSnapshot(0, 0, ENGINE_VERSION, b"\x81\xa7billing\xc4\x01\x80"))
    engines = build_engines(setup())

    with pytest.raises(LogError, match=r"is of the engines \['billing'\], not of"):
        recover(engines.by_name, log, build_solver(setup(), "nearest"), engines.dispatch, log)


def test_a_city_is_closed_and_opened_again(tmp_path: Path) -> None:
    path = tmp_path / "town.log"
    city = open_city(setup(), path, scenario=SCENARIO, policy="nearest")
    lunch(city.room)
    before = states(city.room)
    city.close()

    again = open_city(setup(), path, scenario=SCENARIO, policy="nearest")

    assert states(again.room) == before
    assert again.replayed.inputs == 0
    assert again.room.seq == again.replayed.snapshot_seq > 0
    again.close()


def test_a_city_that_was_killed_is_taken_up_from_its_log(tmp_path: Path) -> None:
    path = tmp_path / "town.log"
    city = open_city(setup(), path, scenario=SCENARIO, policy="nearest")
    lunch(city.room)
    before = states(city.room)
    city.log.close()

    again = open_city(setup(), path, scenario=SCENARIO, policy="nearest")

    assert states(again.room) == before
    assert again.replayed.inputs > 0
    again.close()


def test_a_log_of_another_city_is_refused(tmp_path: Path) -> None:
    open_city(setup(), tmp_path / "a.log", scenario=SCENARIO).close()

    with pytest.raises(LogError, match="a log of 'town', not of 'village'"):
        open_city(setup(), tmp_path / "a.log", scenario="village")


@pytest.mark.parametrize("field", ["engine_version", "scenario_hash"])
def test_a_tail_that_others_wrote_must_be_closed_by_them(tmp_path: Path, field: str) -> None:
    path = tmp_path / "town.log"
    log = SqliteLog.create(path, replace(header(), **{field: "0.0.9"}))
    lunch(control_room(log))
    log.close()

    with pytest.raises(LogError, match=r"0\.0\.9|other parameters"):
        open_city(setup(), path, scenario=SCENARIO)


@pytest.mark.parametrize("field", ["engine_version", "scenario_hash"])
def test_a_log_that_others_closed_cleanly_goes_on(tmp_path: Path, field: str) -> None:
    path = tmp_path / "town.log"
    log = SqliteLog.create(path, replace(header(), **{field: "0.0.9"}))
    room = control_room(log)
    lunch(room)
    Snapshotter(room, log, "0.0.9").take()
    log.close()

    city = open_city(setup(), path, scenario=SCENARIO, policy="nearest")

    assert city.log.header == header()
    assert isinstance(city.room.engines["dispatch"].state, DispatchState)
    assert states(city.room) == states(room)
    city.close()
