"""The parity law: the same commands through SimPy's time and through wall-clock time give the same log."""

import asyncio

import simpy
from hypothesis import given, settings
from hypothesis import strategies as st

from dispatch.params import DispatchParams
from domain.errors import PeaklineError
from domain.units import HOUR_MS, SECOND_MS, Millis
from runtime.asyncio_driver import AsyncioDriver
from runtime.codec import canonical
from runtime.control_room import ControlRoom
from sim.driver import SimpyDriver
from tests.runtime.play import Move, Stamped, moves, play
from tests.runtime.town import MOVING, START_MS, control_room


class StoppedClock:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.at_ms: Millis = START_MS

    def __call__(self) -> float:
        # Half a millisecond after the start, so that rounding never falls to the millisecond before.
        passed_ms = self.at_ms - START_MS
        return (passed_ms + 0.5) / SECOND_MS if passed_ms else 0.0


def through_simpy(room: ControlRoom, day: list[Stamped], ends_ms: Millis) -> list[str]:
    driver = SimpyDriver(simpy.Environment(initial_time=START_MS), room)
    for stamped in day:
        driver.run_until(stamped.at_ms)
        driver.submit(stamped.command)
    driver.run_until(ends_ms)
    return [str(refusal.error) for refusal in driver.refusals]


async def through_asyncio(
    room: ControlRoom, day: list[Stamped], ends_ms: Millis, looks: list[Millis]
) -> list[str]:
    """Submit a day on a loop that looks at its timers only now and then, as a busy one does."""
    clock = StoppedClock()
    driver = AsyncioDriver(room, starts_at_ms=START_MS, monotonic=clock)
    refused = []
    looks_at = sorted(looks)
    for stamped in day:
        while looks_at and looks_at[0] <= stamped.at_ms:
            clock.at_ms = looks_at.pop(0)
            driver._step(driver.now_ms())
        clock.at_ms = stamped.at_ms
        try:
            await driver.submit(stamped.command)
        except PeaklineError as error:
            refused.append(str(error))
    driver.catch_up(ends_ms)
    await driver.stop()
    return refused


@settings(max_examples=300, report_multiple_bugs=False)
@given(
    day=moves(),
    solve_ms=st.sampled_from([0, 1, 2_000, 15_000, 70_000]),
    looks=st.lists(st.integers(START_MS, START_MS + HOUR_MS), max_size=10),
    params=st.sampled_from([DispatchParams(), MOVING]),
)
def test_same_commands_through_both_drivers_give_the_same_log(
    day: list[Move], solve_ms: Millis, looks: list[Millis], params: DispatchParams
) -> None:
    commands = play(control_room(solve_ms=solve_ms, params=params), day)
    ends_ms = commands[-1].at_ms + HOUR_MS
    simulated, live = (control_room(solve_ms=solve_ms, params=params) for _ in range(2))

    refused_in_simulation = through_simpy(simulated, commands, ends_ms)
    refused_live = asyncio.run(through_asyncio(live, commands, ends_ms, looks))

    assert refused_live == refused_in_simulation
    assert [canonical(record) for record in live.log.read()] == [
        canonical(record) for record in simulated.log.read()
    ]
    assert live.engines["dispatch"].state == simulated.engines["dispatch"].state
    assert live.engines["tracking"].state == simulated.engines["tracking"].state
