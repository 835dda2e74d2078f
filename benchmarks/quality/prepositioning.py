"""What moving idle riders is worth: ``python -m benchmarks.quality.prepositioning``.

The same days are run with and without. Both runs of a pair have scenario, seed and policy in common, so that
customers, kitchens and riders draw the same; what is reported is the mean difference over the seeds with its
95 % interval (Student's t).
"""

import argparse
import statistics
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from rich.console import Console
from scipy.stats import t

from dispatch.matching import DEFAULT_POLICY, MATCHERS
from dispatch.metrics import compute_metrics
from dispatch.params import PrepositioningParams
from domain.errors import InvalidValueError
from domain.events import TripAssigned
from domain.units import MINUTE_MS
from scenarios import catalogue
from sim.demand import PoissonDemand
from sim.run import RunResult, run
from sim.spec import ScenarioSpec, Tracking

ROOT = Path(__file__).resolve().parents[2]
PAGE = Path("docs/reference/prepositioning.md")
BEGIN, END = "<!-- prepositioning:begin -->", "<!-- prepositioning:end -->"
CONSOLE = Console(highlight=False)

METRICS = (
    ("click_to_door_min", "click-to-door, min"),
    ("ready_to_pickup_min", "ready-to-pickup, min"),
    ("on_time_pct", "on time, %"),
    ("deadhead_pct", "deadhead, %"),
    ("moves", "moves of a day"),
    ("moved_km", "ridden to places to wait at, km"),
)
FIRST_MILE = "first mile of a trip, min"
DRIVEN = "ridden on trips without food, km"


@dataclass(frozen=True, slots=True)
class Difference:
    """One figure over all days.

    Attributes
    ----------
    without, with_moves : float
        Means over the seeds.
    half_width : float
        Of the 95 % interval of the mean paired difference.
    """

    name: str
    without: float
    with_moves: float
    half_width: float


def untracked(spec: ScenarioSpec) -> ScenarioSpec:
    """Return a scenario without phones, which takes a third of the time; riders are where plans have them."""
    setup = replace(spec.setup, tracking_params=None)
    return replace(spec, setup=setup, tracking=Tracking.EVENTS)


def moving(spec: ScenarioSpec, params: PrepositioningParams | None) -> ScenarioSpec:
    """Return a scenario in which idle riders are moved, or are not."""
    setup = spec.setup
    rules = replace(setup.rules, prepositioning=True)
    dispatch = replace(setup.dispatch_params, prepositioning=params)
    return replace(spec, setup=replace(setup, rules=rules, dispatch_params=dispatch))


def figures(result: RunResult) -> dict[str, float]:
    """Return the figures of one day."""
    found = compute_metrics(result.day, [name for name, _ in METRICS])
    first_miles = [
        record.message.stops[0].leg.duration_ms / MINUTE_MS
        for record in result.records
        if isinstance(record.message, TripAssigned)
    ]
    empty_m = sum(trip.empty_m for trip in result.day.timelines.trips.values())
    shown = {label: float(found[name] or 0.0) for name, label in METRICS}
    return {FIRST_MILE: statistics.fmean(first_miles), DRIVEN: empty_m / 1_000, **shown}


def compare(
    spec: ScenarioSpec, seeds: Sequence[int], policy: str, params: PrepositioningParams
) -> list[Difference]:
    """Run every seed twice and return the differences."""
    pairs: list[tuple[dict[str, float], dict[str, float]]] = []
    for seed in seeds:
        off, on = (figures(run(moving(spec, p), seed, policy=policy)) for p in (None, params))
        pairs.append((off, on))
        CONSOLE.print(f"seed {seed}: first mile {off[FIRST_MILE]:.2f} -> {on[FIRST_MILE]:.2f} min")
    return [_difference(name, [(off[name], on[name]) for off, on in pairs]) for name in pairs[0][0]]


def _difference(name: str, values: Sequence[tuple[float, float]]) -> Difference:
    deltas = [on - off for off, on in values]
    spread = statistics.stdev(deltas) if len(deltas) > 1 else 0.0
    half = float(t.ppf(0.975, max(1, len(deltas) - 1))) * spread / len(deltas) ** 0.5
    without, with_moves = (statistics.fmean(side) for side in zip(*values, strict=True))
    return Difference(name, without, with_moves, half)


def scaled(spec: ScenarioSpec, share: float) -> ScenarioSpec:
    """Return a scenario with a share of its expected orders, nested in the whole day.

    Raises
    ------
    InvalidValueError
        If the orders are those of a recorded day, which are what they are.
    """
    if share == 1.0:
        return spec
    if not isinstance(spec.demand, PoissonDemand):
        raise InvalidValueError("shares", share, "1 for a recorded day")
    return replace(spec, demand=replace(spec.demand, scale=spec.demand.scale * share))


def table(found: Mapping[float, Sequence[Difference]]) -> str:
    """Return the figures as a table, by the share of the orders."""
    rows = ["| orders | figure | without | with | difference | 95 % interval |", "|--:|---|--:|--:|--:|--:|"]
    for share, differences in found.items():
        for row in differences:
            change = row.with_moves - row.without
            low, high = change - row.half_width, change + row.half_width
            means = f"{row.without:.2f} | {row.with_moves:.2f} | {change:+.2f}"
            rows.append(f"| {100 * share:g} % | {row.name} | {means} | {low:+.2f} to {high:+.2f} |")
    return "\n".join(rows)


def write(root: Path, shown: str) -> None:
    """Write the table into the documentation."""
    page = root / PAGE
    before, _, rest = page.read_text(encoding="utf-8").partition(BEGIN)
    page.write_text(f"{before}{BEGIN}\n{shown}\n{END}{rest.partition(END)[2]}", encoding="utf-8")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality.prepositioning", description=__doc__)
    parser.add_argument("--scenario", default="lunch_peak", help="a name of the catalogue, or a file")
    parser.add_argument("--policy", default=DEFAULT_POLICY, choices=list(MATCHERS))
    parser.add_argument("--seeds", nargs="+", type=int, default=list(range(1, 11)))
    parser.add_argument("--shares", nargs="+", type=float, default=[1.0, 0.5], help="of the expected orders")
    parser.add_argument("--tracked", action="store_true", help="with phones, in three times the time")
    parser.add_argument("--page", action="store_true", help="write the figures into the documentation")
    options = parser.parse_args(arguments)
    spec = catalogue.load(options.scenario)
    spec = spec if options.tracked else untracked(spec)
    params = spec.setup.dispatch_params.prepositioning or PrepositioningParams()
    found = {
        share: compare(scaled(spec, share), options.seeds, options.policy, params) for share in options.shares
    }
    CONSOLE.print(table(found), markup=False, soft_wrap=True)
    if options.page:
        write(ROOT, table(found))
    return 0


if __name__ == "__main__":
    sys.exit(main())
