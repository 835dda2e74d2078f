"""Bad input ends in exit code 2 and one line that names what is wrong and what would be right."""

import socket
from pathlib import Path

import pytest

from tests.cli.conftest import LUNCH_PEAK, Peakline


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("run", "no_such_scenario"), "lunch_peak"),
        (("run", "--policy", "clairvoyant"), "nearest, hungarian"),
        (("bench", "mdrp", "--instances", "/nowhere", "--out", "/tmp/never"), "/nowhere"),
        (("replay", "/nowhere/day.db"), "/nowhere/day.db"),
        (("scenario", "check", "/nowhere.toml"), "/nowhere.toml"),
        (("demo", "--for", "soon"), "20s"),
        (("serve", "/nowhere.toml"), "/nowhere.toml"),
        (("run", "--seed", "-1"), "seed"),
        (("fly",), "fly"),
    ],
)
def test_it_says_what_is_wrong(peakline: Peakline, arguments: tuple[str, ...], told: str) -> None:
    ended = peakline(*arguments)
    assert ended.code == 2
    assert told in ended.err
    assert "Traceback" not in ended.err
    assert not ended.out


def test_a_taken_port_is_named(peakline: Peakline, tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        ended = peakline("serve", "--port", port, "--data", tmp_path)
    assert ended.code == 2
    assert str(port) in ended.err
    assert "--port" in ended.err


def test_a_setting_from_the_environment_is_checked(
    peakline: Peakline, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PEAKLINE_PORT", "many")
    ended = peakline("serve")
    assert ended.code == 2
    assert "PEAKLINE_PORT" in ended.err


def test_a_scenario_with_an_unknown_key_names_file_line_and_the_nearest_key(
    peakline: Peakline, tmp_path: Path
) -> None:
    text = LUNCH_PEAK.read_text(encoding="utf-8")
    lines = text.splitlines()
    number = next(k for k, line in enumerate(lines) if line.startswith("title"))
    lines[number] = lines[number].replace("title", "tilte", 1)
    broken = tmp_path / "broken.toml"
    broken.write_text("\n".join(lines), encoding="utf-8")
    ended = peakline("scenario", "check", broken)
    assert ended.code == 2
    assert f"broken.toml:{number + 1}" in ended.err.replace("\n", "")
    assert "title" in ended.err


def test_something_that_is_no_log_is_refused_by_name(peakline: Peakline, tmp_path: Path) -> None:
    foreign = tmp_path / "notes.db"
    foreign.write_text("not a log")
    ended = peakline("replay", foreign)
    assert ended.code == 2
    assert "notes.db" in ended.err.replace("\n", "")
    assert foreign.read_text() == "not a log"
