"""`python -m benchmarks.verify.readme`: write the measured table of README.md from the record."""

import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.verify.point import Figure
from benchmarks.verify.record import Entry, load

BEGIN = "<!-- measured:begin -->"
END = "<!-- measured:end -->"
HEADER = "| asked | target | measured | met | see for yourself |\n|---|---|---|---|---|\n"


def figures(measured: Mapping[str, Figure]) -> str:
    """Write figures on one line: names with spaces, thousands apart, booleans as yes and no."""
    return ", ".join(f"{name.replace('_', ' ')} {_figure(value)}" for name, value in measured.items())


def table(entries: Mapping[str, Entry]) -> str:
    """Write the record as a Markdown table, in the order of the record."""
    rows = [
        f"| {_cell(entry.asked)} | {_cell(entry.target)} | {_cell(figures(entry.measured))} "
        f"| {'yes' if entry.passed else 'no'} | `{_cell(entry.command)}` |\n"
        for entry in entries.values()
    ]
    return HEADER + "".join(rows)


def rewrite(text: str, entries: Mapping[str, Entry]) -> str:
    """Return a text with the table between its two markers.

    Raises
    ------
    ValueError
        If the text lacks a marker, or has them in the wrong order.
    """
    begin, end = text.find(BEGIN), text.find(END)
    if begin < 0 or end < begin:
        raise ValueError(f"the table needs a line {BEGIN} and, after it, a line {END}")
    return f"{text[: begin + len(BEGIN)]}\n{table(entries)}{text[end:]}"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


def _figure(value: Figure) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, float):
        return f"{value:,.0f}" if abs(value) >= 1000 else f"{value:.4g}"
    return f"{value:,}" if isinstance(value, int) else value


def main(root: Path) -> int:
    """Rewrite README.md of a checkout and return an exit code."""
    readme = root / "README.md"
    try:
        entries = load(root / "build" / "verify.json")
        readme.write_text(rewrite(readme.read_text(encoding="utf-8"), entries), encoding="utf-8")
    except (OSError, ValueError) as error:
        sys.stderr.write(f"error: {readme}: {error}\n")
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(Path(__file__).resolve().parents[2]))
