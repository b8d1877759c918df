"""Variables that are not drawn: deterministics and potentials."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rufous.model.arrays import as_value, welcome_arrays
from rufous.model.context import active_model
from rufous.model.dims import normalize_dims
from rufous.model.shapes import check_dims_fit

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Dims
    from rufous.model.model import Model

__all__ = ["Deterministic", "Potential"]


def Deterministic(
    name: str, var: Any, dims: Dims | None = None, *, model: Model | None = None
) -> TensorVariable:
    """Give a name to an expression, so that its value is stored with every draw.

    Parameters
    ----------
    name : str
        Name of the variable.
    var : TensorVariable or array_like
        The expression.
    dims : str or tuple of (str or None), optional
        One dim per axis.
    model : Model, optional
        Default: the innermost open model.

    Returns
    -------
    TensorVariable
        The named variable.

    Raises
    ------
    ModelError
        Outside any model, or for a name that is taken.
    ShapeError
        When the expression does not have the lengths of its dims.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Normal("x", 0, 1)
    ...     y = rf.Deterministic("y", 2 * x)
    >>> [v.name for v in model.deterministics]
    ['y']
    """
    owner = active_model(model, what=f"Deterministic {name!r}")
    full_name, expression, named = _checked(name, var, dims, owner, "Deterministic")
    result = expression.copy(name=full_name)
    return owner.register_deterministic(result, name, dims=named)


def Potential(
    name: str, var: Any, dims: Dims | None = None, *, model: Model | None = None
) -> TensorVariable:
    """Add a term to the log density of the model.

    Parameters
    ----------
    name : str
        Name of the term.
    var : TensorVariable or array_like
        The term; the sum of its elements is added. -inf excludes a region.
    dims : str or tuple of (str or None), optional
        One dim per axis.
    model : Model, optional
        Default: the innermost open model.

    Returns
    -------
    TensorVariable
        The named term, float64.

    Raises
    ------
    ModelError
        Outside any model, or for a name that is taken.
    ShapeError
        When the term does not have the lengths of its dims.

    Notes
    -----
    Draws from the prior and predictive draws do not know of potentials.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Normal("x", 0, 1, shape=2)
    ...     pull = rf.Potential("pull", -((x[0] - x[1]) ** 2))
    >>> [v.name for v in model.potentials]
    ['pull']
    """
    owner = active_model(model, what=f"Potential {name!r}")
    full_name, expression, named = _checked(name, var, dims, owner, "Potential")
    if expression.dtype != "float64":
        expression = expression.astype("float64")
    return owner.register_potential(expression.copy(name=full_name), name, dims=named)


def _checked(
    name: str, var: Any, dims: Dims | None, model: Model, what: str
) -> tuple[str, TensorVariable, tuple[str | None, ...] | None]:
    welcome_arrays()
    full_name = model.check_new_name(name)
    expression = as_value(var, f"{what} {full_name!r}")
    named = normalize_dims(dims, full_name)
    check_dims_fit(full_name, model.shape_of(expression), named, model, what)
    return full_name, expression, named
