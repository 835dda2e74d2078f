"""The log in SQLite: one commit for all that waits, against one commit for every record.

By the wall clock: what is saved is waiting for the disk.
"""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.speed.conftest import Rate
from domain.events import RiderArrivedAtDoor
from runtime.event_log.port import LogHeader, LogRecord
from runtime.event_log.sqlite import SqliteLog

AT_MS = 1_800_000_000_000
RECORDS = 200


class Writer:
    """Appends records to a log, durably, in one of two ways."""

    def __init__(self, log: SqliteLog) -> None:
        self.log = log
        self._seq = 0

    def together(self) -> None:
        """Append one record after the other, then wait once."""
        done = [self.log.append([self._next()]) for _ in range(RECORDS)]
        done[-1].result()

    def one_by_one(self) -> None:
        """Wait for every record before the next."""
        for _ in range(RECORDS):
            self.log.append([self._next()]).result()

    def _next(self) -> LogRecord:
        self._seq += 1
        return LogRecord(self._seq, AT_MS, None, RiderArrivedAtDoor("order-1", "rider-1", "trip-1"))


@pytest.fixture
def writer(tmp_path: Path) -> Iterator[Writer]:
    """Open a new log."""
    log = SqliteLog.create(tmp_path / "city.db", LogHeader("bench", "bench", "0", "nearest", 0))
    yield Writer(log)
    log.close()


@pytest.mark.benchmark(group="log: 200 records made durable")
def test_group_commit(benchmark: BenchmarkFixture, rate: Rate, writer: Writer) -> None:
    """As the server does under load."""
    benchmark.pedantic(writer.together, rounds=5)
    rate("records", RECORDS)


@pytest.mark.benchmark(group="log: 200 records made durable")
def test_a_commit_for_each_record(benchmark: BenchmarkFixture, rate: Rate, writer: Writer) -> None:
    """As a single client does that waits for every answer."""
    benchmark.pedantic(writer.one_by_one, rounds=5)
    rate("records", RECORDS)
