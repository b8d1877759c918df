"""Why a chain cannot start somewhere: the variable, the constraint and the value."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pytensor.gradient import grad
from pytensor.graph.basic import Constant
from pytensor.graph.traversal import ancestors

from rufous._typing import Array
from rufous.model.describe import lines_of
from rufous.model.python_linker import run
from rufous.model.replace import Replacer

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model
    from rufous.model.registry import Constraint

__all__ = ["explain"]

_MAX_ELEMENTS = 3


def explain(
    model: Model,
    point: Mapping[str, Array],
    data: Mapping[Variable, Variable] | None = None,
    *,
    verbose: bool = False,
) -> str:
    """Describe what is not finite in a model at a point.

    Parameters
    ----------
    model : Model
        The model.
    point : mapping of str to ndarray
        Unconstrained values by the name of the value variable.
    data : mapping of Variable to Variable, optional
        Constants that hold other data, by the shared variables of the model.
    verbose : bool, default False
        Add the parameters of each distribution as the model writes them.

    Returns
    -------
    str
        One line per cause; a line that says so when everything is finite.
    """
    at = _Point(model, point, data or {})
    terms = model.logdensity_terms()
    written = {line.name: line.text for line in lines_of(model)} if verbose else {}
    lines = []
    for name, term in terms.items():
        try:
            [value] = at.evaluate([term])
        except Exception as error:  # an op may raise anything, and its words are the explanation
            lines.append(f"the log density of {name!r} cannot be computed: {_first_line(error)}")
            continue
        if not np.isfinite(value):
            reason = _reason(model, at, name, term)
            lines.append(f"the log density of {name!r} is {float(value)}{reason}")
            if verbose and name in written:
                lines.append(f"  {name} {written[name]}")
    return "\n".join(lines) or _gradient_lines(model, at, terms)


class _Point:
    """Evaluates graphs over the value variables at one point."""

    def __init__(
        self, model: Model, point: Mapping[str, Array], data: Mapping[Variable, Variable]
    ) -> None:
        self.inputs = {variable: point[str(variable.name)] for variable in model.value_vars}
        self.data = dict(data)

    def evaluate(self, graphs: Sequence[Variable]) -> list[Array]:
        """Compute graphs with the Python linker."""
        return run(Replacer(self.data)(graphs), self.inputs)


def _reason(model: Model, at: _Point, name: str, term: TensorVariable) -> str:
    """Say what a term that is not finite was computed from."""
    constraint = _failed_constraint(model, at, name)
    if constraint is not None:
        return f": {constraint}"
    variable = model.named_vars[name]
    if variable not in model.rvs_to_values:  # a potential
        used = set(ancestors([term]))
        places = [
            f"{value.name!r} is {_describe(at.inputs[value])}"
            for value in model.value_vars
            if value in used
        ]
        return f", where {', '.join(places)}" if places else ""
    own, *parameters = at.evaluate(model.replace_rvs_by_values([variable, *_parameters(variable)]))
    described = ", ".join(_describe(parameter) for parameter in parameters)
    return f": its value is {_describe(own)}, the parameters of its distribution {described}"


def _parameters(variable: TensorVariable) -> list[TensorVariable]:
    return list(variable.owner.op.dist_params(variable.owner))


def _failed_constraint(model: Model, at: _Point, name: str) -> str | None:
    """Describe the first failing constraint of a variable."""
    for owner, constraint in model.constraint_terms():
        if owner == name:
            [holds] = at.evaluate([constraint.condition])
            if not np.all(holds):
                return _constraint_text(at, constraint, holds)
    return None


def _first_line(error: Exception) -> str:
    lines = str(error).splitlines()
    return lines[0] if lines else type(error).__name__


def _constraint_text(at: _Point, constraint: Constraint, holds: Array) -> str:
    sides = _sides(constraint.condition)
    if not sides:
        return f"the constraint {constraint.text} fails"
    values = [np.broadcast_to(v, np.shape(holds)) for v in at.evaluate(sides) if _fits(v, holds)]
    shown = " against ".join(_elements(value, np.logical_not(holds)) for value in values)
    return f"the constraint {constraint.text} fails, the value is {shown}"


def _sides(condition: TensorVariable) -> list[TensorVariable]:
    """Return what a comparison compares, numbers left out."""
    if condition.owner is None:
        return []
    return [side for side in condition.owner.inputs if not _is_number(side)]


def _is_number(side: Variable) -> bool:
    return all(
        isinstance(variable, Constant) for variable in ancestors([side]) if variable.owner is None
    )


def _fits(value: Array, holds: Array) -> bool:
    return np.ndim(value) <= np.ndim(holds) and value.dtype != bool


def _gradient_lines(model: Model, at: _Point, terms: Mapping[str, TensorVariable]) -> str:
    """Describe the components of the gradient that are not finite, term by term."""
    variables = list(model.value_vars)
    lines = []
    for name, term in terms.items():
        gradient = at.evaluate(grad(term, variables, disconnected_inputs="ignore"))
        for variable, part in zip(variables, gradient, strict=True):
            bad = np.logical_not(np.isfinite(part))
            if bad.any():
                lines.append(
                    f"the derivative of the log density of {name!r} with respect to "
                    f"{variable.name!r} is {_elements(part, bad)}, where {variable.name!r} is "
                    f"{_describe(at.inputs[variable])}"
                )
    return "\n".join(lines) or "no problems found: the log density and its gradient are finite here"


def _elements(value: Array, bad: Array) -> str:
    """Show the elements of `value` that are marked in `bad`, with their index."""
    if np.size(value) == 1:
        return _number(np.ravel(value)[0])
    indices = np.argwhere(bad)
    shown = [
        f"{_number(value[tuple(index)])} at [{', '.join(str(i) for i in index)}]"
        for index in indices[:_MAX_ELEMENTS]
    ]
    more = len(indices) - len(shown)
    return ", ".join(shown) + (f" and {more} more" if more > 0 else "")


def _describe(value: Any) -> str:
    if np.size(value) == 1:
        return _number(np.ravel(value)[0])
    with np.printoptions(threshold=6, edgeitems=3, precision=4):
        return str(np.asarray(value)).replace("\n", " ")


def _number(value: Any) -> str:
    return f"{float(value):.6g}"
