"""The command `peakline`: demo, run, serve, replay, watch, bench and scenario."""
