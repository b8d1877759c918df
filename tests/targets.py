"""Targets with known answers, for tests that sample without compiling a model."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from rufous.compile.compiled_model import CompiledModel
from rufous.compile.pointers import from_pointers

Vector = NDArray[np.float64]
DOUBLES = ctypes.POINTER(ctypes.c_double)
LOGP_DLOGP = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_uint64, DOUBLES, DOUBLES, DOUBLES, ctypes.c_void_p
)
EXPAND = ctypes.CFUNCTYPE(
    ctypes.c_int64, ctypes.c_uint64, DOUBLES, ctypes.c_uint64, DOUBLES, ctypes.c_void_p
)


def standard_normal(position: Vector) -> tuple[float, Vector]:
    """Compute the log density of independent standard normals, up to a constant."""
    return -0.5 * float(position @ position), -position


def c_logdensity(function: Callable[[Vector], tuple[float, Vector] | int]) -> Any:
    """Make a C function of a Python one; an int that it returns becomes the status."""

    def logp_dlogp(dim: int, position: Any, gradient: Any, logp: Any, _data: Any) -> int:
        answer = function(np.ctypeslib.as_array(position, (dim,)).copy())
        if isinstance(answer, int):
            return answer
        logp[0] = answer[0]
        np.ctypeslib.as_array(gradient, (dim,))[:] = answer[1]
        return 0

    return LOGP_DLOGP(logp_dlogp)


def c_expand(function: Callable[[Vector], Vector | int]) -> Any:
    """Make a C function of a Python one; an int that it returns becomes the status."""

    def expand(dim: int, position: Any, num_values: int, values: Any, _data: Any) -> int:
        answer = function(np.ctypeslib.as_array(position, (dim,)).copy())
        if isinstance(answer, int):
            return answer
        np.ctypeslib.as_array(values, (num_values,))[:] = answer
        return 0

    return EXPAND(expand)


def compiled(
    function: Callable[[Vector], tuple[float, Vector] | int] = standard_normal,
    dim: int = 2,
    **arguments: Any,
) -> CompiledModel:
    """Make a compiled model of a Python function."""
    return from_pointers(dim, c_logdensity(function), **arguments)
