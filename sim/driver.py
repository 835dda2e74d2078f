"""SimPy's virtual time as the driver of a control room.

Time is in whole milliseconds. Timers of the control room win ties: `ControlRoom.submit` fires everything due
before it hands a command to its owner, and the pump below makes sure that nothing due is passed by when
nobody submits.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import simpy
from simpy.events import NORMAL

from domain.commands import Command
from domain.errors import RefusedError
from domain.units import Millis
from runtime.control_room import ControlRoom, Outcome

Action: TypeAlias = Callable[[], None]


@dataclass(frozen=True, slots=True)
class Refusal:
    """A command of a simulated person that the control room refused, and why."""

    at_ms: Millis
    command: Command
    error: RefusedError


def _act(appointment: simpy.Event) -> None:
    appointment.action()  # type: ignore[attr-defined]  # only `Appointment` has this callback


class Appointment(simpy.Event):
    """Something that is going to be done at an instant: an event of SimPy that carries its own action.

    A timeout with a callback does the same; this is made in a third of the time, and a day has twenty
    thousand.
    """

    _ok = True
    _value = None
    # One for all: SimPy reads it, and then sets the appointment's own to None.
    callbacks = (_act,)  # type: ignore[assignment]  # nobody appends to it

    def __init__(self, env: simpy.Environment, action: Action) -> None:
        self.env = env
        self.action = action


def _always() -> bool:
    return True


class SimpyDriver:
    """Runs a control room on the clock of a SimPy environment.

    Parameters
    ----------
    env : simpy.Environment
        Whose time is in Unix milliseconds, as whole numbers.
    room : ControlRoom
        The control room; all time it is told comes from ``env``.

    Attributes
    ----------
    now_ms : int
        The simulated time: that of ``env``, which only the driver steps.
    """

    def __init__(self, env: simpy.Environment, room: ControlRoom) -> None:
        self.env = env
        self.room = room
        self.now_ms: Millis = env.now  # type: ignore[assignment]  # whole, as every delay is
        self.refusals: list[Refusal] = []
        self._pump_at_ms: Millis | None = None

    def submit(self, command: Command) -> Outcome | None:
        """Hand a command to the control room now.

        A refusal is noted in ``refusals`` and answered with None: people run into each other, for example
        when a customer cancels at the instant of the pickup.
        """
        outcome = None
        try:
            outcome = self.room.submit(command, self.now_ms)
        except RefusedError as error:
            self.refusals.append(Refusal(self.now_ms, command, error))
        self._arm()
        return outcome

    def at(self, at_ms: Millis, action: Action) -> Appointment:
        """Do something at an instant, or as soon as possible when it is past.

        Listeners of the control room act through this, never by submitting themselves: the step that they
        hear of is still being taken.

        Returns
        -------
        Appointment
            To be handed to `cancel` when it must not happen after all.
        """
        appointment = Appointment(self.env, action)
        self.env.schedule(appointment, NORMAL, max(0, at_ms - self.now_ms))
        return appointment

    def cancel(self, appointment: Appointment) -> None:
        """Let an appointment pass without doing anything; one that has passed is left alone."""
        if appointment.callbacks is not None:
            appointment.callbacks = ()  # type: ignore[assignment]

    def run_until(self, at_ms: Millis) -> None:
        """Simulate up to and including an instant; in the past: nothing happens.

        Whatever others have submitted to the control room since the last call is taken into account.
        """
        self.run_while(_always, at_ms)
        if at_ms > self.now_ms:
            self.env.run(until=at_ms)
            self.now_ms = at_ms

    def run_while(self, goes_on: Callable[[], bool], until_ms: Millis) -> None:
        """Simulate event by event as long as a condition holds and an instant is not passed."""
        self._arm()
        peek, step = self.env.peek, self.env.step
        while goes_on() and (next_ms := peek()) <= until_ms:
            self.now_ms = next_ms  # type: ignore[assignment]  # whole, as every delay is
            step()

    def _arm(self) -> None:
        """Have the pump stand at the control room's next due time."""
        due_ms = self.room.next_due_ms()
        if due_ms is not None and (self._pump_at_ms is None or due_ms < self._pump_at_ms):
            self._pump_at_ms = due_ms
            self.at(due_ms, self._pump)

    def _pump(self) -> None:
        # A pump that was overtaken by an earlier one finds nothing due and does nothing.
        if self._pump_at_ms is not None and self._pump_at_ms <= self.now_ms:
            self._pump_at_ms = None
        self.room.advance(self.now_ms)
        self._arm()
