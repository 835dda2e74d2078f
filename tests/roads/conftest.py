"""One city and its travel times, shared by the tests that only read them."""

import pytest

from roads.synthetic import SyntheticCity, synthetic_city
from roads.travel_times import StreetTravelTimes


@pytest.fixture(scope="session")
def city() -> SyntheticCity:
    return synthetic_city(7)


@pytest.fixture(scope="session")
def times(city: SyntheticCity) -> StreetTravelTimes:
    return StreetTravelTimes(city.network)
