"""``python -m loadtests``: the smoke test."""

import sys

from loadtests.smoke import main

sys.exit(main())
