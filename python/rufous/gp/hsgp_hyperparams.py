"""How many waves, and how large a box."""

from __future__ import annotations

from collections.abc import Sequence

from rufous.errors import SettingsError

__all__ = ["approx_hsgp_hyperparams"]

# Least box per longest length scale, and waves per box and shortest length scale.
FACTORS = {"expquad": (3.2, 1.75), "matern52": (4.1, 2.65), "matern32": (4.5, 3.42)}
SMALLEST = 1.2


def approx_hsgp_hyperparams(
    x_range: Sequence[float], lengthscale_range: Sequence[float], cov_func: str
) -> tuple[int, float]:
    r"""Recommend `m` and `c` of an `HSGP` of one dimension.

    .. math:: c = \max\left(a \, \frac{\ell_{max}}{S}, \; 1.2\right), \quad
        m = \left\lfloor b \, c \, \frac{S}{\ell_{min}} \right\rfloor

    where :math:`S` is half the range of the points.

    Parameters
    ----------
    x_range : sequence of two floats
        Lowest and highest point, those of predictions included.
    lengthscale_range : sequence of two floats
        Shortest and longest length scale that the prior allows, such as its 95 % interval.
    cov_func : {"expquad", "matern52", "matern32"}
        The covariance function.

    Returns
    -------
    int
        `m`, the least number of waves.
    float
        `c`, the least size of the box.

    Raises
    ------
    SettingsError
        When a range is not in order, or nothing is known for the covariance function.

    References
    ----------
    .. [1] Riutort-Mayol, Bürkner, Andersen, Solin and Vehtari (2022), Practical Hilbert space
       approximate Bayesian Gaussian processes for probabilistic programming, section 4.4.

    Examples
    --------
    >>> import rufous as rf
    >>> m, c = rf.gp.hsgp_approx.approx_hsgp_hyperparams([0, 10], [1, 3], "expquad")
    >>> m, round(c, 2)
    (16, 1.92)
    """
    low, high = _in_order("x_range", x_range)
    shortest, longest = _in_order("lengthscale_range", lengthscale_range)
    if shortest <= 0:
        raise SettingsError(f"`lengthscale_range` must be positive, got {lengthscale_range!r}")
    factors = FACTORS.get(cov_func.lower()) if isinstance(cov_func, str) else None
    if factors is None:
        raise SettingsError(
            "`cov_func`: Unsupported covariance function. Supported options are "
            f"{', '.join(map(repr, FACTORS))}; got {cov_func!r}"
        )
    half = 0.5 * (high - low)
    c = max(factors[0] * longest / half, SMALLEST)
    return int(factors[1] * c * half / shortest), c


def _in_order(name: str, values: Sequence[float]) -> tuple[float, float]:
    try:
        low, high = (float(value) for value in values)
    except (TypeError, ValueError):
        raise SettingsError(f"`{name}` must be two numbers, got {values!r}") from None
    if not low < high:
        raise SettingsError(
            f"One of the `{name}` boundaries is out of order: the lower comes first, got {values!r}"
        )
    return low, high
