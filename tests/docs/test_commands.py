"""Every command that a page shows exists, and what README says of a line of code is so."""

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import typer.main

from cli.app import app

ROOT = Path(__file__).resolve().parents[2]
PAGES = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *sorted((ROOT / "docs").rglob("*.md"))]


def shown_commands(page: Path, program: str) -> Iterator[list[str]]:
    """Words of every call of a program in a page's console blocks and code spans."""
    text = page.read_text(encoding="utf-8")
    blocks = re.findall(r"```console\n(.*?)```", text, re.DOTALL)
    spans = re.findall(r"(?<!`)`([^`\n]+)`(?!`)", text)
    for line in [*"\n".join(blocks).replace("\\\n", " ").splitlines(), *spans]:
        if re.match(rf"(\.venv/bin/)?{program}\b", line):
            yield shlex.split(line, comments=True)[1:]


def command_named(words: list[str]) -> tuple[Any, list[str]]:
    """Follow the words from the root to a command; return it and the words left."""
    command = typer.main.get_command(app)
    while words and getattr(command, "commands", None) and not words[0].startswith("-"):
        assert words[0] in command.commands, f"there is no command {words[0]!r}"
        command, words = command.commands[words[0]], words[1:]
    return command, words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_peakline_command_shown_exists(page: Path) -> None:
    for shown in shown_commands(page, "peakline"):
        if not re.fullmatch(r"[a-z-]+", shown[0] if shown else "peakline"):
            continue  # the name of the program, or a placeholder such as `peakline ...`
        command, rest = command_named(shown)
        known = {name for param in command.params for name in (*param.opts, *param.secondary_opts)}
        options = {word.partition("=")[0] for word in rest if word.startswith("--")}
        assert options <= known | {"--help", "--version"}, f"peakline {' '.join(shown)}"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_every_make_target_shown_exists(page: Path) -> None:
    targets = set(re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))
    for shown in shown_commands(page, "make"):
        assert {word for word in shown if re.fullmatch(r"[a-z]+", word)} <= targets


def test_readme_names_the_right_lines() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    named = re.findall(r"`([\w/]+\.py)`,\s+line (\d+)\s+\(`(\w+)`\)", text)
    assert len(named) == 3
    for path, line, word in named:
        code = (ROOT / path).read_text(encoding="utf-8").splitlines()[int(line) - 1]
        assert code.startswith((f"{word}:", f"class {word}(")), f"{path}:{line} is {code!r}"
