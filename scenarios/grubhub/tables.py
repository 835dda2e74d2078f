"""Tables of text: one header line, then one row per line, cells apart by spaces or tabs."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from domain.errors import InputFileError


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table.

    Attributes
    ----------
    path : Path
        The file.
    line : int
        Its number in the file, from 1.
    cells : dict of str to str
        By column name.
    """

    path: Path
    line: int
    cells: dict[str, str]

    def error(self, message: str) -> InputFileError:
        """Return an error that names this line."""
        return InputFileError(self.path, message, self.line)

    def number(self, column: str) -> float:
        """Return a cell as a finite number.

        Raises
        ------
        InputFileError
            If it is none.
        """
        text = self.cells[column]
        try:
            value = float(text)
        except ValueError:
            value = math.nan
        if not math.isfinite(value):
            raise self.error(f"column {column!r} holds {text!r}, which is not a finite number")
        return value

    def minute(self, column: str) -> int:
        """Return a cell as whole minutes, 0 or more.

        Raises
        ------
        InputFileError
            If it is not.
        """
        value = self.number(column)
        if value < 0 or value != int(value):
            text = self.cells[column]
            raise self.error(f"column {column!r} holds {text!r}, but must be whole minutes, 0 or more")
        return int(value)

    def word(self, column: str, known: set[str], what: str) -> str:
        """Return a cell that must not have been seen before, and remember it.

        Raises
        ------
        InputFileError
            If it was.
        """
        value = self.cells[column]
        if value in known:
            raise self.error(
                f"{what} {value!r} is there twice; every id must be unique in the whole instance"
            )
        known.add(value)
        return value


def read_rows(path: Path, columns: Sequence[str]) -> list[Row]:
    """Read a table whose columns are found by the names in its header, in any order.

    Raises
    ------
    InputFileError
        If the file cannot be read, a column is missing, or a line has too few or too many cells.
    """
    lines = _lines(path)
    if not lines:
        raise InputFileError(path, f"the file is empty; the first line must be: {' '.join(columns)}", 1)
    header = lines[0].split()
    missing = [column for column in columns if column not in header]
    if missing:
        message = f"the header lacks the column {', '.join(missing)}; it must hold: {' '.join(columns)}"
        raise InputFileError(path, message, 1)
    rows = []
    for number, text in enumerate(lines[1:], start=2):
        cells = text.split()
        if not cells:
            continue
        if len(cells) != len(header):
            message = (
                f"{len(cells)} cells instead of {len(header)} ({' '.join(header)}): {text.strip()[:80]!r}"
            )
            raise InputFileError(path, message, number)
        rows.append(Row(path, number, dict(zip(header, cells, strict=True))))
    return rows


def read_single_row(path: Path, names: Sequence[str]) -> Row:
    """Read a table of one row whose columns are known by position, because its header has spaces in names.

    Raises
    ------
    InputFileError
        If there is not exactly one row of so many cells.
    """
    filled = [(n, text.split()) for n, text in enumerate(_lines(path), start=1) if n > 1 and text.strip()]
    if len(filled) != 1:
        message = f"{len(filled)} rows below the header instead of one with: {', '.join(names)}"
        raise InputFileError(path, message, filled[1][0] if filled else 2)
    line, cells = filled[0]
    if len(cells) != len(names):
        raise InputFileError(path, f"{len(cells)} values instead of {len(names)}: {', '.join(names)}", line)
    return Row(path, line, dict(zip(names, cells, strict=True)))


def _lines(path: Path) -> list[str]:
    try:
        return path.read_text(encoding="utf-8").splitlines()
    except FileNotFoundError as error:
        raise InputFileError(path, "there is no such file") from error
    except (OSError, UnicodeDecodeError) as error:
        raise InputFileError(path, f"cannot be read as text: {error}") from error
