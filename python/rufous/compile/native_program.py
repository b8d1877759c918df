"""A model as a plan of the native evaluator, and data behind it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
from pytensor.compile.sharedvalue import SharedVariable

from rufous._core import NativePlan
from rufous.compile.native import NativeParameter, import_graph, value_of
from rufous.compile.plan_program import Labelled, PlanProgram

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = ["compile_plan"]


def compile_plan(model: Model, stored_names: Sequence[str]) -> PlanProgram:
    """Import a model into a plan.

    Parameters
    ----------
    model : Model
        With at least one free variable, all of them continuous.
    stored_names : sequence of str
        Free variables and deterministics to store, in order.

    Returns
    -------
    PlanProgram

    Raises
    ------
    UnsupportedOp
        When the model has an operation that the native evaluator has not learnt.
    """
    layout = model.unconstrained_layout()
    values = {variable.name: variable for variable in model.value_vars}
    axes = tuple(_axes(model, values[spec.name], spec.shape) for spec in layout)
    lengths = _lengths(model, axes)
    parameters = [
        NativeParameter(
            values[spec.name], [(None if key is None else lengths[key], n) for key, n in own]
        )
        for spec, own in zip(layout, axes, strict=True)
    ]
    stored = model.replace_rvs_by_values([model.named_vars[name] for name in stored_names])
    pointwise = model.pointwise_terms()
    groups: dict[str, list[tuple[str, Any]]] = {
        "logdensity": list(model.logdensity_terms().items()),
        "stored": list(zip(stored_names, stored, strict=True)),
        "pointwise": list(pointwise.items()),
    }
    imported = import_graph(parameters, groups)
    names: dict[Variable, str] = {variable: variable.name for variable in model.data_vars}
    names |= {length: key for key, length in lengths.items()}
    return PlanProgram(
        NativePlan.from_bytes(imported.plan),
        tuple(names.get(v) or np.asarray(value_of(v), dtype=np.float64) for v in imported.slots),
        tuple(Labelled(spec.name) for spec in layout),
        tuple(_labelled(model, name) for name in stored_names),
        tuple(Labelled(name) for name in pointwise),
        axes,
        frozenset(
            name for name, length in model.dim_lengths.items() if isinstance(length, SharedVariable)
        ),
    )


def _labelled(model: Model, name: str) -> Labelled:
    dims = tuple(model.named_vars_to_dims.get(name) or ())
    return Labelled(name, dims, np.dtype(model.named_vars[name].dtype))


def _axes(
    model: Model, value: Variable, shape: tuple[int, ...]
) -> tuple[tuple[str | None, int], ...]:
    """Write the lengths of the axes of a free variable in terms of those that follow the data.

    A transform may make an axis shorter than it is in the model; it does so by a fixed number.
    """
    rv = model.values_to_rvs[value]
    dims = tuple(model.named_vars_to_dims.get(rv.name) or (None,) * len(shape))
    if len(dims) != len(shape):
        return tuple((None, n) for n in shape)
    axes: list[tuple[str | None, int]] = []
    for k, (dim, n, static) in enumerate(zip(dims, shape, value.type.shape, strict=True)):
        length = None if dim is None else model.dim_lengths.get(dim)
        if static is not None:
            axes.append((None, n))
        elif isinstance(length, SharedVariable):
            axes.append((f"dim:{dim}", n - int(length.get_value(borrow=True))))
        else:
            axes.append((f"axis:{rv.name}:{k}", n - model.shape_of(rv)[k]))
    return tuple(axes)


def _lengths(
    model: Model, axes: tuple[tuple[tuple[str | None, int], ...], ...]
) -> dict[str, Variable]:
    """Name the symbolic lengths: those of dims, and new ones for other axes."""
    lengths: dict[str, Variable] = {
        f"dim:{name}": length
        for name, length in model.dim_lengths.items()
        if isinstance(length, SharedVariable)
    }
    for key in {key for own in axes for key, _ in own if key is not None}:
        lengths.setdefault(key, pytensor.shared(np.asarray(0), name=key))
    return lengths
