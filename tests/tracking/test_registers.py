"""The visible tuples, and memory that does not grow."""

import msgspec

from domain.incidents import IncidentType
from domain.units import MINUTE_MS
from tests.tracking.town import START_MS, Player, shift, whole_trip
from tracking.detectors import DETECTORS, ORDER_DETECTORS, RIDER_DETECTORS
from tracking.stages import ARRIVAL_STAGES, RELEASE_STAGES, STAGES


def test_every_kind_of_incident_has_one_detector() -> None:
    assert sorted(detector.type for detector in DETECTORS) == sorted(IncidentType)
    assert len(RIDER_DETECTORS) + len(ORDER_DETECTORS) == len(DETECTORS)


def test_the_hold_divides_the_stages() -> None:
    assert ARRIVAL_STAGES + RELEASE_STAGES == STAGES
    names = [stage.__name__ for stage in STAGES]
    assert names == ["validate", "deduplicate", "reorder", "take_up", "follow_route"]


def test_what_is_over_is_forgotten() -> None:
    player = Player()
    player.play(shift(), START_MS)
    player.drive("r-1", START_MS + 1_000, START_MS + MINUTE_MS)
    sizes = []
    for number in range(20):
        at_ms = START_MS + (2 + number * 30) * MINUTE_MS
        for event_ms, event in whole_trip(at_ms, f"o-{number}", "r-1", f"t-{number}"):
            player.play(event, event_ms)
        player.advance(at_ms + 29 * MINUTE_MS)
        sizes.append(len(msgspec.msgpack.encode(player.engine.state)))
    state = player.engine.state
    assert (state.orders, state.trips, state.riders["r-1"].trip_ids) == ({}, {}, [])
    assert state.watches.rows == []
    assert sizes[-1] <= sizes[0] + 20
