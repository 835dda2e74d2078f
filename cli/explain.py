"""``peakline explain``: the story of one order from a log, and whether its explanations come out again."""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import asdict
from datetime import datetime, tzinfo
from itertools import groupby
from typing import Annotated, Any

import typer
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from api.wire import rfc3339
from cli.explain_words import BINDINGS, HAPPENINGS, REASONS, TERMS, UNPINNED, said
from cli.log_file import LogFile, ScenarioOfLog, spec_of, zone_of
from cli.options import Json
from cli.output import out, print_json, shown
from domain.errors import LogError
from domain.ids import OrderId
from domain.plans import Explanation
from domain.units import SECOND_MS, Millis
from runtime.event_log.read_only import ReadOnlyLog
from runtime.explanations import Recomputed, recompute
from runtime.order_story import FORESEEN, OrderStory, StoryLine, find_order, tell


def explain(
    order: Annotated[str, typer.Argument(help="Id or reference of an order.", show_default=False)],
    log: LogFile,
    scenario: ScenarioOfLog = "",
    recomputing: Annotated[
        bool,
        typer.Option(
            "--recompute/--no-recompute",
            help="Replay the log up to the decisions and compute their explanations again.",
        ),
    ] = True,
    json_output: Json = False,
) -> None:
    """Tell the whole story of one order: what was decided about it, at what cost, and what else was possible.

    Each decision is shown with its cost terms, the best other riders and how much more they would have cost,
    what keeps the cost from being lower, and what the trip costs the orders planned next for the same rider.

    Exit code 2: there is no such order, the log is of another scenario or engine version, or an explanation
    does not come out again.
    """
    with closing(ReadOnlyLog(log)) as opened:
        spec = spec_of(log, opened.header, scenario)
        order_id = find_order(opened.read(), order)
        story = tell(opened.read(), order_id)
        again = recompute(opened, spec.setup, order_id) if recomputing else None
    if json_output:
        print_json(_document(story, again))
    else:
        out.print(_rendered(story, zone_of(spec)), _verdict(again), highlight=False)
    if again is not None and again.mismatches:
        first = again.mismatches[0]
        raise LogError(
            f"{log}: {len(again.mismatches)} of {again.checked} explanations of {order_id} do not come out "
            f"again; the first is in record {first.seq}, decision {first.decision_id}: logged was "
            f"{first.explained.logged}, now it is {first.explained.again}"
        )


def _document(story: OrderStory, again: Recomputed | None) -> dict[str, Any]:
    return {
        "order_id": story.order_id,
        "reference": story.reference,
        "merchant_id": story.merchant_id,
        "placed_at": rfc3339(story.placed_at_ms),
        "ready_at": rfc3339(story.ready_at_ms),
        "promised_at": rfc3339(story.promised_at_ms),
        "state": story.state,
        "lines": [_line_document(line) for line in story.lines],
        "recomputed": None if again is None else asdict(again),
    }


def _line_document(line: StoryLine) -> dict[str, Any]:
    return {"at": rfc3339(line.at_ms)} | asdict(line)


def _rendered(story: OrderStory, zone: tzinfo) -> Group:
    named = f" ({story.reference})" if story.reference not in {"", story.order_id} else ""
    title = Text.assemble((f"{story.order_id}{named}", "bold"), f" from {story.merchant_id}: {story.state}")
    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", no_wrap=True)
    table.add_column(overflow="fold")
    for run in _runs(story.lines):
        told = _told(run[-1], story.order_id) if len(run) == 1 else _foreseen_in_turn(run)
        table.add_row(_clock(run[0].at_ms, zone), told)
    promised = f"promised for {_clock(story.promised_at_ms, zone)}, times are those of {zone}"
    return Group(title, Text(promised, style="dim"), table)


def _runs(lines: Sequence[StoryLine]) -> Iterator[list[StoryLine]]:
    """Yield the lines one by one, but what is foreseen decision after decision together."""
    following: Sequence[StoryLine | None] = (*lines[1:], None)
    told = [line for line, after in zip(lines, following, strict=True) if not _says_it(after, line)]
    for what, run in groupby(told, key=lambda line: line.what):
        if what == FORESEEN:
            yield list(run)
        else:
            yield from ([line] for line in run)


def _says_it(after: StoryLine | None, line: StoryLine) -> bool:
    """Tell whether a hold of the same decision tells whom a line foresees."""
    return (
        line.what == FORESEEN
        and after is not None
        and after.decision_id == line.decision_id
        and after.explanation is not None
        and after.explanation.foreseen == line.rider_id
    )


def _foreseen_in_turn(run: Sequence[StoryLine]) -> Text:
    riders = ", ".join(dict.fromkeys(line.rider_id or "" for line in run))
    text = Text(said(HAPPENINGS, FORESEEN), style="bold")
    return text.append(f": by {len(run)} decisions in turn, for {riders}", style="not bold")


def _clock(at_ms: Millis, zone: tzinfo) -> str:
    return datetime.fromtimestamp(at_ms // SECOND_MS, zone).strftime("%H:%M:%S")


def _told(line: StoryLine, order_id: OrderId) -> RenderableType:
    parts: list[RenderableType] = [_headline(line, order_id)]
    if line.explanation is not None:
        parts += _because(line.explanation)
    if line.waited:
        parts.append(Text(f"decisions that left it at that: {line.waited}", style="dim"))
    return Group(*parts)


def _headline(line: StoryLine, order_id: OrderId) -> Text:
    text = Text(said(HAPPENINGS, line.what), style="bold" if line.decision_id else "")
    if line.rider_id:
        text.append(f": {line.rider_id}")
    if line.what == FORESEEN:
        text.append(f", trip {line.place} from now")
    others = [other for other in line.order_ids if other != order_id]
    if others:
        text.append(f", with {', '.join(others)}")
    if line.explanation is None and line.detail:
        text.append(f" ({said(REASONS | UNPINNED, line.detail)})")
    if line.by:
        text.append(f", by {line.by}")
    if line.decision_id:
        text.append(f"  {line.decision_id}, {line.policy}", style="dim not bold")
    return text


def _because(explanation: Explanation) -> list[RenderableType]:
    parts: list[RenderableType] = []
    if explanation.reason:
        parts.append(Text(said(REASONS, explanation.reason)))
    if explanation.terms:
        terms = Table.grid(padding=(0, 2))
        terms.add_column()
        terms.add_column(justify="right")
        for term in explanation.terms:
            terms.add_row(f"  {said(TERMS, term.name)}", shown(term.value, unit=term.unit))
        parts.append(terms)
    if explanation.alternatives:
        others = ", ".join(
            f"{other.rider_id} {other.delta_min:+.2f} min" for other in explanation.alternatives
        )
        parts.append(Text(f"  next best: {others}"))
    if explanation.binding:
        parts.append(Text(f"  not sooner because: {said(BINDINGS, explanation.binding)}"))
    if explanation.foreseen:
        parts.append(Text(f"  foreseen for: {explanation.foreseen}"))
    if explanation.opportunity_min:
        price = shown(explanation.opportunity_min, unit="min")
        parts.append(Text(f"  price of the rider's time: {price} for the orders planned next"))
    return parts


def _verdict(again: Recomputed | None) -> Text:
    if again is None:
        return Text("")
    if again.mismatches:
        return Text(f"{len(again.mismatches)} explanations do not come out again", style="bold red")
    left_out = (
        f"; of {again.incomparable} decisions none can be computed again: a clock cut the search short"
        if again.incomparable
        else ""
    )
    return Text(f"computed again from the log: {again.checked} explanations, all the same{left_out}", "green")
