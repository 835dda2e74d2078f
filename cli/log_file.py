"""Which scenario a log file was written under."""

from datetime import tzinfo
from pathlib import Path
from typing import Annotated, TypeAlias
from zoneinfo import ZoneInfo

import typer

from domain.errors import InputFileError, LogError
from runtime.event_log.port import LogHeader
from scenarios import catalogue
from sim.spec import ScenarioSpec

ScenarioOfLog: TypeAlias = Annotated[
    str,
    typer.Option(
        "--scenario",
        help="Scenario file or Grubhub instance of the log, when it is not in the catalogue.",
    ),
]

LogFile: TypeAlias = Annotated[
    Path,
    typer.Option(
        "--log",
        help="An event log: a SQLite file of peakline run, serve or demo. It is only read.",
        show_default=False,
    ),
]


def spec_of(path: Path, header: LogHeader, scenario: str = "") -> ScenarioSpec:
    """Return the scenario that a log was written under.

    Parameters
    ----------
    path : Path
        The log, for messages.
    header : LogHeader
        What it says of itself.
    scenario : str
        Name or path of its scenario; empty: the name in the header.

    Raises
    ------
    InputFileError
        If there is no such scenario.
    LogError
        If none is named and the log's is not in the catalogue, or it is another one or another version of it.
    """
    try:
        spec = catalogue.load(scenario or header.scenario)
    except InputFileError as error:
        if scenario:
            raise
        raise LogError(
            f"{path}: was written under scenario {header.scenario!r}, which is not found here; name its file "
            "or folder with --scenario"
        ) from error
    # The header of a simulated log names the whole scenario, that of a live one only city and parameters.
    if header.scenario_hash not in (spec.scenario_hash, spec.setup.fingerprint()):
        raise LogError(
            f"{path}: was written under another version of scenario {header.scenario!r} (hash "
            f"{header.scenario_hash[:12]}, here {spec.scenario_hash[:12]}); name its file with --scenario"
        )
    return spec


def zone_of(spec: ScenarioSpec) -> tzinfo:
    """Return the time zone in which the city's clocks are read."""
    return ZoneInfo(spec.setup.city.time_zone)
