"""Damage to the file of a log: the good part opens, the rest is kept aside, and the message says how much."""

import sqlite3
from contextlib import closing
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from domain.commands import RecordFixes
from domain.errors import LogError
from domain.events import OrderReady
from domain.fixes import Fix
from domain.geo import Point
from runtime.codec import canonical
from runtime.event_log.port import LogHeader, LogRecord
from runtime.event_log.sqlite import SqliteLog
from runtime.snapshots import EngineSnapshot

HEADER = LogHeader("1", "town", "c0ffee", "nearest", None)
RECORDS = 400


def records(until: int = RECORDS, after: int = 0) -> list[LogRecord]:
    return [_record(seq) for seq in range(after + 1, until + 1)]


def _record(seq: int) -> LogRecord:
    at_ms = 1_800_000_000_000 + seq
    if seq % 3:
        return LogRecord(seq, at_ms, None, OrderReady(f"order-{seq}-{'x' * 60}"))
    return LogRecord(
        seq, at_ms, None, RecordFixes((Fix(f"r{seq}", at_ms, seq, Point(104.1, 30.6), 5.0),) * 4)
    )


@cache
def whole_file() -> bytes:
    """Return the bytes of a log that was closed properly."""
    with TemporaryDirectory() as folder:
        path = Path(folder) / "town.log"
        log = SqliteLog.create(path, HEADER)
        log.append(records(200))
        log.save_snapshot(EngineSnapshot(200, 1_800_000_000_200, "1", b"state" * 400))
        log.append(records(after=200))
        log.close()
        return path.read_bytes()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    file = tmp_path / "town.log"
    file.write_bytes(whole_file())
    return file


def open_or_refuse(path: Path) -> SqliteLog | None:
    try:
        return SqliteLog(path)
    except LogError as error:
        refusal = str(error)
    assert str(path) in refusal
    return None


def check_good_part(path: Path, damaged: bytes) -> None:
    """Open a damaged file: either a clear refusal, or a good prefix that can be continued."""
    log = open_or_refuse(path)
    if log is None:
        assert path.read_bytes() == damaged
        return
    with closing(log):
        good = [canonical(record) for record in log.read()]
        assert good == [canonical(record) for record in records(len(good))]
        if len(good) < RECORDS:
            assert log.damage is not None
            assert log.damage.good_seq == len(good)
            assert log.damage.kept_aside == RECORDS - len(good)
            assert f"{RECORDS - len(good)} records were kept aside in {log.damage.aside}" in str(log.damage)
        if log.damage is not None:
            assert log.damage.aside.exists()
        snapshot = log.newest_snapshot()
        assert snapshot is None or (snapshot.seq == 200 <= len(good) and snapshot.states == b"state" * 400)
        log.append(records(len(good) + 1, after=len(good))).result()
    with closing(SqliteLog(path)) as again:
        assert again.damage is None
        assert sum(1 for _ in again.read()) == len(good) + 1


@given(share=st.floats(0, 1), flip=st.integers(1, 255))
@example(share=0.037220340543097315, flip=128)
@example(share=0.0390625, flip=127)
def test_a_flipped_byte_anywhere_never_yields_a_wrong_record(share: float, flip: int) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "town.log"
        content = bytearray(whole_file())
        content[int(share * (len(content) - 1))] ^= flip
        file.write_bytes(content)

        check_good_part(file, bytes(content))


@given(share=st.floats(0, 1))
@example(share=0.0)
@example(share=0.5)
def test_a_file_cut_short_anywhere_opens_with_what_is_left(share: float) -> None:
    with TemporaryDirectory() as folder:
        file = Path(folder) / "town.log"
        content = whole_file()[: int(share * len(whole_file()))]
        file.write_bytes(content)

        check_good_part(file, content)


@given(share=st.floats(0, 1), cut=st.booleans())
def test_a_torn_write_ahead_log_opens_with_what_was_committed_before(share: float, cut: bool) -> None:
    """Power loss in the middle of a write: SQLite's own checksums end the log at a whole transaction."""
    with TemporaryDirectory() as folder:
        file, torn = Path(folder) / "town.log", Path(folder) / "torn.log"
        log = SqliteLog.create(file, HEADER)
        for record in records(30):
            log.append([record]).result()
        torn.write_bytes(file.read_bytes())
        wal = bytearray(file.with_name("town.log-wal").read_bytes())
        log.close()
        at = int(share * (len(wal) - 1))
        if cut:
            del wal[at:]
        else:
            wal[at] ^= 0xFF
        torn.with_name("torn.log-wal").write_bytes(wal)

        with closing(SqliteLog(torn)) as opened:
            good = [canonical(record) for record in opened.read()]

    assert good == [canonical(record) for record in records(len(good))]


def change(path: Path, statement: str) -> None:
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(statement)
        connection.commit()


@pytest.mark.parametrize(
    ("statement", "good", "reason"),
    [
        (
            "UPDATE records SET body = replace(body, 'x', 'y') WHERE seq = 301",
            300,
            "record 301 does not match",
        ),
        ("UPDATE fixes SET at_ms = at_ms + 1 WHERE seq = 300", 299, "record 300 does not match"),
        ("UPDATE progress SET last_seq = 500", RECORDS, "the number of its last record is damaged"),
        ("UPDATE progress SET last_seq = 300", RECORDS, "the number of its last record is damaged"),
        ("DELETE FROM records WHERE seq = 301", 300, "record 301 is missing"),
        ("DELETE FROM records WHERE seq > 301", 301, "record 302 is missing"),
        ("DELETE FROM fixes", 2, "record 3 is missing"),
        ("UPDATE records SET type = 'OrderEaten' WHERE seq = 400", 399, "record 400 does not match"),
    ],
)
def test_a_changed_row_ends_the_good_part(path: Path, statement: str, good: int, reason: str) -> None:
    change(path, statement)

    with closing(SqliteLog(path)) as log:
        assert log.damage is not None
        assert (log.damage.good_seq, log.damage.kept_aside) == (good, RECORDS - good)
        assert reason in log.damage.reason
        assert len(list(log.read())) == good
    assert sum(1 for _ in path.parent.glob("town.log.damaged-*")) == 1


def test_each_damage_is_kept_aside_under_its_own_name(path: Path) -> None:
    for last in (350, 300):
        change(path, f"DELETE FROM records WHERE seq = {last - last % 3 + 1}")
        SqliteLog(path).close()

    assert sorted(file.name for file in path.parent.iterdir()) == [
        "town.log",
        "town.log.damaged-1",
        "town.log.damaged-2",
    ]


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"none\.log: there is no event log"):
        SqliteLog(tmp_path / "none.log")


def test_a_foreign_file_is_named_and_left_alone(tmp_path: Path) -> None:
    foreign = tmp_path / "other.sqlite"
    change(foreign, "CREATE TABLE guests (name TEXT)")
    before = foreign.read_bytes()

    with pytest.raises(LogError, match=r"other\.sqlite: not a Peakline event log"):
        SqliteLog(foreign)

    assert foreign.read_bytes() == before
    assert [file.name for file in tmp_path.iterdir()] == ["other.sqlite"]


def test_text_is_no_log(tmp_path: Path) -> None:
    text = tmp_path / "notes.txt"
    text.write_text("shopping list")

    with pytest.raises(LogError, match=r"notes\.txt: not a Peakline event log"):
        SqliteLog(text)


def test_nothing_is_made_over_an_existing_file(path: Path) -> None:
    with pytest.raises(LogError, match="exists already"):
        SqliteLog.create(path, HEADER)


def test_a_log_that_is_open_is_not_opened_twice(path: Path) -> None:
    with closing(SqliteLog(path)), pytest.raises(LogError, match="in use by another process"):
        SqliteLog(path)


def test_a_log_of_another_format_is_refused(path: Path) -> None:
    change(path, "UPDATE header SET format = 9")

    with pytest.raises(LogError, match="log format 9; this version reads format 1"):
        SqliteLog(path)


def test_a_damaged_header_is_told(path: Path) -> None:
    change(path, "UPDATE header SET header = replace(header, 'town', 'tovn')")

    with pytest.raises(LogError, match=r"town\.log: the header of the log does not match its checksum"):
        SqliteLog(path)


def test_a_full_disk_fails_this_append_and_all_later_ones(path: Path) -> None:
    with closing(SqliteLog(path)) as log:
        pages = log._connection.execute("PRAGMA page_count").fetchone()[0]
        log._connection.execute(f"PRAGMA max_page_count = {pages}")

        failed = log.append(records(RECORDS + 2_000, after=RECORDS))

        with pytest.raises(LogError, match=r"town\.log cannot be written: .*full"):
            failed.result()
        with pytest.raises(LogError, match="cannot be written"):
            log.append(records(RECORDS + 2_001, after=RECORDS + 2_000)).result()
        with pytest.raises(LogError, match="cannot be written"):
            log.append(()).result()
    with closing(SqliteLog(path)) as again:
        assert again.damage is None
        assert sum(1 for _ in again.read()) == RECORDS
