"""JSON files in which measurements keep what they found: a clear error on reading, written in one step."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

T = TypeVar("T")


def read_record(path: Path, made_by: str, decode: Callable[[Any], T], *, empty: T) -> T:
    """Read a record; an absent file is an empty one.

    Parameters
    ----------
    path : Path
        The file.
    made_by : str
        The command that writes it, for the error.
    decode : callable
        Makes values of the decoded JSON; raises ValueError, TypeError, KeyError or AttributeError if it is
        something else.
    empty : T
        What an absent file stands for.

    Raises
    ------
    ValueError
        If the file is not such a record.
    """
    if not path.exists():
        return empty
    try:
        return decode(json.loads(path.read_text(encoding="utf-8")))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ValueError(
            f"{path} is not a record of `{made_by}` ({error}); remove it to start anew"
        ) from error


def write_record(path: Path, document: object, *, indent: int) -> None:
    """Write a record, in one step, so that an interrupted run keeps what it had."""
    path.parent.mkdir(parents=True, exist_ok=True)
    written = path.with_suffix(".new")
    written.write_text(json.dumps(document, indent=indent, ensure_ascii=False) + "\n", encoding="utf-8")
    written.replace(path)
