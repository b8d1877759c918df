"""Looking at a model at one point: values of expressions, and what is wrong there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
from pytensor.graph.basic import Variable

from rufous.errors import ModelError, SettingsError
from rufous.model.explain import explain
from rufous.model.functions import PointFunction, check_point_names, point_function, point_value
from rufous.model.python_linker import run

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array
    from rufous.model.model import Model

__all__ = ["debug_text", "evaluate_at", "explain_point"]


def evaluate_at(model: Model, vars: Any, point: Mapping[str, Any] | None) -> Any:
    """Evaluate expressions of the variables of a model at a point; see `Model.eval`."""
    single = not isinstance(vars, list | tuple)
    graphs = [_graph(model, each) for each in ([vars] if single else vars)]
    at = model.initial_point(initvals=point or {})
    values = point_function(model, model.replace_rvs_by_values(graphs), model.value_vars)(at)
    return values[0] if single else values


def _graph(model: Model, item: Any) -> TensorVariable:
    if isinstance(item, str):
        return model[item]
    if not isinstance(item, Variable):
        raise ModelError(
            f"eval needs variables of the model, their names, or expressions, got {item!r:.60}"
        )
    return item


def explain_point(model: Model, point: Mapping[str, Any], *, verbose: bool = False) -> str:
    """Say in words what is not finite at a point of unconstrained values."""
    return explain(model, _checked(model, point), verbose=verbose)


def _checked(model: Model, point: Mapping[str, Any]) -> dict[str, Array]:
    values = {str(v.name): v for v in model.value_vars}
    check_point_names(point, tuple(values))
    return {name: point_value(variable, point[name]) for name, variable in values.items()}


def debug_text(model: Model, point: Mapping[str, Any] | None, fn: str, verbose: bool) -> str:
    """Write what `Model.debug` prints."""
    if fn not in ("logp", "dlogp", "random"):
        raise SettingsError(f"`fn` must be 'logp', 'dlogp' or 'random', got {fn!r}")
    at = _checked(model, model.initial_point() if point is None else point)
    shown = {name: value.tolist() for name, value in at.items() if value.size <= 10}
    lines = [f"at {shown}"]
    if len(shown) < len(at):
        hidden = ", ".join(f"{n} {v.shape}" for n, v in at.items() if n not in shown)
        lines[0] += f" and {hidden}"
    if fn == "random":
        return "\n".join([*lines, _random_text(model, at)])
    text = explain(model, at, verbose=verbose)
    if fn == "logp" and " derivative " in text and _all_finite(model, at):
        text = "no problems found: the log density is finite here"
    return "\n".join([*lines, text])


def _all_finite(model: Model, point: dict[str, Array]) -> bool:
    terms = list(model.logdensity_terms().values())
    return bool(np.isfinite(PointFunction(model.value_vars, terms)(point)).all())


def _random_text(model: Model, point: dict[str, Array]) -> str:
    """Draw each variable given its causes at the point, and name those that cannot be drawn."""
    by_value = {
        model.rvs_to_values[rv]: point[str(v.name)]
        for rv, v in zip(model.free_RVs, model.value_vars, strict=True)
    }
    lines = []
    for rv in model.basic_RVs:
        parameters = model.replace_rvs_by_values(rv.owner.op.dist_params(rv.owner))
        node = rv.owner
        drawn = node.op.make_node(node.op.rng_param(node), node.op.size_param(node), *parameters)
        try:
            run([drawn.outputs[1]], by_value)
        except Exception as error:  # a sampler may raise anything; its words are the explanation
            reason = str(error).partition("\n")[0]
            lines.append(f"{rv.name!r} cannot be drawn here: {reason}")
    return "\n".join(lines) or "all variables can be drawn here"
