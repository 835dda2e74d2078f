"""The reference of the HTTP API, from the OpenAPI document that the running server hands out."""

import json
import secrets
from functools import cache
from typing import Any

from markdown_tables import code, prose, table

from api.app import create_app
from dispatch.matching import DEFAULT_POLICY
from runtime.asyncio_driver import AsyncioDriver
from runtime.bootstrap import build_control_room, new_header
from runtime.event_log.memory import MemoryLog
from scenarios import catalogue

Json = dict[str, Any]


@cache
def document() -> Json:
    """Return the OpenAPI document of a server; nothing is started."""
    setup = catalogue.load("lunch_peak").setup
    log = MemoryLog(new_header(setup, scenario="lunch_peak", policy=DEFAULT_POLICY))
    driver = AsyncioDriver(build_control_room(setup, log), starts_at_ms=0)
    described: Json = create_app(driver, setup, operator_token=secrets.token_urlsafe()).openapi()
    return described


def paths() -> str:
    """Return a section for every path and method, in the sequence of the document."""
    parts = []
    for path, methods in document()["paths"].items():
        for method, operation in methods.items():
            parts.append(_operation(path, method, operation))
    return "\n\n".join(parts)


def bodies() -> str:
    """Return a section for every schema that a path names."""
    schemas: Json = document()["components"]["schemas"]
    return "\n\n".join(_schema(name, schema) for name, schema in sorted(schemas.items()))


def _operation(path: str, method: str, operation: Json) -> str:
    parts = [
        f"### {method.upper()} `{path}`",
        prose(operation.get("description") or operation.get("summary", "")),
    ]
    if not operation.get("security"):
        parts.append("Public: no token.")
    if parameters := operation.get("parameters"):
        asked = [
            (code(each["name"]), str(each["in"]), _type(each.get("schema", {})), each.get("description", ""))
            for each in parameters
        ]
        parts.append(table(("parameter", "in", "type", "meaning"), asked))
    if body := operation.get("requestBody"):
        parts.append(_body(body))
    answers: dict[tuple[str, str], list[str]] = {}
    for status, answer in operation["responses"].items():
        answers.setdefault((answer.get("description", ""), _content(answer)), []).append(status)
    rows = [(", ".join(sorted(statuses)), *said) for said, statuses in answers.items()]
    parts.append(table(("status", "meaning", "body"), rows))
    return "\n\n".join(part for part in parts if part)


def _body(body: Json) -> str:
    content: Json = next(iter(body["content"].values()))
    said = f"Body: {_type(content.get('schema', {}))}"
    example = _example(content)
    return (
        f"{said}\n\n```json\n{json.dumps(example, ensure_ascii=False, indent=2)}\n```"
        if example is not None
        else said
    )


def _example(content: Json) -> object:
    if "example" in content:
        return content["example"]
    if examples := content.get("examples"):
        return next(iter(examples.values())).get("value")
    schema = _resolved(content.get("schema", {}))
    return next(iter(schema.get("examples", ())), None)


def _content(answer: Json) -> str:
    content = answer.get("content", {})
    return ", ".join(filter(None, (_type(each.get("schema", {})) for each in content.values())))


def _schema(name: str, schema: Json) -> str:
    parts = [f"### {name}", prose(schema.get("description", ""))]
    if "enum" in schema:
        parts.append("One of " + ", ".join(code(value) for value in schema["enum"]) + ".")
    required = set(schema.get("required", ()))
    rows = [
        (code(field), _type(each), "yes" if field in required else "no", each.get("description", ""))
        for field, each in schema.get("properties", {}).items()
    ]
    if rows:
        parts.append(table(("field", "type", "required", "meaning"), rows))
    return "\n\n".join(part for part in parts if part)


def _resolved(schema: Json) -> Json:
    name = schema.get("$ref", "").rpartition("/")[2]
    resolved: Json = document()["components"]["schemas"][name] if name else schema
    return resolved


def _type(schema: Json) -> str:
    """Return what a schema allows, in a few words."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f"[{name}](bodies.md#{name.lower()})"
    for key in ("anyOf", "oneOf"):
        if key in schema:
            return " or ".join(filter(None, (_type(each) for each in schema[key])))
    if "const" in schema:
        return code(json.dumps(schema["const"]))
    if "enum" in schema:
        return " or ".join(code(json.dumps(value)) for value in schema["enum"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {})) or 'anything'}"
    kind = str(schema.get("format") or schema.get("type", ""))
    return kind + _range(schema)


def _range(schema: Json) -> str:
    low, high = schema.get("minimum"), schema.get("maximum")
    if low is not None and high is not None:
        return f", {low:g} to {high:g}"
    if low is not None:
        return f", at least {low:g}"
    if high is not None:
        return f", at most {high:g}"
    longest = schema.get("maxLength")
    return f", at most {longest} characters" if longest is not None else ""
