from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from benchmarks.quality.case import Result, cases
from benchmarks.quality.page import OVERLOAD_INSTANCES
from benchmarks.verify.points import POINTS
from benchmarks.verify.points.fresh_machine import read
from benchmarks.verify.points.mdrp import GOALS, INSTANCES, judge, judge_goals
from benchmarks.verify.points.overload import HARD_DAY, ORIGINAL_DAY, RIVAL, SHARES
from benchmarks.verify.points.overload import judge as judge_overload
from benchmarks.verify.runner import choose
from benchmarks.verify.shell import CommandError, run, shared_tool
from dispatch.matching import DEFAULT_POLICY


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


def a_run(**means: float) -> dict[str, Any]:
    """Return the results of a run that meets every goal, but for these means."""
    days = ("0o50t100s1p100", "0r50t75s2p125", "5o100t100s1p100", "9r50t100s1p100")
    one = {"click_to_door_min": 30.9, "broken_plans": 0.0}
    mean = {name: goal.target for name, goal in GOALS.items()}
    return {"mean": {**mean, **means}, "instances": {day: dict(one) for day in days}}


def test_goals_are_held_by_the_means_and_by_the_days_with_a_known_optimum() -> None:
    assert judge_goals(a_run()).passed
    late = judge_goals(a_run(late_or_undelivered_pct=19.6))
    assert not late.passed
    assert late.measured["above_target"] == "late_or_undelivered_pct"
    assert "worse_than_the_prototype" not in late.measured
    assert judge_goals(a_run(cost_per_order=10.6)).measured["worse_than_the_prototype"] == "cost_per_order"
    slow = a_run()
    slow["instances"]["0o50t100s1p100"]["click_to_door_min"] = 31.5
    assert not judge_goals(slow).passed
    broken = a_run()
    broken["instances"]["5o100t100s1p100"]["broken_plans"] = 1.0
    assert not judge_goals(broken).passed
    assert judge_goals(broken).measured["broken_plans"] == 1


def overloaded(policy: str, instance: str, share: float, **figures: float | None) -> Result:
    good = {"on_time_pct": 80.0, "served_pct": 100.0, "late_or_undelivered_pct": 20.0, "undelivered_pct": 0.0}
    return Result(policy, instance, share, "code", True, (), {**good, **figures}, {})


def test_overload_is_judged_by_both_figures_at_each_share_and_on_two_days() -> None:
    wanted = cases((DEFAULT_POLICY, RIVAL), OVERLOAD_INSTANCES, SHARES)
    even = {case: overloaded(*case) for case in wanted}
    assert judge_overload(list(even.values())).passed
    for case, worse in (
        (wanted[0], {"served_pct": 99.0}),
        (ORIGINAL_DAY, {"on_time_pct": 57.0}),
        (HARD_DAY, {"undelivered_pct": 0.1}),
        (HARD_DAY, {"late_or_undelivered_pct": 32.0}),
    ):
        assert not judge_overload(list((even | {case: overloaded(*case, **worse)}).values())).passed
    infeasible = even | {wanted[0]: replace(even[wanted[0]], feasible=False)}
    assert not judge_overload(list(infeasible.values())).passed


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
