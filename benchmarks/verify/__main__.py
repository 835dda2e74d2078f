"""`make verify`: measure every point that has not passed on this commit."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    SpinnerColumn,
    TextColumn,
    TimeElapsedColumn,
)

from benchmarks.verify.point import Point
from benchmarks.verify.points import POINTS
from benchmarks.verify.readme import figures
from benchmarks.verify.record import Entry
from benchmarks.verify.runner import Checkout, checkout, choose, due, measure_all

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 all passed, 1 some failed, 2 bad input."""
    options = _parser().parse_args(arguments)
    try:
        chosen = choose(POINTS, options.only)
        where = checkout(ROOT)
        todo = chosen if options.again else due(chosen, where)
    except ValueError as error:
        CONSOLE.print(f"error: {error}", markup=False, soft_wrap=True)
        return 2
    if options.list:
        _list(chosen, todo)
        return 0
    CONSOLE.print(
        f"{len(todo)} of {len(chosen)} points to measure on {where.commit}; the rest passed there already"
    )
    try:
        return 0 if _measure(todo, where) else 1
    except KeyboardInterrupt:
        CONSOLE.print("interrupted; what was measured is kept, and the next run goes on from there")
        return 1


def _measure(points: Sequence[Point], where: Checkout) -> bool:
    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=CONSOLE, disable=not CONSOLE.is_terminal) as progress:
        task = progress.add_task("verify", total=len(points))

        def before(point: Point) -> None:
            progress.update(task, description=point.key)

        def after(point: Point, entry: Entry) -> None:
            progress.advance(task)
            word = "[green]passed[/]" if entry.passed else "[red]FAILED[/]"
            CONSOLE.print(f"{word} {point.key} ({entry.seconds:.0f} s)", soft_wrap=True)
            CONSOLE.print(f"       {figures(entry.measured)}", markup=False, soft_wrap=True)

        return measure_all(points, where, before=before, after=after)


def _list(chosen: Sequence[Point], todo: Sequence[Point]) -> None:
    waiting = {point.key for point in todo}
    for point in chosen:
        state = "due   " if point.key in waiting else "passed"
        sys.stdout.write(f"{state} {point.key}: {point.asked} ({point.target})\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.verify", description=__doc__)
    parser.add_argument(
        "--only", metavar="KEY", action="append", default=[], help="only this point (repeatable)"
    )
    parser.add_argument("--again", action="store_true", help="measure also what has passed on this commit")
    parser.add_argument("--list", action="store_true", help="list the points and measure nothing")
    return parser


if __name__ == "__main__":
    sys.exit(main())
