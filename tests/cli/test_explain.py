"""`peakline explain` and `peakline whatif`: why one order, and what if another policy."""

import json
from contextlib import closing
from pathlib import Path

import pytest

from cli.explain_words import BINDINGS, REASONS, TERMS, UNPINNED
from dispatch import explain as words
from dispatch import pins
from runtime.bootstrap import new_header
from runtime.codec import decode_message, encode
from runtime.event_log.port import LogHeader, LogRecord
from runtime.event_log.sqlite import SqliteLog
from runtime.replay import ENGINE_VERSION
from scenarios import catalogue
from sim.run import run
from tests.cli.conftest import Peakline, write_short_lunch

MESSAGES = Path(__file__).parents[2] / "web" / "src" / "i18n" / "en.json"
KINDS = {
    "why.reason.": REASONS,
    "why.binding.": BINDINGS,
    "why.term.": TERMS,
    "why.unpinned.": UNPINNED,
}


@pytest.fixture(scope="module")
def short_lunch(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a scenario file that all tests here share."""
    return write_short_lunch(tmp_path_factory.mktemp("lunch"))


@pytest.fixture(scope="module")
def day(short_lunch: Path) -> Path:
    """Return the log of a short lunch under `nearest`; nobody changes it."""
    spec = catalogue.load(short_lunch)
    path = short_lunch.with_name("day.db")
    header = LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, "nearest", 3)
    with closing(SqliteLog.create(path, header)) as log:
        run(spec, 3, policy="nearest", log=log)
    return path


def test_explain_tells_the_story_and_computes_it_again(
    peakline: Peakline, day: Path, short_lunch: Path
) -> None:
    ended = peakline("explain", "order-5", "--log", day, "--scenario", short_lunch)
    assert ended.code == 0, ended.err
    assert "order-5" in ended.out
    assert REASONS["nearest_free_rider"] in ended.out
    assert TERMS["first_mile"] in ended.out
    assert "next best: " in ended.out
    assert "delivered: " in ended.out
    assert "computed again from the log: 1 explanations, all the same" in ended.out
    story = json.loads(peakline("explain", "order-5", "--log", day, "--scenario", short_lunch, "--json").out)
    assert story["state"] == "delivered"
    assert story["recomputed"]["checked"] == 1
    assert story["recomputed"]["mismatches"] == []
    [planned] = [line for line in story["lines"] if line["what"] == "Planned"]
    assert planned["policy"] == "nearest"
    assert planned["explanation"]["terms"][0]["name"] == "first_mile"
    assert 1 <= len(planned["explanation"]["alternatives"]) <= 3
    quick = peakline(
        "explain", "order-5", "--log", day, "--scenario", short_lunch, "--no-recompute", "--json"
    )
    assert json.loads(quick.out)["recomputed"] is None


def test_explain_of_nobody_is_refused(peakline: Peakline, day: Path, short_lunch: Path) -> None:
    ended = peakline("explain", "order-4711", "--log", day, "--scenario", short_lunch)
    assert ended.code == 2
    assert "order-4711" in ended.err
    ended = peakline("explain", "order-1", "--log", day)
    assert ended.code == 2
    assert "--scenario" in ended.err


def altered(record: LogRecord) -> LogRecord:
    """Return a record that names another reason for the choice of a rider, in plan and event alike."""
    stored = encode(record)
    body = stored.body.replace(b"nearest_free_rider", b"cheapest_plan")
    return record._replace(message=decode_message(stored._replace(body=body)))


def test_explain_finds_an_explanation_that_was_altered(
    peakline: Peakline, day: Path, short_lunch: Path, tmp_path: Path
) -> None:
    changed = tmp_path / "changed.db"
    with closing(SqliteLog(day)) as log, closing(SqliteLog.create(changed, log.header)) as copy:
        copy.append([altered(record) for record in log.read()]).result()
    ended = peakline("explain", "order-5", "--log", changed, "--scenario", short_lunch)
    assert ended.code == 2
    assert "explanations of order-5 do not come out again" in ended.err


def test_whatif_with_the_same_policy_has_no_differences(
    peakline: Peakline, day: Path, short_lunch: Path
) -> None:
    call = ("whatif", "--log", day, "--scenario", short_lunch, "--at", "+8m")
    document = json.loads(peakline(*call, "--policy", "nearest", "--json").out)
    assert {figure["delta"] for figure in document["metrics"].values()} <= {0, None}
    assert document["orders"]["sooner"] == document["orders"]["later"] == 0
    assert document["prefix_records"] > 0
    ended = peakline(*call, "--policy", "hungarian")
    assert ended.code == 0
    assert "logged: nearest" in ended.out
    assert "records before it are the same in the log and in both runs" in ended.out


@pytest.mark.parametrize(
    ("at", "said"),
    [("25:99", "is not an instant"), ("+9h", "an instant of the simulated day"), ("soon", "+45m")],
)
def test_whatif_at_no_instant_of_the_day_is_refused(
    peakline: Peakline, day: Path, short_lunch: Path, at: str, said: str
) -> None:
    ended = peakline("whatif", "--log", day, "--scenario", short_lunch, "--at", at)
    assert ended.code == 2
    assert said in ended.err


def test_whatif_of_a_live_log_is_refused(peakline: Peakline, short_lunch: Path, tmp_path: Path) -> None:
    spec = catalogue.load(short_lunch)
    live = tmp_path / "live.db"
    SqliteLog.create(live, new_header(spec.setup, scenario=spec.name)).close()
    ended = peakline("whatif", "--log", live, "--scenario", short_lunch, "--at", "+5m")
    assert ended.code == 2
    assert "is a live one" in ended.err


def test_every_word_is_known_here_and_on_the_web_pages() -> None:
    spoken = {value for name, value in vars(words).items() if name.isupper() and isinstance(value, str)}
    assert spoken <= REASONS.keys() | BINDINGS.keys()
    assert set(pins.REASONS) == UNPINNED.keys()
    messages = json.loads(MESSAGES.read_text("utf-8"))
    for prefix, meanings in KINDS.items():
        shown = {key.removeprefix(prefix): text for key, text in messages.items() if key.startswith(prefix)}
        assert shown == meanings
