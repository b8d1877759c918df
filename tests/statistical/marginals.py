"""What is known exactly of each coordinate of a target."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import norm

from statistical.monte_carlo import Array

PROBABILITIES = (0.05, 0.5, 0.95)
QUANTITIES = ("x", "x^2", "|x - m|", "5 %", "50 %", "95 %")


@dataclass(frozen=True)
class Marginals:
    """Moments, quantiles and distribution functions of coordinates.

    Parameters
    ----------
    mean, square, deviation : ndarray, shape (dim,)
        Expectations of x, of its square, and of its distance from the mean.
    quantiles : ndarray, shape (3, dim)
        At 5, 50 and 95 %.
    cdf : callable
        Takes an array of shape (draws, dim), column by column.
    """

    mean: Array
    square: Array
    deviation: Array
    quantiles: Array
    cdf: Callable[[Array], Array]

    @property
    def dim(self) -> int:
        """Number of coordinates."""
        return len(self.mean)

    def truths(self) -> Array:
        """Return the expectations of `QUANTITIES`, quantity by quantity."""
        indicators = [np.full(self.dim, probability) for probability in PROBABILITIES]
        return np.concatenate([self.mean, self.square, self.deviation, *indicators])

    def quantities(self, draws: Array, columns: slice = slice(None)) -> Array:
        """Compute `QUANTITIES` of some coordinates of draws, quantity by quantity."""
        x, mean, quantiles = draws[..., columns], self.mean[columns], self.quantiles[:, columns]
        indicators = [(x <= quantile).astype(float) for quantile in quantiles]
        return np.concatenate([x, x**2, np.abs(x - mean), *indicators], axis=-1)


def normals(sd: Array) -> Marginals:
    """Normals around zero."""
    return Marginals(
        mean=np.zeros(len(sd)),
        square=sd**2,
        deviation=sd * np.sqrt(2 / np.pi),
        quantiles=norm.ppf(PROBABILITIES)[:, None] * sd,
        cdf=lambda x: norm.cdf(x / sd),
    )


def alike(distribution: Any, dim: int) -> Marginals:
    """Coordinates with the same distribution of SciPy."""
    mean = distribution.mean()
    deviation = distribution.expect(lambda x: np.abs(x - mean))
    return Marginals(
        mean=np.full(dim, mean),
        square=np.full(dim, distribution.var() + mean**2),
        deviation=np.full(dim, deviation),
        quantiles=np.repeat(distribution.ppf(PROBABILITIES)[:, None], dim, axis=1),
        cdf=distribution.cdf,
    )


def tabulated(tables: Sequence[tuple[Array, Array]]) -> Marginals:
    """Coordinates whose densities are known on even grids, up to factors."""
    grids, weights = zip(*tables, strict=True)
    weights = [weight / weight.sum() for weight in weights]
    mean = np.array([g @ w for g, w in zip(grids, weights, strict=True)])
    square = np.array([g**2 @ w for g, w in zip(grids, weights, strict=True)])
    deviation = np.array([np.abs(g - m) @ w for g, w, m in zip(grids, weights, mean, strict=True)])
    # The weight of a grid point lies half on either side of it.
    cumulative = [np.cumsum(w) - 0.5 * w for w in weights]
    pairs = list(zip(grids, cumulative, strict=True))
    return Marginals(
        mean=mean,
        square=square,
        deviation=deviation,
        quantiles=np.array([np.interp(PROBABILITIES, c, g) for g, c in pairs]).T,
        cdf=lambda x: np.column_stack(
            [np.interp(column, g, c) for column, (g, c) in zip(x.T, pairs, strict=True)]
        ),
    )
