"""The native library, if there is one, and the kernel its loops will use."""

from __future__ import annotations

import ctypes
import os
from enum import StrEnum
from functools import cache

from rempart.engine.native.sources import LIBRARY, digest

INTERFACE = 1  # the same number as in cpu.cpp


class Kernel(StrEnum):
    """Which instructions the loops are written with. All give the same answers."""

    AVX512 = "avx512"
    AVX2 = "avx2"
    PORTABLE = "portable"
    NUMPY = "numpy"
    """No compiled library: NumPy does the work."""


BITS = {Kernel.PORTABLE: 1, Kernel.AVX2: 2, Kernel.AVX512: 4}  # as rempart_kernels() says them


@cache
def load() -> ctypes.CDLL | None:
    """The library, or None: not built here, not for this machine, from other sources, or REMPART_NATIVE=off.

    REMPART_NATIVE=<path> names another library, such as the one built with sanitizers.
    """
    wanted = os.environ.get("REMPART_NATIVE", "")
    if wanted == "off":
        return None
    try:
        library = ctypes.CDLL(wanted or str(LIBRARY))
        return library if is_ours(library) else None
    except (OSError, AttributeError):
        return None


def is_ours(library: ctypes.CDLL) -> bool:
    """Made from the sources that lie beside this code. Raises AttributeError for a library of somebody else's."""
    if library.rempart_interface() != INTERFACE:
        return False
    library.rempart_sources.restype = ctypes.c_char_p
    made_from: bytes = library.rempart_sources()
    return digest() in {"", made_from.decode()}


def kernels() -> tuple[Kernel, ...]:
    """Those this machine can run, the fastest first; NUMPY is always one of them."""
    library = load()
    if library is None:
        return (Kernel.NUMPY,)
    able: int = library.rempart_kernels()
    return (*(kernel for kernel in (Kernel.AVX512, Kernel.AVX2, Kernel.PORTABLE) if able & BITS[kernel]), Kernel.NUMPY)


def best_kernel() -> Kernel:
    """The fastest, or the one named by REMPART_KERNEL if this machine can run it."""
    able = kernels()
    wanted = os.environ.get("REMPART_KERNEL", "")
    return next((kernel for kernel in able if kernel == wanted), able[0])


def describe() -> str:
    """One sentence for people: which kernel, and what to do where there is no compiled library."""
    kernel = best_kernel()
    if kernel is not Kernel.NUMPY:
        return f"Compiled engine, {kernel.value} kernel."
    return f"Engine without its compiled half: every answer is the same, much slower. {_remedy()}"


def _remedy() -> str:
    if load() is not None:
        return "REMPART_KERNEL asks for it."
    if os.environ.get("REMPART_NATIVE"):
        return "REMPART_NATIVE asks for it, or names a library that cannot be used."
    if LIBRARY.exists():
        return "The library beside it is of another version, or for another machine: install Rempart again."
    return "Install a C++ compiler, then Rempart again."
