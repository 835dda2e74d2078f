"""``peakline whatif``: the logged day again, with another policy from an instant on."""

from contextlib import closing
from datetime import datetime
from typing import Annotated, Any

import typer
from rich.table import Table

from api.wire import rfc3339
from cli.durations import parse_instant
from cli.log_file import LogFile, ScenarioOfLog, spec_of, zone_of
from cli.options import Json, Policy, checked_policy
from cli.output import out, print_json, remark, shown
from dispatch.metrics import METRICS
from domain.errors import InvalidValueError
from domain.units import SECOND_MS, Millis
from runtime.event_log.read_only import ReadOnlyLog
from sim.spec import ScenarioSpec
from sim.whatif import PairedOrder, WhatIf, checked_seed, what_if

SHOWN_ORDERS = 5
"""How many of the orders that win most, and of those that lose most, are named."""


def whatif(
    log: LogFile,
    at: Annotated[
        str,
        typer.Option(
            help="When the other policy takes over: 12:30 (the city's time), +45m or a date and time.",
            show_default=False,
        ),
    ],
    policy: Policy = "",
    scenario: ScenarioOfLog = "",
    json_output: Json = False,
) -> None:
    """Run a logged day again with another policy from an instant on, and compare order by order.

    The scenario of the log is simulated twice from its seed: as it was logged, which must give the same
    records again, and with the other policy. Up to the instant both are the same, which is checked by a hash;
    after it, customers, kitchens and riders meet the same chances. Differences are the other policy's figure
    less the logged one.

    Exit code 2: the log is a live one, which nobody can run again, or of another scenario or engine version,
    or does not come out again.
    """
    chosen = checked_policy(policy)
    with closing(ReadOnlyLog(log)) as opened:
        spec = spec_of(log, opened.header, scenario)
        checked_seed(spec, opened.header)
        at_ms = _instant(at, spec)
        remark(f"simulating {spec.name} twice: {opened.header.policy}, and {chosen} from {at}")
        found = what_if(spec, opened.header, opened.read(), at_ms, chosen)
    if json_output:
        print_json(_document(found, chosen))
        return
    clock = datetime.fromtimestamp(at_ms / SECOND_MS, zone_of(spec)).strftime("%H:%M:%S")
    title = f"{spec.title}, seed {found.baseline.seed}: {found.baseline.policy}, and {chosen} from {clock}"
    out.print(_figures(found, title, chosen))
    out.print(
        f"{found.prefix_records} records before it are the same in the log and in both runs "
        f"({found.prefix_hash[:12]})",
        *_summary(found.orders),
        sep="\n",
        highlight=False,
    )


def _instant(text: str, spec: ScenarioSpec) -> Millis:
    at_ms = parse_instant(text, spec.starts_at_ms, zone_of(spec))
    last_ms = spec.ends_at_ms + spec.drain_ms
    if not spec.starts_at_ms <= at_ms <= last_ms:
        first, last = (
            datetime.fromtimestamp(ms / SECOND_MS, zone_of(spec)).isoformat(timespec="minutes")
            for ms in (spec.starts_at_ms, last_ms)
        )
        raise InvalidValueError("at", text, f"an instant of the simulated day, {first} to {last}")
    return at_ms


def _document(found: WhatIf, policy: str) -> dict[str, Any]:
    deltas = found.deltas
    after = found.result.metrics
    return {
        "scenario": found.baseline.spec.name,
        "seed": found.baseline.seed,
        "at": rfc3339(found.at_ms),
        "policy": found.baseline.policy,
        "other_policy": policy,
        "prefix_records": found.prefix_records,
        "prefix_hash": found.prefix_hash,
        "metrics": {
            name: {"logged": value, "other": after[name], "delta": deltas[name]}
            for name, value in found.baseline.metrics.items()
        },
        "orders": _counts(found.orders),
        "by_order": [
            {
                "order_id": order.order_id,
                "reference": order.reference,
                "logged_click_to_door_min": order.before_min,
                "other_click_to_door_min": order.after_min,
                "delta_min": order.delta_min,
            }
            for order in found.orders
        ],
    }


def _counts(orders: tuple[PairedOrder, ...]) -> dict[str, int]:
    deltas = [order.delta_min for order in orders if order.delta_min is not None]
    return {
        "sooner": sum(delta < 0 for delta in deltas),
        "same": sum(delta == 0 for delta in deltas),
        "later": sum(delta > 0 for delta in deltas),
        "delivered_only_as_logged": sum(_only(order.before_min, order.after_min) for order in orders),
        "delivered_only_with_other": sum(_only(order.after_min, order.before_min) for order in orders),
        "delivered_in_neither": sum(order.before_min is None and order.after_min is None for order in orders),
    }


def _only(here: float | None, there: float | None) -> bool:
    return here is not None and there is None


def _figures(found: WhatIf, title: str, policy: str) -> Table:
    table = Table(title=title, title_justify="left")
    table.add_column("figure")
    for name in (f"logged: {found.baseline.policy}", policy, "difference"):
        table.add_column(name, justify="right")
    after, deltas = found.result.metrics, found.deltas
    for metric in METRICS:
        before, delta = found.baseline.metrics[metric.name], deltas[metric.name]
        signed = "-" if delta is None else f"{delta:+,.2f}" if delta else "0"
        table.add_row(metric.name, shown(before), shown(after[metric.name]), signed)
    return table


def _summary(orders: tuple[PairedOrder, ...]) -> list[str]:
    counts = _counts(orders)
    lines = [
        f"orders: {counts['sooner']} sooner, {counts['later']} later, {counts['same']} at the same time; "
        f"delivered only as logged {counts['delivered_only_as_logged']}, only with the other policy "
        f"{counts['delivered_only_with_other']}, in neither {counts['delivered_in_neither']}"
    ]
    moved = sorted((order.delta_min, order.order_id) for order in orders if order.delta_min)
    gained = [pair for pair in moved if pair[0] < 0]
    lost = [pair for pair in reversed(moved) if pair[0] > 0]
    for words, chosen in (("gain most", gained), ("lose most", lost)):
        if chosen:
            named = (f"{order_id} {delta:+.1f} min" for delta, order_id in chosen[:SHOWN_ORDERS])
            lines.append(f"{words}: {', '.join(named)}")
    return lines
