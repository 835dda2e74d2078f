"""``peakline bench dispatch``: how long one decision takes in a city of a given size."""

import time
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from typing import Annotated

import numpy as np
import typer
from rich.table import Table

from cli.bench.city_moments import RIDERS_MAX, CityMoments, Size
from cli.options import Json, Policy, Seed, checked_policy
from cli.output import out, print_json, progress, shown
from dispatch.matching import MATCHERS, Budget
from domain.plans import DispatchPlan


@dataclass(frozen=True, slots=True)
class Latency:
    """CPU seconds of decisions.

    Attributes
    ----------
    first_s : float
        The first decision of the process, with loading and compiling; counted nowhere else.
    cold_s : float
        The same decision again: no decision before it to start from.
    p50_s, p99_s, max_s : float
        Of all decisions, the cold one among them.
    orders_assigned : int
        Orders that have a rider after a decision, now or foreseen; mean over the decisions.
    orders_started : int
        Orders whose trip was started, over all decisions.
    """

    policy: str
    riders: int
    orders: int
    decisions: int
    first_s: float
    cold_s: float
    p50_s: float
    p99_s: float
    max_s: float
    orders_assigned: int
    orders_started: int


def dispatch(
    riders: Annotated[int, typer.Option(min=1, max=RIDERS_MAX, help="Riders on duty.")] = 500,
    orders: Annotated[int, typer.Option(min=1, max=RIDERS_MAX, help="Orders without a rider.")] = 1_000,
    decisions: Annotated[int, typer.Option(min=1, max=10_000, help="Decisions, 30 s apart.")] = 30,
    policy: Policy = "",
    seed: Seed = 1,
    json_output: Json = False,
) -> None:
    """Time decisions in a city laid out by a seed, each from the plan before it.

    CPU seconds of the whole decision, from the frozen snapshot to the finished plan. Half of the riders are
    on a trip; drives are straight lines; for each order that leaves with a rider a new one is placed. The
    first decision of the process, which compiles, is told apart.
    """
    chosen = checked_policy(policy)
    size = Size(riders, orders)
    with progress(f"{decisions} decisions, {riders} riders x {orders} orders, {chosen}", decisions) as done:
        latency = measure(chosen, size, decisions, seed, done)
    if json_output:
        print_json(asdict(latency))
    else:
        out.print(_table(latency))


def measure(
    policy: str, size: Size, decisions: int, seed: int, done: Callable[[float], None] | None = None
) -> Latency:
    """Time decisions of a policy."""
    first_s, _ = next(_decisions(policy, size, seed))
    spans_s, plans = [], []
    for span_s, plan in _decisions(policy, size, seed):
        spans_s.append(span_s)
        plans.append(plan)
        if done is not None:
            done(len(plans))
        if len(plans) == decisions:
            break
    return Latency(
        policy=policy,
        riders=size.riders,
        orders=size.orders,
        decisions=decisions,
        first_s=first_s,
        cold_s=spans_s[0],
        p50_s=float(np.percentile(spans_s, 50)),
        p99_s=float(np.percentile(spans_s, 99)),
        max_s=max(spans_s),
        orders_assigned=round(sum(map(_with_rider, plans)) / decisions),
        orders_started=sum(len(trip.order_ids) for plan in plans for trip in plan.trips),
    )


def _decisions(policy: str, size: Size, seed: int) -> Iterator[tuple[float, DispatchPlan]]:
    """Yield CPU seconds and plan of one decision after the other, without end."""
    city = CityMoments(size, seed)
    matcher, budget = MATCHERS[policy], Budget()
    while True:
        started_s = time.process_time()
        plan = matcher.decide(city.snapshot, city.plane, budget)
        yield time.process_time() - started_s, plan
        city.move_on(plan)


def _with_rider(plan: DispatchPlan) -> int:
    started = sum(len(trip.order_ids) for trip in plan.trips)
    return started + sum(len(trip.order_ids) for trip in plan.queues)


def _table(latency: Latency) -> Table:
    title = f"{latency.riders} riders x {latency.orders} orders, policy {latency.policy}"
    table = Table(title=title, title_justify="left")
    for name in (
        "decisions",
        "p50 s",
        "p99 s",
        "cold s",
        "first s",
        "orders with\na rider",
        "orders\nstarted",
    ):
        table.add_column(name, justify="right")
    spans = (latency.p50_s, latency.p99_s, latency.cold_s, latency.first_s)
    table.add_row(
        str(latency.decisions),
        *(shown(span_s, 3) for span_s in spans),
        str(latency.orders_assigned),
        str(latency.orders_started),
    )
    return table
