"""Gaussian processes on a grid, whose covariance matrix is a Kronecker product."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import pytensor.tensor as pt
from pytensor.tensor.linalg import eigh

from rufous.distributions import KroneckerNormal, MvNormal, Normal
from rufous.distributions.parameters import positive, real
from rufous.errors import ModelError, SettingsError, ShapeError, WrongTypeError
from rufous.gp.base import (
    JITTER_DEFAULT,
    ZERO_MEAN,
    Base,
    factor,
    new_inputs,
    stabilize,
)
from rufous.gp.cov import Covariance, Kron
from rufous.gp.inputs import as_inputs, as_vector, named, num_rows, shape_now
from rufous.gp.predict import replace_with_values
from rufous.math import flat_outer, kron_dot, kron_solve_lower
from rufous.model.untraced import untraced
from rufous.model.variables import Deterministic

if TYPE_CHECKING:
    from rufous._typing import Array
    from rufous.model.model import Model

__all__ = ["LatentKron", "MarginalKron"]


class _OnGrid(Base):
    """What processes on a grid share.

    Parameters
    ----------
    mean_func : mean function, default zero
        Of all columns of the grid.
    cov_funcs : sequence of covariance function
        One for each factor of the grid.
    """

    def __init__(self, *, mean_func: Any = ZERO_MEAN, cov_funcs: Sequence[Covariance]) -> None:
        if not isinstance(cov_funcs, list | tuple):
            raise WrongTypeError(
                f"`cov_funcs` of {type(self).__name__} must be a list of covariance functions, one "
                f"for each factor of the grid, got {cov_funcs!r}"
            )
        super().__init__(mean_func=mean_func, cov_func=Kron(cov_funcs))
        self.cov_funcs = list(cov_funcs)

    def _sum(self, other: Any) -> Self:
        raise WrongTypeError(
            "Additive, Kronecker-structured processes not implemented: a sum of Kronecker products "
            "is none"
        )

    def _grid(self, Xs: Any) -> tuple[list[Any], Any]:
        """Read the factors of the grid, and write all of its points."""
        if not isinstance(Xs, list | tuple) or len(Xs) != len(self.cov_funcs):
            raise SettingsError(
                f"`Xs` must be a list of {len(self.cov_funcs)} arrays of inputs, one for each "
                "covariance function"
            )
        factors = [as_inputs(each, f"Xs[{k}]") for k, each in enumerate(Xs)]
        for k, each in enumerate(factors):
            if each.type.ndim != 2:
                raise ShapeError(
                    f"`Xs[{k}]` must have two axes, one row for each point and one column for "
                    f"each input, got shape {shape_now(each)}"
                )
        return factors, _points(factors)

    def _covariances(self, factors: list[Any]) -> list[Any]:
        return [cov(each) for cov, each in zip(self.cov_funcs, factors, strict=True)]

    def _known_grid(self, what: str) -> Any:
        if "Xs" not in self._known:
            raise ModelError(f"{what}: put the process into the model first, by {self._first}(...)")
        return self._known

    _first = "prior"


def _points(factors: list[Any]) -> Any:
    """Write all points of a grid: those of the first factor vary slowest."""
    points = factors[0]
    for each in factors[1:]:
        before, after = num_rows(points), num_rows(each)
        columns = [pt.repeat(points, after, axis=0), pt.tile(each, (before, 1))]
        points = pt.concatenate(columns, axis=1)
    return points


class LatentKron(_OnGrid):
    r"""Gaussian process on a grid, for any likelihood.

    .. math:: f \sim \mathrm{MvNormal}\left(m(X), \; K_1 \otimes K_2 \otimes \dots\right)

    Parameters
    ----------
    mean_func : mean function, default zero
        Of all columns of the grid.
    cov_funcs : sequence of covariance function
        One for each factor of the grid.

    Notes
    -----
    A grid of ``n = n_1 n_2 ...`` points takes the decompositions of its factors, not that of n x n
    numbers, which is never built.

    References
    ----------
    .. [1] Saatçi (2011), Scalable inference for structured Gaussian process models, chapter 5.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> space, time = np.arange(3.0)[:, None], np.arange(4.0)[:, None]
    >>> with rf.Model() as model:
    ...     covs = [rf.gp.cov.Matern52(1, ls=1.0), rf.gp.cov.ExpQuad(1, ls=2.0)]
    ...     f = rf.gp.LatentKron(cov_funcs=covs).prior("f", Xs=[space, time])
    >>> model.shape_of(f)
    (12,)
    """

    def prior(  # type: ignore[override]  # the grid comes in factors
        self, name: str, Xs: Any, jitter: float = JITTER_DEFAULT, **options: Any
    ) -> Any:
        """Put the function values on the grid into the model.

        Parameters
        ----------
        name : str
            Name of the function values; the free variables are ``name_rotated_``.
        Xs : sequence of array_like, Data or TensorVariable, shape (n_i, d_i)
            The factors of the grid; the points of the first vary slowest.
        jitter : float, default 1e-6
            Added to the diagonal of each covariance matrix.
        **options
            Options of `Normal`, such as `dims`.

        Returns
        -------
        TensorVariable, shape (product of the n_i,)
        """
        with named(f"LatentKron {name!r}"), untraced():
            factors, points = self._grid(Xs)
            chols = [factor(each, jitter) for each in self._covariances(factors)]
            mean = self.mean_func(points)
        options = {"shape": num_rows(points)} | options
        white = Normal(f"{name}_rotated_", 0.0, 1.0, **options)
        values = mean + kron_dot(chols, white)
        f = Deterministic(name, values, dims=options.get("dims"), model=options.get("model"))
        self._known = {"Xs": factors, "points": points, "f": f, "chols": chols}
        return f

    def conditional(
        self, name: str, Xnew: Any, jitter: float = JITTER_DEFAULT, **options: Any
    ) -> Any:
        """Put the function values at new points, on the grid or not, into the model.

        Parameters
        ----------
        name : str
            Name of the variable.
        Xnew : array_like, Data or TensorVariable, shape (m, d)
            The new points, with all columns of the grid.
        jitter : float, default 1e-6
            Added to the diagonal of the covariance matrix.
        **options
            Options of `MvNormal`, such as `dims`.

        Returns
        -------
        TensorVariable, shape (m,)
        """
        who = f"LatentKron.conditional {name!r}"
        known = self._known_grid(who)
        with named(who), untraced():
            points = known["points"]
            Xnew = new_inputs(who, Xnew, points)
            white = kron_solve_lower(known["chols"], known["f"] - self.mean_func(points))
            solved = kron_solve_lower(known["chols"], self.cov_func(points, Xnew))
            mean = self.mean_func(Xnew) + solved.T @ white
            chol = factor(self.cov_func(Xnew) - solved.T @ solved, jitter)
        return MvNormal(name, mean, chol=chol, **options)


class MarginalKron(_OnGrid):
    r"""Gaussian process on a grid, with normal noise.

    .. math:: y \sim \mathrm{MvNormal}\left(m(X), \;
        K_1 \otimes K_2 \otimes \dots + \sigma^2 I\right)

    Parameters
    ----------
    mean_func : mean function, default zero
        Of all columns of the grid.
    cov_funcs : sequence of covariance function
        One for each factor of the grid.

    Notes
    -----
    The factors are decomposed into eigenvectors one by one, so this runs with Numba: the native
    evaluator has no such decomposition.

    References
    ----------
    .. [1] Saatçi (2011), Scalable inference for structured Gaussian process models, chapter 5.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> space, time = np.arange(3.0)[:, None], np.arange(4.0)[:, None]
    >>> with rf.Model() as model:
    ...     covs = [rf.gp.cov.Matern52(1, ls=1.0), rf.gp.cov.ExpQuad(1, ls=2.0)]
    ...     gp = rf.gp.MarginalKron(cov_funcs=covs)
    ...     y = gp.marginal_likelihood("y", Xs=[space, time], y=np.arange(12.0), sigma=0.5)
    ...     mean, variance = gp.predict([[0.5, 1.5]], diag=True)
    >>> mean.shape, variance.shape
    ((1,), (1,))
    """

    _first = "marginal_likelihood"

    def marginal_likelihood(  # type: ignore[override]  # the grid comes in factors
        self, name: str, Xs: Any, y: Any, sigma: Any, is_observed: bool = True, **options: Any
    ) -> Any:
        """Put observations on the grid into the model.

        Parameters
        ----------
        name : str
            Name of the observed variable.
        Xs : sequence of array_like, Data or TensorVariable, shape (n_i, d_i)
            The factors of the grid; the points of the first vary slowest.
        y : array_like or Data, shape (product of the n_i,)
            The observations.
        sigma : float or scalar TensorVariable, positive
            Standard deviation of the noise.
        is_observed : bool, default True
            Whether `y` are data; else the variable is free.
        **options
            Options of `KroneckerNormal`, such as `dims`.

        Returns
        -------
        TensorVariable, shape (product of the n_i,)
        """
        with named(f"MarginalKron {name!r}"), untraced():
            factors, points = self._grid(Xs)
            values, sigma = as_vector(y, "y"), real("sigma", sigma, positive)
            length, size = shape_now(values)[0], shape_now(points)[0]
            if None not in (length, size) and length != size:
                raise ShapeError(
                    f"the grid has {size} points, but `y` has {length} values; "
                    "there must be one for each point, those of the first factor varying slowest"
                )
            covs, mean = self._covariances(factors), self.mean_func(points)
        self._known = {"Xs": factors, "points": points, "y": values, "sigma": sigma}
        observed = y if is_observed else None
        return KroneckerNormal(name, mean, covs=covs, sigma=sigma, observed=observed, **options)

    def conditional(
        self, name: str, Xnew: Any, pred_noise: bool = False, diag: bool = False, **options: Any
    ) -> Any:
        """Put the function values at new points, on the grid or not, into the model.

        Parameters
        ----------
        name : str
            Name of the variable.
        Xnew : array_like, Data or TensorVariable, shape (m, d)
            The new points, with all columns of the grid.
        pred_noise : bool, default False
            Whether the noise of an observation is added.
        diag : bool, default False
            Independent values with the right variances, instead of their joint distribution.
        **options
            Options of `MvNormal`, or of `Normal` with `diag`.

        Returns
        -------
        TensorVariable, shape (m,)
        """
        who = f"MarginalKron.conditional {name!r}"
        with named(who), untraced():
            mean, cov = self._moments(Xnew, diag, pred_noise, who)
            scale = pt.sqrt(cov) if diag else factor(cov, 0.0 if pred_noise else JITTER_DEFAULT)
        if diag:
            return Normal(name, mean, scale, **options)
        return MvNormal(name, mean, chol=scale, **options)

    def predict(
        self,
        Xnew: Any,
        point: Mapping[str, Any] | None = None,
        diag: bool = False,
        pred_noise: bool = False,
        model: Model | None = None,
    ) -> tuple[Array, Array]:
        """Compute mean and covariance at new points, for one value of all parameters.

        Parameters
        ----------
        Xnew : array_like, shape (m, d)
            The new points, with all columns of the grid.
        point : mapping of str to array_like, optional
            Values of the variables: a dict, or one draw of the posterior.
        diag : bool, default False
            Variances instead of the covariance matrix.
        pred_noise : bool, default False
            Whether the noise of an observation is added: its variance, where PyMC 6.4 adds its
            standard deviation.
        model : Model, optional
            Default: the innermost open model.

        Returns
        -------
        ndarray, shape (m,)
            Mean.
        ndarray, shape (m, m), or (m,) with `diag`
            Covariance matrix, or variances.
        """
        who = "MarginalKron.predict"
        with named(who), untraced():
            moments = self._moments(Xnew, diag, pred_noise, who)
            mean, cov = replace_with_values(moments, point, model)
        return mean, cov

    def _moments(self, Xnew: Any, diag: bool, pred_noise: bool, who: str) -> tuple[Any, Any]:
        """Write mean and covariance at new points, in the eigenspace of the grid."""
        known = self._known_grid(who)
        points, noise = known["points"], pt.sqr(known["sigma"])
        Xnew = new_inputs(who, Xnew, points)
        pairs = [eigh(each) for each in self._covariances(known["Xs"])]
        values = pairs[0][0]
        for each, _ in pairs[1:]:
            values = flat_outer(values, each)
        turns = [vectors.T for _, vectors in pairs]
        scale = pt.sqrt(values + noise)
        cross = kron_dot(turns, self.cov_func(points, Xnew)) / scale[:, None]
        white = kron_dot(turns, known["y"] - self.mean_func(points)) / scale
        mean = self.mean_func(Xnew) + cross.T @ white
        prior = self.cov_func(Xnew, diag=diag)
        extra = noise if pred_noise else 0.0
        if diag:
            return mean, prior - pt.sum(pt.sqr(cross), axis=0) + extra
        cov = prior - cross.T @ cross
        return mean, stabilize(cov, extra) if pred_noise else cov
