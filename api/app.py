"""The application: routes, the live hub, pages, and what they work with."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from importlib.metadata import version
from pathlib import Path

from fastapi import FastAPI, Request, Response
from fastapi.responses import JSONResponse

from api import errors
from api.city import routes as city
from api.city.streets import StreetMap
from api.context import ApiContext, wall_clock_ms
from api.fixes import routes as fixes
from api.fleet import routes as fleet
from api.health import routes as health
from api.incidents import routes as incidents
from api.limits import EdgeMiddleware
from api.links import TrackingLinks
from api.live import websocket
from api.live.feed import LiveFeed, LiveViews
from api.live.hub import Hub, TopicKey, order_topic
from api.live.protocol import CLOSE_NOT_ALLOWED
from api.minimap import MiniMap
from api.orders import routes as orders
from api.pages.routes import WEB_ROOT, page_routes
from api.riders import routes as riders
from api.shadow import routes as shadow_mode
from api.track import routes as track
from domain.errors import InvalidValueError
from domain.geo import Frame
from domain.ids import OrderId, ZoneId
from domain.units import Millis
from runtime.asyncio_driver import AsyncioDriver
from runtime.city_setup import CitySetup
from runtime.projections import ReadModel
from runtime.shadow import ShadowingSolver

DESCRIPTION = """\
The control room for food delivery. Bodies are JSON, instants are RFC 3339 in UTC, positions are WGS-84.
Every refusal is a problem document (RFC 9457). Operators send the token that is printed at the start;
customers follow their order by a tracking link. `/live?ticket=...` is a WebSocket.
"""


ROUTERS = tuple(
    resource.router
    for resource in (orders, riders, fixes, incidents, fleet, shadow_mode, city, track, health, websocket)
)
"""Everything that is served, besides the pages."""


class LiveSide:
    """What routes ask of the live side."""

    def __init__(self, views: LiveViews, hub: Hub) -> None:
        self._views = views
        self._hub = hub

    def fleet(self, zone: ZoneId) -> bytes:
        """Return the fleet of a zone as JSON; whoever subscribes with its position misses nothing."""
        epoch, seq = self._hub.position_of(TopicKey(f"fleet:{zone}"))
        return self._views.fleet(zone, epoch, seq)

    def expel_customers(self, order_id: OrderId) -> None:
        """End the live connections of whoever follows an order by its link."""
        self._hub.expel(order_topic(order_id, for_customer=True), CLOSE_NOT_ALLOWED)


def create_app(
    driver: AsyncioDriver,
    setup: CitySetup,
    *,
    operator_token: str,
    public_url: str | None = None,
    links_path: Path | None = None,
    model: ReadModel | None = None,
    shadow: ShadowingSolver | None = None,
    web_root: Path = WEB_ROOT,
    wall_ms: Callable[[], Millis] = wall_clock_ms,
    stalled_s: float = 30.0,
) -> FastAPI:
    """Make the application for one control room; the caller runs the driver.

    Parameters
    ----------
    driver : AsyncioDriver
        The control room with its time; what its log already holds is read here.
    setup : CitySetup
        The city.
    operator_token : str
        The bearer token of operators, at least 16 characters.
    public_url : str or None
        Where customers reach the pages; None: tracking links are paths.
    links_path : Path or None
        The file of tracking links beside the log; None: they end with the process.
    model : ReadModel or None
        A model that already shows what the log holds (it is kept up to date from here); None: read the log.
    shadow : ShadowingSolver or None
        The driver's solver, when a policy runs in the shadow.
    web_root : Path
        Folder of the built pages.
    wall_ms : callable
        The time outside, by which tickets expire.
    stalled_s : float
        How long a live client may take no frame before it is dropped.

    Raises
    ------
    InvalidValueError
        If the token is too short, or the city cannot be shown on a map.
    """
    _check(setup, operator_token)
    streets = StreetMap(setup.streets_geojson() if setup.streets_geojson else {"features": []})
    mini_map = MiniMap(streets.features)
    views = LiveViews(model or read_log(driver, setup), driver.now_ms, driver.rate, mini_map)
    hub = Hub(views, secrets.token_hex(4))
    driver.subscribe(LiveFeed(views, hub).take_in)
    app = _application(hub, streets, web_root)
    app.state.context = ApiContext(
        driver=driver,
        setup=setup,
        model=views.model,
        live=LiveSide(views, hub),
        links=TrackingLinks(links_path),
        mini_map=mini_map,
        operator_token=operator_token,
        public_url=public_url,
        simulated=driver.is_simulated,
        wall_ms=wall_ms,
        stalled_s=stalled_s,
        shadow=shadow,
    )
    return app


def read_log(driver: AsyncioDriver, setup: CitySetup) -> ReadModel:
    """Return a read model of everything that the driver's log holds."""
    model = ReadModel(setup.city, setup.paths)
    for record in driver.room.log.read():
        model.apply(record)
    return model


def _check(setup: CitySetup, operator_token: str) -> None:
    """Refuse what cannot be served."""
    if len(operator_token) < 16:
        raise InvalidValueError("operator_token", "...", "at least 16 characters")
    if setup.city.frame is not Frame.WGS84 or setup.tracking_params is None:
        raise InvalidValueError("city", setup.city.name, "a city in WGS-84 with tracking")


def _application(hub: Hub, streets: StreetMap, web_root: Path) -> FastAPI:
    """Make the application with all that it serves."""
    app = FastAPI(
        title="Peakline",
        version=version("peakline"),
        description=DESCRIPTION,
        openapi_url=None,  # served below, made on a thread: it takes a second
        docs_url=None,  # they come from elsewhere, which the content security policy forbids
        redoc_url=None,
        lifespan=_lifespan,
    )
    app.add_middleware(EdgeMiddleware)
    errors.install(app)
    for router in ROUTERS:
        app.include_router(router)
    app.add_route("/openapi.json", _openapi, include_in_schema=False)
    app.router.routes.extend(page_routes(web_root))
    app.state.hub = hub
    app.state.streets = streets
    return app


async def _openapi(request: Request) -> Response:
    return JSONResponse(await asyncio.to_thread(request.app.openapi))


@asynccontextmanager
async def _lifespan(app: FastAPI) -> AsyncIterator[None]:
    context: ApiContext = app.state.context
    flushing = asyncio.create_task(websocket.flush_forever(app.state.hub))
    context.not_ready = ""
    yield
    context.not_ready = "stopping"
    flushing.cancel()
    with suppress(asyncio.CancelledError):
        await flushing
    context.links.close()
