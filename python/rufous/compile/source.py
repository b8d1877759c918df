"""What a compiled PyTensor model still needs its model for: starts, other data, explanations."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike
from pytensor.graph.traversal import ancestors
from pytensor.tensor.type import TensorType

from rufous._typing import Array, FloatArray, RandomSeed
from rufous.compile.compiled_model import CompiledModel
from rufous.compile.flatten import FlatModel
from rufous.compile.indices import check_indices
from rufous.compile.labels import constant_data, constants_for, observed_data
from rufous.compile.program import NativeProgram
from rufous.compile.state import DataState
from rufous.errors import ShapeError
from rufous.layout import Layout
from rufous.model.evaluate import Evaluator
from rufous.model.explain import explain
from rufous.model.python_linker import run
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
    program: NativeProgram
    evaluator: str
    stored: Layout
    state: DataState
    reason: str = ""

    def initial_point(self, random_seed: RandomSeed) -> FloatArray:
        """Return the position of the model's initial values."""
        initial_values = self.model.rvs_to_initial_values.values()
        if any(isinstance(value, str) and value == "prior" for value in initial_values):
            return self.position_from({}, random_seed)
        return self._fixed_start.copy()

    @cached_property
    def _fixed_start(self) -> FloatArray:
        """The initial point where no seed has a say in it: the same for every chain."""
        return self.position_from({}, None)

    def position_from(
        self, initvals: Mapping[str, ArrayLike], random_seed: RandomSeed
    ) -> FloatArray:
        """Return the position of the given values and the model's initial values."""
        point = self.model.initial_point(random_seed, initvals=initvals, data=self.state.inputs)
        return self.flat.unconstrained.ravel(point)

    def explain_start(self, position: FloatArray) -> str:
        """Name the terms, constraints and values that are not finite."""
        present = constants_for(self.model, self.state)
        return explain(self.model, self.flat.unconstrained.unravel(position), present)

    def explain(self) -> str:
        """Say who computes the log density, and why it is not the native evaluator."""
        why = f"; not natively, because {self.reason}" if self.reason else ""
        return f"evaluator {self.evaluator!r}{why}"

    def attrs(self) -> dict[str, str]:
        """Say what a result should record of who computed its log density."""
        return {"evaluator_reason": self.reason} if self.reason else {}

    def log_likelihood(self, position: FloatArray) -> dict[str, Array]:
        """Return the log likelihood of each observation, computed op by op in Python."""
        terms = self.model.pointwise_terms()
        free = self.flat.unconstrained.unravel(position)
        inputs = {value: free[value.name] for value in self.model.value_vars}
        graphs = Replacer(constants_for(self.model, self.state))(terms.values())
        return dict(zip(terms, run(graphs, inputs), strict=True))

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
