"""Servers for tests of the API: one of its own, or one for a whole module."""

from collections.abc import Iterator

import pytest

from tests.api.served import Served, serving


@pytest.fixture
def served() -> Iterator[Served]:
    with serving() as server:
        yield server


@pytest.fixture(scope="module")
def shared() -> Iterator[Served]:
    """One server for tests that do not mind what others did to it."""
    with serving() as server:
        yield server
