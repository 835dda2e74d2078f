from collections.abc import Callable
from functools import partial

import simpy

from domain.commands import EndShift, PlaceOrder, StartShift
from domain.errors import ConflictError, UnknownIdError
from domain.events import DecisionRequested
from domain.geo import Point
from domain.units import HOUR_MS, SECOND_MS
from runtime.bootstrap import build_control_room, new_header
from runtime.city_setup import CitySetup
from runtime.event_log.memory import MemoryLog
from sim.driver import SimpyDriver
from sim.spec import ScenarioSpec
from sim.world import opens_at_ms, simulate
from tests.sim.conftest import NOON_MS

PLACE = PlaceOrder("m-1", Point(300.0, 0.0))
START = StartShift("rider-1", Point(0.0, 0.0), NOON_MS + HOUR_MS)


def open_room(city: CitySetup) -> tuple[SimpyDriver, MemoryLog]:
    log = MemoryLog(new_header(city, scenario="test", policy="nearest"))
    room = build_control_room(city, log, policy="nearest")
    return SimpyDriver(simpy.Environment(initial_time=NOON_MS), room), log


def seen(log: MemoryLog) -> list[tuple[int, str]]:
    return [(record.at_ms - NOON_MS, type(record.message).__name__) for record in log.records]


def test_timers_of_the_control_room_win_ties(small_city: CitySetup) -> None:
    driver, log = open_room(small_city)
    epoch = 15 * SECOND_MS
    driver.submit(START)
    driver.at(NOON_MS + 1, partial(driver.submit, PLACE))
    driver.at(NOON_MS + epoch, partial(driver.submit, PLACE))
    driver.run_until(NOON_MS + epoch)
    at_epoch = [name for at, name in seen(log) if at == epoch]
    assert at_epoch[0] == DecisionRequested.__name__
    assert PlaceOrder.__name__ in at_epoch


def test_timers_fire_when_nobody_submits(small_city: CitySetup) -> None:
    driver, log = open_room(small_city)
    driver.submit(START)
    driver.at(NOON_MS + 1, partial(driver.submit, PLACE))
    driver.run_until(NOON_MS + 15 * SECOND_MS)
    assert (15 * SECOND_MS, DecisionRequested.__name__) in seen(log)
    assert driver.now_ms == NOON_MS + 15 * SECOND_MS


def test_a_timer_that_somebody_else_caused_is_not_missed(small_city: CitySetup) -> None:
    driver, log = open_room(small_city)
    driver.room.submit(START, NOON_MS)
    driver.room.submit(PLACE, NOON_MS + 1)  # as the API does in the demo
    driver.run_until(NOON_MS + 20 * SECOND_MS)
    assert (15 * SECOND_MS, DecisionRequested.__name__) in seen(log)


def test_a_canceled_appointment_passes_silently(small_city: CitySetup) -> None:
    driver, log = open_room(small_city)
    appointment = driver.at(NOON_MS + 5, partial(driver.submit, START))
    driver.cancel(appointment)
    driver.run_until(NOON_MS + 10)
    driver.cancel(appointment)
    assert log.records == []


def test_refusals_are_noted_and_change_nothing(small_city: CitySetup) -> None:
    driver, log = open_room(small_city)
    assert driver.submit(EndShift("nobody")) is None
    driver.submit(START)
    driver.submit(EndShift("rider-1"))
    assert driver.submit(EndShift("rider-1")) is None
    assert [type(refusal.error) for refusal in driver.refusals] == [UnknownIdError, ConflictError]
    assert len(log.records) == 4


def test_steps_of_any_size_give_the_same_log(small_scenario: Callable[..., ScenarioSpec]) -> None:
    spec = small_scenario()

    def stepped(step_ms: int) -> list[object]:
        log = MemoryLog(new_header(spec.setup, scenario="small", policy="hungarian"))
        driver, _ = simulate(spec, 4, build_control_room(spec.setup, log))
        at_ms = opens_at_ms(spec)
        while at_ms < spec.ends_at_ms:
            at_ms = min(at_ms + step_ms, spec.ends_at_ms)
            driver.run_until(at_ms)
        driver.run_until(spec.starts_at_ms)  # the past: nothing happens
        return list(log.records)

    at_once = stepped(2 * HOUR_MS)
    assert len(at_once) > 500
    assert stepped(777) == at_once
