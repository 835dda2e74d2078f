"""The SQLite file of a log: its tables, and reading and writing them without any thread."""

import binascii
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import msgspec

from domain.commands import RecordFixes
from domain.errors import LogError
from runtime.codec import StoredRecord
from runtime.event_log.port import LogHeader
from runtime.snapshots import EngineSnapshot

APPLICATION_ID = 0x5045414B
"""``PEAK``: how SQLite and ``file`` recognize a log."""

FORMAT = 1
_FIXES = RecordFixes.__name__

_TABLES = """
CREATE TABLE header (format INTEGER NOT NULL, header TEXT NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE progress (last_seq INTEGER NOT NULL, crc INTEGER NOT NULL);
CREATE TABLE records (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, cause_seq INTEGER, type TEXT NOT NULL,
    body TEXT NOT NULL, crc INTEGER NOT NULL
);
CREATE TABLE fixes (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, body BLOB NOT NULL, crc INTEGER NOT NULL
);
CREATE TABLE snapshots (
    seq INTEGER PRIMARY KEY, at_ms INTEGER NOT NULL, engine_version TEXT NOT NULL, states BLOB NOT NULL,
    crc INTEGER NOT NULL
);
"""
_READ = f"""
SELECT seq, at_ms, cause_seq, type, CAST(body AS BLOB), crc FROM records WHERE seq > ?1
UNION ALL
SELECT seq, at_ms, NULL, '{_FIXES}', body, crc FROM fixes WHERE seq > ?1
ORDER BY seq
"""  # noqa: S608  (made of constants)


def check_kind(path: Path) -> None:
    """Look at the first bytes of a file, without touching it.

    Raises
    ------
    LogError
        If there is no such file, or it is not a log.
    """
    try:
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise LogError(f"{path}: there is no event log that can be read: {error.strerror}") from error
    if not head.startswith(b"SQLite format 3\0") or int.from_bytes(head[68:72]) != APPLICATION_ID:
        raise LogError(f"{path}: not a Peakline event log, or damaged in its first bytes")


def connect(path: Path) -> sqlite3.Connection:
    """Open a file for one owner: write-ahead log, a full sync at every commit, locked for everybody else.

    Raises
    ------
    LogError
        If another process has it open.
    sqlite3.DatabaseError
        If it is no SQLite file or its first page is damaged.
    """
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        connection.execute("PRAGMA locking_mode = EXCLUSIVE")
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("BEGIN EXCLUSIVE")
        connection.execute("COMMIT")
    except sqlite3.OperationalError as error:
        connection.close()
        if "locked" in str(error):
            raise LogError(f"{path}: in use by another process; stop that one first") from error
        raise
    except sqlite3.DatabaseError:
        connection.close()
        raise
    return connection


def create(path: Path, header: LogHeader) -> None:
    """Write a file with the tables and no records; it appears under its name only when it is whole."""
    unfinished = path.with_name(path.name + ".new")
    unfinished.unlink(missing_ok=True)
    connection = connect(unfinished)
    try:
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
        connection.executescript(f"BEGIN; {_TABLES} COMMIT;")
        connection.execute("INSERT INTO header VALUES (?, '', 0)", (FORMAT,))
        connection.execute("INSERT INTO progress VALUES (0, ?)", (_checksum("0"),))
        write_header(connection, header)
    finally:
        connection.close()
    unfinished.replace(path)


def write_header(connection: sqlite3.Connection, header: LogHeader) -> None:
    """Replace the header, durably."""
    text = msgspec.json.encode(header).decode()
    connection.execute("UPDATE header SET header = ?, crc = ?", (text, _checksum(text)))


def read_header(connection: sqlite3.Connection, path: Path) -> LogHeader:
    """Return the header.

    Raises
    ------
    LogError
        If the log has another format, or its header is damaged.
    sqlite3.DatabaseError
        If it cannot be read.
    """
    row = connection.execute("SELECT format, header, crc FROM header").fetchone()
    if row is None or row[0] != FORMAT:
        found = "none" if row is None else row[0]
        raise LogError(f"{path}: log format {found}; this version reads format {FORMAT}")
    if _checksum(row[1]) != row[2]:
        raise LogError(f"{path}: the header of the log does not match its checksum; restore it from a backup")
    return msgspec.json.decode(row[1], type=LogHeader)


def read_last_seq(connection: sqlite3.Connection) -> int | None:
    """Return the number of the last record committed, None where that is damaged."""
    try:
        row = connection.execute("SELECT last_seq, crc FROM progress").fetchone()
    except sqlite3.Error:
        return None
    return None if row is None or _checksum(row[0]) != row[1] else int(row[0])


def read_rows(connection: sqlite3.Connection, after_seq: int, most: int) -> list[tuple[StoredRecord, int]]:
    """Return the next stored records with their checksums, in order."""
    rows = connection.execute(_READ + "LIMIT ?2", (after_seq, most)).fetchall()
    return [(StoredRecord(*row[:5]), row[5]) for row in rows]


def all_rows(connection: sqlite3.Connection) -> Iterator[tuple[StoredRecord, int]]:
    """Yield all stored records with their checksums, in order, up to where the file is damaged."""
    for row in connection.execute(_READ, (0,)):
        yield StoredRecord(*row[:5]), row[5]


def write(
    connection: sqlite3.Connection,
    records: Iterable[StoredRecord],
    snapshots: Sequence[EngineSnapshot] = (),
) -> None:
    """Write records and snapshots in one transaction, durably."""
    events, fixes = [], []
    last_seq: int | None = None
    for record in records:
        last_seq, at_ms, cause_seq, kind, body = record
        if kind == _FIXES:
            fixes.append((last_seq, at_ms, body, record.checksum))
        else:
            events.append((last_seq, at_ms, cause_seq, kind, body.decode(), record.checksum))
    connection.execute("BEGIN IMMEDIATE")
    try:
        connection.executemany("INSERT INTO records VALUES (?, ?, ?, ?, ?, ?)", events)
        connection.executemany("INSERT INTO fixes VALUES (?, ?, ?, ?)", fixes)
        if last_seq is not None:
            connection.execute("UPDATE progress SET last_seq = ?, crc = ?", (last_seq, _checksum(last_seq)))
        for snapshot in snapshots:
            _write_snapshot(connection, snapshot)
        connection.execute("COMMIT")
    except Exception:
        if connection.in_transaction:
            connection.execute("ROLLBACK")
        raise


def read_snapshots(connection: sqlite3.Connection) -> Iterator[EngineSnapshot]:
    """Yield the snapshots that are whole, newest first."""
    rows = connection.execute(
        "SELECT seq, at_ms, engine_version, states, crc FROM snapshots ORDER BY seq DESC"
    ).fetchall()
    for seq, at_ms, engine_version, states, crc in rows:
        snapshot = EngineSnapshot(seq, at_ms, engine_version, states)
        if isinstance(states, bytes) and _snapshot_checksum(snapshot) == crc:
            yield snapshot


def _write_snapshot(connection: sqlite3.Connection, snapshot: EngineSnapshot) -> None:
    connection.execute(
        "INSERT OR REPLACE INTO snapshots VALUES (?, ?, ?, ?, ?)",
        (
            snapshot.seq,
            snapshot.at_ms,
            snapshot.engine_version,
            snapshot.states,
            _snapshot_checksum(snapshot),
        ),
    )
    # Two are kept: should the newest be damaged, the one before still saves most of the way.
    connection.execute(
        "DELETE FROM snapshots WHERE seq NOT IN (SELECT seq FROM snapshots ORDER BY seq DESC LIMIT 2)"
    )


def _checksum(value: object) -> int:
    return binascii.crc32(str(value).encode())


def _snapshot_checksum(snapshot: EngineSnapshot) -> int:
    head = f"{snapshot.seq} {snapshot.at_ms} {snapshot.engine_version} "
    return binascii.crc32(snapshot.states, binascii.crc32(head.encode()))
