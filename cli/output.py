"""Where words go: results to stdout, progress and remarks to stderr, no bars when nobody watches."""

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table
from rich.text import Text

out = Console()
"""Results that a person reads."""

err = Console(stderr=True)
"""Progress and remarks."""


def print_json(document: object) -> None:
    """Write one JSON document to stdout and nothing else."""
    json.dump(document, sys.stdout, ensure_ascii=False, indent=1)
    sys.stdout.write("\n")
    sys.stdout.flush()  # whoever started a server reads this while it runs


def complain(message: str) -> None:
    """Tell what is wrong and what would be right."""
    err.print(Text.assemble(("error: ", "bold red"), message), highlight=False, soft_wrap=True)


def remark(message: str) -> None:
    """Tell something that is not a result."""
    err.print(message, highlight=False, soft_wrap=True)  # addresses are copied, so no line is broken


@contextmanager
def progress(description: str, total: float) -> Iterator[Any]:
    """Show a progress bar on stderr; off a terminal only the beginning is told.

    Yields
    ------
    callable
        To be called with how much of ``total`` is done.
    """
    if not err.is_terminal:
        remark(description)
        yield lambda done: None
        return
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=err, transient=True) as bars:
        task = bars.add_task(description, total=total)
        yield lambda done: bars.update(task, completed=done)


def figures_table(title: str, rows: list[tuple[str, str]]) -> Table:
    """Return a table of figures: what, and how much."""
    table = Table(title=title, show_header=False, title_justify="left")
    table.add_column("figure")
    table.add_column("value", justify="right", overflow="fold")
    for name, value in rows:
        table.add_row(name, value)
    return table


def shown(value: float | None, digits: int = 2, unit: str = "") -> str:
    """Return a figure as people read it, a dash where there is none."""
    if value is None:
        return "-"
    text = f"{value:,}" if isinstance(value, int) else f"{value:,.{digits}f}"
    return f"{text} {unit}".rstrip()
