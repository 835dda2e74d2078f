"""``peakline``: every command of the control room and of its simulated city, in one typer application."""

from importlib.metadata import version
from typing import Annotated

import typer

from cli.bench import app as bench
from cli.demo import demo
from cli.explain import explain
from cli.output import out
from cli.replay import replay
from cli.run import run
from cli.scenario import app as scenario
from cli.serve import serve
from cli.watch import watch
from cli.whatif import whatif

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
app.command()(explain)
app.command()(whatif)
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
