"""The quality benchmark: what is due, how days are grouped, what the page shows."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.quality import page
from benchmarks.quality.__main__ import main
from benchmarks.quality.case import Case, Result, cases, matching, measure
from benchmarks.quality.grid import Bench
from benchmarks.quality.record import due, fingerprint, load, save
from benchmarks.quality.tables import quality_table

ROOT = Path(__file__).resolve().parents[3]
BENCH = Bench(ROOT)


def result(policy: str, instance: str, share: float = 1.0, minutes: float = 31.0) -> Result:
    figures: dict[str, float | None] = {
        "click_to_door_min": minutes,
        "ready_to_pickup_min": 1.0,
        "late_or_undelivered_pct": 20.0,
        "undelivered_pct": 0.0,
        "cost_per_order": 10.5,
        "on_time_pct": 100 * share - 20,
        "served_pct": 100 * share,
    }
    bound = {
        "click_to_door_min": 30.0,
        "ready_to_pickup_min": 0.0,
        "late_or_undelivered_pct": 18.0,
        "undelivered_pct": 0.0,
        "cost_per_order": 10.0,
    }
    return Result(policy, instance, share, "code", True, (), figures, bound)


def test_what_was_measured_with_this_code_is_not_due() -> None:
    wanted = cases(["nearest", "hungarian"], ["a", "b"], [1.0, 0.7])
    assert len(wanted) == 8
    known = {
        one.case: one for one in (result("nearest", "a"), replace(result("hungarian", "a"), code="older"))
    }
    assert Case("nearest", "a") not in due(wanted, known, "code")
    assert Case("hungarian", "a") in due(wanted, known, "code")
    assert len(due(wanted, known, "code")) == 7
    assert len(due(wanted, known, None)) == 6


def test_a_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    path = tmp_path / "record.json"
    assert load(path) == {}
    written = [result("nearest", "b", 0.7), replace(result("nearest", "a"), differing=("cost_per_order",))]
    save(path, written)
    assert load(path) == {one.case: one for one in written}
    path.write_text('[{"policy": "nearest"}]')
    with pytest.raises(ValueError, match="not a record"):
        load(path)


def test_the_fingerprint_follows_the_code(tmp_path: Path) -> None:
    (tmp_path / "dispatch").mkdir()
    (tmp_path / "dispatch" / "engine.py").write_text("A = 1\n")
    before = fingerprint(tmp_path)
    (tmp_path / "dispatch" / "engine.py").write_text("A = 2\n")
    assert fingerprint(tmp_path) != before


def test_days_are_chosen_by_pattern(tmp_path: Path) -> None:
    for name in ("0o100t100", "0o50t100", "1o100t75"):
        (tmp_path / name).mkdir()
    assert matching(tmp_path, ["?o100*"]) == ["0o100t100", "1o100t75"]
    with pytest.raises(ValueError, match="matches '9\\*'"):
        matching(tmp_path, ["9*"])


def test_a_table_shows_the_means_of_its_groups() -> None:
    table = quality_table("seed", [("0", [result("p", "0a"), result("p", "0b", minutes=33.0)]), ("1", [])])
    assert table.splitlines()[2] == "| 0 | 2 | 32.00 | 1.00 | 20.00 | 0.000 | 10.50 | 2.00 |"
    assert len(table.splitlines()) == 3


def test_the_page_shows_every_section_and_keeps_the_words_around() -> None:
    names = [f"{seed}{kind}t100s1p100" for seed in "0123456789" for kind in ("o100", "o50", "r50")]
    results = [result(policy, name) for policy in ("nearest", "mine") for name in names]
    results += [result("mine", name, share) for name in page.OVERLOAD_INSTANCES for share in (0.7, 0.5)]
    found = page.sections(results, "mine")
    text = (ROOT / page.PAGE).read_text(encoding="utf-8")
    filled = page.filled(text, found)
    for name, table in found.items():
        assert f"<!-- {name}:begin -->\n{table}\n<!-- {name}:end -->" in filled
    assert "## What hindsight would have made of it" in filled
    assert page.filled(filled, found) == filled
    assert "| 0, 1, 2, 3, 4: parameters chosen here | 15 |" in found["groups"]
    assert "| 5, 6, 7, 8, 9: confirmation | 15 |" in found["groups"]
    assert "| half the orders (o50) | 10 |" in found["variants"]
    assert "| nearest | 2 | 31.00 | 0.33 |" in found["clairvoyant"]
    assert "| 70 % | - | 50.0 |" in found["overload-on-time"]
    with pytest.raises(ValueError, match="no place for 'odd'"):
        page.filled("text", {"odd": ""})


def test_the_charts_have_a_curve_for_every_policy() -> None:
    results = [
        result(policy, name, share)
        for policy in ("a", "b<")
        for name in page.OVERLOAD_INSTANCES
        for share in (1.0, 0.5)
    ]
    results.append(result("of one day only", page.OVERLOAD_INSTANCES[0]))
    pictures = page.charts(results)
    assert set(pictures) == {"overload-on-time.svg", "overload-served.svg"}
    for picture in pictures.values():
        assert picture.count("<polyline") == 2
        assert ">b&lt;</text>" in picture


def test_a_real_day_is_solved_and_judged(tmp_path: Path) -> None:
    if not BENCH.checker.exists():
        pytest.skip("no public data beside the checkout")
    for share in (1.0, 0.6):
        case = Case("nearest", "0o50t100s1p100", share)
        found = measure(case, BENCH.instances, tmp_path, BENCH.checker, "code")
        assert (found.case, found.feasible, found.differing) == (case, True, ())
        assert (found.figures["click_to_door_min"] or 0) > found.bound["click_to_door_min"]


@pytest.mark.parametrize(
    ("words", "complaint"),
    [(["--policies", "magic"], "no policy 'magic'"), (["--instances", "zz*"], "matches 'zz*'")],
)
def test_bad_input_is_told(words: list[str], complaint: str, capsys: pytest.CaptureFixture[str]) -> None:
    if not BENCH.instances.exists():
        pytest.skip("no public data beside the checkout")
    assert main(words) == 2
    assert complaint in capsys.readouterr().err
