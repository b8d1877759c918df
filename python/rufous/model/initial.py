"""Initial points: one unconstrained value per free variable."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt

from rufous.errors import ModelError, ShapeError
from rufous.model.arrays import as_value
from rufous.model.evaluate import depends_on_randomness, run
from rufous.model.registry import support_point
from rufous.model.replace import Replacer
from rufous.model.seeds import generator, seed_sequence

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array, RandomSeed
    from rufous.model.model import Model

__all__ = ["check_initval", "initial_point"]

_STRATEGIES = ("support_point", "prior")


def check_initval(name: str, initval: Any, rv: TensorVariable, model: Model) -> Any:
    """Check `initval=` where it is written.

    Parameters
    ----------
    name : str
        Name of the variable.
    initval : number, array_like, TensorVariable, "support_point", "prior" or None
        As the user wrote it; None means the support point.
    rv : TensorVariable
        The random variable, in its final shape.
    model : Model
        Where shapes are evaluated.

    Returns
    -------
    str or TensorVariable
        A strategy, or the constrained value.
    """
    if initval is None:
        return "support_point"
    if isinstance(initval, str):
        if initval not in _STRATEGIES:
            raise ModelError(
                f"initval of {name!r} must be a number, an array, 'support_point' or 'prior', "
                f"got {initval!r}"
            )
        return initval
    value = as_value(initval, f"initval of {name!r}")
    if value.dtype != rv.dtype:
        value = pt.cast(value, rv.dtype)
    _check_shape(name, model.shape_of(value), model.shape_of(rv))
    if not depends_on_randomness(value) and not np.isfinite(model.evaluator.value(value)).all():
        raise ModelError(f"initval of {name!r} must be finite, got {initval!r}")
    return value


def _check_shape(name: str, given: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if given not in ((), wanted):
        raise ShapeError(
            f"initval of {name!r} has shape {given}, the variable has shape {wanted}; "
            "give one number, or an array of exactly that shape"
        )


def initial_point(model: Model, random_seed: RandomSeed = None) -> dict[str, Array]:
    """Compute where sampling starts: the support point, `initval`, or a draw from the prior.

    Parameters
    ----------
    model : Model
        The model.
    random_seed : int, sequence of int, Generator, SeedSequence or None
        Used by variables with ``initval="prior"``.

    Returns
    -------
    dict of str to ndarray
        Unconstrained value by name of the value variable.

    Raises
    ------
    ModelError
        When a value is not inside the support; names the variable.
    """
    seed = seed_sequence(random_seed)
    replace = Replacer()
    for rv in model.observed_RVs:
        replace.set(rv, model.rvs_to_values[rv])
    starts: list[TensorVariable] = []
    unconstrained: list[TensorVariable] = []
    for rv in model.free_RVs:
        start = _start(model, rv, replace, lambda name: generator(seed, name))
        replace.set(rv, start)
        starts.append(start)
        unconstrained.append(_forward(model, rv, start, replace))
    values = run([*starts, *unconstrained])
    half = len(starts)
    point = {}
    for rv, constrained, value in zip(model.free_RVs, values[:half], values[half:], strict=True):
        _check_inside(rv.name, constrained, value)
        point[model.rvs_to_values[rv].name] = value
    return point


def _start(
    model: Model,
    rv: TensorVariable,
    replace: Replacer,
    generator_of: Callable[[str], np.random.Generator],
) -> TensorVariable:
    initval = model.rvs_to_initial_values[rv]
    shape = model.shape_of(rv)
    op = rv.owner.op
    parameters = replace(op.dist_params(rv.owner))
    if isinstance(initval, str) and initval == "prior":
        size = shape[: len(shape) - op.ndim_supp]
        rng = pytensor.shared(generator_of(rv.name))
        return op.make_node(rng, size or None, *parameters).outputs[1]
    if isinstance(initval, str):
        # A stand-in with the shape and dtype of the variable: nothing is drawn for its shape.
        stand_in = pt.zeros(shape, dtype=rv.dtype)
        start = support_point(op, stand_in, *parameters)
    else:
        [start] = replace([initval])
    start = pt.cast(start, rv.dtype)
    return start if start.type.shape == shape else pt.alloc(start, *shape)


def _forward(
    model: Model, rv: TensorVariable, start: TensorVariable, replace: Replacer
) -> TensorVariable:
    transform = model.rvs_to_transforms[rv]
    if transform is None:
        return start
    return transform.forward(start, *replace(rv.owner.op.dist_params(rv.owner)))


def _check_inside(name: str, constrained: Array, unconstrained: Array) -> None:
    if np.isfinite(unconstrained).all():
        return
    with np.printoptions(threshold=6, precision=4):
        raise ModelError(
            f"the initial value of {name!r} is outside its support or on its border: {constrained}; "
            "give initval= a value inside"
        )
