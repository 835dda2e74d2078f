"""The city that the benchmarks share, and lines of their own at the end of the report."""

from collections.abc import Callable

import pytest
from pytest_benchmark.fixture import BenchmarkFixture

from roads.graph import StreetNetwork
from roads.synthetic import synthetic_city
from roads.travel_times import StreetTravelTimes
from runtime.city_setup import CitySetup
from scenarios.catalogue import load

Rate = Callable[[str, int], None]

CITY_SEED = 7
_LINES = pytest.StashKey[list[str]]()


@pytest.fixture(scope="session")
def network() -> StreetNetwork:
    """Return the streets of the synthetic city, 8 x 8 km."""
    return synthetic_city(CITY_SEED).network


@pytest.fixture(scope="session")
def streets(network: StreetNetwork) -> StreetTravelTimes:
    """Return travel times on these streets, kept over all benchmarks: their trees of paths are known soon."""
    return StreetTravelTimes(network)


@pytest.fixture(scope="session")
def lunch_peak() -> CitySetup:
    """Return the city of the demo."""
    return load("lunch_peak").setup


@pytest.fixture
def rate(request: pytest.FixtureRequest, benchmark: BenchmarkFixture) -> Rate:
    """Return what tells, after a benchmark, how many of something its best round did in a second."""

    def tell(what: str, count: int) -> None:
        if benchmark.stats is None:  # run once, untimed
            return
        per_second = count / benchmark.stats.stats.min
        benchmark.extra_info[f"{what}_per_s"] = per_second
        lines = request.config.stash.setdefault(_LINES, [])
        lines.append(f"{request.node.name}: {per_second:,.0f} {what}/s")

    return tell


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Write the rates below the tables."""
    lines = config.stash.get(_LINES, [])
    if lines:
        terminalreporter.section("rates (best round)")
        for line in lines:
            terminalreporter.write_line(line)
