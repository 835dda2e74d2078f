"""GPS fixes: accepted once they are durable."""
