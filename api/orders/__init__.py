"""Orders: taking them, and every step until they are delivered or canceled."""
