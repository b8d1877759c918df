"""Expressions of the free variables, evaluated at each draw of a trace."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pytensor.graph.traversal import ancestors

from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.model.names import known_names
from rufous.model.python_linker import PYTHON_MODE
from rufous.predictive.forward import forward
from rufous.results import GroupSpec

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array
    from rufous.model.model import Model
    from rufous.predictive.trace import Draws

__all__ = ["SampleDims", "VarNames", "at_draws", "chosen", "group_at_draws", "sample_dim_names"]

VarNames = str | Sequence[str] | None
SampleDims = str | Sequence[str]


def sample_dim_names(sample_dims: SampleDims) -> tuple[str, ...]:
    """Return the dims that count draws as a tuple."""
    return (sample_dims,) if isinstance(sample_dims, str) else tuple(sample_dims)


def chosen(
    possible: Sequence[TensorVariable], var_names: VarNames, kind: str
) -> dict[str, TensorVariable]:
    """Look up the variables to compute, by name.

    Parameters
    ----------
    possible : sequence of TensorVariable
        Those there are.
    var_names : str or sequence of str, optional
        As the user wrote it; None for all.
    kind : str
        What they are, for messages.

    Raises
    ------
    ModelError
        When there is nothing to compute.
    UnknownNameError
        When there is no variable of that name.
    """
    known = {str(v.name): v for v in possible}
    if not known:
        raise ModelError(f"the model has no {kind}, so that there is nothing to compute")
    if var_names is None:
        return known
    names = [var_names] if isinstance(var_names, str) else list(var_names)
    for name in names:
        if name not in known:
            raise UnknownNameError(
                f"var_names has {name!r}, no {kind} of the model; {known_names(str(name), known)}"
            )
    if not names:
        raise ModelError("var_names is empty; name a variable, or leave it out for all")
    return {name: known[name] for name in names}


def at_draws(
    model: Model, draws: Draws, wanted: Sequence[TensorVariable], mode: Any = PYTHON_MODE
) -> list[Array]:
    """Evaluate expressions of the free variables at each draw.

    Parameters
    ----------
    model : Model
        The model with its present data.
    draws : Draws
        Draws of the free variables.
    wanted : sequence of TensorVariable
        The expressions.
    mode : Mode or str, optional
        Of PyTensor, in which they are evaluated.

    Returns
    -------
    list of ndarray of shape (*sample_shape, *shape)

    Raises
    ------
    ModelError
        When the draws lack a free variable.
    ShapeError
        When they have one in another shape.
    """
    needed = set(ancestors(list(wanted), list(model.free_RVs)))
    values = forward(
        wanted,
        draws.num_draws,
        given={v: _draws_of(model, draws, v) for v in model.free_RVs if v in needed},
        seed=np.random.SeedSequence(0),  # nothing is left to be drawn
        evaluator=model.evaluator,
        mode=mode,
    )
    return [value.reshape(*draws.sample_shape, *value.shape[1:]) for value in values]


def group_at_draws(
    model: Model, draws: Draws, values: dict[str, Array], sample_dims: tuple[str, ...]
) -> GroupSpec:
    """Describe what was computed; an array with fewer axes than its variable has its first dims."""
    dims = {
        name: model.named_vars_to_dims[name][: value.ndim - len(sample_dims)]
        for name, value in values.items()
        if name in model.named_vars_to_dims
    }
    return GroupSpec(values, dims, sample_dims=sample_dims, coords=draws.sample_coords)


def _draws_of(model: Model, draws: Draws, variable: TensorVariable) -> Array:
    name = str(variable.name)
    if name not in draws.values:
        raise ModelError(
            f"the draws lack the free variable {name!r}, which is needed; "
            f"{known_names(name, draws.values)}"
        )
    found, needed = draws.values[name], model.shape_of(variable)
    if found.shape[1:] != needed:
        raise ShapeError(
            f"{name!r} has shape {needed} in the model, but its draws have {found.shape[1:]}: "
            "give the model the data with which it was sampled (set_data), or sample it again"
        )
    return found.astype(variable.dtype, copy=False)
