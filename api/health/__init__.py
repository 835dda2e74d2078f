"""Whether the process is alive, and whether it takes orders."""
