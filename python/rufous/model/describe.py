"""Readable text of a model."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pytensor.graph.basic import Constant
from pytensor.tensor.elemwise import DimShuffle, Elemwise

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = ["describe"]


def describe(model: Model) -> str:
    """Write one line per variable: name, distribution or kind, dims, whether observed.

    Parameters
    ----------
    model : Model
        The model.

    Returns
    -------
    str
    """
    title = f"Model {model.name!r}" if model.name else "Model"
    rows = [_row(model, variable) for variable in model.named_vars.values()]
    if not rows:
        return f"{title} (empty)"
    width = max(len(name) for name, _, _ in rows)
    body = max(len(text) for _, text, _ in rows)
    lines = [f"  {name:<{width}} {text:<{body}}  {axes}".rstrip() for name, text, axes in rows]
    return "\n".join([title, *lines])


def _row(model: Model, variable: Variable) -> tuple[str, str, str]:
    name = variable.name
    if variable in model.rvs_to_values:
        observed = "  observed" if variable in model.observed_RVs else ""
        return name, f"~ {_distribution(model, variable)}", _axes(model, variable) + observed
    if variable in model.data_vars:
        return name, "= Data", _axes(model, variable)
    kind = "Potential" if variable in model.potentials else "Deterministic"
    parents = ", ".join(_parents(model, variable)) or "constants"
    return name, f"= {kind}({parents})", _axes(model, variable)


def _distribution(model: Model, rv: Variable) -> str:
    op = rv.owner.op
    label = getattr(op, "_print_name", None)
    name = label[0] if label else type(op).__name__.removesuffix("RV")
    return f"{name}({', '.join(_parameter(model, p) for p in op.dist_params(rv.owner))})"


def _parameter(model: Model, variable: Variable) -> str:
    while variable.name is None and variable.owner is not None and _is_wrapping(variable):
        variable = variable.owner.inputs[0]
    if variable.name:
        return str(variable.name)
    if isinstance(variable, Constant):
        value = np.asarray(variable.data)
        return f"{value.item():.6g}" if value.size == 1 else f"<array {value.shape}>"
    named = _parents(model, variable)
    return f"f({', '.join(named) if len(named) <= 4 else '...'})"


def _is_wrapping(variable: Variable) -> bool:
    """Tell whether the value only has other axes or another dtype than its input."""
    op = variable.owner.op
    if isinstance(op, DimShuffle):
        return True
    return isinstance(op, Elemwise) and op.scalar_op.__class__.__name__.lower() == "cast"


def _parents(model: Model, variable: Variable) -> list[str]:
    """Names of the nearest named variables that an expression is made of."""
    named = set(model.root.named_vars.values()) - {variable}
    found: dict[str, None] = {}
    todo = list(variable.owner.inputs) if variable.owner else []
    seen = set()
    while todo:
        current = todo.pop(0)
        if current in seen:
            continue
        seen.add(current)
        if current in named:
            found[str(current.name)] = None
        elif current.owner is not None:
            todo.extend(current.owner.inputs)
    return list(found)


def _axes(model: Model, variable: Variable) -> str:
    dims = model.named_vars_to_dims.get(variable.name)
    shape = model.shape_of(variable)
    if not shape:
        return ""
    named = dims or (None,) * len(shape)
    return (
        "["
        + ", ".join(f"{d}: {n}" if d else str(n) for d, n in zip(named, shape, strict=True))
        + "]"
    )
