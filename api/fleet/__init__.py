"""The whole fleet in one answer, the headline figures, and tickets for the live socket."""
