"""Riders: who is on duty, where, and with what ahead."""
