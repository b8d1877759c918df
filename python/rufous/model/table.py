"""A table of the variables of a model."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from rufous.errors import SettingsError
from rufous.model.describe import Line, lines_of

if TYPE_CHECKING:
    from rufous.model.model import Model

__all__ = ["ModelTable", "model_table"]

_GROUPS = ("data", "free", "deterministic", "potential", "observed")
_HEADER = ("Variable", "Expression", "Dimensions")


@dataclass(frozen=True)
class ModelTable:
    """A table that prints as text and shows as HTML in a notebook.

    Parameters
    ----------
    groups : tuple of tuple of Line
        Rows; an empty line comes between groups.
    parameters : int or None
        Number of unconstrained parameters, for the last row.
    truncate : int or None
        How many parents of a deterministic are shown.
    """

    groups: tuple[tuple[Line, ...], ...]
    parameters: int | None
    truncate: int | None = None

    def rows(self) -> list[tuple[str, str, str]]:
        """Return the cells; a row of empty ones stands between groups."""
        found: list[tuple[str, str, str]] = []
        for group in self.groups:
            if found:
                found.append(("", "", ""))
            found.extend(self._row(line) for line in group)
        if self.parameters is not None:
            found.append(("", "", f"Parameter count = {self.parameters}"))
        return found

    def _row(self, line: Line) -> tuple[str, str, str]:
        text = line.text.removeprefix(f"{line.sign} ")
        if line.kind == "deterministic":
            shown = line.arguments
            if self.truncate is not None and len(shown) > self.truncate:
                shown = (*shown[: self.truncate], "...")
            text = f"f({', '.join(shown)})"
        return f"{line.name} {line.sign}", text, line.axes

    def __str__(self) -> str:
        rows = self.rows()
        widths = [max(len(row[i]) for row in [_HEADER, *rows]) for i in range(3)]
        lines = ["  ".join(h.ljust(w) for h, w in zip(_HEADER, widths, strict=True)).rstrip()]
        lines.append("-" * (sum(widths) + 4))
        for name, text, axes in rows:
            cells = f"{name:>{widths[0]}}  {text:<{widths[1]}}  {axes:<{widths[2]}}"
            lines.append(cells.rstrip())
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        head = "".join(f"<th>{name}</th>" for name in _HEADER)
        body = "".join(
            "<tr>" + "".join(f"<td>{html.escape(cell)}</td>" for cell in row) + "</tr>"
            for row in self.rows()
        )
        return f"<table><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>"


def model_table(
    model: Model,
    *,
    split_groups: bool = True,
    truncate_deterministic: int | None = None,
    parameter_count: bool = True,
) -> ModelTable:
    """Make a table of the variables of a model, their expressions and dims.

    Parameters
    ----------
    model : Model
        The model.
    split_groups : bool, default True
        Put data, free variables, deterministics, potentials and observed variables in this order,
        with a gap between; else in the order they were written.
    truncate_deterministic : int, optional
        Show at most so many parents of a deterministic; default all.
    parameter_count : bool, default True
        Say how many unconstrained parameters there are.

    Returns
    -------
    ModelTable

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model(coords={"g": ["a", "b"]}) as model:
    ...     mu = rf.Normal("mu", 0, 5, dims="g")
    ...     y = rf.Normal("y", mu, 1, observed=[0.3, 1.2], dims="g")
    >>> print(model.table())
    Variable  Expression     Dimensions
    --------------------------------------------
        mu ~  Normal(0, 5)   [g: 2]
    <BLANKLINE>
         y ~  Normal(mu, 1)  [g: 2]
                             Parameter count = 2
    """
    if truncate_deterministic is not None and truncate_deterministic < 1:
        raise SettingsError(
            "`truncate_deterministic` must be a positive number of parents, or None for all; "
            f"got {truncate_deterministic!r}"
        )
    lines = lines_of(model)
    groups: tuple[tuple[Line, ...], ...] = (tuple(lines),)
    if split_groups:
        groups = tuple(tuple(line for line in lines if line.kind == kind) for kind in _GROUPS)
    count = sum(int(np.prod(shape)) for shape in model.value_shapes().values())
    return ModelTable(
        tuple(group for group in groups if group),
        count if parameter_count else None,
        truncate_deterministic,
    )
