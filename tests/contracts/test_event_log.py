"""What every event log must do, whatever stores it. A new storage joins by one line in ``STORAGES``."""

import math
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given

from domain.commands import MarkOrderReady, RecordFixes
from domain.errors import LogError
from domain.events import OrderPickedUp, OrderReady
from domain.fixes import Fix
from domain.geo import Point
from runtime.codec import canonical, log_hash
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogHeader, LogRecord
from runtime.event_log.sqlite import SqliteLog
from runtime.snapshots import EngineSnapshot
from tests.contracts.messages import logs

HEADER = LogHeader("1", "town", "c0ffee", "nearest", 7)
Storage = MemoryLog | SqliteLog
Opened = Callable[[], AbstractContextManager[Storage]]


@contextmanager
def _memory() -> Iterator[Storage]:
    log = MemoryLog(HEADER)
    yield log
    log.close()


@contextmanager
def _sqlite() -> Iterator[Storage]:
    with TemporaryDirectory() as folder:
        log = SqliteLog.create(Path(folder) / "town.log", HEADER)
        yield log
        log.close()


STORAGES: dict[str, Opened] = {"memory": _memory, "sqlite": _sqlite}


EVERY_STORAGE = pytest.mark.parametrize("opened", STORAGES.values(), ids=STORAGES)


@pytest.fixture(params=STORAGES)
def log(request: pytest.FixtureRequest) -> Iterator[Storage]:
    with STORAGES[request.param]() as storage:
        yield storage


def ready(seq: int) -> LogRecord:
    return LogRecord(seq, 1_800_000_000_000 + seq, None, OrderReady(f"order-{seq}"))


def test_new_log_is_empty_and_says_what_it_is(log: Storage) -> None:
    assert log.header == HEADER
    assert list(log.read()) == []
    assert log.newest_snapshot() is None


@EVERY_STORAGE
@given(records=logs())
def test_what_is_appended_is_read_back_equal_to_the_last_bit(
    opened: Opened, records: list[LogRecord]
) -> None:
    with opened() as log:
        for record in records:
            log.append([record])
        log.append(()).result()

        back = list(log.read())

        assert [canonical(record) for record in back] == [canonical(record) for record in records]
        assert log_hash(back) == log_hash(records)


@EVERY_STORAGE
@given(records=logs(most=6))
def test_reading_starts_after_any_record(opened: Opened, records: list[LogRecord]) -> None:
    with opened() as log:
        log.append(records).result()

        for after in range(len(records) + 1):
            assert [record.seq for record in log.read(after)] == list(range(after + 1, len(records) + 1))


def test_future_of_nothing_is_done_when_everything_before_is_durable(log: Storage) -> None:
    durable = [log.append([ready(seq)]) for seq in range(1, 200)]

    log.append(()).result()

    assert all(future.done() for future in durable)


def test_a_step_of_many_records_stays_in_sequence_among_others(log: Storage) -> None:
    log.append([ready(1)])
    log.append([ready(2), LogRecord(3, 1_800_000_000_009, None, MarkOrderReady("order-1")), ready(4)])
    log.append([ready(5)])

    assert [record.seq for record in log.read()] == [1, 2, 3, 4, 5]


def test_records_that_do_not_continue_the_log_are_refused(log: Storage) -> None:
    log.append([ready(1)])

    with pytest.raises(LogError, match="continues with record 2, not 3"):
        log.append([ready(3)])


def test_many_threads_append_and_everything_is_there_in_sequence(log: Storage) -> None:
    guard, seq, futures = threading.Lock(), 0, []

    def append_some() -> None:
        nonlocal seq
        for _ in range(50):
            with guard:
                seq += 1
                future: Future[None] = log.append([ready(seq)])
                futures.append(future)
            future.result()

    threads = [threading.Thread(target=append_some) for _ in range(16)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert all(future.done() for future in futures)
    assert [record.seq for record in log.read()] == list(range(1, 801))


def test_newest_snapshot_is_found(log: Storage) -> None:
    log.append([ready(1)])
    log.save_snapshot(EngineSnapshot(1, 5, "1", b"\x00old"))
    log.append([ready(2)])
    newest = EngineSnapshot(2, 6, "1", b"\x00new")

    log.save_snapshot(newest)

    assert log.newest_snapshot() == newest


def test_closed_log_takes_nothing(log: Storage) -> None:
    log.append([ready(1)])

    log.close()
    log.close()

    with pytest.raises(LogError, match="closed"):
        log.append([ready(2)]).result()


def test_a_phone_that_reports_nonsense_is_stored_as_it_was(log: Storage) -> None:
    fixes = (
        Fix("r1", 1, 0, Point(math.nan, math.inf), -0.0, -math.inf, math.nan),
        Fix("r2", 2, 1, Point(-0.0, 30.0000001), 5.0),
    )
    log.append(
        [LogRecord(1, 1, None, RecordFixes(fixes)), LogRecord(2, 1, None, RecordFixes(fixes[:1]))]
    ).result()

    for record, sent in zip(log.read(), (fixes, fixes[:1]), strict=True):
        assert repr(record.message) == repr(RecordFixes(sent))


def test_logs_of_all_storages_have_the_same_bytes() -> None:
    records = [ready(1), LogRecord(2, 1_800_000_000_002, 1, OrderPickedUp("order-1", "骑手", "trip-1"))]
    hashes = set()
    for opened in STORAGES.values():
        with opened() as log:
            log.append(records).result()
            hashes.add(log_hash(log.read()))

    assert hashes == {log_hash(records)}
