"""A model of PyMC, seen as the compiler sees one of Rufous; only its public surface is used."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from numpy.typing import ArrayLike
from pytensor.graph.traversal import ancestors
from pytensor.tensor.random.type import RandomGeneratorType

from rufous._typing import Array, RandomSeed, Shape
from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.layout import Layout
from rufous.model.evaluate import Evaluator
from rufous.model.names import known_names
from rufous.model.python_linker import run
from rufous.model.replace import Replacer
from rufous.model.seeds import seed_sequence

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

__all__ = ["PymcModel"]


class PymcModel:
    """What the compiler asks of a model, answered by one of PyMC.

    Parameters
    ----------
    model : pymc.Model
        The model; a nested one stands for the whole it is part of.
    """

    def __init__(self, model: Any) -> None:
        self.inner = model.root
        self.evaluator = Evaluator()

    def __getattr__(self, name: str) -> Any:
        # Most names are the same on both sides.
        return getattr(self.inner, name)

    def __repr__(self) -> str:
        return f"PymcModel({', '.join(self.inner.named_vars)})"

    @property
    def root(self) -> PymcModel:
        """The model itself: nested ones were left behind."""
        return self

    @property
    def named_vars_to_dims(self) -> dict[str, tuple[str | None, ...]]:
        """Dims by the name of the variable."""
        return {name: tuple(dims) for name, dims in self.inner.named_vars_to_dims.items()}

    @property
    def coords(self) -> dict[str, tuple[Any, ...] | None]:
        """Labels of each dim; None for a dim that has only a length."""
        return {
            name: None if labels is None else tuple(labels)
            for name, labels in self.inner.coords.items()
        }

    @property
    def constants(self) -> list[Any]:
        """PyMC keeps frozen data among the others."""
        return []

    @property
    def patterns(self) -> list[Any]:
        """PyMC refuses data with missing values that can be exchanged."""
        return []

    def check_shapes(self) -> None:
        """PyMC has checked what it checks."""

    def check_stored(self) -> None:
        """PyMC has checked what it checks."""

    def shape_of(self, variable: TensorVariable) -> Shape:
        """Return the present shape of a variable."""
        return self.evaluator.shape(variable)

    def observed_with(self, data: TensorVariable) -> list[tuple[str, str]]:
        """Return name and dtype of the observed variables that use some data."""
        return [
            (rv.name, rv.dtype)
            for rv in self.inner.observed_RVs
            if data in ancestors([self.inner.rvs_to_values[rv]])
        ]

    def replace_rvs_by_values(self, graphs: Sequence[Any]) -> list[Any]:
        """Rebuild graphs with each random variable replaced by its constrained value."""
        return list(self.inner.replace_rvs_by_values(list(graphs)))

    @cached_property
    def _terms(self) -> dict[str, TensorVariable]:
        """Terms by name, not summed. PyMC takes most of a compile to write them: once is enough."""
        members = [*self.inner.free_RVs, *self.inner.observed_RVs, *self.inner.potentials]
        terms = self.inner.logp(sum=False)
        return {
            member.name: pt.cast(term, "float64")
            for member, term in zip(members, terms, strict=True)
        }

    def logdensity_terms(self) -> dict[str, TensorVariable]:
        """Write the terms of the log density by the name of the variable or potential."""
        return {name: term.sum() for name, term in self._terms.items()}

    def pointwise_terms(self) -> dict[str, TensorVariable]:
        """Write the log likelihood of each observation by the name of the variable."""
        return {rv.name: self._terms[rv.name] for rv in self.inner.observed_RVs}

    def constraint_terms(self) -> list[Any]:
        """PyMC keeps its constraints inside the log density."""
        return []

    def unconstrained_layout(self) -> Layout:
        """Lay out the value variables in the order of the position."""
        return Layout.from_shapes(
            dict(zip(self._value_names, map(np.shape, self._starts), strict=True)), {}, {}
        )

    @property
    def _value_names(self) -> list[str]:
        return [variable.name for variable in self.inner.value_vars]

    @cached_property
    def _starts(self) -> list[Array]:
        """Initial values with the present data, which also tell the shapes."""
        graphs = self._start_graphs(self.inner.rvs_to_initial_values)
        return run(Replacer(_generators(graphs, 0))(graphs))

    def initial_point(
        self,
        random_seed: RandomSeed = None,
        *,
        initvals: Mapping[str, Any] | None = None,
        data: Mapping[str, ArrayLike] | None = None,
    ) -> dict[str, Array]:
        """Compute where sampling starts, by the name of the value variable.

        Parameters
        ----------
        random_seed : int, sequence of int, Generator, SeedSequence or None
            Used by variables that start at a draw from their prior.
        initvals : mapping of str to array_like or str, optional
            Values that win over `initval=`, by the name of the variable or of its value variable.
        data : mapping of str to array_like, optional
            Values that win over the present ones, of data by name and of lengths by ``dim:<name>``.

        Returns
        -------
        dict of str to ndarray

        Raises
        ------
        UnknownNameError
            When `initvals` names no free variable.
        ModelError
            When a value is not inside the support; names the variable.
        ShapeError
            When an unconstrained value has another shape than its variable.
        """
        strategies, unconstrained = self._split(initvals or {})
        graphs = self._start_graphs(strategies)
        replace = Replacer({**self._constants(data or {}), **_generators(graphs, random_seed)})
        values = run(replace(graphs))
        point = {}
        for value_variable, value in zip(self.inner.value_vars, values, strict=True):
            name = value_variable.name
            given = np.asarray(unconstrained.get(name, value), dtype=np.float64)
            if given.shape != value.shape:
                raise ShapeError(f"initval of {name!r} has shape {given.shape}, not {value.shape}")
            if not np.isfinite(given).all():
                owner = self.inner.values_to_rvs[value_variable].name
                raise ModelError(
                    f"the initial value of {owner!r} lies on or outside the edge of its support; "
                    f"give another one with initval= or initvals={{{owner!r}: ...}}"
                )
            point[name] = given
        return point

    def _split(self, initvals: Mapping[str, Any]) -> tuple[dict[Any, Any], dict[str, Any]]:
        """Sort given values into those of variables and those of value variables."""
        by_name = {rv.name: rv for rv in self.inner.free_RVs}
        values = {variable.name for variable in self.inner.value_vars}
        strategies = dict(self.inner.rvs_to_initial_values)
        unconstrained = {}
        for name, value in initvals.items():
            if name in by_name:
                strategies[by_name[name]] = value
            elif name in values:
                unconstrained[name] = value
            else:
                raise UnknownNameError(
                    f"`initvals` has {name!r}, which is no free variable; "
                    f"{known_names(name, by_name)}"
                )
        return strategies, unconstrained

    def _start_graphs(self, strategies: Mapping[Any, Any]) -> list[Any]:
        from pymc.initial_point import make_initial_point_expression

        return list(
            make_initial_point_expression(
                free_rvs=self.inner.free_RVs,
                rvs_to_transforms=self.inner.rvs_to_transforms,
                initval_strategies=dict(strategies),
                return_transformed=True,
            )
        )

    def _constants(self, data: Mapping[str, ArrayLike]) -> dict[Variable, Variable]:
        """Map data and lengths to constants that hold the given values."""
        known: dict[str, Any] = {variable.name: variable for variable in self.inner.data_vars}
        known |= {f"dim:{name}": length for name, length in self.inner.dim_lengths.items()}
        return {
            known[name]: pt.constant(np.asarray(value, dtype=known[name].dtype), name=name)
            for name, value in data.items()
            if known[name].owner is None
        }


def _generators(graphs: Sequence[Any], random_seed: RandomSeed) -> dict[Variable, Variable]:
    """Map the random generators of graphs to constants that hold seeded ones."""
    found = [
        variable
        for variable in ancestors(graphs)
        if variable.owner is None and isinstance(variable.type, RandomGeneratorType)
    ]
    seeds = seed_sequence(random_seed).spawn(len(found))
    return {
        variable: variable.type.constant_type(variable.type, np.random.default_rng(seed))
        for variable, seed in zip(found, seeds, strict=True)
    }
