"""A Gaussian process whose function values are variables of the model."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rufous.distributions import MvNormal, Normal
from rufous.errors import SettingsError
from rufous.gp.base import (
    JITTER_DEFAULT,
    Base,
    check_lengths,
    conditional_moments,
    factor,
    new_inputs,
)
from rufous.gp.inputs import as_inputs, named, num_rows
from rufous.model.arrays import as_float
from rufous.model.untraced import untraced
from rufous.model.variables import Deterministic

__all__ = ["Latent"]


class Latent(Base):
    r"""Gaussian process for any likelihood.

    .. math:: f \sim \mathrm{MvNormal}\left(m(X), \; K(X, X)\right)

    The function values at the points are sampled with the parameters, so that they may go anywhere
    in the model. With normal noise `Marginal` is faster; for many points `HSGP` is.

    Parameters
    ----------
    mean_func : mean function, default zero
        A `rufous.gp.mean` object, or any function from inputs to a vector.
    cov_func : covariance function, default zero
        A `rufous.gp.cov` object.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, section 2.2.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> x = np.linspace(0, 1, 5)[:, None]
    >>> with rf.Model() as model:
    ...     gp = rf.gp.Latent(cov_func=rf.gp.cov.Matern52(1, ls=0.3))
    ...     f = gp.prior("f", X=x)
    ...     y = rf.Poisson("y", rf.math.exp(f), observed=[0, 1, 3, 2, 1])
    >>> [v.name for v in model.free_RVs], [v.name for v in model.deterministics]
    (['f_rotated_'], ['f'])
    """

    def prior(
        self,
        name: str,
        X: Any,
        n_outputs: int = 1,
        reparameterize: bool = True,
        jitter: float = JITTER_DEFAULT,
        **options: Any,
    ) -> Any:
        """Put the function values at points into the model.

        Parameters
        ----------
        name : str
            Name of the function values.
        X : array_like, Data or TensorVariable, shape (n, d)
            The points.
        n_outputs : int, at least 1, default 1
            How many independent functions with the same parameters.
        reparameterize : bool, default True
            Whether standard normal variables ``name_rotated_`` are sampled, from which the values
            follow; it decouples them from the length scale and suits weak data.
        jitter : float, default 1e-6
            Added to the diagonal of the covariance matrix.
        **options
            Options of `Normal`, or of `MvNormal` without reparametrisation, such as `dims`.

        Returns
        -------
        TensorVariable, shape (n,), or (n_outputs, n) for several
        """
        with named(f"Latent {name!r}"), untraced():
            _check_outputs(n_outputs)
            X = as_inputs(X)
            mean, chol = self.mean_func(X), factor(self.cov_func(X), jitter)
        batch = () if n_outputs == 1 else (int(n_outputs),)
        shape = (*batch, num_rows(X))
        if reparameterize:
            options = {"shape": shape} | options
            white = Normal(f"{name}_rotated_", 0.0, 1.0, **options)
            values = mean + (chol @ white if not batch else white @ chol.T)
            f = Deterministic(name, values, dims=options.get("dims"), model=options.get("model"))
        else:
            if batch and "dims" not in options:
                options = {"shape": shape} | options
            f = MvNormal(name, mean, chol=chol, **options)
        self._known = {"X": X, "f": f}
        self._factor = (chol, jitter)
        return f

    def conditional(
        self,
        name: str,
        Xnew: Any,
        given: Mapping[str, Any] | None = None,
        jitter: float = JITTER_DEFAULT,
        **options: Any,
    ) -> Any:
        r"""Put the function at new points, given its values at the old, into the model.

        .. math:: f_* \sim \mathrm{MvNormal}\left(m_* + K_{*x} K^{-1} (f - m), \;
            K_{**} - K_{*x} K^{-1} K_{x*}\right), \quad K = K(X, X)

        Parameters
        ----------
        name : str
            Name of the variable.
        Xnew : array_like, Data or TensorVariable, shape (m, d)
            The new points.
        given : mapping, optional
            Values in place of those of the prior: ``X``, ``f``; and ``gp``, the sum whose prior it
            was when this process is a term of it.
        jitter : float, default 1e-6
            Added to the diagonals of the covariance matrices.
        **options
            Options of `MvNormal`, such as `dims`.

        Returns
        -------
        TensorVariable, shape (m,), or (n_outputs, m) for several outputs
        """
        who = f"Latent.conditional {name!r}"
        with named(who), untraced():
            mean, cov = self._moments(Xnew, given, jitter, who)
            chol = factor(cov, jitter)
        return MvNormal(name, mean, chol=chol, **options)

    def _moments(
        self, Xnew: Any, given: Mapping[str, Any] | None, jitter: float, who: str
    ) -> tuple[Any, Any]:
        """Write mean and covariance at new points."""
        values, total = self._given(("X", "f"), given)
        X, f = as_inputs(values["X"]), as_float(values["f"], "`f`")
        Xnew = new_inputs(who, Xnew, X)
        check_lengths(who, X, f, "f")
        known = not set(given or {}) - {"gp"}
        chol = self._factor_for(total, lambda: total.cov_func(X), jitter, known)
        residual = f - total.mean_func(X)
        gap, cov = conditional_moments(
            chol,
            self.cov_func(X, Xnew),
            residual.T if residual.type.ndim == 2 else residual,
            self.cov_func(Xnew),
            False,
        )
        return self.mean_func(Xnew) + (gap.T if gap.type.ndim == 2 else gap), cov


def _check_outputs(n_outputs: Any) -> None:
    if isinstance(n_outputs, bool) or not isinstance(n_outputs, int) or n_outputs < 1:
        raise SettingsError(f"`n_outputs` must be a whole number from 1, got {n_outputs!r}")
