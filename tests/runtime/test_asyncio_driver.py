"""The live driver: acknowledged only when durable, heard in sequence, stopped for good by a failing log."""

import asyncio
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest

from domain.commands import AcceptOffer, Command, MarkOrderReady, PlaceOrder, RecordFixes, StartShift
from domain.errors import InvalidValueError, LogError, UnknownIdError
from domain.events import DecisionRequested, OrderPlaced, RiderMoved, TripOffered
from domain.fixes import Fix
from domain.units import HOUR_MS, MINUTE_MS, SECOND_MS, Millis
from runtime.asyncio_driver import AsyncioDriver
from runtime.control_room import ControlRoom
from runtime.event_log.port import LogRecord
from runtime.event_log.sqlite import SqliteLog
from runtime.live_clock import LiveClock
from tests.runtime.town import START_MS, anywhere, control_room, header

ORDER = PlaceOrder("m1", anywhere(9), 3_000)


class Stopwatch:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def driver_of(room: ControlRoom, **options: object) -> tuple[AsyncioDriver, Stopwatch, list[LogRecord]]:
    watch, heard = Stopwatch(), []
    driver = AsyncioDriver(room, starts_at_ms=START_MS, monotonic=watch, **options)  # type: ignore[arg-type]
    driver.subscribe(heard.extend)
    return driver, watch, heard


def shift() -> Command:
    return StartShift("r1", anywhere(0), START_MS + HOUR_MS, "Li")


async def test_a_command_is_answered_with_its_events_and_the_listeners_know_already() -> None:
    driver, _, heard = driver_of(control_room())

    events = await driver.submit(ORDER)

    assert type(events[0]) is OrderPlaced
    assert [record.message for record in heard] == [ORDER, *events]


async def test_timers_fire_at_their_own_time_however_late_the_loop_is() -> None:
    driver, watch, heard = driver_of(control_room(), rate=10.0)
    await driver.submit(ORDER)
    watch.seconds += 60  # 600 s of the city

    await driver.submit(shift())

    first = next(record for record in heard if isinstance(record.message, DecisionRequested))
    assert first.at_ms == START_MS
    assert heard[-1].at_ms == START_MS + 10 * MINUTE_MS
    assert [record.seq for record in heard if record.seq] == list(range(1, len(heard) + 1))


async def test_a_refused_command_changes_nothing_but_what_was_due_is_heard() -> None:
    driver, watch, heard = driver_of(control_room())
    await driver.submit(ORDER)
    watch.seconds += 30

    with pytest.raises(UnknownIdError):
        await driver.submit(MarkOrderReady("order-9"))

    assert any(isinstance(record.message, DecisionRequested) for record in heard)
    assert not any(isinstance(record.message, MarkOrderReady) for record in heard)


async def test_derived_events_are_heard_though_never_logged() -> None:
    driver, _, heard = driver_of(control_room())
    await driver.submit(shift())

    await driver.submit(RecordFixes((Fix("r1", START_MS, 0, anywhere(1), 5.0),)))

    moved = [record for record in heard if isinstance(record.message, RiderMoved)]
    assert [record.seq for record in moved] == [0]
    assert not any(isinstance(record.message, RiderMoved) for record in driver.room.log.read())


async def test_many_callers_on_a_durable_log_are_answered_in_sequence(tmp_path: Path) -> None:
    with closing(SqliteLog.create(tmp_path / "town.log", header())) as log:
        driver, _, heard = driver_of(control_room(log))
        running = asyncio.create_task(driver.run())

        answers = await asyncio.gather(*(driver.submit(ORDER) for _ in range(200)))

        placed = [event.order_id for events in answers for event in events if isinstance(event, OrderPlaced)]
        assert placed == [f"order-{number}" for number in range(1, 201)]
        await driver.stop()
        await running
        assert [record for record in heard if record.seq] == list(log.read())


async def test_nobody_hears_of_anything_before_it_is_durable(tmp_path: Path) -> None:
    with closing(SqliteLog.create(tmp_path / "town.log", header())) as log:
        driver, _, heard = driver_of(control_room(log))
        durable_when_heard: list[int] = []
        driver.subscribe(
            lambda records: durable_when_heard.append(sum(1 for _ in log.read()) - records[-1].seq)
        )

        await driver.submit(ORDER)

        assert heard
        assert min(durable_when_heard) >= 0


async def test_a_caller_who_gives_up_leaves_the_command_done(tmp_path: Path) -> None:
    with closing(SqliteLog.create(tmp_path / "town.log", header())) as log:
        driver, _, heard = driver_of(control_room(log))
        impatient = asyncio.create_task(driver.submit(ORDER))
        patient = asyncio.create_task(driver.submit(ORDER))
        await asyncio.sleep(0)
        impatient.cancel()

        await patient

        assert sum(isinstance(record.message, OrderPlaced) for record in heard) == 2


async def test_a_log_that_cannot_be_written_stops_everything(tmp_path: Path) -> None:
    with closing(SqliteLog.create(tmp_path / "town.log", header())) as log:
        driver, _, heard = driver_of(control_room(log))
        running = asyncio.create_task(driver.run())
        log._connection.execute("PRAGMA query_only = ON")

        answers = await asyncio.gather(*(driver.submit(ORDER) for _ in range(3)), return_exceptions=True)

        assert all(isinstance(answer, LogError) for answer in answers)
        assert "cannot be written" in str(driver.failed.result())
        with pytest.raises(LogError, match="cannot be written"):
            await running
        with pytest.raises(LogError, match="cannot be written"):
            await driver.submit(ORDER)
        with pytest.raises(LogError, match="cannot be written"):
            await driver.stop()
        assert heard == []


async def test_a_bug_in_an_engine_stops_everything() -> None:
    room = control_room()
    driver, _, _ = driver_of(room)
    room.engines["dispatch"].restore(None)

    with pytest.raises(LogError, match="the control room broke down while"):
        await driver.submit(ORDER)

    assert driver.failed.done()


async def test_one_listener_that_fails_keeps_nothing_from_the_others() -> None:
    driver, _, _ = driver_of(control_room())
    heard: list[LogRecord] = []

    def broken(records: Sequence[LogRecord]) -> None:
        raise RuntimeError("a bug")

    driver.subscribe(broken)
    driver.subscribe(heard.extend)

    await driver.submit(ORDER)

    assert [type(record.message) for record in heard][:2] == [PlaceOrder, OrderPlaced]


async def test_after_stopping_nothing_is_taken_in() -> None:
    driver, _, _ = driver_of(control_room())
    running = asyncio.create_task(driver.run())
    await asyncio.sleep(0)

    await driver.stop()
    await running

    with pytest.raises(LogError, match="stopping"):
        await driver.submit(ORDER)


async def test_time_passes_by_itself_while_running() -> None:
    """At 600 times the wall clock an offer comes within a wall second, though nobody submits anything."""
    room = control_room()
    driver = AsyncioDriver(room, rate=600.0, starts_at_ms=START_MS)
    offered = asyncio.Event()
    driver.subscribe(
        lambda records: offered.set() if any(isinstance(r.message, TripOffered) for r in records) else None
    )
    await driver.submit(StartShift("r1", anywhere(0), START_MS + 10 * HOUR_MS, "Li"))
    await driver.submit(ORDER)
    running = asyncio.create_task(driver.run())

    async with asyncio.timeout(20):
        await offered.wait()

    await driver.stop()
    await running


class Walker:
    """A simulated world of one rider who comes on duty at an instant of its own."""

    def __init__(self, room: ControlRoom, starts_at_ms: Millis) -> None:
        self._room = room
        self._starts_at_ms: Millis | None = starts_at_ms

    def run_until(self, at_ms: Millis) -> None:
        if self._starts_at_ms is not None and self._starts_at_ms <= at_ms:
            self._room.submit(shift(), self._starts_at_ms)
            self._starts_at_ms = None


async def test_a_simulated_world_is_stepped_before_every_command_with_its_own_stamps() -> None:
    room = control_room()
    driver, watch, heard = driver_of(room, world=Walker(room, START_MS + 2 * SECOND_MS))
    watch.seconds += 5

    await driver.submit(ORDER)

    assert [(type(record.message), record.at_ms - START_MS) for record in heard if record.is_input] == [
        (StartShift, 2_000),
        (PlaceOrder, 5_000),
    ]
    assert driver.is_simulated


def test_catching_up_simulates_at_full_speed_and_goes_on_from_there(tmp_path: Path) -> None:
    with closing(SqliteLog.create(tmp_path / "town.log", header())) as log:
        room = control_room(log)
        driver, watch, heard = driver_of(room, world=Walker(room, START_MS + 30 * MINUTE_MS))

        driver.catch_up(START_MS + HOUR_MS)
        watch.seconds += 1

        assert driver.now_ms() == START_MS + HOUR_MS + SECOND_MS
        assert [record for record in heard if record.seq] == list(log.read())


async def test_time_starts_after_what_the_room_knows() -> None:
    room = control_room()
    room.submit(ORDER, START_MS + HOUR_MS)

    driver, _, _ = driver_of(room)

    assert driver.now_ms() == START_MS + HOUR_MS


async def test_an_offer_is_accepted_over_the_driver() -> None:
    driver, watch, heard = driver_of(control_room())
    await driver.submit(shift())
    await driver.submit(ORDER)
    watch.seconds += 20

    await driver.submit(AcceptOffer("r1", "trip-1"))

    assert heard[-1].at_ms == START_MS + 20 * SECOND_MS


@pytest.mark.parametrize("rate", [0.0, -1.0, float("nan"), 1e9])
def test_a_rate_must_be_one(rate: float) -> None:
    with pytest.raises(InvalidValueError, match="rate"):
        LiveClock(START_MS, rate, Stopwatch())


def test_the_clock_never_goes_back() -> None:
    watch = Stopwatch()
    clock = LiveClock(START_MS, 60.0, watch)
    watch.seconds += 2
    later = clock.now_ms()
    watch.seconds -= 1

    assert later == START_MS + 120_000
    assert clock.now_ms() == later
    assert clock.seconds_until(later + 60_000) == pytest.approx(1.0)
    clock.jump_to(START_MS)
    assert clock.now_ms() == later
