"""What every part of tracking works with: the state, the parameters, the city, and lines drawn once."""

from datetime import datetime
from zoneinfo import ZoneInfo

from domain.ids import TripId
from domain.places import City
from domain.plans import Leg, ServiceTimes
from domain.ports import LocationKey, StreetPaths
from domain.units import SECOND_MS, Millis, ceil_ms
from tracking.legline import LegLine, draw_line
from tracking.params import TrackingParams
from tracking.plane import plane_of, reach_of
from tracking.state import TrackingState, TripTrack
from tracking.supply import Supply


class Scene:
    """The state and its surroundings; apart from the state it holds only what can be made again.

    Parameters
    ----------
    city : City
        For the frame, the box of plausible positions, and the time zone of clock times.
    paths : StreetPaths
        Where location keys are, and how long drives take.
    times : ServiceTimes
        Usual time at stops.
    params : TrackingParams
        Everything that can be set.
    state : TrackingState
        All memory.
    """

    def __init__(
        self,
        city: City,
        paths: StreetPaths,
        times: ServiceTimes,
        params: TrackingParams,
        state: TrackingState,
    ) -> None:
        self.times = times
        self.params = params
        self.state = state
        self.reach = reach_of(city, params.ingest.margin_m)
        self.plane = plane_of(city)
        self.supply = Supply(state.riders.values())
        self._zone = ZoneInfo(city.time_zone)
        self._paths = paths
        self._hold_ms = params.ingest.hold_ms
        self._step_ms = params.ingest.release_step_ms
        self._lines: dict[TripId, LegLine] = {}

    def released_at_ms(self, fixed_at_ms: Millis) -> Millis:
        """Return when a fix with this stamp leaves the hold, and every earlier one has.

        It depends on the device's stamp alone, never on the arrival: so every order of arrival within
        the hold gives the same result.
        """
        return self.next_step_ms(fixed_at_ms + self._hold_ms)

    def next_step_ms(self, at_ms: Millis) -> Millis:
        """Return the first step of the hold after an instant.

        Strictly after, because a message at the very last instant still counts.
        """
        return (at_ms // self._step_ms + 1) * self._step_ms

    def line_of(self, trip: TripTrack) -> LegLine:
        """Return the line of the drive that a trip is on, drawn when it is first asked for."""
        leg = trip.stops[0].leg
        line = self._lines.get(trip.trip_id)
        if line is None or line.leg is not leg:
            line = self._draw(leg)
            self._lines[trip.trip_id] = line
        return line

    def clock(self, at_ms: Millis) -> str:
        """Return an instant as the city's clocks show it, ``11:46``: true however late it is read."""
        return self.exact_clock(at_ms)[:5]

    def exact_clock(self, at_ms: Millis) -> str:
        """Return the same with seconds: ``11:46:05``."""
        return datetime.fromtimestamp(at_ms // SECOND_MS, self._zone).strftime("%H:%M:%S")

    def forget_line(self, trip_id: TripId) -> None:
        """Let go of the line of a trip that has ended."""
        self._lines.pop(trip_id, None)

    def drive_ms(self, origin: LocationKey, destination: LocationKey, depart_ms: Millis) -> Millis:
        """Return the time of a drive that no plan holds yet."""
        path = self._paths.path(origin, destination, depart_ms)
        if path.passed_ms:
            return path.passed_ms[-1]
        return ceil_ms(path.length_m / self.params.eta.straight_mps)

    def _draw(self, leg: Leg) -> LegLine:
        keys = leg.path or (leg.origin, leg.destination)
        passed_ms = leg.passed_ms or (0, leg.duration_ms)
        return draw_line(leg, [self._paths.point(key) for key in keys], passed_ms, self.plane)


def seconds(duration_ms: float) -> int:
    """Return a duration in whole seconds, for people."""
    return round(duration_ms / SECOND_MS)
