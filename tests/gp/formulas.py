"""Covariance functions in NumPy, straight from their definitions, point by point."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np

from rufous.gp import cov
from rufous.model.python_linker import run

Pair = Callable[[Any, Any], float]


def value(graph: Any) -> Any:
    """Compute a graph as it is written."""
    return run([graph])[0]


def matrix(pair: Pair, X: Any, Xs: Any) -> Any:
    """Apply a function of two points to all pairs."""
    return np.array([[pair(x, z) for z in Xs] for x in X])


class Case(NamedTuple):
    """A covariance function, the same as a function of two points, and the inputs it needs."""

    name: str
    function: Any
    pair: Pair
    columns: int = 1
    low: float = -2.0


def distance(x: Any, z: Any, ls: Any = 1.0) -> float:
    return float(np.sqrt(np.sum(((x - z) / np.asarray(ls)) ** 2)))


def matern52(r: float) -> float:
    return (1 + np.sqrt(5) * r + 5 / 3 * r**2) * np.exp(-np.sqrt(5) * r)


def matern32(r: float) -> float:
    return (1 + np.sqrt(3) * r) * np.exp(-np.sqrt(3) * r)


def on_circle(x: Any, z: Any, period: float) -> float:
    return abs(np.sin(np.pi * (x - z).item() / period))


def polar(x: Any, z: Any) -> float:
    share = min(abs(x - z).item() % 1.3, 1.3 - abs(x - z).item() % 1.3) / 0.65
    return (1 + 5 * share) * max(1 - share, 0) ** 5


def gibbs(x: Any, z: Any) -> float:
    a, b = 0.5 + x.item() ** 2, 0.5 + z.item() ** 2
    return np.sqrt(2 * a * b / (a**2 + b**2)) * np.exp(-((x - z).item() ** 2) / (a**2 + b**2))


LS = np.array([0.7, 0.9, 1.2])
B = np.array([[1.5, 0.4], [0.4, 2.0]])
W = np.array([[1.0, 0.3], [-0.5, 0.8]])

CASES = [
    Case("ExpQuad", cov.ExpQuad(1, 0.7), lambda x, z: np.exp(-0.5 * distance(x, z, 0.7) ** 2)),
    Case(
        "ExpQuad of each",
        cov.ExpQuad(3, LS),
        lambda x, z: np.exp(-0.5 * distance(x, z, LS) ** 2),
        3,
    ),
    Case(
        "ExpQuad by the inverse",
        cov.ExpQuad(3, ls_inv=1 / LS),
        lambda x, z: np.exp(-0.5 * distance(x, z, LS) ** 2),
        3,
    ),
    Case(
        "ExpQuad of two columns",
        cov.ExpQuad(3, [0.7, 1.2], active_dims=[0, 2]),
        lambda x, z: np.exp(-0.5 * distance(x[[0, 2]], z[[0, 2]], LS[[0, 2]]) ** 2),
        3,
    ),
    Case(
        "RatQuad",
        cov.RatQuad(3, alpha=0.8, ls=LS),
        lambda x, z: (1 + distance(x, z, LS) ** 2 / 1.6) ** -0.8,
        3,
    ),
    Case("Matern52", cov.Matern52(3, LS), lambda x, z: matern52(distance(x, z, LS)), 3),
    Case("Matern32", cov.Matern32(3, 1), lambda x, z: matern32(distance(x, z)), 3),
    Case("Matern12", cov.Matern12(3, LS), lambda x, z: np.exp(-distance(x, z, LS)), 3),
    Case("Exponential", cov.Exponential(3, LS), lambda x, z: np.exp(-distance(x, z, LS) / 2), 3),
    Case("Cosine", cov.Cosine(1, 0.8), lambda x, z: np.cos(2 * np.pi * distance(x, z, 0.8))),
    Case(
        "Periodic",
        cov.Periodic(1, period=1.3, ls=0.6),
        lambda x, z: np.exp(-0.5 * (on_circle(x, z, 1.3) / 0.6) ** 2),
    ),
    Case(
        "Periodic of two columns",
        cov.Periodic(3, period=1.3, ls=[0.6, 0.9], active_dims=[1, 2]),
        lambda x, z: np.exp(
            -0.5 * (on_circle(x[1], z[1], 1.3) / 0.6) ** 2
            - 0.5 * (on_circle(x[2], z[2], 1.3) / 0.9) ** 2
        ),
        3,
    ),
    Case(
        "WrappedPeriodic",
        cov.WrappedPeriodic(cov.Matern32(1, 0.6), period=1.3),
        lambda x, z: matern32(on_circle(x, z, 1.3) / 0.6),
    ),
    Case("Circular", cov.Circular(1, period=1.3, tau=5), polar),
    Case("Linear", cov.Linear(3, LS), lambda x, z: (x - LS) @ (z - LS), 3),
    Case(
        "Polynomial",
        cov.Polynomial(3, c=0.5, d=2, offset=0.7, active_dims=[0, 1]),
        lambda x, z: ((x[:2] - 0.5) @ (z[:2] - 0.5) + 0.7) ** 2,
        3,
    ),
    Case("Constant", cov.Constant(2.5), lambda x, z: 2.5),
    Case(
        "Coregion",
        cov.Coregion(2, B=B, active_dims=[1]) * cov.ExpQuad(2, 1, active_dims=[0]),
        lambda x, z: B[int(x[1]), int(z[1])] * np.exp(-0.5 * (x[0] - z[0]) ** 2),
        -2,
    ),
    Case(
        "Coregion by its factors",
        cov.Coregion(2, W=W, kappa=[0.5, 0.2], active_dims=[1]),
        lambda x, z: (W @ W.T + np.diag([0.5, 0.2]))[int(x[1]), int(z[1])],
        -2,
    ),
    Case(
        "Kron",
        cov.Kron([cov.ExpQuad(1, 0.7), cov.Linear(2, 0.5)]),
        lambda x, z: (
            np.exp(-0.5 * distance(x[0], z[0], 0.7) ** 2) * ((x[1:] - 0.5) @ (z[1:] - 0.5))
        ),
        3,
    ),
    Case(
        "ScaledCov",
        cov.ScaledCov(1, cov.Matern52(1, 1), lambda x, a: a + x, args=(3.0,)),
        lambda x, z: (3 + x.item()) * matern52(distance(x, z)) * (3 + z.item()),
    ),
    Case(
        "WarpedInput",
        cov.WarpedInput(1, cov.Matern52(1, 1), lambda x, a: x**3 / a, args=(2.0,)),
        lambda x, z: matern52(distance(x**3 / 2, z**3 / 2)),
    ),
    Case("Gibbs", cov.Gibbs(1, lambda x: 0.5 + x**2), gibbs),
    Case(
        "sum, product and power",
        2.0 * cov.ExpQuad(1, 1) ** 2 + cov.Linear(1, 0) * cov.Matern32(1, 1) * 3 + 1.5,
        lambda x, z: (
            2 * np.exp(-(distance(x, z) ** 2)) + 3 * (x @ z) * matern32(distance(x, z)) + 1.5
        ),
    ),
]


def inputs(case: Case, rows: int, seed: int) -> Any:
    """Return points for a case; for a negative number of columns the last names an output."""
    rng = np.random.default_rng(seed)
    X = rng.uniform(-1.5, 2.0, (rows, abs(case.columns)))
    if case.columns < 0:
        X[:, -1] = rng.integers(0, 2, rows)
    return X
