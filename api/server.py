"""How uvicorn serves the application: one place, so that every command and test serves it alike."""

import uvicorn
from fastapi import FastAPI

from api.live.transport import LiveProtocol

HEARTBEAT_S = 20.0


def server_config(app: FastAPI, *, host: str = "127.0.0.1", port: int = 0) -> uvicorn.Config:
    """Return the configuration under which the application keeps its promises to live clients.

    Parameters
    ----------
    app : FastAPI
        From ``create_app``.
    host, port : str, int
        Where to listen, unless sockets are given to the server.
    """
    return uvicorn.Config(
        app,
        host=host,
        port=port,
        ws=LiveProtocol,
        ws_ping_interval=HEARTBEAT_S,
        ws_ping_timeout=HEARTBEAT_S,
        ws_max_size=16 * 1024,
        ws_per_message_deflate=False,
        log_config=None,
        access_log=False,
        server_header=False,
        timeout_graceful_shutdown=3,
    )
