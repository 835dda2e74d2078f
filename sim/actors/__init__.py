"""The people of the simulated city; each submits commands and learns only from events."""
