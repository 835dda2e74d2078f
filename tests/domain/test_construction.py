import copy
import pickle
from dataclasses import FrozenInstanceError, dataclass, field, replace
from inspect import signature

import msgspec
import pytest

from domain.commands import PlaceOrder
from domain.construction import quickly_made
from domain.errors import InvalidValueError
from domain.geo import Point
from domain.plans import Leg, Stop, StopKind

LEG = Leg(1, 2, 60_000, 12.5)
STOP = Stop(StopKind.PICKUP, ("order-1",), 2, LEG, 10, 20)


def test_it_is_the_same_value_as_ever() -> None:
    assert replace(STOP, done_at_ms=21) == Stop(StopKind.PICKUP, ("order-1",), 2, LEG, 10, 21)
    assert hash(replace(STOP)) == hash(STOP)
    assert pickle.loads(pickle.dumps(STOP)) == copy.deepcopy(STOP) == STOP
    assert msgspec.json.decode(msgspec.json.encode(STOP), type=Stop) == STOP
    assert (LEG.path, LEG.passed_ms) == ((), ())
    assert "passed_ms: tuple[Millis, ...] = ()" in str(signature(Leg)).replace("int", "Millis")


def test_it_cannot_be_changed() -> None:
    with pytest.raises(FrozenInstanceError):
        STOP.done_at_ms = 3  # type: ignore[misc]


def test_it_checks_its_values() -> None:
    with pytest.raises(InvalidValueError):
        PlaceOrder("m-1", Point(0.0, 0.0), value_cents=-1)
    with pytest.raises(TypeError):
        Leg(1, 2, 3)  # type: ignore[call-arg]


def test_only_plain_frozen_dataclasses_with_slots_are_taken() -> None:
    @dataclass(slots=True)
    class Loose:
        a: int

    @dataclass(frozen=True, slots=True)
    class Listing:
        a: list[int] = field(default_factory=list)

    for cls in (Loose, Listing):
        with pytest.raises(TypeError):
            quickly_made(cls)
