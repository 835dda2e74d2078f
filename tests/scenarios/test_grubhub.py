import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from domain.errors import InputFileError, InvalidValueError
from domain.events import DecisionRequested
from domain.units import MINUTE_MS
from scenarios.grubhub import read_instance, write_solution
from scenarios.grubhub.instance import DAY_STARTS_AT_MS, GRUBHUB_RULES, minute_ms, minute_of
from sim.demand import RecordedDemand
from sim.run import RunResult, run

EVALUATOR = Path(__file__).resolve().parents[2].parent / "shared" / "tools" / "mdrp_eval.py"


def rows(folder: Path, name: str) -> list[list[str]]:
    lines = (folder / f"solution_info_{name}.txt").read_text(encoding="utf-8").splitlines()
    return [line.split() for line in lines[1:]]


def evaluate(instance: Path, solution: Path) -> dict[str, object]:
    if not EVALUATOR.exists():
        pytest.skip("no public evaluator at ../shared/tools/mdrp_eval.py")
    words = [sys.executable, str(EVALUATOR), str(instance), str(solution), "--rules", "base"]
    done = subprocess.run(words, capture_output=True, text=True, check=False)
    verdict: dict[str, object] = json.loads(done.stdout)
    return verdict


def test_a_day_without_chance_is_the_timeline_computed_by_hand(toy: Path, tmp_path: Path) -> None:
    """c1 leaves at 5, needs 3 minutes to r1 and waits for o1 (12); 5 minutes to o1, free there at 23.

    Then 5 minutes back to r1, where o2 is ready at 30; 3 minutes (2.5, rounded up) to o2.
    """
    result = run(read_instance(toy), 0, policy="nearest")
    write_solution(result, tmp_path / "out")
    assert rows(tmp_path / "out", "assignments") == [["5", "12", "c1", "o1"], ["23", "30", "c1", "o2"]]
    assert rows(tmp_path / "out", "orders") == [
        ["o1", "5", "12", "12", "21", "c1"],
        ["o2", "13", "30", "30", "37", "c1"],
    ]
    assert rows(tmp_path / "out", "couriers") == [
        ["c1", "5", "0", "r1"],
        ["c1", "14", "r1", "o1"],
        ["c1", "23", "o1", "r1"],
        ["c1", "32", "r1", "o2"],
    ]
    assert result.metrics["click_to_door_min"] == 20.0
    assert evaluate(toy, tmp_path / "out")["feasible"] is True


def test_the_same_day_at_odd_departures(toy: Path, tmp_path: Path) -> None:
    """Food that is ready long before: every instant is 1 ms past its minute, and flooring takes that away."""
    (toy / "orders.txt").write_text(
        "order x y placement_time restaurant ready_time\no1 500 0 5 r1 5\no2 0 -250 6 r1 7\n",
        encoding="utf-8",
    )
    result = run(read_instance(toy), 0, policy="nearest")
    write_solution(result, tmp_path / "out")
    assert rows(tmp_path / "out", "orders")[0] == ["o1", "5", "5", "10", "19", "c1"]
    assert rows(tmp_path / "out", "assignments")[1][:2] == ["21", "28"]
    picked_up = [r.at_ms for r in result.records if type(r.message).__name__ == "OrderPickedUp"]
    assert picked_up[0] == minute_ms(10) + 1
    assert evaluate(toy, tmp_path / "out")["feasible"] is True


def test_everything_of_a_minute_is_seen_before_its_decision(toy: Path) -> None:
    result = run(read_instance(toy), 0)
    epochs = [record.at_ms for record in result.records if isinstance(record.message, DecisionRequested)]
    assert {at_ms % MINUTE_MS for at_ms in epochs} == {1}


def test_the_scenario_follows_the_rules_of_the_benchmark(toy: Path) -> None:
    spec = read_instance(toy)
    assert spec.setup.rules == GRUBHUB_RULES
    assert spec.setup.tracking_params is None
    assert DAY_STARTS_AT_MS == 1_519_516_800_000  # 2018-02-25T00:00Z
    assert isinstance(spec.demand, RecordedDemand)
    order = spec.demand.orders[1]
    assert (order.placed_at_ms, order.ready_at_ms) == (minute_ms(13), minute_ms(30))
    assert order.promised_at_ms == minute_ms(53)
    assert minute_of(minute_ms(13)) == minute_of(minute_ms(14) - 1) == 13


def test_doors_are_unknown_before_their_order(toy: Path) -> None:
    plane = read_instance(toy).setup.travel
    assert len(plane) == 2  # type: ignore[arg-type]  # restaurant and courier only


def test_columns_are_found_by_name(toy: Path) -> None:
    straight = read_instance(toy)
    (toy / "orders.txt").write_text(
        "restaurant  ready_time order placement_time y x\nr1 12 o1 5 0 500\n\nr1 30 o2 13 -250 0\n",
        encoding="utf-8",
    )
    assert read_instance(toy).demand == straight.demand


def test_a_run_that_was_cut_short_has_no_solution(toy: Path, tmp_path: Path) -> None:
    result = run(replace(read_instance(toy), drain_ms=MINUTE_MS), 0)
    assert isinstance(result, RunResult)
    with pytest.raises(InvalidValueError, match="is on its way"):
        write_solution(result, tmp_path / "out")


def test_a_solution_that_cannot_be_written_says_where(toy: Path) -> None:
    result = run(read_instance(toy), 0)
    with pytest.raises(InputFileError, match=r"orders\.txt"):
        write_solution(result, toy / "orders.txt")


@pytest.mark.parametrize(
    ("file", "old", "new", "line", "message"),
    [
        ("orders.txt", "o1\t500\t0\t5", "o1\t500\t0\tfive", 2, "'placement_time' holds 'five'"),
        ("orders.txt", "o1\t500\t0\t5", "o1\t500\t0\t5.5", 2, "whole minutes"),
        ("orders.txt", "o1\t500\t0\t5", "o1\t500\tnan\t5", 2, "finite number"),
        ("orders.txt", "o1\t500\t0\t5", "o1\t5e9\t0\t5", 2, "beyond"),
        ("orders.txt", "o2\t0", "o1\t0", 3, "'o1' is there twice"),
        ("orders.txt", "13\tr1", "13\tr9", 3, "'r9', which restaurants.txt does not list"),
        ("orders.txt", "13\tr1\t30", "13\tr1\t3", 3, "before it is placed"),
        ("orders.txt", "13\tr1\t30", "13\tr1", 3, "5 cells instead of 6"),
        ("orders.txt", "restaurant\tready_time", "restaurant\tready", 1, "lacks the column ready_time"),
        ("couriers.txt", "0\t120", "0\t0", 2, "not after coming on"),
        ("couriers.txt", "0\t120", "-1\t120", 2, "0 or more"),
        ("couriers.txt", "c1", "r1", 2, "unique in the whole instance"),
        ("instance_parameters.txt", "100\t4", "0\t4", 2, "above 0"),
        ("instance_parameters.txt", "100\t4", "100\t5", 2, "must be even"),
        ("instance_parameters.txt", "\t15\n", "\n", 2, "6 values instead of 7"),
        ("instance_parameters.txt", "\n100", "\n100\n100", 3, "2 rows below the header"),
    ],
)
def test_damage_is_named_with_its_line(
    toy: Path, file: str, old: str, new: str, line: int, message: str
) -> None:
    text = (toy / file).read_text(encoding="utf-8")
    assert old in text
    (toy / file).write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(InputFileError) as caught:
        read_instance(toy)
    assert str(caught.value).startswith(f"{toy / file}:{line}: ")
    assert message in str(caught.value)


def test_what_is_missing_is_named(toy: Path, tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such directory"):
        read_instance(tmp_path / "nowhere")
    (toy / "couriers.txt").write_bytes(b"courier\x00\xff\xfe")
    with pytest.raises(InputFileError, match=r"couriers\.txt: cannot be read as text"):
        read_instance(toy)
    (toy / "couriers.txt").write_text("", encoding="utf-8")
    with pytest.raises(InputFileError, match=r"couriers\.txt:1: the file is empty"):
        read_instance(toy)
    (toy / "couriers.txt").unlink()
    with pytest.raises(InputFileError, match=r"couriers\.txt: there is no such file"):
        read_instance(toy)


@pytest.mark.data
@pytest.mark.parametrize("policy", ["nearest", "hungarian"])
def test_a_real_day_is_feasible(shared_data: Callable[[str], Path], tmp_path: Path, policy: str) -> None:
    instance = shared_data("mdrp") / "0o50t75s1p100"
    result = run(read_instance(instance), 0, policy=policy)
    write_solution(result, tmp_path)
    verdict = evaluate(instance, tmp_path)
    assert verdict["violations"] == []
    mean = verdict["metrics"]["click_to_door"]["mean"]  # type: ignore[index]
    assert result.metrics["click_to_door_min"] == pytest.approx(mean)
    assert result.metrics["cost_per_order"] == pytest.approx(verdict["metrics"]["cost_per_order"])  # type: ignore[index]
    assert result.refusals == ()


@pytest.mark.data
def test_decisions_do_not_look_ahead(shared_data: Callable[[str], Path]) -> None:
    spec = read_instance(shared_data("mdrp") / "0o50t75s1p100")
    assert isinstance(spec.demand, RecordedDemand)
    cut_ms = minute_ms(480)
    later = [order for order in spec.demand.orders if order.placed_at_ms > cut_ms]
    kept = tuple(order for order in spec.demand.orders if order.placed_at_ms <= cut_ms) + tuple(later[::2])
    assert 0 < len(later) < len(spec.demand.orders)
    altered = replace(spec, demand=RecordedDemand(kept))

    def before(result: RunResult) -> list[object]:
        return [
            (record.at_ms, record.message)
            for record in result.records
            if record.at_ms <= cut_ms + MINUTE_MS - 1
        ]

    assert before(run(spec, 0)) == before(run(altered, 0))
