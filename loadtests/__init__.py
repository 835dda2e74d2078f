"""Locust users who drive only the public HTTP and WebSocket API, with stated targets."""
