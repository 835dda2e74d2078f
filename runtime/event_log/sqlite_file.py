"""The SQLite file of a log: its tables, and reading and writing them without any thread."""

import binascii
import contextlib
import fcntl
import shutil
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory

import msgspec

from domain.commands import RecordFixes
from domain.errors import LogError
from domain.units import SECOND_MS, Millis
from runtime.codec import StoredRecord
from runtime.event_log.port import LogHeader
from runtime.snapshots import EngineSnapshot

APPLICATION_ID = 0x5045414B
"""``PEAK``: how SQLite and ``file`` recognize a log."""

FORMAT = 1
_SHARED_FIRST, _SHARED_SIZE = 0x40000002, 510  # the bytes that who has a SQLite file to itself keeps locked
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
CREATE TABLE repairs (
    at_ms INTEGER NOT NULL, good_seq INTEGER NOT NULL, kept_aside INTEGER NOT NULL, aside TEXT NOT NULL
);
"""
_READ = f"""
SELECT seq, at_ms, cause_seq, type, CAST(body AS BLOB), crc FROM records WHERE seq > ?1
UNION ALL
SELECT seq, at_ms, NULL, '{_FIXES}', body, crc FROM fixes WHERE seq > ?1
ORDER BY seq
"""  # noqa: S608  (made of constants)


@dataclass(frozen=True, slots=True)
class Repair:
    """A note in a log that its tail was damaged once, and is no longer in it.

    Attributes
    ----------
    at_ms : int
        When it was repaired.
    good_seq : int
        The last record of before, after which the log continued.
    kept_aside : int
        Records that were taken out of it.
    aside : str
        Name of the file, beside the log, that was kept as it was found.
    """

    at_ms: Millis
    good_seq: int
    kept_aside: int
    aside: str

    def __str__(self) -> str:
        """One sentence for people."""
        at = datetime.fromtimestamp(self.at_ms / SECOND_MS, UTC)
        return (
            f"repaired on {at:%Y-%m-%d %H:%M:%S} UTC: it was damaged after record {self.good_seq}, and "
            f"{self.kept_aside} records were kept aside in {self.aside}"
        )


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


def connect(path: Path, *, cut_short: bool = False) -> sqlite3.Connection:
    """Open a file for one owner: write-ahead log, a full sync at every commit, locked for everybody else.

    Parameters
    ----------
    path : Path
        The file.
    cut_short : bool
        Whether also a file is opened whose last pages are missing, to see what is left of it.

    Raises
    ------
    LogError
        If another process has it open.
    sqlite3.DatabaseError
        If it is no SQLite file or its first page is damaged.
    """
    connection = sqlite3.connect(path, timeout=1.0, isolation_level=None, check_same_thread=False)
    try:
        if cut_short:
            # The switch by which SQLite goes on in spite of missing pages; nothing is written to the schema.
            connection.execute("PRAGMA writable_schema = ON")
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
    except UnicodeDecodeError as error:
        # SQLite complains with a damaged name, which the sqlite3 module cannot decode.
        connection.close()
        raise sqlite3.DatabaseError("a name of a table or column is damaged") from error
    return connection


@contextlib.contextmanager
def copy_of(path: Path) -> Iterator[sqlite3.Connection]:
    """Open a copy of a file, of what is left of it: the file itself is not changed, whatever SQLite does.

    Raises
    ------
    LogError
        If another process has it open, or there is no room for the copy.
    sqlite3.DatabaseError
        If it is no SQLite file or its first page is damaged.
    """
    with TemporaryDirectory(prefix="peakline-") as folder:
        copy = Path(folder) / path.name
        try:
            _copy_unused(path, copy)
        except OSError as error:
            raise LogError(f"{path}: cannot be copied to look into it: {error}") from error
        connection = connect(copy, cut_short=True)
        try:
            yield connection
        finally:
            # Closing a damaged file may fail to tidy up; the copy goes away in any case.
            with contextlib.suppress(sqlite3.Error):
                connection.close()


def _copy_unused(path: Path, copy: Path) -> None:
    """Copy a log and what was written to it last, while nobody writes."""
    with path.open("rb") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_SH | fcntl.LOCK_NB, _SHARED_SIZE, _SHARED_FIRST)
        except (BlockingIOError, PermissionError) as error:
            raise LogError(f"{path}: in use by another process; stop that one first") from error
        with contextlib.suppress(FileNotFoundError):
            # Only the contents, not the permissions: SQLite must be able to write to the copy.
            shutil.copyfile(path.with_name(path.name + "-wal"), copy.with_name(copy.name + "-wal"))
        with copy.open("wb") as target:
            # From the same open file: closing another one of it would let go of the lock.
            shutil.copyfileobj(file, target, 1 << 20)


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
    if row is None or row[0] is None:
        raise LogError(f"{path}: damaged where the log describes itself; restore it from a backup")
    if row[0] != FORMAT:
        raise LogError(f"{path}: log format {row[0]}; this version reads format {FORMAT}")
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


def all_rows(connection: sqlite3.Connection, after_seq: int = 0) -> Iterator[tuple[StoredRecord, int]]:
    """Yield all later stored records with their checksums, in order, up to where the file is damaged."""
    for row in connection.execute(_READ, (after_seq,)):
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


_SNAPSHOT_ROWS = "SELECT seq, at_ms, engine_version, states, crc FROM snapshots"


def check_snapshot_columns(connection: sqlite3.Connection) -> None:
    """Check that the columns of snapshots have their names; read no snapshot.

    Raises
    ------
    sqlite3.OperationalError
        If the names in the file are damaged.
    """
    connection.execute(f"{_SNAPSHOT_ROWS} LIMIT 0")


def read_snapshots(connection: sqlite3.Connection) -> Iterator[EngineSnapshot]:
    """Yield the snapshots that are whole, newest first."""
    rows = connection.execute(f"{_SNAPSHOT_ROWS} ORDER BY seq DESC").fetchall()
    for seq, at_ms, engine_version, states, crc in rows:
        snapshot = EngineSnapshot(seq, at_ms, engine_version, states)
        if isinstance(states, bytes) and _snapshot_checksum(snapshot) == crc:
            yield snapshot


def read_repairs(connection: sqlite3.Connection) -> tuple[Repair, ...]:
    """Return the notes about repairs, oldest first; a log of before there were such notes has none."""
    with contextlib.suppress(sqlite3.Error):
        rows = connection.execute("SELECT at_ms, good_seq, kept_aside, aside FROM repairs ORDER BY rowid")
        return tuple(Repair(*row) for row in rows)
    return ()


def write_repairs(connection: sqlite3.Connection, repairs: Iterable[Repair]) -> None:
    """Add notes about repairs, durably."""
    rows = [(repair.at_ms, repair.good_seq, repair.kept_aside, repair.aside) for repair in repairs]
    connection.executemany("INSERT INTO repairs VALUES (?, ?, ?, ?)", rows)


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
