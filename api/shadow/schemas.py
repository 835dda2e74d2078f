"""What travels about a policy in the shadow."""

from pydantic import Field

from api.wire import View


class ShadowDecisionsOut(View):
    """Decisions since the start of the process."""

    asked: int
    compared: int = Field(description="Both policies answered, and neither broke a rule.")
    dropped: int = Field(description="The shadow was still at work on an earlier one, and not asked.")
    failed: int = Field(description="The shadow ended in an error, or without an answer.")
    unanswered: int = Field(description="The acting policy gave no plan, or one that was refused.")
    infeasible: int = Field(description="The plan of the shadow breaks a rule.")


class ShadowOrdersOut(View):
    """Orders of the decisions compared."""

    started: int = Field(description="The acting policy gave them to a rider.")
    same_rider: int = Field(description="Of these, the shadow had the same rider in mind, now or for later.")
    other_rider: int
    no_rider: int = Field(description="The shadow had no rider in mind for them.")
    sent_earlier: int = Field(description="The shadow would have given them to a rider decisions before.")
    same_rider_pct: float | None


class DeltasOut(View):
    """How much later the shadow expected something, over the orders for which both say when."""

    orders: int
    sooner: int
    later: int
    mean_min: float | None = Field(description="Minutes; negative when the shadow is sooner.")


class LatencyOut(View):
    """Seconds that the latest decisions took."""

    p50: float | None
    p99: float | None


class ShadowLatencyOut(View):
    """Seconds by policy."""

    acting: LatencyOut
    shadow: LatencyOut


class ShadowOut(View):
    """How the policy in the shadow compares with the one that acts."""

    policy: str = Field(description="The policy in the shadow.")
    acting: str = Field(description="The policy that acts.")
    stopped: str = Field(description="Why the shadow is asked nothing more; empty while it is.")
    decisions: ShadowDecisionsOut
    broken_rules: dict[str, int] = Field(description="Plans of the shadow by the rule that they break.")
    orders: ShadowOrdersOut
    pickup: DeltasOut
    dropoff: DeltasOut
    decision_s: ShadowLatencyOut
