"""The count of riders follows what happens, and is the same when counted anew."""

from domain.events import TripEnded
from tests.tracking.town import START_MS, Player, assigned, placed, shift, shift_end
from tracking.params import EtaParams
from tracking.scene import Scene
from tracking.supply import Supply


def counted(player: Player) -> tuple[int, int]:
    scene: Scene = player.engine._scene
    anew = Supply(player.engine.state.riders.values())
    assert (scene.supply.on_duty, scene.supply.idle) == (anew.on_duty, anew.idle)
    return anew.on_duty, anew.idle


def test_it_follows_shifts_and_trips() -> None:
    player = Player()
    steps = [
        (shift("r-1"), (1, 1)),
        (shift("r-1"), (1, 1)),
        (shift("r-2"), (2, 2)),
        (placed("o-1"), (2, 2)),
        (assigned({"o-1": 30}, START_MS), (2, 1)),
        (assigned({"o-1": 30}, START_MS), (2, 1)),
        (assigned({"o-2": 30}, START_MS, "r-1", "t-2"), (2, 1)),
        (TripEnded("t-1", "r-1", 30, START_MS), (2, 1)),
        (shift_end("r-1"), (1, 1)),
        (TripEnded("t-2", "r-1", 30, START_MS), (1, 1)),
        (TripEnded("t-2", "r-1", 30, START_MS), (1, 1)),
        (shift_end("r-2"), (0, 0)),
        (shift_end("r-3"), (0, 0)),
        (assigned({"o-1": 30}, START_MS, "r-4", "t-3"), (0, 0)),
    ]
    for event, expected in steps:
        player.play(event, START_MS)
        assert counted(player) == expected, event


def test_the_fewer_there_are_the_longer_the_wait() -> None:
    eta, supply = EtaParams(), Supply(())
    assert supply.wait_ms(eta) == eta.no_rider_ms
    supply.on_duty = 1
    assert supply.wait_ms(eta) == eta.busy_ms
    supply.idle = 1
    assert supply.wait_ms(eta) == eta.assignment_ms
