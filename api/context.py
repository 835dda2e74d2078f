"""What every route works with; made once by ``create_app``."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Annotated, Protocol

from fastapi import Depends
from starlette.requests import HTTPConnection

from api.links import TrackingLinks
from api.minimap import MiniMap
from api.tickets import Tickets
from domain.commands import Command
from domain.errors import UnknownIdError
from domain.events import Event
from domain.ids import OrderId, ZoneId
from domain.units import Millis
from runtime.city_setup import CitySetup
from runtime.projections import ReadModel
from runtime.projections.views import OrderView
from runtime.shadow import ShadowingSolver


class Driver(Protocol):
    """The control room with its time, as ``runtime.asyncio_driver`` gives it."""

    @property
    def rate(self) -> float:
        """How many seconds pass in the control room per second of wall clock."""
        ...

    async def submit(self, command: Command) -> Sequence[Event]:
        """Have a command handled; return its events once they are durable."""
        ...

    def now_ms(self) -> Millis:
        """Return the control room's time."""
        ...


class LiveTopics(Protocol):
    """What routes ask of the live side."""

    def fleet(self, zone: ZoneId) -> bytes:
        """Return the fleet of a zone as JSON, at one position of its topic."""
        ...

    def expel_customers(self, order_id: OrderId) -> None:
        """End the live connections of whoever follows an order by its link."""
        ...


def wall_clock_ms() -> Millis:
    """Return the time outside: tickets expire by it, however fast the control room's time goes by."""
    return time.time_ns() // 1_000_000


@dataclass(slots=True)
class ApiContext:
    """The parts behind the routes.

    Attributes
    ----------
    operator_token : str
        The bearer token of operators.
    simulated : bool
        Whether a simulated world drives the control room.
    not_ready : str
        Why the process takes no orders; empty when it does.
    wall_ms : callable
        The time outside.
    stalled_s : float
        How long a live client may take no frame before it is dropped.
    shadow : ShadowingSolver or None
        Who compares the policy in the shadow, if there is one.
    """

    driver: Driver
    setup: CitySetup
    model: ReadModel
    live: LiveTopics
    links: TrackingLinks
    mini_map: MiniMap
    operator_token: str
    public_url: str | None = None
    simulated: bool = False
    not_ready: str = "starting"
    tickets: Tickets = field(default_factory=Tickets)
    wall_ms: Callable[[], Millis] = wall_clock_ms
    stalled_s: float = 30.0
    shadow: ShadowingSolver | None = None

    def order(self, order_id: OrderId) -> OrderView:
        """Return an order.

        Raises
        ------
        UnknownIdError
            If there is none with that id.
        """
        view = self.model.orders.all.get(order_id)
        if view is None:
            raise UnknownIdError("order", order_id)
        return view


def context_of(connection: HTTPConnection) -> ApiContext:
    """Return the context of the application that a request or socket belongs to."""
    context = connection.app.state.context
    assert isinstance(context, ApiContext)  # noqa: S101  (for the type checker: set by create_app)
    return context


Context = Annotated[ApiContext, Depends(context_of)]
"""Declare a parameter with this type to get the context."""
