"""The policy in the shadow, and how it compares."""
