"""A damaged log: what is good is opened, the rest is kept aside, and nothing is lost silently."""

import contextlib
import itertools
import os
import shutil
import sqlite3
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from domain.errors import LogError
from runtime.codec import StoredRecord, decode_message
from runtime.event_log import sqlite_file
from runtime.event_log.port import LogHeader

_CHUNK = 5_000


@dataclass(frozen=True, slots=True)
class Damage:
    """What was found wrong with a log, and what became of it.

    Attributes
    ----------
    path : Path
        The log.
    good_seq : int
        The last good record, after which the log now continues.
    kept_aside : int
        Records after it, which are no longer in the log.
    aside : Path
        The whole file as it was found.
    reason : str
        What was wrong first.
    """

    path: Path
    good_seq: int
    kept_aside: int
    aside: Path
    reason: str

    def __str__(self) -> str:
        """One sentence for people."""
        return (
            f"{self.path}: damaged after record {self.good_seq} ({self.reason}); {self.kept_aside} records "
            f"were kept aside in {self.aside}, the {self.good_seq} before them are open"
        )


@dataclass(frozen=True, slots=True)
class Findings:
    """What a log was found to hold, without changing it.

    Attributes
    ----------
    header : LogHeader
        What it says of itself.
    good_seq : int
        The last record up to which all are good.
    last_seq : int
        The last record that is known of.
    ends_known : bool
        Whether the log still tells which record was its last one.
    reason : str or None
        What is wrong first, None for a log that is whole.
    """

    header: LogHeader
    good_seq: int
    last_seq: int
    ends_known: bool
    reason: str | None


def check_and_rescue(path: Path) -> Damage | None:
    """Check a log from end to end; where it is damaged, put the good part in its place.

    Cost: about 10 us a record.

    Returns
    -------
    Damage or None
        What was found, None for a log that is whole.

    Raises
    ------
    LogError
        If the file is missing, foreign, in use, or so damaged that its header cannot be read.
    """
    sqlite_file.check_kind(path)
    try:
        with _opened(path) as (connection, refusal):
            findings = examine(connection, path)
            reason = findings.reason or refusal
            if reason is None:
                return None
            aside = _free_name(path)
            kept_aside = findings.last_seq - findings.good_seq
            at_ms = time.time_ns() // 1_000_000
            repair = sqlite_file.Repair(at_ms, findings.good_seq, kept_aside, aside.name)
            rescued = _copy_good(connection, path, findings, repair)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise beyond_reading(path, error) from error
    _swap(path, rescued, aside)
    return Damage(path, findings.good_seq, kept_aside, aside, reason)


@contextlib.contextmanager
def _opened(path: Path) -> Iterator[tuple[sqlite3.Connection, str | None]]:
    """Open a file, and tell why SQLite refuses it, if it does."""
    try:
        connection = sqlite_file.connect(path)
    except sqlite3.DatabaseError as error:
        # Perhaps cut short. What is left of it is read from a copy, because SQLite would write to it.
        with sqlite_file.copy_of(path) as connection:
            yield connection, str(error)
        return
    try:
        yield connection, None
    finally:
        # Closing a damaged file may fail to tidy up; what is needed of it has been read.
        with contextlib.suppress(sqlite3.Error):
            connection.close()


def beyond_reading(path: Path, error: sqlite3.Error | UnicodeDecodeError) -> LogError:
    """Return the error of a log of which nothing can be read."""
    return LogError(f"{path}: damaged where the log describes itself ({error}); restore it from a backup")


def examine(connection: sqlite3.Connection, path: Path) -> Findings:
    """Check every record of an open log, up to the first one that is damaged.

    Raises
    ------
    LogError
        If the log has another format, its header is damaged, or nothing can be read of it.
    sqlite3.DatabaseError
        If its header cannot be read.
    """
    header = sqlite_file.read_header(connection, path)
    last_seq = sqlite_file.read_last_seq(connection)
    good_seq = 0
    reason: str | None = None
    try:
        for stored, crc in sqlite_file.all_rows(connection):
            _check_row(stored, crc, good_seq + 1)
            good_seq = stored.seq
    except (LogError, sqlite3.Error, TypeError, ValueError, AttributeError) as error:
        reason = str(error)
    reason = reason or _incomplete(good_seq, last_seq) or _malformed(connection)
    if last_seq is None and not good_seq and not _largest(connection):
        raise LogError(f"{path}: damaged ({reason}), no record can be read; restore it from a backup")
    known_seq = _largest(connection) if last_seq is None else last_seq
    return Findings(header, good_seq, max(good_seq, known_seq), last_seq is not None, reason)


def _check_row(stored: StoredRecord, crc: int, expected_seq: int) -> None:
    if stored.seq != expected_seq:
        raise LogError(f"record {expected_seq} is missing")
    if stored.checksum != crc:
        raise LogError(f"record {stored.seq} does not match its checksum")
    decode_message(stored)


def _incomplete(good_seq: int, last_seq: int | None) -> str | None:
    if last_seq is None:
        return "the number of its last record is damaged"
    return f"record {good_seq + 1} is missing" if good_seq < last_seq else None


def _malformed(connection: sqlite3.Connection) -> str | None:
    """Ask SQLite whether its own structures are whole: some damage hurts only later, when written to."""
    try:
        answer = str(connection.execute("PRAGMA quick_check(1)").fetchone()[0])
        # Its names may be damaged and still make sense to SQLite.
        sqlite_file.check_snapshot_columns(connection)
    except (sqlite3.Error, UnicodeDecodeError) as error:
        return str(error)
    return None if answer == "ok" else answer


def _largest(connection: sqlite3.Connection) -> int:
    largest = 0
    for table in ("records", "fixes"):
        with contextlib.suppress(sqlite3.Error):
            row = connection.execute(f"SELECT max(seq) FROM {table}").fetchone()  # noqa: S608  (constants)
            largest = max(largest, row[0] or 0)
    return largest


def _copy_good(
    connection: sqlite3.Connection, path: Path, findings: Findings, repair: sqlite_file.Repair
) -> Path:
    rescued = path.with_name(path.name + ".rescued")
    rescued.unlink(missing_ok=True)
    sqlite_file.create(rescued, findings.header)
    target = sqlite_file.connect(rescued)
    try:
        sqlite_file.write_repairs(target, (*sqlite_file.read_repairs(connection), repair))
        # Never a row further than needed: the next one may lie on a page that cannot be read.
        good = itertools.islice(sqlite_file.all_rows(connection), findings.good_seq)
        while rows := [stored for stored, _ in itertools.islice(good, _CHUNK)]:
            sqlite_file.write(target, rows)
        with contextlib.suppress(sqlite3.Error):
            for snapshot in sqlite_file.read_snapshots(connection):
                if snapshot.seq <= findings.good_seq:
                    sqlite_file.write(target, (), [snapshot])
    finally:
        target.close()
    return rescued


def _free_name(path: Path) -> Path:
    number = 1
    while (aside := path.with_name(f"{path.name}.damaged-{number}")).exists():
        number += 1
    return aside


def _swap(path: Path, rescued: Path, aside: Path) -> None:
    """Keep the damaged file under another name and put the rescued one in its place."""
    shutil.copy2(path, aside)
    for suffix in ("-wal", "-shm"):
        side = path.with_name(path.name + suffix)
        if side.exists():
            shutil.copy2(side, aside.with_name(aside.name + suffix))
            side.unlink()
    rescued.replace(path)
    _sync(path.parent)


def _sync(folder: Path) -> None:
    """Make the new names durable."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
