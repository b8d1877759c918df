"""Data of a model with their dims, as the result of sampling shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytensor.tensor as pt

from rufous.compile.compiled_model import LabelledArray
from rufous.compile.state import DataState
from rufous.model.evaluate import Evaluator
from rufous.model.replace import Replacer

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = ["constant_data", "constants_for", "dims_of", "observed_data"]


def constants_for(model: Model, state: DataState) -> dict[Variable, Variable]:
    """Map the shared variables of a model to constants that hold `state`."""
    replacements: dict[Variable, Variable] = {
        variable: pt.constant(state.values[variable.name], name=variable.name)
        for variable in model.data_vars
    }
    for name, length in model.dim_lengths.items():
        if length.owner is None:
            replacements[length] = pt.constant(np.int64(state.lengths[name]), name=name)
    return replacements


def observed_data(model: Model, state: DataState) -> dict[str, LabelledArray]:
    """Compute the observed values of a state of the data."""
    graphs = Replacer(constants_for(model, state))(
        model.rvs_to_values[variable] for variable in model.observed_RVs
    )
    evaluator = Evaluator()
    return {
        variable.name: (np.asarray(evaluator.value(graph)), dims_of(model, variable.name))
        for variable, graph in zip(model.observed_RVs, graphs, strict=True)
    }


def constant_data(model: Model, state: DataState) -> dict[str, LabelledArray]:
    """List the data variables that are not themselves what was observed."""
    observed = {model.rvs_to_values[variable] for variable in model.observed_RVs}
    return {
        variable.name: (state.values[variable.name], dims_of(model, variable.name))
        for variable in model.data_vars
        if variable not in observed
    } | {each.name: (each.data, dims_of(model, each.name)) for each in model.constants}


def dims_of(model: Model, name: str) -> tuple[str | None, ...]:
    """Return one dim per axis of a variable."""
    dims = model.named_vars_to_dims.get(name)
    return tuple(dims) if dims else (None,) * model.named_vars[name].ndim
