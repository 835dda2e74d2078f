"""`peakline bench mdrp`: feasible and blind to the future, with the public checker's own figures."""

import json
import shutil
import statistics
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.cli.conftest import Peakline

INSTANCES = (
    "0o100t100s1p100",
    "1r50t75s2p125",
    "4o50t100s1p125",
    "5o50t75s1p100",
    "8r50t100s2p100",
)
TOOLS = Path(__file__).parents[2].parent / "shared" / "tools"


@pytest.fixture(params=["nearest", "hungarian"])
def policy(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def checked(instance: Path, solution: Path) -> dict[str, Any]:
    command = [sys.executable, TOOLS / "mdrp_eval.py", instance, solution, "--rules", "base"]
    verdict: dict[str, Any] = json.loads(subprocess.run(command, capture_output=True, check=False).stdout)
    return verdict


def test_five_days_are_feasible_and_the_figures_are_the_checkers(
    peakline: Peakline, shared_data: Callable[[str], Path], tmp_path: Path, policy: str
) -> None:
    chosen = tmp_path / "instances"
    chosen.mkdir()
    for name in INSTANCES:
        (chosen / name).symlink_to(shared_data("mdrp") / name)
    out = tmp_path / "out"
    ended = peakline("bench", "mdrp", "--instances", chosen, "--out", out, "--policy", policy, "--json")
    assert ended.code == 0
    results = json.loads((out / "results.json").read_text())
    assert json.loads(ended.out) == results
    verdicts = [checked(chosen / name, out / name) for name in INSTANCES]
    assert [verdict["violations"] for verdict in verdicts] == [[]] * len(INSTANCES)
    assert results["policy"] == policy
    assert set(results["instances"]) == set(INSTANCES)
    theirs = [verdict["metrics"] for verdict in verdicts]
    means = results["mean"]
    assert means["click_to_door_min"] == pytest.approx(_mean(theirs, "click_to_door"))
    assert means["ready_to_pickup_min"] == pytest.approx(_mean(theirs, "ready_to_pickup"))
    assert means["ready_to_door_min"] == pytest.approx(_mean(theirs, "ready_to_door"))
    for ours, key in (
        ("late_or_undelivered_pct", "pct_late_or_undelivered"),
        ("undelivered_pct", "pct_undelivered"),
        ("cost_per_order", "cost_per_order"),
    ):
        assert means[ours] == pytest.approx(statistics.fmean(metrics[key] for metrics in theirs))


def _mean(metrics: list[Any], key: str) -> float:
    return statistics.fmean(one[key]["mean"] for one in metrics)


def test_decisions_do_not_change_when_the_future_does(shared_data: Callable[[str], Path]) -> None:
    instance = shared_data("mdrp") / "0o50t100s1p100"
    bench = [
        sys.executable,
        "-m",
        "cli.main",
        "bench",
        "mdrp",
        "--instances",
        "{instances}",
        "--out",
        "{out}",
    ]
    command = [sys.executable, TOOLS / "mdrp_lookahead.py", instance, "--cuts", "5", "--", *bench]
    ended = subprocess.run(command, capture_output=True, text=True, check=False)
    assert "5 of 5 prefixes identical" in ended.stdout, ended.stdout + ended.stderr


def test_with_fewer_riders_the_same_day_is_later(
    peakline: Peakline, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    means = {}
    for share in (1.0, 0.5):
        instance, out = shared_data("mdrp") / "0o50t100s1p100", tmp_path / str(share)
        ended = peakline(
            "bench", "mdrp", "--instances", instance, "--out", out, "--riders-share", share, "--json"
        )
        assert ended.code == 0
        document = json.loads(ended.out)
        assert document["riders_share"] == share
        assert checked(instance, out / instance.name)["feasible"]
        means[share] = document["mean"]
    assert means[0.5]["on_time_pct"] < means[1.0]["on_time_pct"]
    assert means[0.5]["click_to_door_min"] > means[1.0]["click_to_door_min"]
    assert means[1.0]["on_time_pct"] + means[1.0]["late_or_undelivered_pct"] == pytest.approx(100)


def test_an_impossible_share_of_riders_is_told(
    peakline: Peakline, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    instance = shared_data("mdrp") / "0o50t100s1p100"
    ended = peakline("bench", "mdrp", "--instances", instance, "--out", tmp_path, "--riders-share", "1.5")
    assert ended.code == 2
    assert "riders_share: 1.5 is not possible; allowed: above 0 and at most 1" in ended.err


def test_a_damaged_day_is_told_also_from_a_worker_process(
    peakline: Peakline, shared_data: Callable[[str], Path], tmp_path: Path
) -> None:
    for name in ("good", "odd"):
        shutil.copytree(shared_data("mdrp") / "0o50t100s1p100", tmp_path / "in" / name)
    with (tmp_path / "in" / "odd" / "orders.txt").open("a", encoding="utf-8") as orders:
        orders.write("one more\n")
    where, out = tmp_path / "in", tmp_path / "out"
    ended = peakline("bench", "mdrp", "--instances", where, "--out", out, "--policy", "nearest", "--jobs", 2)
    assert ended.code == 2
    assert "odd/orders.txt:254: " in ended.err
