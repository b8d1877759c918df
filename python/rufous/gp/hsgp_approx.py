"""Gaussian processes as sums of a few fixed waves: the Hilbert space approximation."""

from __future__ import annotations

from collections.abc import Sequence
from numbers import Real
from typing import Any, Self

import numpy as np
import pytensor.tensor as pt

from rufous.distributions import Normal
from rufous.errors import ModelError, RufousWarning, SettingsError, UnsupportedError, warn
from rufous.gp.base import ZERO_MEAN, Base
from rufous.gp.cov import Covariance
from rufous.gp.hsgp_basis import Boundary, eigenfunctions, frequencies, index_of, read_boundary
from rufous.gp.hsgp_hyperparams import approx_hsgp_hyperparams
from rufous.gp.hsgp_periodic import HSGPPeriodic
from rufous.gp.inputs import as_inputs, named
from rufous.model.evaluate import Evaluator
from rufous.model.untraced import untraced
from rufous.model.variables import Deterministic

__all__ = ["HSGP", "HSGPPeriodic", "approx_hsgp_hyperparams", "set_boundary"]

SMALL_FACTOR = 1.2


class HSGP(Base):
    r"""Gaussian process as a sum of a few fixed waves (Hilbert space approximation).

    .. math:: f(x) \approx m(x) + \sum_{j=1}^{m} \sqrt{S(\omega_j)} \, \phi_j(x) \, \beta_j,
        \quad \beta_j \sim \mathrm{Normal}(0, 1)

    The waves :math:`\phi_j` live on a box around the points and do not depend on any parameter;
    the spectral density :math:`S` of the covariance function weighs them. It takes n m
    operations where `Latent` takes n^3, so it is the choice for many points and one to three
    dimensions.

    Parameters
    ----------
    m : sequence of int
        Number of waves for each active dimension; more for shorter length scales.
    L : sequence of float, optional
        Half the length of the box for each active dimension. Either `L` or `c`.
    c : float, optional
        `L` as a multiple of half the range of the points, at least 1.2; more for longer length
        scales. `approx_hsgp_hyperparams` recommends `m` and `c`.
    drop_first : bool, default False
        Leave out the first wave, which competes with an intercept.
    parametrization : {"noncentered", "centered"}, default "noncentered"
        Whether the coefficients are standard normal, which suits weak data, or have the variances
        above, which suits strong data.
    boundary : str or sequence of str, default "dirichlet"
        What the function does at the ends of the box, for all dimensions or for each:
        ``"dirichlet"`` is zero at both, ``"neumann"`` flat at both, ``"dirichlet-neumann"`` zero at
        the lower and flat at the upper, ``"neumann-dirichlet"`` the reverse.
    mean_func : mean function, default zero
        A `rufous.gp.mean` object, or any function from inputs to a vector.
    cov_func : covariance function
        One with a power spectral density: `ExpQuad`, `Matern52`, `Matern32`, `Matern12`,
        `Exponential`, `RatQuad`, their multiples and sums.

    Raises
    ------
    SettingsError
        When `m`, `L`, `c`, `parametrization` or `boundary` cannot be.

    Notes
    -----
    The box is centred on the points that the process first meets, and stays there: points met
    later, by `conditional` or `set_data`, must lie inside it.

    References
    ----------
    .. [1] Solin and Särkkä (2020), Hilbert space methods for reduced-rank Gaussian process
       regression, Statistics and Computing 30, eq. 20.
    .. [2] Riutort-Mayol, Bürkner, Andersen, Solin and Vehtari (2022), Practical Hilbert space
       approximate Bayesian Gaussian processes for probabilistic programming, Statistics and
       Computing 33, eqs. 8 to 14.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> x = np.linspace(0, 10, 200)[:, None]
    >>> with rf.Model() as model:
    ...     ls = rf.InverseGamma("ls", 5, 10)
    ...     gp = rf.gp.HSGP(m=[20], c=1.5, cov_func=rf.gp.cov.Matern52(1, ls))
    ...     f = gp.prior("f", X=x)
    ...     y = rf.Normal("y", f, 0.1, observed=np.sin(x[:, 0]))
    >>> model.shape_of("f_hsgp_coeffs"), model.shape_of("f")
    ((20,), (200,))
    """

    def __init__(
        self,
        m: Sequence[int],
        L: Sequence[float] | None = None,
        c: float | None = None,
        drop_first: bool = False,
        parametrization: str | None = "noncentered",
        *,
        boundary: Boundary | Sequence[Boundary] = "dirichlet",
        mean_func: Any = ZERO_MEAN,
        cov_func: Covariance,
    ) -> None:
        super().__init__(mean_func=mean_func, cov_func=cov_func)
        if not isinstance(cov_func, Covariance):
            raise UnsupportedError(
                f"HSGP needs a covariance function with a power spectral density, got {cov_func!r}"
            )
        n_dims = cov_func.n_dims
        self._m = _counts(m, n_dims)
        self._boundary = read_boundary(boundary, n_dims)
        if (L is None) == (c is None):
            raise SettingsError(
                "HSGP: Provide one of `c` or `L`, got "
                f"{'neither' if L is None else 'both'}; c=1.5 is typical"
            )
        self._c = None if c is None else _extension(c)
        self._L = None if L is None else _lengths(L, n_dims)
        self._parametrization = _parametrization(parametrization)
        self._drop_first = bool(drop_first)
        self._index = index_of(self._m)[int(self._drop_first) :]
        self.n_basis_vectors = len(self._index)
        self._X_center: Any = None
        self._beta: Any = None

    @property
    def L(self) -> Any:
        """Half the lengths of the box, shape (n_dims,).

        Raises
        ------
        ModelError
            While they are not known, before the process has met its points.
        """
        if self._L is None:
            raise ModelError(
                "HSGP does not know `L` yet: it follows from `c` and the points, by prior(...) or "
                "prior_linearized(...)"
            )
        return self._L

    def _sum(self, other: Any) -> Self:
        raise UnsupportedError(
            "Additive HSGPs aren't supported: add covariance functions, HSGP(cov_func=k1 + k2), or "
            "the function values of two of them"
        )

    def prior_linearized(self, X: Any) -> tuple[Any, Any]:
        """Write the waves at points and the square roots of their variances.

        Parameters
        ----------
        X : array_like, Data or TensorVariable, shape (n, d)
            The points; the first ones the process meets place the box.

        Returns
        -------
        TensorVariable, shape (n, n_basis_vectors)
            The waves; for constant points they are computed once.
        TensorVariable, shape (n_basis_vectors,)
            Square roots of the spectral density at their frequencies.

        Notes
        -----
        With `Data` this predicts by `set_data`, as a linear model does.

        Examples
        --------
        >>> import numpy as np
        >>> import rufous as rf
        >>> with rf.Model() as model:
        ...     gp = rf.gp.HSGP(m=[20], c=1.5, cov_func=rf.gp.cov.ExpQuad(1, ls=1.0))
        ...     phi, sqrt_psd = gp.prior_linearized(rf.Data("x", np.arange(50.0)[:, None]))
        ...     beta = rf.Normal("beta", 0, 1, shape=gp.n_basis_vectors)
        ...     f = rf.Deterministic("f", phi @ (beta * sqrt_psd))
        """
        with named("HSGP"), untraced():
            points, _ = self.cov_func._slice(as_inputs(X))  # type: ignore[attr-defined]
            if self._X_center is None:
                self._place(points)
            omega = frequencies(self._index, self._L, self._boundary)
            phi = eigenfunctions(points - self._X_center, self._L, omega, self._boundary)
            return phi, _root(self.cov_func.power_spectral_density(omega))

    def prior(
        self,
        name: str,
        X: Any,
        dims: Any = None,
        hsgp_coeffs_dims: Any = None,
    ) -> Any:
        """Put the function values at points into the model.

        Parameters
        ----------
        name : str
            Name of the function values; the coefficients are ``name_hsgp_coeffs``.
        X : array_like, Data or TensorVariable, shape (n, d)
            The points.
        dims : str, optional
            Dim of the function values.
        hsgp_coeffs_dims : str, optional
            Dim of the coefficients.

        Returns
        -------
        TensorVariable, shape (n,)
        """
        phi, sqrt_psd = self.prior_linearized(X)
        who, shape = f"{name}_hsgp_coeffs", self.n_basis_vectors
        if self._parametrization == "noncentered":
            beta = Normal(who, 0.0, 1.0, shape=shape, dims=hsgp_coeffs_dims)
            self._beta = beta * sqrt_psd
        else:
            self._beta = Normal(who, 0.0, sqrt_psd, shape=shape, dims=hsgp_coeffs_dims)
        f = Deterministic(name, self.mean_func(as_inputs(X)) + phi @ self._beta, dims=dims)
        self._known = {"X": as_inputs(X), "f": f}
        return f

    def conditional(self, name: str, Xnew: Any, dims: Any = None) -> Any:
        """Put the function values at new points into the model: the same waves, evaluated there.

        Parameters
        ----------
        name : str
            Name of the function values.
        Xnew : array_like, Data or TensorVariable, shape (m, d)
            The new points, inside the box.
        dims : str, optional
            Dim of the function values.

        Returns
        -------
        TensorVariable, shape (m,)

        Raises
        ------
        ModelError
            Before `prior`.
        """
        if self._beta is None:
            raise ModelError(
                f"HSGP.conditional {name!r}: call prior(...) first; with prior_linearized(...) "
                "write the new values yourself, or exchange the points by set_data"
            )
        phi, _ = self.prior_linearized(Xnew)
        return Deterministic(name, self.mean_func(as_inputs(Xnew)) + phi @ self._beta, dims=dims)

    def _place(self, points: Any) -> None:
        """Put the box around the points that are there now."""
        now = Evaluator().value(points)
        self._X_center = 0.5 * (now.min(axis=0) + now.max(axis=0))
        if self._L is None:
            self._L = set_boundary(now, self._c)
        if not (np.asarray(self._L.data) > 0).all():
            raise SettingsError(
                "the points of an HSGP must differ in every active column, so that `c` has a "
                "range to multiply; give `L` instead"
            )


def _root(density: Any) -> Any:
    """Return the square root, with a derivative of zero where the density underflows to zero."""
    is_there = pt.gt(density, 0.0)
    return pt.switch(is_there, pt.sqrt(pt.switch(is_there, density, 1.0)), 0.0)


def set_boundary(X: Any, c: Any) -> Any:
    """Return half the lengths of a box around points.

    Parameters
    ----------
    X : array_like, shape (n, d)
        The points.
    c : float
        Multiple of half their range.

    Returns
    -------
    TensorVariable, shape (d,)

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.hsgp_approx.set_boundary([[0.0], [4.0]], 1.5))
    array([3.])
    """
    points = np.asarray(X, dtype=np.float64)
    half = 0.5 * (points.max(axis=0) - points.min(axis=0))
    return pt.constant(half * np.asarray(c, dtype=np.float64))


def _counts(m: Any, n_dims: int) -> tuple[int, ...]:
    counts = None if isinstance(m, str) or not hasattr(m, "__len__") else tuple(m)
    if counts is None or len(counts) != n_dims or not all(_is_count(n) for n in counts):
        raise SettingsError(
            "HSGP: `m` and `L`, if provided, must be sequences with one element per active "
            f"dimension of the kernel or covariance function: `m` needs {n_dims} whole number(s) "
            f"from 1, got {m!r}; m=[20] is typical"
        )
    return tuple(int(n) for n in counts)


def _is_count(n: Any) -> bool:
    return isinstance(n, int | np.integer) and not isinstance(n, bool) and int(n) >= 1


def _lengths(L: Any, n_dims: int) -> Any:
    try:
        lengths = np.asarray(L, dtype=np.float64)
    except (TypeError, ValueError):
        lengths = np.zeros(0)
    if lengths.shape != (n_dims,) or not (lengths > 0).all():
        raise SettingsError(
            "HSGP: `m` and `L`, if provided, must be sequences with one element per active "
            f"dimension of the kernel or covariance function: `L` needs {n_dims} positive "
            f"number(s), got {L!r}"
        )
    return pt.constant(lengths)


def _extension(c: Any) -> float:
    if isinstance(c, bool) or not isinstance(c, Real | np.number) or not float(c) > 0:
        raise SettingsError(f"HSGP: `c` must be a positive number, got {c!r}; 1.5 is typical")
    if float(c) < SMALL_FACTOR:
        warn(
            f"HSGP: for an adequate approximation `c >= {SMALL_FACTOR}` is recommended, got {c}: "
            "functions are bent near the ends of the points. approx_hsgp_hyperparams recommends "
            "a value",
            RufousWarning,
        )
    return float(c)


def _parametrization(name: Any) -> str:
    read = name.lower().replace("-", "") if isinstance(name, str) else None
    if read not in ("centered", "noncentered"):
        raise SettingsError(
            f"HSGP: `parametrization` must be either 'centered' or 'noncentered', got {name!r}"
        )
    return read
