"""Overload: the default policy beside foodmatch, under the same rules, on days with too few riders."""

import statistics
from collections.abc import Sequence
from pathlib import Path

from benchmarks.quality.case import Case, Result, cases
from benchmarks.quality.grid import Bench
from benchmarks.quality.page import OVERLOAD_INSTANCES
from benchmarks.verify.point import Figure, Outcome, Point
from dispatch.matching import DEFAULT_POLICY

RIVAL = "foodmatch"
SHARES = (0.8, 0.7, 0.6)
FIGURES = ("on_time_pct", "served_pct")

FOODMATCH_ORIGINAL = {"on_time_pct": 57.9, "served_pct": 90.2}
"""The C++ original on `ORIGINAL_DAY`; it may mix merchants on a trip."""

ORIGINAL_DAY = Case(DEFAULT_POLICY, "4o100t100s1p100", 0.7)
HARD_DAY = Case(DEFAULT_POLICY, "5o100t100s1p100", 0.7)
HARD_DAY_LATE_PCT = 31.9


def measure(root: Path) -> Outcome:
    """Measure both policies, taking what `make quality` has measured with this very code."""
    wanted = cases((DEFAULT_POLICY, RIVAL), OVERLOAD_INSTANCES, SHARES)
    return judge(Bench(root).results(wanted))


def judge(results: Sequence[Result]) -> Outcome:
    """Hold the default policy to its rival at each share of riders, and to published figures on two days."""
    measured: dict[str, Figure] = {"feasible": sum(result.feasible for result in results), "of": len(results)}
    passed = all(result.feasible for result in results)
    for share in SHARES:
        for name in FIGURES:
            ours, theirs = (_mean(results, policy, share, name) for policy in (DEFAULT_POLICY, RIVAL))
            measured[f"{name}_at_{100 * share:g}"] = f"{ours:.2f} ({RIVAL} {theirs:.2f})"
            passed = passed and ours >= theirs
    by_case = {result.case: result.figures for result in results}
    for name, theirs in FOODMATCH_ORIGINAL.items():
        value = by_case[ORIGINAL_DAY][name] or 0.0
        measured[f"{name}_seed_4_at_70"] = round(value, 2)
        passed = passed and value >= theirs
    late, undelivered = (by_case[HARD_DAY][name] for name in ("late_or_undelivered_pct", "undelivered_pct"))
    measured |= {
        "late_pct_seed_5_at_70": round(late or 0.0, 2),
        "undelivered_pct_seed_5_at_70": undelivered or 0.0,
    }
    passed = passed and late is not None and late <= HARD_DAY_LATE_PCT and undelivered == 0
    return Outcome(passed, measured)


def _mean(results: Sequence[Result], policy: str, share: float, name: str) -> float:
    return statistics.fmean(
        result.figures[name] or 0.0
        for result in results
        if (result.policy, result.riders_share) == (policy, share)
    )


OVERLOAD = Point(
    key="overload",
    asked="Overload on seven days: with 80, 70 and 60 % of the riders at least as good as foodmatch",
    target=(
        f"on time and served >= {RIVAL} at each share (means); seed 4 at 70 %: on time >= 57.9 %, served >= "
        f"90.2 %; seed 5 at 70 %: late or undelivered <= {HARD_DAY_LATE_PCT} %, none undelivered"
    ),
    command="make quality ARGS='--overload --shares 0.8 0.7 0.6'",
    measure=measure,
)
