"""The page on the quality of dispatch: tables and charts from the record, the words around them by hand."""

import fnmatch
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from benchmarks.chart import Axis, line_chart
from benchmarks.quality.case import Result
from benchmarks.quality.tables import (
    VARIANTS,
    Group,
    bound_row,
    by_policy,
    mean,
    overload_curves,
    overload_table,
    quality_table,
)
from dispatch.matching import DEFAULT_POLICY

PAGE = Path("docs/reference/dispatch-quality.md")
ASSETS = Path("docs/assets")

TRAINING_SEEDS = "01234"
"""Seeds on which the parameters of the default policy were chosen; the others confirm them."""

OVERLOAD_INSTANCES = tuple(f"{seed}o100t100s1p100" for seed in (0, 1, 3, 4, 5, 8, 9))
OVERLOAD_SHARES = (1.0, 0.9, 0.8, 0.7, 0.6, 0.5)
OVERLOAD_FIGURES = (("on_time_pct", "on time"), ("served_pct", "served"))

CLAIRVOYANT = ("0o50*", "0r50*")
"""The days whose optimum in hindsight is published."""

CLAIRVOYANT_OPTIMUM_MIN = 30.674
"""Mean click-to-door of that optimum (Yildiz and Savelsbergh 2019)."""


def sections(results: Sequence[Result], policy: str = DEFAULT_POLICY) -> dict[str, str]:
    """Return what goes between each pair of markers of the page, from all results of a record."""
    full = [result for result in results if result.riders_share == 1]
    policies = by_policy(full)
    ours = policies.get(policy, [])
    overload = _overload(results)
    groups: dict[str, tuple[str, Iterable[Group]]] = {
        "policies": ("policy", policies.items()),
        "groups": ("seeds", training_groups(ours)),
        "seeds": ("seed", [(seed, _of_seed(ours, seed)) for seed in "0123456789"]),
        "variants": (
            "variant",
            [(name, [result for result in ours if belongs(result.instance)]) for name, belongs in VARIANTS],
        ),
    }
    found = {name: quality_table(head, rows) for name, (head, rows) in groups.items() if ours}
    if ours:
        found["policies"] += f"\n| physical bound | {len(ours)} | {' | '.join(bound_row(ours))} | 0.00 |"
        found["clairvoyant"] = clairvoyant_table(policies)
    for name, title in OVERLOAD_FIGURES:
        found[f"overload-{title.replace(' ', '-')}"] = overload_table(overload, name)
    return found


def training_groups(results: Sequence[Result]) -> list[Group]:
    """Return the days on which parameters were chosen, those that confirm them, and all."""
    chosen = [result for result in results if result.instance[0] in TRAINING_SEEDS]
    confirming = [result for result in results if result.instance[0] not in TRAINING_SEEDS]
    return [
        (f"{_seeds(chosen)}: parameters chosen here", chosen),
        (f"{_seeds(confirming)}: confirmation", confirming),
        ("all", results),
    ]


def clairvoyant(results: Sequence[Result]) -> list[Result]:
    """Return the results of the days whose optimum in hindsight is known."""
    return [
        result
        for result in results
        if any(fnmatch.fnmatch(result.instance, pattern) for pattern in CLAIRVOYANT)
    ]


def clairvoyant_table(policies: Mapping[str, Sequence[Result]]) -> str:
    """Return the click-to-door of each policy beside the optimum in hindsight."""
    rows = ["| policy | days | click-to-door min | above the optimum min |", "|---|--:|--:|--:|"]
    for policy, results in policies.items():
        days = clairvoyant(results)
        if days:
            value = mean(days, "click_to_door_min")
            above = value - CLAIRVOYANT_OPTIMUM_MIN
            rows.append(f"| {policy} | {len(days)} | {value:.2f} | {above:.2f} |")
    return "\n".join([*rows, f"| optimum in hindsight | 16 | {CLAIRVOYANT_OPTIMUM_MIN:.2f} | 0.00 |"])


def charts(results: Sequence[Result]) -> dict[str, str]:
    """Return the overload curves as pictures, by the name of the file."""
    overload = _overload(results)
    riders = Axis("riders at work, %", tuple(100 * share for share in OVERLOAD_SHARES))
    pictures = {}
    for name, title in OVERLOAD_FIGURES:
        curves = {
            policy: [(100 * share, curve[share]) for share in OVERLOAD_SHARES if share in curve]
            for policy, curve in overload_curves(overload, name).items()
        }
        lowest = min((value for points in curves.values() for _, value in points), default=0.0)
        first = int(lowest // 10) * 10
        percent = Axis(f"orders {title}, %", tuple(float(tick) for tick in range(first, 101, 10)))
        picture = line_chart(f"Orders {title} with fewer riders", riders, percent, curves)
        pictures[f"overload-{title.replace(' ', '-')}.svg"] = picture
    return pictures


def filled(text: str, found: Mapping[str, str]) -> str:
    """Return a page with each section between its markers; one without a table keeps what it has.

    Raises
    ------
    ValueError
        If a section has no markers on the page.
    """
    for name, table in found.items():
        begin, end = f"<!-- {name}:begin -->", f"<!-- {name}:end -->"
        if begin not in text or end not in text:
            raise ValueError(f"{PAGE} has no place for {name!r}: a line {begin} and, after it, a line {end}")
        before, _, rest = text.partition(begin)
        text = f"{before}{begin}\n{table}\n{end}{rest.partition(end)[2]}"
    return text


def write(root: Path, results: Sequence[Result]) -> None:
    """Write tables and charts of a record into the documentation."""
    page = root / PAGE
    page.write_text(filled(page.read_text(encoding="utf-8"), sections(results)), encoding="utf-8")
    for name, picture in charts(results).items():
        (root / ASSETS / name).write_text(picture, encoding="utf-8")


def _overload(results: Iterable[Result]) -> list[Result]:
    """Return the results of the overload days, where all of them are known: other means do not compare."""
    found = [result for result in results if result.instance in OVERLOAD_INSTANCES]
    days = Counter((result.policy, result.riders_share) for result in found)
    return [result for result in found if days[result.policy, result.riders_share] == len(OVERLOAD_INSTANCES)]


def _seeds(results: Iterable[Result]) -> str:
    return ", ".join(sorted({result.instance[0] for result in results}))


def _of_seed(results: Sequence[Result], seed: str) -> list[Result]:
    return [result for result in results if result.instance.startswith(seed)]
