"""The hold releases in order of the devices' stamps."""

from domain.plans import ServiceTimes
from tests.tracking.town import START_MS, TOWN, Street, fix
from tracking.hold import Hold
from tracking.params import TrackingParams
from tracking.scene import Scene
from tracking.state import TrackingState


def test_release_is_the_first_step_strictly_after_stamp_and_hold() -> None:
    scene = Scene(TOWN, Street(), ServiceTimes(), TrackingParams(), TrackingState())
    assert scene.released_at_ms(10_000) == 13_500
    assert scene.released_at_ms(10_001) == 13_500
    assert scene.released_at_ms(10_499) == 13_500
    assert scene.released_at_ms(10_500) == 14_000


def test_what_is_due_comes_in_order_of_stamp_sequence_and_rider() -> None:
    hold = Hold()
    late = fix("r-1", START_MS + 30, 0.0)
    second = fix("r-2", START_MS + 20, 0.0, sequence=2)
    first = fix("r-3", START_MS + 20, 0.0, sequence=1)
    same = fix("r-1", START_MS + 20, 0.0, sequence=2)
    for one in (late, second, first, same):
        hold.put(one, START_MS + 3_500)
    after = fix("r-1", START_MS + 600, 0.0)
    hold.put(after, START_MS + 4_000)
    assert hold.next_ms() == START_MS + 3_500
    assert hold.take(START_MS + 3_500) == [first, same, second, late]
    assert hold.take(START_MS + 3_999) == []
    assert hold.take(START_MS + 4_000) == [after]
    assert hold.next_ms() is None
