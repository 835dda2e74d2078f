"""``peakline``: every command of the control room and of its simulated city.

Exit codes: 0 done, 1 a check failed or something broke while running, 2 bad input.
"""

import sys
from importlib.metadata import version
from typing import Annotated

import typer

from cli.bench import app as bench
from cli.demo import demo
from cli.output import err, out
from cli.replay import replay
from cli.run import run
from cli.scenario import app as scenario
from cli.serve import serve
from cli.watch import watch
from domain.errors import PeaklineError

app = typer.Typer(
    name="peakline",
    help="A control room for food delivery, and the simulated city it is tested in.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
)
app.command()(demo)
app.command()(run)
app.command()(serve)
app.command()(replay)
app.command()(watch)
app.add_typer(scenario, name="scenario")
app.add_typer(bench, name="bench")


def _print_version(wanted: bool) -> None:
    if wanted:
        out.print(version("peakline"), highlight=False)
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option("--version", help="Print the version and stop.", callback=_print_version, is_eager=True),
    ] = False,
) -> None:
    """Hold the options that come before a command."""


def main() -> None:
    """Run the command line; errors that people can mend end in one line and exit code 2."""
    try:
        app()
    except PeaklineError as error:
        err.print(f"[bold red]error:[/] {_escaped(str(error))}", highlight=False, soft_wrap=True)
        sys.exit(2)


def _escaped(text: str) -> str:
    return text.replace("[", r"\[")


if __name__ == "__main__":
    main()
