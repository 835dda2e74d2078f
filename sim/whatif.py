"""What if another policy had taken over? The same city and the same chance, from an instant on.

Everything that does not depend on dispatch (who orders what, how long kitchens take, which rider would
decline) is drawn from streams of its own for each person, so that two runs differ only by what was decided,
and orders can be compared one by one.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import takewhile, zip_longest

from dispatch.timelines import OrderTimeline
from domain.errors import LogError
from domain.ids import OrderId
from domain.units import MINUTE_MS, Millis
from runtime.codec import log_hash
from runtime.event_log.port import LogHeader, LogRecord
from runtime.replay import ENGINE_VERSION
from sim.run import RunResult, run
from sim.spec import ScenarioSpec


@dataclass(frozen=True, slots=True)
class PairedOrder:
    """One order in both runs.

    Attributes
    ----------
    before_min, after_min : float or None
        Click-to-door in the logged run and in the other one, None where it was not delivered.
    """

    order_id: OrderId
    reference: str
    before_min: float | None
    after_min: float | None

    @property
    def delta_min(self) -> float | None:
        """How much later it arrives, negative for sooner; None unless delivered in both."""
        if self.before_min is None or self.after_min is None:
            return None
        return self.after_min - self.before_min


@dataclass(frozen=True, slots=True)
class WhatIf:
    """Two runs that are the same up to an instant.

    Attributes
    ----------
    at_ms : int
        From when on the other policy decides.
    prefix_records : int
        Records before it, the same in the log and in both runs.
    prefix_hash : str
        SHA-256 of them, hexadecimal.
    baseline, result : RunResult
        As logged, and with the other policy.
    orders : tuple of PairedOrder
        In the sequence of placement.
    """

    at_ms: Millis
    prefix_records: int
    prefix_hash: str
    baseline: RunResult
    result: RunResult
    orders: tuple[PairedOrder, ...]

    @property
    def deltas(self) -> dict[str, float | None]:
        """Each metric with the other policy less the logged one, None where one of them has no value."""
        after = self.result.metrics
        return {name: _less(after[name], value) for name, value in self.baseline.metrics.items()}


def what_if(
    spec: ScenarioSpec,
    header: LogHeader,
    records: Iterable[LogRecord],
    at_ms: Millis,
    policy: str,
) -> WhatIf:
    """Run a logged day again, with another policy from an instant on.

    Parameters
    ----------
    spec : ScenarioSpec
        The scenario of the log.
    header : LogHeader
        What the log says of itself.
    records : iterable of LogRecord
        The log, from its first record; it may end early.
    at_ms : int
        The first decision at or after this instant is the other policy's.
    policy : str
        The other policy, a key of ``MATCHERS``.

    Raises
    ------
    LogError
        If the log is not of a run that can be simulated again, or running it again gives another log.

    Notes
    -----
    Two runs: the logged one, to see that it comes out again, and the other one.
    """
    seed = checked_seed(spec, header)
    baseline = run(spec, seed, policy=header.policy)
    _check_same(records, baseline.records)
    result = run(spec, seed, policy=header.policy, then=(at_ms, policy))
    logged, prefix_hash = _hash_before(baseline.records, at_ms)
    again, other_hash = _hash_before(result.records, at_ms)
    if (logged, prefix_hash) != (again, other_hash):
        raise LogError(f"the two runs differ before the switch, after record {min(logged, again)}")
    return WhatIf(at_ms, logged, prefix_hash, baseline, result, tuple(_paired(baseline, result)))


def checked_seed(spec: ScenarioSpec, header: LogHeader) -> int:
    """Return the seed of a log that can be simulated again.

    Raises
    ------
    LogError
        If it is of a live city, of another scenario, or of another version of the engines.
    """
    # The header of a simulated log names the whole scenario, that of a live one only city and parameters.
    if header.seed is None or header.scenario_hash == spec.setup.fingerprint():
        raise LogError(
            f"the log of {header.scenario!r} is a live one: what people would have done otherwise is not "
            "known; only a log of peakline run can be run again"
        )
    if header.engine_version != ENGINE_VERSION:
        raise LogError(
            f"the log of {header.scenario!r} was written by engine version {header.engine_version}, and this "
            f"is version {ENGINE_VERSION}: write it anew with peakline run, or use that version"
        )
    if header.scenario_hash != spec.scenario_hash:
        raise LogError(
            f"the log was written under another version of scenario {header.scenario!r} (hash "
            f"{header.scenario_hash[:12]}, here {spec.scenario_hash[:12]}); name its file with --scenario"
        )
    return header.seed


def _check_same(logged: Iterable[LogRecord], again: Iterable[LogRecord]) -> None:
    for record, now in zip_longest(logged, again):
        if record is None:
            return  # the log ends early, for example because its run was interrupted
        if record != now:
            raise LogError(
                f"record {record.seq} is not what comes out when the scenario is run again: logged was "
                f"{record}, now it is {now}"
            )


def _hash_before(records: Iterable[LogRecord], at_ms: Millis) -> tuple[int, str]:
    before = list(takewhile(lambda record: record.at_ms < at_ms, records))
    return len(before), log_hash(before)


def _paired(baseline: RunResult, result: RunResult) -> Iterator[PairedOrder]:
    """Pair the orders by id: both runs place the same ones in the same sequence."""
    after: Mapping[OrderId, OrderTimeline] = result.day.timelines.orders
    for order_id, order in baseline.day.timelines.orders.items():
        other = after[order_id]
        if (other.placed_at_ms, other.reference) != (order.placed_at_ms, order.reference):
            raise LogError(
                f"order {order_id!r} is another one with the other policy: they cannot be compared"
            )
        yield PairedOrder(order_id, order.reference, _click_to_door(order), _click_to_door(other))


def _click_to_door(order: OrderTimeline) -> float | None:
    if order.delivered_at_ms is None:
        return None
    return (order.delivered_at_ms - order.placed_at_ms) / MINUTE_MS


def _less(after: float | None, before: float | None) -> float | None:
    return None if after is None or before is None else after - before
