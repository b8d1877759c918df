"""Counts of several categories out of a fixed total."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.discrete.ordered import OrderedLogistic, increasing, read_cutpoints
from rufous.distributions.origin import is_softmax, known_log, times_log
from rufous.distributions.parameters import (
    at_least_zero,
    check_sums_to_one,
    integer,
    positive,
    probability,
    real,
    sums_to_one,
)
from rufous.distributions.stable import as_real, inside, log_gamma_ratio
from rufous.errors import ShapeError
from rufous.model.registry import Constraint
from rufous.model.variables import Deterministic

__all__ = ["DirichletMultinomial", "Multinomial", "OrderedMultinomial"]


class MultinomialRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Counts of independent draws of a category."""

    name = "multinomial"
    signature = "(),(k)->(k)"
    dtype = "int64"
    _print_name = ("Multinomial", "\\operatorname{Multinomial}")

    @classmethod
    def rng_fn(cls, rng: Any, n: Any, p: Any, size: Any) -> Any:
        """Draw by NumPy."""
        size = np.broadcast_shapes(np.shape(n), p.shape[:-1]) if size is None else size
        return _draw_counts(rng, n, p, size)


class Multinomial(Distribution, op=MultinomialRV()):
    r"""Multinomial distribution: how often each of K categories came in n draws.

    .. math:: P(x \mid n, p) = \frac{n!}{\prod_k x_k!} \prod_k p_k^{x_k}

    ==========  ============================================================
    Support     vectors of K counts with sum n
    Mean        ``n * p``
    Variance    ``n * p * (1 - p)``
    Covariance  ``-n * p[i] * p[j]``
    ==========  ============================================================

    Parameters
    ----------
    n : int, array_like or TensorVariable, shape (...)
        Number of draws; ``n >= 0``.
    p : array_like or TensorVariable, shape (..., K)
        Probabilities; ``0 <= p <= 1``, and the sum along the last axis is one.

    Raises
    ------
    SettingsError
        When a parameter is out of range, or constant probabilities do not sum to one.
    ShapeError
        When `p` has no axis of categories.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     p = rf.Dirichlet("p", [1, 1, 1])
    ...     y = rf.Multinomial("y", n=10, p=p, observed=[2, 5, 3])
    """

    @classmethod
    def parametrise(cls, n: Any, p: Any) -> Any:
        """Check both."""
        shares = _with_categories("p", real("p", p, probability))
        check_sums_to_one("p", shares)
        return cls.op, (integer("n", n, at_least_zero), shares)

    @staticmethod
    def logdensity(value: Any, n: Any, p: Any) -> Any:
        """Write the log probability."""
        counts, total = as_real(value), as_real(n)
        log_p = known_log(p)
        weighted = times_log(counts, p) if log_p is None else counts * log_p
        core = pt.gammaln(total + 1.0) + pt.sum(weighted - pt.gammaln(counts + 1.0), axis=-1)
        return inside(_adds_up(counts, total), core)

    @staticmethod
    def support_point(rv: Any, n: Any, p: Any) -> Any:
        """Return the mean, rounded, and the rest in the likeliest category."""
        return _rounded(n, p)

    @staticmethod
    def constraints(n: Any, p: Any) -> list[Constraint]:
        """Require a number of draws that is not negative and probabilities that sum to one."""
        found = at_least_zero.on("n", n)
        if is_softmax(p):
            return found
        within = Constraint(pt.all(probability.holds(p), axis=-1), probability.text.format("p"))
        return [*found, within, sums_to_one("p", p)]


class DirichletMultinomialRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Multinomial counts whose probabilities are Dirichlet."""

    name = "dirichlet_multinomial"
    signature = "(),(k)->(k)"
    dtype = "int64"
    _print_name = ("DirichletMultinomial", "\\operatorname{DirichletMultinomial}")

    @classmethod
    def rng_fn(cls, rng: Any, n: Any, a: Any, size: Any) -> Any:
        """Draw the probabilities, then the counts."""
        size = np.broadcast_shapes(np.shape(n), a.shape[:-1]) if size is None else size
        # In logarithms, as small concentrations give gamma numbers that underflow.
        shape = (*size, a.shape[-1])
        log_gamma = np.log(rng.gamma(a + 1.0, 1.0, shape)) + np.log1p(-rng.random(shape)) / a
        shares = np.exp(log_gamma - log_gamma.max(axis=-1, keepdims=True))
        return _draw_counts(rng, n, shares / shares.sum(axis=-1, keepdims=True), size)


class DirichletMultinomial(Distribution, op=DirichletMultinomialRV()):
    r"""Dirichlet-multinomial distribution: counts whose probabilities vary between rows.

    .. math:: P(x \mid n, a) = \frac{\Gamma(A) \, \Gamma(n + 1)}{\Gamma(n + A)}
        \prod_k \frac{\Gamma(x_k + a_k)}{\Gamma(a_k) \, \Gamma(x_k + 1)},
        \quad A = \sum_k a_k

    ==========  ==================================================================
    Support     vectors of K counts with sum n
    Mean        ``n * p`` with ``p = a / sum(a)``
    Variance    ``n * p * (1 - p) * (n + sum(a)) / (1 + sum(a))``
    Covariance  ``-n * p[i] * p[j] * (n + sum(a)) / (1 + sum(a))``
    ==========  ==================================================================

    Parameters
    ----------
    n : int, array_like or TensorVariable, shape (...)
        Number of draws; ``n >= 0``.
    a : array_like or TensorVariable, shape (..., K)
        Concentrations; ``a > 0``.

    Raises
    ------
    SettingsError
        When a parameter is out of range.
    ShapeError
        When `a` has no axis of categories.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.DirichletMultinomial("y", n=10, a=[1, 2, 3], observed=[2, 5, 3])
    """

    @classmethod
    def parametrise(cls, n: Any, a: Any) -> Any:
        """Check both."""
        concentration = _with_categories("a", real("a", a, positive))
        return cls.op, (integer("n", n, at_least_zero), concentration)

    @staticmethod
    def logdensity(value: Any, n: Any, a: Any) -> Any:
        """Write the log probability by ratios of gamma functions."""
        counts, total = as_real(value), as_real(n)
        supported = _adds_up(counts, total)
        counts = pt.switch(supported[..., None], counts, 0.0)
        each = log_gamma_ratio(a, counts) - pt.gammaln(counts + 1.0)
        core = (
            pt.gammaln(total + 1.0)
            - log_gamma_ratio(pt.sum(a, axis=-1), total)
            + pt.sum(each, axis=-1)
        )
        return inside(supported, core)

    @staticmethod
    def support_point(rv: Any, n: Any, a: Any) -> Any:
        """Return the mean, rounded, and the rest in the likeliest category."""
        return _rounded(n, a / pt.sum(a, axis=-1, keepdims=True))

    @staticmethod
    def constraints(n: Any, a: Any) -> list[Constraint]:
        """Require a number of draws that is not negative and positive concentrations."""
        return [*at_least_zero.on("n", n), Constraint(pt.all(pt.gt(a, 0.0), axis=-1), "a > 0")]


class OrderedMultinomial(Distribution):
    r"""Ordered multinomial distribution: counts of ordered categories.

    .. math:: P(x \mid \eta, c, n) = \frac{n!}{\prod_k x_k!} \prod_k p_k^{x_k}, \quad
        p_k = \operatorname{logit}^{-1}(c_k - \eta) - \operatorname{logit}^{-1}(c_{k-1} - \eta)

    ========  ===============================
    Support   vectors of K counts with sum n
    Mean      ``n * p``
    Variance  ``n * p * (1 - p)``
    ========  ===============================

    Parameters
    ----------
    eta : float, array_like or TensorVariable, shape (...)
        Location of the latent logistic number; any real number.
    cutpoints : array_like or TensorVariable, shape (..., K - 1)
        Increasing numbers between the categories.
    n : int, array_like or TensorVariable, shape (...)
        Number of draws; ``n >= 0``.
    compute_p : bool, default True
        Whether the probabilities of all categories become a deterministic, ``<name>_probs``.

    Raises
    ------
    SettingsError
        When constant cutpoints do not increase, or `n` is out of range.
    ShapeError
        When `cutpoints` has no axis.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     y = rf.OrderedMultinomial("y", eta=0, cutpoints=[-1, 1], n=10, observed=[2, 5, 3])
    """

    def __new__(cls, name: str, *args: Any, compute_p: bool = True, **options: Any) -> Any:
        """Make the variable and its probabilities."""
        rv = super().__new__(cls, name, *args, **options)
        if compute_p:
            Deterministic(f"{name}_probs", rv.owner.op.dist_params(rv.owner)[1])
        return rv

    @classmethod
    def parametrise(cls, eta: Any, cutpoints: Any, n: Any) -> Any:
        """Take location and cutpoints to probabilities."""
        cuts = read_cutpoints(cutpoints)
        shares = OrderedLogistic.probabilities(real("eta", eta), cuts)
        # Out of order, a probability would be negative: the constraint on them then fails.
        ordered = increasing(cuts).condition[..., None]
        return MultinomialRV(), (integer("n", n, at_least_zero), pt.switch(ordered, shares, -1.0))


def _with_categories(name: str, tensor: Any) -> Any:
    if tensor.type.ndim < 1:
        raise ShapeError(f"`{name}` must have an axis of categories, got a single number")
    return tensor


def _adds_up(counts: Any, total: Any) -> Any:
    """Say where a vector holds counts with the right sum."""
    whole = pt.all(pt.ge(counts, 0.0) & pt.eq(counts, pt.floor(counts)), axis=-1)
    return whole & pt.eq(pt.sum(counts, axis=-1), total)


def _rounded(n: Any, p: Any) -> Any:
    mean = as_real(n)[..., None] * p
    likeliest = pt.eq(pt.arange(p.shape[-1]), pt.argmax(p, axis=-1)[..., None])

    def with_rest(counts: Any) -> Any:
        rest = as_real(n) - pt.sum(counts, axis=-1)
        return counts + pt.switch(likeliest, rest[..., None], 0.0)

    # Many numbers that are rounded up may leave less than nothing for the likeliest category.
    nearest = with_rest(pt.round(mean, mode="half_to_even"))
    fits = pt.all(pt.ge(nearest, 0.0), axis=-1, keepdims=True)
    return pt.cast(pt.switch(fits, nearest, with_rest(pt.floor(mean))), "int64")


def _draw_counts(rng: Any, n: Any, p: Any, size: tuple[int, ...]) -> Any:
    # The last probability is what is left: rounding must not make the sum exceed one.
    p = p / np.maximum(p.sum(axis=-1, keepdims=True), 1.0)
    return rng.multinomial(np.broadcast_to(n, size), np.broadcast_to(p, (*size, p.shape[-1])))
