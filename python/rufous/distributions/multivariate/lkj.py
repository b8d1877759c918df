"""Distributions of correlation and covariance matrices by their Cholesky factors."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.components import (
    ComposedRV,
    checked_density,
    part_constraints,
    part_of,
    part_signature,
)
from rufous.distributions.parameters import positive, real
from rufous.distributions.stable import as_real, inside
from rufous.errors import SettingsError, ShapeError
from rufous.model import registry
from rufous.model.registry import Constraint
from rufous.model.variables import Deterministic
from rufous.transforms import CholeskyCorrTransform, CholeskyCovPacked, Transform, constant_value
from rufous.transforms.cholesky import diagonal_positions, unpack_triangle

__all__ = ["LKJCholeskyCov", "LKJCorr"]

# How far from one the length of a row of a factor may be.
LENGTH_TOLERANCE = 1e-8


class LKJCorrRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Cholesky factors of correlation matrices, row by row (Lewandowski et al. 2009)."""

    name = "lkj_corr"
    dtype = "float64"
    _print_name = ("LKJCorr", "\\operatorname{LKJCorr}")

    @classmethod
    def with_size(cls, n: int) -> LKJCorrRV:
        """Return the op for matrices of n rows."""
        return cls(signature=f"()->({n},{n})")

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return [pt.constant(int(length), dtype="int64") for length in self.output_sig]

    def rng_fn(self, rng: Any, eta: Any, size: Any) -> Any:
        """Draw a factor."""
        return _draw_factor(
            rng, eta, int(self.output_sig[0]), np.shape(eta) if size is None else size
        )


class LKJCorr(Distribution, op_type=LKJCorrRV):
    r"""LKJ distribution of correlation matrices, as their lower Cholesky factors.

    .. math:: f(L \mid \eta) \propto \prod_{i=2}^{n} L_{ii}^{n - i + 2 \eta - 2},
        \qquad \text{so that} \quad f(L L^\top) \propto |L L^\top|^{\eta - 1}

    ========  =======================================================================
    Support   lower triangular matrices with a positive diagonal and rows of length 1
    Mean      of each correlation: 0
    Variance  of each correlation: ``1 / (2 * eta + n - 1)``
    ========  =======================================================================

    Parameters
    ----------
    n : int
        Number of rows; at least 2, a constant.
    eta : float or TensorVariable
        Concentration around the identity; ``eta > 0``, and 1 makes all correlation matrices equally
        likely.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Notes
    -----
    The density is with respect to the elements below the diagonal of the factor.

    References
    ----------
    Lewandowski, D., Kurowicka, D. and Joe, H. (2009). Generating random correlation matrices based
    on vines and extended onion method. Journal of Multivariate Analysis 100(9), 1989-2001.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     chol = rf.LKJCorr("chol", n=3, eta=2)
    >>> model.value_vars
    [chol_cholesky_corr__]
    """

    @classmethod
    def parametrise(cls, n: Any, eta: Any) -> Any:
        """Put the number of rows into the op."""
        return LKJCorrRV.with_size(_number_of_rows(n)), (real("eta", eta, positive),)

    @staticmethod
    def logdensity(op: Any, value: Any, eta: Any) -> Any:
        """Write the log density."""
        n = int(op.output_sig[0])
        value = as_real(value)
        diagonal = pt.diagonal(value, axis1=-2, axis2=-1)
        lengths = pt.sum(pt.sqr(value), axis=-1)
        is_factor = (
            pt.all(pt.gt(diagonal, 0.0), axis=-1)
            & pt.all(pt.le(pt.abs(lengths - 1.0), LENGTH_TOLERANCE), axis=-1)
            & pt.all(pt.eq(value * np.triu(np.ones((n, n)), 1), 0.0), axis=(-2, -1))
        )
        return inside(is_factor, _factor_logdensity(pt.log(diagonal), eta, n))

    @staticmethod
    def support_point(op: Any, rv: Any, eta: Any) -> Any:
        """Return the identity."""
        return pt.eye(int(op.output_sig[0]))

    @staticmethod
    def constraints(op: Any, eta: Any) -> list[Constraint]:
        """Require a positive concentration."""
        return positive.on("eta", eta)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the ratios of the elements of each row to its diagonal."""
        return CholeskyCorrTransform(int(rv.owner.op.output_sig[0]))


class LKJCholeskyCovRV(ComposedRV):
    """Packed Cholesky factors of covariance matrices; the part draws the standard deviations."""

    name = "lkj_cholesky_cov"
    n_own = 1
    _print_name = ("LKJCholeskyCov", "\\operatorname{LKJCholeskyCov}")

    @property
    def n(self) -> int:
        """Number of rows."""
        return int(self.options[0])

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return [pt.constant(self.n * (self.n + 1) // 2, dtype="int64")]

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Draw the standard deviations and a factor of the correlation."""
        [(op, own)] = self.split(parameters)
        stds = op.rng_fn(rng, *own, (*size, self.n) if op.ndim_supp == 0 else size)
        factor = stds[..., None] * _draw_factor(rng, parameters[0], self.n, size)
        rows, columns = np.tril_indices(self.n)
        return factor[..., rows, columns]


class LKJCholeskyCov(Distribution, op_type=LKJCholeskyCovRV):
    r"""Covariance matrices with LKJ correlations, as Cholesky factors.

    The correlations follow the LKJ distribution (see `LKJCorr`), the standard deviations any
    distribution of positive numbers. The variable is the packed lower triangle of the factor.

    .. math:: f(L \mid \eta) = f(\sigma) \, f(C \mid \eta)
        \prod_{i=1}^{n} \frac{C_{ii}}{\sigma_i^{i - 1}},
        \quad L = \operatorname{diag}(\sigma) \, C

    ========  =============================================================
    Support   vectors of ``n * (n + 1) / 2`` elements: a lower triangle row
              by row, with a positive diagonal
    Mean      of the correlations: 0; of the standard deviations: that of
              `sd_dist`
    Variance  of each correlation: ``1 / (2 * eta + n - 1)``
    ========  =============================================================

    Parameters
    ----------
    eta : float or TensorVariable
        Concentration around uncorrelated vectors; ``eta > 0``.
    n : int
        Number of rows; at least 2, a constant.
    sd_dist : distribution
        Of the standard deviations, made with ``.dist()``: one for all, or of shape ``(n,)``.
    compute_corr : bool, default True
        Whether to return the factor as a matrix, the correlations and the standard deviations.
    store_in_trace : bool, default True
        Whether correlations and standard deviations become deterministics, ``<name>_corr`` and
        ``<name>_stds``.

    Returns
    -------
    chol : TensorVariable, shape (n, n)
        Cholesky factor; without `compute_corr` the packed variable alone is returned.
    corr : TensorVariable, shape (n, n)
        Correlations.
    stds : TensorVariable, shape (n,)
        Standard deviations.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Notes
    -----
    It starts at uncorrelated vectors with typical standard deviations; no initial value is needed.

    References
    ----------
    Lewandowski, D., Kurowicka, D. and Joe, H. (2009). Generating random correlation matrices based
    on vines and extended onion method. Journal of Multivariate Analysis 100(9), 1989-2001.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     chol, corr, stds = rf.LKJCholeskyCov(
    ...         "chol", eta=2, n=3, sd_dist=rf.Exponential.dist(1)
    ...     )
    >>> model.value_vars
    [chol_cholesky-cov-packed__]
    """

    def __new__(
        cls,
        name: str,
        *args: Any,
        compute_corr: bool = True,
        store_in_trace: bool = True,
        **options: Any,
    ) -> Any:
        """Make the packed variable and what follows from it."""
        packed = super().__new__(cls, name, *args, **options)
        if not compute_corr:
            return packed
        chol, corr, stds = _unpacked(packed)
        if store_in_trace:
            corr = Deterministic(f"{name}_corr", corr)
            stds = Deterministic(f"{name}_stds", stds)
        return chol, corr, stds

    @classmethod
    def dist(cls, *args: Any, compute_corr: bool = True, **options: Any) -> Any:
        """Make the same of a variable that belongs to no model."""
        packed = super().dist(*args, **options)
        return _unpacked(packed) if compute_corr else packed

    @classmethod
    def parametrise(cls, eta: Any, n: Any, sd_dist: Any) -> Any:
        """Put the number of rows and the op of the standard deviations into the op."""
        rows = _number_of_rows(n)
        part = part_of("sd_dist", sd_dist)
        if part.op.ndim_supp > 1:
            raise SettingsError("`sd_dist` must be a distribution of numbers or vectors")
        length = sd_dist.type.shape[-1] if sd_dist.type.ndim else 1
        if length not in (None, 1, rows):
            raise ShapeError(f"`sd_dist` has length {length}, but `n` is {rows}; make them agree")
        # The last batch axis of numbers runs along the rows: it belongs to the support.
        extra = 1 if part.op.ndim_supp == 0 else 0
        signature = ",".join(["()", *part_signature(part.op, "s", extra)])
        op = LKJCholeskyCovRV(
            [part.op], f"{signature}->({rows * (rows + 1) // 2})", "float64", (rows,)
        )
        return op, (real("eta", eta, positive), *part.padded(extra))

    @staticmethod
    def logdensity(op: Any, value: Any, eta: Any, *parameters: Any) -> Any:
        """Write the log density: of the standard deviations, the correlations, and the Jacobian."""
        n = op.n
        value = as_real(value)
        lengths = pt.sqrt(pt.sum(pt.sqr(unpack_triangle(value, n)), axis=-1))
        diagonal = value[..., diagonal_positions(n)]
        log_lengths = pt.log(lengths)
        log_diagonal = pt.log(diagonal) - log_lengths
        [(part, own)] = op.split((eta, *parameters))
        stds = checked_density(part, lengths, own)
        if part.ndim_supp == 0:
            stds = pt.sum(stds, axis=-1)
        # From the elements of a row to its length and direction.
        jacobian = pt.sum(log_diagonal - np.arange(float(n)) * log_lengths, axis=-1)
        core = _factor_logdensity(log_diagonal, eta, n) + stds + jacobian
        return inside(pt.all(pt.gt(diagonal, 0.0), axis=-1), core)

    @staticmethod
    def support_point(op: Any, rv: Any, eta: Any, *parameters: Any) -> Any:
        """Return the diagonal matrix of typical standard deviations."""
        [(part, own)] = op.split((eta, *parameters))
        # A batch of vectors is flattened away by the sum over the packed elements below.
        shape = (*(rv.shape[axis] for axis in range(rv.type.ndim - 1)), op.n)
        stds = registry.support_point(part, pt.zeros(shape), *own)
        place = np.zeros((op.n, op.n * (op.n + 1) // 2))
        place[np.arange(op.n), diagonal_positions(op.n)] = 1.0
        return pt.sum(pt.broadcast_to(stds, shape)[..., None] * place, axis=-2)

    @staticmethod
    def constraints(op: Any, eta: Any, *parameters: Any) -> list[Constraint]:
        """Require a positive concentration and what the standard deviations require."""
        [(part, own)] = op.split((eta, *parameters))
        return positive.on("eta", eta) + part_constraints(part, own, 1 - part.ndim_supp)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the logarithm of the diagonal."""
        return CholeskyCovPacked(rv.owner.op.n)


def _unpacked(packed: Any) -> tuple[Any, Any, Any]:
    """Return factor, correlations and standard deviations."""
    chol = unpack_triangle(packed, packed.owner.op.n)
    stds = pt.sqrt(pt.sum(pt.sqr(chol), axis=-1))
    unit = chol / stds[..., None]
    return chol, unit @ unit.mT, stds


def _factor_logdensity(log_diagonal: Any, eta: Any, n: int) -> Any:
    """Return the log density of a factor of a correlation matrix, with its normaliser."""
    k = np.arange(1.0, n)
    log_volume = pt.sum(
        0.5 * k * np.log(np.pi) + pt.gammaln(eta[..., None] + 0.5 * (n - 1.0 - k)), axis=-1
    ) - (n - 1.0) * pt.gammaln(eta + 0.5 * (n - 1.0))
    powers = 2.0 * eta[..., None] - 3.0 + n - np.arange(float(n))
    # The first element is one, whatever its power.
    return pt.sum((powers * log_diagonal)[..., 1:], axis=-1) - log_volume


def _draw_factor(rng: Any, eta: Any, n: int, size: tuple[int, ...]) -> Any:
    """Draw rows: the squared length of all but the last element is beta, the direction uniform."""
    factor = np.zeros((*size, n, n))
    factor[..., 0, 0] = 1.0
    for i in range(1, n):
        squared = rng.beta(0.5 * i, eta + 0.5 * (n - 1 - i), size)
        direction = rng.standard_normal((*size, i))
        direction /= np.linalg.norm(direction, axis=-1, keepdims=True)
        factor[..., i, :i] = np.sqrt(squared)[..., None] * direction
        factor[..., i, i] = np.sqrt(1.0 - squared)
    return factor


def _number_of_rows(n: Any) -> int:
    value = n if isinstance(n, int | np.integer) else constant_value(n)
    if value is None and isinstance(n, float | np.ndarray):
        value = n
    is_whole = value is not None and np.ndim(value) == 0 and value == int(value)
    if isinstance(n, bool) or not is_whole or value < 2:
        raise SettingsError(f"`n` must be a constant whole number of at least 2, got {n!r}")
    return int(value)
