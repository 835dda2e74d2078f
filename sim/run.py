"""One run: a pure function of scenario, seed and policy."""

import gc
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property, partial

from dispatch.matching import DEFAULT_POLICY
from dispatch.metrics import Day, compute_metrics
from dispatch.timelines import Timelines
from domain.units import MINUTE_MS, Millis
from runtime.bootstrap import ENGINE_VERSION, build_control_room, build_solver, shadow_of
from runtime.codec import log_hash
from runtime.event_log.memory import MemoryLog
from runtime.event_log.port import EventLog, LogHeader, LogRecord
from runtime.freed_memory import keep_freed_memory
from runtime.shadow import ShadowReport
from sim.driver import Refusal, SimpyDriver
from sim.spec import ScenarioSpec
from sim.truth import TruthRecord
from sim.world import World, simulate

Progress = Callable[[Millis, int], None]
"""Called once a simulated minute with the time and the number of orders placed so far; it must not submit."""

OBJECTS_BETWEEN_SEARCHES = 1_000_000
"""New objects after which a run is searched for garbage: a Grubhub day makes a third of it."""


@dataclass(frozen=True)
class RunResult:
    """What a run was and what came of it.

    Attributes
    ----------
    spec : ScenarioSpec
        The scenario.
    seed : int
        Root of its random streams.
    policy : str
        Who decided.
    engine_version : str
        Version of the code.
    records : sequence of LogRecord
        The event log.
    truth : tuple of TruthRecord
        What really went wrong in the city.
    refusals : tuple of Refusal
        Commands of simulated people that were refused.
    decision_s : tuple of float
        Wall time of every decision; not part of the log.
    shadow : ShadowReport or None
        How the policy in the shadow compares; not part of the log.
    """

    spec: ScenarioSpec
    seed: int
    policy: str
    engine_version: str
    records: Sequence[LogRecord]
    truth: tuple[TruthRecord, ...]
    refusals: tuple[Refusal, ...]
    decision_s: tuple[float, ...] = ()
    shadow: ShadowReport | None = None

    @cached_property
    def day(self) -> Day:
        """What metrics are computed from."""
        timelines = Timelines()
        for record in self.records:
            timelines.add(record.message, record.at_ms)
        setup = self.spec.setup
        return Day(timelines, setup.pay, setup.rules.time_grid_ms, setup.service_times, setup.travel)

    @cached_property
    def metrics(self) -> dict[str, float | None]:
        """The figures of ``dispatch/metrics``, by name, computed when asked for."""
        return compute_metrics(self.day)

    @property
    def scenario_hash(self) -> str:
        """Hash of the scenario."""
        return self.spec.scenario_hash

    @property
    def log_hash(self) -> str:
        """Hash of the event log, computed when asked for: it takes about as long as a tenth of the run."""
        return log_hash(self.records)


def run(
    spec: ScenarioSpec,
    seed: int,
    *,
    policy: str = DEFAULT_POLICY,
    log: EventLog | None = None,
    progress: Progress | None = None,
    solve_ms: Millis = 0,
    then: tuple[Millis, str] | None = None,
    shadow: str | None = None,
) -> RunResult:
    """Simulate a scenario from its first shift until every order is final or nobody is left to carry it.

    Parameters
    ----------
    spec : ScenarioSpec
        What to simulate.
    seed : int
        Root of all random streams, 0 or more.
    policy : str
        A key of ``MATCHERS``.
    log : EventLog, optional
        An empty log to write to; a new one in memory by default.
    progress : callable, optional
        To follow a long run.
    solve_ms : int
        Virtual time that a decision takes.
    then : tuple of int and str, optional
        From when on another policy decides, and which; the log's header keeps the first one.
    shadow : str, optional
        A policy that decides about the same snapshots, acts on nothing, and is compared.
    """
    keep_freed_memory()
    if log is None:
        log = MemoryLog(lambda: LogHeader(ENGINE_VERSION, spec.name, spec.scenario_hash, policy, seed))
    solver = build_solver(spec.setup, policy, solve_ms, then)
    shadowing = shadow_of(spec.setup, solver, policy, shadow) if shadow is not None else None
    room = build_control_room(spec.setup, log, solver=shadowing or solver)
    driver, world = simulate(spec, seed, room)
    if progress is not None:
        _report(progress, driver, world)
    with seldom_collecting():
        driver.run_while(world.goes_on, spec.ends_at_ms + spec.drain_ms)
    records = list(log.read())
    return RunResult(
        spec=spec,
        seed=seed,
        policy=policy,
        engine_version=ENGINE_VERSION,
        records=records,
        truth=tuple(world.truth),
        refusals=tuple(driver.refusals),
        decision_s=tuple(solver.decision_s),
        shadow=shadowing.report() if shadowing is not None else None,
    )


@contextmanager
def seldom_collecting() -> Iterator[None]:
    """Let Python look for garbage less often, in a run and in what is made of its log right after.

    Everything that a run logs stays until its end; searching it again and again for garbage took a fifth of a
    Grubhub day, and a single search, then or right after it, longer than to write its solution.
    """
    before = gc.get_threshold()
    gc.freeze()
    gc.set_threshold(OBJECTS_BETWEEN_SEARCHES, 20, 100)
    try:
        yield
    finally:
        # What was made meanwhile joins what is old, unsearched: nearly all of it is still in use.
        gc.freeze()
        gc.unfreeze()
        gc.set_threshold(*before)


def _report(progress: Progress, driver: SimpyDriver, world: World) -> None:
    progress(driver.now_ms, world.placed)
    driver.at(driver.now_ms + MINUTE_MS, partial(_report, progress, driver, world))
