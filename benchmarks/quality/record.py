"""What was measured so far, and the code that it was measured with: build/quality/record.json."""

import hashlib
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Any

from benchmarks.json_record import read_record, write_record
from benchmarks.quality.case import Case, Result

MEASURED_PACKAGES = ("cli/bench", "dispatch", "domain", "roads", "runtime", "scenarios", "sim")
"""What a figure depends on; the other packages take no part in a run."""


def fingerprint(root: Path) -> str:
    """Return a short hash of the code that figures depend on, committed or not."""
    digest = hashlib.sha256()
    for package in MEASURED_PACKAGES:
        for path in sorted((root / package).rglob("*.py")):
            digest.update(f"{path.relative_to(root)}\n".encode())
            digest.update(path.read_bytes())
    return digest.hexdigest()[:12]


def load(path: Path) -> dict[Case, Result]:
    """Read a record; an absent file is an empty one.

    Raises
    ------
    ValueError
        If the file is not a record.
    """
    return read_record(path, "make quality", _results, empty={})


def save(path: Path, results: Iterable[Result]) -> None:
    """Write a record, in one step, so that an interrupted run keeps what it had."""
    entries = [asdict(result) for result in sorted(results, key=lambda result: result.case)]
    write_record(path, entries, indent=1)


def due(wanted: Iterable[Case], known: dict[Case, Result], code: str | None) -> list[Case]:
    """Return the cases that were never measured, or with other code; any code will do for None."""
    return [case for case in wanted if case not in known or (code is not None and known[case].code != code)]


def _results(entries: list[dict[str, Any]]) -> dict[Case, Result]:
    results = [Result(**{**entry, "differing": tuple(entry["differing"])}) for entry in entries]
    return {result.case: result for result in results}
