from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.verify.record import Entry, load, save

ENTRY = Entry(
    asked="a demo",
    target="exit 0",
    command="make demo",
    measured={"seconds": 3.5, "ok": True},
    passed=True,
    seconds=3.5,
    commit="abc1234",
    at="2026-11-22T04:00:00+00:00",
)


def test_what_is_saved_is_loaded(tmp_path: Path) -> None:
    path = tmp_path / "build" / "verify.json"
    save(path, {"demo": ENTRY})
    assert load(path) == {"demo": ENTRY}


def test_an_absent_record_is_empty(tmp_path: Path) -> None:
    assert load(tmp_path / "verify.json") == {}


@pytest.mark.parametrize("damaged", ["{", "[]", '{"demo": {"passed": true}}', '{"demo": 3}'])
def test_a_damaged_record_is_named(tmp_path: Path, damaged: str) -> None:
    path = tmp_path / "verify.json"
    path.write_text(damaged)
    with pytest.raises(ValueError, match=r"verify\.json is not a record"):
        load(path)


def test_only_a_pass_on_the_same_clean_commit_proves_anything() -> None:
    assert ENTRY.proves("abc1234")
    assert not ENTRY.proves("abc1235")
    assert not replace(ENTRY, passed=False).proves("abc1234")
    assert not replace(ENTRY, commit="abc1234+").proves("abc1234+")
