"""``peakline scenario``: what there is to run, and whether a file is right."""

from typing import Annotated

import typer
from rich.table import Table

from cli.output import out, print_json
from scenarios import catalogue

app = typer.Typer(help="List the catalogue of scenarios, or check a scenario file.", no_args_is_help=True)

Json = Annotated[bool, typer.Option("--json", help="Write one JSON document to stdout.")]


@app.command("list")
def list_scenarios(json: Json = False) -> None:
    """List the scenarios that come with Peakline."""
    entries = catalogue.list_scenarios()
    if json:
        print_json([{"name": e.name, "title": e.title, "about": e.paragraph} for e in entries])
        return
    table = Table(title="Scenarios", title_justify="left")
    table.add_column("name", no_wrap=True)
    table.add_column("what it is for")
    for entry in entries:
        table.add_row(entry.name, f"{entry.title}\n{entry.paragraph}")
    out.print(table)


@app.command()
def check(
    scenario: Annotated[str, typer.Argument(help="Name from the catalogue, or path of a TOML file.")],
    json: Json = False,
) -> None:
    """Check a scenario: every key known, every value possible, the city buildable. Exit code 2 if not."""
    spec = catalogue.load(scenario)
    summary = {
        "name": spec.name,
        "scenario_hash": spec.scenario_hash,
        "merchants": len(spec.setup.city.merchants),
        "riders": len(spec.shifts),
        "zones": len(spec.setup.city.zones),
    }
    if json:
        print_json(summary)
    else:
        out.print(
            f"{spec.name}: right. {summary['merchants']} merchants, {summary['riders']} riders, "
            f"{summary['zones']} zones; hash {spec.scenario_hash[:12]}",
            highlight=False,
        )
