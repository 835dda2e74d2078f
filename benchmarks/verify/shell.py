"""Run the commands that points measure, keeping all they print."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

KEPT_LINES = 15


class CommandError(Exception):
    """A command ended with another exit code than expected.

    Attributes
    ----------
    log
        File with everything it printed.
    """

    def __init__(self, argv: Sequence[str], code: int, log: Path) -> None:
        tail = "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-KEPT_LINES:])
        super().__init__(
            f"`{' '.join(argv)}` ended with exit code {code}; all it printed is in {log}:\n{tail}"
        )
        self.log = log


def run(
    argv: Sequence[str],
    *,
    root: Path,
    log_name: str,
    environment: Mapping[str, str] | None = None,
    accepted: tuple[int, ...] = (0,),
) -> str:
    """Run a command in the checkout and return what it printed.

    Parameters
    ----------
    argv
        The command; relative paths are relative to `root`.
    root
        Root of the checkout.
    log_name
        Name of the file below build/verify that keeps the output.
    environment
        Variables on top of the present ones.
    accepted
        Exit codes that are no failure.

    Raises
    ------
    CommandError
        If the exit code is not accepted.
    """
    log = root / "build" / "verify" / f"{log_name}.log"
    log.parent.mkdir(parents=True, exist_ok=True)
    with log.open("wb") as output:
        ended = subprocess.run(
            argv,
            cwd=root,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, **(environment or {})},
            check=False,
        )
    if ended.returncode not in accepted:
        raise CommandError(argv, ended.returncode, log)
    return log.read_text(encoding="utf-8", errors="replace")


def peakline() -> str:
    """Return the path of the command `peakline` that belongs to this interpreter."""
    return str(Path(sys.executable).parent / "peakline")


def shared_tool(root: Path, name: str) -> str:
    """Return the path of a tool in ../shared/tools.

    Raises
    ------
    FileNotFoundError
        If ../shared is not beside this checkout.
    """
    return str(_existing(root.parent / "shared" / "tools" / name))


def shared_data(root: Path, name: str) -> Path:
    """Return the path of public data in ../shared/data.

    Raises
    ------
    FileNotFoundError
        If ../shared is not beside this checkout.
    """
    return _existing(root.parent / "shared" / "data" / name)


def _existing(path: Path) -> Path:
    if not path.exists():
        raise FileNotFoundError(f"{path} is absent; this point needs ../shared beside the checkout")
    return path
