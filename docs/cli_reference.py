"""The reference of the command line, from the same objects that run it."""

from collections.abc import Iterator
from typing import Any

import typer.main
from markdown_tables import code, prose, table

from cli.app import app


def commands() -> str:
    """Return a section for every command of ``peakline``."""
    return "\n\n".join(
        _section(words, command) for words, command in _walk(("peakline",), typer.main.get_command(app))
    )


def _walk(words: tuple[str, ...], command: Any) -> Iterator[tuple[tuple[str, ...], Any]]:  # noqa: ANN401
    """Yield every command below a group; typer does not export the types of what it builds."""
    for name, child in sorted(command.commands.items(), key=lambda item: _first_declared(command, item[0])):
        if getattr(child, "commands", None):
            yield from _walk((*words, name), child)
        else:
            yield (*words, name), child


def _first_declared(command: Any, name: str) -> int:  # noqa: ANN401
    return list(command.commands).index(name)


def _section(words: tuple[str, ...], command: Any) -> str:  # noqa: ANN401
    arguments = [param for param in command.params if param.param_type_name == "argument"]
    options = [param for param in command.params if param.param_type_name == "option" and not param.hidden]
    usage = " ".join(
        [*words, *(_placeholder(param) for param in arguments), "[OPTIONS]" if options else ""]
    ).strip()
    parts = [f"## {' '.join(words)}", f"```console\n{usage}\n```", prose(command.help or "")]
    if arguments:
        rows = [(code(_placeholder(param)), param.help or "", _default(param)) for param in arguments]
        parts.append(table(("argument", "meaning", "default"), rows))
    if options:
        rows = [(_names(param), _meaning(param), _default(param)) for param in options]
        parts.append(table(("option", "meaning", "default"), rows))
    return "\n\n".join(parts)


def _placeholder(param: Any) -> str:  # noqa: ANN401
    name = (param.metavar or param.name).upper()
    return name if param.required else f"[{name}]"


def _names(param: Any) -> str:  # noqa: ANN401
    names = ", ".join(code(name) for name in param.opts)
    if param.secondary_opts:
        names += " / " + ", ".join(code(name) for name in param.secondary_opts)
    if param.is_flag:
        return names
    kind = getattr(param.type_descriptor.annotation, "__name__", "text")
    words = {"str": "TEXT", "int": "NUMBER", "float": "NUMBER", "Path": "PATH", "bool": ""}
    return f"{names} {words.get(kind, kind.upper())}".strip()


def _meaning(param: Any) -> str:  # noqa: ANN401
    said = param.help or ""
    return f"{said} Also from `{param.envvar}`." if param.envvar else said


def _default(param: Any) -> str:  # noqa: ANN401
    if isinstance(param.show_default, str):
        return code(param.show_default)
    if param.required:
        return "must be given"
    if param.default is None or param.default == "" or getattr(param, "is_flag", False):
        return ""
    return code(param.default)
