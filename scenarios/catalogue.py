"""The scenarios that come with Peakline, and loading any scenario by name or path."""

from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputFileError
from scenarios.grubhub import is_instance, read_instance
from scenarios.toml_spec import read_scenario
from scenarios.toml_text import read_tables
from sim.spec import ScenarioSpec

FOLDER = Path(__file__).parent


@dataclass(frozen=True, slots=True)
class ListedScenario:
    """One entry of the catalogue.

    Attributes
    ----------
    name : str
        What to call it by.
    title, paragraph : str
        What it is, for people.
    path : Path
        Its file.
    """

    name: str
    title: str
    paragraph: str
    path: Path


def list_scenarios() -> list[ListedScenario]:
    """Return the scenarios that come with Peakline, by name."""
    entries = []
    for path in sorted(FOLDER.glob("*.toml")):
        scenario = read_tables(path).tables["scenario"]
        entries.append(
            ListedScenario(path.stem, scenario["title"], " ".join(scenario["description"].split()), path)
        )
    return entries


def load(name_or_path: str | Path) -> ScenarioSpec:
    """Load a scenario by its name in the catalogue, from a TOML file, or from a Grubhub instance directory.

    Raises
    ------
    InputFileError
        If there is none, or its files are damaged.
    """
    return check(find(name_or_path))


def check(path: str | Path) -> ScenarioSpec:
    """Read a scenario file or instance directory completely, and return what it says.

    Raises
    ------
    InputFileError
        If anything in it is wrong; it names the file, the line and what would be right.
    """
    found = Path(path)
    if not found.is_dir():
        return read_scenario(found)
    if not is_instance(found):
        raise InputFileError(
            found, "a folder has to be a Grubhub instance (orders.txt, ...); a scenario is a .toml file"
        )
    return read_instance(found)


def find(name_or_path: str | Path) -> Path:
    """Return the file or directory of a scenario.

    Raises
    ------
    InputFileError
        If there is neither a scenario of this name nor a file or directory of this path.
    """
    path = Path(name_or_path)
    if path.exists():
        return path
    listed = FOLDER / f"{name_or_path}.toml"
    if path.name == str(name_or_path) and listed.is_file():
        return listed
    names = ", ".join(sorted(file.stem for file in FOLDER.glob("*.toml")))
    message = f"there is no such scenario, file or directory; scenarios that come with Peakline: {names}"
    raise InputFileError(name_or_path, message)
