"""What the allocator of the C library does with memory that has been freed."""

import ctypes
from functools import cache

M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3
"""The numbers of these settings in the C library's ``malloc.h``."""

KEPT_BYTES = 128 * 1024 * 1024
"""Freed memory that the process keeps at most."""
LARGEST_BYTES = 32 * 1024 * 1024
"""The largest piece that is kept when it is freed; the C library allows no more."""


@cache
def keep_freed_memory() -> None:
    """Let the process keep memory that it has freed; once is enough, and without glibc it does nothing.

    Every decision needs a few megabytes for its travel times and gives them back. glibc gives them back to
    the system, which hands out and clears every page anew: fifty thousand on a Grubhub day.
    """
    set_option = getattr(ctypes.CDLL(None), "mallopt", None)
    if set_option is not None:
        set_option(M_MMAP_THRESHOLD, LARGEST_BYTES)
        set_option(M_TRIM_THRESHOLD, KEPT_BYTES)
