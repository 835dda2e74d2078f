"""``peakline serve``: the control room of a city, live, on a durable log."""

from contextlib import ExitStack
from pathlib import Path
from typing import Annotated

import typer

from api.app import create_app
from cli.live import (
    bound_socket,
    city_scenario,
    operator_token,
    serve_until_stopped,
    tell_addresses,
    url_of,
)
from cli.options import Host, Policy, Port, Scenario, Shadow, checked_policy, checked_shadow
from cli.output import err, print_json, remark
from cli.shadow import shadow_table
from runtime import telemetry
from runtime.asyncio_driver import AsyncioDriver
from runtime.bootstrap import OpenCity, open_city, shadow_of
from runtime.city_setup import CitySetup
from runtime.process_solver import ProcessSolver
from runtime.settings import read_settings
from runtime.shadow import ShadowingSolver

NICENESS = 10
"""By how much a policy in the shadow gives way to what is real."""


def serve(
    scenario: Scenario = "lunch_peak",
    data: Annotated[Path | None, typer.Option(help="Folder of the city's log.", show_default="data")] = None,
    host: Host = "",
    port: Port = None,
    policy: Policy = "",
    shadow: Shadow = "",
    rate: Annotated[float, typer.Option(min=0.01, help="How much faster than the clock time passes.")] = 1.0,
    json_output: Annotated[
        bool, typer.Option("--json", help="Tell address and token as one JSON document on stdout.")
    ] = False,
) -> None:
    """Serve the control room of a scenario's city: its API, its live topics and its pages.

    Nobody is simulated: orders, riders and positions come in over the API. Everything acknowledged is in the
    log (DATA/SCENARIO.db) and is there again after a restart, however the process ended. A policy in the
    shadow works in a process of its own, and is compared at `GET /shadow` and at the end. Settings also come
    from the environment: PEAKLINE_DATA_DIR, PEAKLINE_HOST, PEAKLINE_PORT, PEAKLINE_POLICY,
    PEAKLINE_SHADOW, PEAKLINE_OPERATOR_TOKEN, PEAKLINE_LOG_LEVEL.
    """
    settings = read_settings()
    telemetry.configure(settings.log_level)
    chosen = checked_policy(policy or settings.policy)
    in_shadow = checked_shadow(shadow or settings.shadow)
    spec = city_scenario(scenario)
    folder = data or settings.data_dir
    port = settings.port if port is None else port
    listener = bound_socket(host or settings.host, port, search=False)
    solver = ProcessSolver(chosen, spec.setup.travel, limits=spec.setup.dispatch_params.verifier)
    ending = ExitStack()
    try:
        shadowing = _shadow_of(spec.setup, solver, chosen, in_shadow, ending) if in_shadow else None
        city = open_city(
            spec.setup,
            folder / f"{spec.name}.db",
            scenario=spec.name,
            policy=chosen,
            solver=shadowing or solver,
            snapshot_every_inputs=settings.snapshot_every_inputs,
        )
        try:
            _tell_recovery(city)
            driver = AsyncioDriver(city.room, rate=rate)
            solver.on_ready = driver.nudge
            token = operator_token(settings)
            links_path = folder / f"{spec.name}.links.db"
            app = create_app(
                driver, spec.setup, operator_token=token, links_path=links_path, shadow=shadowing
            )
            if json_output:
                print_json({"url": url_of(listener), "operator_token": token})
            else:
                tell_addresses(url_of(listener), token)
            serve_until_stopped(app, driver, listener, None)
            if shadowing is not None:
                err.print(shadow_table(shadowing.report()))
        finally:
            city.close()
    finally:
        ending.close()
        solver.close()
        listener.close()


def _shadow_of(
    setup: CitySetup, acting: ProcessSolver, acting_policy: str, policy: str, ending: ExitStack
) -> ShadowingSolver:
    """Have a policy decide beside the acting one, in a process that gives way to all others."""
    limits = setup.dispatch_params.verifier
    shadow = ProcessSolver(policy, setup.travel, limits=limits, stands_in=False, niceness=NICENESS)
    ending.callback(shadow.close)
    shadowing = shadow_of(setup, acting, acting_policy, policy, shadow)
    shadow.on_ready = shadowing.note_thought
    return shadowing


def _tell_recovery(city: OpenCity) -> None:
    if city.log.damage is not None:
        remark(f"[yellow]{city.log.damage}[/]")
    else:
        for repair in city.log.repairs:
            remark(f"{city.log.path}: {repair}")
    last = city.replayed.last
    if last is not None:
        remark(
            f"taken up at record {last.seq}: snapshot of {city.replayed.snapshot_seq}, "
            f"then {city.replayed.inputs} inputs handled again"
        )
