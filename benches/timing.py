"""Time a C log density alone, without the cost of calling it from Python."""

from __future__ import annotations

import ctypes
import time

import numpy as np
from numpy.typing import NDArray

__all__ = ["nanoseconds_per_gradient"]

_POSITIONS = 16
_SECONDS = 0.004
_REPEATS = 100


def nanoseconds_per_gradient(
    address: int, user_data: int, start: NDArray[np.float64], spread: float = 0.3
) -> float:
    """Call a log density in a native loop over several positions.

    Parameters
    ----------
    address : int
        Of a function with the interface of ``rufous.h``, which nutpie shares.
    user_data : int
        Its last argument.
    start : ndarray, shape (dim,)
        Positions are taken around it.
    spread : float, default 0.3
        How far around.

    Returns
    -------
    float
        The smallest of many averages over a few milliseconds: what the code takes when nothing
        else disturbs, also on a machine that is busy.
    """
    loop = _native_loop(address)
    noise = np.random.default_rng(0).normal(size=(_POSITIONS, len(start)))
    positions = start + spread * noise
    gradient, logdensity = np.empty(len(start)), np.empty(1)
    call = (positions, gradient, logdensity, user_data)
    calls = 1
    while (seconds := min(_timed(loop, calls, call) for _ in range(3))) < _SECONDS / 10:
        calls *= 4
    calls = max(1, int(calls * _SECONDS / seconds))
    return min(_timed(loop, calls, call) for _ in range(_REPEATS)) / calls * 1e9


def _timed(loop, calls, arguments) -> float:
    begin = time.perf_counter()
    loop(calls, *arguments)
    return time.perf_counter() - begin


def _native_loop(address: int):
    import numba

    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
    function = kind(address)

    @numba.njit
    def loop(calls, positions, gradient, logdensity, user_data):
        dim = positions.shape[1]
        failures = 0
        for i in range(calls):
            position = positions[i % positions.shape[0]]
            status = function(
                dim, position.ctypes.data, gradient.ctypes.data, logdensity.ctypes.data, user_data
            )
            failures += status != 0
        return failures

    return loop
