"""``peakline bench``: the public benchmarks."""

import typer

from cli.bench.mdrp import mdrp

app = typer.Typer(
    help="Run public benchmarks through the simulator and the control room.", no_args_is_help=True
)
app.command()(mdrp)


@app.callback()
def _group() -> None:
    """Run public benchmarks through the simulator and the control room."""
