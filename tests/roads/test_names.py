"""No two streets of a city share a name, in neither language."""

import numpy as np

from roads.cityplan.names import NamePool


def test_names_never_repeat_even_when_the_stems_start_again() -> None:
    pool = NamePool(np.random.default_rng(5))
    names = [pool.street("lane" if number % 3 else "street") for number in range(1_500)]
    assert len({name.en for name in names}) == len(names)
    assert len({name.zh for name in names}) == len(names)
    assert any("Second" in name.en and "二" in name.zh for name in names)


def test_main_roads_keep_their_own_names() -> None:
    pool = NamePool(np.random.default_rng(5))
    assert pool.main_road("ring").zh == "兰汀环路"
    assert pool.main_road("bank-north").en == "Riverside North Road"
    assert pool.bridge("ring", -2_000.0).en == "Ring West Bridge"
    assert pool.bridge("ring", 2_000.0).en == "Ring East Bridge"
    avenues = {pool.main_road("avenue").en for _ in range(12)}
    assert len(avenues) == 12
