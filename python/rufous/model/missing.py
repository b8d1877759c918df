"""Missing observations: the model is split into what was seen and what was not.

A variable ``x`` with missing data becomes ``x_observed`` (a term of the likelihood),
``x_unobserved`` (a free variable) and the deterministic ``x`` that puts both back in place. Which
entries are where is held in index arrays, which follow `set_data`.
"""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant
from pytensor.graph.traversal import ancestors

from rufous.errors import ImputationWarning, ModelError, ShapeError
from rufous.model.constraints import satisfied_constraints
from rufous.model.evaluate import Evaluator
from rufous.model.joint import JointObservedRV, JointUnobservedRV, joint_part
from rufous.model.registry import default_transform
from rufous.model.replace import Replacer

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array
    from rufous.model.model import Model

__all__ = ["Pattern", "check_same_missing", "impute", "refresh"]


@dataclass(frozen=True, eq=False)
class Pattern:
    """Which observations are missing.

    Parameters
    ----------
    name : str
        Name of the variable.
    data : TensorVariable
        The data, NaN where they are missing.
    support : int
        Number of trailing axes of the data that are seen, or missing, together.
    seen, unseen : TensorVariable
        Positions in the flattened data; shared variables where the data are `Data`.
    order : TensorVariable
        Where each entry is once the seen are put before the unseen; of the shape of the data
        without those trailing axes.
    """

    name: str
    data: TensorVariable
    support: int
    seen: TensorVariable
    unseen: TensorVariable
    order: TensorVariable

    @property
    def indices(self) -> tuple[TensorVariable, ...]:
        """The three arrays of positions."""
        return self.seen, self.unseen, self.order


def positions(missing: Array) -> tuple[Array, Array, Array]:
    """Return the flat positions of what is there, what is missing, and how to put both back."""
    flat = np.asarray(missing, dtype=bool).ravel()
    seen, unseen = np.flatnonzero(np.logical_not(flat)), np.flatnonzero(flat)
    order = np.argsort(np.concatenate([seen, unseen]), kind="stable").reshape(missing.shape)
    return seen.astype(np.int64), unseen.astype(np.int64), order.astype(np.int64)


def impute(
    model: Model,
    rv: TensorVariable,
    data: TensorVariable,
    missing: Array,
    dims: tuple[str | None, ...] | None,
    options: dict[str, Any],
) -> TensorVariable:
    """Make the three variables that stand for one with missing data.

    Parameters
    ----------
    model : Model
        The model.
    rv : TensorVariable
        The random variable in the shape of the data, with its full name.
    data : TensorVariable
        The data, NaN where missing.
    missing : ndarray of bool
        Where they are missing.
    dims : tuple of (str or None), or None
        Dims of the whole.
    options : dict
        `initval`, `transform` and `default_transform` for what is missing.

    Returns
    -------
    TensorVariable
        The deterministic that has the name of the variable.
    """
    name = str(rv.name)
    if missing.all():
        raise ModelError(
            f"all observed data of {name!r} are missing; leave observed= out to make it free"
        )
    warnings.warn(
        f"observed data of {name!r} has {np.count_nonzero(missing)} missing value(s): they become "
        f"the free variable '{name}_unobserved'. Leave those rows out if that is not intended",
        ImputationWarning,
        stacklevel=5,
    )
    support = rv.owner.op.ndim_supp
    whole = _missing_together(missing, support)
    pattern = _pattern(name, data, missing if whole is None else whole, support, whole is None)
    parts = _split(rv, pattern) if whole is not None else _joint(rv, pattern)
    model.root.patterns.append(pattern)
    return _register(model, rv, pattern, parts, dims, options)


def _missing_together(missing: Array, support: int) -> Array | None:
    """Return which vectors are missing; None when one is missing in part."""
    axes = tuple(range(missing.ndim - support, missing.ndim))
    some, every = missing.any(axis=axes), missing.all(axis=axes)
    return np.asarray(every) if np.array_equal(some, every) else None


def _pattern(
    name: str, data: TensorVariable, missing: Array, support: int, partly: bool
) -> Pattern:
    arrays = positions(missing)
    labels = ("seen", "unseen", "order")
    if isinstance(data, Constant):
        held = [pt.constant(array) for array in arrays]
    else:
        held = [
            pytensor.shared(array, name=f"{name}_{label}", shape=(None,) * array.ndim)
            for array, label in zip(arrays, labels, strict=True)
        ]
    return Pattern(name, data, 0 if partly else support, *held)


Parts = tuple[Any, Any]


def _split(rv: TensorVariable, pattern: Pattern) -> Parts:
    """Write what was seen and what was not as two variables of the same distribution."""
    node, op = rv.owner, rv.owner.op
    batch = tuple(_lengths(pattern.data)[: rv.type.ndim - op.ndim_supp])
    made = []
    for index in (pattern.seen, pattern.unseen):
        parameters = [
            _taken(p, core, batch, index)
            for p, core in zip(op.dist_params(node), op.ndims_params, strict=True)
        ]
        size = pt.cast(index.shape[0], "int64").reshape((1,))
        if isinstance(index, Constant):
            size = pt.constant([index.data.size])
        made.append(op.make_node(op.rng_param(node), size, *parameters).outputs[1])
    return made[0], made[1]


def _lengths(data: TensorVariable) -> list[Any]:
    static = data.type.shape
    return [data.shape[i] if n is None else n for i, n in enumerate(static)]


def _taken(parameter: Any, core: int, batch: Sequence[Any], index: TensorVariable) -> Any:
    """Take the rows of a parameter, which may stretch along the batch axes."""
    ndim = parameter.type.ndim - core
    own = parameter.type.broadcastable[:ndim]
    if all(own):
        return parameter.squeeze(tuple(range(ndim))) if ndim else parameter
    fixed = isinstance(parameter, Constant) and isinstance(index, Constant)
    if fixed and all(isinstance(n, int) for n in batch):
        core_shape = parameter.data.shape[ndim:]
        rows = np.broadcast_to(parameter.data, (*batch, *core_shape)).reshape((-1, *core_shape))
        return pt.constant(rows[index.data])
    if ndim < len(batch) or any(own):
        lengths = [parameter.shape[i] for i in range(ndim, parameter.type.ndim)]
        parameter = pt.broadcast_to(parameter, (*batch, *lengths))
    if len(batch) > 1:
        tail = [parameter.shape[i] for i in range(len(batch), parameter.type.ndim)]
        parameter = parameter.reshape((-1, *tail), ndim=1 + core)
    return parameter[index]


def _joint(rv: TensorVariable, pattern: Pattern) -> Parts:
    """Write both through the density of the whole, as parts of single vectors are missing."""
    node, op = rv.owner, rv.owner.op
    if default_transform(op, rv) is not None:
        raise ModelError(
            f"observed data of {rv.name!r} are missing inside its vectors, whose entries are bound "
            "together (as in a simplex), so the missing ones have no range of their own; leave "
            "those rows out, or mask whole vectors"
        )
    parameters, rng = op.dist_params(node), op.rng_param(node)
    inputs = (pattern.unseen, pattern.data, *parameters)
    unseen = joint_part(JointUnobservedRV, op, inputs).make_node(rng, None, *inputs).outputs[1]

    def seen_given(drawn: TensorVariable) -> TensorVariable:
        inputs = (pattern.seen, pattern.order, drawn, *parameters)
        return joint_part(JointObservedRV, op, inputs).make_node(rng, None, *inputs).outputs[1]

    return seen_given, unseen


def _register(
    model: Model,
    rv: TensorVariable,
    pattern: Pattern,
    parts: Parts,
    dims: tuple[str | None, ...] | None,
    options: dict[str, Any],
) -> TensorVariable:
    name, (seen, unseen) = pattern.name, parts
    start = options.pop("initval")
    if start is not None and np.ndim(start) and not isinstance(start, str):
        start = pt.as_tensor(start).reshape(_flat_shape(pattern))[pattern.unseen]
    unseen.name = f"{name}_unobserved"
    model.add_free(unseen, None, initval=start, **options)
    if callable(seen):
        seen = seen(unseen)
    seen.name = f"{name}_observed"
    value = pattern.data.reshape(_flat_shape(pattern), ndim=1 + pattern.support)[pattern.seen]
    if isinstance(pattern.data, Constant):
        flat = pattern.data.data.reshape(_flat_shape(pattern))
        value = pt.constant(flat[pattern.seen.data].astype(rv.dtype), name=seen.name)
    elif value.dtype != rv.dtype:
        value = pt.cast(value, rv.dtype)
    satisfied = satisfied_constraints(seen, model.evaluator)
    model.adopt(seen, "observed_RVs", None, value=value, satisfied=satisfied)
    joined = pt.concatenate([seen, unseen], axis=0)[pattern.order]
    joined.name = name
    model.adopt(joined, "deterministics", dims)
    return joined


def _flat_shape(pattern: Pattern) -> tuple[Any, ...]:
    lengths = _lengths(pattern.data)
    return (-1, *lengths[len(lengths) - pattern.support :])


def missing_in(pattern: Pattern, data: Array) -> Array:
    """Return where data are missing, vectors counted as one where the pattern has vectors."""
    missing = np.isnan(data) if data.dtype.kind == "f" else np.zeros(data.shape, dtype=bool)
    if not pattern.support:
        return missing
    together = _missing_together(missing, pattern.support)
    if together is None:
        raise ShapeError(
            f"the new data of {pattern.name!r} are missing inside vectors, which were whole "
            "before; write the model anew for them"
        )
    return together


def refresh(model: Model) -> None:
    """Find again what is missing, after data have been exchanged."""
    for pattern in model.root.patterns:
        if isinstance(pattern.seen, SharedVariable):
            missing = missing_in(pattern, np.asarray(Evaluator().value(pattern.data)))
            for held, array in zip(pattern.indices, positions(missing), strict=True):
                held.set_value(array, borrow=True)


def check_same_missing(patterns: Sequence[Pattern], variable: Variable, array: Array) -> None:
    """Refuse new data of a compiled model in which other entries are missing.

    Parameters
    ----------
    patterns : sequence of Pattern
        Those of the model.
    variable : TensorVariable
        The `Data`.
    array : ndarray
        Its new value.

    Raises
    ------
    ShapeError
        Names the variable.
    """
    for pattern in patterns:
        if variable not in ancestors([pattern.data]):
            continue
        [graph] = Replacer({variable: pt.constant(array.astype(variable.dtype))})([pattern.data])
        missing = missing_in(pattern, np.asarray(Evaluator().value(graph)))
        same = zip(pattern.indices, positions(missing), strict=True)
        if not all(np.array_equal(Evaluator().value(held), new) for held, new in same):
            raise ShapeError(
                f"other observations of {pattern.name!r} are missing than when the model was "
                "compiled, so its parameters would be others; call set_data and compile again"
            )
