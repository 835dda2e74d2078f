"""Choose the points that are due, measure each and keep the record after every one."""

import subprocess
import time
import traceback
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.verify.point import Outcome, Point
from benchmarks.verify.record import Entry, load, save

# A commit that touches only these leaves every measurement as good as it was.
PROSE = (":!README.md", ":!CHANGELOG.md", ":!CONTRIBUTING.md", ":!docs")


@dataclass(frozen=True, slots=True)
class Checkout:
    """Where the measurements run and what they measure.

    Attributes
    ----------
    root
        Root of the checkout.
    commit
        See `Entry.commit`.
    """

    root: Path
    commit: str

    @property
    def record(self) -> Path:
        """File that keeps the measurements."""
        return self.root / "build" / "verify.json"


def checkout(root: Path) -> Checkout:
    """Look at a git checkout."""
    commit = _git(root, "log", "-1", "--format=%h", "--", ".", *PROSE)
    changed = _git(root, "status", "--porcelain", "--untracked-files=no", "--", ".", *PROSE)
    return Checkout(root, commit + ("+" if changed else ""))


def choose(points: Sequence[Point], keys: Sequence[str]) -> list[Point]:
    """Return the points of these keys, all points without any key.

    Raises
    ------
    ValueError
        If a key names no point.
    """
    known = {point.key: point for point in points}
    if len(known) != len(points):
        raise ValueError("two points have the same key")
    unknown = [key for key in keys if key not in known]
    if unknown:
        raise ValueError(f"no point {', '.join(unknown)}; there are: {', '.join(known)}")
    return [known[key] for key in keys] if keys else list(points)


def due(points: Sequence[Point], where: Checkout) -> list[Point]:
    """Return the points that have not passed on this commit."""
    entries = load(where.record)
    return [
        point for point in points if point.key not in entries or not entries[point.key].proves(where.commit)
    ]


def measure(point: Point, where: Checkout) -> Entry:
    """Measure one point; an exception is a failure with its text among the figures."""
    began_s = time.monotonic()
    try:
        outcome = point.measure(where.root)
    except Exception as error:
        # Whatever goes wrong here, the other points are still worth measuring.
        traceback.print_exc()
        first_line = (str(error) or type(error).__name__).splitlines()[0]
        outcome = Outcome(passed=False, measured={"error": first_line})
    return Entry(
        asked=point.asked,
        target=point.target,
        command=point.command,
        measured=outcome.measured,
        passed=outcome.passed,
        seconds=round(time.monotonic() - began_s, 1),
        commit=where.commit,
        at=datetime.now(UTC).isoformat(timespec="seconds"),
    )


def measure_all(
    points: Sequence[Point],
    where: Checkout,
    *,
    before: Callable[[Point], None],
    after: Callable[[Point, Entry], None],
) -> bool:
    """Measure points in order and tell whether all passed; the record is saved after each."""
    passed = True
    for point in points:
        before(point)
        entry = measure(point, where)
        # Read anew: another run may have measured other points meanwhile.
        save(where.record, {**load(where.record), point.key: entry})
        after(point, entry)
        passed = passed and entry.passed
    return passed


def _git(root: Path, *arguments: str) -> str:
    ended = subprocess.run(["git", *arguments], cwd=root, capture_output=True, text=True, check=True)
    return ended.stdout.strip()
