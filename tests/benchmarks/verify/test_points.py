from pathlib import Path
from typing import Any

import pytest

from benchmarks.verify.points import POINTS
from benchmarks.verify.points.fresh_machine import read
from benchmarks.verify.points.mdrp import INSTANCES, judge
from benchmarks.verify.runner import choose
from benchmarks.verify.shell import CommandError, run, shared_tool


def verdict(*, feasible: bool = True, click_to_door_min: float = 30.0) -> dict[str, Any]:
    metrics = {
        "click_to_door": {"mean": click_to_door_min},
        "ready_to_pickup": {"mean": 1.0},
        "ready_to_door": {"mean": 20.0},
        "pct_late_or_undelivered": 20.0,
        "pct_undelivered": 0.5,
        "cost_per_order": 10.5,
    }
    return {"feasible": feasible, "metrics": metrics}


RESULTS = {
    "orders_per_s": 1500.4,
    "mean": {
        "click_to_door_min": 30.0,
        "ready_to_pickup_min": 1.0,
        "ready_to_door_min": 20.0,
        "late_or_undelivered_pct": 20.0,
        "undelivered_pct": 0.5,
        "cost_per_order": 10.5,
    },
}


def test_every_point_has_a_key_of_its_own() -> None:
    assert choose(POINTS, []) == list(POINTS)


def test_a_run_passes_when_the_checker_finds_every_day_feasible_and_the_same_means() -> None:
    outcome = judge(RESULTS, [verdict()] * INSTANCES)
    assert outcome.passed
    assert outcome.measured["feasible"] == INSTANCES
    assert outcome.measured["orders_per_s"] == 1500


@pytest.mark.parametrize(
    "verdicts",
    [
        [verdict(feasible=False), *[verdict()] * (INSTANCES - 1)],
        [verdict()] * (INSTANCES - 1),
        [verdict(click_to_door_min=31.0), *[verdict()] * (INSTANCES - 1)],
    ],
    ids=["one day infeasible", "one day missing", "another mean than ours"],
)
def test_a_run_fails_otherwise(verdicts: list[dict[str, Any]]) -> None:
    assert not judge(RESULTS, verdicts).passed


def test_a_fresh_machine_passes_when_both_commands_end_well() -> None:
    output = (
        "== make demo\n== ok in 70 s\n== make test\n== 210 passed, 4 skipped in 60.1s ==\n== ok in 62 s\n"
    )
    outcome = read(output)
    assert outcome.passed
    assert outcome.measured == {"setup_and_demo_s": 70, "test_s": 62, "tests_passed": 210, "tests_skipped": 4}


def test_a_fresh_machine_fails_without_the_second_command() -> None:
    assert not read("== make demo\n== ok in 70 s\n== make test\n").passed


def test_a_failed_command_shows_the_end_of_its_output(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match=r"exit code 3(.|\n)*no riders"):
        run(["sh", "-c", "echo no riders >&2; exit 3"], root=tmp_path, log_name="odd")
    assert run(["sh", "-c", "echo ok; exit 3"], root=tmp_path, log_name="odd", accepted=(3,)) == "ok\n"


def test_an_absent_shared_folder_is_named(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError, match=r"mdrp_eval\.py is absent"):
        shared_tool(tmp_path / "main", "mdrp_eval.py")
