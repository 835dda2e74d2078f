"""Measurements, with speed and quality kept apart, and the points that `make verify` checks."""
