"""One point of the record, and what measuring it gives."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

Figure = int | float | str | bool


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a measurement found.

    Attributes
    ----------
    passed
        Whether every target of the point was met.
    measured
        Figures by name, with the unit in the name, as they appear in the record.
    """

    passed: bool
    measured: Mapping[str, Figure]


@dataclass(frozen=True, slots=True)
class Point:
    """One thing that was asked for and can be measured.

    Attributes
    ----------
    key
        Name for ``--only`` and in the record.
    asked
        What was asked, in the words of the issue.
    target
        What counts as met.
    command
        What a person runs to see the same.
    measure
        Measures it, given the root of the checkout. Whatever it raises fails the point.
    """

    key: str
    asked: str
    target: str
    command: str
    measure: Callable[[Path], Outcome]

    def __post_init__(self) -> None:
        if not self.key.isidentifier() or self.key != self.key.lower():
            raise ValueError(f"key is {self.key!r}; it must be lower-case words joined by underscores")
