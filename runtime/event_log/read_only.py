"""A log that is only looked at: its good records, what is wrong with it, and never a change to its file."""

import contextlib
import itertools
import sqlite3
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

from domain.errors import LogError
from runtime.codec import decode_message
from runtime.event_log import salvage, sqlite_file
from runtime.event_log.port import LogHeader, LogRecord


@dataclass(frozen=True, slots=True)
class DamageFound:
    """What is wrong with a log that was only looked at.

    Attributes
    ----------
    path : Path
        The log.
    good : int
        Records that are good: from the first one on, without a gap.
    unreadable : int or None
        Records after those, lost or unreadable; None where the log no longer tells how many there were.
    reason : str
        What is wrong first.
    """

    path: Path
    good: int
    unreadable: int | None
    reason: str

    def __str__(self) -> str:
        """One sentence for people: what is good, what is lost, and what to do."""
        if self.unreadable is None:
            lost = f"how many were lost after record {self.good} can no longer be told"
        elif self.unreadable:
            lost = f"{self.unreadable} are lost or unreadable, from record {self.good + 1} on"
        else:
            lost = "none is lost, but the file around them is not sound"
        return (
            f"{self.path}: damaged ({self.reason}): {self.good} records are good, {lost}; peakline serve "
            "keeps the damaged file aside and goes on after the good ones, or restore the log from a backup"
        )


class ReadOnlyLog:
    """The good records of a log. Works on a copy, because SQLite itself may write to what it only reads.

    Parameters
    ----------
    path : Path
        An existing log that no process has open.

    Attributes
    ----------
    damage : DamageFound or None
        What is wrong with it now.
    repairs : tuple of Repair
        Every repair that was made to it, oldest first.

    Raises
    ------
    LogError
        If the file is missing, foreign, in use by another process, or damaged beyond its header.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        sqlite_file.check_kind(path)
        with contextlib.ExitStack() as opening:
            try:
                self._connection = opening.enter_context(sqlite_file.copy_of(path))
                self._findings = salvage.examine(self._connection, path)
            except sqlite3.Error as error:
                raise salvage.beyond_reading(path, error) from error
            self._opened = opening.pop_all()
        self.damage = _damage(path, self._findings)
        self.repairs: tuple[sqlite_file.Repair, ...] = sqlite_file.read_repairs(self._connection)

    @property
    def header(self) -> LogHeader:
        """What the log says of itself."""
        return self._findings.header

    def append(self, records: Sequence[LogRecord]) -> "Future[None]":
        """Refuse: nothing is added to a log that is only looked at.

        Raises
        ------
        LogError
            Always.
        """
        raise LogError(f"{self.path}: is open for reading only, and takes no records")

    def read(self, after_seq: int = 0) -> Iterator[LogRecord]:
        """Yield the good records with a larger ``seq``, in order."""
        # Never a row further than the last good one: the next may lie on a page that cannot be read.
        most = max(self._findings.good_seq - after_seq, 0)
        for stored, _ in itertools.islice(sqlite_file.all_rows(self._connection, after_seq), most):
            yield LogRecord(stored.seq, stored.at_ms, stored.cause_seq, decode_message(stored))

    def close(self) -> None:
        """Let go of the copy."""
        self._opened.close()


def _damage(path: Path, findings: salvage.Findings) -> DamageFound | None:
    if findings.reason is None:
        return None
    unreadable = findings.last_seq - findings.good_seq if findings.ends_known else None
    return DamageFound(path, findings.good_seq, unreadable, findings.reason)
