"""One cell of the quality table: a policy on a day with a share of its riders, solved and judged."""

import fnmatch
import json
import subprocess
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from cli.bench.mdrp import solve

TOLERANCE = 1e-6

CHECKED: dict[str, tuple[str, ...]] = {
    "click_to_door_min": ("click_to_door", "mean"),
    "ready_to_pickup_min": ("ready_to_pickup", "mean"),
    "ready_to_door_min": ("ready_to_door", "mean"),
    "late_or_undelivered_pct": ("pct_late_or_undelivered",),
    "undelivered_pct": ("pct_undelivered",),
}
"""Our names of the figures, and where the public checker has them."""


class Case(NamedTuple):
    """What is to be solved."""

    policy: str
    instance: str
    riders_share: float = 1.0


@dataclass(frozen=True, slots=True)
class Result:
    """What came of a case.

    Attributes
    ----------
    code : str
        Fingerprint of the code that was measured.
    feasible : bool
        What the public checker says of the solution (``--rules base``).
    differing : tuple of str
        Figures for which the checker has another value than we have.
    figures : dict
        Our figures, by name.
    bound : dict
        The physical bound of the day, by the same names.
    """

    policy: str
    instance: str
    riders_share: float
    code: str
    feasible: bool
    differing: tuple[str, ...]
    figures: dict[str, float | None]
    bound: dict[str, float]

    @property
    def case(self) -> Case:
        """What was solved."""
        return Case(self.policy, self.instance, self.riders_share)


def cases(
    policies: Iterable[str], instances: Iterable[str], riders_shares: Sequence[float] = (1.0,)
) -> list[Case]:
    """Return every combination, day by day, so that an interrupted run can compare policies already."""
    policies = tuple(policies)
    return [
        Case(policy, instance, share)
        for instance in instances
        for share in riders_shares
        for policy in policies
    ]


def matching(folder: Path, patterns: Sequence[str]) -> list[str]:
    """Return the names of the days in a folder that match a pattern such as ``?o100*``.

    Raises
    ------
    ValueError
        If a pattern matches none.
    """
    names = sorted(path.name for path in folder.iterdir() if path.is_dir())
    for pattern in patterns:
        if not fnmatch.filter(names, pattern):
            raise ValueError(f"no day in {folder} matches {pattern!r}")
    return [name for name in names if any(fnmatch.fnmatch(name, pattern) for pattern in patterns)]


def measure(case: Case, instances: Path, out: Path, checker: Path, code: str) -> Result:
    """Solve a case in this process, and have the public checker judge the written solution."""
    target = out / case.policy / f"{case.riders_share:g}"
    solved = solve(instances / case.instance, target, case.policy, case.riders_share)
    verdict = judged(checker, instances / case.instance, target / case.instance)
    theirs = {name: _found(verdict["metrics"], way) for name, way in CHECKED.items()}
    differing = tuple(name for name, value in theirs.items() if not _same(value, solved.figures[name]))
    bounds = verdict["bounds"]
    return Result(
        *case,
        code=code,
        feasible=verdict["feasible"],
        differing=differing,
        figures=solved.figures,
        bound={
            "click_to_door_min": bounds["ctd_mean"],
            "ready_to_pickup_min": bounds["rtp_mean"],
            "late_or_undelivered_pct": bounds["pct_over_target"],
            "undelivered_pct": 100 * bounds["never_deliverable"] / bounds["orders"],
            "cost_per_order": bounds["cost_per_order"],
        },
    )


def judged(checker: Path, instance: Path, solution: Path) -> dict[str, Any]:
    """Return what the public checker says of a solution; an infeasible one is an answer, not an error.

    Raises
    ------
    RuntimeError
        If it says nothing.
    """
    words = [sys.executable, str(checker), str(instance), str(solution), "--rules", "base"]
    ended = subprocess.run(words, capture_output=True, text=True, check=False)
    if ended.returncode not in (0, 1):
        raise RuntimeError(f"the checker cannot judge {solution}: {ended.stdout}{ended.stderr}")
    verdict: dict[str, Any] = json.loads(ended.stdout)
    return verdict


def _found(metrics: dict[str, Any], way: tuple[str, ...]) -> float | None:
    value: Any = metrics
    for key in way:
        value = value[key]
    return None if value is None else float(value)


def _same(theirs: float | None, ours: float | None) -> bool:
    return theirs == ours or (theirs is not None and ours is not None and abs(theirs - ours) <= TOLERANCE)
