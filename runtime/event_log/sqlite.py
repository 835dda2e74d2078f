"""A log in one SQLite file per city: durable before anything is acknowledged.

One writer thread commits everything that waits in one transaction (group commit), with a write-ahead log and
a full sync: after power loss everything whose future was done is there.
"""

import sqlite3
import threading
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from pathlib import Path

from domain.errors import LogError
from runtime.codec import StoredRecord, decode_message, encode
from runtime.event_log import sqlite_file
from runtime.event_log.group_writer import GroupWriter
from runtime.event_log.port import LogHeader, LogRecord
from runtime.event_log.salvage import Damage, check_and_rescue
from runtime.snapshots import EngineSnapshot

_CHUNK = 1_000


class SqliteLog:
    """The event log of one city, and its snapshots, in one file that this process alone has open.

    Parameters
    ----------
    path : Path
        An existing log; ``SqliteLog.create`` makes a new one.

    Attributes
    ----------
    damage : Damage or None
        What was found wrong with the file just now, and repaired.
    repairs : tuple of Repair
        Every repair of this log so far, oldest first.

    Raises
    ------
    LogError
        If the file is missing, foreign, in use by another process, or damaged beyond its header.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.damage: Damage | None = check_and_rescue(path)
        self._connection = sqlite_file.connect(path)
        self.repairs: tuple[sqlite_file.Repair, ...] = sqlite_file.read_repairs(self._connection)
        self._guard = threading.Lock()
        self._header = sqlite_file.read_header(self._connection, path)
        self._last_seq = sqlite_file.read_last_seq(self._connection) or 0
        self._writer: GroupWriter[LogRecord | EngineSnapshot] = GroupWriter(self._commit, str(path))
        self._closed = False

    @classmethod
    def create(cls, path: Path, header: LogHeader) -> "SqliteLog":
        """Make a new log.

        Raises
        ------
        LogError
            If there is something already, or the folder cannot be written.
        """
        if path.exists():
            raise LogError(
                f"{path}: exists already, and is left as it is; choose another name for a new log, or look "
                f"into this one with: peakline replay {path}"
            )
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            sqlite_file.create(path, header)
        except (OSError, sqlite3.Error) as error:
            raise LogError(f"{path}: a log cannot be made here: {error}") from error
        return cls(path)

    @property
    def header(self) -> LogHeader:
        """What the log says of itself."""
        return self._header

    def adopt(self, header: LogHeader) -> None:
        """Let the log continue under another header, for example that of a newer engine version."""
        with self._guard:
            sqlite_file.write_header(self._connection, header)
        self._header = header

    def append(self, records: Sequence[LogRecord]) -> "Future[None]":
        """Append records in order; appending none tells when everything before is durable.

        Raises
        ------
        LogError
            If they do not continue the log.
        """
        if records:
            if records[0].seq != self._last_seq + 1:
                raise LogError(
                    f"{self.path}: the log continues with record {self._last_seq + 1}, not {records[0].seq}"
                )
            self._last_seq = records[-1].seq
        return self._writer.add(records)

    def read(self, after_seq: int = 0) -> Iterator[LogRecord]:
        """Yield the records with a larger ``seq``, in order, once everything appended is durable.

        Raises
        ------
        LogError
            If a record cannot be read.
        """
        self._settle()
        while rows := self._rows(after_seq):
            for stored, crc in rows:
                after_seq = stored.seq
                if stored.checksum != crc:
                    raise LogError(f"{self.path}: record {stored.seq} does not match its checksum")
                yield LogRecord(stored.seq, stored.at_ms, stored.cause_seq, decode_message(stored))

    def save_snapshot(self, snapshot: EngineSnapshot) -> None:
        """Queue a snapshot; it becomes durable after every record appended before."""
        self._writer.add((snapshot,))

    def newest_snapshot(self) -> EngineSnapshot | None:
        """Return the newest snapshot that is whole, if any."""
        self._settle()
        with self._guard:
            return next(sqlite_file.read_snapshots(self._connection), None)

    def close(self) -> None:
        """Make everything appended durable, then let go of the file."""
        if not self._closed:
            self._closed = True
            self._writer.stop()
            self._connection.close()

    def _settle(self) -> None:
        if self._closed:
            raise LogError(f"{self.path} is closed")
        self._writer.flush()

    def _rows(self, after_seq: int) -> list[tuple[StoredRecord, int]]:
        with self._guard:
            if self._closed:
                raise LogError(f"{self.path} is closed")
            try:
                return sqlite_file.read_rows(self._connection, after_seq, _CHUNK)
            except sqlite3.Error as error:
                raise LogError(f"{self.path}: cannot be read: {error}") from error

    def _commit(self, items: "Sequence[LogRecord | EngineSnapshot]") -> None:
        records = [encode(item) for item in items if isinstance(item, LogRecord)]
        snapshots = [item for item in items if isinstance(item, EngineSnapshot)]
        with self._guard:
            sqlite_file.write(self._connection, records, snapshots)
