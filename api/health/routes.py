"""``/healthz`` and ``/readyz``: for whoever starts and watches the process."""

from typing import Literal

from pydantic import ConfigDict

from api.auth import problems, public_router
from api.context import Context
from api.errors import ProblemError
from api.wire import View

router = public_router("health")


class HealthOut(View):
    """The process answers; ``seq`` is the number of the last record that its views show."""

    model_config = ConfigDict(json_schema_extra={"examples": [{"status": "ok", "seq": 5120}]})

    status: Literal["ok"]
    seq: int


@router.get("/healthz", summary="Is the process alive?")
async def healthz(context: Context) -> HealthOut:
    """Answer as long as the process can."""
    return HealthOut(status="ok", seq=context.model.seq)


@router.get("/readyz", summary="Does it take orders?", responses=problems(503))
async def readyz(context: Context) -> HealthOut:
    """Answer 503 with the reason while it starts, recovers or stops."""
    if context.not_ready:
        raise ProblemError(503, context.not_ready, {"Retry-After": "1"})
    return HealthOut(status="ok", seq=context.model.seq)
