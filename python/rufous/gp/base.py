"""What all Gaussian processes share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Self

import pytensor.tensor as pt
from pytensor.tensor.linalg import cholesky, solve_triangular

from rufous.errors import ModelError, SettingsError, ShapeError, UnsupportedError, WrongTypeError
from rufous.gp.cov import BaseCovariance, Constant
from rufous.gp.inputs import as_inputs, named, shape_now
from rufous.gp.mean import Zero

__all__ = ["JITTER_DEFAULT", "Base", "check_lengths", "conditional_moments", "factor", "stabilize"]

# Large enough for the rounding errors of smooth covariance functions, small against any noise.
JITTER_DEFAULT = 1e-6

ZERO_MEAN = Zero()
NO_COVARIANCE = Constant(0.0)


class Base:
    """What all Gaussian processes share.

    Parameters
    ----------
    mean_func : mean function, default zero
        A `rufous.gp.mean` object, or any function from inputs to a vector.
    cov_func : covariance function, default zero
        A `rufous.gp.cov` object.
    """

    def __init__(self, *, mean_func: Any = ZERO_MEAN, cov_func: Any = NO_COVARIANCE) -> None:
        self.mean_func = check_mean(type(self).__name__, mean_func)
        if not isinstance(cov_func, BaseCovariance):
            raise WrongTypeError(
                f"`cov_func` of {type(self).__name__} must be a covariance function, such as "
                f"gp.cov.ExpQuad(1, ls=1.0), got {cov_func!r}"
            )
        self.cov_func = cov_func
        # What the process was conditioned on, by the names of `given`; and its Cholesky factor.
        self._known: dict[str, Any] = {}
        self._factor: tuple[Any, float] | None = None

    def __add__(self, other: Any) -> Self:
        """Return the process of the sum of two independent functions."""
        if type(self) is not type(other):
            raise WrongTypeError(
                "Cannot add different GP types: both must be "
                f"{type(self).__name__}, got {type(other).__name__}"
            )
        return self._sum(other)

    def _sum(self, other: Any) -> Self:
        mean = self.mean_func + other.mean_func
        return type(self)(mean_func=mean, cov_func=self.cov_func + other.cov_func)

    def __getattr__(self, name: str) -> Any:
        # Only called for what is not found: the inputs and values before they are known.
        known = self.__dict__.get("_known", {})
        if name in known:
            return known[name]
        if name in ("X", "Xu", "f", "y", "sigma"):
            raise AttributeError(
                f"{type(self).__name__} has no `{name}` yet: it is set by the call that puts the "
                "process into the model, prior(...) or marginal_likelihood(...)"
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def prior(self, name: str, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Put the function values at points into the model; not all processes can."""
        raise UnsupportedError(
            f"{type(self).__name__} has no prior: its function is integrated out. Use "
            "marginal_likelihood(...), or gp.Latent for the function itself"
        )

    def marginal_likelihood(self, name: str, X: Any, *args: Any, **kwargs: Any) -> Any:
        """Put observations into the model, the function integrated out; not all can."""
        raise UnsupportedError(
            f"{type(self).__name__} has no marginal_likelihood. Use prior(...) and a likelihood "
            "of its values, or gp.Marginal for normal noise"
        )

    def conditional(self, name: str, Xnew: Any, *args: Any, **kwargs: Any) -> Any:
        """Put the function values at new points into the model."""
        raise UnsupportedError(f"{type(self).__name__} has no conditional")

    def predict(self, Xnew: Any, *args: Any, **kwargs: Any) -> Any:
        """Compute mean and covariance at new points; not all processes can."""
        raise UnsupportedError(
            f"{type(self).__name__} has no predict: its function has no closed form given the "
            "observations. Use conditional(...) and sample_posterior_predictive"
        )

    def _given(
        self, names: Sequence[str], given: Mapping[str, Any] | None
    ) -> tuple[dict[str, Any], Base]:
        """Merge what the caller gives with what is known, and tell whose observations they are."""
        given = {} if given is None else given
        if not isinstance(given, Mapping) or set(given) - {*names, "gp"}:
            came = sorted(given) if isinstance(given, Mapping) else repr(given)
            raise SettingsError(
                f"`given` must be a dict with keys out of {', '.join((*names, 'gp'))}; got {came}"
            )
        total = given.get("gp", self)
        if not isinstance(total, Base):
            raise WrongTypeError(
                f"`given['gp']` must be the process that was observed, got {total!r}"
            )
        # The observations belong to the sum; a process may also have some of its own.
        source = total._known or self._known
        values = {}
        for name in names:
            if name not in given and name not in source:
                raise ModelError(
                    f"{type(self).__name__} does not know `{name}`: put the process into the "
                    "model first, by prior(...) or marginal_likelihood(...), or pass "
                    f"given={{{name!r}: ..., ...}}; a term of a sum needs "
                    "given={'gp': the sum}"
                )
            values[name] = given[name] if name in given else source[name]
        return values, total

    def _factor_for(self, total: Base, matrix: Any, jitter: float, known: bool) -> Any:
        """Return the Cholesky factor of the observed points, shared with the prior if it can be."""
        if known and total._factor is not None and total._factor[1] == jitter:
            return total._factor[0]
        return factor(matrix(), jitter)


def check_mean(who: str, mean_func: Any) -> Any:
    """Refuse a mean that is no function."""
    if not callable(mean_func):
        raise WrongTypeError(
            f"`mean_func` of {who} must be a mean function, such as gp.mean.Constant(2.0), "
            f"got {mean_func!r}"
        )
    return mean_func


def stabilize(K: Any, jitter: float = JITTER_DEFAULT) -> Any:
    """Add a small number to the diagonal of a covariance matrix.

    Parameters
    ----------
    K : array_like or TensorVariable, shape (n, n)
        Covariance matrix.
    jitter : float, default 1e-6
        What is added.

    Returns
    -------
    TensorVariable, shape (n, n)

    Examples
    --------
    >>> import rufous as rf
    >>> rf.draw(rf.gp.util.stabilize([[1.0, 1.0], [1.0, 1.0]], jitter=0.5))
    array([[1.5, 1. ],
           [1. , 1.5]])
    """
    K = pt.as_tensor_variable(K)
    rows = K.type.shape[-1]
    return K + jitter * pt.eye(K.shape[-1] if rows is None else rows)


def factor(K: Any, jitter: float = 0.0) -> Any:
    """Return the lower Cholesky factor of a covariance matrix, with jitter on its diagonal."""
    jitter = check_jitter(jitter)
    return cholesky(stabilize(K, jitter) if jitter else K, lower=True)


def check_jitter(jitter: Any) -> float:
    """Refuse a jitter that is no number, or negative."""
    try:
        value = float(jitter)
    except (TypeError, ValueError):
        value = -1.0
    if not 0.0 <= value < float("inf"):
        raise SettingsError(
            f"`jitter` must be a number that is not negative, got {jitter!r}; 1e-6 is typical"
        )
    return value


def conditional_moments(
    chol: Any, cross: Any, residual: Any, prior: Any, diag: bool
) -> tuple[Any, Any]:
    r"""Condition a normal distribution on what was observed.

    Parameters
    ----------
    chol : TensorVariable, shape (n, n)
        Lower Cholesky factor of the covariance of the observations.
    cross : TensorVariable, shape (n, m)
        Covariance between observations and new points.
    residual : TensorVariable, shape (n,) or (n, k)
        Observations minus their mean.
    prior : TensorVariable, shape (m, m), or (m,) with `diag`
        Covariance, or variances, of the new points.
    diag : bool
        Whether only variances are wanted.

    Returns
    -------
    TensorVariable, shape (m,) or (m, k)
        Mean of the new points, minus their prior mean.
    TensorVariable, shape (m, m) or (m,)
        Their covariance, or variances.

    References
    ----------
    .. [1] Rasmussen and Williams (2006), Gaussian Processes for Machine Learning, algorithm 2.1.
    """
    solved = solve_triangular(chol, cross, lower=True, b_ndim=2)
    white = solve_triangular(chol, residual, lower=True, b_ndim=residual.type.ndim)
    mean = solved.T @ white
    if diag:
        return mean, prior - pt.sum(pt.sqr(solved), axis=0)
    return mean, prior - solved.T @ solved


def check_lengths(who: str, X: Any, values: Any, what: str) -> None:
    """Refuse values that are not one for each row of the inputs."""
    rows, length = shape_now(X)[-2], shape_now(values)[-1]
    if None not in (rows, length) and rows != length:
        raise ShapeError(
            f"{who}: `X` has {rows} rows, but `{what}` has {length} values; there must be one for "
            "each row"
        )


def new_inputs(who: str, Xnew: Any, known: Any) -> Any:
    """Read new inputs; they must have the columns of those known."""
    with named(who):
        inputs = as_inputs(Xnew, "Xnew")
        columns, before = shape_now(inputs)[-1], shape_now(known)[-1]
        if None not in (columns, before) and columns != before:
            raise ShapeError(
                f"`Xnew` has {columns} column(s), but `X` has {before}; both need the same"
            )
    return inputs
