"""How kernels are compiled: by numba, at the first call, once for each version of their sources.

numba keeps compiled code beside the source and compiles anew only when that one file has changed, not when a
kernel called from it has. Here the place where it is kept carries a hash of all sources of the folder, which
also works where the package cannot be written to. So a kernel calls only kernels of its own folder.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any, TypeVar

import numba

F = TypeVar("F", bound=Callable[..., Any])

# Typed loosely: numba turns a function into an object that is called like it.
_njit: Any = numba.njit
_settings: Any = numba.config


@cache
def cache_folder(sources: Path) -> Path:
    """Return where the compiled code of a folder of kernels is kept, for its present sources.

    Parameters
    ----------
    sources : Path
        The folder.
    """
    digest = hashlib.sha256(numba.__version__.encode())
    for source in (Path(__file__), *sorted(sources.glob("*.py"))):
        digest.update(source.read_bytes())
    root = Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache")
    return root / "peakline" / f"kernels-{digest.hexdigest()[:16]}"


def kernel(function: F) -> F:
    """Compile a function that makes arrays; keep the result on disk.

    ``function.py_func`` stays the plain Python twin. No fast-math: both give the same, which differential
    tests hold.
    """
    if not os.environ.get("NUMBA_CACHE_DIR"):
        # numba looks here while it decorates.
        _settings.CACHE_DIR = str(cache_folder(Path(function.__code__.co_filename).parent))
    compiled: F = _njit(cache=True)(function)
    return compiled


def inlined(function: F) -> F:
    """Compile a function that makes no array into whatever calls it.

    Counting references to five arrays costs several times what a small function does with them; a function
    that makes no array needs no such counts (measured: 235 -> 28 ns for the cost of a queue).
    """
    compiled: F = _njit(forceinline=True, _nrt=False)(function)
    return compiled
