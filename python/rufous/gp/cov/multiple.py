"""Covariance functions of several outputs, and of inputs on a grid."""

from __future__ import annotations

import operator
from collections.abc import Sequence
from functools import reduce
from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.distributions.parameters import at_least_zero, real
from rufous.errors import SettingsError, ShapeError, WrongTypeError
from rufous.gp.cov.base import Covariance
from rufous.gp.inputs import shape_now
from rufous.transforms import constant_value

__all__ = ["Coregion", "Kron"]


class Coregion(Covariance):
    r"""Covariance between outputs, each named by a number.

    .. math:: k(i, j) = B_{ij}, \quad B = W W^\top + \mathrm{diag}(\kappa)

    Multiplied with a covariance function of other columns it makes a process of several outputs,
    the intrinsic coregionalisation model.

    Parameters
    ----------
    input_dim : int
        Number of columns of the inputs.
    W : array_like or TensorVariable, shape (outputs, rank), optional
        What the outputs have in common.
    kappa : array_like or TensorVariable, not negative, shape (outputs,), optional
        What each output has of its own.
    B : array_like or TensorVariable, shape (outputs, outputs), optional
        The covariance of the outputs, instead of `W` and `kappa`.
    active_dims : int or sequence of int, optional
        The one column with the number of the output, counted from 0; default the only one.

    Raises
    ------
    SettingsError
        When neither `W` and `kappa` nor `B` are given, or both.
    ShapeError
        When their lengths do not fit.

    References
    ----------
    .. [1] Bonilla, Chai and Williams (2008), Multi-task Gaussian process prediction, eq. 1.

    Examples
    --------
    >>> import rufous as rf
    >>> k = rf.gp.cov.Coregion(1, W=[[1.0], [2.0]], kappa=[0.5, 0.5])
    >>> rf.draw(k([[0], [1]]))
    array([[1.5, 2. ],
           [2. , 4.5]])
    """

    def __init__(
        self,
        input_dim: int,
        W: Any = None,
        kappa: Any = None,
        B: Any = None,
        active_dims: int | Sequence[int] | None = None,
    ) -> None:
        super().__init__(input_dim, active_dims)
        if self.n_dims != 1:
            raise SettingsError(
                "Coregion requires exactly one active column, the one with the number of the "
                f"output, got {self.n_dims}; choose it with active_dims=[...]"
            )
        if (B is None) == (W is None and kappa is None) or (W is None) != (kappa is None):
            given = [n for n, v in (("W", W), ("kappa", kappa), ("B", B)) if v is not None]
            raise SettingsError(
                "Coregion: give exactly one of (`W` and `kappa`) or `B`, got "
                f"{', '.join(given) or 'none of them'}"
            )
        if B is None:
            self.W, self.kappa = real("W", W), real("kappa", kappa, at_least_zero)
            _check_factors(shape_now(self.W), shape_now(self.kappa))
            self.B = self.W @ self.W.T + pt.eye(self.kappa.shape[0]) * self.kappa
        else:
            self.B = real("B", B)
            has = shape_now(self.B)
            if len(has) != 2 or has[0] != has[1]:
                raise ShapeError(f"`B` of Coregion must be a square matrix, got shape {has}")

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Look up the covariances of the outputs."""
        X, Xs = self._slice(X, Xs)
        index = self._outputs(X, "X")
        other = index if Xs is None else self._outputs(Xs, "Xs")
        return self.B[index[:, None], other[None, :]]

    def diag(self, X: Any) -> Any:
        """Look up the variances of the outputs."""
        return pt.diagonal(self.B)[self._outputs(self._slice(X)[0], "X")]

    def _outputs(self, column: Any, what: str) -> Any:
        """Read the numbers of the outputs."""
        count, given = shape_now(self.B)[0], constant_value(column)
        if given is not None and count is not None:
            bad = (given != np.round(given)) | (given < 0) | (given >= count)
            if bad.any():
                raise SettingsError(
                    f"column {int(self.active_dims[0])} of `{what}` names the outputs of Coregion, "
                    f"whole numbers from 0 to {count - 1}, got {given[bad][0]}; number them with "
                    "numpy.unique(..., return_inverse=True)"
                )
        return pt.cast(column[:, 0], "int64")


class Kron(Covariance):
    r"""Product of covariance functions that each have columns of their own.

    .. math:: k(x, x') = \prod_i k_i(x_i, x'_i)

    On the Cartesian product of points (`rufous.math.cartesian`) its matrix is the Kronecker product
    of the matrices of the factors.

    Parameters
    ----------
    factor_list : sequence of covariance function
        The first takes the first columns of the inputs, as many as its `input_dim`, and so on.

    Examples
    --------
    >>> import rufous as rf
    >>> k = rf.gp.cov.Kron([rf.gp.cov.ExpQuad(1, ls=1), rf.gp.cov.Linear(1, c=0)])
    >>> rf.draw(k([[0.0, 1.0], [1.0, 2.0]])).round(4)
    array([[1.    , 1.2131],
           [1.2131, 4.    ]])
    """

    def __init__(self, factor_list: Sequence[Covariance]) -> None:
        self.factor_list = list(factor_list)
        for factor in self.factor_list:
            if not isinstance(factor, Covariance):
                raise WrongTypeError(
                    "the factors of Kron must be covariance functions with an `input_dim`, got "
                    f"{factor!r}"
                )
        if not self.factor_list:
            raise SettingsError("Kron needs at least one covariance function, got none")
        super().__init__(sum(factor.input_dim for factor in self.factor_list))

    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the product of the covariances."""
        rights = [None] * len(self.factor_list) if Xs is None else self._parts(Xs, "Xs")
        parts = zip(self.factor_list, self._parts(X, "X"), rights, strict=True)
        return reduce(operator.mul, [factor(left, right) for factor, left, right in parts])

    def diag(self, X: Any) -> Any:
        """Write the product of the variances."""
        parts = zip(self.factor_list, self._parts(X, "X"), strict=True)
        return reduce(operator.mul, [factor(part, diag=True) for factor, part in parts])

    def _parts(self, inputs: Any, what: str) -> list[Any]:
        """Return the columns of each factor."""
        self._check_columns(inputs, what)
        ends = np.cumsum([factor.input_dim for factor in self.factor_list]).tolist()
        return [inputs[..., start:end] for start, end in zip([0, *ends[:-1]], ends, strict=True)]


def _check_factors(w: tuple[int | None, ...], kappa: tuple[int | None, ...]) -> None:
    if len(w) != 2 or len(kappa) != 1 or (None not in (w[0], kappa[0]) and w[0] != kappa[0]):
        raise ShapeError(
            "`W` of Coregion must have shape (outputs, rank) and `kappa` (outputs,), got "
            f"{w} and {kappa}"
        )
