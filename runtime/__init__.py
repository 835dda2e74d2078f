"""The imperative shell: control room, drivers of time, event log, projections and replay."""
