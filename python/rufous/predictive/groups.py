"""What prior and posterior predictive sampling share: names, and data for the results."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rufous.errors import ModelError, UnknownNameError
from rufous.model.names import known_names
from rufous.results import GroupSpec

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array
    from rufous.model.model import Model

__all__ = ["data_groups", "dims_of", "named_variables"]


def named_variables(
    model: Model, var_names: Any, argument: str = "var_names"
) -> list[TensorVariable] | None:
    """Look up the variables to draw.

    Parameters
    ----------
    model : Model
        The model.
    var_names : str, sequence of str, or None
        As the user wrote it.
    argument : str, default "var_names"
        Its name, for messages.

    Returns
    -------
    list of TensorVariable, or None
        Random variables and deterministics; None for None.

    Raises
    ------
    UnknownNameError
        When the model has no such variable.
    """
    if var_names is None:
        return None
    names = [var_names] if isinstance(var_names, str) else var_names
    if not isinstance(names, list | tuple | set | frozenset):
        raise ModelError(f"{argument} must be a name or a list of names, got {var_names!r}")
    possible = {str(v.name): v for v in [*model.basic_RVs, *model.deterministics]}
    found = []
    for name in names:
        full = name if name in possible else model.name_for(str(name))
        if full not in possible:
            raise UnknownNameError(
                f"{argument} has {name!r}, no random variable or deterministic of the model; "
                f"{known_names(str(name), possible)}"
            )
        found.append(possible[full])
    if not found:
        raise ModelError(f"{argument} is empty; name a variable, or leave it out")
    return list(dict.fromkeys(found))


def dims_of(model: Model, variables: Sequence[TensorVariable]) -> dict[str, Any]:
    """Return the dims of the variables that have any, by name."""
    return {
        str(v.name): model.named_vars_to_dims[str(v.name)]
        for v in variables
        if str(v.name) in model.named_vars_to_dims
    }


def data_groups(model: Model) -> dict[str, GroupSpec]:
    """Return the groups of observed and constant data.

    Data that were left behind when others were exchanged do not fit the dims any more, and have no
    place next to draws for the new ones.
    """
    return {
        "observed_data": _group(model, model.observed_arrays()),
        "constant_data": _group(model, model.constant_arrays()),
    }


def _group(model: Model, arrays: Any) -> GroupSpec:
    fitting = {name: pair for name, pair in arrays.items() if _fits(model, *pair)}
    return GroupSpec(
        {name: value for name, (value, _) in fitting.items()},
        {name: dims for name, (_, dims) in fitting.items()},
        sample_dims=(),
    )


def _fits(model: Model, value: Array, dims: tuple[str | None, ...]) -> bool:
    return all(
        dim is None or model.dim_length(dim) == length
        for dim, length in zip(dims, value.shape, strict=True)
    )
