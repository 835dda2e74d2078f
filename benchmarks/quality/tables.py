"""The quality tables: means over groups of days, as Markdown."""

import statistics
from collections.abc import Callable, Iterable, Mapping, Sequence

from benchmarks.quality.case import Result
from dispatch.matching import MATCHERS

COLUMNS: dict[str, tuple[str, int]] = {
    "click_to_door_min": ("click-to-door min", 2),
    "ready_to_pickup_min": ("ready-to-pickup min", 2),
    "late_or_undelivered_pct": ("late or undelivered %", 2),
    "undelivered_pct": ("undelivered %", 3),
    "cost_per_order": ("cost per order", 2),
}
"""The figures of the benchmark, with their digits."""

VARIANTS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("all orders (o100)", lambda name: "o100" in name),
    ("half the orders (o50)", lambda name: "o50" in name),
    ("half the restaurants (r50)", lambda name: "r50" in name),
    ("travel times as they are (t100)", lambda name: "t100" in name),
    ("travel times x 0.75 (t75)", lambda name: "t75" in name),
    ("historical shifts (s1)", lambda name: "s1p" in name),
    ("optimized shifts (s2)", lambda name: "s2p" in name),
    ("preparation as it is (p100)", lambda name: name.endswith("p100")),
    ("preparation x 1.25 (p125)", lambda name: name.endswith("p125")),
)
"""The variants in which the public days come."""

Group = tuple[str, Sequence[Result]]


def mean(results: Iterable[Result], name: str) -> float:
    """Return the unweighted mean of a figure over days."""
    return statistics.fmean(value for result in results if (value := result.figures[name]) is not None)


def bound(results: Iterable[Result], name: str) -> float:
    """Return the unweighted mean of the physical bound of a figure."""
    return statistics.fmean(result.bound[name] for result in results)


def quality_table(head: str, groups: Iterable[Group]) -> str:
    """Return a table with a row for each group of days, and by how much it misses the physical bound."""
    titles = [title for title, _ in COLUMNS.values()]
    rows = [[head, "days", *titles, "above the bound min"], ["---", *["--:"] * (len(titles) + 2)]]
    for name, results in groups:
        if results:
            shown = [f"{mean(results, key):.{digits}f}" for key, (_, digits) in COLUMNS.items()]
            gap = mean(results, "click_to_door_min") - bound(results, "click_to_door_min")
            rows.append([name, str(len(results)), *shown, f"{gap:.2f}"])
    return _markdown(rows)


def bound_row(results: Sequence[Result]) -> list[str]:
    """Return the cells of the physical bound."""
    return [f"{bound(results, key):.{digits}f}" for key, (_, digits) in COLUMNS.items()]


def overload_table(results: Sequence[Result], name: str) -> str:
    """Return a figure by share of riders (rows) and policy (columns), as mean over days."""
    curves = overload_curves(results, name)
    shares = sorted({result.riders_share for result in results}, reverse=True)
    rows = [["riders", *curves], ["--:", *["--:"] * len(curves)]]
    for share in shares:
        values = [f"{curve[share]:.1f}" if share in curve else "-" for curve in curves.values()]
        rows.append([f"{100 * share:g} %", *values])
    return _markdown(rows)


def overload_curves(results: Iterable[Result], name: str) -> dict[str, dict[float, float]]:
    """Return the mean of a figure over days, by policy and share of riders."""
    curves: dict[str, dict[float, float]] = {}
    for policy, days in by_policy(results).items():
        shares = sorted({result.riders_share for result in days}, reverse=True)
        curves[policy] = {
            share: mean((result for result in days if result.riders_share == share), name) for share in shares
        }
    return curves


def by_policy(results: Iterable[Result]) -> Mapping[str, list[Result]]:
    """Return results by policy, in the sequence of ``MATCHERS``, those of other names last."""
    found: dict[str, list[Result]] = {policy: [] for policy in MATCHERS}
    for result in results:
        found.setdefault(result.policy, []).append(result)
    return {policy: days for policy, days in found.items() if days}


def _markdown(rows: Iterable[Sequence[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)
