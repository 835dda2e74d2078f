"""Where everyone is, when they arrive and what looks wrong: a synchronous, deterministic engine."""
