"""Names of the environment variables by which the smoke test talks to the Locust process that it starts."""

TOKEN = "PEAKLINE_OPERATOR_TOKEN"  # noqa: S105  (a name, no token)
"""The operator's token."""

RECORD = "PEAKLINE_LOAD_RECORD"
"""Where the record of the run goes, if anywhere."""
