"""From a model to symbolic functions of the unconstrained parameters.

A position is one flat vector, but the graphs take one input per free variable: the native wrapper
hands each its piece of the vector without copying, and puts the pieces of the gradient side by
side. Slicing and joining inside the graph would cost rewriting, code and time for nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.gradient import NullTypeGradError, grad
from pytensor.graph.replace import clone_replace
from pytensor.graph.rewriting.utils import rewrite_graph
from pytensor.graph.traversal import ancestors

from rufous._typing import Shape
from rufous.compile.checks import raise_to_nan
from rufous.compile.indices import IndexUse, find_indices
from rufous.errors import CompileError, UnsupportedError
from rufous.layout import Layout

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model

__all__ = ["FlatModel", "flatten", "total"]


@dataclass(frozen=True, eq=False)
class FlatModel:
    """A model as graphs over its unconstrained parameters and its data.

    Parameters
    ----------
    unconstrained : Layout
        Value variables in the order of a position.
    position : tuple of TensorVariable
        One input per variable of `unconstrained`, of its static shape.
    data : mapping of str to TensorVariable
        Inputs that :meth:`CompiledModel.bind` can change: ``Data`` variables and the lengths of
        dims that only data carry.
    logdensity : TensorVariable
        Scalar float64.
    gradient : tuple of TensorVariable
        Derivatives of `logdensity` with respect to `position`.
    stored : mapping of str to TensorVariable
        Constrained free variables and deterministics, by name, as functions of `position`.
    shapes : mapping of str to tuple of int
        Shapes of the free variables, by name, which no data may change.
    written : TensorVariable
        The log density as the model writes it, over the variables of the model.
    indices : sequence of IndexUse
        What has to be checked against the data, over the variables of the model.
    """

    unconstrained: Layout
    position: tuple[TensorVariable, ...]
    data: Mapping[str, TensorVariable]
    logdensity: TensorVariable
    gradient: tuple[TensorVariable, ...]
    stored: Mapping[str, TensorVariable]
    shapes: Mapping[str, Shape]
    written: TensorVariable
    indices: Sequence[IndexUse]

    @property
    def stores_position(self) -> bool:
        """Whether the stored variables are the position itself, element by element."""
        return list(self.stored.values()) == list(self.position)

    def origin(self, model: Model) -> dict[Variable, Variable]:
        """Map the value variables of the model to zeros, for questions about shapes."""
        return {
            v: pt.constant(np.zeros(self.unconstrained[v.name].shape)) for v in model.value_vars
        }


def flatten(model: Model, stored_names: Sequence[str]) -> FlatModel:
    """Write the log density, its gradient and the stored variables of a model.

    Parameters
    ----------
    model : Model
        With at least one free variable, all of them continuous.
    stored_names : sequence of str
        Free variables and deterministics to store, in order.

    Returns
    -------
    FlatModel

    Raises
    ------
    CompileError
        When the log density cannot be differentiated or depends on something that has no value.
    """
    unconstrained = model.unconstrained_layout()
    position = tuple(_input(spec.name, spec.shape) for spec in unconstrained)
    stored_written = model.replace_rvs_by_values([model.named_vars[n] for n in stored_names])
    written = total(model.logdensity_terms().values())
    data = data_inputs(model)
    replacements = _replacements(model, position, data)

    (logdensity,) = clone_replace([written], replace=replacements, rebuild_strict=False)
    stored = clone_replace(stored_written, replace=replacements, rebuild_strict=False)
    _refuse_other_inputs([logdensity, *stored], [*position, *data.values()])
    logdensity = raise_to_nan(logdensity)
    # The derivative of a stabilised expression is stable and short; of the raw one often neither.
    logdensity = rewrite_graph(logdensity, include=("canonicalize", "stabilize"), clone=False)
    return FlatModel(
        unconstrained=unconstrained,
        position=position,
        data=data,
        logdensity=logdensity,
        gradient=_gradient(logdensity, position),
        stored=dict(zip(stored_names, stored, strict=True)),
        shapes={variable.name: model.shape_of(variable) for variable in model.free_RVs},
        written=written,
        indices=find_indices([written, *stored_written], model.value_vars),
    )


def _replacements(
    model: Model, position: Sequence[TensorVariable], data: Mapping[str, TensorVariable]
) -> dict[Variable, Variable]:
    """Map what the graphs of the model depend on to the inputs of the flat functions."""
    by_name = {variable.name: variable for variable in position}
    shared = _symbolic(model)
    return {
        **{variable: by_name[variable.name] for variable in model.value_vars},
        **{shared[name]: variable for name, variable in data.items()},
        **fixed_lengths(model),
    }


def data_inputs(model: Model) -> dict[str, TensorVariable]:
    """Make one fresh input per variable whose value may change without compiling."""
    return {name: shared.type(name=name) for name, shared in _symbolic(model).items()}


def fixed_lengths(model: Model) -> dict[Variable, Variable]:
    """Map the lengths of all other dims to constants, so that shapes are known to the rewrites."""
    symbolic = _symbolic(model)
    return {
        shared: pt.constant(shared.get_value(), name=name, dtype=shared.type.dtype)
        for name, shared in model.dim_lengths.items()
        if f"dim:{name}" not in symbolic
    } | {
        held: pt.constant(held.get_value(), name=held.name)
        for pattern in model.patterns
        for held in pattern.indices
        if isinstance(held, SharedVariable)
    }


def bindable_dims(model: Model) -> set[str]:
    """Name the dims whose length may change: those of data that no free variable has."""

    def dims_of(variables: Iterable[Any]) -> set[str]:
        return {
            dim
            for variable in variables
            for dim in model.named_vars_to_dims.get(variable.name, ())
            if dim is not None
        }

    return dims_of(model.data_vars) - dims_of(model.free_RVs)


def _symbolic(model: Model) -> dict[str, SharedVariable]:
    """List the shared variables that stay symbolic: data by name, lengths of dims by `dim:name`."""
    lengths = {
        f"dim:{name}": model.dim_lengths[name]
        for name in sorted(bindable_dims(model))
        if name in model.dim_lengths
    }
    return {variable.name: variable for variable in model.data_vars} | lengths


def _input(name: str, shape: tuple[int, ...]) -> TensorVariable:
    return pt.tensor(name=name, shape=shape, dtype="float64")


def total(terms: Iterable[TensorVariable]) -> TensorVariable:
    """Add up the terms of a log density."""
    scalars = [pt.cast(term, "float64") for term in terms]
    if not scalars:
        return pt.constant(0.0)
    return scalars[0] if len(scalars) == 1 else pt.add(*scalars)


def _gradient(
    logdensity: TensorVariable, position: tuple[TensorVariable, ...]
) -> tuple[TensorVariable, ...]:
    try:
        gradient = grad(logdensity, list(position), disconnected_inputs="ignore")
    except (NullTypeGradError, NotImplementedError) as error:
        raise CompileError(
            "the log density cannot be differentiated: "
            f"{error}. Gradient-based sampling needs a gradient for every operation between a "
            "free variable and the log density; replace the operation by one that has it."
        ) from error
    return tuple(pt.cast(part, "float64") for part in gradient)


def _refuse_other_inputs(graphs: Sequence[Variable], allowed: Sequence[Variable]) -> None:
    """Refuse a graph that depends on a variable without a value, or on random numbers."""
    known = set(allowed)
    for variable in ancestors(graphs, blockers=known):
        if variable in known or variable.owner is not None or hasattr(variable, "data"):
            continue
        what = "a shared variable" if isinstance(variable, SharedVariable) else "a variable"
        raise UnsupportedError(
            f"the model depends on {variable} ({variable.type}), {what} that is not part of it. "
            "Register data with `Data`, and draw random numbers only in distributions; a Minibatch "
            "is for variational inference, sampling needs all the data."
        )
