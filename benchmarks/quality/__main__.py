"""`make quality`: measure dispatch policies on the public Grubhub days, and write the page about it."""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console

from benchmarks.quality import page
from benchmarks.quality.case import Case, Result, cases, matching
from benchmarks.quality.grid import Bench
from benchmarks.quality.record import load
from benchmarks.quality.tables import by_policy, overload_table, quality_table
from dispatch.matching import MATCHERS
from scenarios.grubhub import checked_share

ROOT = Path(__file__).resolve().parents[2]
CONSOLE = Console(stderr=True, highlight=False)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line and return its exit code: 0 done, 1 infeasible or interrupted, 2 bad input."""
    options = _parser().parse_args(arguments)
    bench = Bench(ROOT)
    try:
        if options.page:
            page.write(ROOT, list(load(bench.record).values()))
            return 0
        wanted = _wanted(options, bench)
        done = bench.results(wanted, jobs=options.jobs, keep=options.keep, again=options.again, after=_tell)
    except KeyboardInterrupt:
        CONSOLE.print("interrupted; what was measured is kept, and the next run goes on from there")
        return 1
    except (OSError, ValueError) as error:
        CONSOLE.print(f"error: {error}", markup=False, soft_wrap=True)
        return 2
    _print(done)
    faulty = [result for result in done if not result.feasible or result.differing]
    for result in faulty:
        what = "is not feasible" if not result.feasible else f"differs in {', '.join(result.differing)}"
        CONSOLE.print(f"{result.policy} on {result.instance} {what}", markup=False, soft_wrap=True)
    return 1 if faulty else 0


def _wanted(options: argparse.Namespace, bench: Bench) -> list[Case]:
    for policy in options.policies:
        if policy not in MATCHERS:
            raise ValueError(f"no policy {policy!r}; there are: {', '.join(MATCHERS)}")
    if options.overload:
        names: Sequence[str] = page.OVERLOAD_INSTANCES
        shares: Sequence[float] = page.OVERLOAD_SHARES
    else:
        names, shares = matching(bench.instances, ["*"]), (1.0,)
    if options.instances:
        wanted = matching(bench.instances, options.instances)
        names = [name for name in wanted if name in names]
    shares = [checked_share(share) for share in options.shares or shares]
    return cases(options.policies, names, shares)


def _tell(result: Result) -> None:
    figures = result.figures
    shown = ", ".join(
        f"{name} {value:.2f}"
        for name in ("click_to_door_min", "on_time_pct", "served_pct", "orders_per_s")
        if (value := figures[name]) is not None
    )
    share = "" if result.riders_share == 1 else f" with {100 * result.riders_share:g} % of the riders"
    CONSOLE.print(f"{result.policy} on {result.instance}{share}: {shown}", markup=False, soft_wrap=True)


def _print(results: Sequence[Result]) -> None:
    full = [result for result in results if result.riders_share == 1]
    if full:
        sys.stdout.write(quality_table("policy", by_policy(full).items()) + "\n")
    if len(full) < len(results):
        for name, title in page.OVERLOAD_FIGURES:
            sys.stdout.write(f"\n{title} %\n\n{overload_table(results, name)}\n")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--policies", nargs="+", default=list(MATCHERS), metavar="NAME", help="default: all")
    parser.add_argument(
        "--instances", nargs="+", default=[], metavar="PATTERN", help="days, such as '?o100*'; default: all"
    )
    parser.add_argument(
        "--shares", nargs="+", type=float, default=[], metavar="P", help="shares of the riders; default: 1"
    )
    parser.add_argument(
        "--overload", action="store_true", help="the overload curve: seven days, with 100 to 50 %% of riders"
    )
    parser.add_argument("--jobs", type=int, default=1, help="days at a time; default: 1")
    parser.add_argument("--keep", action="store_true", help="do not measure anew what older code measured")
    parser.add_argument("--again", action="store_true", help="measure anew what was measured already")
    parser.add_argument("--page", action="store_true", help="only write the page from the record")
    return parser


if __name__ == "__main__":
    sys.exit(main())
