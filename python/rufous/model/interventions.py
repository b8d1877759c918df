"""The do operator: a model in which some variables are set from outside."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.traversal import ancestors

from rufous.errors import ModelError, ShapeError
from rufous.model.arrays import as_value, to_array
from rufous.model.rebuild import Rebuilder, named_in

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model

__all__ = ["change_value_transforms", "do", "remove_value_transforms"]


def do(
    model: Model,
    vars_to_interventions: Mapping[Any, Any],
    *,
    make_interventions_shared: bool = True,
    prune_vars: bool = False,
) -> Model:
    """Set variables from outside, whatever their causes: Pearl's do operator.

    Parameters
    ----------
    model : Model
        The model; it is not changed.
    vars_to_interventions : mapping of (str or TensorVariable) to (array_like or TensorVariable)
        What each variable is set to: numbers, which fill its shape, or an expression of other
        variables of the model.
    make_interventions_shared : bool, default True
        Let numbers become `Data`, to be exchanged with `set_data`; else constants.
    prune_vars : bool, default False
        Leave out the variables that no observed variable and no intervention depends on any more.

    Returns
    -------
    Model
        A copy in which those variables are no longer random, under their old names.

    Raises
    ------
    UnknownNameError
        When the model has no such variable.
    ShapeError
        When numbers do not have the number of axes of their variable.
    ModelError
        When an expression depends on its own variable, or the model has potentials and
        `prune_vars` is asked for.

    References
    ----------
    J. Pearl, Causality: Models, Reasoning and Inference, 2nd ed., 2009.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Normal("x", 0, 1)
    ...     y = rf.Normal("y", x, 0.01)
    >>> treated = rf.do(model, {x: 100})
    >>> float(rf.draw(treated["y"], random_seed=1)) > 99
    True
    """
    wanted = named_in(model, vars_to_interventions, "do")
    if prune_vars and model.potentials:
        raise ModelError(
            "do cannot prune a model with potentials, as each variable may count in one: "
            f"{', '.join(repr(str(p.name)) for p in model.potentials)}; leave prune_vars out"
        )
    rebuilder = Rebuilder(model)
    kept = _kept(model, wanted) if prune_vars else set(model.named_vars.values())
    for variable in _order(model, wanted):
        if variable in wanted:
            _set(rebuilder, variable, wanted[variable], make_interventions_shared)
        elif variable in kept:
            rebuilder.add(variable)
    rebuilder.new.check_shapes()
    return rebuilder.finish()


def _order(model: Model, wanted: Mapping[TensorVariable, Any]) -> list[TensorVariable]:
    """Sort the variables so that each comes after what it is made of, interventions too."""
    variables = list(model.named_vars.values())
    ordered: dict[TensorVariable, None] = {}
    open_ones: list[TensorVariable] = []

    def visit(variable: TensorVariable) -> None:
        if variable in ordered:
            return
        if variable in open_ones:
            raise ModelError(
                f"do: {variable.name!r} is set to an expression that depends on itself; "
                "set it to something else"
            )
        open_ones.append(variable)
        made_of = _made_of(model, variable, wanted)
        for other in variables:
            if other is not variable and other in made_of:
                visit(other)
        open_ones.pop()
        ordered[variable] = None

    for variable in variables:
        visit(variable)
    return list(ordered)


def _made_of(
    model: Model, variable: TensorVariable, wanted: Mapping[TensorVariable, Any]
) -> set[Variable]:
    """Collect the variables that a variable is written with directly."""
    others = set(model.named_vars.values()) - {variable}
    if variable in wanted:
        graphs = [wanted[variable]] if isinstance(wanted[variable], Variable) else []
        if variable in ancestors(graphs):
            raise ModelError(
                f"do: {variable.name!r} is set to an expression of itself; set it to numbers or "
                "to an expression of other variables"
            )
    else:
        graphs = [variable]
        if variable in model.observed_RVs:
            graphs.append(model.rvs_to_values[variable])
        start = model.rvs_to_initial_values.get(variable)
        graphs += [start] if isinstance(start, Variable) else []
    return set(ancestors(graphs, blockers=others)) & others


def _set(rebuilder: Rebuilder, variable: TensorVariable, value: Any, make_shared: bool) -> None:
    name, dims = str(variable.name), rebuilder.dims_of(variable)
    if isinstance(value, Variable) and not isinstance(value, Constant | SharedVariable):
        new = as_value(rebuilder(value), f"the value of {name!r}")
        _check_axes(name, new.type.ndim, variable.type.ndim)
        if new.dtype != variable.dtype:
            new = pt.cast(new, variable.dtype)
        new = new.copy(name=name)
        rebuilder.new.adopt(new, "deterministics", dims)
    else:
        numbers = _numbers(rebuilder, variable, value)
        if make_shared:
            new = pytensor.shared(numbers, name=name, shape=variable.type.shape)
        else:
            new = pt.constant(numbers, name=name)
        rebuilder.new.adopt(new, "data_vars" if make_shared else "constants", dims)
    rebuilder.set(variable, new)


def _numbers(rebuilder: Rebuilder, variable: TensorVariable, value: Any) -> Any:
    name = str(variable.name)
    if isinstance(value, Constant):
        value = value.data
    elif isinstance(value, SharedVariable):
        value = value.get_value()
    array = to_array(value, f"the value of {name!r}")
    shape = rebuilder.old.shape_of(variable)
    if array.ndim == 0:
        array = np.full(shape, array)
    _check_axes(name, array.ndim, len(shape))
    static = variable.type.shape
    dims = rebuilder.dims_of(variable) or (None,) * len(shape)
    if any(
        n != m and not (free is None and dim is None)
        for n, m, free, dim in zip(shape, array.shape, static, dims, strict=True)
    ):
        raise ShapeError(
            f"do: {name!r} has shape {shape} and is set to an array of shape {array.shape}; give "
            "one number, or an array of its shape"
        )
    if array.dtype.kind == "f" and not variable.dtype.startswith("float"):
        if (array != np.floor(array)).any():
            raise ModelError(f"do: {name!r} is discrete and must be set to whole numbers")
    return array.astype(variable.dtype)


def _check_axes(name: str, has: int, wanted: int) -> None:
    if has != wanted:
        raise ShapeError(
            f"do: {name!r} has {wanted} axes and is set to something with {has}; give one number, "
            "or an array of its shape"
        )


def _kept(model: Model, wanted: Mapping[TensorVariable, Any]) -> set[TensorVariable]:
    """Collect the variables that observed ones depend on once the interventions cut the causes."""
    roots = [rv for rv in model.observed_RVs if rv not in wanted]
    roots += [model.rvs_to_values[rv] for rv in roots]
    roots += [value for value in wanted.values() if isinstance(value, Variable)]
    needed = set(ancestors(roots, blockers=list(wanted)))
    return {v for v in model.named_vars.values() if v in needed}


def change_value_transforms(model: Model, vars_to_transforms: Mapping[Any, Any]) -> Model:
    """Copy a model with other transforms of some free variables.

    Parameters
    ----------
    model : Model
        The model; it is not changed.
    vars_to_transforms : mapping of (str or TensorVariable) to (Transform or None)
        None leaves a variable in its own space.

    Returns
    -------
    Model

    Raises
    ------
    UnknownNameError
        When the model has no such variable.
    ModelError
        When a variable is not free, or what is given is no transform.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.HalfNormal("x", 1)
    >>> rf.change_value_transforms(model, {x: None}).value_vars
    [x]
    """
    wanted = named_in(model, vars_to_transforms, "change_value_transforms")
    for variable, transform in wanted.items():
        if variable not in model.free_RVs:
            raise ModelError(
                f"{variable.name!r} is not a free random variable, so it has no transform; the "
                f"free ones are {', '.join(str(rv.name) for rv in model.free_RVs)}"
            )
        if transform is not None and not hasattr(transform, "log_jac_det"):
            raise ModelError(
                f"the transform of {variable.name!r} must be a Transform, for example "
                f"rufous.distributions.transforms.log, or None; got {transform!r}"
            )
    rebuilder = Rebuilder(model)
    rebuilder.transforms.update(wanted)
    for variable in model.named_vars.values():
        rebuilder.add(variable)
    return rebuilder.finish()


def remove_value_transforms(model: Model, vars: Any = None) -> Model:
    """Copy a model with free variables left in their own space.

    Parameters
    ----------
    model : Model
        The model; it is not changed.
    vars : sequence of (str or TensorVariable), optional
        Which; default all that are transformed.

    Returns
    -------
    Model

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.HalfNormal("x", 1)
    >>> rf.remove_value_transforms(model).value_vars
    [x]
    """
    if vars is None:
        vars = [rv for rv in model.free_RVs if model.rvs_to_transforms[rv] is not None]
    elif isinstance(vars, str | Variable):
        vars = [vars]
    return change_value_transforms(model, dict.fromkeys(vars))
