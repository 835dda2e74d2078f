"""``peakline serve``: the control room of a city, live, on a durable log."""

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
from cli.options import Host, Policy, Port, Scenario, checked_policy
from cli.output import print_json, remark
from runtime import telemetry
from runtime.asyncio_driver import AsyncioDriver
from runtime.bootstrap import OpenCity, open_city
from runtime.process_solver import ProcessSolver
from runtime.settings import read_settings


def serve(
    scenario: Scenario = "lunch_peak",
    data: Annotated[Path | None, typer.Option(help="Folder of the city's log.", show_default="data")] = None,
    host: Host = "",
    port: Port = None,
    policy: Policy = "",
    rate: Annotated[float, typer.Option(min=0.01, help="How much faster than the clock time passes.")] = 1.0,
    json_output: Annotated[
        bool, typer.Option("--json", help="Tell address and token as one JSON document on stdout.")
    ] = False,
) -> None:
    """Serve the control room of a scenario's city: its API, its live topics and its pages.

    Nobody is simulated: orders, riders and positions come in over the API. Everything acknowledged is in the
    log (DATA/SCENARIO.db) and is there again after a restart, however the process ended. Settings also come
    from the environment: PEAKLINE_DATA_DIR, PEAKLINE_HOST, PEAKLINE_PORT, PEAKLINE_POLICY,
    PEAKLINE_OPERATOR_TOKEN, PEAKLINE_LOG_LEVEL.
    """
    settings = read_settings()
    telemetry.configure(settings.log_level)
    chosen = checked_policy(policy or settings.policy)
    spec = city_scenario(scenario)
    folder = data or settings.data_dir
    port = settings.port if port is None else port
    listener = bound_socket(host or settings.host, port, search=False)
    solver = ProcessSolver(chosen, spec.setup.travel, limits=spec.setup.dispatch_params.verifier)
    try:
        city = open_city(
            spec.setup,
            folder / f"{spec.name}.db",
            scenario=spec.name,
            policy=chosen,
            solver=solver,
            snapshot_every_inputs=settings.snapshot_every_inputs,
        )
        try:
            _tell_recovery(city)
            driver = AsyncioDriver(city.room, rate=rate)
            solver.on_ready = driver.nudge
            token = operator_token(settings)
            app = create_app(
                driver, spec.setup, operator_token=token, links_path=folder / f"{spec.name}.links.db"
            )
            if json_output:
                print_json({"url": url_of(listener), "operator_token": token})
            else:
                tell_addresses(url_of(listener), token)
            serve_until_stopped(app, driver, listener, None)
        finally:
            city.close()
    finally:
        solver.close()
        listener.close()


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
