import numpy as np
import pytest

from domain.geo import Frame, Point
from domain.plans import Leg
from domain.ports import StreetPath
from sim.motion import Motion, meters_per_unit


class Corner:
    """Three places: 300 m to the north, then 400 m to the east."""

    points = (Point(0.0, 0.0), Point(0.0, 300.0), Point(400.0, 300.0))

    def path(self, origin: int, destination: int, depart_ms: int) -> StreetPath:
        raise NotImplementedError

    def point(self, key: int) -> Point:
        return self.points[key]


LEG = Leg(0, 2, 70_000, 700.0, (0, 1, 2), (0, 30_000, 70_000))


def at(motion: Motion, now_ms: int) -> tuple[float, float, float, float]:
    where = motion.at(np.array([now_ms, now_ms]))
    return tuple(float(values[0]) for values in (where.x, where.y, where.speed_mps, where.heading_deg))  # type: ignore[return-value]


def test_a_rider_passes_the_corner_when_the_leg_says() -> None:
    motion = Motion(2, Corner(), (1.0, 1.0))
    motion.appear(0, 0)
    motion.drive(0, LEG, 1_000_000, 1.0)
    assert at(motion, 999_000)[:2] == (0.0, 0.0)
    assert at(motion, 1_015_000) == pytest.approx((0.0, 150.0, 10.0, 0.0))
    assert at(motion, 1_030_000)[:2] == pytest.approx((0.0, 300.0))
    assert at(motion, 1_050_000) == pytest.approx((200.0, 300.0, 10.0, 90.0))
    assert at(motion, 1_070_000)[:3] == (400.0, 300.0, 0.0)
    assert at(motion, 9_000_000)[:3] == (400.0, 300.0, 0.0)


def test_a_slow_drive_takes_longer_on_the_same_way() -> None:
    motion = Motion(2, Corner(), (1.0, 1.0))
    motion.drive(0, LEG, 0, 2.0)
    assert at(motion, 60_000)[:2] == pytest.approx((0.0, 300.0))
    assert at(motion, 60_001)[2] == pytest.approx(5.0)


def test_a_leg_without_streets_is_straight() -> None:
    motion = Motion(2, Corner(), (1.0, 1.0))
    motion.drive(0, Leg(0, 2, 50_000, 500.0), 0, 1.0)
    assert at(motion, 25_000) == pytest.approx((200.0, 150.0, 10.0, 53.130102354))


def test_long_legs_and_short_ones_share_the_table() -> None:
    motion = Motion(2, Corner(), (1.0, 1.0))
    keys = tuple(n % 3 for n in range(100))
    motion.drive(1, Leg(0, 0, 99_000, 1.0, keys, tuple(range(0, 100_000, 1_000))), 0, 1.0)
    motion.drive(0, LEG, 0, 1.0)
    motion.drive(1, LEG, 0, 1.0)
    assert at(motion, 90_000)[:3] == (400.0, 300.0, 0.0)


def test_degrees_are_scaled_by_latitude() -> None:
    east, north = meters_per_unit(Frame.WGS84, 60.0)
    assert north == pytest.approx(111_195, rel=1e-4)
    assert east == pytest.approx(north / 2)
    assert meters_per_unit(Frame.PLANE, 0.0) == (1.0, 1.0)
