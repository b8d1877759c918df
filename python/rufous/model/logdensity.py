"""The joint log density as graphs over the value variables, and the public `logp`.

A value variable stands for a free random variable in unconstrained space. The constrained value is
the transform's `backward`, and the log density there gets the log determinant of its Jacobian. The
graphs are written as they are, without rewriting: that is the compiler's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytensor.tensor as pt
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import ModelError
from rufous.model.arrays import as_value
from rufous.model.registry import Constraint, apply_constraints, constraints, logdensity
from rufous.model.replace import Replacer

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model

__all__ = ["constraint_terms", "logp", "replacer", "terms"]


def logp(rv: TensorVariable, value: Any) -> TensorVariable:
    """Write the log density of a random variable at a value.

    Parameters
    ----------
    rv : TensorVariable
        A random variable, of a model or made with ``.dist()``.
    value : array_like or TensorVariable
        Where to evaluate it, in the space of the variable (not transformed).

    Returns
    -------
    TensorVariable
        One number per batch element; -inf outside the support or for invalid parameters.

    Raises
    ------
    ModelError
        When `rv` is not a random variable.

    Examples
    --------
    >>> import rufous as rf
    >>> x = rf.Normal.dist(0, 1)
    >>> float(rf.logp(x, 0.0).eval(mode="FAST_COMPILE").round(6))
    -0.918939
    """
    node = getattr(rv, "owner", None)
    if node is None or not isinstance(node.op, RandomVariable):
        raise ModelError(
            f"logp needs a random variable, got {rv!r}; for an expression of random variables write "
            "its log density with Potential"
        )
    point = _cast_like(as_value(value, "the value of logp"), rv)
    parameters = node.op.dist_params(node)
    density = logdensity(node.op, point, *parameters)
    return apply_constraints(density, constraints(node.op, point, *parameters))


def _cast_like(value: TensorVariable, rv: TensorVariable) -> TensorVariable:
    if rv.dtype.startswith("float") and not value.dtype.startswith("float"):
        return pt.cast(value, "float64")
    return value


def replacer(model: Model) -> Replacer:
    """Return a Replacer of random variables by their constrained values.

    Parameters
    ----------
    model : Model
        Free variables become the back-transformed value variables, observed ones their data.
    """
    replace = Replacer()
    for rv, value in model.rvs_to_values.items():
        transform = model.rvs_to_transforms.get(rv)
        if transform is not None:
            parameters = replace(rv.owner.op.dist_params(rv.owner))
            value = transform.backward(value, *parameters)
        replace.set(rv, value)
    return replace


def terms(
    model: Model, replace: Replacer, rvs: Sequence[TensorVariable], *, jacobian: bool, sum: bool
) -> dict[str, TensorVariable]:
    """Write the log density of each of some random variables.

    Parameters
    ----------
    model : Model
        The model.
    replace : Replacer
        As `replacer` makes it.
    rvs : sequence of TensorVariable
        Random variables of the model.
    jacobian : bool
        Add the log determinant of the Jacobian of the transform of free variables.
    sum : bool
        Sum over the batch elements, so that each term is a scalar.

    Returns
    -------
    dict of str to TensorVariable
        float64 graphs over the value variables.
    """
    return {rv.name: _term(model, replace, rv, jacobian, sum) for rv in rvs}


def _term(
    model: Model, replace: Replacer, rv: TensorVariable, jacobian: bool, sum: bool
) -> TensorVariable:
    value, parameters, required = _pieces(model, replace, rv)
    density = _float64(logdensity(rv.owner.op, value, *parameters))
    transform = model.rvs_to_transforms.get(rv)
    if jacobian and transform is not None:
        determinant = transform.log_jac_det(model.rvs_to_values[rv], *parameters)
        if sum:
            density = _total(density) + _total(determinant)
        else:
            density = _add_determinant(density, determinant)
    if not sum:
        return apply_constraints(density, required)
    whole = [Constraint(_all(c.condition), c.text) for c in required]
    return apply_constraints(_total(density), whole)


def _pieces(
    model: Model, replace: Replacer, rv: TensorVariable
) -> tuple[TensorVariable, list[TensorVariable], list[Constraint]]:
    """Return constrained value, parameters, and the constraints that depend on either."""
    node = rv.owner
    [value, *parameters] = replace([rv, *node.op.dist_params(node)])
    required = constraints(node.op, value, *parameters)
    constant = model.satisfied_constraints(rv)
    return value, parameters, [c for c in required if c.text not in constant]


def _add_determinant(density: TensorVariable, determinant: TensorVariable) -> TensorVariable:
    # An elementwise transform of a multivariate variable has one determinant per element.
    while determinant.ndim > density.ndim:
        determinant = determinant.sum(axis=-1)
    return density + determinant


def _total(graph: TensorVariable) -> TensorVariable:
    return graph.sum() if graph.ndim else graph


def _all(condition: TensorVariable) -> TensorVariable:
    return pt.all(condition) if condition.ndim else condition


def _float64(graph: TensorVariable) -> TensorVariable:
    return graph if graph.dtype == "float64" else pt.cast(graph, "float64")


def constraint_terms(model: Model) -> list[tuple[str, Constraint]]:
    """List the constraints that depend on the position or on data, over the value variables.

    Returns
    -------
    list of (variable name, Constraint)
    """
    replace = replacer(model)
    return [
        (rv.name, constraint)
        for rv in model.rvs_to_values
        for constraint in _pieces(model, replace, rv)[2]
    ]
