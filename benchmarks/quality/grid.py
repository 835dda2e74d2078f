"""Measure many cases, several at a time, keeping the record after each."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from dataclasses import dataclass
from pathlib import Path

from benchmarks.quality.case import Case, Result, measure
from benchmarks.quality.record import due, fingerprint, load, save


@dataclass(frozen=True, slots=True)
class Bench:
    """Where the days, the checker and the record are.

    Attributes
    ----------
    root : Path
        Root of the checkout; the public data and tools are beside it.
    """

    root: Path

    @property
    def instances(self) -> Path:
        """Folder of the public days."""
        return self.root.parent / "shared" / "data" / "mdrp"

    @property
    def checker(self) -> Path:
        """The public checker."""
        return self.root.parent / "shared" / "tools" / "mdrp_eval.py"

    @property
    def out(self) -> Path:
        """Where solutions go."""
        return self.root / "build" / "quality"

    @property
    def record(self) -> Path:
        """What was measured."""
        return self.out / "record.json"

    def results(
        self,
        wanted: Sequence[Case],
        *,
        jobs: int = 1,
        keep: bool = False,
        again: bool = False,
        after: Callable[[Result], None] = lambda result: None,
    ) -> list[Result]:
        """Return the results of cases, measuring those that are due.

        Parameters
        ----------
        wanted : sequence of Case
            What is asked for.
        jobs : int
            Cases at a time.
        keep : bool
            Take what was measured with other code for good.
        again : bool
            Measure everything anew.
        after : callable
            Called with each new result.
        """
        code = fingerprint(self.root)
        todo = list(wanted) if again else due(wanted, load(self.record), None if keep else code)
        for result in self._measured(todo, jobs, code):
            # Read anew: another run may have measured other cases meanwhile.
            save(self.record, {**load(self.record), result.case: result}.values())
            after(result)
        known = load(self.record)
        return [known[case] for case in wanted]

    def _measured(self, todo: Sequence[Case], jobs: int, code: str) -> Iterator[Result]:
        if jobs == 1:
            for case in todo:
                yield measure(case, self.instances, self.out, self.checker, code)
            return
        with ProcessPoolExecutor(jobs) as pool:
            running = [
                pool.submit(measure, case, self.instances, self.out, self.checker, code) for case in todo
            ]
            for future in as_completed(running):
                yield future.result()
