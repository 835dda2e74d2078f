"""What may be imported from outside, and that each such choice is written down."""

import ast
import re
import sys
import tomllib
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.architecture.tree import ROOT, tracked_files

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
PACKAGES: list[str] = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]["packages"]
DECISIONS = ROOT / "docs" / "decisions"

# Split, so that this file does not itself name a host.
REGISTRY_HOSTS = [
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("pythonhosted", "org"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("npmmirror", "com"),
        ("yarnpkg", "com"),
        ("deb", "debian", "org"),
        ("proxy", "golang", "org"),
    )
]


def imported_roots(path: Path) -> Iterator[str]:
    """First part of the name of every module that a file imports, wherever in the file."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name.partition(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module is not None:
            yield node.module.partition(".")[0]


def declared() -> list[str]:
    """Name of every dependency, whether of the project or of one of its groups."""
    groups = PROJECT["dependency-groups"].values()
    requirements = PROJECT["project"]["dependencies"] + [entry for group in groups for entry in group]
    # An entry that is no text includes another group.
    return sorted({re.split(r"[^\w.-]", entry)[0] for entry in requirements if isinstance(entry, str)})


@pytest.mark.parametrize("path", sorted((ROOT / "domain").rglob("*.py")), ids=lambda path: path.name)
def test_domain_imports_the_standard_library_only(path: Path) -> None:
    allowed = set(sys.stdlib_module_names) | {"domain"}
    if path.name == "ports.py":
        allowed.add("numpy")  # for array types
    assert set(imported_roots(path)) - allowed == set()


def test_every_package_at_the_root_is_shipped() -> None:
    at_root = {path.parent.name for path in ROOT.glob("*/__init__.py")}
    assert at_root - {"tests"} == set(PACKAGES)


def test_tools_look_at_every_package() -> None:
    tools = PROJECT["tool"]
    assert sorted(tools["mypy"]["files"]) == sorted(PACKAGES)
    assert sorted(tools["importlinter"]["root_packages"]) == sorted(PACKAGES)


@pytest.mark.parametrize("name", declared())
def test_every_dependency_has_a_decision(name: str) -> None:
    decisions = "\n".join(path.read_text(encoding="utf-8") for path in sorted(DECISIONS.glob("*.md")))
    assert re.search(rf"(?<![\w-]){re.escape(name)}(?![\w-])", decisions, re.IGNORECASE), (
        f"no record in docs/decisions names the dependency {name!r}"
    )


def test_no_tracked_file_names_a_package_registry() -> None:
    naming = []
    for path in tracked_files():
        content = path.read_bytes()
        naming += [f"{path.relative_to(ROOT)}: {host}" for host in REGISTRY_HOSTS if host.encode() in content]
    assert naming == [], "write lock files without addresses (for npm: omit-lockfile-registry-resolved=true)"
