"""The kernels as the plain Python that they are compiled from."""

import importlib
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType


def plain_kernels(*names: str) -> dict[str, ModuleType]:
    """Import modules of kernels a second time, without compiling what is in them."""
    with _not_compiled():
        return {name: importlib.import_module(f"dispatch.kernels.{name}") for name in names}


@contextmanager
def _not_compiled() -> Iterator[None]:
    numba = importlib.import_module("numba")
    present = {name: sys.modules.pop(name) for name in list(sys.modules) if _is_kernel(name)}
    numba.config.DISABLE_JIT = True
    try:
        yield
    finally:
        numba.config.DISABLE_JIT = False
        for name in list(filter(_is_kernel, sys.modules)):
            del sys.modules[name]
        sys.modules.update(present)
        for name, module in present.items():
            package, _, last = name.rpartition(".")
            setattr(sys.modules[package], last, module)


def _is_kernel(name: str) -> bool:
    return name.startswith("dispatch.kernels.")
