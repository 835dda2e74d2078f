from pathlib import Path

import pytest

from benchmarks.verify.readme import BEGIN, END, figures, main, rewrite
from benchmarks.verify.record import Entry, save

ENTRY = Entry(
    asked="a | demo",
    target="exit 0",
    command="make demo",
    measured={"orders_per_s": 1234.5, "late_pct": 1.23456, "orders": 2724, "ok": True},
    passed=True,
    seconds=3.5,
    commit="abc1234",
    at="2026-11-22T04:00:00+00:00",
)


def test_figures_read_as_a_person_writes_them() -> None:
    assert figures(ENTRY.measured) == "orders per s 1,234, late pct 1.235, orders 2,724, ok yes"


def test_the_table_replaces_what_stands_between_the_markers() -> None:
    text = f"# City\n{BEGIN}\nold\n{END}\nmore\n"
    written = rewrite(text, {"demo": ENTRY})
    assert written == (
        f"# City\n{BEGIN}\n| asked | target | measured | met | see for yourself |\n|---|---|---|---|---|\n"
        "| a \\| demo | exit 0 | orders per s 1,234, late pct 1.235, orders 2,724, ok yes | yes "
        "| `make demo` |\n"
        f"{END}\nmore\n"
    )
    assert rewrite(written, {"demo": ENTRY}) == written


@pytest.mark.parametrize("text", ["# City\n", f"{BEGIN}\n", f"{END}\n{BEGIN}\n"])
def test_a_text_without_both_markers_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="measured:begin"):
        rewrite(text, {})


def test_readme_is_rewritten_in_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    readme = tmp_path / "README.md"
    readme.write_text(f"{BEGIN}\n{END}\n")
    save(tmp_path / "build" / "verify.json", {"demo": ENTRY})
    assert main(tmp_path) == 0
    assert "exit 0" in readme.read_text()
    readme.write_text("# City\n")
    assert main(tmp_path) == 2
    assert "README.md" in capsys.readouterr().err
