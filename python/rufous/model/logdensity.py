"""The joint log density as graphs over the value variables.

A value variable stands for a free random variable in unconstrained space. The constrained value is
the transform's `backward`, and the log density there gets the log determinant of its Jacobian. The
graphs are written as they are, without rewriting: that is the compiler's work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import pytensor.tensor as pt
from pytensor.gradient import jacobian as derivative_matrix

from rufous.errors import ModelError, UnknownNameError
from rufous.model.names import known_names
from rufous.model.registry import Constraint, apply_constraints, constraints, logdensity
from rufous.model.replace import Replacer
from rufous.model.subsampling import scale_of
from rufous.model.untraced import untraced

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model

__all__ = [
    "constraint_terms",
    "differentiable",
    "gradient",
    "hessian",
    "joint",
    "replacer",
    "select",
    "terms",
]


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
    model: Model,
    rvs: Sequence[TensorVariable],
    potentials: Sequence[TensorVariable],
    *,
    jacobian: bool = True,
    sum: bool = True,
) -> dict[str, TensorVariable]:
    """Write the log density of each of some random variables and potentials.

    Parameters
    ----------
    model : Model
        The model.
    rvs : sequence of TensorVariable
        Random variables of the model.
    potentials : sequence of TensorVariable
        Potentials of the model.
    jacobian : bool
        Add the log determinant of the Jacobian of the transform of free variables.
    sum : bool
        Sum over the batch elements, so that each term is a scalar.

    Returns
    -------
    dict of str to TensorVariable
        float64 graphs over the value variables.
    """
    root = model.root
    with untraced():
        replace = replacer(root)
        written = {rv.name: _term(root, replace, rv, jacobian, sum) for rv in rvs}
        for potential, graph in zip(potentials, replace(potentials), strict=True):
            written[potential.name] = _total(graph) if sum else graph
    return written


def joint(
    model: Model, vars: Any, *, jacobian: bool, sum: bool
) -> TensorVariable | list[TensorVariable]:
    """Write the log density of a model; see `Model.logp`."""
    rvs, potentials = select(model, vars)
    model.check_shapes()
    found = list(terms(model, rvs, potentials, jacobian=jacobian, sum=sum).values())
    if not found:
        raise ModelError(
            "the model has no random variables and no potentials, so no log density; write a "
            "distribution or a Potential"
        )
    if not sum:
        return found
    return found[0] if len(found) == 1 else pt.add(*found)


def gradient(model: Model, vars: Any, *, jacobian: bool) -> TensorVariable:
    """Write the gradient of the log density of a model; see `Model.dlogp`."""
    values = differentiable(model, vars)
    cost = joint(model, None, jacobian=jacobian, sum=True)
    gradients = pt.grad(cost, values, disconnected_inputs="ignore")
    return pt.concatenate([g.flatten() for g in gradients])


def hessian(model: Model, vars: Any, *, jacobian: bool) -> TensorVariable:
    """Write the matrix of second derivatives of the log density; see `Model.d2logp`."""
    values = differentiable(model, vars)
    slope = gradient(model, vars, jacobian=jacobian)
    rows = derivative_matrix(slope, values, disconnected_inputs="ignore")
    return pt.concatenate([part.reshape((slope.shape[0], -1)) for part in rows], axis=1)


def differentiable(model: Model, vars: Any) -> list[TensorVariable]:
    """Look up the value variables for which there is a gradient.

    Raises
    ------
    ModelError
        When one is not continuous and free, or there is none.
    """
    values = model.continuous_value_vars
    if vars is not None:
        values = [model.rvs_to_values[rv] for rv in select(model, vars)[0]]
    if not values:
        raise ModelError(
            "the model has no continuous free variables, so no gradient; write one "
            "without observed="
        )
    for value in values:
        if value not in model.continuous_value_vars:
            raise ModelError(
                f"there is no gradient for {value.name!r}: it is not continuous and free; "
                "choose among "
                f"{', '.join(str(v.name) for v in model.continuous_value_vars)}"
            )
    return values


def select(model: Model, vars: Any) -> tuple[list[TensorVariable], list[TensorVariable]]:
    """Look up the random variables and the potentials that are named.

    Parameters
    ----------
    model : Model
        The model.
    vars : variable, name or sequence of them, or None
        Random variables, value variables, potentials, or their names; None for all.

    Raises
    ------
    UnknownNameError
        When one of them has no term in the log density.
    """
    if vars is None:
        return model.basic_RVs, model.potentials
    rvs_of_values = model.values_to_rvs
    rvs: list[TensorVariable] = []
    potentials: list[TensorVariable] = []
    for item in vars if isinstance(vars, list | tuple) else [vars]:
        variable = model[item] if isinstance(item, str) and item in model else item
        variable = rvs_of_values.get(variable, variable)
        if variable in model.rvs_to_values:
            rvs.append(variable)
        elif variable in model.potentials:
            potentials.append(variable)
        else:
            known = [str(v.name) for v in (*model.basic_RVs, *model.potentials)]
            raise UnknownNameError(
                f"{item!s} has no term in the log density; {known_names(str(item), known)}"
            )
    return rvs, potentials


def _term(
    model: Model, replace: Replacer, rv: TensorVariable, jacobian: bool, sum: bool
) -> TensorVariable:
    value, parameters, required = _pieces(model, replace, rv)
    density = _float64(logdensity(rv.owner.op, value, *parameters))
    axes = density.ndim
    transform = model.rvs_to_transforms.get(rv)
    if jacobian and transform is not None:
        determinant = transform.log_jac_det(model.rvs_to_values[rv], *parameters)
        if sum:
            density = _total(density) + _total(determinant)
        else:
            density = _add_determinant(density, determinant)
    if rv in model.total_sizes:
        scale = scale_of(model.total_sizes[rv], value)
        density = scale * (_total(density) if sum else density)
    if not sum:
        each = [Constraint(_all_last(c.condition, axes - density.ndim), c.text) for c in required]
        return apply_constraints(density, each)
    whole = [Constraint(_all(c.condition), c.text) for c in required]
    return apply_constraints(_total(density), whole)


def _pieces(
    model: Model, replace: Replacer, rv: TensorVariable
) -> tuple[TensorVariable, list[TensorVariable], list[Constraint]]:
    """Return constrained value, parameters, and the constraints that depend on either."""
    node = rv.owner
    [value, *parameters] = replace([rv, *node.op.dist_params(node)])
    if not model.check_bounds:
        return value, parameters, []
    required = constraints(node.op, value, *parameters)
    constant = model.satisfied_constraints(rv)
    return value, parameters, [c for c in required if c.text not in constant]


def _add_determinant(density: TensorVariable, determinant: TensorVariable) -> TensorVariable:
    # An elementwise transform of a multivariate variable has one determinant per element, and a
    # transform of vectors one for all the numbers of a vector.
    while determinant.ndim > density.ndim:
        determinant = determinant.sum(axis=-1)
    while density.ndim > determinant.ndim:
        density = density.sum(axis=-1)
    return density + determinant


def _total(graph: TensorVariable) -> TensorVariable:
    return graph.sum() if graph.ndim else graph


def _all_last(condition: TensorVariable, axes: int) -> TensorVariable:
    """Require a condition along some last axes, over which the density has been summed."""
    over = tuple(range(-min(axes, condition.ndim), 0))
    return pt.all(condition, axis=over) if over else condition


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
