"""The record of what was measured: build/verify.json."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from benchmarks.json_record import read_record, write_record
from benchmarks.verify.point import Figure


@dataclass(frozen=True, slots=True)
class Entry:
    """The newest measurement of one point.

    Attributes
    ----------
    asked, target, command
        The point as it was when measured.
    measured
        Figures by name.
    passed
        Whether the target was met.
    seconds
        Wall time of the measurement [s].
    commit
        Newest commit that touches more than prose; with ``+`` behind it when the checkout had changes on top.
    at
        Instant of the end, RFC 3339 in UTC.
    """

    asked: str
    target: str
    command: str
    measured: Mapping[str, Figure]
    passed: bool
    seconds: float
    commit: str
    at: str

    def proves(self, commit: str) -> bool:
        """Tell whether this passed on exactly that commit, without changes on top."""
        return self.passed and self.commit == commit and not commit.endswith("+")


def load(path: Path) -> dict[str, Entry]:
    """Read a record; an absent file is an empty one.

    Raises
    ------
    ValueError
        If the file is not a record.
    """
    return read_record(path, "make verify", _entries, empty={})


def save(path: Path, entries: Mapping[str, Entry]) -> None:
    """Write a record, in one step, so that an interrupted run keeps what it had."""
    write_record(path, {key: asdict(entry) for key, entry in entries.items()}, indent=2)


def _entries(document: dict[str, dict[str, Any]]) -> dict[str, Entry]:
    return {key: Entry(**entry) for key, entry in document.items()}
