"""The paired measurement of moves: what it compares, and how it shows it."""

from dataclasses import replace
from pathlib import Path

import pytest

from benchmarks.quality.prepositioning import FIRST_MILE, compare, main, scaled, table
from dispatch.params import PrepositioningParams
from domain.errors import InvalidValueError
from scenarios.toml_spec import read_scenario
from sim.demand import PoissonDemand, RecordedDemand

TINY = Path(__file__).parents[2] / "scenarios" / "tiny.toml"


def test_pairs_differ_in_the_moves_alone() -> None:
    spec = read_scenario(TINY)
    found = {row.name: row for row in compare(spec, [1, 2], "nearest", PrepositioningParams())}
    assert found["moves of a day"].without == 0
    assert found[FIRST_MILE].without > 0
    # Moves that could never save enough change nothing, so that the pairs are the same days.
    never = PrepositioningParams(least_saving_ms=10**9)
    assert all(row.with_moves == row.without for row in compare(spec, [1], "nearest", never))


def test_a_share_of_the_orders_is_nested() -> None:
    spec = read_scenario(TINY)
    half = scaled(spec, 0.5).demand
    assert isinstance(half, PoissonDemand)
    assert isinstance(spec.demand, PoissonDemand)
    assert half.scale == spec.demand.scale / 2
    with pytest.raises(InvalidValueError):
        scaled(replace(spec, demand=RecordedDemand(())), 0.5)


def test_the_table_is_printed(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--scenario", str(TINY), "--seeds", "1", "--policy", "nearest", "--shares", "1"]) == 0
    assert "| 100 % | first mile of a trip, min |" in capsys.readouterr().out
    assert table({}).startswith("| orders | figure |")
