"""The public Grubhub days (Meal Delivery Routing Problem), judged by the public checker's rules."""

import fnmatch
import json
import re
import shutil
import statistics
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.quality.page import CLAIRVOYANT, TRAINING_SEEDS
from benchmarks.verify.point import Figure, Outcome, Point
from benchmarks.verify.shell import peakline, run, shared_data, shared_tool
from dispatch.matching import DEFAULT_POLICY

INSTANCES = 160
HARD_DAY = "5o100t100s1p100"
LARGE_DAY = "8o100t100s1p100"
NEAREST_ORDERS_PER_S = 1_000
DEFAULT_ORDERS_PER_S = {LARGE_DAY: 2_000, HARD_DAY: 800}
SPEED_RUNS = 3
CUTS = 20
CUT_DAYS = ("0o100t100s1p100", "1r50t75s2p125", "4o50t100s1p125", HARD_DAY, "8r50t100s2p100")


@dataclass(frozen=True, slots=True)
class Goal:
    """What the mean of a figure has to be at most, and what a prototype had reached already."""

    target: float
    prototype: float


GOALS = {
    "click_to_door_min": Goal(31.62, 31.72),
    "ready_to_pickup_min": Goal(1.08, 1.15),
    "late_or_undelivered_pct": Goal(19.4, 19.7),
    "undelivered_pct": Goal(0.03, 0.04),
    "cost_per_order": Goal(10.53, 10.55),
}
CLAIRVOYANT_GOAL_MIN = 30.95

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


def bench(root: Path, instances: Path, out: Path, policy: str = "") -> dict[str, Any]:
    """Run `peakline bench mdrp`, with the default policy when none is named, and return its results.json."""
    shutil.rmtree(out, ignore_errors=True)
    named = ["--policy", policy] if policy else []
    run(
        [peakline(), "bench", "mdrp", "--instances", str(instances), "--out", str(out), *named],
        root=root,
        log_name=f"bench_{policy or DEFAULT_POLICY}",
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


def judge_goals(results: dict[str, Any]) -> Outcome:
    """Hold the means over all days to the goals, and the days with a known optimum to theirs.

    Means of the days on which parameters were chosen and of those that confirm them are shown beside.
    """
    days: Mapping[str, Mapping[str, float]] = results["instances"]
    missed = [name for name, goal in GOALS.items() if results["mean"][name] > goal.target]
    worse = [name for name, goal in GOALS.items() if results["mean"][name] > goal.prototype]
    known = [name for name in days if any(fnmatch.fnmatch(name, pattern) for pattern in CLAIRVOYANT)]
    groups = {
        "on_16_days": known,
        "training": [name for name in days if name[0] in TRAINING_SEEDS],
        "confirmation": [name for name in days if name[0] not in TRAINING_SEEDS],
    }
    means = {
        group: statistics.fmean(days[name]["click_to_door_min"] for name in names)
        for group, names in groups.items()
        if names
    }
    if means.get("on_16_days", 0.0) > CLAIRVOYANT_GOAL_MIN:
        missed.append("click_to_door_min on 16 days")
    broken = int(sum(day["broken_plans"] for day in days.values()))
    measured: dict[str, Figure] = {
        f"click_to_door_{name}_min": round(mean, 3) for name, mean in means.items()
    }
    measured |= {"broken_plans": broken}
    measured |= {"above_target": ", ".join(missed)} if missed else {}
    measured |= {"worse_than_the_prototype": ", ".join(worse)} if worse else {}
    return Outcome(passed=not missed and not worse and broken == 0, measured=measured)


def all_days(policy: str) -> Callable[[Path], Outcome]:
    """Return the measurement of every public day with one policy."""

    def measure(root: Path) -> Outcome:
        return judge(*_run_all(root, policy))

    return measure


def measure_quality(root: Path) -> Outcome:
    """Run every public day with the default policy, and hold it to checker and goals."""
    results, verdicts = _run_all(root, "")
    feasible, good = judge(results, verdicts), judge_goals(results)
    return Outcome(feasible.passed and good.passed, {**feasible.measured, **good.measured})


def _run_all(root: Path, policy: str) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    instances, out = shared_data(root, "mdrp"), root / "build" / "mdrp" / (policy or "default")
    results = bench(root, instances, out, policy)
    days = sorted(path for path in instances.iterdir() if path.is_dir())
    return results, [checked(root, day, out / day.name) for day in days]


def speed(root: Path, day: str, policy: str = "") -> float:
    """Run one day alone, some times, with nothing else on the core, and return the most orders per second."""
    alone = root / "build" / "verify" / "alone" / day
    shutil.rmtree(alone, ignore_errors=True)
    shutil.copytree(shared_data(root, "mdrp") / day, alone / day)
    runs = [bench(root, alone, root / "build" / "mdrp" / "alone", policy) for _ in range(SPEED_RUNS)]
    return max(float(results["orders_per_s"]) for results in runs)


def measure_nearest_speed(root: Path) -> Outcome:
    """Run the hardest reference day with the simplest policy."""
    orders_per_s = speed(root, HARD_DAY, "nearest")
    return Outcome(
        orders_per_s >= NEAREST_ORDERS_PER_S, {"orders_per_s": round(orders_per_s), "runs": SPEED_RUNS}
    )


def measure_default_speed(root: Path) -> Outcome:
    """Run both reference days with the default policy."""
    found = {day: speed(root, day) for day in DEFAULT_ORDERS_PER_S}
    measured: dict[str, Figure] = {f"orders_per_s_{day}": round(value) for day, value in found.items()}
    return Outcome(
        all(found[day] >= goal for day, goal in DEFAULT_ORDERS_PER_S.items()),
        {**measured, "runs": SPEED_RUNS, "policy": DEFAULT_POLICY},
    )


def lookahead(root: Path, day: str, policy: str = "") -> int:
    """Alter the future of one day at many cuts, and count those before which every decision stayed."""
    instance = shared_data(root, "mdrp") / day
    tool = [sys.executable, shared_tool(root, "mdrp_lookahead.py"), str(instance), "--cuts", str(CUTS)]
    command = [peakline(), "bench", "mdrp", "--instances", "{instances}", "--out", "{out}"]
    named = ["--policy", policy] if policy else []
    output = run([*tool, "--", *command, *named], root=root, log_name="mdrp_lookahead", accepted=(0, 1))
    found = re.search(r"(\d+) of (\d+) prefixes identical", output)
    return int(found[1]) if found else 0


def measure_lookahead(root: Path) -> Outcome:
    """Look for knowledge of the future in the default policy, on days of many kinds."""
    identical = {day: lookahead(root, day) for day in CUT_DAYS}
    return Outcome(
        all(count == CUTS for count in identical.values()),
        {"identical": sum(identical.values()), "of": CUTS * len(CUT_DAYS), "policy": DEFAULT_POLICY},
    )


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
FOODMATCH = _all_days_point("foodmatch")
QUALITY = Point(
    key="mdrp_quality",
    asked="160 real Grubhub days with the default policy, without naming one",
    target=(
        "all feasible, no broken plan; means "
        + ", ".join(f"{name.replace('_', ' ')} <= {goal.target:g}" for name, goal in GOALS.items())
        + f"; on the 16 days 0o50*, 0r50* click-to-door <= {CLAIRVOYANT_GOAL_MIN} min"
    ),
    command="make verify ARGS='--only mdrp_quality --again'",
    measure=measure_quality,
)
SPEED = Point(
    key="mdrp_speed",
    asked=f"Speed on {HARD_DAY}, nearest, one core, full event trace",
    target=f">= {NEAREST_ORDERS_PER_S:,} orders/s, best of {SPEED_RUNS} runs",
    command="make verify ARGS='--only mdrp_speed --again'",
    measure=measure_nearest_speed,
)
DEFAULT_SPEED = Point(
    key="mdrp_default_speed",
    asked="Speed of the default policy, one core, full event trace",
    target="; ".join(f">= {goal:,} orders/s on {day}" for day, goal in DEFAULT_ORDERS_PER_S.items())
    + f"; best of {SPEED_RUNS} runs",
    command="make verify ARGS='--only mdrp_default_speed --again'",
    measure=measure_default_speed,
)
LOOKAHEAD = Point(
    key="mdrp_lookahead",
    asked=f"No decision of the default policy knows the future, on {len(CUT_DAYS)} days",
    target=f"{CUTS} of {CUTS} prefixes identical on each",
    command=(
        "../shared/tools/mdrp_lookahead.py ../shared/data/mdrp/0o100t100s1p100 -- "
        ".venv/bin/peakline bench mdrp --instances {instances} --out {out}"
    ),
    measure=measure_lookahead,
)
