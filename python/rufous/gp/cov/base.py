"""What all covariance functions share: how they are called and combined."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytensor.tensor as pt

from rufous.errors import RufousWarning, SettingsError, ShapeError, UnsupportedError, warn
from rufous.gp.inputs import as_inputs, shape_now
from rufous.model.arrays import as_float
from rufous.model.untraced import untraced

__all__ = ["BaseCovariance", "Covariance"]


class BaseCovariance(ABC):
    """A covariance function; subclasses write `full` and `diag`.

    Covariance functions are added and multiplied with each other, with numbers and with matrices,
    and raised to a power. A call gives the matrix of covariances between points.
    """

    # NumPy arrays on the left leave the operation to this class.
    __array_ufunc__ = None

    def __call__(self, X: Any, Xs: Any = None, diag: bool = False) -> Any:
        """Write the covariances between points.

        Parameters
        ----------
        X : array_like, Data or TensorVariable, shape (n, input_dim)
            One row for each point.
        Xs : array_like, Data or TensorVariable, shape (m, input_dim), optional
            Other points; default those of `X`.
        diag : bool, default False
            Only the variance at each point of `X`.

        Returns
        -------
        TensorVariable, shape (n, m), or (n,) with `diag`

        Raises
        ------
        ShapeError
            When the inputs do not have the columns that the function needs.
        SettingsError
            When both `Xs` and `diag` are given.
        """
        if diag and Xs is not None:
            raise SettingsError(
                "`diag=True` gives the variances at the points of `X`; leave `Xs` out"
            )
        with untraced():
            inputs = as_inputs(X)
            others = None if Xs is None else as_inputs(Xs, "Xs")
            return self.diag(inputs) if diag else self.full(inputs, others)

    @abstractmethod
    def full(self, X: Any, Xs: Any = None) -> Any:
        """Write the matrix of covariances, shape (n, m)."""

    @abstractmethod
    def diag(self, X: Any) -> Any:
        """Write the variances, shape (n,)."""

    def power_spectral_density(self, omega: Any) -> Any:
        """Write the power spectral density, for functions that have one.

        Parameters
        ----------
        omega : array_like or TensorVariable, shape (n, n_dims)
            Angular frequencies, one column for each active dimension.

        Returns
        -------
        TensorVariable, shape (n,)

        Raises
        ------
        UnsupportedError
            When none is known.
        """
        raise UnsupportedError(
            f"{type(self).__name__} has no power spectral density; ExpQuad, RatQuad, Matern52, "
            "Matern32, Matern12 and Exponential have one, and so have their sums and multiples"
        )

    def __add__(self, other: Any) -> Any:
        from rufous.gp.cov.algebra import Add

        return Add([self, other])

    def __radd__(self, other: Any) -> Any:
        from rufous.gp.cov.algebra import Add

        return Add([other, self])

    def __mul__(self, other: Any) -> Any:
        from rufous.gp.cov.algebra import Prod

        return Prod([self, other])

    def __rmul__(self, other: Any) -> Any:
        from rufous.gp.cov.algebra import Prod

        return Prod([other, self])

    def __pow__(self, power: Any) -> Any:
        from rufous.gp.cov.algebra import Exponentiated

        return Exponentiated(self, power)


class Covariance(BaseCovariance):
    """A covariance function of some columns of the inputs.

    Parameters
    ----------
    input_dim : int, at least 1
        Number of columns of the inputs.
    active_dims : int or sequence of int, optional
        Which columns are used; default the first `input_dim`, which is all of them.

    Raises
    ------
    SettingsError
        When a column is no whole number, negative or larger than `input_dim`.
    """

    def __init__(self, input_dim: int, active_dims: int | Sequence[int] | None = None) -> None:
        self.input_dim = _dimension(input_dim)
        self.active_dims = _columns(self.input_dim, active_dims)

    @property
    def n_dims(self) -> int:
        """Number of columns that are used."""
        return len(self.active_dims)

    def _slice(self, X: Any, Xs: Any = None) -> tuple[Any, Any]:
        """Return the active columns of the inputs."""
        return self._active(X, "X"), None if Xs is None else self._active(Xs, "Xs")

    def _active(self, inputs: Any, what: str) -> Any:
        count = self._check_columns(inputs, what)
        first = int(self.active_dims[0])
        if not np.array_equal(self.active_dims, np.arange(first, first + self.n_dims)):
            return inputs[..., self.active_dims]
        return inputs if count == self.n_dims else inputs[..., first : first + self.n_dims]

    def _check_columns(self, inputs: Any, what: str) -> int | None:
        """Refuse inputs that lack a column; warn when columns are left out without saying so."""
        count = shape_now(inputs)[-1]
        if count is None or count == self.input_dim:
            return count
        name = type(self).__name__
        if count <= self.active_dims.max():
            raise ShapeError(
                f"{name} needs column {int(self.active_dims.max())} of `{what}`, which has "
                f"{count} column(s), counted from 0; lower input_dim={self.input_dim} or change "
                "active_dims"
            )
        warn(
            f"{name} is written for input_dim={self.input_dim}, but `{what}` has {count} columns: "
            f"only {self.active_dims.tolist()} are used. Write input_dim={count} with "
            "active_dims=[...] to choose columns",
            RufousWarning,
        )
        return count

    def _frequencies(self, omega: Any) -> Any:
        """Read frequencies with one column for each active dimension."""
        tensor = as_float(omega, "`omega`")
        if tensor.type.ndim != 2 or shape_now(tensor)[-1] not in (None, self.n_dims):
            raise ShapeError(
                f"`omega` must have shape (n, {self.n_dims}), one column for each active "
                f"dimension, got {shape_now(tensor)}"
            )
        return tensor

    def _ones(self, X: Any) -> Any:
        """Return one for each point."""
        return pt.ones(tuple(X.shape[:-1]))


def _dimension(input_dim: Any) -> int:
    if isinstance(input_dim, bool) or not isinstance(input_dim, int | np.integer) or input_dim < 1:
        raise SettingsError(
            f"`input_dim` must be the number of columns of the inputs, at least 1, "
            f"got {input_dim!r}"
        )
    return int(input_dim)


def _columns(input_dim: int, active_dims: Any) -> Any:
    if active_dims is None:
        return np.arange(input_dim)
    columns = np.atleast_1d(np.asarray(active_dims))
    if columns.ndim != 1 or columns.size == 0 or columns.dtype.kind not in "iu":
        raise SettingsError(
            f"`active_dims` must be a list of columns, counted from 0, got {active_dims!r}"
        )
    if columns.min() < 0 or columns.max() > input_dim:
        raise SettingsError(
            f"`active_dims` must lie between 0 and input_dim - 1 = {input_dim - 1}, "
            f"got {active_dims!r}; input_dim counts all columns of the inputs"
        )
    return columns.astype(np.int64)
