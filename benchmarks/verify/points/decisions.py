"""How long decisions take in a whole city, and whether each explanation comes out again."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.verify.point import Figure, Outcome, Point
from benchmarks.verify.shell import peakline, run, shared_data
from dispatch.matching import DEFAULT_POLICY
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import LogHeader
from runtime.explanations import recompute_all
from runtime.replay import ENGINE_VERSION
from scenarios.grubhub import read_instance
from sim.run import run as simulate

EXPLAINED_DAY = "5o100t100s1p100"


@dataclass(frozen=True, slots=True)
class Load:
    """A city: riders and orders, and how long the slowest decisions may take."""

    riders: int
    orders: int
    p99_s: float


LOADS = (Load(500, 1_000, 0.5), Load(2_585, 663, 1.0), Load(5_000, 5_000, 3.0))
SMALL, LARGE = 500, 5_000
GROWTH = 13.7
"""At most so much longer for ten times the riders and orders: as n log n grows."""


def latency(root: Path, riders: int, orders: int) -> dict[str, Any]:
    """Run `peakline bench dispatch` with the default policy and return what it measured."""
    sizes = ["--riders", str(riders), "--orders", str(orders)]
    printed = run(
        [peakline(), "bench", "dispatch", *sizes, "--json"], root=root, log_name=f"dispatch_{riders}_{orders}"
    )
    document: dict[str, Any] = json.loads(printed[printed.index("{") : printed.rindex("}") + 1])
    return document


def measure_latency(root: Path) -> Outcome:
    """Time decisions in cities of four sizes."""
    found = {(load.riders, load.orders): latency(root, load.riders, load.orders) for load in LOADS}
    small = latency(root, SMALL, SMALL)
    growth = found[LARGE, LARGE]["p50_s"] / small["p50_s"]
    measured: dict[str, Figure] = {
        f"p99_s_{riders}x{orders}": round(document["p99_s"], 3)
        for (riders, orders), document in found.items()
    }
    measured |= {"growth_500_to_5000": round(growth, 1), "policy": small["policy"]}
    in_time = all(found[load.riders, load.orders]["p99_s"] < load.p99_s for load in LOADS)
    return Outcome(in_time and growth <= GROWTH, measured)


def measure_explanations(root: Path) -> Outcome:
    """Run a whole day, then compute each explanation of its log again from the rebuilt snapshot."""
    folder = shared_data(root, "mdrp") / EXPLAINED_DAY
    spec = read_instance(folder)
    log = MemoryLog(LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, DEFAULT_POLICY, 0))
    simulate(spec, 0, policy=DEFAULT_POLICY, log=log)
    # The city anew: places get their keys as they are met.
    found = recompute_all(log, read_instance(folder).setup)
    return Outcome(
        passed=not found.mismatches and found.incomparable == 0 and found.checked > 0,
        measured={
            "decisions": found.decisions,
            "explanations": found.checked,
            "different": len(found.mismatches),
            "incomparable": found.incomparable,
            "policy": DEFAULT_POLICY,
        },
    )


LATENCY = Point(
    key="dispatch_latency",
    asked="Decisions of the default policy in a whole city, one core",
    target="; ".join(
        f"p99 < {load.p99_s:g} s at {load.riders:,} riders x {load.orders:,} orders" for load in LOADS
    )
    + f"; t({LARGE:,}) / t({SMALL}) <= {GROWTH}",
    command=".venv/bin/peakline bench dispatch --riders 500 --orders 1000",
    measure=measure_latency,
)
EXPLANATIONS = Point(
    key="explanations",
    asked=f"Every explanation of {EXPLAINED_DAY} comes out again from its log",
    target="no explanation different",
    command="make verify ARGS='--only explanations --again'",
    measure=measure_explanations,
)
