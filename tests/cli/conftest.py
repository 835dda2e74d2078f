"""The command line as a person calls it, in this process."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest

from cli.main import main


@dataclass(frozen=True)
class Ended:
    """How a command ended, and what it printed."""

    code: int
    out: str
    err: str


Peakline = Callable[..., Ended]


LUNCH_PEAK = Path(__file__).parents[2] / "scenarios" / "lunch_peak.toml"


SHORTENED = (
    (r"^duration_min = .*$", "duration_min = 15"),
    (r"^drain_min = .*$", "drain_min = 30"),
    (r"^orders = .*$", "orders = 6"),
    (r"^riders = .*$", "riders = 15"),
    (r"^to_min = .*$", "to_min = 40"),
    (r"^(offices|campus|homes) = .*$", r"\1 = [[0, 1], [15, 1]]"),
)
"""What makes a lunch peak short: lines of its file, and what to put in their place."""


def write_short_lunch(folder: Path) -> Path:
    """Write a scenario file: some fifty orders in a quarter of an hour, with half an hour to finish."""
    text = LUNCH_PEAK.read_text(encoding="utf-8")
    for line, instead in SHORTENED:
        text, found = re.subn(line, instead, text, flags=re.MULTILINE)
        assert found
    path = folder / "short_lunch.toml"
    path.write_text(text, encoding="utf-8")
    return path


@pytest.fixture
def short_lunch(tmp_path: Path) -> Path:
    """Return the scenario file of a short lunch."""
    return write_short_lunch(tmp_path)


@pytest.fixture
def peakline(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Peakline:
    """Return a function that runs `peakline ...` and tells how it ended."""

    def call(*arguments: object) -> Ended:
        monkeypatch.setattr("sys.argv", ["peakline", *map(str, arguments)])
        try:
            main()
            code: object = 0
        except SystemExit as ended:
            code = ended.code
        printed = capsys.readouterr()
        return Ended(code if isinstance(code, int) else int(code is not None), printed.out, printed.err)

    return call
