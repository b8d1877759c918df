"""Which variables of a trace still hold for the present data, and which are drawn anew."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from pytensor.graph.traversal import ancestors

from rufous.errors import SettingsError
from rufous.predictive.groups import named_variables

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array
    from rufous.model.model import Model
    from rufous.predictive.trace import Draws

__all__ = ["Split", "split"]


@dataclass(frozen=True)
class Asked:
    """What the user says about variables, looked up.

    Parameters
    ----------
    wanted : tuple of TensorVariable
        What the result holds; empty when nothing is named.
    anew : frozenset of TensorVariable
        Drawn or computed whatever the trace has.
    frozen : frozenset of TensorVariable
        Taken from the trace whatever they depend on.
    """

    wanted: tuple[TensorVariable, ...]
    anew: frozenset[TensorVariable]
    frozen: frozenset[TensorVariable]

    @classmethod
    def read(
        cls, model: Model, draws: Draws, var_names: Any, sample_vars: Any, freeze_vars: Any
    ) -> Asked:
        """Look up the names.

        Raises
        ------
        UnknownNameError
            For a name that no variable has.
        SettingsError
            When the trace lacks what is to be kept, or a variable is to be kept and drawn.
        """
        anew = named_variables(model, sample_vars, "sample_vars")
        frozen = named_variables(model, freeze_vars, "freeze_vars") or []
        wanted = named_variables(model, var_names) or anew or []
        for variable in frozen:
            if variable in (anew or []):
                raise SettingsError(
                    f"{variable.name!r} is both in sample_vars and in freeze_vars; it is either "
                    "drawn anew or kept"
                )
            if str(variable.name) not in draws.values:
                raise SettingsError(
                    f"freeze_vars has {variable.name!r}, which the trace does not have; it has "
                    f"{', '.join(draws.values)}"
                )
        return cls(tuple(wanted), frozenset(anew or []), frozenset(frozen))


@dataclass(frozen=True)
class Split:
    """The sources of the variables that are needed.

    Parameters
    ----------
    given : dict of TensorVariable to ndarray
        Taken from the trace.
    renewed : dict of str to str
        Free variables drawn anew, and why.
    unexpected : dict of str to str
        Free variables drawn from the prior though neither the user nor new data asked for it, and
        what is wrong with the trace.
    kept : dict of str to str
        Free variables taken from the trace though what they depend on has changed, and what that
        is; without those that the user froze.
    """

    given: dict[TensorVariable, Array]
    renewed: dict[str, str]
    unexpected: dict[str, str]
    kept: dict[str, str]


def split(model: Model, draws: Draws, wanted: Sequence[TensorVariable], asked: Asked) -> Split:
    """Decide for each variable whether its draws in the trace still hold.

    Parameters
    ----------
    model : Model
        The model with its present data.
    draws : Draws
        The trace.
    wanted : sequence of TensorVariable
        What will be drawn or computed.
    asked : Asked
        What the user says about them.
    """
    renewed: dict[Variable, str] = {
        v: f"{v.name!r} has changed" for v in _changed_inputs(model, draws)
    }
    usable: dict[TensorVariable, Array] = {}
    unexpected: dict[str, str] = {}
    kept: dict[str, str] = {}
    free, made = set(model.free_RVs), set(model.deterministics)
    for variable in (v for v in model.named_vars.values() if v in free or v in made):
        name = str(variable.name)
        reason = _reason(model, draws, variable, asked, renewed)
        if reason is None and 0 in model.shape_of(variable):
            reason = "it is empty now"
        source = _changed_source(model, variable, renewed)
        is_there = name in draws.values and variable not in asked.anew
        same_shape = is_there and draws.values[name].shape[1:] == model.shape_of(variable)
        if reason is None and source and same_shape and variable in free:
            if variable not in asked.frozen:
                kept[name] = source
        elif reason is None and source and variable not in asked.frozen:
            reason = source
        if reason is not None:
            renewed[variable] = reason
        elif name not in draws.values:
            unexpected[name] = "the trace lacks it"
        elif draws.values[name].shape[1:] != model.shape_of(variable):
            unexpected[name] = (
                f"it has shape {model.shape_of(variable)}, in the trace "
                f"{draws.values[name].shape[1:]}"
            )
        else:
            usable[variable] = draws.values[name].astype(variable.dtype, copy=False)
    needed = _needed(wanted, usable)
    drawn = [v for v in model.free_RVs if v in needed and v not in usable]
    named = {*asked.wanted, *asked.anew}
    used = {str(v.name) for v in usable if v in needed}
    return Split(
        {v: values for v, values in usable.items() if v in needed},
        {str(v.name): renewed[v] for v in drawn if v in renewed},
        {
            str(v.name): unexpected[str(v.name)]
            for v in drawn
            if v not in renewed and v not in named
        },
        {name: reason for name, reason in kept.items() if name in used},
    )


def _changed_inputs(model: Model, draws: Draws) -> list[Variable]:
    """List the data and the lengths of dims that are not those of the trace."""
    changed: list[Variable] = [
        data
        for data in model.data_vars
        if str(data.name) in draws.data
        and not _same(draws.data[str(data.name)], data.get_value(borrow=True))
    ]
    # What is missing in new data was not drawn with the old ones.
    changed += [
        held
        for pattern in model.root.patterns
        if set(changed) & set(ancestors([pattern.data]))
        for held in pattern.indices
    ]
    changed += [
        length
        for dim, length in model.dim_lengths.items()
        if dim in draws.coords and len(draws.coords[dim]) != model.dim_length(dim)
    ]
    return changed


def _same(then: Array, now: Array) -> bool:
    """Tell whether data are those of the trace; missing ones are equal."""
    return np.array_equal(then, now, equal_nan=then.dtype.kind == now.dtype.kind == "f")


def _reason(
    model: Model,
    draws: Draws,
    variable: TensorVariable,
    asked: Asked,
    renewed: dict[Variable, str],
) -> str | None:
    """Say why the draws of a variable in the trace cannot hold; None when they may."""
    if variable in asked.anew:
        return "it is named in sample_vars"
    if variable in asked.frozen:
        return None
    name = str(variable.name)
    if name not in draws.values:
        return None
    for dim in model.named_vars_to_dims.get(name, ()):
        if dim is not None and _relabelled(model, draws, dim):
            return f"the labels of its dim {dim!r} have changed"
    return None


def _changed_source(
    model: Model, variable: TensorVariable, renewed: dict[Variable, str]
) -> str | None:
    """Say on what that is not that of the trace a variable depends; None where on nothing."""
    for parent in _parents(model, variable):
        if parent in renewed:
            return f"it depends on {parent.name!r}, which is not that of the trace"
    return None


def _relabelled(model: Model, draws: Draws, dim: str) -> bool:
    labels = model.coords[dim]
    if dim not in draws.coords or labels is None:
        return False
    then = draws.coords[dim]
    return len(then) != len(labels) or any(a != b for a, b in zip(then, labels, strict=True))


def _parents(model: Model, variable: TensorVariable) -> list[Variable]:
    """List the named variables, data and lengths that a variable is written with directly."""
    root = model.root
    held = [index for pattern in root.patterns for index in pattern.indices]
    named = {*root.named_vars.values(), *root.dim_lengths.values(), *held} - {variable}
    observed = set(root.observed_RVs)
    found: list[Variable] = []
    todo, seen = list(variable.owner.inputs), set()
    while todo:
        current = todo.pop()
        if current in seen:
            continue
        seen.add(current)
        if current in named:
            # What was observed is the same in the trace and here, whatever is drawn for it now.
            found.extend([] if current in observed else [current])
        elif current.owner is not None:
            todo.extend(current.owner.inputs)
    return found


def _needed(wanted: Sequence[TensorVariable], usable: dict[TensorVariable, Array]) -> set[Variable]:
    """Collect what the wanted variables are made of, not looking behind what is usable."""
    return set(ancestors(list(wanted), list(usable)))
