"""``peakline run``: one simulated day, from start to drain, as fast as the machine can."""

from contextlib import AbstractContextManager, closing, nullcontext
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from cli.options import Json, Policy, Scenario, Seed, Shadow, checked_policy, checked_shadow
from cli.output import figures_table, out, print_json, progress, remark, shown
from cli.shadow import shadow_table
from dispatch.delay_attribution import DelayAttribution, attribute_delays
from dispatch.metrics import METRICS, Metric, percent, percentile
from domain.units import MINUTE_MS
from runtime.event_log.port import LogHeader
from runtime.event_log.sqlite import SqliteLog
from runtime.replay import ENGINE_VERSION
from scenarios import catalogue
from sim.run import RunResult
from sim.run import run as simulate


def run(
    scenario: Scenario = "lunch_peak",
    seed: Seed = 1,
    policy: Policy = "",
    shadow: Shadow = "",
    log: Annotated[Path | None, typer.Option(help="Keep the event log in this new SQLite file.")] = None,
    json_output: Json = False,
) -> None:
    """Simulate a scenario and print its figures.

    The same scenario, seed and policy always give the same event log, down to its hash. Besides the figures
    it tells why orders were late: every late minute is charged to one cause. A policy in the shadow changes
    nothing of that; how it compares is told at the end.
    """
    chosen, shadowing = checked_policy(policy), checked_shadow(shadow)
    spec = catalogue.load(scenario)
    header = LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, chosen, seed)
    minutes = spec.duration_ms / MINUTE_MS
    # However it ends, also by Ctrl-C: what was simulated so far is in the log, and can be replayed.
    with (
        _kept(log, header) as kept,
        progress(f"simulating {spec.name}, seed {seed}, policy {chosen}", minutes) as done,
    ):
        result = simulate(
            spec,
            seed,
            policy=chosen,
            log=kept,
            shadow=shadowing,
            progress=lambda at_ms, _: done(min((at_ms - spec.starts_at_ms) / MINUTE_MS, minutes)),
        )
    if log is not None:
        remark(f"event log: {log}")
    half, nearly_all = (shown(percentile(result.decision_s, share), 4, "s") for share in (0.5, 0.99))
    remark(f"decisions: {len(result.decision_s):,}, median {half}, 99th percentile {nearly_all}")
    if json_output:
        print_json(_document(result))
    else:
        out.print(_table(result))
        out.print(_delays_table(result))
        if result.shadow is not None:
            out.print(shadow_table(result.shadow))


def _kept(path: Path | None, header: LogHeader) -> AbstractContextManager[SqliteLog | None]:
    return nullcontext() if path is None else closing(SqliteLog.create(path, header))


def _document(result: RunResult) -> dict[str, object]:
    return {
        "scenario": result.spec.name,
        "scenario_hash": result.scenario_hash,
        "seed": result.seed,
        "policy": result.policy,
        "engine_version": result.engine_version,
        "records": len(result.records),
        "log_hash": result.log_hash,
        "faults": len(result.truth),
        "metrics": result.metrics,
        "delays": _delays(attribute_delays(result.day)),
        **({"shadow": result.shadow.figures()} if result.shadow is not None else {}),
    }


def _delays(found: DelayAttribution) -> dict[str, object]:
    """Return why orders were late, in whole milliseconds, so that everybody can check the sums."""
    return {
        "late_ms": found.late_ms,
        "overpromised_ms": found.overpromised_ms,
        "charges_ms": found.charges,
        "undelivered": found.undelivered,
        "orders": [
            {
                "order_id": order.order_id,
                "late_ms": order.late_ms,
                "overpromised_ms": order.overpromised_ms,
                "charges_ms": {cause: ms for cause, ms in order.charges.items() if ms},
            }
            for order in found.orders
        ],
    }


def _table(result: RunResult) -> Table:
    units = {"1": "", "currency": result.spec.setup.city.currency}
    rows = [
        (_label(metric), shown(result.metrics[metric.name], unit=units.get(metric.unit, metric.unit)))
        for metric in METRICS
    ]
    rows += [("log records", shown(len(result.records))), ("log hash", result.log_hash)]
    return figures_table(f"{result.spec.title}: seed {result.seed}, policy {result.policy}", rows)


def _delays_table(result: RunResult) -> Table:
    """Return the late minutes by cause, and the undelivered orders by where they ended."""
    found = attribute_delays(result.day)
    table = Table(title=f"Why {len(found.orders):,} orders were late", title_justify="left")
    for name in ("cause", "late min", "share", "undelivered"):
        table.add_column(name, justify="left" if name == "cause" else "right")
    for cause, late_ms in found.charges.items():
        share = shown(percent(late_ms, found.late_ms), 1, "%")
        minutes = shown(late_ms / MINUTE_MS, 1)
        table.add_row(cause.replace("_", " "), minutes, share, shown(found.undelivered.get(cause, 0)))
    table.add_section()
    undelivered = shown(sum(found.undelivered.values()))
    table.add_row("together", shown(found.late_ms / MINUTE_MS, 1), "", undelivered)
    table.add_row("of it overpromised", shown(found.overpromised_ms / MINUTE_MS, 1), "", "")
    return table


def _label(metric: Metric) -> str:
    """Return what people call a metric: its name without the unit."""
    return metric.name.removesuffix("_min").removesuffix("_pct").replace("_", " ")
