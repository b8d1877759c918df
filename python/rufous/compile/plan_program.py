"""A plan of the native evaluator with the names of its parts; nothing here needs PyTensor."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rufous._core import NativeModel, NativePlan
from rufous._typing import Array
from rufous.layout import Layout, VariableSpec

__all__ = ["Labelled", "PlanProgram", "layout_of"]


@dataclass(frozen=True)
class Labelled:
    """What is known of an output of a plan before its shape is.

    Parameters
    ----------
    name : str
        Name of the variable.
    dims : tuple of (str or None)
        One dim per axis; empty where none is named.
    dtype : numpy.dtype
        Type that the values have outside the evaluator.
    """

    name: str
    dims: tuple[str | None, ...] = ()
    dtype: np.dtype[np.generic] = np.dtype(np.float64)  # noqa: RUF009 - a dtype is immutable


@dataclass(frozen=True, eq=False)
class PlanProgram:
    """A plan, where each array that it wants comes from, and the names of what it computes.

    Parameters
    ----------
    plan : NativePlan
        The model without data.
    sources : tuple of str or ndarray
        For each array the name of the data it is, or its fixed value.
    parameters, stored, pointwise : tuple of Labelled
        The free variables, the stored ones, and the observed ones.
    axes : tuple of tuple of tuple (str or None, int)
        For each axis of each free variable the name of the length that it has, as in `values` of
        :meth:`bind`, and a number to be added.
    resizable : frozenset of str
        Dims whose length is given with the data.
    """

    plan: NativePlan
    sources: tuple[str | Array, ...]
    parameters: tuple[Labelled, ...]
    stored: tuple[Labelled, ...]
    pointwise: tuple[Labelled, ...]
    axes: tuple[tuple[tuple[str | None, int], ...], ...]
    resizable: frozenset[str]

    @property
    def follows_data(self) -> bool:
        """Whether the length of a free variable follows from data other than by a dim."""
        return any(
            name is not None and name.startswith("axis:") for own in self.axes for name, _ in own
        )

    def parameter_shapes(self, values: Mapping[str, Array]) -> dict[str, tuple[int, ...]]:
        """Shapes of the free variables for these lengths, by name."""
        return {
            member.name: tuple(n if name is None else int(values[name]) + n for name, n in axes)
            for member, axes in zip(self.parameters, self.axes, strict=True)
        }

    def bind(self, values: Mapping[str, Array]) -> NativeModel:
        """Put data behind the plan.

        Parameters
        ----------
        values : mapping of str to ndarray
            The data by name, lengths of dims as ``"dim:name"``, other lengths of free variables
            as ``"axis:name:number"``.

        Returns
        -------
        NativeModel

        Raises
        ------
        ShapeError
            When the data do not fit the model or each other.
        """
        given = [values[s] if isinstance(s, str) else s for s in self.sources]
        return self.plan.bind([np.asarray(a, dtype=np.float64, order="C") for a in given])


def layout_of(members: Sequence[Labelled], shapes: Sequence[Sequence[int]]) -> Layout:
    """Lay variables out one after the other in shapes that binding has found."""
    specs, start = [], 0
    for member, shape in zip(members, shapes, strict=True):
        dims = member.dims or (None,) * len(shape)
        specs.append(VariableSpec(member.name, tuple(shape), start, dims, member.dtype))
        start += specs[-1].size
    return Layout(tuple(specs))
