"""uvicorn's WebSocket protocol with the two endings that ASGI cannot express.

A client that reads nothing blocks every ASGI message, also the one that closes; and a server that goes away
closes with 1012 where clients are promised 1001. Both need the protocol object itself: only this file knows
its inside, and ``tests/api/live/test_slow_client.py`` shows it with the locked uvicorn. Under another server
the socket is closed the ordinary way.
"""

import asyncio
import socket
from typing import Any, cast

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol

from api.live.protocol import CLOSE_GOING_AWAY

EXTENSION = "peakline.abort"
"""Name of the ASGI extension: a function that ends a connection with a close code, without waiting."""

ABORT_AFTER_S = 5.0
"""How long a client that reads nothing may take to notice that the connection is closed."""

SEND_BUFFER_BYTES = 64 * 1024
"""What the operating system may hold for one client.

Left alone it grows to several megabytes, and a client that reads nothing would be noticed only when they are
full of positions that are long out of date.
"""


class LiveProtocol(WebSocketsSansIOProtocol):
    """A WebSocket that can be ended although its client reads nothing."""

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Bound what waits below us for the client, so that one who reads nothing is noticed soon."""
        below: socket.socket = transport.get_extra_info("socket")
        below.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, SEND_BUFFER_BYTES)
        super().connection_made(cast(asyncio.Transport, transport))

    async def run_asgi(self) -> None:
        """Run the application, which finds the extra ending in its scope."""
        extensions: dict[str, Any] = dict(self.scope.get("extensions") or {})
        extensions[EXTENSION] = self.abort
        self.scope["extensions"] = extensions
        await super().run_asgi()

    def abort(self, code: int) -> None:
        """Close with a code behind whatever is buffered, and cut the connection a little later."""
        self._close(code)
        self.loop.call_later(ABORT_AFTER_S, self.transport.abort)

    def shutdown(self) -> None:
        """Tell the client that the server goes away."""
        if self.handshake_complete and not self.close_sent:
            self.stop_keepalive()
            self.queue.put_nowait({"type": "websocket.disconnect", "code": CLOSE_GOING_AWAY})
            self._close(CLOSE_GOING_AWAY)
            self.transport.close()
        else:
            super().shutdown()

    def _close(self, code: int) -> None:
        if not self.close_sent and not self.transport.is_closing():
            self.conn.send_close(code)
            self.transport.write(b"".join(self.conn.data_to_send()))
            self.close_sent = True
