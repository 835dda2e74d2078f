"""``peakline demo``: a lunch peak, dispatched and tracked live on a map."""

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated

import typer

from api.app import create_app
from cli.durations import parse_duration_s
from cli.live import (
    bound_socket,
    city_scenario,
    operator_token,
    serve_until_stopped,
    tell_addresses,
    url_of,
)
from cli.options import Host, Json, Policy, Port, Scenario, Seed, checked_policy
from cli.output import figures_table, out, print_json, progress, remark, shown
from domain.units import MINUTE_MS, Millis
from runtime import telemetry
from runtime.asyncio_driver import AsyncioDriver
from runtime.bootstrap import open_city
from runtime.event_log.port import LogRecord
from runtime.projections import ReadModel
from runtime.projections.views import Summary
from runtime.settings import read_settings
from sim.spec import ScenarioSpec
from sim.world import simulate

FIGURES: tuple[tuple[str, str, str], ...] = (
    ("placed", "orders placed", ""),
    ("assigned", "orders assigned", ""),
    ("delivered", "orders delivered", ""),
    ("on_time_pct", "on time", "%"),
    ("fixes_received", "fixes received", ""),
    ("incidents", "incidents", ""),
    ("open_incidents", "incidents open now", ""),
    ("median_click_to_door_min", "median click-to-door", "min"),
    ("median_eta_error_min", "median ETA error", "min"),
)
"""Field of the summary, what people call it, and its unit."""


class _Audience:
    """Keeps the read model up to date until the API takes over."""

    def __init__(self, model: ReadModel) -> None:
        self.model = model
        self.listens = True

    def __call__(self, records: Sequence[LogRecord]) -> None:
        if self.listens:
            for record in records:
                self.model.apply(record)


def demo(
    scenario: Scenario = "lunch_peak",
    seed: Seed = 1,
    policy: Policy = "",
    rate: Annotated[float, typer.Option(min=0.01, help="How much faster than the clock time passes.")] = 10.0,
    warm_up: Annotated[str, typer.Option(help="Simulated time to run at full speed first.")] = "60m",
    for_: Annotated[str, typer.Option("--for", help="End after this wall time.", show_default="Ctrl-C")] = "",
    host: Host = "",
    port: Port = None,
    json_output: Json = False,
) -> None:
    """Watch a lunch peak being dispatched and tracked live on a map.

    Simulates the first hour at full speed, then serves map and API at ten times the clock until Ctrl-C, and
    ends with a table over the whole run. Meanwhile you can place orders of your own over the API.
    """
    settings = read_settings()
    telemetry.configure("warning" if settings.log_level == "info" else settings.log_level)
    chosen = checked_policy(policy)
    for_s = parse_duration_s(for_) if for_ else None
    warm_up_ms = int(parse_duration_s(warm_up) * 1_000)
    spec = city_scenario(scenario)
    port = settings.port if port is None else port
    listener = bound_socket(host or settings.host, port, search=True)
    # Named after the port, which only one process can have: two demos do not take each other's log.
    path = _fresh_log(settings.data_dir / f"demo-{listener.getsockname()[1]}.db")
    city = open_city(spec.setup, path, scenario=spec.name, policy=chosen)
    try:
        simulation, _ = simulate(spec, seed, city.room)
        driver = AsyncioDriver(city.room, rate=rate, starts_at_ms=simulation.now_ms, world=simulation)
        audience = _Audience(ReadModel(spec.setup.city, spec.setup.paths))
        driver.subscribe(audience)
        _catch_up(spec, driver, warm_up_ms)
        audience.listens = False
        token = operator_token(settings)
        app = create_app(driver, spec.setup, operator_token=token, model=audience.model)
        tell_addresses(url_of(listener), token)
        serve_until_stopped(app, driver, listener, for_s)
        summary = audience.model.summary(driver.now_ms())
    finally:
        city.close()
        listener.close()
    if json_output:
        print_json({name: getattr(summary, name) for name, _, _ in FIGURES})
    else:
        remark(f"event log: {path}")
        out.print(figures_table(f"{spec.title}: the whole run", _rows(summary)))


def _catch_up(spec: ScenarioSpec, driver: AsyncioDriver, span_ms: Millis) -> None:
    """Simulate the beginning at full speed, minute by minute for the progress bar."""
    end_ms = spec.starts_at_ms + span_ms
    minutes = span_ms / MINUTE_MS
    with progress(f"simulating the first {minutes:g} minutes of {spec.name} at full speed", minutes) as done:
        for at_ms in range(driver.now_ms(), end_ms, MINUTE_MS):
            driver.catch_up(at_ms)
            done(max(0.0, (at_ms - spec.starts_at_ms) / MINUTE_MS))
        driver.catch_up(end_ms)


def _fresh_log(path: Path) -> Path:
    """Make way for the log of this demo; the one of the last demo ends here."""
    for old in (path, path.with_name(path.name + "-wal"), path.with_name(path.name + "-shm")):
        old.unlink(missing_ok=True)
    return path


def _rows(summary: Summary) -> list[tuple[str, str]]:
    return [(label, shown(getattr(summary, name), 1, unit)) for name, label, unit in FIGURES]
