"""A model of Rufous as a plan of the native evaluator, and data behind it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pytensor.compile.sharedvalue import SharedVariable

from rufous._core import NativeModel, NativePlan, Target
from rufous._typing import Array
from rufous.compile.native import NativeParameter, import_graph, value_of

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = ["PlanProgram", "compile_plan"]


@dataclass(frozen=True, eq=False)
class PlanProgram:
    """A plan, and where each array that it wants comes from.

    Parameters
    ----------
    plan : NativePlan
        The model without data.
    sources : tuple of str or ndarray
        For each array the name of the data it is, or its fixed value.
    """

    plan: NativePlan
    sources: tuple[str | Array, ...]

    def model(self, values: Mapping[str, Array]) -> NativeModel:
        """Bind the plan to data.

        Parameters
        ----------
        values : mapping of str to ndarray
            The data inputs by name, lengths of dims as ``"dim:name"``.

        Returns
        -------
        NativeModel
        """
        given = [values[s] if isinstance(s, str) else s for s in self.sources]
        return self.plan.bind([np.asarray(a, dtype=np.float64, order="C") for a in given])

    def bind(self, values: Mapping[str, Array], num_values: int) -> Target:
        """Put data behind the plan.

        Parameters
        ----------
        values : mapping of str to ndarray
            As in :meth:`model`.
        num_values : int
            Number of stored values expected with these data.

        Returns
        -------
        Target
        """
        model = self.model(values)
        assert model.num_values == num_values, "the stored variables have their announced sizes"
        return model.target()

    def describe(self, values: Mapping[str, Array]) -> str:
        """Say what a gradient runs: loop nests, their instructions, and memory."""
        return self.model(values).describe()


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
    parameters = [
        NativeParameter(values[spec.name], [(None, n) for n in spec.shape]) for spec in layout
    ]
    stored = model.replace_rvs_by_values([model.named_vars[name] for name in stored_names])
    groups: dict[str, list[tuple[str, Any]]] = {
        "logdensity": list(model.logdensity_terms().items()),
        "stored": list(zip(stored_names, stored, strict=True)),
    }
    imported = import_graph(parameters, groups)
    names = _data_names(model)
    sources = tuple(names.get(v) or np.asarray(value_of(v), dtype=np.float64) for v in imported.slots)
    return PlanProgram(NativePlan.from_bytes(imported.plan), sources)


def _data_names(model: Model) -> dict[Variable, str]:
    """Name the shared variables of a model as :class:`DataState` does."""
    data: dict[Variable, str] = {variable: variable.name for variable in model.data_vars}
    lengths: dict[Variable, str] = {
        length: f"dim:{name}"
        for name, length in model.dim_lengths.items()
        if isinstance(length, SharedVariable)
    }
    return data | lengths
