"""The public Grubhub days (Meal Delivery Routing Problem), judged by the public checker's rules."""

import json
import re
import shutil
import statistics
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from benchmarks.verify.point import Figure, Outcome, Point
from benchmarks.verify.shell import peakline, run, shared_data, shared_tool

INSTANCES = 160
HARD_DAY = "5o100t100s1p100"
ORDERS_PER_S = 1_000
CUTS = 20

# Our names of the figures, and where the checker has them.
CHECKED: dict[str, Callable[[dict[str, Any]], float]] = {
    "click_to_door_min": lambda metrics: metrics["click_to_door"]["mean"],
    "ready_to_pickup_min": lambda metrics: metrics["ready_to_pickup"]["mean"],
    "ready_to_door_min": lambda metrics: metrics["ready_to_door"]["mean"],
    "late_or_undelivered_pct": lambda metrics: metrics["pct_late_or_undelivered"],
    "undelivered_pct": lambda metrics: metrics["pct_undelivered"],
    "cost_per_order": lambda metrics: metrics["cost_per_order"],
}
TOLERANCE = 1e-6


def bench(root: Path, instances: Path, out: Path, policy: str) -> dict[str, Any]:
    """Run `peakline bench mdrp` and return its results.json."""
    shutil.rmtree(out, ignore_errors=True)
    run(
        [peakline(), "bench", "mdrp", "--instances", str(instances), "--out", str(out), "--policy", policy],
        root=root,
        log_name=f"bench_{policy}",
    )
    results: dict[str, Any] = json.loads((out / "results.json").read_text(encoding="utf-8"))
    return results


def checked(root: Path, instance: Path, solution: Path) -> dict[str, Any]:
    """Let the independent checker judge one solution; an infeasible one is an answer, not an error."""
    output = run(
        [sys.executable, shared_tool(root, "mdrp_eval.py"), str(instance), str(solution), "--rules", "base"],
        root=root,
        log_name="mdrp_eval",
        accepted=(0, 1),
    )
    verdict: dict[str, Any] = json.loads(output)
    return verdict


def judge(results: dict[str, Any], verdicts: Sequence[dict[str, Any]]) -> Outcome:
    """Hold a run to the checker: every solution feasible, and the means ours as well as theirs."""
    feasible = sum(verdict["feasible"] for verdict in verdicts)
    differing = [
        name
        for name, read in CHECKED.items()
        if abs(statistics.fmean(read(verdict["metrics"]) for verdict in verdicts) - results["mean"][name])
        > TOLERANCE
    ]
    measured: dict[str, Figure] = {"feasible": feasible, "of": len(verdicts)}
    measured |= {name: round(results["mean"][name], 3) for name in CHECKED}
    measured["orders_per_s"] = round(results["orders_per_s"])
    if differing:
        measured["differs_from_the_checker"] = ", ".join(differing)
    return Outcome(passed=feasible == INSTANCES == len(verdicts) and not differing, measured=measured)


def all_days(policy: str) -> Callable[[Path], Outcome]:
    """Return the measurement of every public day with one policy."""

    def measure(root: Path) -> Outcome:
        instances, out = shared_data(root, "mdrp"), root / "build" / "mdrp" / policy
        results = bench(root, instances, out, policy)
        days = sorted(path for path in instances.iterdir() if path.is_dir())
        return judge(results, [checked(root, day, out / day.name) for day in days])

    return measure


def measure_speed(root: Path) -> Outcome:
    """Run the hardest reference day alone, with nothing else on the core."""
    alone = root / "build" / "verify" / "hard_day"
    shutil.rmtree(alone, ignore_errors=True)
    shutil.copytree(shared_data(root, "mdrp") / HARD_DAY, alone / HARD_DAY)
    results = bench(root, alone, root / "build" / "mdrp" / "hard_day", "nearest")
    day = results["instances"][HARD_DAY]
    measured = {"orders": day["orders"], "orders_per_s": round(day["orders_per_s"])}
    return Outcome(passed=day["orders_per_s"] >= ORDERS_PER_S, measured=measured)


def measure_lookahead(root: Path) -> Outcome:
    """Alter the future of one day at many cuts; what was decided before each must stay as it was."""
    instance = shared_data(root, "mdrp") / "0o100t100s1p100"
    tool = [sys.executable, shared_tool(root, "mdrp_lookahead.py"), str(instance), "--cuts", str(CUTS)]
    command = [peakline(), "bench", "mdrp", "--instances", "{instances}", "--out", "{out}"]
    output = run([*tool, "--", *command], root=root, log_name="mdrp_lookahead", accepted=(0, 1))
    found = re.search(r"(\d+) of (\d+) prefixes identical", output)
    identical = int(found[1]) if found else 0
    return Outcome(passed=identical == CUTS, measured={"identical": identical, "of": CUTS})


def _all_days_point(policy: str) -> Point:
    return Point(
        key=f"mdrp_{policy}",
        asked=f"160 real Grubhub days through simulator and control room, policy {policy}",
        target="every solution feasible under --rules base, our means equal the checker's",
        command=f"make verify ARGS='--only mdrp_{policy} --again'",
        measure=all_days(policy),
    )


NEAREST = _all_days_point("nearest")
HUNGARIAN = _all_days_point("hungarian")
SPEED = Point(
    key="mdrp_speed",
    asked=f"Speed on {HARD_DAY}, nearest, one core, full event trace",
    target=f">= {ORDERS_PER_S:,} orders/s",
    command="make verify ARGS='--only mdrp_speed --again'",
    measure=measure_speed,
)
LOOKAHEAD = Point(
    key="mdrp_lookahead",
    asked="No decision knows the future",
    target=f"{CUTS} of {CUTS} prefixes identical",
    command=(
        "../shared/tools/mdrp_lookahead.py ../shared/data/mdrp/0o100t100s1p100 -- "
        ".venv/bin/peakline bench mdrp --instances {instances} --out {out}"
    ),
    measure=measure_lookahead,
)
