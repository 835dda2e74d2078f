"""``peakline replay``: handle a log's inputs again, and see that the same events come out."""

from collections import Counter
from contextlib import closing
from pathlib import Path
from typing import Annotated

import typer

from cli.log_file import spec_of
from cli.options import Json
from cli.output import figures_table, out, print_json, remark, shown
from domain.errors import LogError
from runtime.bootstrap import replay_log
from runtime.codec import log_hash
from runtime.event_log.read_only import ReadOnlyLog
from runtime.projections.read_model import ReadModel
from runtime.replay import Replayed


def replay(
    log: Annotated[Path, typer.Argument(help="An event log: a SQLite file of peakline run, serve or demo.")],
    scenario: Annotated[
        str, typer.Option(help="Scenario file of the log, when it is not the one of the catalogue.")
    ] = "",
    json_output: Json = False,
) -> None:
    """Replay an event log from its first record and compare every event with what was logged.

    The file is only read. Exit code 0: identical. Exit code 2: the log is missing, of another scenario or
    engine version, or an event came out differently, and the message names the record; or it is damaged: then
    its good part is replayed, and the message tells how many records are good and how many are not.
    """
    with closing(ReadOnlyLog(log)) as opened:
        spec = spec_of(log, opened.header, scenario)
        _, done = replay_log(spec.setup, opened)
        model = ReadModel(spec.setup.city, spec.setup.paths)
        kinds: Counter[str] = Counter()
        for record in opened.read():
            model.apply(record)
            kinds[type(record.message).__name__] += 1
        digest = log_hash(opened.read())
    for repair in opened.repairs:
        remark(f"{log}: {repair}")
    wrong = _what_is_wrong(opened, done)
    document = {
        "identical": wrong is None,
        "damage": _damage(opened),
        "repairs": [str(repair) for repair in opened.repairs],
        "scenario": opened.header.scenario,
        "policy": opened.header.policy,
        "seed": opened.header.seed,
        "records": sum(kinds.values()),
        "inputs": done.inputs,
        "log_hash": digest,
        "kinds": dict(sorted(kinds.items())),
    }
    if json_output:
        print_json(document)
    else:
        title = "every event identical" if wrong is None else "only its good part, identical so far"
        out.print(figures_table(f"{log}: replayed, {title}", _rows(kinds, done, digest)))
    if wrong is not None:
        raise LogError(wrong)


def _what_is_wrong(opened: ReadOnlyLog, done: Replayed) -> str | None:
    """Tell why a log whose records all came out again is still not whole."""
    if opened.damage is not None:
        return str(opened.damage)
    if done.added:
        return (
            f"{opened.path}: {done.added} events of its last step are missing; peakline serve adds them when "
            "it takes the log up"
        )
    return None


def _damage(opened: ReadOnlyLog) -> dict[str, object] | None:
    damage = opened.damage
    if damage is None:
        return None
    return {"good": damage.good, "unreadable": damage.unreadable, "message": str(damage)}


def _rows(kinds: Counter[str], done: Replayed, digest: str) -> list[tuple[str, str]]:
    records = sum(kinds.values())
    rows = [("records", shown(records)), ("inputs handled again", shown(done.inputs)), ("log hash", digest)]
    return rows + [(name, shown(count)) for name, count in sorted(kinds.items())]
