"""The built pages, served under a strict content security policy."""
