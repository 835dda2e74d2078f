"""The ends of size and the names that collect rubbish."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, modules

MODULE_END_LINES = 400
FUNCTION_END_LINES = 60
RUBBISH_NAMES = {"util", "utils", "helper", "helpers", "common", "misc", "manager", "managers", "platform"}

MODULES = modules()


def functions(path: Path) -> Iterator[tuple[ast.FunctionDef | ast.AsyncFunctionDef, int]]:
    """Every function of a module with the lines of its body, docstring left out."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            statements = node.body[1:] if ast.get_docstring(node, clean=False) is not None else node.body
            if statements:
                yield node, (node.end_lineno or node.lineno) - statements[0].lineno + 1


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_module_is_longer_than_its_end(path: Path) -> None:
    assert len(path.read_text(encoding="utf-8").splitlines()) <= MODULE_END_LINES


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_no_function_is_longer_than_its_end(path: Path) -> None:
    too_long = [
        f"{node.name}: {lines} lines" for node, lines in functions(path) if lines > FUNCTION_END_LINES
    ]
    assert too_long == []


def test_no_module_has_a_name_that_collects_rubbish() -> None:
    named = [
        str(path.relative_to(ROOT))
        for path in MODULES
        if RUBBISH_NAMES & set(path.relative_to(ROOT).with_suffix("").parts)
    ]
    assert named == []
