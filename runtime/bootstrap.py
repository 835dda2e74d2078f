"""The composition root: what a control room is made of, and how a city's log is opened and closed."""

from dataclasses import dataclass
from pathlib import Path

from dispatch.book import Book
from dispatch.engine import DispatchEngine
from dispatch.matching import DEFAULT_POLICY, MATCHERS, Matcher
from domain.errors import InvalidValueError, LogError
from domain.units import Millis
from runtime.city_setup import CitySetup
from runtime.control_room import ControlRoom, Engine
from runtime.event_log.port import EventLog, LogHeader
from runtime.event_log.sqlite import SqliteLog
from runtime.replay import ENGINE_VERSION, Replayed, recover, replay
from runtime.shadow import ShadowingSolver, ShadowReport
from runtime.snapshots import SnapshotStore
from runtime.snapshotter import Snapshotter
from runtime.solver import InlineSolver, Solver, SwitchingMatcher
from tracking.engine import TrackingEngine

__all__ = [
    "ENGINE_VERSION",
    "Engines",
    "OpenCity",
    "build_control_room",
    "build_engines",
    "build_solver",
    "new_header",
    "open_city",
    "replay_log",
    "shadow_of",
]

SNAPSHOT_EVERY_INPUTS = 20_000
"""Inputs between two snapshots: recovery re-handles at most these, in a few seconds."""


@dataclass(frozen=True, slots=True)
class Engines:
    """The engines of one city.

    Attributes
    ----------
    by_name : dict
        All of them, by the owner names of ``COMMAND_OWNERS``, in the order of routing.
    dispatch : DispatchEngine
        The one among them that hands out decisions.
    """

    by_name: dict[str, Engine]
    dispatch: DispatchEngine


@dataclass(frozen=True, slots=True)
class OpenCity:
    """A city whose control room stands on a durable log.

    Attributes
    ----------
    room : ControlRoom
        The control room, taken up where the log ended.
    log : SqliteLog
        The log; ``log.damage`` says what was kept aside, if anything.
    replayed : Replayed
        How it was taken up.
    snapshotter : Snapshotter
        Takes snapshots now and then.
    """

    room: ControlRoom
    log: SqliteLog
    replayed: Replayed
    snapshotter: Snapshotter

    def close(self) -> None:
        """Take a snapshot, so that any version may go on from here, and close the log.

        Raises
        ------
        LogError
            If the snapshot or what came before it could not be made durable.
        """
        try:
            self.snapshotter.take()
            self.log.append(()).result()
        finally:
            self.log.close()


def build_engines(setup: CitySetup) -> Engines:
    """Make fresh engines for a city."""
    book = Book(
        setup.city,
        setup.travel,
        setup.paths,
        setup.rules,
        setup.service_times,
        setup.dispatch_params,
        setup.pay,
    )
    dispatch = DispatchEngine(book)
    by_name: dict[str, Engine] = {"dispatch": dispatch}
    if setup.tracking_params is not None:
        by_name["tracking"] = TrackingEngine(
            setup.city, setup.paths, setup.service_times, setup.tracking_params
        )
    return Engines(by_name, dispatch)


def build_solver(
    setup: CitySetup, policy: str, solve_ms: Millis = 0, then: tuple[Millis, str] | None = None
) -> InlineSolver:
    """Make a solver that works at once and hands plans over after a virtual duration.

    Parameters
    ----------
    setup : CitySetup
        The city.
    policy : str
        A key of ``MATCHERS``.
    solve_ms : int
        The virtual duration.
    then : tuple of int and str, optional
        From when on another policy decides, and which.

    Raises
    ------
    InvalidValueError
        If there is no such policy.
    """
    matcher = _matcher(policy)
    if then is not None:
        matcher = SwitchingMatcher(matcher, _matcher(then[1]), then[0])
    return InlineSolver(matcher, setup.travel, solve_ms)


def shadow_of(
    setup: CitySetup, acting: Solver, acting_policy: str, policy: str, shadow: Solver | None = None
) -> ShadowingSolver:
    """Let a second policy decide about whatever one solver is asked, without acting on it.

    Parameters
    ----------
    setup : CitySetup
        The city.
    acting : Solver
        Whose plans count.
    acting_policy, policy : str
        Keys of ``MATCHERS``: who acts, and who is in the shadow.
    shadow : Solver or None
        Who answers for the shadow; None: the policy, inline.

    Raises
    ------
    InvalidValueError
        If there is no such policy.
    """
    answers = shadow or build_solver(setup, policy)
    report = ShadowReport(policy, acting_policy)
    return ShadowingSolver(acting, answers, report, setup.travel, setup.dispatch_params.verifier)


def _matcher(policy: str) -> Matcher:
    if policy not in MATCHERS:
        raise InvalidValueError("policy", policy, ", ".join(MATCHERS))
    return MATCHERS[policy]


def build_control_room(
    setup: CitySetup,
    log: EventLog,
    *,
    policy: str = DEFAULT_POLICY,
    solver: Solver | None = None,
    solve_ms: Millis = 0,
) -> ControlRoom:
    """Make a control room on a new, empty log.

    Parameters
    ----------
    setup : CitySetup
        The city.
    log : EventLog
        Where everything goes.
    policy : str
        A key of ``MATCHERS``.
    solver : Solver or None
        Who answers decisions; None: the policy, inline.
    solve_ms : int
        Virtual solving time of the inline solver.
    """
    engines = build_engines(setup)
    return ControlRoom(
        engines.by_name, log, solver or build_solver(setup, policy, solve_ms), engines.dispatch
    )


def new_header(
    setup: CitySetup, *, scenario: str, policy: str = DEFAULT_POLICY, seed: int | None = None
) -> LogHeader:
    """Return the header of a new log of a city."""
    return LogHeader(ENGINE_VERSION, scenario, setup.fingerprint(), policy, seed)


def open_city(
    setup: CitySetup,
    path: Path,
    *,
    scenario: str,
    policy: str = DEFAULT_POLICY,
    seed: int | None = None,
    solver: Solver | None = None,
    snapshot_every_inputs: int = SNAPSHOT_EVERY_INPUTS,
) -> OpenCity:
    """Open the durable control room of a city: a new one, or where its log ended.

    Raises
    ------
    LogError
        If the log is of another city, was left open by another engine version or other parameters, or cannot
        be read.
    """
    header = new_header(setup, scenario=scenario, policy=policy, seed=seed)
    log = SqliteLog(path) if path.exists() else SqliteLog.create(path, header)
    try:
        return _take_up(setup, log, header, solver or build_solver(setup, policy), snapshot_every_inputs)
    except BaseException:
        log.close()
        raise


def replay_log(setup: CitySetup, log: EventLog, until_ms: Millis | None = None) -> tuple[Engines, Replayed]:
    """Handle a whole log again, from its first record, and compare every event.

    Parameters
    ----------
    setup : CitySetup
        The city of the log.
    log : EventLog
        The log.
    until_ms : int or None
        Let time pass up to here afterwards, for example to a live room's ``now_ms`` before comparing states.

    Raises
    ------
    LogError
        If an event differs from the logged one.
    """
    engines = build_engines(setup)
    return engines, replay(engines.by_name, log, engines.dispatch, until_ms=until_ms)


def _take_up(
    setup: CitySetup, log: SqliteLog, header: LogHeader, solver: Solver, snapshot_every_inputs: int
) -> OpenCity:
    _check_city(log, header, log)
    engines = build_engines(setup)
    room, replayed = recover(engines.by_name, log, solver, engines.dispatch, log)
    if log.header != header:
        log.adopt(header)
    snapshotter = Snapshotter(room, log, ENGINE_VERSION, snapshot_every_inputs)
    room.subscribe(snapshotter)
    return OpenCity(room, log, replayed, snapshotter)


def _check_city(log: SqliteLog, header: LogHeader, snapshots: SnapshotStore) -> None:
    """See to it that a log is of this city, and that its open tail was written with these parameters."""
    found = log.header
    if found.scenario != header.scenario:
        raise LogError(
            f"{log.path}: a log of {found.scenario!r}, not of {header.scenario!r}; choose another file"
        )
    if found.scenario_hash == header.scenario_hash:
        return
    snapshot = snapshots.newest_snapshot()
    tail = sum(1 for _ in log.read(snapshot.seq if snapshot else 0))
    if tail:
        raise LogError(
            f"{log.path}: its last {tail} records were written with other parameters of {found.scenario!r}; "
            "start it with those once more and stop it cleanly, then these can be used"
        )
