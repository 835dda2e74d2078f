"""Where everything that happened is kept: the port, and the storages behind it."""
