"""Checks of a whole model: names that are free, variables that belong, data that fit."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import ModelError, ShapeError
from rufous.model.names import check_name
from rufous.model.subsampling import is_minibatch_index

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable

    from rufous.model.model import Model

__all__ = ["check_dims", "check_members", "check_new_name", "check_observed_shapes"]


def check_new_name(model: Model, name: Any) -> str:
    """Return the full name for a new variable, or refuse it.

    Raises
    ------
    ModelError
        When it is not a name, or is taken by a variable or a dim.
    """
    full = model.name_for(check_name(name, "a variable"))
    if full in model.root.named_vars:
        raise ModelError(f"there is a variable named {full!r} already; names must be unique")
    if full in model.coords:
        raise ModelError(
            f"{full!r} is the name of a dim; give the variable another name, as results keep both"
        )
    return full


def check_members(model: Model, graph: Variable, name: str, *, unnamed: bool = False) -> None:
    """Refuse an expression made of random variables that the model does not have.

    Parameters
    ----------
    model : Model
        The model.
    graph : Variable
        The expression.
    name : str
        Name of what is made of it, for the message.
    unnamed : bool, default False
        Let variables made with ``.dist()`` pass.
    """
    known = model.root.rvs_to_values
    todo: list[Variable] = [graph]
    seen = set()
    while todo:
        variable = todo.pop()
        if variable in seen or variable in known:
            continue
        seen.add(variable)
        if variable.owner is None:
            if not isinstance(variable, Constant | SharedVariable):
                raise ModelError(
                    f"{name!r} depends on the symbolic input {variable}, which has no value; "
                    "write it as Data, or as a variable of the model"
                )
            continue
        if isinstance(variable.owner.op, RandomVariable) and not is_minibatch_index(variable):
            if unnamed and variable.name is None:
                todo.extend(variable.owner.op.dist_params(variable.owner))
                continue
            label = f" {variable.name!r}" if variable.name else " made with .dist()"
            raise ModelError(
                f"{name!r} depends on a random variable{label} that is not part of this model; "
                "write it in the model, with a name"
            )
        todo.extend(variable.owner.inputs)


def check_observed_shapes(model: Model) -> None:
    """Refuse observed data that no longer have the shape of their variable.

    Raises
    ------
    ShapeError
        Names the variable and both shapes.
    """
    for rv in model.observed_RVs:
        data, shape = model.shape_of(model.rvs_to_values[rv]), model.shape_of(rv)
        if data != shape:
            raise ShapeError(
                f"observed data of {rv.name!r} have shape {data}, but its parameters and dims now "
                f"give shape {shape}; exchange all data of those rows in one set_data call"
            )


def check_dims(model: Model, names: Sequence[str] | None = None) -> None:
    """Refuse variables whose shape no longer is that of their dims.

    Parameters
    ----------
    model : Model
        The model.
    names : sequence of str, optional
        Which variables; default all.

    Raises
    ------
    ShapeError
        Names the variable, the dim and both lengths.
    """
    for name in model.named_vars if names is None else names:
        for axis, dim in enumerate(model.named_vars_to_dims.get(name, ())):
            length = model.shape_of(name)[axis]
            if dim is not None and model.dim_length(dim) != length:
                raise ShapeError(
                    f"{name!r} has length {length} on axis {axis}, but dim {dim!r} now has length "
                    f"{model.dim_length(dim)}; exchange all data along it in one set_data call"
                )
