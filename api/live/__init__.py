"""The live socket: topics, frames, and what becomes of slow clients."""
