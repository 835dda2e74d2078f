"""The hook of MkDocs: fills pages with what the code knows of itself, so that it cannot go stale.

A page says ``<!-- from-code: NAME -->``, with a name of ``GENERATORS``. Why: ``docs/decisions/0023``.
"""

import re
from collections.abc import Callable
from typing import Any

import api_reference
import cli_reference
import code_tables
from mkdocs.exceptions import PluginError

MARKER = re.compile(r"^<!-- from-code: ([a-z-]+) -->$", re.MULTILINE)

GENERATORS: dict[str, Callable[[], str]] = {
    "order-states": code_tables.order_states,
    "rider-states": code_tables.rider_states,
    "packages": code_tables.packages,
    "commands": code_tables.commands,
    "events": code_tables.events,
    "values": code_tables.values,
    "log-record": code_tables.log_record,
    "log-header": code_tables.log_header,
    "log-tables": code_tables.log_tables,
    "metrics": code_tables.metrics,
    "errors": code_tables.errors,
    "error-answers": code_tables.error_answers,
    "scenario-keys": code_tables.scenario_keys,
    "scenarios": code_tables.scenarios,
    "settings": code_tables.settings,
    "dispatch-params": code_tables.dispatch_params,
    "tracking-params": code_tables.tracking_params,
    "service-rules": code_tables.service_rules,
    "policies": code_tables.policies,
    "detectors": code_tables.detectors,
    "explanations": code_tables.explanations,
    "delay-causes": code_tables.delay_causes,
    "verify-points": code_tables.verify_points,
    "cli": cli_reference.commands,
    "api": api_reference.paths,
    "api-bodies": api_reference.bodies,
}
"""What a page can ask for."""


def on_page_markdown(markdown: str, *, page: Any, **_: Any) -> str:  # noqa: ANN401  (MkDocs passes its own types)
    """Put what was asked for in the place of each marker."""

    def fill(marker: re.Match[str]) -> str:
        generate = GENERATORS.get(marker[1])
        if generate is None:
            known = ", ".join(GENERATORS)
            raise PluginError(
                f"{page.file.src_uri}: nothing is generated under {marker[1]!r}; known: {known}"
            )
        return generate()

    return MARKER.sub(fill, markdown)
