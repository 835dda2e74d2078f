"""`peakline run` and `peakline replay`: one day in, the same day out."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

from tests.cli.conftest import Peakline


def test_run_prints_one_json_document_and_nothing_else_on_stdout(
    peakline: Peakline, short_lunch: Path
) -> None:
    ended = peakline("run", short_lunch, "--seed", 3, "--policy", "nearest", "--json")
    document = json.loads(ended.out)
    assert ended.code == 0
    assert (document["seed"], document["policy"]) == (3, "nearest")
    assert 0 < document["metrics"]["delivered"] <= document["metrics"]["orders"]
    assert len(document["log_hash"]) == 64


def test_run_tells_why_orders_were_late(peakline: Peakline, short_lunch: Path) -> None:
    ended = peakline("run", short_lunch, "--seed", 3, "--json")
    delays = json.loads(ended.out)["delays"]
    assert "decisions: " in ended.err
    assert sum(delays["charges_ms"].values()) == delays["late_ms"]
    assert sum(order["late_ms"] for order in delays["orders"]) == delays["late_ms"] > 0
    for order in delays["orders"]:
        assert sum(order["charges_ms"].values()) == order["late_ms"]
    for_people = peakline("run", short_lunch, "--seed", 3)
    assert f"Why {len(delays['orders'])} orders were late" in for_people.out
    assert "unassigned wait" in for_people.out


def test_a_kept_log_replays_identically_and_has_the_hash_of_the_run(
    peakline: Peakline, short_lunch: Path, tmp_path: Path
) -> None:
    log = tmp_path / "day.db"
    run = json.loads(peakline("run", short_lunch, "--json", "--log", log).out)
    replay = peakline("replay", log, "--scenario", short_lunch, "--json")
    document = json.loads(replay.out)
    assert replay.code == 0
    assert document["identical"] is True
    assert document["damage"] is None
    assert document["log_hash"] == run["log_hash"]
    assert document["records"] == run["records"] == sum(document["kinds"].values())


def test_the_log_in_sqlite_is_the_log_in_memory(
    peakline: Peakline, short_lunch: Path, tmp_path: Path
) -> None:
    in_memory = json.loads(peakline("run", short_lunch, "--json").out)
    in_sqlite = json.loads(peakline("run", short_lunch, "--json", "--log", tmp_path / "day.db").out)
    assert in_sqlite == in_memory


def test_the_same_seed_gives_the_same_log_in_processes_that_hash_differently(short_lunch: Path) -> None:
    hashes = {
        json.loads(
            subprocess.run(
                [sys.executable, "-m", "cli.main", "run", short_lunch, "--seed", "11", "--json"],
                env={**os.environ, "PYTHONHASHSEED": seed},
                capture_output=True,
                check=True,
            ).stdout
        )["log_hash"]
        for seed in ("1", "4242")
    }
    assert len(hashes) == 1


def test_another_seed_gives_another_log(peakline: Peakline, short_lunch: Path) -> None:
    first, second = (json.loads(peakline("run", short_lunch, "--seed", n, "--json").out) for n in (1, 2))
    assert first["log_hash"] != second["log_hash"]


def test_an_interrupted_run_leaves_a_closed_log_that_replays(peakline: Peakline, tmp_path: Path) -> None:
    log = tmp_path / "day.db"
    with subprocess.Popen(
        [sys.executable, "-m", "cli.main", "run", "lunch_peak", "--log", log],
        stderr=subprocess.PIPE,
        text=True,
    ) as run:
        assert run.stderr is not None
        assert run.stderr.readline().startswith("simulating")
        run.send_signal(signal.SIGINT)
        run.communicate()
    assert run.returncode != 0
    assert [file.name for file in tmp_path.iterdir()] == ["day.db"]
    replay = peakline("replay", log, "--json")
    assert replay.code == 0
    assert json.loads(replay.out)["identical"] is True
