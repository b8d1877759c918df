"""A density given by points, with straight lines between them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.parameters import all_constants, at_least_zero, real
from rufous.distributions.rv import without_batch
from rufous.distributions.stable import as_real, inside
from rufous.errors import SettingsError, ShapeError
from rufous.model.registry import Constraint
from rufous.transforms import Interval, Transform

__all__ = ["Interpolated"]


class InterpolatedRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Draws by inversion of the cdf, a parabola in each interval."""

    name = "interpolated"
    signature = "(n),(n)->()"
    dtype = "float64"
    _print_name = ("Interpolated", "\\operatorname{Interpolated}")

    @classmethod
    def rng_fn(cls, rng: Any, x: Any, density: Any, size: Any) -> Any:
        """Find the interval, then solve for the place in it."""
        x, density = without_batch(x, 1), without_batch(density, 1)
        areas = 0.5 * (density[1:] + density[:-1]) * np.diff(x)
        cdf = np.concatenate([[0.0], np.cumsum(areas)])
        target = rng.random(() if size is None else size) * cdf[-1]
        i = np.clip(np.searchsorted(cdf, target, side="right") - 1, 0, len(areas) - 1)
        width, rest = np.diff(x)[i], target - cdf[i]
        slope = (density[i + 1] - density[i]) / width
        root = np.sqrt(np.maximum(density[i] ** 2 + 2.0 * slope * rest, 0.0))
        # The solution of the quadratic equation that also holds for a slope of zero.
        with np.errstate(invalid="ignore", divide="ignore"):
            step = 2.0 * rest / (density[i] + root)
        return x[i] + np.clip(np.nan_to_num(step), 0.0, width)


class Interpolated(Distribution, op=InterpolatedRV()):
    r"""Distribution with a density that runs in straight lines between points.

    .. math:: f(x) = \frac{1}{Z} \left[f_i + \frac{x - x_i}{x_{i+1} - x_i}
        \left(f_{i+1} - f_i\right)\right], \quad x_i \le x \le x_{i+1}

    ========  =============================================
    Support   ``x_points[0] <= x <= x_points[-1]``
    Mean      ``integral of x * f(x)``
    Variance  ``integral of x**2 * f(x), less mean**2``
    ========  =============================================

    Parameters
    ----------
    x_points : array_like, shape (n,)
        Increasing places; at least 2.
    pdf_points : array_like, shape (n,)
        Density at these places up to a constant factor; not negative, not all zero.

    Raises
    ------
    SettingsError
        When the places are not increasing, or a density is negative or zero everywhere.
    ShapeError
        When the arrays are not vectors of the same length.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Interpolated("x", x_points=[0, 1, 3], pdf_points=[0, 2, 1])
    >>> model.value_vars
    [x_interval__]
    """

    @classmethod
    def parametrise(cls, x_points: Any, pdf_points: Any) -> Any:
        """Check and take both as they are."""
        x = real("x_points", x_points)
        density = real("pdf_points", pdf_points, at_least_zero)
        if x.type.ndim != 1 or density.type.ndim != 1 or x.type.shape != density.type.shape:
            raise ShapeError(
                "`x_points` and `pdf_points` must be vectors of the same length, "
                f"got shapes {x.type.shape} and {density.type.shape}"
            )
        values = all_constants(x, density)
        if values is not None and (len(values[0]) < 2 or not (np.diff(values[0]) > 0).all()):
            raise SettingsError("`x_points` must be at least two increasing numbers; sort them")
        if values is not None and not values[1].any():
            raise SettingsError("`pdf_points` must not be zero everywhere")
        return cls.op, (x, density)

    @staticmethod
    def logdensity(value: Any, x: Any, density: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        x, density = without_batch(x, 1), without_batch(density, 1)
        i, share = _place(value, x)
        line = density[i] + share * (density[i + 1] - density[i])
        core = pt.log(line) - pt.log(pt.sum(_areas(x, density)))
        return inside(pt.ge(value, x[0]) & pt.le(value, x[-1]), core)

    @staticmethod
    def logcdf(value: Any, x: Any, density: Any) -> Any:
        """Write the log cdf."""
        x, density = without_batch(x, 1), without_batch(density, 1)
        value = pt.clip(as_real(value), x[0], x[-1])
        i, share = _place(value, x)
        areas = _areas(x, density)
        before = pt.concatenate([pt.zeros((1,)), pt.cumsum(areas)])
        height = density[i] + 0.5 * share * (density[i + 1] - density[i])
        return pt.log(before[i] + share * (x[i + 1] - x[i]) * height) - pt.log(before[-1])

    @staticmethod
    def support_point(rv: Any, x: Any, density: Any) -> Any:
        """Return the mean of the intervals, weighted by their probabilities."""
        x, density = without_batch(x, 1), without_batch(density, 1)
        areas = _areas(x, density)
        return pt.sum(0.5 * (x[1:] + x[:-1]) * areas) / pt.sum(areas)

    @staticmethod
    def constraints(x: Any, density: Any) -> list[Constraint]:
        """Require increasing places and densities that are not negative."""
        increasing = pt.all(pt.gt(x[..., 1:], x[..., :-1]), axis=-1)
        return [
            Constraint(increasing, "x_points increase"),
            Constraint(pt.all(pt.ge(density, 0.0), axis=-1), "pdf_points >= 0"),
        ]

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the interval between the first and the last place."""
        return Interval(bounds_fn=_ends)


def _ends(x: Any, density: Any) -> tuple[Any, Any]:
    x = without_batch(x, 1)
    return x[0], x[-1]


def _areas(x: Any, density: Any) -> Any:
    return 0.5 * (density[1:] + density[:-1]) * (x[1:] - x[:-1])


def _place(value: Any, x: Any) -> tuple[Any, Any]:
    """Return the interval that a value lies in, and the share of it that is passed."""
    i = pt.clip(pt.searchsorted(x, value, side="right") - 1, 0, x.shape[0] - 2)
    return i, (value - x[i]) / (x[i + 1] - x[i])
