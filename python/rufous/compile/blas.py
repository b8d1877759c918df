"""One BLAS thread per chain.

Chains already occupy the cores. A BLAS that starts its own threads inside every chain makes
chains x cores threads, which wait for each other more than they compute.
"""

from __future__ import annotations

import ctypes
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from pathlib import Path
from typing import NamedTuple

__all__ = ["single_threaded_blas"]

_FOLDERS = ("scipy.libs", "scipy/.dylibs")
_SUFFIXES = ("", "64_")
_PREFIXES = ("scipy_", "")


class _Pool(NamedTuple):
    get: ctypes._NamedFuncPointer
    set: ctypes._NamedFuncPointer


class _Users:
    """How many runs want one thread now, and what to go back to after the last of them."""

    lock = threading.Lock()
    count = 0
    before: int | None = None


@contextmanager
def single_threaded_blas() -> Iterator[None]:
    """Let the BLAS that compiled code calls use one thread inside the block.

    Notes
    -----
    Compiled code calls the OpenBLAS that SciPy's wheels bring. Where SciPy uses another BLAS (a
    distribution's own, MKL, Accelerate) nothing is changed; set ``OPENBLAS_NUM_THREADS=1`` or
    ``MKL_NUM_THREADS=1`` before Python starts.

    The number is one of the whole process. Blocks may overlap in several threads: the number is
    put back when the last one ends.
    """
    # Importing SciPy takes longer than many a run, so it is left to those who may call its BLAS:
    # code from Numba does, and imports it at its first call, which is inside a chain.
    is_called = any(name in sys.modules for name in ("numba", "scipy.linalg"))
    pool = _openblas() if is_called else None
    if pool is None:
        yield
        return
    _enter(pool)
    try:
        yield
    finally:
        _leave(pool)


def _enter(pool: _Pool) -> None:
    with _Users.lock:
        if _Users.count == 0:
            _Users.before = pool.get()
            pool.set(1)
        _Users.count += 1


def _leave(pool: _Pool) -> None:
    with _Users.lock:
        _Users.count -= 1
        if _Users.count == 0 and _Users.before is not None:
            pool.set(_Users.before)


@cache
def _openblas() -> _Pool | None:
    """Find the thread functions of the OpenBLAS inside SciPy's wheel, already loaded by SciPy."""
    import scipy.linalg.cython_blas

    site = Path(scipy.__file__).parent.parent
    for folder in _FOLDERS:
        for path in sorted((site / folder).glob("*openblas*")):
            pool = _thread_functions(ctypes.CDLL(str(path)))
            if pool is not None:
                return pool
    return None


def _thread_functions(library: ctypes.CDLL) -> _Pool | None:
    for prefix in _PREFIXES:
        for suffix in _SUFFIXES:
            try:
                return _Pool(
                    library[f"{prefix}openblas_get_num_threads{suffix}"],
                    library[f"{prefix}openblas_set_num_threads{suffix}"],
                )
            except AttributeError:
                continue
    return None
