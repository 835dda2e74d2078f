"""A scenario file as checked tables; every complaint names the file, the line, and what would be right."""

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path
from typing import Any

from domain.errors import InputFileError
from scenarios.toml_schema import LISTS, PROFILES, TABLES, Key, Kind

_HEADER = re.compile(r"^\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"""^\s*["']?([A-Za-z0-9_-]+)["']?\s*=""")
_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")

Place = tuple[str, int]
"""A table by its name and, for tables that appear several times, its position from 0."""


@dataclass(frozen=True, slots=True)
class ScenarioTables:
    """The tables of a scenario file, with defaults filled in.

    Attributes
    ----------
    path : Path
        The file.
    tables : dict
        Tables that appear once, by name.
    lists : dict
        Tables that appear several times, by name.
    profiles : dict
        Rate profiles by name.
    lines : dict
        Line of every table (key ``""``) and key, by place and key.
    """

    path: Path
    tables: dict[str, dict[str, Any]]
    lists: dict[str, list[dict[str, Any]]]
    profiles: dict[str, list[list[float]]]
    lines: dict[tuple[Place, str], int]

    def error(self, message: str, table: str, key: str = "", nth: int = 0) -> InputFileError:
        """Return an error that names the line of a key, or of its table where the key is not written."""
        place = (table, nth)
        line = self.lines.get((place, key), self.lines.get((place, "")))
        return InputFileError(self.path, message, line)


def read_tables(path: Path) -> ScenarioTables:
    """Read and check a scenario file.

    Raises
    ------
    InputFileError
        If it cannot be read, is no TOML, or holds an unknown key or an impossible value.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except FileNotFoundError as error:
        raise InputFileError(path, "there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(path, f"cannot be read as text: {error}") from error
    try:
        document = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        found = _AT_LINE.search(str(error))
        message = f"not valid TOML: {_AT_LINE.sub('', str(error)).strip()}"
        raise InputFileError(path, message, int(found[1]) if found else None) from error
    checked = ScenarioTables(path, {}, {}, {}, _find_lines(text))
    _fill(checked, document)
    return checked


def _find_lines(text: str) -> dict[tuple[Place, str], int]:
    """Find the line of every table header and key; tomllib does not tell."""
    lines: dict[tuple[Place, str], int] = {}
    seen: dict[str, int] = {}
    place: Place = ("", 0)
    for number, line in enumerate(text.splitlines(), start=1):
        header = _HEADER.match(line)
        if header:
            name = header[2]
            nth = seen.get(name, 0) if header[1] == "[[" else 0
            seen[name] = nth + 1
            place = (name, nth)
            lines[place, ""] = number
            continue
        key = _KEY.match(line)
        if key:
            lines.setdefault((place, key[1]), number)
    return lines


def _fill(into: ScenarioTables, document: dict[str, Any]) -> None:
    known = [*TABLES, *LISTS, PROFILES]
    for name in document:
        if name not in known:
            line = into.lines.get(((name, 0), ""), into.lines.get((("", 0), name)))
            raise InputFileError(into.path, f"unknown table [{name}]; {_suggest(name, known)}", line)
    for name, keys in TABLES.items():
        given = document.get(name, {})
        if not isinstance(given, dict):
            raise into.error(f"{name} must be a table: [{name}]", "", name)
        into.tables[name] = _check(into, name, 0, keys, given)
    for name, keys in LISTS.items():
        entries = document.get(name, [])
        if not isinstance(entries, list) or not entries or not all(isinstance(e, dict) for e in entries):
            raise into.error(f"there must be at least one table [[{name}]]", name)
        into.lists[name] = [_check(into, name, nth, keys, entry) for nth, entry in enumerate(entries)]
    for name, profile in document.get(PROFILES, {}).items():
        if not Key(Kind.PROFILE, "").holds(profile):
            raise into.error(f"profile {name!r} must be {Kind.PROFILE}, not {profile!r}", PROFILES, name)
        into.profiles[name] = profile


def _check(
    into: ScenarioTables, table: str, nth: int, keys: Mapping[str, Key], given: dict[str, Any]
) -> dict[str, Any]:
    for name, value in given.items():
        key = keys.get(name)
        if key is None:
            message = f"unknown key {name!r} in [{table}]; {_suggest(name, keys)}"
            raise into.error(message, table, name, nth)
        if not key.holds(value):
            message = f"{name} = {value!r} is not possible; allowed: {key.allowed} ({key.meaning})"
            raise into.error(message, table, name, nth)
    missing = [name for name, key in keys.items() if key.default is ... and name not in given]
    if missing:
        key = keys[missing[0]]
        message = f"[{table}] lacks {missing[0]!r}: {key.allowed} ({key.meaning})"
        raise into.error(message, table, nth=nth)
    return {name: given.get(name, key.default) for name, key in keys.items()}


def _suggest(name: str, known: Iterable[str] | Mapping[str, Key]) -> str:
    near = get_close_matches(name, list(known), n=1, cutoff=0.5)
    listed = f"known: {', '.join(known)}"
    if not near:
        return listed
    allowed = f" ({known[near[0]].allowed})" if isinstance(known, Mapping) else ""
    return f"did you mean {near[0]!r}{allowed}? {listed}"
