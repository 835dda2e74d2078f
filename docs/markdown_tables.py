"""Tables in Markdown, and what docstrings and dataclasses say of themselves."""

import ast
import dataclasses
import inspect
import re
import textwrap
from collections.abc import Iterable, Mapping, Sequence
from enum import Enum


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a Markdown table."""
    lines = [f"| {' | '.join(head)} |", f"|{'---|' * len(head)}"]
    lines += [f"| {' | '.join(_cell(text) for text in row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def code(text: object) -> str:
    """Return a text in code type, empty for an empty one."""
    return f"`{text}`" if str(text) else ""


def prose(text: str) -> str:
    """Return the prose of a docstring as Markdown: one line a paragraph, code in single backticks."""
    text = re.sub(r"``(.+?)``", r"`\1`", inspect.cleandoc(text))
    return "\n\n".join(plain(" ".join(paragraph.split())) for paragraph in text.split("\n\n"))


def plain(text: str) -> str:
    """Return a text in which ``<word>`` is no tag, except in code, where it never is."""
    parts = text.split("`")
    return "`".join(part.replace("<", "&lt;") if k % 2 == 0 else part for k, part in enumerate(parts))


def summary(thing: object) -> str:
    """Return everything that a docstring says before its first section."""
    doc = inspect.getdoc(thing) or ""
    return prose(re.split(r"\n\n?[A-Z]\w+\n-{3,}\n", doc)[0])


def first_sentence(thing: object) -> str:
    """Return the first paragraph of a docstring."""
    return summary(thing).split("\n\n")[0]


def attribute_notes(kind: type) -> dict[str, str]:
    """Return what the section Attributes (or Parameters) of a numpydoc docstring says, by name."""
    doc = inspect.getdoc(kind) or ""
    found = re.search(
        r"^(?:Attributes|Parameters)\n-{3,}\n(.*?)(?=\n\n[A-Z]\w+\n-{3,}|\Z)", doc, re.DOTALL | re.MULTILINE
    )
    notes: dict[str, str] = {}
    names: list[str] = []
    for line in found[1].splitlines() if found else ():
        if line and not line.startswith(" "):
            names = [name.strip() for name in line.split(" : ")[0].split(",")]
        else:
            for name in names:
                notes[name] = f"{notes.get(name, '')} {line.strip()}".strip()
    return {name: prose(note) for name, note in notes.items()}


def fields_table(kind: type) -> str:
    """Return the fields of a dataclass or a named tuple: name, type as written, default, meaning."""
    written = _annotations(kind)
    notes = attribute_notes(kind)
    rows, with_default = [], False
    for name, default in _defaults(kind).items():
        with_default = with_default or default != ""
        rows.append((code(name), code(written[name]), default, notes.get(name, "")))
    with_notes = any(row[3] for row in rows)
    keep = [0, 1, *([2] if with_default else []), *([3] if with_notes else [])]
    head = ("field", "type", "default", "meaning")
    return table([head[k] for k in keep], [[row[k] for k in keep] for row in rows]) if rows else ""


def shown(value: object) -> str:
    """Return a value as a person writes it in code."""
    if isinstance(value, Enum):
        return code(value.value)
    if isinstance(value, bool):
        return code(str(value).lower())
    if isinstance(value, int | float):
        return code(
            f"{value:,}".replace(",", "_") if isinstance(value, int) and abs(value) > 9_999 else value
        )
    return code(repr(value).replace("'", '"')) if not isinstance(value, Mapping) else ""


def _defaults(kind: type) -> dict[str, str]:
    """Return what is written for the default of each field, nothing where one must be given."""
    if dataclasses.is_dataclass(kind):
        return {field.name: _default(field) for field in dataclasses.fields(kind)}
    defaults: Mapping[str, object] = kind._field_defaults  # type: ignore[attr-defined]
    return {name: shown(defaults[name]) if name in defaults else "" for name in kind._fields}  # type: ignore[attr-defined]


def _default(field: "dataclasses.Field[object]") -> str:
    if field.default is not dataclasses.MISSING:
        return "none" if field.default is None else shown(field.default)
    return "" if field.default_factory is dataclasses.MISSING else "see below"


def _annotations(kind: type) -> dict[str, str]:
    """Return the annotations of a class as they are written: with the names of the aliases."""
    tree = ast.parse(textwrap.dedent(inspect.getsource(kind)))
    body = tree.body[0]
    assert isinstance(body, ast.ClassDef)  # noqa: S101  (for the type checker: the source of a class)
    return {
        node.target.id: ast.unparse(node.annotation).strip("'")
        for node in body.body
        if isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name)
    }


def _cell(text: str) -> str:
    # In code a bar is no border of a cell, and an escape would be shown.
    parts = plain(" ".join(text.split())).split("`")
    return "`".join(part.replace("|", "\\|") if k % 2 == 0 else part for k, part in enumerate(parts))
