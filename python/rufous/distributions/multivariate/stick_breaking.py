"""Proportions made by breaking pieces off a stick."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.parameters import SUM_TOLERANCE, positive, real
from rufous.distributions.stable import as_real, inside
from rufous.errors import SettingsError
from rufous.model.registry import Constraint
from rufous.transforms import Transform, constant_value, simplex

__all__ = ["StickBreakingWeights"]


class StickBreakingWeightsRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Pieces of beta shares of what is left, and the rest."""

    name = "stick_breaking_weights"
    dtype = "float64"
    _print_name = ("StickBreakingWeights", "\\operatorname{StickBreakingWeights}")

    @classmethod
    def with_pieces(cls, pieces: int) -> StickBreakingWeightsRV:
        """Return the op for a number of pieces before the rest."""
        return cls(signature=f"()->({pieces + 1})")

    @property
    def pieces(self) -> int:
        """Number of pieces before the rest."""
        return int(self.output_sig[0]) - 1

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        return [pt.constant(self.pieces + 1, dtype="int64")]

    def rng_fn(self, rng: Any, alpha: Any, size: Any) -> Any:
        """Draw the shares, and break."""
        size = np.shape(alpha) if size is None else size
        shares = rng.beta(1.0, np.asarray(alpha)[..., None], (*size, self.pieces))
        left = np.cumprod(1.0 - shares, axis=-1)
        before = np.concatenate([np.ones((*size, 1)), left[..., :-1]], axis=-1)
        return np.concatenate([shares * before, left[..., -1:]], axis=-1)


class StickBreakingWeights(Distribution, op_type=StickBreakingWeightsRV):
    r"""Weights of a truncated Dirichlet process, by breaking a stick.

    .. math:: w_k = v_k \prod_{j < k} (1 - v_j), \quad v_k \sim \text{Beta}(1, \alpha),
        \qquad w_{K+1} = \prod_{j \le K} (1 - v_j)

    ========  ================================================================
    Support   ``0 <= w[k]``, ``sum(w) = 1``, K + 1 numbers
    Mean      ``(alpha / (1 + alpha))**(k - 1) / (1 + alpha)``, for the last
              ``(alpha / (1 + alpha))**K``
    Variance  by the products of beta numbers
    ========  ================================================================

    Parameters
    ----------
    alpha : float, array_like or TensorVariable
        Concentration; ``alpha > 0``. Large values make many small pieces.
    K : int
        Number of pieces before the rest; at least 1, a constant. There are K + 1 weights.

    Raises
    ------
    SettingsError
        When a parameter is missing or out of range.

    Notes
    -----
    The density is with respect to the first K weights.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     w = rf.StickBreakingWeights("w", alpha=1, K=4)
    >>> model.value_vars
    [w_simplex__]
    """

    @classmethod
    def parametrise(cls, alpha: Any, K: Any) -> Any:
        """Put the number of pieces into the op."""
        pieces = K if isinstance(K, int | np.integer) else constant_value(K)
        whole = pieces is not None and np.ndim(pieces) == 0 and pieces == int(pieces)
        if isinstance(K, bool) or not whole or pieces < 1:
            raise SettingsError(f"`K` must be a constant whole number of at least 1, got {K!r}")
        op = StickBreakingWeightsRV.with_pieces(int(pieces))
        return op, (real("alpha", alpha, positive),)

    @staticmethod
    def logdensity(op: Any, value: Any, alpha: Any) -> Any:
        """Write the log density by what is left before each piece."""
        value = as_real(value)
        left = pt.cumsum(value[..., ::-1], axis=-1)[..., ::-1][..., 1:]
        core = (
            op.pieces * pt.log(alpha)
            + alpha * pt.log(value[..., -1])
            - pt.sum(pt.log(left), axis=-1)
        )
        total = pt.sum(value, axis=-1)
        supported = pt.all(pt.ge(value, 0.0), axis=-1) & pt.le(pt.abs(total - 1.0), SUM_TOLERANCE)
        return inside(supported, core)

    @staticmethod
    def support_point(op: Any, rv: Any, alpha: Any) -> Any:
        """Return the mean."""
        ratio = (alpha / (1.0 + alpha))[..., None]
        pieces = ratio ** np.arange(float(op.pieces)) * (1.0 - ratio)
        return pt.concatenate([pieces, ratio ** float(op.pieces)], axis=-1)

    @staticmethod
    def constraints(op: Any, alpha: Any) -> list[Constraint]:
        """Require a positive concentration."""
        return positive.on("alpha", alpha)

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the simplex."""
        return simplex
