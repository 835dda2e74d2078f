"""The record of what was measured: build/verify.json."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path

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
    if not path.exists():
        return {}
    try:
        return {key: Entry(**entry) for key, entry in json.loads(path.read_text(encoding="utf-8")).items()}
    except (ValueError, TypeError, AttributeError) as error:
        raise ValueError(
            f"{path} is not a record of `make verify` ({error}); remove it to start anew"
        ) from error


def save(path: Path, entries: Mapping[str, Entry]) -> None:
    """Write a record, in one step, so that an interrupted run keeps what it had."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    body = {key: asdict(entry) for key, entry in entries.items()}
    written.write_text(json.dumps(body, indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
    written.replace(path)
