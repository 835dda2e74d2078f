"""The riders' phones: GPS fixes for all riders at once, in ticks, and silences written to the truth log."""

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from domain.commands import RecordFixes
from domain.fixes import Fix
from domain.geo import Frame, Point
from domain.units import HOUR_MS, Millis
from sim.driver import SimpyDriver
from sim.motion import Motion
from sim.randomness import StreamKind, Streams
from sim.spec import GpsSpec, RiderShift
from sim.truth import TruthLog, TruthType

NOISE_BLOCK = 256
"""Errors are drawn for so many ticks at once: a draw per rider and tick would be twenty times slower."""

RADIUS_68 = math.sqrt(-2 * math.log(1 - 0.68))
"""Radius that holds 68 % of a two-dimensional normal error of standard deviation 1."""

DECIMALS = {Frame.WGS84: 7, Frame.PLANE: 2}
"""About a centimeter, as phones report."""

NEVER_MS = np.iinfo(np.int64).max


class Sensors:
    """One phone per rider; every tick one message with the fixes of all who are on duty and not silent.

    Parameters
    ----------
    spec : GpsSpec
        The phones.
    shifts : sequence of RiderShift
        Their owners, in the order of their stream keys.
    motion : Motion
        Where they are.
    scale_m : tuple of float
        Meters of one unit of x and of y.
    frame : Frame
        The city's frame.
    driver : SimpyDriver
        Their way to the control room.
    streams : Streams
        One per rider for errors, silences and the phase within a tick.
    truth : TruthLog
        Where silences are written down.
    """

    def __init__(
        self,
        spec: GpsSpec,
        shifts: Sequence[RiderShift],
        motion: Motion,
        scale_m: tuple[float, float],
        frame: Frame,
        driver: SimpyDriver,
        streams: Streams,
        truth: TruthLog,
    ) -> None:
        self._spec = spec
        self._motion = motion
        self._driver = driver
        self._decimals = DECIMALS[frame]
        self._rider_ids = [shift.rider_id for shift in shifts]
        self._starts_at_ms = np.array([shift.starts_at_ms for shift in shifts], dtype=np.int64)
        self._phase_ms = _phases_ms(spec, len(shifts), streams)
        self._errors = _Errors(spec, len(shifts), scale_m, streams)
        self._silences = _Silences(spec, shifts, streams, truth)
        self._counts = [0] * len(shifts)

    def start(self) -> None:
        """Begin with the first shift."""
        if self._rider_ids:
            self._driver.at(int(self._starts_at_ms.min()), self._tick)

    def _tick(self) -> None:
        now_ms = self._driver.now_ms
        if now_ms > self._starts_at_ms.max() and not self._motion.on_duty.any():
            return
        fixes = self._sense(now_ms)
        if fixes:
            self._driver.submit(RecordFixes(fixes))
        self._driver.at(now_ms + self._spec.cadence_ms, self._tick)

    def _sense(self, now_ms: Millis) -> tuple[Fix, ...]:
        at_ms = now_ms - self._phase_ms
        error_x, error_y = self._errors.next()
        reporting = self._motion.on_duty & (at_ms >= self._starts_at_ms) & ~self._silences.at(at_ms)
        chosen = np.flatnonzero(reporting)
        if not chosen.size:
            return ()
        where = self._motion.at(at_ms)
        x = np.round(where.x[chosen] + error_x[chosen], self._decimals).tolist()
        y = np.round(where.y[chosen] + error_y[chosen], self._decimals).tolist()
        speed = np.round(where.speed_mps[chosen], 2).tolist()
        heading = np.round(where.heading_deg[chosen], 1).tolist()
        stamps = at_ms[chosen].tolist()
        accuracy_m = round(self._spec.noise_m * RADIUS_68, 1)
        fixes = []
        for nth, rider in enumerate(chosen.tolist()):
            count = self._counts[rider]
            self._counts[rider] = count + 1
            mps = speed[nth]
            fixes.append(
                Fix(
                    self._rider_ids[rider],
                    stamps[nth],
                    count,
                    Point(x[nth], y[nth]),
                    accuracy_m,
                    mps,
                    heading[nth] if mps > 0 else None,
                )
            )
        return tuple(fixes)


def _phases_ms(spec: GpsSpec, riders: int, streams: Streams) -> NDArray[np.int64]:
    """Draw how long before the tick each phone measures: they do not all tick together."""
    drawn = [
        int(streams.stream(StreamKind.SENSOR_PHASE, rider).integers(spec.cadence_ms))
        for rider in range(riders)
    ]
    return np.array(drawn, dtype=np.int64)


class _Errors:
    """Errors that wander: an autoregressive process per phone, stepped for all phones at every tick."""

    def __init__(self, spec: GpsSpec, riders: int, scale_m: tuple[float, float], streams: Streams) -> None:
        self._streams = [streams.stream(StreamKind.SENSOR_NOISE, rider) for rider in range(riders)]
        self._memory = spec.noise_memory
        unit = spec.noise_m / np.array(scale_m)
        self._unit = unit * math.sqrt(1 - spec.noise_memory**2)
        first = np.array([stream.standard_normal(2) for stream in self._streams]).reshape(riders, 2)
        self._error = first * unit
        self._block = np.empty((riders, NOISE_BLOCK, 2))
        self._ticks = 0

    def next(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """Return the errors of x and y of the next tick, in units of the frame."""
        column = self._ticks % NOISE_BLOCK
        if column == 0:
            for rider, stream in enumerate(self._streams):
                stream.standard_normal(out=self._block[rider])
        self._ticks += 1
        self._error = self._memory * self._error + self._unit * self._block[:, column]
        return self._error[:, 0], self._error[:, 1]


class _Silences:
    """When each phone says nothing: drawn for the whole shift beforehand, and written to the truth log."""

    def __init__(
        self, spec: GpsSpec, shifts: Sequence[RiderShift], streams: Streams, truth: TruthLog
    ) -> None:
        drawn = [_draw_silences(spec, shift, rider, streams) for rider, shift in enumerate(shifts)]
        for onset_ms, end_ms, rider in sorted(
            (onset_ms, end_ms, rider) for rider, mine in enumerate(drawn) for onset_ms, end_ms in mine
        ):
            truth.add(
                TruthType.GPS_DROPOUT,
                shifts[rider].rider_id,
                onset_ms,
                end_ms,
                severity=(end_ms - onset_ms) / 1_000,
                observable_from_ms=onset_ms + spec.cadence_ms,
            )
        self._coming = [iter(mine) for mine in drawn]
        self._onset_ms = np.full(len(shifts), NEVER_MS, dtype=np.int64)
        self._end_ms = np.full(len(shifts), NEVER_MS, dtype=np.int64)
        for rider in range(len(shifts)):
            self._look_ahead(rider)

    def at(self, at_ms: NDArray[np.int64]) -> NDArray[np.bool_]:
        """Tell who is silent; instants must not decrease from call to call."""
        for rider in np.flatnonzero(self._end_ms <= at_ms).tolist():
            self._look_ahead(rider)
        silent: NDArray[np.bool_] = self._onset_ms <= at_ms
        return silent

    def _look_ahead(self, rider: int) -> None:
        self._onset_ms[rider], self._end_ms[rider] = next(self._coming[rider], (NEVER_MS, NEVER_MS))


def _draw_silences(
    spec: GpsSpec, shift: RiderShift, rider: int, streams: Streams
) -> list[tuple[Millis, Millis]]:
    if spec.dropouts_per_hour == 0:
        return []
    stream = streams.stream(StreamKind.SENSOR_DROPOUTS, rider)
    silences: list[tuple[Millis, Millis]] = []
    at_ms = shift.starts_at_ms
    while True:
        onset_ms = at_ms + round(float(stream.exponential()) * HOUR_MS / spec.dropouts_per_hour)
        length_ms = max(2 * spec.cadence_ms, round(float(stream.exponential()) * spec.dropout_ms))
        if onset_ms >= shift.ends_at_ms:
            return silences
        at_ms = onset_ms + length_ms
        silences.append((onset_ms, at_ms))
