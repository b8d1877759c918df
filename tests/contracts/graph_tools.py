"""Evaluate graphs of distributions without any compiler or rewrite."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.mode import Mode

from rufous.model.registry import apply_constraints, constraints, logdensity

AS_WRITTEN = Mode(linker="py", optimizer=None)


def evaluate(graph: Any, inputs: dict[Any, Any] | None = None) -> Any:
    """Compute a graph exactly as it is written; numbers that overflow do not warn."""
    inputs = inputs or {}
    function = pytensor.function(list(inputs), graph, mode=AS_WRITTEN, on_unused_input="ignore")
    with np.errstate(all="ignore"):
        return function(*inputs.values())


def density_graph(rv: Any, value: Any) -> Any:
    """Return the log density of a value, with the checks of parameters."""
    op, parameters = rv.owner.op, rv.owner.op.dist_params(rv.owner)
    density = logdensity(op, value, *parameters)
    return apply_constraints(density, constraints(op, value, *parameters))


def density_at(rv: Any, value: Any) -> Any:
    """Compute the log density of an array in the dtype of the variable."""
    constant = pt.constant(np.asarray(value, dtype=rv.dtype))
    return evaluate(density_graph(rv, constant))


def draw(rv: Any, seed: int = 20240607) -> Any:
    """Compute one draw of the shape of the variable, from a seed."""
    op, node = rv.owner.op, rv.owner
    generator = pytensor.shared(np.random.default_rng(seed))
    seeded = op.make_node(generator, op.size_param(node), *op.dist_params(node)).outputs[1]
    return evaluate(seeded)
