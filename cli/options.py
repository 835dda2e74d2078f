"""Options that several commands share, spelled the same everywhere."""

from typing import Annotated, TypeAlias

import typer

from dispatch.matching import DEFAULT_POLICY, MATCHERS
from domain.errors import InvalidValueError

Json: TypeAlias = Annotated[bool, typer.Option("--json", help="Write one JSON document to stdout.")]

Policy: TypeAlias = Annotated[
    str,
    typer.Option(
        "--policy",
        help=f"Dispatch policy: {', '.join(MATCHERS)}.",
        show_default=DEFAULT_POLICY,
    ),
]

Shadow: TypeAlias = Annotated[
    str,
    typer.Option(
        "--shadow",
        help=f"Policy that decides about the same, acts on nothing and is compared: {', '.join(MATCHERS)}.",
        show_default="none",
    ),
]

Port: TypeAlias = Annotated[
    int | None,
    typer.Option("--port", min=0, max=65_535, help="Port to listen on, 0 for any.", show_default="8000"),
]

Host: TypeAlias = Annotated[
    str, typer.Option("--host", help="Address to listen on.", show_default="127.0.0.1")
]

Seed: TypeAlias = Annotated[
    int, typer.Option("--seed", min=0, help="Root seed; the same seed gives the same day.")
]

Scenario: TypeAlias = Annotated[
    str, typer.Argument(help="Name from the catalogue (peakline scenario list), or path of a TOML file.")
]


def checked_shadow(name: str) -> str | None:
    """Return the name of the policy in the shadow, None for an empty name.

    Raises
    ------
    InvalidValueError
        If there is no such policy.
    """
    if name and name not in MATCHERS:
        raise InvalidValueError("shadow", name, ", ".join(MATCHERS))
    return name or None


def checked_policy(name: str) -> str:
    """Return the name of a policy, the default one for an empty name.

    Raises
    ------
    InvalidValueError
        If there is no such policy.
    """
    chosen = name or DEFAULT_POLICY
    if chosen not in MATCHERS:
        raise InvalidValueError("policy", chosen, ", ".join(MATCHERS))
    return chosen
