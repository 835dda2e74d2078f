"""The codec: a record to its stored bytes and back."""

import time

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from benchmarks.speed.conftest import Rate
from domain.commands import RecordFixes
from domain.events import OrderPlaced, RiderArrivedAtDoor
from domain.fixes import Fix
from domain.geo import Point
from runtime.codec import Message, decode_message, encode
from runtime.event_log.port import LogRecord

AT_MS = 1_800_000_000_000
RIDERS = 120
BATCH = 1_000

MESSAGES: dict[str, Message] = {
    "small event": RiderArrivedAtDoor("order-1", "rider-1", "trip-1"),
    "order": OrderPlaced(
        "order-1", "", "m-1", "z-1", Point(104.1, 30.6), 7, 9, 4_500, AT_MS + 600_000, AT_MS + 2_400_000
    ),
    "fixes of 120 riders": RecordFixes(
        tuple(
            Fix(f"rider-{k}", AT_MS + k, 17, Point(104.0 + k / 1e4, 30.6), 8.0, 6.5, 90.0)
            for k in range(RIDERS)
        )
    ),
}
KINDS = pytest.mark.parametrize("kind", MESSAGES)


@KINDS
@pytest.mark.benchmark(group="codec: encode", timer=time.process_time)
def test_encode(benchmark: BenchmarkFixture, rate: Rate, kind: str) -> None:
    """Encode a batch of records of one kind."""
    records = [LogRecord(k + 1, AT_MS, None, MESSAGES[kind]) for k in range(BATCH)]
    benchmark.pedantic(lambda: [encode(record) for record in records], rounds=5)
    rate("records", BATCH)


@KINDS
@pytest.mark.benchmark(group="codec: decode", timer=time.process_time)
def test_decode(benchmark: BenchmarkFixture, rate: Rate, kind: str) -> None:
    """Decode them again."""
    stored = [encode(LogRecord(k + 1, AT_MS, None, MESSAGES[kind])) for k in range(BATCH)]
    decoded = benchmark.pedantic(lambda: [decode_message(record) for record in stored], rounds=5)
    assert decoded[0] == MESSAGES[kind]
    rate("records", BATCH)
