"""Distributions known only by a function that simulates data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.graph.op import Op
from pytensor.tensor.random.op import RandomVariable

from rufous.distributions.base import Distribution
from rufous.distributions.modifiers.signatures import core_signature, without_generator
from rufous.distributions.one_by_one import OneByOneRV
from rufous.distributions.parameters import positive, real
from rufous.errors import SettingsError, ShapeError, UnsupportedError
from rufous.model.arrays import as_value

__all__ = ["Simulator"]

DISTANCES = ("gaussian", "laplace")
SUMMARIES = ("identity", "sort", "mean", "median")
# How many simulations are averaged for a typical point, and their seed.
TYPICAL_DRAWS = 10
TYPICAL_SEED = 0


@dataclass(frozen=True, eq=False)
class Comparison:
    """How simulated and observed data are held side by side; compared by identity."""

    distance: str | Callable[..., Any]
    sum_stat: str | Callable[..., Any]
    epsilon: Any


class SimulatorRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Data by a function of the user."""

    name = "simulator"
    # A function of the user takes the parameters of one draw.
    draws_one_by_one = True
    __props__ = ("name", "signature", "dtype", "inplace", "fn", "comparison")
    _print_name = ("Simulator", "\\operatorname{Simulator}")

    def __init__(
        self,
        fn: Callable[..., Any],
        comparison: Comparison,
        *,
        name: str,
        signature: str,
        dtype: str,
        inplace: bool | None = None,
    ) -> None:
        self.fn = fn
        self.comparison = comparison
        super().__init__(name=name, signature=signature, dtype=dtype, inplace=inplace)

    def rng_fn(self, rng: Any, *arguments: Any) -> Any:
        """Simulate once."""
        *parameters, size = arguments
        drawn = np.asarray(self.fn(rng, *parameters, size))
        wanted = None if size is None else tuple(int(length) for length in size)
        if wanted is not None and drawn.shape[: drawn.ndim - self.ndim_supp] != wanted:
            raise ShapeError(
                f"{self.name}: the function returned an array of shape {drawn.shape}, asked for "
                f"size={wanted}; hand `size`, its last argument, on to what it draws"
            )
        return drawn.astype(self.dtype)

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        try:
            return super()._supp_shape_from_params(dist_params, param_shapes)
        except NotImplementedError:
            raise SettingsError(
                f"{self.name}: the lengths of the support do not follow from the signature "
                f"{self.signature!r}; name its axes as those of a parameter, as in '(n),()->(n)'"
            ) from None


class Simulator(Distribution, op_type=SimulatorRV):
    r"""Distribution of which only a simulator is known.

    It stands for a likelihood that compares simulated with observed data,

    .. math:: \log f(x \mid \theta) = -d\left(s(x), s(x_\theta)\right),
        \qquad x_\theta \sim \texttt{fn}(\theta),

    with a distance :math:`d` of scale `epsilon` and summary statistics :math:`s`. It can be
    declared and drawn from. It has no density to evaluate, so `sample` refuses it: that needs
    sequential Monte Carlo.

    ========  =================
    Support   as simulated
    Mean      as simulated
    Variance  as simulated
    ========  =================

    Parameters
    ----------
    fn : callable
        ``fn(rng, *params, size)`` simulates data with a NumPy generator.
    *unnamed_params : float, array_like or TensorVariable
        Parameters of the function.
    params : sequence, optional
        The same by keyword; give one of the two.
    distance : {"gaussian", "laplace"} or callable, default "gaussian"
        ``distance(epsilon, observed, simulated)`` of the summary statistics, on the log scale.
    sum_stat : {"identity", "sort", "mean", "median"} or callable, default "identity"
        Summary statistics of data.
    epsilon : float, array_like or TensorVariable, default 1
        Scale of the distance; ``epsilon > 0``.
    signature : str, optional
        Says the axes of parameters and support, for example ``"(n),()->(n)"``, instead of
        `ndim_supp` and `ndims_params`.
    ndim_supp : int, default 0
        Number of axes of the support.
    ndims_params : sequence of int, optional
        Number of axes of each parameter that are no batch; default none.
    dtype : str, default "floatX"
        Of the data: "floatX" is float64.
    class_name : str, optional
        Name in messages and pictures; default ``Simulator_<name>``.

    Raises
    ------
    SettingsError
        When an argument is not what it has to be.
    UnsupportedError
        When the density is asked for, as `sample` does.

    Examples
    --------
    >>> import rufous as rf
    >>> def simulate(rng, loc, scale, size):
    ...     return rng.normal(loc, scale, size=size)
    >>> with rf.Model() as model:
    ...     loc = rf.Normal("loc", 0, 1)
    ...     y = rf.Simulator("y", simulate, loc, 0.5, epsilon=0.1, observed=[0.3, 1.2])
    >>> rf.draw(y, draws=4, random_seed=1).shape
    (4, 2)
    """

    def __new__(cls, name: str, *args: Any, **options: Any) -> Any:
        """Make a variable of the open model, and name the op after it."""
        options.setdefault("class_name", f"Simulator_{name}")
        return super().__new__(cls, name, *args, **options)

    @classmethod
    def parametrise(
        cls,
        fn: Callable[..., Any],
        *unnamed_params: Any,
        params: Sequence[Any] | None = None,
        distance: str | Callable[..., Any] = "gaussian",
        sum_stat: str | Callable[..., Any] = "identity",
        epsilon: Any = 1.0,
        signature: str | None = None,
        ndim_supp: int | None = None,
        ndims_params: Sequence[int] | None = None,
        dtype: str = "floatX",
        class_name: str = "Simulator",
    ) -> Any:
        """Put the function and the comparison into an op."""
        if not callable(fn):
            raise SettingsError(f"`fn` must be a function of rng, parameters and size, got {fn!r}")
        if params is not None and unnamed_params:
            raise SettingsError("Cannot pass both unnamed parameters and `params`: give one")
        inputs = [_parameter(i, each) for i, each in enumerate(params or unnamed_params)]
        comparison = Comparison(
            _choice("distance", "distance metric", distance, DISTANCES),
            _choice("sum_stat", "summary statistic", sum_stat, SUMMARIES),
            real("epsilon", epsilon, positive),
        )
        op = SimulatorRV(
            fn,
            comparison,
            name=class_name,
            signature=without_generator(
                signature or core_signature(ndim_supp or 0, ndims_params, inputs)
            ),
            dtype="float64" if dtype == "floatX" else dtype,
        )
        return op, inputs

    @staticmethod
    def logdensity(op: Any, value: Any, *parameters: Any) -> Any:
        """Refuse, and say what is needed."""
        raise UnsupportedError(
            f"{op.name}: a Simulator has no log density to evaluate: its likelihood compares "
            "simulated data with observed ones, which needs sequential Monte Carlo (sample_smc). "
            "That sampler is planned, not there yet. Draws work (sample_prior_predictive, "
            "sample_posterior_predictive, draw); to sample with `sample`, write the log density "
            "of the data, or of their summary statistics, with CustomDist(logp=...)"
        )

    @staticmethod
    def support_point(op: Any, rv: Any, *parameters: Any) -> Any:
        """Return the mean of a few simulations."""
        repeated = OneByOneRV(op, [p.type.ndim for p in parameters], sized=rv.type.ndim > 0)
        batch = [rv.shape[axis] for axis in range(rv.type.ndim - op.ndim_supp)]
        size = pt.stack([pt.constant(TYPICAL_DRAWS, dtype="int64"), *batch])
        rng = pytensor.shared(np.random.default_rng(TYPICAL_SEED))
        return pt.mean(repeated.make_node(rng, size, *parameters).outputs[1], axis=0)


def _choice(name: str, what: str, value: Any, known: tuple[str, ...]) -> Any:
    """Check the name of a known way to compare, or a function of the user."""
    if isinstance(value, Op) or callable(value) or value in known:
        return value
    if value == "kullback_leibler":
        raise UnsupportedError(
            '`distance="kullback_leibler"` is not there, as in PyMC; choose "gaussian" or '
            '"laplace", or write a function of epsilon, observed and simulated statistics'
        )
    choices = ", ".join(f'"{each}"' for each in known)
    raise SettingsError(
        f"The {what} {value} is not implemented: `{name}` must be one of {choices}, or a function"
    )


def _parameter(place: int, value: Any) -> Any:
    """Read a parameter; integers are int64."""
    tensor = as_value(value, f"parameter {place}")
    return pt.cast(tensor, "int64") if tensor.dtype.startswith(("int", "uint")) else tensor
