"""``peakline bench``: the public benchmarks, and how long a decision takes."""

import typer

from cli.bench.dispatch import dispatch
from cli.bench.mdrp import mdrp

app = typer.Typer(help="Run public benchmarks, and time decisions.", no_args_is_help=True)
app.command()(mdrp)
app.command()(dispatch)


@app.callback()
def _group() -> None:
    """Run public benchmarks through the simulator and the control room, and time decisions."""
