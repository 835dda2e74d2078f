"""What Locust loads: the users, and the thresholds that decide its exit code.

``locust -f loadtests/locustfile.py --host http://127.0.0.1:8000`` with the operator token in
``PEAKLINE_OPERATOR_TOKEN`` gives the web interface; ``make load`` is the smoke test.
"""

import json
import os
from pathlib import Path
from typing import Any

from locust import events
from locust.env import Environment

from loadtests import environment as environment_names
from loadtests.thresholds import broken, record
from loadtests.users import Customer, Dispatcher, Rider

USERS = (Rider, Customer, Dispatcher)


def judge(environment: Environment, **_: Any) -> None:  # noqa: ANN401  (whatever Locust adds)
    """Hold the run to its thresholds: they decide the exit code."""
    wrong = broken(environment.stats)
    users = sum(kind.fixed_count for kind in USERS)
    if environment_names.RECORD in os.environ:
        document = record(environment.stats, users, wrong)
        Path(os.environ[environment_names.RECORD]).write_text(
            json.dumps(document, indent=1), encoding="utf-8"
        )
    environment.process_exit_code = 1 if wrong else 0


events.quitting.add_listener(judge)  # type: ignore[no-untyped-call]
