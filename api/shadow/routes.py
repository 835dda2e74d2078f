"""``/shadow``: how the policy that runs in the shadow compares with the one that acts."""

from api.auth import operator_router, problems
from api.context import Context
from api.errors import ProblemError
from api.shadow.schemas import ShadowOut

router = operator_router("shadow")


@router.get("/shadow", summary="Compare the policy in the shadow", responses=problems(404))
async def show_shadow(context: Context) -> ShadowOut:
    """Return what comparing it with the acting policy came to since the start of this process.

    The policy in the shadow decides about every snapshot that the acting one gets, and acts on nothing.
    """
    if context.shadow is None:
        raise ProblemError(404, "no policy runs in the shadow; start the server with --shadow POLICY")
    return ShadowOut.model_validate(context.shadow.report().figures())
