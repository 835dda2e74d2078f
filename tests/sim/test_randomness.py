from collections.abc import Callable

import numpy as np
import pytest

from domain.errors import InvalidValueError
from sim.randomness import StreamKind, Streams, gamma_ms
from sim.run import run
from sim.spec import RiderBehavior, ScenarioSpec


def test_a_stream_is_the_same_whenever_it_is_asked_for() -> None:
    first = Streams(7).stream(StreamKind.ORDER, 2, 5).random(4)
    streams = Streams(7)
    streams.stream(StreamKind.ORDER, 1, 5).random(100)
    assert streams.stream(StreamKind.ORDER, 2, 5).random(4).tolist() == first.tolist()


def test_streams_of_kinds_entities_and_seeds_differ() -> None:
    keys = [
        (7, StreamKind.ORDER, (1, 2)),
        (7, StreamKind.ORDER, (2, 1)),
        (7, StreamKind.KITCHEN, (1, 2)),
        (8, StreamKind.ORDER, (1, 2)),
    ]
    assert len({float(Streams(seed).stream(kind, *entity).random()) for seed, kind, entity in keys}) == 4


def test_a_further_draw_of_one_entity_changes_nobody_else() -> None:
    quiet, chatty = Streams(3), Streams(3)
    a, b = quiet.stream(StreamKind.RIDER_DWELLS, 0), quiet.stream(StreamKind.RIDER_DWELLS, 1)
    c, d = chatty.stream(StreamKind.RIDER_DWELLS, 0), chatty.stream(StreamKind.RIDER_DWELLS, 1)
    seen = []
    for _ in range(3):
        a.random()
        c.random(2)  # one more than before
        seen.append((b.random(), d.random()))
    assert all(one == other for one, other in seen)


def test_a_negative_seed_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="seed"):
        Streams(-1)


def test_gamma_durations_have_the_mean_and_spread_asked_for() -> None:
    stream = Streams(1).stream(StreamKind.KITCHEN, 1)
    drawn = np.array([gamma_ms(stream, 17.7 * 60_000, 0.68) for _ in range(20_000)])
    assert drawn.mean() / 60_000 == pytest.approx(17.7, rel=0.02)
    assert drawn.std() / drawn.mean() == pytest.approx(0.68, rel=0.03)
    assert gamma_ms(stream, 0, 0.5) == 0


def test_preparation_does_not_depend_on_how_riders_behave(
    small_scenario: Callable[..., ScenarioSpec],
) -> None:
    slow = small_scenario(riders=RiderBehavior(drive_cv=0.5, dwell_cv=1.0))

    def ready(spec: ScenarioSpec) -> dict[str, int]:
        result = run(spec, 5, policy="nearest")
        return {
            record.message.order_id: record.at_ms
            for record in result.records
            if type(record.message).__name__ == "OrderReady"
        }

    one, other = ready(small_scenario()), ready(slow)
    both = one.keys() & other.keys()
    assert len(both) > 10
    assert {key: one[key] for key in both} == {key: other[key] for key in both}
