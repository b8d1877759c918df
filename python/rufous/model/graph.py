"""The picture of a model: nodes, arrows between them, and the plates they lie on."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from rufous.errors import ModelError, UnknownNameError
from rufous.model.describe import distribution_name, parents
from rufous.model.names import known_names

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = ["ModelGraph", "Node", "Plate", "model_graph"]


@dataclass(frozen=True, slots=True)
class Node:
    """A variable in the picture.

    Parameters
    ----------
    name : str
        Its full name.
    kind : str
        "data", "free", "observed", "deterministic" or "potential".
    label : str
        Its distribution, or its kind.
    """

    name: str
    kind: str
    label: str


@dataclass(frozen=True, slots=True)
class Plate:
    """Variables that repeat along the same axes.

    Parameters
    ----------
    label : str
        Dims with their lengths, or lengths: ``"school (8) x 2"``; "" for scalars.
    names : tuple of str
        Who lies on it.
    """

    label: str
    names: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class ModelGraph:
    """Nodes, edges (from parent to child) and plates of a model."""

    nodes: tuple[Node, ...]
    edges: tuple[tuple[str, str], ...]
    plates: tuple[Plate, ...]


def model_graph(
    model: Model, var_names: Iterable[str] | None = None, include_dim_lengths: bool = True
) -> ModelGraph:
    """Collect what a picture of a model shows.

    Parameters
    ----------
    model : Model
        The model.
    var_names : iterable of str, optional
        Show these and what they depend on; default all.
    include_dim_lengths : bool, default True
        Write the length after the name of a dim.

    Raises
    ------
    UnknownNameError
        When `var_names` names no variable.
    """
    shown = _shown(model, var_names)
    nodes = [_node(model, model.root.named_vars[name]) for name in shown]
    edges = [
        edge
        for name in shown
        for edge in _edges(model, model.root.named_vars[name])
        if edge[0] in shown and edge[1] in shown
    ]
    plates: dict[str, list[str]] = {}
    for name in shown:
        label = _plate(model, model.root.named_vars[name], include_dim_lengths)
        plates.setdefault(label, []).append(name)
    return ModelGraph(
        tuple(nodes),
        tuple(dict.fromkeys(edges)),
        tuple(Plate(label, tuple(names)) for label, names in plates.items()),
    )


def _shown(model: Model, var_names: Iterable[str] | None) -> list[str]:
    if var_names is None:
        return list(model.named_vars)
    if isinstance(var_names, str):
        var_names = [var_names]
    todo = []
    for name in var_names:
        if name not in model:
            raise UnknownNameError(
                f"var_names has {name!r}, no variable of the model; "
                f"{known_names(str(name), model.named_vars)}"
            )
        todo.append(str(model[name].name))
    if not todo:
        raise ModelError("var_names is empty; name a variable, or leave it out for all")
    wanted: set[str] = set()
    while todo:
        name = todo.pop()
        if name not in wanted:
            wanted.add(name)
            variable = model.root.named_vars[name]
            todo += [*parents(model, variable), *_data_of(model, variable)]
    return [name for name in model.root.named_vars if name in wanted]


def _edges(model: Model, variable: Variable) -> list[tuple[str, str]]:
    """List the arrows of a variable: from its parents, and to the data that are its draws."""
    name = str(variable.name)
    return [
        *((parent, name) for parent in parents(model, variable)),
        *((name, data) for data in _data_of(model, variable)),
    ]


def _data_of(model: Model, variable: Variable) -> list[str]:
    """Name the data that a variable was observed to be."""
    if variable not in model.root.observed_RVs:
        return []
    data = model.root.rvs_to_values[variable]
    return [str(data.name)] if data in model.root.data_vars else parents(model, data)


def _node(model: Model, variable: Variable) -> Node:
    root = model.root
    name = str(variable.name)
    if variable in root.rvs_to_values:
        kind = "observed" if variable in root.observed_RVs else "free"
        return Node(name, kind, distribution_name(variable))
    if variable in root.data_vars or variable in root.constants:
        return Node(name, "data", "Data")
    kind = "potential" if variable in root.potentials else "deterministic"
    return Node(name, kind, kind.capitalize())


def _plate(model: Model, variable: Any, include_dim_lengths: bool) -> str:
    shape = model.shape_of(variable)
    dims = model.root.named_vars_to_dims.get(str(variable.name)) or (None,) * len(shape)
    return " x ".join(
        str(n) if dim is None else f"{dim} ({n})" if include_dim_lengths else str(dim)
        for dim, n in zip(dims, shape, strict=True)
    )
