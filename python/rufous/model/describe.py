"""Readable text of a model: what each variable is, in plain text and in LaTeX."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant
from pytensor.tensor.elemwise import DimShuffle, Elemwise

from rufous.errors import SettingsError

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = [
    "Line",
    "axes_of",
    "describe",
    "distribution_name",
    "lines_of",
    "parents",
    "str_repr",
    "variable_repr",
]


@dataclass(frozen=True, slots=True)
class Line:
    """One variable in words.

    Parameters
    ----------
    name : str
        Its full name.
    kind : str
        "data", "free", "observed", "deterministic" or "potential".
    label : str
        Name of its distribution, or "Data", "Deterministic", "Potential".
    arguments : tuple of str
        What stands in the brackets: parameters of a distribution, parents of an expression.
    axes : str
        Dims and lengths, for example ``"[school: 2]"``.
    """

    name: str
    kind: str
    label: str
    arguments: tuple[str, ...]
    axes: str

    @property
    def sign(self) -> str:
        """Distributed as, or equal to."""
        return "~" if self.kind in ("free", "observed") else "="

    @property
    def text(self) -> str:
        """Sign, distribution and arguments, without name and axes."""
        inside = ", ".join(self.arguments)
        if self.kind == "data":
            return f"{self.sign} {self.label}"
        return f"{self.sign} {self.label}({inside or 'constants'})"


def lines_of(model: Model) -> list[Line]:
    """Describe all variables of a model, in the order they were written.

    Parameters
    ----------
    model : Model
        The model.
    """
    return [_line(model, variable) for variable in model.named_vars.values()]


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
    title = f"Model {model.prefix!r}" if model.prefix else "Model"
    rows = lines_of(model)
    if not rows:
        return f"{title} (empty)"
    width = max(len(row.name) for row in rows)
    body = max(len(row.text) for row in rows)
    lines = [
        f"  {row.name:<{width}} {row.text:<{body}}  {_axes_and_observed(row)}".rstrip()
        for row in rows
    ]
    return "\n".join([title, *lines])


def _axes_and_observed(row: Line) -> str:
    return row.axes + ("  observed" if row.kind == "observed" else "")


def str_repr(model: Model, formatting: str = "plain", include_params: bool = True) -> str:
    """Write a model as a list of statements; see `Model.str_repr`."""
    _check_formatting(formatting)
    rows = lines_of(model)
    if formatting == "plain":
        width = max((len(row.name) for row in rows), default=0)
        return "\n".join(f"{row.name:>{width}} {_plain(row, include_params)}" for row in rows)
    if not rows:
        return ""
    body = "\\\\".join(_latex(row, include_params, "&") for row in rows)
    return f"$$\n\\begin{{array}}{{rcl}}\n{body}\n\\end{{array}}\n$$"


def variable_repr(
    model: Model, variable: Variable, formatting: str = "plain", include_params: bool = True
) -> str:
    """Write one variable of a model as a statement.

    Parameters
    ----------
    model : Model
        The model.
    variable : TensorVariable
        A variable of it.
    formatting : {"plain", "latex"}, default "plain"
        LaTeX comes in dollar signs.
    include_params : bool, default True
        Write the arguments.
    """
    _check_formatting(formatting)
    row = _line(model, variable)
    if formatting == "plain":
        return f"{row.name} {_plain(row, include_params)}"
    return f"${_latex(row, include_params)}$"


def _check_formatting(formatting: str) -> None:
    if formatting not in ("plain", "latex"):
        raise SettingsError(
            f"`formatting` must be 'plain' or 'latex', got {formatting!r}; choose one"
        )


def _plain(row: Line, include_params: bool) -> str:
    return row.text if include_params else f"{row.sign} {row.label}"


def _latex(row: Line, include_params: bool, column: str = "") -> str:
    sign = "\\sim" if row.sign == "~" else "="
    right = f"\\operatorname{{{_escaped(row.label)}}}"
    if include_params and row.kind != "data":
        right += f"({',~'.join(_latex_argument(each) for each in row.arguments)})"
    return f"\\text{{{_escaped(row.name)}}} {column}{sign}{column} {right}"


def _latex_argument(argument: str) -> str:
    number = argument.replace(".", "").replace("-", "").replace("e", "").isdigit()
    return argument if number else f"\\text{{{_escaped(argument)}}}"


def _escaped(text: str) -> str:
    for mark in "_&%#$":
        text = text.replace(mark, f"\\{mark}")
    return text


def _line(model: Model, variable: Variable) -> Line:
    name, axes = str(variable.name), axes_of(model, variable)
    if variable in model.root.rvs_to_values:
        kind = "observed" if variable in model.root.observed_RVs else "free"
        op = variable.owner.op
        arguments = tuple(_parameter(model, p) for p in op.dist_params(variable.owner))
        return Line(name, kind, distribution_name(variable), arguments, axes)
    if variable in model.root.data_vars or variable in model.root.constants:
        return Line(name, "data", "Data", (), axes)
    kind = "potential" if variable in model.root.potentials else "deterministic"
    return Line(name, kind, kind.capitalize(), tuple(parents(model, variable)), axes)


def distribution_name(rv: Variable) -> str:
    """Name the distribution of a random variable as the user wrote it."""
    label = getattr(rv.owner.op, "_print_name", None)
    return str(label[0]) if label else type(rv.owner.op).__name__.removesuffix("RV")


def _parameter(model: Model, variable: Variable) -> str:
    while variable.name is None and variable.owner is not None and _is_wrapping(variable):
        variable = variable.owner.inputs[0]
    if variable.name:
        return str(variable.name)
    if isinstance(variable, Constant):
        value = np.asarray(variable.data)
        return f"{value.item():.6g}" if value.size == 1 else f"<array {value.shape}>"
    named = parents(model, variable)
    return f"f({', '.join(named) or 'constants' if len(named) <= 4 else '...'})"


def _is_wrapping(variable: Variable) -> bool:
    """Tell whether the value only has other axes or another dtype than its input."""
    op = variable.owner.op
    if isinstance(op, DimShuffle):
        return True
    return isinstance(op, Elemwise) and op.scalar_op.__class__.__name__.lower() == "cast"


def parents(model: Model, variable: Variable) -> list[str]:
    """Name the nearest named variables that an expression is made of, in the order met."""
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
        elif current.owner is not None and not isinstance(current, SharedVariable):
            todo.extend(current.owner.inputs)
    return list(found)


def axes_of(model: Model, variable: Variable) -> str:
    """Write dims and lengths of a variable, for example ``"[school: 2]"``; "" for a scalar."""
    dims = model.root.named_vars_to_dims.get(variable.name)
    shape = model.shape_of(variable)
    if not shape:
        return ""
    named = dims or (None,) * len(shape)
    return (
        "["
        + ", ".join(f"{d}: {n}" if d else str(n) for d, n in zip(named, shape, strict=True))
        + "]"
    )
