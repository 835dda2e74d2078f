"""How the time of a decision grows with the city: ``python -m benchmarks.speed.scaling`` draws the curve.

Riders and open orders grow together; the city is that of ``peakline bench dispatch``. Sizes take turns, so
that a busy moment of the machine does not fall on one of them alone.
"""

import argparse
import math
import statistics
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from rich.console import Console

from benchmarks.chart import Axis, line_chart
from cli.bench.city_moments import Size
from cli.bench.dispatch import measure
from dispatch.matching import DEFAULT_POLICY, MATCHERS

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path("docs/reference/decision-speed.md")
PICTURE = Path("docs/assets/decision-scaling.svg")
BEGIN, END = "<!-- scaling:begin -->", "<!-- scaling:end -->"

CONSOLE = Console(highlight=False)

COUNTS = (500, 1_000, 2_000, 3_000, 4_000, 5_000)
TURNS = 3


@dataclass(frozen=True, slots=True)
class Measured:
    """Seconds of decisions at one size.

    Attributes
    ----------
    count : int
        Riders, and as many orders.
    p50_s, p99_s : float
        Median over the turns.
    assigned : int
        Orders with a rider after a decision.
    """

    policy: str
    count: int
    p50_s: float
    p99_s: float
    assigned: int


def scale(
    policies: Sequence[str], counts: Sequence[int], decisions: int, turns: int = TURNS
) -> list[Measured]:
    """Measure every policy at every size, in turns."""
    cases = [(policy, count) for policy in policies for count in counts]
    found: dict[tuple[str, int], list[tuple[float, float, int]]] = {case: [] for case in cases}
    for turn in range(turns):
        for policy, count in cases:
            latency = measure(policy, Size(count, count), decisions, seed=turn + 1)
            found[policy, count].append((latency.p50_s, latency.p99_s, latency.orders_assigned))
            CONSOLE.print(f"turn {turn + 1}: {policy} {count}: p50 {latency.p50_s:.3f} s")
    return [
        Measured(
            policy,
            count,
            statistics.median(p50_s for p50_s, _, _ in runs),
            statistics.median(p99_s for _, p99_s, _ in runs),
            round(statistics.median(assigned for _, _, assigned in runs)),
        )
        for (policy, count), runs in found.items()
    ]


def growth(results: Sequence[Measured], policy: str) -> float:
    """Return how many times longer the largest size takes than the smallest."""
    mine = sorted((result for result in results if result.policy == policy), key=lambda r: r.count)
    return mine[-1].p50_s / mine[0].p50_s


def table(results: Sequence[Measured]) -> str:
    """Return the figures as a table."""
    rows = ["| policy | riders = orders | p50 s | p99 s | orders with a rider |", "|---|--:|--:|--:|--:|"]
    rows += [
        f"| {r.policy} | {r.count:,} | {r.p50_s:.3f} | {r.p99_s:.3f} | {r.assigned:,} |" for r in results
    ]
    return "\n".join(rows)


def picture(results: Sequence[Measured]) -> str:
    """Return the curve, beside what growth by n log n would be."""
    counts = sorted({result.count for result in results})
    curves = {
        policy: [(r.count, r.p50_s) for r in results if r.policy == policy]
        for policy in dict.fromkeys(result.policy for result in results)
    }
    first = next(iter(curves.values()))[0]
    unit_s = first[1] / (first[0] * math.log(first[0]))
    curves["n log n"] = [(count, unit_s * count * math.log(count)) for count in counts]
    highest_s = max(seconds for points in curves.values() for _, seconds in points)
    step_s = 10 ** math.floor(math.log10(highest_s))
    step_s = step_s / 2 if highest_s < 3 * step_s else step_s
    ticks = tuple(round(k * step_s, 6) for k in range(math.ceil(highest_s / step_s) + 1))
    riders = Axis("riders, and as many open orders", tuple(float(c) for c in (0, *counts)))
    return line_chart("CPU seconds of one decision (median)", riders, Axis("seconds", ticks), curves)


def write(root: Path, results: Sequence[Measured]) -> None:
    """Write table and picture into the documentation."""
    page = root / PAGE
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{table(results)}\n{END}{rest.partition(END)[2]}", encoding="utf-8")
    (root / PICTURE).write_text(picture(results), encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.speed.scaling", description=__doc__)
    parser.add_argument(
        "--policies", nargs="+", default=[DEFAULT_POLICY, "foodmatch"], choices=list(MATCHERS)
    )
    parser.add_argument("--counts", nargs="+", type=int, default=list(COUNTS))
    parser.add_argument("--decisions", type=int, default=5, help="decisions of each turn")
    parser.add_argument("--page", action="store_true", help="write the figures into the documentation")
    options = parser.parse_args(arguments)
    results = scale(options.policies, options.counts, options.decisions)
    CONSOLE.print(table(results), markup=False, soft_wrap=True)
    for policy in options.policies:
        CONSOLE.print(
            f"{policy}: the largest takes {growth(results, policy):.1f} times as long as the smallest"
        )
    if options.page:
        write(ROOT, results)
    return 0


if __name__ == "__main__":
    sys.exit(main())
