"""When orders arrive: ``model`` estimates, ``refresh`` keeps the estimates and tells what changed."""
