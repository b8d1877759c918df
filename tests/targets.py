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
# Every pointer as an address, which is the quickest to turn into an array.
LOGP_DLOGP = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
EXPAND = ctypes.CFUNCTYPE(
    ctypes.c_int64,
    ctypes.c_uint64,
    ctypes.c_void_p,
    ctypes.c_uint64,
    ctypes.c_void_p,
    ctypes.c_void_p,
)


def array_at(address: int, length: int) -> Vector:
    """View memory as a vector."""
    return np.frombuffer((ctypes.c_double * length).from_address(address))


def standard_normal(position: Vector) -> tuple[float, Vector]:
    """Compute the log density of independent standard normals, up to a constant."""
    return -0.5 * float(position @ position), -position


def c_logdensity(function: Callable[[Vector], tuple[float, Vector] | int]) -> Any:
    """Make a C function of a Python one; an int that it returns becomes the status."""

    def logp_dlogp(dim: int, position: int, gradient: int, logp: int, _data: Any) -> int:
        answer = function(array_at(position, dim).copy())
        if isinstance(answer, int):
            return answer
        ctypes.c_double.from_address(logp).value = answer[0]
        array_at(gradient, dim)[:] = answer[1]
        return 0

    return LOGP_DLOGP(logp_dlogp)


def c_expand(function: Callable[[Vector], Vector | int]) -> Any:
    """Make a C function of a Python one; an int that it returns becomes the status."""

    def expand(dim: int, position: int, num_values: int, values: int, _data: Any) -> int:
        answer = function(array_at(position, dim).copy())
        if isinstance(answer, int):
            return answer
        array_at(values, num_values)[:] = answer
        return 0

    return EXPAND(expand)


def compiled(
    function: Callable[[Vector], tuple[float, Vector] | int] = standard_normal,
    dim: int = 2,
    **arguments: Any,
) -> CompiledModel:
    """Make a compiled model of a Python function."""
    return from_pointers(dim, c_logdensity(function), **arguments)
