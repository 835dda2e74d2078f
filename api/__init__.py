"""The HTTP and WebSocket edge of one control room."""
