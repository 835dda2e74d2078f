"""How a policy in the shadow compares, as a table for people."""

from rich.table import Table

from cli.output import figures_table, shown
from dispatch.metrics import percent, percentile
from runtime.shadow import Deltas, ShadowReport


def shadow_table(report: ShadowReport) -> Table:
    """Return what comparing two policies came to."""
    rows = [
        ("decisions", shown(report.asked)),
        ("of them compared", shown(report.compared)),
        ("dropped, the shadow was still at work", shown(report.dropped)),
        ("failed in the shadow", shown(report.failed)),
        ("not answered by the acting policy", shown(report.unanswered)),
        ("plans of the shadow that break a rule", shown(report.infeasible_plans)),
        ("orders started", shown(report.started)),
        ("same rider in mind", shown(percent(report.same_rider, report.started), 1, "%")),
        ("sent off earlier", shown(percent(report.sent_earlier, report.started), 1, "%")),
        ("no rider in mind", shown(percent(report.no_rider, report.started), 1, "%")),
        ("expected pickup", _later(report.pickup)),
        ("expected drop-off", _later(report.dropoff)),
        ("decision, median", _taken(report, 0.5)),
        ("decision, 99th percentile", _taken(report, 0.99)),
    ]
    if report.stopped:
        rows.append(("asked nothing more", report.stopped))
    return figures_table(f"In the shadow: {report.policy}, beside {report.acting}", rows)


def _later(deltas: Deltas) -> str:
    mean_min = deltas.figures()["mean_min"]
    if mean_min is None:
        return "-"
    return f"{mean_min:+.2f} min (sooner for {deltas.sooner:,}, later for {deltas.later:,} orders)"


def _taken(report: ShadowReport, share: float) -> str:
    acting, shadow = (shown(percentile(s, share), 4, "s") for s in (report.acting_s, report.shadow_s))
    return f"{shadow}, acting {acting}"
