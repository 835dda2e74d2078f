"""``peakline bench mdrp``: the Grubhub instances, through simulator and control room."""

import gc
import json
import statistics
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from itertools import repeat
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.options import Json, Policy, checked_policy
from cli.output import out, print_json, progress, remark, shown
from dispatch.metrics import compute_metrics, percentile
from domain.errors import InputFileError
from runtime.warm_up import warm_up
from scenarios.grubhub import checked_share, is_instance, read_instance, write_solution
from sim.run import run, seldom_collecting

MEAN_KEYS = (
    "click_to_door_min",
    "ready_to_pickup_min",
    "ready_to_door_min",
    "late_or_undelivered_pct",
    "undelivered_pct",
    "cost_per_order",
    "on_time_pct",
    "served_pct",
)
"""The figures of every instance, and of the mean over instances (unweighted)."""


@dataclass(frozen=True, slots=True)
class InstanceResult:
    """Figures of one instance and the CPU seconds from the loaded instance to the written files."""

    name: str
    figures: dict[str, float | None]
    cpu_s: float

    @property
    def orders(self) -> int:
        """Number of orders of the instance."""
        return int(self.figures["orders"] or 0)


def mdrp(
    instances: Annotated[
        Path, typer.Option(help="Folder of instances, or one instance.", show_default=False)
    ],
    target: Annotated[
        Path, typer.Option("--out", help="Folder for solutions and results.json.", show_default=False)
    ],
    policy: Policy = "",
    jobs: Annotated[
        int, typer.Option(min=1, help="Instances at a time; the speed is per core in any case.")
    ] = 1,
    riders_share: Annotated[
        float, typer.Option(help="Overload: the share of the couriers who come to work, above 0 to 1.")
    ] = 1.0,
    json_output: Json = False,
) -> None:
    """Run Grubhub MDRP instances and write solutions that the public evaluator's rules accept.

    Every instance is simulated in SimPy through the control room: an order is revealed at its placement
    minute, and nothing of the future is known. Writes OUT/INSTANCE/solution_info_*.txt (assignments, orders,
    couriers) and OUT/results.json.

    With --riders-share P, courier i (in the sequence of the file, from 0) works when floor((i + 1) P) exceeds
    floor(i P). On time is an order delivered within its promise of 40 minutes, served one that is delivered.
    """
    chosen = checked_policy(policy)
    checked_share(riders_share)
    folders = instance_folders(instances)
    warm_up(chosen)
    remark(f"start-up, imports and compilation, not counted below: {time.process_time():.1f} CPU s")
    results: list[InstanceResult] = []
    with progress(f"{len(folders)} instances with {chosen}", len(folders)) as done:
        for result in _solved(folders, target, chosen, riders_share, jobs):
            results.append(result)
            done(len(results))
    summary = summarize(chosen, results, riders_share)
    document = asdict(summary)
    (target / "results.json").write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")
    if json_output:
        print_json(document)
    else:
        out.print(_table(summary))


def instance_folders(path: Path) -> list[Path]:
    """Return the instances of a folder, or the folder itself when it is one.

    Raises
    ------
    InputFileError
        If there is no such folder, or no instance in it.
    """
    if not path.is_dir():
        raise InputFileError(
            path, "there is no such folder; give a folder of Grubhub instances, or one instance"
        )
    if is_instance(path):
        return [path]
    folders = sorted(folder for folder in path.iterdir() if is_instance(folder))
    if not folders:
        raise InputFileError(
            path, "no instance in it: an instance is a folder with orders.txt, couriers.txt, ..."
        )
    return folders


def solve(folder: Path, target: Path, policy: str, riders_share: float = 1.0) -> InstanceResult:
    """Simulate one instance and write its solution."""
    spec = read_instance(folder, riders_share)
    # The people of a city know each other in circles: without this every day of a long bench stays in memory.
    gc.collect()
    started_s = time.process_time()
    with seldom_collecting():
        result = run(spec, seed=0, policy=policy)
        write_solution(result, target / folder.name)
    cpu_s = time.process_time() - started_s
    figures = compute_metrics(result.day, (*MEAN_KEYS, "orders", "delivered", "broken_plans"))
    figures["orders_per_s"] = (figures["orders"] or 0) / cpu_s if cpu_s else None
    figures["decision_p50_s"] = percentile(result.decision_s, 0.5)
    figures["decision_p99_s"] = percentile(result.decision_s, 0.99)
    return InstanceResult(folder.name, figures, cpu_s)


@dataclass(frozen=True, slots=True)
class Summary:
    """The whole run: what results.json holds.

    Attributes
    ----------
    orders_per_s : float or None
        Orders of all instances per CPU second.
    mean : dict
        Mean of each figure over the instances, unweighted.
    riders_share : float
        Share of the couriers who worked.
    """

    policy: str
    orders_per_s: float | None
    instances: dict[str, dict[str, float | None]]
    mean: dict[str, float | None]
    riders_share: float = 1.0


def summarize(policy: str, results: list[InstanceResult], riders_share: float = 1.0) -> Summary:
    """Sum up the results of all instances."""
    cpu_s = sum(result.cpu_s for result in results)
    return Summary(
        policy=policy,
        orders_per_s=sum(result.orders for result in results) / cpu_s if cpu_s else None,
        instances={result.name: result.figures for result in results},
        mean={key: statistics.fmean(known) if (known := _known(results, key)) else None for key in MEAN_KEYS},
        riders_share=riders_share,
    )


def _known(results: list[InstanceResult], key: str) -> list[float]:
    return [value for result in results if (value := result.figures[key]) is not None]


def _solved(
    folders: list[Path], target: Path, policy: str, riders_share: float, jobs: int
) -> Iterator[InstanceResult]:
    """Yield the results in the sequence of the folders, several at a time if asked for."""
    if jobs == 1:
        for folder in folders:
            yield solve(folder, target, policy, riders_share)
        return
    with ProcessPoolExecutor(jobs, initializer=warm_up, initargs=(policy,)) as pool:
        yield from pool.map(solve, folders, repeat(target), repeat(policy), repeat(riders_share))


def _table(summary: Summary) -> Table:
    share = "" if summary.riders_share == 1 else f", {100 * summary.riders_share:g} % of the riders"
    table = Table(title=f"Grubhub MDRP, policy {summary.policy}{share}", title_justify="left")
    table.add_column("instance", no_wrap=True)
    for name in ("orders", "deliv-\nered", "click-to-\ndoor", "ready-to-\npickup", "late\n%", "orders\n/s"):
        table.add_column(name, justify="right")
    for name, figures in summary.instances.items():
        table.add_row(name, shown(figures["orders"]), shown(figures["delivered"]), *_row(figures))
    table.add_section()
    table.add_row("mean", "", "", *_row({**summary.mean, "orders_per_s": summary.orders_per_s}))
    return table


def _row(figures: dict[str, float | None]) -> list[str]:
    return [
        shown(figures["click_to_door_min"]),
        shown(figures["ready_to_pickup_min"]),
        shown(figures["late_or_undelivered_pct"], 1),
        shown(figures["orders_per_s"], 0),
    ]
