"""The policies, one file each. To add one: write ``<name>.py`` and name it in ``POLICIES``."""

from dispatch.matching.base import Budget, Matcher
from dispatch.matching.foodmatch import FoodMatchMatcher
from dispatch.matching.hungarian import HungarianMatcher
from dispatch.matching.nearest import NearestMatcher
from dispatch.matching.rolling import RollingMatcher
from dispatch.matching.rolling_params import RollingParams
from dispatch.matching.within_capacity import WithinCapacity

POLICIES: dict[str, Matcher] = {
    "nearest": NearestMatcher(),
    "hungarian": HungarianMatcher(),
    "foodmatch": FoodMatchMatcher(),
    "rolling": RollingMatcher(),
    "improve": RollingMatcher("improve", RollingParams(iterations=400, search_cells=1_200_000)),
}
"""Every policy by its name, as it decides where anybody can carry anything."""

MATCHERS: dict[str, Matcher] = {name: WithinCapacity(policy) for name, policy in POLICIES.items()}
"""Every policy by its name; each joins the contract tests and the quality benchmark by itself."""

DEFAULT_POLICY = "rolling"
"""The policy that is used when none is named."""

__all__ = ["DEFAULT_POLICY", "MATCHERS", "POLICIES", "Budget", "Matcher"]
