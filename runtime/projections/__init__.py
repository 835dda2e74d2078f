"""What has happened so far, as views for people: read from the event log, never asked of an engine."""

from runtime.projections.read_model import ReadModel as ReadModel
