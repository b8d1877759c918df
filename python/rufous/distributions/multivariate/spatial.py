"""Distributions on a map: each place is like its neighbours."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.linalg import eigh
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.multivariate.mv_normal import square_matrix
from rufous.distributions.parameters import Requirement, positive, real
from rufous.distributions.rv import without_batch
from rufous.distributions.stable import LOG_2PI, as_real
from rufous.errors import SettingsError, ShapeError
from rufous.model.registry import Constraint
from rufous.transforms import constant_value

__all__ = ["CAR", "ICAR"]

between_minus_one_and_one = Requirement(
    "-1 < {} < 1", lambda x: (x > -1) & (x < 1), "it is the strength of the spatial dependence"
)


class CARRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Normal numbers with the precision of a conditional autoregression."""

    name = "car"
    signature = "(n),(n,n),(),()->(n)"
    dtype = "float64"
    _print_name = ("CAR", "\\operatorname{CAR}")

    @classmethod
    def rng_fn(cls, rng: Any, mu: Any, W: Any, alpha: Any, tau: Any, size: Any) -> Any:
        """Solve the factor of the precision for standard normal numbers."""
        if size is None:
            size = np.broadcast_shapes(mu.shape[:-1], W.shape[:-2], np.shape(alpha), np.shape(tau))
        degrees = W.sum(axis=-1)
        alpha, tau = (np.asarray(each)[..., None, None] for each in (alpha, tau))
        precision = tau * (degrees[..., None] * np.eye(W.shape[-1]) - alpha * W)
        upper = np.swapaxes(np.linalg.cholesky(precision), -1, -2)
        standard = rng.standard_normal((*size, mu.shape[-1]))
        return mu + np.linalg.solve(upper, standard[..., None])[..., 0]


class CAR(Distribution, op=CARRV()):
    r"""Conditional autoregression: each place is drawn towards the mean of its neighbours.

    .. math:: f(x \mid W, \alpha, \tau) \propto |T|^{1/2}
        \exp\left(-\frac{1}{2} (x - \mu)^\top T (x - \mu)\right),
        \quad T = \tau (D - \alpha W), \; D = \operatorname{diag}\Big(\sum_j W_{ij}\Big)

    ==========  ======================================
    Support     vectors with one number for each place
    Mean        ``mu``
    Covariance  ``inv(tau * (D - alpha * W))``
    ==========  ======================================

    Parameters
    ----------
    mu : float, array_like or TensorVariable, shape (..., n)
        Mean; a single number is the same for all places.
    W : array_like, sparse matrix or TensorVariable, shape (n, n)
        Weights between neighbours; symmetric, zero elsewhere, each place has a neighbour.
    alpha : float, array_like or TensorVariable
        Strength of the dependence; ``-1 < alpha < 1``, and 0 makes the places independent.
    tau : float, array_like or TensorVariable
        Precision; ``tau > 0``.

    Raises
    ------
    SettingsError
        When `W` is not symmetric, or a parameter is out of range.
    ShapeError
        When `W` is not square or does not fit `mu`.

    Notes
    -----
    As in PyMC, the log density leaves out a constant: ``0.5 * sum(log(diag(D) / (2 * pi)))``.

    Examples
    --------
    >>> import rufous as rf
    >>> import numpy as np
    >>> neighbours = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> with rf.Model():
    ...     x = rf.CAR("x", mu=0, W=neighbours, alpha=0.9, tau=1)
    """

    @classmethod
    def parametrise(cls, mu: Any, W: Any, alpha: Any, tau: Any) -> Any:
        """Check the weights."""
        weights = _weights(W)
        mean = real("mu", mu)
        length, has = weights.type.shape[-1], mean.type.shape[-1] if mean.type.ndim else 1
        if None not in (length, has) and has not in (1, length):
            raise ShapeError(f"`mu` has length {has}, `W` {length} rows; they must be the same")
        if has == 1 and length != 1:
            mean = mean + pt.zeros((weights.shape[-1],))
        strength = real("alpha", alpha, between_minus_one_and_one)
        return cls.op, (mean, weights, strength, real("tau", tau, positive))

    @staticmethod
    def logdensity(value: Any, mu: Any, W: Any, alpha: Any, tau: Any) -> Any:
        """Write the log density by the eigenvalues of the scaled weights."""
        weights = without_batch(W, 2)
        degrees = pt.sum(weights, axis=0)
        distance = as_real(value) - mu
        pull = degrees * distance - alpha[..., None] * pt.dot(distance, weights)
        squared = tau * pt.sum(distance * pull, axis=-1)
        logs = pt.sum(pt.log1p(-alpha[..., None] * _eigenvalues(W, weights)), axis=-1)
        return 0.5 * (pt.cast(mu.shape[-1], "float64") * pt.log(tau) + logs - squared)

    @staticmethod
    def support_point(rv: Any, mu: Any, W: Any, alpha: Any, tau: Any) -> Any:
        """Return the mean."""
        return mu

    @staticmethod
    def constraints(mu: Any, W: Any, alpha: Any, tau: Any) -> list[Constraint]:
        """Require the strength in range, a positive precision and symmetric weights."""
        found = between_minus_one_and_one.on("alpha", alpha) + positive.on("tau", tau)
        if constant_value(W) is None:
            symmetric = pt.all(pt.eq(W, W.mT), axis=(-2, -1))
            found.append(Constraint(symmetric, "W is symmetric"))
        return found


class ICARRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Normal numbers by the differences of neighbours, with a sum close to zero."""

    name = "icar"
    signature = "(n,n),(),()->(n)"
    dtype = "float64"
    _print_name = ("ICAR", "\\operatorname{ICAR}")

    @classmethod
    def rng_fn(cls, rng: Any, W: Any, sigma: Any, deviation: Any, size: Any) -> Any:
        """Draw along the eigenvectors of the precision."""
        if size is None:
            size = np.broadcast_shapes(W.shape[:-2], np.shape(sigma), np.shape(deviation))
        weights = without_batch(W, 2)
        n = len(weights)
        values, vectors = np.linalg.eigh(np.diag(weights.sum(axis=0)) - weights)
        if n > 1 and values[1] < 1e-10:
            raise SettingsError(
                "ICAR: `W` falls into parts without a link, between which the level is open: "
                "nothing can be drawn. Use one ICAR for each part"
            )
        standard = rng.standard_normal((*size, n))
        scales = np.asarray(sigma)[..., None] / np.sqrt(np.maximum(values, 1e-300))
        # The first eigenvector is constant: its place is taken by the sum.
        level = np.asarray(deviation) * standard[..., 0]
        return (scales * standard)[..., 1:] @ vectors[:, 1:].T + level[..., None]


class ICAR(Distribution, op=ICARRV()):
    r"""Intrinsic conditional autoregression: neighbours differ by normal numbers.

    .. math:: f(x \mid W, \sigma) \propto
        \exp\left(-\frac{1}{2 \sigma^2} \sum_{i \sim j} (x_i - x_j)^2\right)
        \, N\Big(\sum_i x_i \,\Big|\, 0, n s\Big)

    ==========  ==================================================================
    Support     vectors with one number for each place
    Mean        0
    Covariance  the inverse of ``(D - W) / sigma**2 + ones / (n * s)**2``
    ==========  ==================================================================

    Parameters
    ----------
    W : array_like, sparse matrix or TensorVariable, shape (n, n)
        1 for neighbours, 0 elsewhere; symmetric, a constant.
    sigma : float, array_like or TensorVariable, default 1
        Standard deviation of the differences; ``sigma > 0``.
    zero_sum_stdev : float, array_like or TensorVariable, default 0.001
        How far the mean of all places may be from zero, s; ``zero_sum_stdev > 0``.

    Raises
    ------
    SettingsError
        When `W` is not symmetric or holds other numbers, or a parameter is out of range.
    ShapeError
        When `W` is not square.

    Notes
    -----
    As in PyMC, the log density leaves out the normaliser of the differences, also where it depends
    on `sigma`: with a free scale, multiply an ``ICAR(W=W)`` by it.

    Examples
    --------
    >>> import rufous as rf
    >>> import numpy as np
    >>> neighbours = np.array([[0, 1, 0], [1, 0, 1], [0, 1, 0]])
    >>> with rf.Model():
    ...     scale = rf.HalfNormal("scale", 1)
    ...     effect = scale * rf.ICAR("phi", W=neighbours)
    """

    @classmethod
    def parametrise(cls, W: Any, sigma: Any = 1.0, zero_sum_stdev: Any = 0.001) -> Any:
        """Check the links."""
        weights = _weights(W)
        constant = constant_value(weights)
        if constant is None:
            raise SettingsError("`W` must be constant: its links decide the graph")
        if not np.isin(constant, (0.0, 1.0)).all():
            raise SettingsError("`W` must hold 1 for neighbours and 0 elsewhere")
        deviation = real("zero_sum_stdev", zero_sum_stdev, positive)
        return cls.op, (weights, real("sigma", sigma, positive), deviation)

    @staticmethod
    def logdensity(value: Any, W: Any, sigma: Any, deviation: Any) -> Any:
        """Write the log density by the differences along all links."""
        weights = without_batch(constant_value(W), 2)
        first, second = np.nonzero(np.tril(weights))
        value = as_real(value)
        differences = pt.sum(pt.sqr(value[..., first] - value[..., second]), axis=-1)
        spread = deviation * float(len(weights))
        level = pt.sqr(pt.sum(value, axis=-1) / spread) + LOG_2PI
        return -0.5 * (differences / pt.sqr(sigma) + level) - pt.log(spread)

    @staticmethod
    def support_point(rv: Any, W: Any, sigma: Any, deviation: Any) -> Any:
        """Return zeros."""
        return pt.zeros_like(rv)

    @staticmethod
    def constraints(W: Any, sigma: Any, deviation: Any) -> list[Constraint]:
        """Require positive standard deviations."""
        return positive.on("sigma", sigma) + positive.on("zero_sum_stdev", deviation)


def _weights(W: Any) -> Any:
    """Read weights between places, dense or sparse; constant ones must be symmetric."""
    dense = W.toarray() if hasattr(W, "toarray") else W
    weights = square_matrix("W", dense)
    if weights.type.ndim != 2:
        raise ShapeError(f"`W` must be one matrix, got {weights.type.ndim} axes")
    constant = constant_value(weights)
    if constant is not None and not np.array_equal(constant, constant.T):
        raise SettingsError("`W` must be symmetric: a neighbour of a place has it as a neighbour")
    if constant is not None and not constant.sum(axis=0).all():
        place = int(np.flatnonzero(constant.sum(axis=0) == 0)[0])
        raise SettingsError(f"`W` gives place {place} no neighbours; leave it out")
    return weights


def _eigenvalues(W: Any, weights: Any) -> Any:
    """Return the eigenvalues of the weights scaled by the roots of their sums."""
    constant = constant_value(W)
    if constant is None:
        roots = pt.sqrt(pt.sum(weights, axis=0))
        return eigh(weights / (roots[:, None] * roots))[0]
    constant = without_batch(constant, 2)
    degrees = np.sqrt(constant.sum(axis=0))
    return pt.constant(np.linalg.eigvalsh(constant / (degrees[:, None] * degrees)))
