"""Likelihoods on part of the data: random rows at each evaluation, scaled to the whole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant, Variable
from pytensor.graph.traversal import ancestors
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import ModelError, SettingsError, ShapeError
from rufous.model.arrays import as_value

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

__all__ = [
    "Minibatch",
    "check_total_size",
    "is_minibatch",
    "is_minibatch_index",
    "refuse_total_size",
    "scale_of",
]


class MinibatchIndexRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """Which rows a minibatch has: whole numbers below the number of rows."""

    name = "minibatch_index"
    signature = "()->()"
    dtype = "int64"
    _print_name = ("MinibatchIndex", "\\operatorname{MinibatchIndex}")

    @classmethod
    def rng_fn(cls, rng: Any, rows: Any, size: Any) -> Any:
        """Draw rows with replacement."""
        return rng.integers(rows, size=size)


_minibatch_index = MinibatchIndexRV()


def Minibatch(variable: Any, *variables: Any, batch_size: int) -> Any:
    """Take random rows of data, others at each evaluation of the model.

    Parameters
    ----------
    variable, *variables : array_like or Data
        Data with the same length along the first axis: the same rows are taken of each.
    batch_size : int
        How many rows, at least 1.

    Returns
    -------
    TensorVariable or tuple of TensorVariable
        The rows; for ``observed=`` together with ``total_size=``, and for predictors.

    Raises
    ------
    SettingsError
        When `batch_size` is no positive integer, or data are random or scalar.
    ShapeError
        When the data differ in length.

    Notes
    -----
    Rows are drawn with replacement. The log density is then random, an unbiased estimate of that
    of all the data: for variational inference, not for sampling, which refuses it.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> x, y = np.arange(1000.0), np.arange(1000.0)
    >>> few_x, few_y = rf.Minibatch(x, y, batch_size=10)
    >>> with rf.Model() as model:
    ...     slope = rf.Normal("slope", 0, 1)
    ...     rows = rf.Normal("rows", slope * few_x, 1, observed=few_y, total_size=1000)
    >>> model.shape_of("rows")
    (10,)
    """
    if isinstance(batch_size, bool) or not isinstance(batch_size, int | np.integer):
        raise SettingsError(f"`batch_size` must be a positive integer, got {batch_size!r}")
    if batch_size < 1:
        raise SettingsError(f"`batch_size` must be a positive integer, got {batch_size!r}")
    tensors = [_checked(each) for each in (variable, *variables)]
    lengths = [_rows(each) for each in tensors]
    known = {n for n in lengths if n is not None}
    if len(known) > 1:
        raise ShapeError(
            f"the data of a Minibatch must have the same number of rows, got {sorted(known)}; "
            "the same rows are taken of each"
        )
    rng = pytensor.shared(np.random.default_rng())
    rows = pt.cast(tensors[0].shape[0], "int64")
    index = _minibatch_index.make_node(rng, pt.constant([int(batch_size)]), rows).outputs[1]
    taken = tuple(each[index] for each in tensors)
    for part, whole in zip(taken, tensors, strict=True):
        part.name = None if whole.name is None else f"{whole.name}_minibatch"
    return taken if variables else taken[0]


def _checked(value: Any) -> TensorVariable:
    tensor = as_value(value, "the data of a Minibatch")
    if tensor.type.ndim == 0:
        raise SettingsError("the data of a Minibatch must have rows, got a single number")
    for each in ancestors([tensor]):
        if each.owner is None and not isinstance(each, Constant | SharedVariable):
            raise SettingsError(f"the data of a Minibatch depend on the input {each}")
        if each.owner is not None and isinstance(each.owner.op, RandomVariable):
            raise SettingsError(
                "the data of a Minibatch must be numbers or Data, not random variables"
            )
    return tensor


def _rows(tensor: TensorVariable) -> int | None:
    if isinstance(tensor, SharedVariable):
        return int(tensor.get_value(borrow=True).shape[0])
    length = tensor.type.shape[0]
    return None if length is None else int(length)


def is_minibatch(variable: Variable) -> bool:
    """Tell whether a graph takes random rows of data."""
    return any(is_minibatch_index(each) for each in ancestors([variable]))


def is_minibatch_index(variable: Variable) -> bool:
    """Tell whether a variable says which rows a minibatch has."""
    return variable.owner is not None and isinstance(variable.owner.op, MinibatchIndexRV)


def check_total_size(name: str, total_size: Any, data: TensorVariable | None) -> None:
    """Refuse a total size that is no length, or comes without data."""
    if total_size is None:
        return
    if data is None:
        raise ModelError(
            f"total_size= of {name!r} says how many data the observed ones stand for, but "
            f"{name!r} is not observed; pass observed= too, or leave total_size out"
        )
    sizes = total_size if isinstance(total_size, list | tuple) else [total_size]
    for size in sizes:
        whole = isinstance(size, int | np.integer) and not isinstance(size, bool) and size > 0
        if not (whole or size is None or size is Ellipsis or isinstance(size, Variable)):
            raise ModelError(
                f"total_size of {name!r} must be a positive integer, or a list of them with one "
                f"per axis (None for a whole axis), got {total_size!r}"
            )
    if len([s for s in sizes if s is not Ellipsis]) > data.type.ndim:
        raise ModelError(
            f"total_size of {name!r} has {len(sizes)} entries, its data {data.type.ndim} axes; "
            "give at most one per axis"
        )


def refuse_total_size(name: str, total_size: Any) -> None:
    """Refuse a total size where part of the data is missing."""
    if total_size is not None:
        raise ModelError(
            f"{name!r} has total_size= and missing data, which are imputed; leave those rows out"
        )


def scale_of(total_size: Any, value: TensorVariable) -> TensorVariable:
    """Return the factor by which the log density of a part of the data is multiplied.

    Parameters
    ----------
    total_size : int, or list of (int, None or Ellipsis)
        Lengths of the whole along the first axes; after an Ellipsis along the last.
    value : TensorVariable
        The data that are there.
    """
    sizes = list(total_size) if isinstance(total_size, list | tuple) else [total_size]
    if value.type.ndim == 0:
        return pt.cast(pt.as_tensor(sizes[0]), "float64")
    split = sizes.index(Ellipsis) if Ellipsis in sizes else len(sizes)
    front, back = sizes[:split], sizes[split + 1 :]
    axes = [*range(len(front)), *range(-len(back), 0)]
    factor = pt.constant(1.0)
    for axis, size in zip(axes, [*front, *back], strict=True):
        if size is not None:
            length = pt.cast(value.shape[axis], "float64")
            factor = factor * (pt.cast(pt.as_tensor(size), "float64") / length)
    return factor
