"""Log densities as C functions made by Numba: no model stands between them and the sampler."""

from __future__ import annotations

from collections.abc import Callable
from math import exp, inf, log1p
from typing import Any

import numpy as np
from numba import carray, cfunc, njit, types

import rufous as rf
from statistical.monte_carlo import Array

_DOUBLES = types.CPointer(types.float64)
_SIGNATURE = types.int64(types.uint64, _DOUBLES, _DOUBLES, _DOUBLES, types.voidptr)


def compiled(dim: int, logdensity: Callable[[Array, Array], float]) -> Any:
    """Compile a function that returns the log density and writes its gradient."""
    inner = njit(logdensity)

    def logp_dlogp(dim, position, gradient, logp, user_data):
        logp[0] = inner(carray(position, dim), carray(gradient, dim))
        return 0

    function = cfunc(_SIGNATURE)(logp_dlogp)
    return rf.from_pointers(dim, function.address, keep_alive=function)


def normal(sd: Array) -> Any:
    """Independent normals."""
    precision = 1 / sd**2

    def logdensity(x, gradient):
        gradient[:] = -precision * x
        return 0.5 * np.sum(gradient * x)

    return compiled(len(sd), logdensity)


def correlated_normal(precision: Array) -> Any:
    """A normal of this precision matrix."""

    def logdensity(x, gradient):
        gradient[:] = -np.dot(precision, x)
        return 0.5 * np.sum(gradient * x)

    return compiled(len(precision), logdensity)


def mirrored_normal(sd: Array, mirrors: Array) -> Any:
    """Independent normals that were mirrored, at one plane after the other."""
    precision = 1 / sd**2

    def logdensity(x, gradient):
        gradient[:] = x
        for i in range(len(mirrors)):
            gradient -= 2 * np.sum(mirrors[i] * gradient) * mirrors[i]
        value = -0.5 * np.sum(precision * gradient**2)
        gradient *= -precision
        for i in range(len(mirrors) - 1, -1, -1):
            gradient -= 2 * np.sum(mirrors[i] * gradient) * mirrors[i]
        return value

    return compiled(len(sd), logdensity)


def student_t(dim: int, nu: float) -> Any:
    """Independent Student t distributions."""

    def logdensity(x, gradient):
        value = 0.0
        for i in range(dim):
            value -= 0.5 * (nu + 1) * log1p(x[i] ** 2 / nu)
            gradient[i] = -(nu + 1) * x[i] / (nu + x[i] ** 2)
        return value

    return compiled(dim, logdensity)


def banana(sd: float, bend: float) -> Any:
    """A wide normal, and a narrow one around a parabola over it."""

    def logdensity(x, gradient):
        rest = x[1] - bend * (x[0] ** 2 - sd**2)
        gradient[0] = -x[0] / sd**2 + 2 * bend * x[0] * rest
        gradient[1] = -rest
        return -0.5 * (x[0] / sd) ** 2 - 0.5 * rest**2

    return compiled(2, logdensity)


def mixture(dim: int, shift: float) -> Any:
    """Mixtures of two unit normals at minus and plus `shift`, equally likely."""

    def logdensity(x, gradient):
        value = 0.0
        for i in range(dim):
            a = shift * x[i]
            value += -0.5 * x[i] ** 2 + abs(a) + log1p(exp(-2 * abs(a)))
            gradient[i] = -x[i] + shift * np.tanh(a)
        return value

    return compiled(dim, logdensity)


def half_normal(dim: int) -> Any:
    """Normals that end at a wall: there is no density left of zero."""

    def logdensity(x, gradient):
        value = 0.0
        for i in range(dim):
            value -= 0.5 * x[i] ** 2 if x[i] >= 0 else inf
            gradient[i] = -x[i]
        return value

    return compiled(dim, logdensity)


def funnel(dim: int) -> Any:
    """A normal of sd 3, and normals whose log variance it is."""

    def logdensity(x, gradient):
        precision = exp(-x[0])
        squares = np.sum(x[1:] ** 2)
        gradient[1:] = -precision * x[1:]
        gradient[0] = -x[0] / 9 + 0.5 * (precision * squares - (dim - 1))
        return -(x[0] ** 2) / 18 - 0.5 * precision * squares - 0.5 * (dim - 1) * x[0]

    return compiled(dim, logdensity)
