"""Remarks that reviewers repeated."""

import ast
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, tracked_files

TESTS = [
    path for path in tracked_files() if path.suffix == ".py" and path.relative_to(ROOT).parts[0] == "tests"
]
DECISIONS = sorted((ROOT / "docs" / "decisions").glob("*.md"))
DECISION_END_LINES = 60


@pytest.mark.parametrize("path", TESTS, ids=lambda path: str(path.relative_to(ROOT)))
def test_tests_use_real_objects_and_fakes(path: Path) -> None:
    imported = {
        node.module if isinstance(node, ast.ImportFrom) else alias.name
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.Import | ast.ImportFrom)
        for alias in node.names
    }
    assert imported.isdisjoint({"unittest.mock", "mock", "pytest_mock"})


def test_a_decision_fits_on_a_page() -> None:
    too_long = [
        path.name
        for path in DECISIONS
        if len(path.read_text(encoding="utf-8").splitlines()) > DECISION_END_LINES
    ]
    assert too_long == []
