"""Bad input ends in exit code 2 and one line that names what is wrong and what would be right."""

import json
import socket
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

from runtime.event_log.sqlite import SqliteLog
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


@pytest.fixture
def log(peakline: Peakline, short_lunch: Path, tmp_path: Path) -> Path:
    """Return the log of a run, kept in a folder of its own."""
    path = tmp_path / "kept" / "day.db"
    assert peakline("run", short_lunch, "--log", path).code == 0
    return path


def remove_record(path: Path, seq: int) -> int:
    """Damage a log by taking a record out of its middle; return how many it had."""
    with closing(sqlite3.connect(path)) as connection:
        last_seq = connection.execute("SELECT last_seq FROM progress").fetchone()[0]
        for table in ("records", "fixes"):
            connection.execute(f"DELETE FROM {table} WHERE seq = ?", (seq,))
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.commit()
    return int(last_seq)


def contents(folder: Path) -> dict[str, bytes]:
    return {file.name: file.read_bytes() for file in folder.iterdir()}


def test_a_damaged_log_is_replayed_as_far_as_it_is_good_and_left_as_it_is(
    peakline: Peakline, short_lunch: Path, log: Path
) -> None:
    lost = remove_record(log, 101) - 100
    before = contents(log.parent)
    for _ in range(2):
        ended = peakline("replay", log, "--scenario", short_lunch)
        told = ended.err.replace("\n", "")
        assert ended.code == 2
        assert f"{log}: damaged (record 101 is missing): 100 records are good" in told
        assert f"{lost} are lost or unreadable, from record 101 on" in told
        assert "every event identical" not in ended.out
        assert contents(log.parent) == before


def test_a_damaged_log_says_so_in_json(peakline: Peakline, short_lunch: Path, log: Path) -> None:
    lost = remove_record(log, 101) - 100
    ended = peakline("replay", log, "--scenario", short_lunch, "--json")
    document = json.loads(ended.out)
    assert ended.code == 2
    assert document["identical"] is False
    assert (document["damage"]["good"], document["damage"]["unreadable"]) == (100, lost)
    assert document["damage"]["message"] in ended.err
    assert document["records"] == 100


def test_a_log_cut_short_tells_how_many_records_are_left(
    peakline: Peakline, short_lunch: Path, log: Path
) -> None:
    content = log.read_bytes()
    log.write_bytes(content[: len(content) * 6 // 10])
    ended = peakline("replay", log, "--scenario", short_lunch, "--json")
    damage = json.loads(ended.out)["damage"]
    assert ended.code == 2
    assert damage["good"] > 0
    assert damage["unreadable"] > 0
    assert log.read_bytes() == content[: len(content) * 6 // 10]


def test_a_log_that_was_repaired_once_says_so_and_replays(
    peakline: Peakline, short_lunch: Path, log: Path
) -> None:
    remove_record(log, 101)
    with closing(SqliteLog(log)) as opened:
        assert opened.damage is not None
    ended = peakline("replay", log, "--scenario", short_lunch, "--json")
    document = json.loads(ended.out)
    assert "damaged after record 100" in ended.err
    assert "day.db.damaged-1" in ended.err
    assert document["damage"] is None
    assert len(document["repairs"]) == 1


def test_a_log_that_is_there_already_is_not_written_over(
    peakline: Peakline, short_lunch: Path, log: Path
) -> None:
    before = contents(log.parent)
    ended = peakline("run", short_lunch, "--log", log)
    assert ended.code == 2
    assert f"peakline replay {log}" in ended.err
    assert "choose another name" in ended.err
    assert contents(log.parent) == before
