"""The rule of overload: which riders come to work."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import InvalidValueError
from scenarios.grubhub import read_instance, thinned
from sim.run import run


def test_the_rule_by_hand() -> None:
    """The floors of 0.7 i, for i from 0 to 10, are 0 0 1 2 2 3 4 4 5 6 7; a rider stays at each step."""
    assert thinned(range(10), 0.7) == [1, 2, 4, 5, 7, 8, 9]
    assert thinned(range(4), 0.5) == [1, 3]
    assert thinned(range(4), 1.0) == [0, 1, 2, 3]
    assert thinned(range(4), 0.2) == []


@given(riders=st.integers(0, 500), share=st.floats(0.01, 1.0))
def test_every_stretch_of_the_file_keeps_its_share(riders: int, share: float) -> None:
    kept = thinned(range(riders), share)
    assert kept == sorted(set(kept))
    for end in range(0, riders, 7):
        assert abs(sum(i < end for i in kept) - share * end) < 1 + 1e-9


def test_a_thinned_day_is_the_day_of_a_thinned_file(toy: Path) -> None:
    header = "courier\tx\ty\ton_time\toff_time\n"
    lines = [f"c{i}\t{100 * i}\t0\t{i}\t120\n" for i in range(6)]
    (toy / "couriers.txt").write_text(header + "".join(lines), encoding="utf-8")
    spec = read_instance(toy, riders_share=0.5)
    assert [shift.rider_id for shift in spec.shifts] == ["c1", "c3", "c5"]
    (toy / "couriers.txt").write_text(header + "".join(lines[1::2]), encoding="utf-8")
    assert run(spec, 0, policy="nearest").log_hash == run(read_instance(toy), 0, policy="nearest").log_hash


@pytest.mark.parametrize("share", [0.0, -0.5, 1.01, float("nan")])
def test_an_impossible_share_is_refused(toy: Path, share: float) -> None:
    with pytest.raises(InvalidValueError, match="riders_share"):
        read_instance(toy, riders_share=share)
