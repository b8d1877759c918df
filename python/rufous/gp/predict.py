"""Values of graphs where the variables of the model have given values."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor.tensor as pt
from pytensor.graph.traversal import ancestors
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import SettingsError, ShapeError, UnknownNameError
from rufous.gp.inputs import shape_now
from rufous.model.arrays import to_array
from rufous.model.context import active_model
from rufous.model.names import known_names
from rufous.model.python_linker import run
from rufous.model.replace import Replacer

if TYPE_CHECKING:
    from rufous._typing import Array
    from rufous.model.model import Model

__all__ = ["replace_with_values"]


def replace_with_values(
    vars_needed: Sequence[Any],
    replacements: Mapping[str, Any] | None = None,
    model: Model | None = None,
) -> list[Array]:
    """Compute graphs with variables of the model replaced by values.

    Parameters
    ----------
    vars_needed : sequence of TensorVariable
        What to compute.
    replacements : mapping of str to array_like, optional
        Values of variables by name: a dict, or one draw of a posterior. Value variables such as
        ``ls_log__`` are passed over.
    model : Model, optional
        Default: the innermost open model.

    Returns
    -------
    list of ndarray

    Raises
    ------
    UnknownNameError
        When the model does not have a variable.
    SettingsError
        When a value that is needed is missing.
    ShapeError
        When a value has another shape than the variable.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     x = rf.Normal("x", 0, 1)
    ...     rf.gp.util.replace_with_values([2 * x], {"x": 3.0})
    [array(6.)]
    """
    owner = active_model(model, what="predict")
    point = {} if replacements is None else replacements
    if not isinstance(point, Mapping):
        raise SettingsError(
            f"`point` must map names of variables to values, got {type(point).__name__}"
        )
    replace = Replacer()
    ignored = {value.name for value in owner.value_vars}
    for name in point:
        variable = owner.named_vars.get(owner.name_for(name), owner.named_vars.get(name))
        if variable is not None:
            replace.set(variable, _constant(str(name), variable, point[name]))
        elif name not in ignored:
            raise UnknownNameError(
                f"`point` has a value of {name!r}, which is no variable of the model; "
                f"{known_names(str(name), owner.named_vars)}"
            )
    graphs = replace(list(vars_needed))
    _check_nothing_random(graphs)
    return run(graphs)


def _constant(name: str, variable: Any, value: Any) -> Any:
    array = to_array(value, f"the value of {name!r} in `point`")
    wanted = shape_now(variable)
    if len(array.shape) != len(wanted) or any(
        None not in (n, m) and n != m for n, m in zip(array.shape, wanted, strict=True)
    ):
        raise ShapeError(
            f"the value of {name!r} in `point` has shape {array.shape}, but the variable has "
            f"{wanted}; give one draw, without the axes of chains and draws"
        )
    return pt.constant(np.asarray(array, dtype=variable.dtype))


def _check_nothing_random(graphs: list[Any]) -> None:
    missing = sorted(
        {
            str(variable.name)
            for variable in ancestors(graphs)
            if variable.owner is not None
            and isinstance(variable.owner.op, RandomVariable)
            # Not the state of the generator, which is the first output.
            and variable is variable.owner.outputs[1]
        }
    )
    if missing:
        raise SettingsError(
            f"values for {', '.join(missing)} must be included in `point`, for example "
            f"point={{{missing[0]!r}: ...}}; one draw is "
            "idata.posterior.isel(chain=0, draw=0)"
        )
