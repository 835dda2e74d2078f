"""Incidents: what looks wrong, and what dispatchers did about it."""
