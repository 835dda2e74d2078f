from dataclasses import replace
from pathlib import Path

import pytest

from dispatch.params import PrepositioningParams
from domain.errors import InputFileError
from domain.units import HOUR_MS, MINUTE_MS
from scenarios import catalogue
from scenarios.toml_schema import LISTS, TABLES
from scenarios.toml_spec import read_scenario
from scenarios.toml_text import read_tables
from sim.demand import PoissonDemand
from sim.spec import ScenarioSpec, Tracking

TINY = Path(__file__).parent / "tiny.toml"


@pytest.fixture(scope="module")
def lunch_peak() -> ScenarioSpec:
    return catalogue.load("lunch_peak")


def test_lunch_peak_is_what_its_title_says(lunch_peak: ScenarioSpec) -> None:
    demand = lunch_peak.demand
    assert isinstance(demand, PoissonDemand)
    assert lunch_peak.name == "lunch_peak"
    assert lunch_peak.starts_at_ms == 1_773_716_400_000  # 2026-03-17T11:00+08:00
    assert lunch_peak.duration_ms == 3 * HOUR_MS
    assert len(lunch_peak.shifts) == 120
    assert sum(zone.expected_orders for zone in demand.zones) == 900
    assert 50 <= len(lunch_peak.setup.city.merchants) <= 60
    assert lunch_peak.tracking is Tracking.FULL
    assert lunch_peak.setup.streets_geojson is not None
    usual_min = [merchant.preparation_ms / MINUTE_MS for merchant in lunch_peak.setup.city.merchants]
    assert sum(usual_min) / len(usual_min) == pytest.approx(17.7, rel=0.1)


def test_the_same_file_gives_the_same_city(lunch_peak: ScenarioSpec) -> None:
    again = catalogue.load("lunch_peak")
    assert again.setup.city == lunch_peak.setup.city
    assert again.scenario_hash == lunch_peak.scenario_hash


def test_every_place_is_inside_its_zone(lunch_peak: ScenarioSpec) -> None:
    city = lunch_peak.setup.city
    for merchant in city.merchants:
        assert city.zone_of(merchant.point) == merchant.merchant_id.rpartition("-")[0]
    assert len({merchant.name for merchant in city.merchants}) == len(city.merchants)


def test_the_catalogue_lists_what_it_can_load() -> None:
    listed = catalogue.list_scenarios()
    assert [entry.name for entry in listed] == ["lunch_peak"]
    assert all(entry.title and len(entry.paragraph) > 80 and "\n" not in entry.paragraph for entry in listed)
    assert catalogue.find("lunch_peak") == listed[0].path
    assert catalogue.check(TINY).name == "tiny"
    with pytest.raises(InputFileError, match="lunch_peak"):
        catalogue.load("dinner_peak")


def test_an_instance_directory_is_a_scenario_too(toy: Path) -> None:
    assert catalogue.load(toy).name == "toy"


def test_what_is_not_said_has_its_documented_default() -> None:
    tables = read_tables(TINY)
    assert tables.tables["dispatch"]["epoch_s"] == TABLES["dispatch"]["epoch_s"].default
    assert tables.lists["shifts"][0]["spread_min"] == LISTS["shifts"]["spread_min"].default


def test_defaults_are_themselves_possible() -> None:
    for keys in (*TABLES.values(), *LISTS.values()):
        for name, key in keys.items():
            assert key.default is ... or key.holds(key.default), name
            assert key.meaning


@pytest.mark.parametrize(
    ("old", "new", "line", "message"),
    [
        (
            "cadence_s",
            "cadence_sec",
            "cadence_sec",
            "in [gps]; did you mean 'cadence_s' (a number, 0.5 to 600)?",
        ),
        ("cadence_s = 20", "cadence_s = 0", "cadence_s", "allowed: a number, 0.5 to 600 (time between"),
        ("[gps]", "[gsp]", "[gsp]", "unknown table [gsp]; did you mean 'gps'?"),
        ("riders = 5", 'riders = "five"', "riders", "allowed: a whole number, 1 to 100000"),
        ("riders = 5", "riders = true", "riders", "allowed: a whole number"),
        ("to_min = 60", "to_min = -5", "to_min", "allowed: after from_min"),
        ("to_min = 60", "", "[[shifts]]", "[shifts] lacks 'to_min'"),
        ('id = "old-town"', 'id = "oldtown"', "id", "allowed: old-town, bell-tower"),
        ('profile = "flat"', 'profile = "round"', "profile =", "not in [profiles] (flat)"),
        ("merchants = 3", "merchants = 999", "merchants", "the zone has room for"),
        ("merchants = 3", "merchants = 0", "merchants", "no zone has merchants"),
        ("[[0, 1], [15, 1]]", "[[0, 1], [15]]", "flat", "must be a list of [minute, rate] pairs"),
        ("[[0, 1], [15, 1]]", "[[0, 1], [0, 1]]", "flat", "at increasing instants"),
        ("[[0, 1], [15, 1]]", "[[0, 1], [16, 1]]", "flat", "allowed: minutes 0 to 15"),
        ("+08:00", "", "starts_at", "with offset"),
        ("drain_min = 60", 'time_zone = "Mars/Base"', "time_zone", "an IANA name"),
        ("seed = 7", "seed = ", "seed", "not valid TOML"),
        ("seed = 7", "seed = -7", "seed", "allowed: a whole number, 0 to"),
        ('title = "Tiny"', 'title = ""', "title", "allowed: text"),
        ("[gps]", "[prepositioning]\nactive = 1\n[gps]", "active", "allowed: true or false (idle riders"),
        (
            "[gps]",
            "[prepositioning]\nleast_saving_min = 0\n[gps]",
            "least_saving_min",
            "allowed: a number, 0.1 to 30 (on the expected drive",
        ),
        (
            "[gps]",
            "[rules]\nprepositioning = false\n[prepositioning]\nactive = true\n[gps]",
            "active",
            "not possible where [rules] says prepositioning = false",
        ),
    ],
)
def test_mistakes_are_named_with_their_line(
    tmp_path: Path, old: str, new: str, line: str, message: str
) -> None:
    text = TINY.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path = tmp_path / "mine.toml"
    path.write_text(text.replace(old, new), encoding="utf-8")
    lines = path.read_text(encoding="utf-8").splitlines()
    number = next(nth for nth, content in enumerate(lines, start=1) if content.startswith(line))
    with pytest.raises(InputFileError) as caught:
        read_scenario(path)
    assert str(caught.value).startswith(f"{path}:{number}: ")
    assert message in str(caught.value)


def test_the_line_is_that_of_the_right_entry(tmp_path: Path) -> None:
    second = '[[zones]]\nid = "wharf"\nmerchants = 1\norders = -1\nprofile = "flat"\n'
    path = tmp_path / "mine.toml"
    path.write_text(TINY.read_text(encoding="utf-8") + "\n" + second, encoding="utf-8")
    with pytest.raises(InputFileError) as caught:
        read_scenario(path)
    assert caught.value.line == len(TINY.read_text(encoding="utf-8").splitlines()) + 5
    path.write_text(
        TINY.read_text(encoding="utf-8") + "\n" + second.replace("wharf", "old-town").replace("-1", "1"),
        encoding="utf-8",
    )
    with pytest.raises(InputFileError, match="each once"):
        read_scenario(path)


def test_moving_riders_is_off_unless_asked_for(tmp_path: Path) -> None:
    off = read_scenario(TINY).setup
    assert off.dispatch_params.prepositioning is None
    assert off.rules.prepositioning
    path = tmp_path / "mine.toml"
    asked = "\n[prepositioning]\nactive = true\nhorizon_min = 5\nmost_drive_min = 4.5\n"
    path.write_text(TINY.read_text(encoding="utf-8") + asked, encoding="utf-8")
    on = read_scenario(path).setup.dispatch_params.prepositioning
    defaults = PrepositioningParams()
    assert on == replace(defaults, horizon_ms=5 * MINUTE_MS, most_drive_ms=270_000)


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputFileError, match="no such file"):
        read_scenario(tmp_path / "none.toml")
    (tmp_path / "bytes.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(InputFileError, match="cannot be read as text"):
        read_scenario(tmp_path / "bytes.toml")
    (tmp_path / "empty.toml").write_text("", encoding="utf-8")
    with pytest.raises(InputFileError, match=r"\[scenario\] lacks 'title'"):
        read_scenario(tmp_path / "empty.toml")
