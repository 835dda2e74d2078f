"""``peakline replay``: handle a log's inputs again, and see that the same events come out."""

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from cli.options import Json
from cli.output import figures_table, out, print_json, remark, shown
from domain.errors import LogError
from runtime.bootstrap import replay_log
from runtime.codec import log_hash
from runtime.event_log.port import LogHeader
from runtime.event_log.sqlite import SqliteLog
from runtime.projections.read_model import ReadModel
from scenarios import catalogue
from sim.spec import ScenarioSpec


def replay(
    log: Annotated[Path, typer.Argument(help="An event log: a SQLite file of peakline run, serve or demo.")],
    scenario: Annotated[
        str, typer.Option(help="Scenario file of the log, when it is not the one of the catalogue.")
    ] = "",
    json_output: Json = False,
) -> None:
    """Replay an event log from its first record and compare every event with what was logged.

    Exit code 0: identical. Exit code 2: the log is missing, damaged or of another scenario or engine version,
    or an event came out differently; the message names the record.
    """
    opened = SqliteLog(log)
    try:
        if opened.damage is not None:
            remark(f"[yellow]{opened.damage}[/]")
        spec = _spec_of(log, opened.header, scenario)
        _, done = replay_log(spec.setup, opened)
        model = ReadModel(spec.setup.city, spec.setup.paths)
        kinds: Counter[str] = Counter()
        for record in opened.read():
            model.apply(record)
            kinds[type(record.message).__name__] += 1
        digest = log_hash(opened.read())
    finally:
        opened.close()
    records = sum(kinds.values())
    document = {
        "identical": True,
        "scenario": opened.header.scenario,
        "policy": opened.header.policy,
        "seed": opened.header.seed,
        "records": records,
        "inputs": done.inputs,
        "log_hash": digest,
        "kinds": dict(sorted(kinds.items())),
    }
    if json_output:
        print_json(document)
        return
    rows = [("records", shown(records)), ("inputs handled again", shown(done.inputs)), ("log hash", digest)]
    rows += [(name, shown(count)) for name, count in sorted(kinds.items())]
    out.print(figures_table(f"{log}: replayed, every event identical", rows))


def _spec_of(path: Path, header: LogHeader, scenario: str) -> ScenarioSpec:
    """Return the scenario that a log was written under."""
    spec = catalogue.load(scenario or header.scenario)
    # The header of a simulated log names the whole scenario, that of a live one only city and parameters.
    if header.scenario_hash not in (spec.scenario_hash, spec.setup.fingerprint()):
        raise LogError(
            f"{path}: was written under another version of scenario {header.scenario!r} (hash "
            f"{header.scenario_hash[:12]}, here {spec.scenario_hash[:12]}); name its file with --scenario"
        )
    return spec
