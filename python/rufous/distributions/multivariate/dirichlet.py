"""The distribution of proportions that sum to one."""

from __future__ import annotations

from typing import Any

import pytensor.tensor as pt
from pytensor.tensor.random.basic import DirichletRV

from rufous.distributions.base import Distribution
from rufous.distributions.origin import times_log
from rufous.distributions.parameters import SUM_TOLERANCE, positive, real
from rufous.distributions.stable import as_real, inside
from rufous.errors import ShapeError
from rufous.model.registry import Constraint
from rufous.transforms import Transform, simplex

__all__ = ["Dirichlet"]


class Dirichlet(Distribution, op=DirichletRV(dtype="float64")):
    r"""Dirichlet distribution: K positive numbers that sum to one.

    .. math:: f(x \mid a) = \frac{\Gamma\left(\sum_k a_k\right)}{\prod_k \Gamma(a_k)}
        \prod_k x_k^{a_k - 1}

    ========  ==========================================================
    Support   ``0 <= x[k]``, ``sum(x) = 1``
    Mean      ``a[k] / sum(a)``
    Variance  ``m[k] * (1 - m[k]) / (sum(a) + 1)`` with ``m`` the mean
    ========  ==========================================================

    Parameters
    ----------
    a : array_like or TensorVariable, shape (..., K)
        Concentrations; ``a > 0``.

    Raises
    ------
    SettingsError
        When `a` is missing or out of range.
    ShapeError
        When `a` has no axis.

    Notes
    -----
    The density is with respect to the first K - 1 elements.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     p = rf.Dirichlet("p", [1, 2, 3])
    >>> model.value_vars
    [p_simplex__]
    """

    @classmethod
    def parametrise(cls, a: Any) -> Any:
        """Take `a` as it is."""
        concentration = real("a", a, positive)
        if concentration.type.ndim < 1:
            raise ShapeError(
                "`a` must have an axis of categories, got a single number; "
                "write for example numpy.full(3, 1.0)"
            )
        return cls.op, (concentration,)

    @staticmethod
    def logdensity(value: Any, a: Any) -> Any:
        """Write the log density."""
        value = as_real(value)
        core = (
            pt.sum(times_log(a - 1.0, value), axis=-1)
            + pt.gammaln(pt.sum(a, axis=-1))
            - pt.sum(pt.gammaln(a), axis=-1)
        )
        sums_to_one = pt.le(pt.abs(pt.sum(value, axis=-1) - 1.0), SUM_TOLERANCE)
        return inside(pt.all(pt.ge(value, 0.0), axis=-1) & sums_to_one, core)

    @staticmethod
    def support_point(rv: Any, a: Any) -> Any:
        """Return the mean."""
        return a / pt.sum(a, axis=-1, keepdims=True)

    @staticmethod
    def constraints(a: Any) -> list[Constraint]:
        """Require positive concentrations."""
        return [Constraint(pt.all(a > 0, axis=-1), "a > 0")]

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the simplex."""
        return simplex
