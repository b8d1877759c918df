"""What all distributions share: from a call to a random variable, and to a variable of a model.

A distribution is a ``RandomVariable`` op plus pure functions of its value and parameters. A
subclass writes them as static methods; naming the op in the class header registers them::

    class Exponential(Distribution, op=exponential): ...

``Exponential("x", 1.0)`` then makes a variable of the open model, ``Exponential.dist(1.0)`` one
that belongs to no model.
"""

from __future__ import annotations

import difflib
import inspect
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import numpy as np
import pytensor
from pytensor.graph.basic import Variable
from pytensor.tensor.random.op import RandomVariable
from pytensor.tensor.random.type import RandomType

from rufous.errors import RufousError, SettingsError, ShapeError, WrongTypeError
from rufous.model import registry
from rufous.model.registration import UNSET, register, requested_shape
from rufous.model.shapes import resize
from rufous.model.untraced import untraced

if TYPE_CHECKING:
    from collections.abc import Callable

    from rufous.model.registry import Constraint
    from rufous.transforms import Transform

__all__ = ["Distribution", "draw_node", "register_op"]

# What `Distribution.__new__` and `Distribution.dist` take besides the parameters.
MODEL_OPTIONS = (
    "shape", "dims", "observed", "total_size", "initval", "transform", "default_transform", "rng",
    "model",
)  # fmt: skip
DIST_OPTIONS = ("shape", "size", "rng")


class Distribution:
    """Base class of all distributions; calling a subclass makes a variable, not an instance.

    A subclass writes ``parametrise`` (what the user writes to op and inputs) and the pure functions
    ``logdensity``, ``support_point``, ``constraints`` and ``default_transform``; where they have a
    closed form also ``logcdf(value, *parameters)`` and ``icdf(probability, *parameters)``; and
    ``logccdf(value, *parameters)`` where the upper tail is precise.

    A distribution made of others names the type of its op instead (``op_type=``), as each use makes
    an op of its own; its functions get that op before the other arguments.
    """

    op: ClassVar[RandomVariable]
    # Whether the shape of the support comes from shape=, dims= or observed=, not from a parameter.
    support_from_shape: ClassVar[bool] = False

    def __init_subclass__(
        cls,
        *,
        op: RandomVariable | None = None,
        op_type: type[RandomVariable] | None = None,
    ) -> None:
        cls.__signature__ = _signature(cls)  # type: ignore[attr-defined]
        if op is not None:
            cls.op = op
        if op is not None or op_type is not None:
            register_op(
                op_type or type(op),
                logdensity=cls.logdensity,
                support_point=cls.support_point,
                constraints=cls.constraints,
                default_transform=cls.default_transform,
                logcdf=getattr(cls, "logcdf", None),
                logccdf=getattr(cls, "logccdf", None),
                icdf=getattr(cls, "icdf", None),
                with_op=op_type is not None,
            )

    def __new__(
        cls,
        name: str,
        *args: Any,
        shape: Any = None,
        dims: Any = None,
        observed: Any = None,
        total_size: Any = None,
        initval: Any = None,
        transform: Any = UNSET,
        default_transform: Any = UNSET,
        rng: Any = None,
        model: Any = None,
        **parameters: Any,
    ) -> Any:
        """Make a variable of the open model.

        Parameters
        ----------
        name : str
            Name of the variable.
        *args, **parameters
            Parameters of the distribution.
        shape : int or tuple of int, optional
            Full shape, support axes included; default what parameters, dims and data imply.
        dims : str or sequence of (str or None), optional
            Dims of the axes, for lengths and labels.
        observed : array_like or Data, optional
            Observed values; makes this a term of the likelihood.
        total_size : int or list of int, optional
            How many data the observed ones stand for, along the first axes: the log density is
            scaled up to that.
        initval : float, array_like or "prior", optional
            Where sampling starts, instead of the support point.
        transform : Transform or None, optional
            Applied after the default transform; None for no transform at all.
        default_transform : Transform or None, optional
            Instead of the default transform.
        rng : numpy.random.Generator or shared generator, optional
            For draws; default a fresh one.
        model : Model, optional
            Default the innermost open model.

        Returns
        -------
        TensorVariable

        Raises
        ------
        SettingsError
            When a parameter is missing, unknown or out of range.
        ShapeError
            When shapes, dims and data do not fit together.
        """
        if not isinstance(name, str):
            raise WrongTypeError(
                f"the first argument of {cls.__name__} is the name of the variable, a str, "
                f"got {name!r}; a variable without a name is made with {cls.__name__}.dist(...)"
            )
        with untraced():
            requested = None
            if cls.support_from_shape:
                requested = requested_shape(
                    name, shape=shape, dims=dims, observed=observed, model=model
                )
            who = f"{cls.__name__} {name!r}"
            rv = cls._make(who, MODEL_OPTIONS, args, parameters, rng, requested)
            return register(
                name,
                rv,
                shape=shape,
                dims=dims,
                observed=observed,
                total_size=total_size,
                initval=initval,
                transform=transform,
                default_transform=default_transform,
                model=model,
            )

    @classmethod
    def dist(
        cls, *args: Any, shape: Any = None, size: Any = None, rng: Any = None, **parameters: Any
    ) -> Any:
        """Make a random variable that belongs to no model.

        Parameters
        ----------
        *args, **parameters
            Parameters of the distribution.
        shape : int, tuple of int or TensorVariable, optional
            Full shape, support axes included.
        size : int or tuple of int, optional
            Batch shape: the shape without the support axes. At most one of `shape` and `size`.
        rng : numpy.random.Generator or shared generator, optional
            For draws; default a fresh one.

        Returns
        -------
        TensorVariable

        Raises
        ------
        SettingsError
            When a parameter is missing, unknown or out of range.
        ShapeError
            When the shape does not fit the parameters.
        """
        if shape is not None and size is not None:
            raise SettingsError(
                f"{cls.__name__}.dist: give either `shape` or `size`, got both; "
                "`shape` includes the axes of the support, `size` does not"
            )
        who = f"{cls.__name__}.dist"
        shape = _as_shape(who, "shape", shape)
        size = _as_shape(who, "size", size)
        rv = cls._make(who, DIST_OPTIONS, args, parameters, rng, shape)
        if size is not None:
            shape = (*size, *_support_shape(rv))
        if shape is None:
            return rv
        _check_stretches(who, rv, shape)
        return resize(rv, shape)

    @classmethod
    def _make(
        cls,
        who: str,
        options: tuple[str, ...],
        args: tuple[Any, ...],
        parameters: dict[str, Any],
        rng: Any,
        requested: Any,
    ) -> Any:
        """Check the call, read the parameters and make the random variable."""
        _check_keywords(who, cls, options, parameters)
        try:
            arguments = inspect.signature(cls.parametrise).bind(*args, **parameters)
        except TypeError as error:
            names = ", ".join(f"`{name}`" for name in _parameter_names(cls)) or "none"
            raise WrongTypeError(f"{who}: {error}; its parameters are {names}") from None
        try:
            op, inputs = cls._parametrise(requested, arguments)
        except RufousError as error:
            raise type(error)(f"{who}: {error}") from None
        return draw_node(who, op, inputs, rng)

    @classmethod
    def _parametrise(
        cls, requested: Any, arguments: inspect.BoundArguments
    ) -> tuple[RandomVariable, tuple[Any, ...]]:
        """Call `parametrise`; `requested` is for a support that has the shape asked for."""
        return cls.parametrise(*arguments.args, **arguments.kwargs)

    @classmethod
    def parametrise(cls, *args: Any, **kwargs: Any) -> tuple[RandomVariable, tuple[Any, ...]]:
        """Turn the parameters as written into an op and its inputs."""
        raise NotImplementedError

    @staticmethod
    def logdensity(*arguments: Any) -> Any:
        """Write the log density of a value, support axes summed out, -inf outside the support."""
        raise NotImplementedError

    @staticmethod
    def support_point(*arguments: Any) -> Any:
        """Write a typical point inside the support."""
        raise NotImplementedError

    @staticmethod
    def constraints(*parameters: Any) -> list[Constraint]:
        """List what the parameters must satisfy."""
        return []

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Choose the transform to unconstrained space."""
        return None


def register_op(
    op_type: type[RandomVariable],
    *,
    logdensity: Callable[..., Any],
    support_point: Callable[..., Any],
    constraints: Callable[..., list[Constraint]],
    default_transform: Callable[[Any], Transform | None],
    logcdf: Callable[..., Any] | None = None,
    logccdf: Callable[..., Any] | None = None,
    icdf: Callable[..., Any] | None = None,
    with_op: bool = False,
) -> None:
    """Register the pure functions of a distribution for one type of op.

    Parameters
    ----------
    op_type : type of RandomVariable
        The functions are chosen by it.
    logdensity, support_point, constraints, default_transform, logcdf, logccdf, icdf : callable
        See `Distribution`.
    with_op : bool, default False
        Whether the functions get the op as their first argument (`default_transform` never does).
    """

    def given(function: Callable[..., Any]) -> Callable[..., Any]:
        return function if with_op else lambda op, *arguments: function(*arguments)

    def constraints_of(op: Any, value: Any, *inputs: Any) -> list[Constraint]:
        return constraints(op, *inputs) if with_op else constraints(*inputs)

    def transform_of(op: Any, rv: Any) -> Transform | None:
        return default_transform(rv)

    registry.logdensity.register(op_type, given(logdensity))
    registry.support_point.register(op_type, given(support_point))
    registry.constraints.register(op_type, constraints_of)
    registry.default_transform.register(op_type, transform_of)
    if logcdf is not None:
        registry.logcdf.register(op_type, given(logcdf))
    if logccdf is not None:
        registry.logccdf.register(op_type, given(logccdf))
    if icdf is not None:
        registry.icdf.register(op_type, given(icdf))


def draw_node(who: str, op: RandomVariable, inputs: Sequence[Any], rng: Any = None) -> Any:
    """Return the random variable of an op, in the batch shape of its inputs."""
    generator = _as_generator(who, rng)
    try:
        return op.make_node(generator, None, *inputs).outputs[1]
    except ValueError as error:
        shapes = ", ".join(str(tuple(each.type.shape)) for each in inputs)
        raise ShapeError(
            f"{who}: the shapes of the parameters, {shapes}, do not broadcast ({error})"
        ) from None


def _as_generator(who: str, rng: Any) -> Any:
    if rng is None:
        rng = np.random.default_rng()
    if isinstance(rng, np.random.Generator):
        return pytensor.shared(rng)
    if isinstance(getattr(rng, "type", None), RandomType):
        return rng
    raise SettingsError(f"{who}: `rng` must be a numpy.random.Generator, got {rng!r}")


def _as_shape(who: str, name: str, shape: Any) -> Any:
    """Read a shape: an int is a tuple of one."""
    if shape is None:
        return None
    if isinstance(shape, Variable):
        return (shape,) if shape.type.ndim == 0 else tuple(shape)
    lengths = tuple(shape) if isinstance(shape, Sequence | np.ndarray) else (shape,)
    if not all(_is_length(length) for length in lengths):
        raise SettingsError(
            f"{who}: `{name}` must be a length or a tuple of lengths, got {shape!r}"
        )
    return lengths


def _is_length(length: Any) -> bool:
    if isinstance(length, Variable):
        return True
    is_integer = isinstance(length, int | np.integer) and not isinstance(length, bool)
    return is_integer and length >= 0


def _support_shape(rv: Any) -> tuple[Any, ...]:
    ndim = rv.owner.op.ndim_supp
    if not ndim:
        return ()
    static = rv.type.shape[-ndim:]
    return tuple(
        rv.shape[axis - ndim] if length is None else length for axis, length in enumerate(static)
    )


def _check_stretches(who: str, rv: Any, shape: tuple[Any, ...]) -> None:
    """Refuse a shape to which the parameters do not stretch, as far as lengths are known."""
    has = tuple(rv.type.shape)
    support = rv.owner.op.ndim_supp
    if len(shape) < len(has):
        raise ShapeError(f"{who}: the parameters give shape {has}, more axes than shape {shape}")
    for axis in range(-len(has), 0):
        length, asked = has[axis], shape[axis]
        if length is None or isinstance(asked, Variable) or asked == length:
            continue
        if length != 1 or axis >= -support:
            raise ShapeError(
                f"{who}: the parameters have length {length} on axis {axis}, shape {shape} asks "
                f"for {asked}; index or reshape the parameters, or change the shape"
            )


def _parameter_names(cls: type[Distribution]) -> list[str]:
    return list(inspect.signature(cls.parametrise).parameters)


def _check_keywords(
    who: str, cls: type[Distribution], options: tuple[str, ...], given: dict[str, Any]
) -> None:
    """Refuse a keyword that nobody reads, and name the one that was probably meant."""
    names = _parameter_names(cls)
    known = [*names, *options]
    for key in given:
        if key in known:
            continue
        if key in MODEL_OPTIONS:
            raise WrongTypeError(
                f"{who}: `{key}` belongs to a variable of a model: write "
                f"{cls.__name__}(name, ..., {key}=...); .dist() takes {', '.join(options)}"
            )
        near = difflib.get_close_matches(key, known, n=1, cutoff=0.5)
        hint = f"did you mean `{near[0]}`? " if near else ""
        raise WrongTypeError(
            f"{who}: there is no argument `{key}`; {hint}Its parameters are "
            f"{', '.join(names) or 'none'}; its options {', '.join(options)}"
        )


def _signature(cls: type[Distribution]) -> inspect.Signature:
    """Return the whole signature of a call, for help() and completion."""
    parameters = [
        inspect.Parameter("name", inspect.Parameter.POSITIONAL_OR_KEYWORD, annotation=str)
    ]
    parameters += inspect.signature(cls.parametrise).parameters.values()
    options = inspect.signature(Distribution.__new__).parameters
    of_class = inspect.signature(cls.__new__).parameters.values()
    parameters += [p for p in of_class if p.kind is p.KEYWORD_ONLY and p.name not in options]
    parameters += [options[name] for name in MODEL_OPTIONS]
    return inspect.Signature(sorted(parameters, key=lambda parameter: parameter.kind))
