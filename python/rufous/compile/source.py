"""What a compiled PyTensor model still needs its model for: starts, other data, explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pytensor.tensor as pt
from numpy.typing import ArrayLike
from pytensor.graph.traversal import ancestors
from pytensor.tensor.type import TensorType

from rufous._typing import FloatArray, RandomSeed
from rufous.compile.compiled_model import CompiledModel, LabelledArray
from rufous.compile.explain import explain
from rufous.compile.flatten import FlatModel
from rufous.compile.indices import check_indices
from rufous.compile.native_program import PlanProgram
from rufous.compile.program import NativeProgram
from rufous.compile.state import DataState
from rufous.errors import ShapeError
from rufous.layout import Layout
from rufous.model.evaluate import Evaluator
from rufous.model.replace import Replacer

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = ["GraphSource", "stored_layout"]


@dataclass(frozen=True, eq=False)
class GraphSource:
    """A model, its code, and one state of its data.

    Parameters
    ----------
    model : Model
        What was compiled.
    flat : FlatModel
        Its graphs.
    program : NativeProgram
        Its code.
    evaluator : str
        Who made the code.
    stored : Layout
        Of the stored variables with the data bound now.
    state : DataState
        The data bound now.
    reason : str
        Why the native evaluator was not taken, where another one is.
    """

    model: Model
    flat: FlatModel
    program: NativeProgram | PlanProgram
    evaluator: str
    stored: Layout
    state: DataState
    reason: str = ""

    def initial_point(self, random_seed: RandomSeed) -> FloatArray:
        """Return the position of the model's initial values."""
        return self.position_from({}, random_seed)

    def position_from(
        self, initvals: Mapping[str, ArrayLike], random_seed: RandomSeed
    ) -> FloatArray:
        """Return the position of the given values and the model's initial values."""
        point = self.model.initial_point(random_seed, initvals=initvals, data=self.state.inputs)
        return self.flat.unconstrained.ravel(point)

    def explain_start(self, position: FloatArray) -> str:
        """Name the terms, constraints and values that are not finite."""
        present = constants_for(self.model, self.state)
        return explain(self.model, self.flat.unconstrained, position, present)

    def explain(self) -> str:
        """Say who computes the log density, what runs, or why it is not the native evaluator."""
        if isinstance(self.program, NativeProgram):
            why = f"; not natively, because {self.reason}" if self.reason else ""
            return f"evaluator {self.evaluator!r}{why}"
        return f"evaluator 'native'\n{self.program.describe(self.state.inputs)}"

    def bind(
        self, data: Mapping[str, ArrayLike], coords: Mapping[str, Sequence[object]] | None
    ) -> CompiledModel:
        """Return the same code on other data."""
        state = self.state.replace(self.model, data, coords)
        stored = self.stored
        if not state.same_shapes(self.state):
            stored = _resized(self.model, self.flat, stored, constants_for(self.model, state))
        return replace(self, state=state, stored=stored).compiled()

    def compiled(self) -> CompiledModel:
        """Put the data behind the code and describe the result.

        Raises
        ------
        ShapeError
            When an index in the data points outside what it indexes.
        """
        present = constants_for(self.model, self.state)
        check_indices(self.flat.indices, present | self.flat.origin(self.model))
        return CompiledModel(
            target=self.program.bind(self.state.inputs, self.stored.size),
            unconstrained=self.flat.unconstrained,
            stored=self.stored,
            coords=self.state.coords,
            observed_data=observed_data(self.model, self.state),
            constant_data=constant_data(self.model, self.state),
            evaluator=self.evaluator,
            source=self,
        )


def stored_layout(model: Model, names: Sequence[str]) -> Layout:
    """Lay out the stored variables for the present data of the model."""
    variables = {name: model.named_vars[name] for name in names}
    return Layout.from_shapes(
        {name: model.shape_of(variable) for name, variable in variables.items()},
        {name: tuple(model.named_vars_to_dims.get(name) or ()) for name in names},
        {name: np.dtype(variable.dtype) for name, variable in variables.items()},
    )


def constants_for(model: Model, state: DataState) -> dict[Variable, Variable]:
    """Map the shared variables of a model to constants that hold `state`."""
    replacements: dict[Variable, Variable] = {
        variable: pt.constant(state.values[variable.name], name=variable.name)
        for variable in model.data_vars
    }
    for name, shared in model.dim_lengths.items():
        replacements[shared] = pt.constant(np.int64(state.lengths[name]), name=name)
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
    }


def dims_of(model: Model, name: str) -> tuple[str | None, ...]:
    """Return one dim per axis of a variable."""
    dims = model.named_vars_to_dims.get(name)
    return tuple(dims) if dims else (None,) * model.named_vars[name].ndim


def _resized(
    model: Model, flat: FlatModel, stored: Layout, replacements: dict[Variable, Variable]
) -> Layout:
    """Lay out the stored variables for data of other lengths.

    Raises
    ------
    ShapeError
        When a free variable would have another shape, or lengths do not fit each other.
    """
    replace_data = Replacer(replacements | flat.origin(model))
    evaluator = Evaluator()
    for variable in replace_data(model.free_RVs):
        found, compiled = evaluator.shape(variable), flat.shapes[variable.name]
        if found != compiled:
            raise ShapeError(
                f"with these data the free variable {variable.name!r} would have shape {found} "
                f"instead of {compiled}, so the number of parameters would change. Call set_data "
                "on the model and compile it again."
            )
    _check_observed(model, replace_data, evaluator)
    for variable in ancestors(replace_data([flat.written])):
        if isinstance(variable.type, TensorType):
            evaluator.shape(variable)  # raises where lengths do not fit
    graphs = replace_data(model.named_vars[spec.name] for spec in stored)
    return Layout.from_shapes(
        {spec.name: evaluator.shape(graph) for spec, graph in zip(stored, graphs, strict=True)},
        {spec.name: spec.dims for spec in stored},
        {spec.name: spec.dtype for spec in stored},
    )


def _check_observed(model: Model, replace_data: Replacer, evaluator: Evaluator) -> None:
    for variable in model.observed_RVs:
        value, drawn = replace_data([model.rvs_to_values[variable], variable])
        found, expected = evaluator.shape(value), evaluator.shape(drawn)
        if found != expected:
            raise ShapeError(
                f"observed data of {variable.name!r} have shape {found}, but with these data its "
                f"parameters give shape {expected}; exchange all data of those rows together"
            )
