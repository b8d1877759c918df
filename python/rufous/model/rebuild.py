"""Models written again: copies, and models with some variables put to another use.

Every way from a model to a model is a walk over its variables in the order they were written. A
`Rebuilder` writes each again in a new model, over new data and dims, so that neither model sees
what is later done to the other.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.traversal import ancestors
from pytensor.tensor.random.type import RandomType

from rufous.errors import ModelError, UnknownNameError
from rufous.model.names import known_names
from rufous.model.replace import Replacer
from rufous.model.untraced import untraced

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model

__all__ = ["Rebuilder", "clone_model", "freeze_dims_and_data", "named_in"]


class Rebuilder:
    """Writes the variables of a model again in a new one.

    Parameters
    ----------
    model : Model
        The model to rebuild, not nested in another one.
    frozen_dims, frozen_data : set of str, optional
        Dims and data that become constants.

    Attributes
    ----------
    new : Model
        The new model, with the dims of the old one and no variables yet.
    """

    def __init__(
        self,
        model: Model,
        *,
        frozen_dims: frozenset[str] = frozenset(),
        frozen_data: frozenset[str] = frozenset(),
    ) -> None:
        if model.parent is not None:
            raise ModelError(
                f"the model {model.prefix!r} is nested in another one and depends on it; copy or "
                "change the outermost model"
            )
        self.old = model
        self.new = type(model)(model.prefix, check_bounds=model.check_bounds, model=None)
        self.frozen_data = frozen_data
        self._replace = Replacer()
        self.transforms: dict[TensorVariable, Any] = {}
        self._copy_dims(frozen_dims)
        self._copy_positions(frozen_data)

    def _copy_dims(self, frozen: frozenset[str]) -> None:
        old, new = self.old._coords, self.new._coords
        for dim, length in old.lengths.items():
            new.labels[dim] = old.labels[dim]
            if not isinstance(length, SharedVariable):
                continue  # it is rewritten once the data are
            new.lengths[dim] = pytensor.shared(length.get_value(), name=dim, shape=())
            self._replace.set(
                length,
                pt.constant(length.get_value(), name=dim) if dim in frozen else new.lengths[dim],
            )

    def _copy_positions(self, frozen: frozenset[str]) -> None:
        """Copy where data are missing, which follows the data."""
        for pattern in self.old.patterns:
            names = {str(v.name) for v in ancestors([pattern.data])}
            for held in pattern.indices:
                if isinstance(held, SharedVariable):
                    value, shape = held.get_value(), held.type.shape
                    new = (
                        pt.constant(value, name=held.name)
                        if names & frozen
                        else pytensor.shared(value, name=held.name, shape=shape)
                    )
                    self._replace.set(held, new)

    def finish(self) -> Model:
        """Return the new model, complete."""
        for dim, length in self.old._coords.lengths.items():
            if not isinstance(length, SharedVariable):
                self.new._coords.lengths[dim] = self(length)
        for pattern in self.old.patterns:
            if f"{pattern.name}_observed" in self.new.named_vars:
                data, *indices = map(self, (pattern.data, *pattern.indices))
                parts = dict(zip(("seen", "unseen", "order"), indices, strict=True))
                self.new.patterns.append(replace(pattern, data=data, **parts))
        return self.new

    def __call__(self, graph: Variable) -> TensorVariable:
        """Return a graph over the variables of the new model."""
        self._renew_generators(graph)
        return self._replace([graph])[0]

    def set(self, variable: Variable, replacement: Variable) -> None:
        """Let a variable of the old model be another one in the new model."""
        self._replace.set(variable, replacement)

    def _renew_generators(self, graph: Variable) -> None:
        for variable in ancestors([graph]):
            if isinstance(variable, SharedVariable) and isinstance(variable.type, RandomType):
                if variable not in self._replace:
                    self.set(variable, pytensor.shared(np.random.default_rng(), name=variable.name))

    def dims_of(self, variable: Variable) -> tuple[str | None, ...] | None:
        """Return the dims of a variable of the old model."""
        return self.old.named_vars_to_dims.get(str(variable.name))

    def add(self, variable: TensorVariable) -> None:
        """Write a variable of the old model again as what it was."""
        with untraced():
            if variable in self.old.data_vars:
                self._add_data(variable)
            elif variable in self.old.constants:
                self.new.adopt(variable, "constants", self.dims_of(variable))
            elif variable in self.old.rvs_to_values:
                self._add_random(variable)
            else:
                self._add_expression(variable)

    def _add_data(self, variable: TensorVariable) -> None:
        value, shape = variable.get_value(), variable.type.shape
        if str(variable.name) in self.frozen_data:
            new = pt.constant(value, name=variable.name)
        else:
            new = pytensor.shared(value, name=variable.name, shape=shape)
        kind = "data_vars" if isinstance(new, SharedVariable) else "constants"
        self.new.adopt(new, kind, self.dims_of(variable))
        self.set(variable, new)

    def _add_expression(self, variable: TensorVariable) -> None:
        new = self(variable)
        if new is variable:  # nothing in it belongs to a model
            new = variable.copy(name=variable.name)
        new.name = variable.name
        kind = "potentials" if variable in self.old.potentials else "deterministics"
        self.new.adopt(new, kind, self.dims_of(variable))
        self.set(variable, new)

    def _add_random(self, variable: TensorVariable) -> None:
        rv = self(variable)
        rv.name = variable.name
        self.set(variable, rv)
        if variable in self.old.observed_RVs:
            data = self(self.old.rvs_to_values[variable])
            self.observe(variable, rv, data)
            return
        start = self.old.rvs_to_initial_values[variable]
        self.new.adopt_free(
            rv,
            self.dims_of(variable),
            transform=self.transforms.get(variable, self.old.rvs_to_transforms[variable]),
            initval=start if isinstance(start, str) else self(start),
            satisfied=self.old.satisfied_constraints(variable),
        )

    def observe(self, variable: TensorVariable, rv: TensorVariable, data: Any) -> None:
        """Make a random variable of the new model an observed one."""
        self.new.adopt(
            rv,
            "observed_RVs",
            self.dims_of(variable),
            value=data,
            satisfied=self.old._satisfied.get(variable, frozenset()),
            scale=self.old.total_sizes.get(variable),
        )


def clone_model(model: Model) -> Model:
    """Copy a model, its data and dims too: neither sees what is done to the other.

    Parameters
    ----------
    model : Model
        Not nested in another one; models nested in it become part of the copy.

    Returns
    -------
    Model

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Normal("x", 0, 1)
    >>> copy = model.copy()
    >>> copy["x"] is x
    False
    """
    rebuilder = Rebuilder(model)
    for variable in model.named_vars.values():
        rebuilder.add(variable)
    return rebuilder.finish()


def freeze_dims_and_data(model: Model, dims: Any = None, data: Any = None) -> Model:
    """Copy a model with lengths and data made constant, so that they can be computed with once.

    Parameters
    ----------
    model : Model
        The model.
    dims : sequence of str, optional
        Dims whose length becomes constant; default all.
    data : sequence of str, optional
        Data that become constant; default all.

    Returns
    -------
    Model
        `set_data` no longer changes what is frozen: it refuses.

    Raises
    ------
    UnknownNameError
        When there is no such dim or Data.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Data("x", [1.0, 2.0])
    ...     y = rf.Normal("y", x, 1)
    >>> frozen = rf.freeze_dims_and_data(model)
    >>> frozen["y"].type.shape
    (2,)
    """
    names = [str(each.name) for each in model.data_vars]
    chosen_dims = frozenset(_known("dims", dims, list(model.coords)))
    chosen_data = frozenset(_known("data", data, names))
    rebuilder = Rebuilder(model, frozen_dims=chosen_dims, frozen_data=chosen_data)
    for variable in model.named_vars.values():
        rebuilder.add(variable)
    return rebuilder.finish()


def _known(argument: str, given: Any, names: list[str]) -> list[str]:
    if given is None:
        return names
    chosen: list[str] = [given] if isinstance(given, str) else list(given)
    for name in chosen:
        if name not in names:
            raise UnknownNameError(
                f"`{argument}` has {name!r}, which the model does not have; "
                f"{known_names(str(name), names)}"
            )
    return chosen


def named_in(model: Model, given: Mapping[Any, Any], what: str) -> dict[TensorVariable, Any]:
    """Look up the variables that are the keys of a mapping, by name or themselves.

    Raises
    ------
    ModelError
        When it is no mapping.
    UnknownNameError
        When the model has no such variable.
    """
    if not isinstance(given, Mapping):
        raise ModelError(
            f"{what} needs a dict of variables (or their names) and values, got {given!r:.60}"
        )
    found = {}
    for key, value in given.items():
        if key not in model:
            name = key if isinstance(key, str) else getattr(key, "name", key)
            raise UnknownNameError(
                f"{what}: the model has no variable {str(name)!r}; "
                f"{known_names(str(name), model.named_vars)}"
            )
        found[model[key] if isinstance(key, str) else key] = value
    return found
