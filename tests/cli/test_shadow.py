"""`peakline run --shadow`: the day stays as it is, and both policies are compared."""

import json
from pathlib import Path

from tests.cli.conftest import Peakline


def test_a_shadow_changes_nothing_of_the_day_and_is_compared(peakline: Peakline, short_lunch: Path) -> None:
    plain = json.loads(peakline("run", short_lunch, "--policy", "nearest", "--json").out)
    options = ("--policy", "nearest", "--shadow", "hungarian")
    shadowed = json.loads(peakline("run", short_lunch, *options, "--json").out)
    told = shadowed.pop("shadow")
    assert shadowed == plain
    assert (told["policy"], told["acting"], told["stopped"]) == ("hungarian", "nearest", "")
    decisions, orders = told["decisions"], told["orders"]
    assert decisions["asked"] == decisions["compared"] > 0
    assert orders["started"] == orders["same_rider"] + orders["other_rider"] + orders["no_rider"] > 0
    assert told["pickup"]["orders"] == orders["same_rider"] + orders["other_rider"]
    assert told["decision_s"]["shadow"]["p50"] > 0
    for_people = peakline("run", short_lunch, *options)
    assert "In the shadow: hungarian, beside nearest" in for_people.out


def test_a_shadow_that_is_no_policy_is_refused_with_those_there_are(peakline: Peakline) -> None:
    for command in ("run", "serve"):
        ended = peakline(command, "lunch_peak", "--shadow", "clairvoyant")
        assert ended.code == 2
        assert "shadow: 'clairvoyant' is not possible; allowed: nearest, hungarian" in ended.err
