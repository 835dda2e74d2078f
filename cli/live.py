"""Running the API server with its driver until somebody stops it."""

import asyncio
import logging
import secrets
import signal
import socket
from collections.abc import Iterator
from contextlib import contextmanager

import uvicorn
import uvloop
from fastapi import FastAPI

from api.server import server_config
from cli.output import remark
from domain.errors import InvalidValueError
from runtime.asyncio_driver import AsyncioDriver
from runtime.settings import Settings
from scenarios import catalogue
from sim.spec import ScenarioSpec

PORTS_TRIED = 50
"""How many ports above the wished one are looked at when that one is taken."""


class _Server(uvicorn.Server):
    """A server that leaves signals to us: Ctrl-C is a clean end, not an exception."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def serve_until_stopped(
    app: FastAPI, driver: AsyncioDriver, listener: socket.socket, for_s: float | None
) -> None:
    """Serve until Ctrl-C, SIGTERM, the end of a given time or a broken log; then drain and stop.

    Parameters
    ----------
    app : FastAPI
        The API.
    driver : AsyncioDriver
        Who owns the time; started and stopped here.
    listener : socket.socket
        A bound socket.
    for_s : float or None
        Wall seconds after which to stop, None for no end.

    Raises
    ------
    LogError
        If the log could not be written any more: what was acknowledged is safe, the process has to end.
    """
    uvloop.run(_serve(app, driver, listener, for_s))


async def _serve(app: FastAPI, driver: AsyncioDriver, listener: socket.socket, for_s: float | None) -> None:
    logging.getLogger("uvicorn.error").setLevel(logging.WARNING)  # the address was told already
    server = _Server(server_config(app))
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stopped.set)
    if for_s is not None:
        loop.call_later(for_s, stopped.set)
    running = asyncio.create_task(driver.run(), name="driver")
    serving = asyncio.create_task(server.serve(sockets=[listener]), name="server")
    waiting = asyncio.create_task(stopped.wait(), name="stop")
    await asyncio.wait({running, serving, waiting}, return_when=asyncio.FIRST_COMPLETED)
    waiting.cancel()
    server.should_exit = True
    await serving
    if not running.done():
        await driver.stop()
    await running


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
    remark(f"in a terminal:   peakline watch --url {url} --token {token}")
    remark("Ctrl-C ends it; nothing acknowledged is lost.")


def city_scenario(name_or_path: str) -> ScenarioSpec:
    """Load a scenario that pages and tracking can work in.

    Raises
    ------
    InputFileError, InvalidValueError
        If there is none, or it has neither streets nor tracking (Grubhub days).
    """
    spec = catalogue.load(name_or_path)
    if spec.setup.tracking_params is None:
        allowed = "one with tracking and streets, for example lunch_peak"
        raise InvalidValueError("scenario", name_or_path, allowed)
    return spec


def bound_socket(host: str, port: int, *, search: bool) -> socket.socket:
    """Return a socket bound to an address.

    Parameters
    ----------
    host : str
        Name or address to listen on.
    port : int
        The wished port, 0 for any.
    search : bool
        Whether to take one of the next ports when it is taken.

    Raises
    ------
    InvalidValueError
        If the port, or with ``search`` the ones after it, cannot be had.
    """
    reason = ""
    for candidate in range(port, min(port + PORTS_TRIED, 65_536)) if search and port else (port,):
        listener = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET, socket.SOCK_STREAM)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((host, candidate))
        except socket.gaierror as error:
            listener.close()
            raise InvalidValueError("host", host, "a name or address of this machine") from error
        except OSError as error:
            listener.close()
            reason = error.strerror or str(error)
        else:
            if candidate != port and port:
                remark(f"[yellow]port {port} is taken; using {candidate}[/]")
            return listener
    raise InvalidValueError("port", port, f"a free port on {host} ({reason}); choose another with --port")


def url_of(listener: socket.socket) -> str:
    """Return the address that a browser on this machine reaches a socket by."""
    host, port = listener.getsockname()[:2]
    shown = {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(host, f"[{host}]" if ":" in host else host)  # noqa: S104
    return f"http://{shown}:{port}"
