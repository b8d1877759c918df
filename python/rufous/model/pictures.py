"""Pictures of a model in the languages of Graphviz and Mermaid, and as a networkx graph."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

from rufous.errors import SettingsError
from rufous.model.context import active_model
from rufous.model.describe import variable_repr
from rufous.model.graph import ModelGraph, Node, model_graph

if TYPE_CHECKING:
    from rufous.model.model import Model

__all__ = ["model_to_graphviz", "model_to_mermaid", "model_to_networkx"]

_MERMAID_SHAPES = {
    "data": "db",
    "free": "rounded",
    "observed": "rounded",
    "deterministic": "rect",
    "potential": "diam",
}
_MERMAID_FILL = {"observed": "#757575", "potential": "#f0f0f0"}
_GRAPHVIZ_STYLES: dict[str, dict[str, str]] = {
    "data": {"shape": "box", "style": "rounded, filled"},
    "free": {"shape": "ellipse"},
    "observed": {"shape": "ellipse", "style": "filled"},
    "deterministic": {"shape": "box"},
    "potential": {"shape": "octagon", "style": "filled"},
}


def model_to_mermaid(
    model: Model | None = None,
    *,
    var_names: Iterable[str] | None = None,
    include_dim_lengths: bool = True,
) -> str:
    """Write a picture of a model in the language of Mermaid, which many web pages draw.

    Parameters
    ----------
    model : Model, optional
        Default: the innermost open model.
    var_names : iterable of str, optional
        Show these and what they depend on; default all.
    include_dim_lengths : bool, default True
        Write the length after the name of a dim.

    Returns
    -------
    str

    Raises
    ------
    UnknownNameError
        When `var_names` names no variable.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     mu = rf.Normal("mu", 0, 5)
    ...     y = rf.Normal("y", mu, 1, observed=[0.3, 1.2])
    >>> print(rf.model_to_mermaid(model))
    graph TD
    mu(["mu ~ Normal"])
    mu@{ shape: rounded }
    y(["y ~ Normal"])
    y@{ shape: rounded }
    style y fill:#757575
    mu --> y
    subgraph p0 ["2"]
        y
    end
    """
    owner = active_model(model, what="model_to_mermaid")
    graph = model_graph(owner, var_names, include_dim_lengths)
    lines = ["graph TD"]
    for node in graph.nodes:
        name = _mermaid_id(node.name)
        sign = "=" if node.kind in ("data", "deterministic", "potential") else "~"
        lines.append(f'{name}(["{node.name} {sign} {node.label}"])')
        lines.append(f"{name}@{{ shape: {_MERMAID_SHAPES[node.kind]} }}")
        if node.kind in _MERMAID_FILL:
            lines.append(f"style {name} fill:{_MERMAID_FILL[node.kind]}")
    lines += [f"{_mermaid_id(a)} --> {_mermaid_id(b)}" for a, b in graph.edges]
    for i, plate in enumerate(p for p in graph.plates if p.label):
        members = [f"    {_mermaid_id(name)}" for name in plate.names]
        lines += [f'subgraph p{i} ["{plate.label}"]', *members, "end"]
    return "\n".join(lines)


def _mermaid_id(name: str) -> str:
    """Return an identifier without the marks that Mermaid reads as its own."""
    safe = "".join(c if c.isalnum() or c == "_" else "_" for c in name)
    # "end" closes a plate.
    return f"{safe}_" if safe.lower() == "end" else safe


def model_to_networkx(
    model: Model | None = None,
    *,
    var_names: Iterable[str] | None = None,
    formatting: str = "plain",
    node_formatters: Mapping[str, Callable[[Any], dict[str, Any]]] | None = None,
    include_dim_lengths: bool = True,
) -> Any:
    """Make a networkx graph of a model; needs the package networkx.

    Parameters
    ----------
    model : Model, optional
        Default: the innermost open model.
    var_names : iterable of str, optional
        Show these and what they depend on; default all.
    formatting : {"plain", "plain_with_params"}, default "plain"
        Label a node with its distribution, or with its parameters too.
    node_formatters : mapping of str to callable, optional
        As for `model_to_graphviz`.
    include_dim_lengths : bool, default True
        Write the length after the name of a dim.

    Returns
    -------
    networkx.DiGraph
        Attributes of a node: `kind`, `label`, `plate`.

    Raises
    ------
    SettingsError
        When networkx is not installed.
    """
    owner = active_model(model, what="model_to_networkx")
    networkx = _package("networkx", "pip install networkx", "model_to_networkx")
    graph = model_graph(owner, var_names, include_dim_lengths)
    result = networkx.DiGraph(name=owner.name)
    plate_of = {name: plate.label for plate in graph.plates for name in plate.names}
    styles = _styles(owner, graph, formatting, node_formatters)
    for node in graph.nodes:
        extra = {"kind": node.kind, "plate": plate_of[node.name]}
        result.add_node(node.name, **styles[node.name] | extra)
    result.add_edges_from(graph.edges)
    return result


def model_to_graphviz(
    model: Model | None = None,
    *,
    var_names: Iterable[str] | None = None,
    formatting: str = "plain",
    save: str | None = None,
    figsize: tuple[int, int] | None = None,
    dpi: int = 300,
    node_formatters: Mapping[str, Callable[[Any], dict[str, Any]]] | None = None,
    graph_attr: Mapping[str, Any] | None = None,
    include_dim_lengths: bool = True,
) -> Any:
    """Make a picture of a model with Graphviz; needs the package graphviz.

    Parameters
    ----------
    model : Model, optional
        Default: the innermost open model.
    var_names : iterable of str, optional
        Show these and what they depend on; default all.
    formatting : {"plain", "plain_with_params"}, default "plain"
        Label a node with its distribution, or with its parameters too.
    save : str, optional
        Write the picture to this file; the ending tells the format. Needs the program ``dot``.
    figsize : tuple of (width, height) in inches, optional
        Size of the saved picture.
    dpi : int, default 300
        Resolution of the saved picture.
    node_formatters : mapping of str to callable, optional
        Attributes of the nodes of a kind ("Free Random Variable", "Observed Random Variable",
        "Deterministic", "Data", "Potential"), as a function of the variable.
    graph_attr : mapping of str, optional
        Attributes of the whole graph.
    include_dim_lengths : bool, default True
        Write the length after the name of a dim.

    Returns
    -------
    graphviz.Digraph
        Shown as a picture in a notebook.

    Raises
    ------
    SettingsError
        When the package graphviz is not installed, or an option is not known.
    UnknownNameError
        When `var_names` names no variable.

    See Also
    --------
    model_to_mermaid : needs no package.
    """
    owner = active_model(model, what="model_to_graphviz")
    graph = model_graph(owner, var_names, include_dim_lengths)
    styles = _styles(owner, graph, formatting, node_formatters)
    graphviz = _package("graphviz", "pip install graphviz", "model_to_graphviz")
    picture = graphviz.Digraph(owner.name, graph_attr=dict(graph_attr or {}))
    for plate in graph.plates:
        if not plate.label:
            for name in plate.names:
                picture.node(_graphviz_id(name), **styles[name])
            continue
        with picture.subgraph(name=f"cluster{plate.label}") as part:
            part.attr(label=plate.label, labeljust="r", labelloc="b", style="rounded")
            for name in plate.names:
                part.node(_graphviz_id(name), **styles[name])
    for parent, child in graph.edges:
        picture.edge(_graphviz_id(parent), _graphviz_id(child))
    if save is not None:
        _save(picture, save, figsize, dpi)
    return picture


def _graphviz_id(name: str) -> str:
    # A colon names a port.
    return name.replace(":", "&")


def _save(picture: Any, file: str, figsize: tuple[int, int] | None, dpi: int) -> None:
    stem, dot, ending = str(file).rpartition(".")
    if not dot:
        raise SettingsError(f"`save` must end in a format, as in 'model.png'; got {file!r}")
    picture.attr(dpi=str(dpi))
    if figsize is not None:
        picture.attr(size=f"{figsize[0]},{figsize[1]}!")
    picture.render(stem, format=ending, cleanup=True)


_KINDS = {
    "free": "Free Random Variable",
    "observed": "Observed Random Variable",
    "deterministic": "Deterministic",
    "data": "Data",
    "potential": "Potential",
}


def _styles(
    model: Model,
    graph: ModelGraph,
    formatting: str,
    formatters: Mapping[str, Callable[[Any], dict[str, Any]]] | None,
) -> dict[str, dict[str, Any]]:
    """Return the attributes of each node, by name."""
    if formatting not in ("plain", "plain_with_params"):
        raise SettingsError(
            f"`formatting` must be 'plain' or 'plain_with_params', got {formatting!r}"
        )
    given = {str(getattr(kind, "value", kind)): f for kind, f in (formatters or {}).items()}
    for kind in given:
        if kind not in _KINDS.values():
            raise SettingsError(
                f"`node_formatters` has no kind {kind!r}; there are: {', '.join(_KINDS.values())}"
            )
    styles = {}
    for node in graph.nodes:
        variable = model.root.named_vars[node.name]
        styles[node.name] = {
            **_GRAPHVIZ_STYLES[node.kind],
            "label": _label(model, node, variable, formatting),
            **(given[_KINDS[node.kind]](variable) if _KINDS[node.kind] in given else {}),
        }
    return styles


def _label(model: Model, node: Node, variable: Any, formatting: str) -> str:
    if formatting == "plain_with_params":
        return variable_repr(model, variable)
    sign = "~" if node.kind in ("free", "observed") else "="
    return f"{node.name}\n{sign}\n{node.label}"


class MissingPackageError(SettingsError, ImportError):
    """A package that is only needed here is not installed."""


def _package(name: str, way_out: str, what: str) -> Any:
    try:
        return importlib.import_module(name)
    except ImportError as error:
        raise MissingPackageError(
            f"{what} needs the package {name}, which is not installed: {way_out}; "
            "model_to_mermaid needs no package"
        ) from error
