"""Parameters check themselves."""

from collections.abc import Callable

import pytest

from domain.errors import InvalidValueError
from tracking.params import (
    EtaParams,
    IngestParams,
    LatenessParams,
    RouteParams,
    SilenceParams,
    TrackingParams,
)


@pytest.mark.parametrize(
    ("make", "field"),
    [
        (lambda: IngestParams(hold_ms=-1), "hold_ms"),
        (lambda: IngestParams(release_step_ms=0), "release_step_ms"),
        (lambda: IngestParams(margin_m=float("nan")), "margin_m"),
        (lambda: RouteParams(ahead_m=0.0), "ahead_m"),
        (lambda: EtaParams(refresh_ms=0), "refresh_ms"),
        (lambda: EtaParams(drive_cv=-0.1), "drive_cv"),
        (lambda: EtaParams(no_rider_ms=0), "no_rider_ms"),
        (lambda: SilenceParams(learning_rate=1.5), "learning_rate"),
        (lambda: LatenessParams(enter_probability=0.3), "enter_probability"),
        (lambda: LatenessParams(serious_probability=0.5), "enter_probability"),
        (lambda: TrackingParams(settle_ms=-1), "settle_ms"),
    ],
)
def test_an_impossible_value_is_refused_by_name(make: Callable[[], object], field: str) -> None:
    with pytest.raises(InvalidValueError) as refused:
        make()
    assert refused.value.field == field


def test_defaults_are_those_of_the_design() -> None:
    params = TrackingParams()
    assert params.ingest.hold_ms == 3_000
    assert (params.route.back_m, params.route.ahead_m) == (150.0, 400.0)
    assert (params.silence.shortest_ms, params.silence.cadences) == (60_000, 6.0)
    assert (params.lateness.enter_probability, params.lateness.leave_probability) == (0.6, 0.35)
    assert params.settle_ms == 60_000
