"""Student's t processes: functions with heavy tails."""

from __future__ import annotations

from typing import Any, Self

import pytensor.tensor as pt
from pytensor.tensor.linalg import solve_triangular

from rufous.distributions import MvStudentT
from rufous.distributions.parameters import Requirement, real
from rufous.errors import SettingsError, WrongTypeError
from rufous.gp.base import (
    JITTER_DEFAULT,
    ZERO_MEAN,
    check_lengths,
    conditional_moments,
    factor,
    new_inputs,
)
from rufous.gp.cov import Constant
from rufous.gp.inputs import as_inputs, named, num_rows
from rufous.gp.latent import Latent
from rufous.model.untraced import untraced
from rufous.model.variables import Deterministic

__all__ = ["TP"]

NO_SCALE = Constant(0.0)
MORE_THAN_ONE = Requirement("{} > 1", lambda x: x > 1, "else the function has no mean")


class TP(Latent):
    r"""Student's t process: a Gaussian process whose variance is random.

    .. math:: f \sim \mathrm{MvStudentT}_\nu\left(m(X), \; K(X, X)\right)

    Parameters
    ----------
    mean_func : mean function, default zero
        A `rufous.gp.mean` object, or any function from inputs to a vector.
    scale_func : covariance function, default zero
        The scale of the process; the covariance is ``nu / (nu - 2)`` times that.
    cov_func : None
        Its name in earlier versions of PyMC, refused.
    nu : float or scalar TensorVariable, more than 1
        Degrees of freedom.

    References
    ----------
    .. [1] Shah, Wilson and Ghahramani (2014), Student-t processes as alternatives to Gaussian
       processes, definition 1 and lemma 3.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     gp = rf.gp.TP(scale_func=rf.gp.cov.ExpQuad(1, ls=1.0), nu=5)
    ...     f = gp.prior("f", X=np.arange(4.0)[:, None])
    >>> model.shape_of(f)
    (4,)
    """

    def __init__(
        self,
        *,
        mean_func: Any = ZERO_MEAN,
        scale_func: Any = NO_SCALE,
        cov_func: Any = None,
        nu: Any = None,
    ) -> None:
        if cov_func is not None:
            raise SettingsError("TP: give `scale_func` instead of `cov_func`; it is the scale")
        if nu is None:
            raise SettingsError(
                "Student's T process requires a degrees of freedom parameter, `nu`; 5 is typical"
            )
        super().__init__(mean_func=mean_func, cov_func=scale_func)
        self.scale_func = self.cov_func
        self.nu = real("nu", nu, MORE_THAN_ONE)

    def _sum(self, other: Any) -> Self:
        raise WrongTypeError("Student's T processes aren't additive: their sum is none")

    def prior(  # type: ignore[override]  # one function, so there is no n_outputs
        self,
        name: str,
        X: Any,
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
        reparameterize : bool, default True
            Whether uncorrelated variables ``name_rotated_`` are sampled, from which the values
            follow. They are jointly t distributed; PyMC 6.4 takes independent ones, from which
            no t process follows.
        jitter : float, default 1e-6
            Added to the diagonal of the scale matrix.
        **options
            Options of `MvStudentT`, such as `dims`.

        Returns
        -------
        TensorVariable, shape (n,)
        """
        with named(f"TP {name!r}"), untraced():
            X = as_inputs(X)
            mean, chol = self.mean_func(X), factor(self.cov_func(X), jitter)
        if reparameterize:
            white = MvStudentT(f"{name}_rotated_", self.nu, chol=pt.eye(num_rows(X)), **options)
            dims, model = options.get("dims"), options.get("model")
            f = Deterministic(name, mean + chol @ white, dims=dims, model=model)
        else:
            f = MvStudentT(name, self.nu, mu=mean, chol=chol, **options)
        self._known = {"X": X, "f": f}
        self._factor = (chol, jitter)
        return f

    def conditional(  # type: ignore[override]  # sums are none, so nothing is given
        self, name: str, Xnew: Any, jitter: float = JITTER_DEFAULT, **options: Any
    ) -> Any:
        r"""Put the function at new points, given its values at the old, into the model.

        .. math:: f_* \sim \mathrm{MvStudentT}_{\nu + n}\left(\mu_*, \;
            \frac{\nu + (f - m)^\top K^{-1} (f - m)}{\nu + n} \Sigma_*\right)

        with the mean and covariance of a Gaussian process.

        Parameters
        ----------
        name : str
            Name of the variable.
        Xnew : array_like, Data or TensorVariable, shape (m, d)
            The new points.
        jitter : float, default 1e-6
            Added to the diagonals of the scale matrices.
        **options
            Options of `MvStudentT`, such as `dims`.

        Returns
        -------
        TensorVariable, shape (m,)
        """
        who = f"TP.conditional {name!r}"
        with named(who), untraced():
            values, _ = self._given(("X", "f"), None)
            X, f = values["X"], values["f"]
            Xnew = new_inputs(who, Xnew, X)
            check_lengths(who, X, f, "f")
            chol = self._factor_for(self, lambda: self.cov_func(X), jitter, True)
            residual = f - self.mean_func(X)
            gap, scale = conditional_moments(
                chol, self.cov_func(X, Xnew), residual, self.cov_func(Xnew), False
            )
            white = solve_triangular(chol, residual, lower=True, b_ndim=1)
            nu = self.nu + pt.cast(X.shape[0], "float64")
            stretch = (self.nu + pt.sum(pt.sqr(white))) / nu
            new_chol = factor(scale, jitter) * pt.sqrt(stretch)
        return MvStudentT(name, nu, mu=self.mean_func(Xnew) + gap, chol=new_chol, **options)
