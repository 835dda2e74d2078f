import subprocess
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from benchmarks.verify.point import Outcome, Point
from benchmarks.verify.record import Entry, load
from benchmarks.verify.runner import Checkout, checkout, choose, due, measure_all


def good(_: Path) -> Outcome:
    return Outcome(passed=True, measured={"orders": 3})


def bad(_: Path) -> Outcome:
    return Outcome(passed=False, measured={"orders": 0})


def broken(_: Path) -> Outcome:
    raise RuntimeError("no city\nand more")


GOOD = Point("good", "three orders", "3", "make good", good)
BAD = Point("bad", "three orders", "3", "make bad", bad)
BROKEN = Point("broken", "three orders", "3", "make broken", broken)


@dataclass
class Told:
    """What the runner reported, in order."""

    lines: list[str] = field(default_factory=list)

    def before(self, point: Point) -> None:
        self.lines.append(f"before {point.key}")

    def after(self, point: Point, entry: Entry) -> None:
        self.lines.append(f"after {point.key}: {entry.passed}")


def run(points: list[Point], where: Checkout) -> bool:
    told = Told()
    return measure_all(points, where, before=told.before, after=told.after)


def git(root: Path, *arguments: str) -> None:
    identity = ("-c", "user.name=t", "-c", "user.email=t@localhost", "-c", "commit.gpgsign=false")
    subprocess.run(["git", *identity, *arguments], cwd=root, check=True, capture_output=True)


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q")
    (tmp_path / "code.py").write_text("x = 1\n")
    (tmp_path / "README.md").write_text("# City\n")
    git(tmp_path, "add", ".")
    git(tmp_path, "commit", "-qm", "first")
    return tmp_path


def test_a_failure_does_not_stop_the_rest_and_fails_the_run(tmp_path: Path) -> None:
    where = Checkout(tmp_path, "abc")
    told = Told()
    assert not measure_all([BROKEN, GOOD], where, before=told.before, after=told.after)
    assert told.lines == ["before broken", "after broken: False", "before good", "after good: True"]
    assert load(where.record)["broken"].measured == {"error": "no city"}


def test_what_passed_on_a_commit_is_not_due_again(tmp_path: Path) -> None:
    where = Checkout(tmp_path, "abc")
    assert not run([GOOD, BAD], where)
    assert due([GOOD, BAD, BROKEN], where) == [BAD, BROKEN]
    assert due([GOOD], Checkout(tmp_path, "abd")) == [GOOD]


def test_measuring_one_point_keeps_the_others(tmp_path: Path) -> None:
    where = Checkout(tmp_path, "abc")
    run([GOOD], where)
    run([BAD], where)
    assert list(load(where.record)) == ["good", "bad"]


def test_an_unknown_key_names_the_known_ones() -> None:
    assert choose([GOOD, BAD], ["bad"]) == [BAD]
    with pytest.raises(ValueError, match="no point speed; there are: good, bad"):
        choose([GOOD, BAD], ["speed"])


def test_two_points_may_not_share_a_key() -> None:
    with pytest.raises(ValueError, match="same key"):
        choose([GOOD, GOOD], [])


def test_a_key_is_a_word() -> None:
    with pytest.raises(ValueError, match="key is 'Two words'"):
        Point("Two words", "", "", "", good)


def test_changed_code_is_another_commit_but_prose_is_not(repository: Path) -> None:
    clean = checkout(repository).commit
    (repository / "README.md").write_text("# City, measured\n")
    assert checkout(repository).commit == clean
    git(repository, "commit", "-qam", "prose")
    assert checkout(repository).commit == clean
    (repository / "code.py").write_text("x = 2\n")
    assert checkout(repository).commit == clean + "+"
    git(repository, "commit", "-qam", "code")
    assert checkout(repository).commit not in (clean, clean + "+")
