"""Memory that was freed is used again without asking the system for it."""

import platform
import resource

import numpy as np
import pytest

from runtime.freed_memory import keep_freed_memory

PAGES = 1_000
"""Pages of 4 KiB of a piece as large as the travel times of a decision."""


def _touch() -> None:
    np.ones(PAGES * 4_096 // 8)


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="a setting of glibc")
def test_what_is_freed_is_not_given_back_to_the_system() -> None:
    keep_freed_memory()
    for _ in range(3):
        _touch()
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _ in range(20):
        _touch()
    assert resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before < PAGES
