"""Who carries what, in which order and when: a synchronous, deterministic engine."""
