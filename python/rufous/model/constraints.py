"""Checks of parameters that do not depend on any random variable, where they are written."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from pytensor.graph.basic import Constant
from pytensor.graph.traversal import graph_inputs

from rufous.errors import ModelError
from rufous.model.evaluate import Evaluator, depends_on_randomness
from rufous.model.registry import constraints

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = ["satisfied_constraints"]


def satisfied_constraints(rv: TensorVariable, evaluator: Evaluator) -> frozenset[str]:
    """Check the constraints on constants and data.

    Parameters
    ----------
    rv : TensorVariable
        A random variable with its name.
    evaluator : Evaluator
        Computes the conditions.

    Returns
    -------
    frozenset of str
        Texts of those that hold for good, as they depend on constants only.

    Raises
    ------
    ModelError
        When one fails: names variable, requirement and parameters.
    """
    op = rv.owner.op
    parameters = op.dist_params(rv.owner)
    satisfied = []
    for constraint in constraints(op, rv, *parameters):
        condition = constraint.condition
        if depends_on_randomness(condition):
            continue
        if not np.all(evaluator.value(condition)):
            raise ModelError(
                f"{rv.name!r} requires {constraint.text}; its parameters are "
                f"{_shown(parameters, evaluator)}; change them so that this holds"
            )
        if all(isinstance(i, Constant) for i in graph_inputs([condition])):
            satisfied.append(constraint.text)
    return frozenset(satisfied)


def _shown(parameters: list[TensorVariable], evaluator: Evaluator) -> str:
    with np.printoptions(threshold=6, precision=4):
        return ", ".join(
            "random" if depends_on_randomness(p) else str(np.squeeze(evaluator.value(p)))
            for p in parameters
        )
