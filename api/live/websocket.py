"""``WS /live``: one reading and one writing task per client around the pure hub."""

import asyncio
from collections.abc import Callable
from urllib.parse import urlsplit

from fastapi import APIRouter, WebSocket, WebSocketDisconnect

from api.context import ApiContext, Context
from api.live import protocol
from api.live.hub import Connection, Hub, TopicKey, order_topic
from api.live.transport import EXTENSION
from api.tickets import Audience
from domain.places import ALL_ZONES

router = APIRouter()

FLUSH_S = 0.2
"""How often changed positions are offered, in seconds."""

MAX_TOPICS = 16
MAX_ANSWERS = 32
"""Most topics that a connection follows, and most answers that wait for it."""


async def flush_forever(hub: Hub) -> None:
    """Offer changed positions five times a second; the late are not called for twice."""
    while True:
        hub.flush_positions()
        await asyncio.sleep(FLUSH_S)


@router.websocket("/live")
async def live(websocket: WebSocket, context: Context, ticket: str = "") -> None:
    """Follow topics: the frames are described in ``api/live/protocol.py``."""
    await websocket.accept()
    if not _origin_allowed(websocket, context):
        await websocket.close(protocol.CLOSE_NOT_ALLOWED, "this page may not connect")
        return
    audience = context.tickets.redeem(ticket, context.wall_ms())
    if audience is None:
        await websocket.close(protocol.CLOSE_BAD_TICKET, "bad or used ticket; get a new one")
        return
    await LiveClient(websocket, context, audience).serve()


def _origin_allowed(websocket: WebSocket, context: ApiContext) -> bool:
    """Tell whether the page that connects is one of ours; programs send no origin."""
    origin = websocket.headers.get("origin")
    if origin is None:
        return True
    own = {websocket.headers.get("host", "")}
    if context.public_url:
        own.add(urlsplit(context.public_url).netloc)
    return urlsplit(origin).netloc in own


class LiveClient:
    """One connected client.

    Parameters
    ----------
    websocket : WebSocket
        The accepted socket.
    context : ApiContext
        What the routes work with.
    audience : Audience
        Whom the ticket serves.
    """

    def __init__(self, websocket: WebSocket, context: ApiContext, audience: Audience) -> None:
        self._websocket = websocket
        self._context = context
        self._audience = audience
        self._hub: Hub = websocket.app.state.hub
        self._awake = asyncio.Event()
        self._connection = Connection(self._awake.set)

    async def serve(self) -> None:
        """Serve the client until either side ends the connection."""
        driver = self._context.driver
        self._connection.answer(protocol.hello(driver.now_ms(), driver.rate))
        reading = asyncio.create_task(self._read())
        writing = asyncio.create_task(self._write())
        try:
            await asyncio.wait({reading, writing}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._hub.leave(self._connection)
            reading.cancel()
            writing.cancel()
            await asyncio.gather(reading, writing, return_exceptions=True)

    async def _read(self) -> None:
        while True:
            message = await self._websocket.receive()
            if message["type"] == "websocket.disconnect":
                return
            if len(self._connection.answers) >= MAX_ANSWERS:
                self._abort(protocol.CLOSE_TOO_SLOW)
                return
            self._hear(message.get("text") or message.get("bytes") or "")

    async def _write(self) -> None:
        while self._connection.ends_with is None:
            frame = self._hub.next_frame(self._connection)
            if frame is None:
                self._awake.clear()
                await self._awake.wait()
                continue
            try:
                async with asyncio.timeout(self._context.stalled_s):
                    await self._websocket.send_text(frame)
            except TimeoutError:
                self._abort(protocol.CLOSE_TOO_SLOW)
                return
            except WebSocketDisconnect:
                return
        await self._websocket.close(self._connection.ends_with)

    def _abort(self, code: int) -> None:
        abort: Callable[[int], None] | None = self._websocket.scope.get("extensions", {}).get(EXTENSION)
        if abort is not None:
            abort(code)

    def _hear(self, text: str | bytes) -> None:
        try:
            frame = protocol.parse_client_frame(text)
        except protocol.FrameError as error:
            self._connection.answer(protocol.error(422, "Not a frame", str(error)))
            return
        match frame:
            case protocol.Ping(n):
                self._connection.answer(protocol.pong(n))
            case protocol.Unsubscribe(topic):
                self._hub.unfollow(self._connection, self._key(topic))
            case protocol.Subscribe(topic, epoch, since):
                self._subscribe(topic, epoch, since)

    def _subscribe(self, topic: str, epoch: str | None, since: int | None) -> None:
        key = self._key(topic)
        refusal = self._refusal(key)
        if refusal is not None:
            self._connection.answer(protocol.error(*refusal, topic=topic[:200]))
            return
        self._hub.unfollow(self._connection, key)
        self._hub.follow(self._connection, key, epoch, since)

    def _key(self, topic: str) -> TopicKey:
        return TopicKey(topic, for_customer=self._audience.order_id is not None)

    def _refusal(self, key: TopicKey) -> tuple[int, str, str] | None:
        """Return status, title and detail when the client may not follow a topic, or nobody can."""
        own = self._audience.order_id
        if own is not None and key != order_topic(own, for_customer=True):
            return 403, "Not allowed", "this ticket is for the topic of one order"
        followed = self._connection.subscriptions
        if key not in followed and len(followed) >= MAX_TOPICS:
            return 409, "Too many topics", f"a connection follows at most {MAX_TOPICS}"
        detail = self._unknown(key)
        return None if detail is None else (404, "There is no such topic", detail)

    def _unknown(self, key: TopicKey) -> str | None:
        """Return why there is no such topic, None when there is."""
        zones = [ALL_ZONES, *(zone.zone_id for zone in self._context.setup.city.zones)]
        match key.kind:
            case "fleet":
                known = key.subject in zones
                return None if known else f"there is no zone {key.subject[:200]!r}; zones: {', '.join(zones)}"
            case "order":
                known = key.subject in self._context.model.orders.all
                return None if known else f"there is no order {key.subject[:200]!r}"
            case _:
                return "topics are fleet:all, fleet:<zone> and order:<id>"
