"""Distributions that a user writes: by a log density, or as a graph of other distributions."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.traversal import ancestors, toposort
from pytensor.tensor.random.op import RandomVariable

from rufous.derived.density import logcdf as logcdf_of
from rufous.derived.density import logp as logp_of
from rufous.distributions.base import Distribution
from rufous.distributions.modifiers.signatures import core_signature, without_generator
from rufous.distributions.rv import without_batch
from rufous.errors import SettingsError, UnsupportedError
from rufous.model import registry
from rufous.model.arrays import as_value
from rufous.model.python_linker import run
from rufous.model.replace import Replacer

__all__ = ["CustomDist"]

Function = Callable[..., Any]


@dataclass(frozen=True, eq=False)
class Functions:
    """What the user wrote; compared by identity."""

    dist: Function | None
    random: Function | None
    logp: Function | None
    logcdf: Function | None
    support_point: Function | None


class CustomRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Numbers by functions of the user."""

    name = "custom"
    __props__ = ("name", "signature", "dtype", "inplace", "functions", "ndims_written")
    _print_name = ("CustomDist", "\\operatorname{CustomDist}")

    def __init__(
        self,
        functions: Functions,
        signature: str,
        dtype: str,
        ndims_written: tuple[int, ...],
        name: str | None = None,
        inplace: bool | None = None,
    ) -> None:
        self.functions = functions
        self.ndims_written = ndims_written
        super().__init__(name=name, signature=signature, dtype=dtype, inplace=inplace)

    @property
    def draws_one_by_one(self) -> bool:
        """Whether a function of the user draws, which takes the parameters of one draw."""
        return self.functions.random is not None

    def graph(self, parameters: Sequence[Any], size: Any) -> Any:
        """Return the graph of other variables that `dist` writes; None without it."""
        dist = self.functions.dist
        return None if dist is None else dist(*self.as_written(parameters), size)

    def as_written(self, parameters: Sequence[Any]) -> list[Any]:
        """Take off the axes of length one that PyTensor puts in front of parameters for a size."""
        return [
            without_batch(each, ndim) if all(each.type.broadcastable[: each.ndim - ndim]) else each
            for each, ndim in zip(parameters, self.ndims_written, strict=True)
        ]

    def rng_fn(self, rng: Any, *arguments: Any) -> Any:
        """Draw by `random`, or from the graph that `dist` writes."""
        *parameters, size = arguments
        if self.functions.random is not None:
            return self.functions.random(*parameters, rng=rng, size=size)
        if self.functions.dist is None:
            raise UnsupportedError(
                "CustomDist: drawing needs `random=`, a function of the parameters, rng= and "
                "size=, or `dist=`, a function that writes the variable with other distributions"
            )
        graph = self.graph([pt.constant(each) for each in parameters], size)
        for node in toposort([graph]):
            if isinstance(node.op, RandomVariable):
                _seed(node.op.rng_param(node), rng)
        [drawn] = run([graph])
        return drawn

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        if self.functions.dist is not None:
            graph = self.graph(dist_params, None)
            return [graph.shape[axis] for axis in range(-self.ndim_supp, 0)]
        try:
            return super()._supp_shape_from_params(dist_params, param_shapes)
        except NotImplementedError:
            raise SettingsError(
                f"CustomDist: the lengths of the support do not follow from the signature "
                f"{self.signature!r}; name its axes as those of a parameter, as in '(n),(n,n)->(n)'"
            ) from None


class CustomDist(Distribution, op_type=CustomRV):
    r"""Distribution of the user's own.

    .. math:: \log f(x \mid \theta) = \texttt{logp}(x, \theta)

    Either `logp` gives the log density, or `dist` writes the variable as a graph of other
    distributions, whose log density is derived.

    ========  ================
    Support   as written
    Mean      as written
    Variance  as written
    ========  ================

    Parameters
    ----------
    *dist_params : float, array_like or TensorVariable
        Parameters, passed to all functions in this order.
    dist : callable, optional
        ``dist(*dist_params, size)`` returns a random graph; `size` goes to the distributions in it.
    random : callable, optional
        ``random(*dist_params, rng, size)`` draws with NumPy.
    logp : callable, optional
        ``logp(value, *dist_params)`` writes the log density, the axes of the support summed out.
    logcdf : callable, optional
        ``logcdf(value, *dist_params)`` writes the log cdf.
    support_point : callable, optional
        ``support_point(rv, size, *dist_params)`` writes where sampling starts; default zeros, or
        what the typical points of the distributions in `dist` give.
    ndim_supp : int, default 0
        Number of axes of the support.
    ndims_params : sequence of int, optional
        Number of axes of each parameter that are no batch; default none, or what `dist` uses up.
    signature : str, optional
        Says both, for example ``"(n),(n,n)->(n)"``, instead of `ndim_supp` and `ndims_params`.
    dtype : str, default "floatX"
        Of the values: "floatX" is float64. With `dist` the graph tells.
    class_name : str, optional
        Name in messages and pictures.

    Raises
    ------
    SettingsError
        When the functions or the shapes do not fit together.
    UnsupportedError
        When a function is needed that is not there.

    Examples
    --------
    >>> import rufous as rf
    >>> def logp(value, mu):
    ...     return -((value - mu) ** 2)
    >>> with rf.Model():
    ...     mu = rf.Normal("mu", 0, 1)
    ...     y = rf.CustomDist("y", mu, logp=logp, observed=[0.3, 1.2])
    """

    @classmethod
    def parametrise(
        cls,
        *dist_params: Any,
        dist: Function | None = None,
        random: Function | None = None,
        logp: Function | None = None,
        logcdf: Function | None = None,
        support_point: Function | None = None,
        ndim_supp: int | None = None,
        ndims_params: Sequence[int] | None = None,
        signature: str | None = None,
        dtype: str = "floatX",
        class_name: str = "custom",
    ) -> Any:
        """Put the functions into an op."""
        functions = Functions(dist, random, logp, logcdf, support_point)
        _check_functions(functions)
        inputs = [_parameter(f"parameter {i}", each) for i, each in enumerate(dist_params)]
        graph = None
        if dist is not None:
            graph = dist(*inputs, None)
            if not hasattr(graph, "type") or not hasattr(graph.type, "ndim"):
                raise SettingsError(f"`dist` must return a variable, got {graph!r:.60}")
            dtype = graph.dtype
        if signature is None:
            if ndim_supp is None:
                op = getattr(getattr(graph, "owner", None), "op", None)
                ndim_supp = op.ndim_supp if isinstance(op, RandomVariable) else 0
            if graph is not None and ndims_params is None:
                # What the graph has not as batch axes, it has used up.
                batch = graph.type.ndim - ndim_supp
                ndims_params = [max(each.type.ndim - batch, 0) for each in inputs]
            signature = core_signature(ndim_supp, ndims_params, inputs)
        signature = without_generator(signature)
        if signature.count("(") != len(inputs) + 1:
            raise SettingsError(
                f"`signature` {signature!r} must have one group for each of the {len(inputs)} "
                "parameters and one for the support"
            )
        dtype = "float64" if dtype == "floatX" else dtype
        ndims = tuple(each.ndim for each in inputs)
        return CustomRV(functions, signature, dtype, ndims, name=class_name), inputs

    @staticmethod
    def logdensity(op: Any, value: Any, *parameters: Any) -> Any:
        """Call `logp`, or derive the log density of the graph of `dist`."""
        if op.functions.logp is not None:
            written = op.as_written(parameters)
            return pt.as_tensor_variable(op.functions.logp(value, *written))
        if op.functions.dist is None:
            raise UnsupportedError(
                "CustomDist: the log density needs `logp=`, a function of the value and the "
                "parameters, or `dist=`"
            )
        return logp_of(op.graph(parameters, _size_of(op, value)), value)

    @staticmethod
    def logcdf(op: Any, value: Any, *parameters: Any) -> Any:
        """Call `logcdf`, or derive the log cdf of the graph of `dist`."""
        if op.functions.logcdf is not None:
            written = op.as_written(parameters)
            return pt.as_tensor_variable(op.functions.logcdf(value, *written))
        if op.functions.dist is None:
            raise UnsupportedError("custom: the log cdf needs `logcdf=` or `dist=`")
        return logcdf_of(op.graph(parameters, _size_of(op, value)), value)

    @staticmethod
    def support_point(op: Any, rv: Any, *parameters: Any) -> Any:
        """Call `support_point`, or put typical points into the graph of `dist`."""
        if op.functions.support_point is not None:
            batch = rv.type.ndim - op.ndim_supp
            return op.functions.support_point(rv, rv.shape[:batch], *op.as_written(parameters))
        if op.functions.dist is None:
            return pt.zeros_like(rv)
        return _typical(op.graph(parameters, None))


def _size_of(op: Any, value: Any) -> tuple[Any, ...] | None:
    """Return the batch shape of a value, for the distributions that `dist` writes."""
    batch = value.type.ndim - op.ndim_supp
    lengths = value.type.shape[:batch]
    return tuple(value.shape[i] if n is None else n for i, n in enumerate(lengths)) or None


def _check_functions(functions: Functions) -> None:
    for name in ("dist", "random", "logp", "logcdf", "support_point"):
        function = getattr(functions, name)
        if function is not None and not callable(function):
            raise SettingsError(f"`{name}` must be a function, got {function!r:.60}")
    if functions.dist is not None and functions.random is not None:
        raise SettingsError("give either `dist` or `random`, got both: `dist` also draws")


def _parameter(name: str, value: Any) -> Any:
    """Read a parameter; whole numbers are int64, so that small ones do not wrap around."""
    tensor = as_value(value, name)
    if tensor.dtype in ("int8", "int16", "int32", "uint8", "uint16", "uint32"):
        return pt.cast(tensor, "int64")
    return tensor


def _seed(generator: Any, rng: Any) -> None:
    """Give a random variable of a graph that was just written a generator of its own."""
    for variable in ancestors([generator]):
        if isinstance(variable, SharedVariable):
            variable.set_value(np.random.default_rng(rng.integers(2**63, size=4)), borrow=True)


def _typical(graph: Any) -> Any:
    """Replace each random variable in a graph by its typical point."""
    replace = Replacer()
    for node in toposort([graph]):
        if isinstance(node.op, RandomVariable):
            rv = node.outputs[1]
            parameters = replace(node.op.dist_params(node))
            point = registry.support_point(node.op, pt.zeros(rv.shape, dtype=rv.dtype), *parameters)
            replace.set(rv, pt.cast(point, rv.dtype) + pt.zeros(rv.shape, dtype=rv.dtype))
    return replace([graph])[0]
