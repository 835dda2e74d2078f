"""``peakline serve``: the control room of a city, live, on a durable log."""

import secrets
from pathlib import Path
from typing import Annotated

import typer

from api.app import create_app
from cli.live import bound_socket, serve_until_stopped, url_of
from cli.options import Policy, Scenario, checked_policy
from cli.output import print_json, remark
from domain.errors import InvalidValueError
from runtime import telemetry
from runtime.asyncio_driver import AsyncioDriver
from runtime.bootstrap import OpenCity, open_city
from runtime.process_solver import ProcessSolver
from runtime.settings import Settings, read_settings
from scenarios import catalogue


def serve(
    scenario: Scenario = "lunch_peak",
    data: Annotated[Path | None, typer.Option(help="Folder of the city's log.", show_default="data")] = None,
    host: Annotated[str, typer.Option(help="Address to listen on.", show_default="127.0.0.1")] = "",
    port: Annotated[int | None, typer.Option(help="Port, 0 for any.", show_default="8000")] = None,
    policy: Policy = "",
    rate: Annotated[float, typer.Option(min=0.01, help="How much faster than the clock time passes.")] = 1.0,
    json_output: Annotated[
        bool, typer.Option("--json", help="Tell address and token as one JSON document on stdout.")
    ] = False,
) -> None:
    """Serve the control room of a scenario's city: its API, its live topics and its pages.

    Nobody is simulated: orders, riders and positions come in over the API. Everything acknowledged is in the
    log (DATA/SCENARIO.db) and is there again after a restart, however the process ended. Settings also come
    from the environment: PEAKLINE_DATA_DIR, PEAKLINE_HOST, PEAKLINE_PORT, PEAKLINE_OPERATOR_TOKEN,
    PEAKLINE_LOG_LEVEL.
    """
    settings = read_settings()
    telemetry.configure(settings.log_level)
    chosen = checked_policy(policy or settings.policy)
    spec = catalogue.load(scenario)
    if spec.setup.tracking_params is None:
        raise InvalidValueError("scenario", scenario, "one with tracking and streets, for example lunch_peak")
    folder = data or settings.data_dir
    port = settings.port if port is None else port
    listener = bound_socket(host or settings.host, port, search=False)
    solver = ProcessSolver(chosen, spec.setup.travel)
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


def operator_token(settings: Settings) -> str:
    """Return the operator's token: the one that was set, or a new one for this start."""
    if settings.operator_token is not None:
        return settings.operator_token.get_secret_value()
    return secrets.token_urlsafe(24)


def tell_addresses(url: str, token: str) -> None:
    """Tell a person where to look and what to authorize with."""
    remark(f"control room:    [bold]{url}/#token={token}[/]")
    remark(f"API:             {url}/openapi.json")
    remark(f"operator token:  {token}")
    remark("Ctrl-C ends it; nothing acknowledged is lost.")


def _tell_recovery(city: OpenCity) -> None:
    if city.log.damage is not None:
        remark(f"[yellow]{city.log.damage}[/]")
    last = city.replayed.last
    if last is not None:
        remark(
            f"taken up at record {last.seq}: snapshot of {city.replayed.snapshot_seq}, "
            f"then {city.replayed.inputs} inputs handled again"
        )
