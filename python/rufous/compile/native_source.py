"""What a natively evaluated model still needs its model for, and binding it to other data."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import pytensor.tensor as pt
from numpy.typing import ArrayLike

from rufous._typing import Array, FloatArray, RandomSeed
from rufous.compile.compiled_model import CompiledModel
from rufous.compile.flatten import total
from rufous.compile.indices import check_indices, find_indices
from rufous.compile.labels import constant_data, constants_for, observed_data
from rufous.compile.native_program import PlanProgram, layout_of
from rufous.compile.state import DataState
from rufous.errors import ShapeError
from rufous.layout import Layout
from rufous.model.evaluate import Evaluator
from rufous.model.explain import explain
from rufous.model.replace import Replacer

if TYPE_CHECKING:
    from rufous._core import NativeModel
    from rufous.model.model import Model

__all__ = ["NativeSource"]


@dataclass(frozen=True, eq=False)
class NativeSource:
    """A model, its plan, and one state of its data.

    Parameters
    ----------
    model : Model
        What was imported.
    program : PlanProgram
        Its plan.
    state : DataState
        The data bound now.
    """

    model: Model
    program: PlanProgram
    state: DataState

    @cached_property
    def bound(self) -> NativeModel:
        """The plan with the data."""
        return self.program.bind(self._values)

    @cached_property
    def _values(self) -> dict[str, Array]:
        """The data by name, and all lengths."""
        values = self.state.inputs
        if self.program.follows_data:
            variables = self.model.free_RVs
            graphs = Replacer(constants_for(self.model, self.state))(variables)
            evaluator = Evaluator()
            for variable, graph in zip(variables, graphs, strict=True):
                for k, n in enumerate(evaluator.shape(graph)):
                    values[f"axis:{variable.name}:{k}"] = np.asarray(n)
        return values

    @cached_property
    def unconstrained(self) -> Layout:
        """The free variables in a position, with these data."""
        return layout_of(self.program.parameters, self.bound.parameter_shapes)

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
        return self.unconstrained.ravel(point)

    def log_likelihood(self, position: FloatArray) -> dict[str, Array]:
        """Return the log likelihood of each observation by the name of the observed variable."""
        layout = layout_of(self.program.pointwise, self.bound.pointwise_shapes)
        return dict(layout.unravel(self.bound.pointwise(position)))

    def explain_start(self, position: FloatArray) -> str:
        """Name the terms, constraints and values that are not finite."""
        present = constants_for(self.model, self.state)
        return explain(self.model, self.unconstrained.unravel(position), present)

    def explain(self) -> str:
        """Say what a gradient runs."""
        return f"evaluator 'native' ({self.bound.isa})\n{self.bound.describe()}"

    def attrs(self) -> dict[str, str]:
        """Say what a result should record of who computed its log density."""
        return {"evaluator_isa": self.bound.isa}

    def bind(
        self, data: Mapping[str, ArrayLike], coords: Mapping[str, Sequence[object]] | None
    ) -> CompiledModel:
        """Return the same plan on other data."""
        state = self.state.replace(self.model, data, coords, self.program.resizable)
        return replace(self, state=state).compiled()

    def compiled(self) -> CompiledModel:
        """Put the data behind the plan and describe the result.

        Raises
        ------
        ShapeError
            When lengths do not fit each other, or an index points outside what it indexes.
        """
        try:
            bound = self.bound
        except ShapeError:
            self._name_index()
            raise
        stored = layout_of(self.program.stored, bound.stored_shapes)
        observed = observed_data(self.model, self.state)
        self._check(stored, {name: array for name, (array, _) in observed.items()})
        return CompiledModel(
            target=bound.target(),
            unconstrained=self.unconstrained,
            stored=stored,
            coords=self.state.coords,
            observed_data=observed,
            constant_data=constant_data(self.model, self.state),
            evaluator="native",
            source=self,
        )

    def _check(self, stored: Layout, observed: Mapping[str, Array]) -> None:
        """Refuse shapes that fit by broadcasting only, or that dims do not have."""
        for spec in stored:
            for dim, length in zip(spec.dims, spec.shape, strict=True):
                if dim is not None and length != self.state.lengths[dim]:
                    raise ShapeError(
                        f"with these data {spec.name!r} has shape {spec.shape}, and its dim "
                        f"{dim!r} length {self.state.lengths[dim]}; exchange all data of a dim "
                        "together"
                    )
        for member, shape in zip(self.program.pointwise, self.bound.pointwise_shapes, strict=True):
            found = observed[member.name].shape
            if found[: len(shape)] != tuple(shape):
                raise ShapeError(
                    f"observed data of {member.name!r} have shape {found}, but with these data "
                    f"its parameters give shape {tuple(shape)}; exchange all data of those rows "
                    "together"
                )

    def _name_index(self) -> None:
        """Raise what says best which index points outside, if one does."""
        graphs = [
            total(self.model.logdensity_terms().values()),
            *self.model.replace_rvs_by_values(
                [self.model.named_vars[member.name] for member in self.program.stored]
            ),
        ]
        shapes = self.program.parameter_shapes(self._values)
        start = {
            value: pt.constant(np.zeros(shapes[value.name]), name=value.name)
            for value in self.model.value_vars
        }
        check_indices(
            find_indices(graphs, self.model.value_vars),
            {**constants_for(self.model, self.state), **start},
        )
