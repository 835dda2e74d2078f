"""Tables and diagrams of the reference, each from the one place in the code that decides."""

import dataclasses
import inspect
import sqlite3
import tempfile
import tomllib
from collections.abc import Callable, Iterable, Mapping
from enum import StrEnum
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import TypeVar, get_args

import diagrams
from markdown_tables import attribute_notes, code, fields_table, first_sentence, prose, shown, summary, table

import dispatch.delay_attribution
import dispatch.explain
import domain.errors
import domain.plans
from api.errors import STATUS_OF_ERROR, TITLE_OF_STATUS
from benchmarks.verify.points import POINTS
from dispatch.matching import DEFAULT_POLICY, POLICIES
from dispatch.metrics import METRICS
from dispatch.params import (
    DispatchParams,
    PrepositioningParams,
    RescueParams,
    SchedulingParams,
    VerifierParams,
)
from domain.commands import COMMAND_OWNERS
from domain.events import DERIVED_EVENTS, Event
from domain.fixes import Fix
from domain.geo import Point
from domain.incidents import Severity
from domain.orders import FINAL_ORDER_STATES, ORDER_TRANSITIONS
from domain.riders import RIDER_TRANSITIONS
from runtime.event_log.port import LogHeader, LogRecord
from runtime.event_log.sqlite import SqliteLog
from runtime.settings import Settings
from scenarios import catalogue
from scenarios.toml_schema import LISTS, PROFILES, TABLES, Key
from tracking.detectors import DETECTORS
from tracking.params import TrackingParams

State = TypeVar("State", bound=StrEnum)
Step = TypeVar("Step", bound=StrEnum)

ROOT = Path(__file__).resolve().parents[1]


def order_states() -> str:
    """Return the life of an order: the diagram, and the table that it is drawn from."""
    svg = diagrams.state_diagram(
        ORDER_TRANSITIONS, final=FINAL_ORDER_STATES, title="States of an order and the steps between them"
    )
    return f"{svg}\n\n{_transitions(ORDER_TRANSITIONS)}"


def rider_states() -> str:
    """Return the working day of a rider: the diagram, and the table that it is drawn from."""
    svg = diagrams.state_diagram(RIDER_TRANSITIONS, title="States of a rider and the steps between them")
    return f"{svg}\n\n{_transitions(RIDER_TRANSITIONS)}"


def packages() -> str:
    """Return the diagram of packages, from the contract that import-linter holds."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    contracts = project["tool"]["importlinter"]["contracts"]
    layers = [
        [name.strip() for name in layer.split("|")]
        for contract in contracts
        if contract["id"] == "layers"
        for layer in contract["layers"]
    ]
    about = {
        "benchmarks": "the record, and the speed of hot paths",
        "cli": "the command peakline",
        "api": "HTTP, WebSocket and the pages",
        "loadtests": "phones and browsers in numbers",
        "scenarios": "scenario files, the Grubhub days",
        "sim": "the simulated city: a client with a clock of its own",
        "runtime": "control room, drivers, event log, recovery",
        "dispatch": "who carries what",
        "tracking": "where and how late",
        "roads": "streets and travel times",
        "domain": "the words: standard library only",
    }
    return diagrams.layer_diagram(layers, about, title="Packages; each may import those below it")


def commands() -> str:
    """Return every command with its owner and fields."""
    return _messages(COMMAND_OWNERS, lambda kind: f"Owner: {COMMAND_OWNERS[kind]}.")


def events() -> str:
    """Return every event with its fields."""
    derived = "Derived: published, but neither appended to the log nor part of its hash."
    return _messages(get_args(Event), lambda kind: derived if kind in DERIVED_EVENTS else "")


def values() -> str:
    """Return the dataclasses that messages are made of."""
    own = [kind for kind in _own_classes(domain.plans) if dataclasses.is_dataclass(kind)]
    left_out = {domain.plans.ServiceRules, domain.plans.ServiceTimes}
    return _messages([Point, Fix, *(kind for kind in own if kind not in left_out)], lambda kind: "")


def log_record() -> str:
    """Return the fields of a record."""
    return fields_table(LogRecord)


def log_header() -> str:
    """Return the fields of a log's header."""
    return fields_table(LogHeader)


def log_tables() -> str:
    """Return the tables of a log's file, as a new log has them."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "city.db"
        SqliteLog.create(path, LogHeader("1", "example", "0" * 64, DEFAULT_POLICY)).close()
        with sqlite3.connect(path) as connection:
            made = connection.execute(
                "SELECT sql FROM sqlite_master WHERE sql IS NOT NULL ORDER BY rowid"
            ).fetchall()
        connection.close()
    statements = "\n\n".join(inspect.cleandoc(row[0]) + ";" for row in made)
    return f"```sql\n{statements}\n```"


def metrics() -> str:
    """Return every figure of a day."""
    rows = [
        (code(metric.name), metric.unit, metric.meaning.replace("[1]", "[^reyes]").replace("[2]", "[^joshi]"))
        for metric in METRICS
    ]
    return table(("name", "unit", "meaning"), rows)


def errors() -> str:
    """Return every error that is raised on purpose, with what it means."""
    rows = [
        (code(kind.__name__), code(kind.__mro__[1].__name__), first_sentence(kind))
        for kind in _own_classes(domain.errors)
    ]
    return table(("error", "is a", "raised when"), rows)


def error_answers() -> str:
    """Return how the API answers errors."""
    domain_rows = [
        (str(status), code(f"urn:peakline:problem:{slug}"), title, code(kind.__name__))
        for kind, (status, slug, title) in STATUS_OF_ERROR.items()
    ]
    http_rows = [
        (str(status), code(f"urn:peakline:problem:{slug}"), title, "the API itself")
        for status, (slug, title) in TITLE_OF_STATUS.items()
    ]
    return table(("status", "type", "title", "from"), sorted(domain_rows + http_rows))


def scenario_keys() -> str:
    """Return every key of a scenario file."""
    parts = [f"## `[{name}]`\n\n{_keys(keys)}" for name, keys in TABLES.items()]
    parts += [
        f"## `[[{name}]]`\n\nOne table per entry, at least one.\n\n{_keys(keys)}"
        for name, keys in LISTS.items()
    ]
    parts.append(
        f"## `[{PROFILES}]`\n\nEach key is a name of your own and holds a list of `[minute, rate]` pairs: "
        "the relative rate of orders at minutes after the start, with straight lines in between. Zones name "
        "the profile that they follow."
    )
    return "\n\n".join(parts)


def scenarios() -> str:
    """Return the catalogue."""
    rows = [(code(entry.name), entry.title, prose(entry.paragraph)) for entry in catalogue.list_scenarios()]
    return table(("name", "title", "about"), rows)


def settings() -> str:
    """Return the settings of a server and their variables."""
    notes = attribute_notes(Settings)
    prefix = Settings.model_config["env_prefix"]
    rows = []
    for name, field in Settings.model_fields.items():
        default = "none" if field.default is None else code(field.default)
        rows.append((code(f"{prefix}{name.upper()}"), default, notes.get(name, "")))
    return table(("variable", "default", "meaning"), rows)


def dispatch_params() -> str:
    """Return the parameters of dispatch, part by part."""
    nested = (VerifierParams, RescueParams, SchedulingParams, PrepositioningParams)
    parts = [f"### `{part.__name__}`\n\n{first_sentence(part)}\n\n{fields_table(part)}" for part in nested]
    return "\n\n".join([fields_table(DispatchParams), *parts])


def tracking_params() -> str:
    """Return the parameters of tracking, part by part."""
    nested = [(field.name, field.type) for field in dataclasses.fields(TrackingParams)]
    parts = [fields_table(TrackingParams)]
    parts += [
        f"### `{name}`\n\n{first_sentence(part)}\n\n{fields_table(part)}"
        for name, part in nested
        if isinstance(part, type) and dataclasses.is_dataclass(part)
    ]
    return "\n\n".join(parts)


def service_rules() -> str:
    """Return what a city allows."""
    return fields_table(domain.plans.ServiceRules)


def policies() -> str:
    """Return every dispatch policy."""
    rows = [
        (code(name) + (" (default)" if name == DEFAULT_POLICY else ""), first_sentence(type(matcher)))
        for name, matcher in POLICIES.items()
    ]
    return table(("policy", "what it does"), rows)


def detectors() -> str:
    """Return every detector."""
    rows = [
        (
            code(detector.type),
            first_sentence(inspect.getmodule(type(detector))),
            first_sentence(type(detector)),
        )
        for detector in DETECTORS
    ]
    severities = " and ".join(code(severity) for severity in Severity)
    remark = f"Severities: {severities}; within one incident it only escalates."
    return f"{table(('incident', 'meaning', 'when'), rows)}\n{remark}"


def delay_causes() -> str:
    """Return what late minutes are charged to."""
    source = inspect.getsource(dispatch.delay_attribution.Cause).splitlines()
    meanings = {
        line.split('"')[1]: after.strip(' "')
        for line, after in pairwise(source)
        if line.endswith('"') and " = " in line
    }
    rows = [(code(cause), meanings[cause]) for cause in dispatch.delay_attribution.Cause]
    return table(("cause", "late minutes from"), rows)


def explanations() -> str:
    """Return the words that say why an order got its rider, or none."""
    source = inspect.getsource(dispatch.explain).splitlines()
    rows = []
    for line, after in pairwise(source):
        name = line.split(" = ")[0]
        value = getattr(dispatch.explain, name, None)
        if line.startswith(name + " = ") and isinstance(value, str) and after.startswith('"""'):
            rows.append((code(value), after.strip('"')))
    return table(("word", "meaning"), rows)


def verify_points() -> str:
    """Return every point of the record of measurements."""
    rows = [(code(point.key), point.asked, point.target) for point in POINTS]
    return table(("key", "asked", "target"), rows)


def _transitions(transitions: Mapping[tuple[State, Step], State]) -> str:
    rows = [(code(source), code(step), code(target)) for (source, step), target in transitions.items()]
    return f'??? abstract "The same as a table"\n\n{_indented(table(("state", "step", "next state"), rows))}'


def _messages(kinds: Iterable[type], remark: Callable[[type], str]) -> str:
    parts = []
    for kind in kinds:
        parts += [f"### `{kind.__name__}`", summary(kind), remark(kind), fields_table(kind)]
    return "\n\n".join(part for part in parts if part)


def _own_classes(module: ModuleType) -> list[type]:
    """Return the classes that a module defines, in the sequence of its source."""
    own = [
        kind
        for kind in vars(module).values()
        if isinstance(kind, type) and kind.__module__ == module.__name__
    ]
    return [kind for kind in own if not issubclass(kind, StrEnum)]


def _keys(keys: Mapping[str, Key]) -> str:
    rows = []
    for name, key in keys.items():
        default = "must be given" if key.default is ... else shown(key.default)
        rows.append((code(name), key.allowed, default, key.meaning))
    return table(("key", "holds", "default", "meaning"), rows)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.splitlines())
