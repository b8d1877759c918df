"""Names, shapes, dims and flat slices of variables packed in one vector."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from math import prod

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rufous.errors import ShapeError, UnknownNameError

__all__ = ["Layout", "VariableSpec"]


@dataclass(frozen=True, slots=True)
class VariableSpec:
    """One variable inside a flat vector.

    Parameters
    ----------
    name : str
        Name of the variable.
    shape : tuple of int
        Shape; ``()`` for a scalar.
    start : int
        Index of its first element in the flat vector.
    dims : tuple of (str or None)
        One dim per axis; None for an axis without a dim.
    dtype : numpy.dtype, default float64
        Type that the values have outside the flat vector.
    """

    name: str
    shape: tuple[int, ...]
    start: int
    dims: tuple[str | None, ...] = ()
    dtype: np.dtype[np.generic] = np.dtype(np.float64)  # noqa: RUF009 - a dtype is immutable

    @property
    def size(self) -> int:
        """Number of elements."""
        return prod(self.shape)

    @property
    def slice(self) -> slice:
        """Where the elements lie in the flat vector (row-major order)."""
        return slice(self.start, self.start + self.size)


@dataclass(frozen=True)
class Layout:
    """The bijection between a dict of arrays and one flat vector.

    Parameters
    ----------
    variables : tuple of VariableSpec
        In the order of the vector, without gaps.

    Raises
    ------
    ShapeError
        When two variables have the same name, overlap or leave a gap, or when the dims of one do
        not match its shape.

    Examples
    --------
    >>> import numpy as np
    >>> from rufous.layout import Layout
    >>> layout = Layout.from_shapes({"mu": (), "theta": (2,)})
    >>> layout.ravel({"mu": 1.0, "theta": [2.0, 3.0]})
    array([1., 2., 3.])
    >>> layout.unravel(np.array([1.0, 2.0, 3.0]))["theta"]
    array([2., 3.])
    """

    variables: tuple[VariableSpec, ...]

    def __post_init__(self) -> None:
        start = 0
        names = set()
        for spec in self.variables:
            if spec.name in names:
                raise ShapeError(f"the layout has two variables named {spec.name!r}")
            if spec.start != start:
                raise ShapeError(
                    f"variable {spec.name!r} starts at {spec.start}, the one before ends at {start}"
                )
            if spec.dims and len(spec.dims) != len(spec.shape):
                raise ShapeError(
                    f"variable {spec.name!r} has shape {spec.shape}, but dims {spec.dims}"
                )
            names.add(spec.name)
            start += spec.size

    @classmethod
    def from_shapes(
        cls,
        shapes: Mapping[str, tuple[int, ...]],
        dims: Mapping[str, tuple[str | None, ...]] | None = None,
        dtypes: Mapping[str, np.dtype[np.generic]] | None = None,
    ) -> Layout:
        """Lay variables out one after the other.

        Parameters
        ----------
        shapes : mapping of str to tuple of int
            Shape of each variable; its order is that of the vector.
        dims : mapping of str to tuple of (str or None), optional
            Dims of those that have any.
        dtypes : mapping of str to numpy.dtype, optional
            Types of those that are not float64.

        Returns
        -------
        Layout
        """
        specs, start = [], 0
        for name, shape in shapes.items():
            spec = VariableSpec(
                name,
                tuple(shape),
                start,
                (dims or {}).get(name) or (None,) * len(shape),
                np.dtype((dtypes or {}).get(name, np.float64)),
            )
            specs.append(spec)
            start += spec.size
        return cls(tuple(specs))

    @cached_property
    def size(self) -> int:
        """Length of the flat vector."""
        return sum(spec.size for spec in self.variables)

    @cached_property
    def _by_name(self) -> dict[str, VariableSpec]:
        return {spec.name: spec for spec in self.variables}

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the variables, in order."""
        return tuple(self._by_name)

    def __iter__(self) -> Iterator[VariableSpec]:
        return iter(self.variables)

    def __len__(self) -> int:
        return len(self.variables)

    def __contains__(self, name: object) -> bool:
        return name in self._by_name

    def __getitem__(self, name: str) -> VariableSpec:
        try:
            return self._by_name[name]
        except KeyError:
            known = ", ".join(self._by_name) or "none"
            raise UnknownNameError(f"no variable named {name!r}; there are: {known}") from None

    def ravel(self, values: Mapping[str, ArrayLike]) -> NDArray[np.float64]:
        """Pack a dict of arrays into one vector.

        Parameters
        ----------
        values : mapping of str to array_like
            One entry per variable, each of exactly its shape.

        Returns
        -------
        ndarray, shape (size,)

        Raises
        ------
        UnknownNameError
            When a variable is missing or unknown.
        ShapeError
            When a value has another shape than its variable.
        """
        for name in values:
            self[name]
        vector = np.empty(self.size)
        for spec in self.variables:
            if spec.name not in values:
                raise UnknownNameError(f"no value was given for variable {spec.name!r}")
            value = np.asarray(values[spec.name], dtype=np.float64)
            if value.shape != spec.shape:
                raise ShapeError(
                    f"value of {spec.name!r} has shape {value.shape}, the variable {spec.shape}"
                )
            vector[spec.slice] = value.ravel()
        return vector

    def unravel(self, vectors: NDArray[np.float64]) -> dict[str, NDArray[np.generic]]:
        """Take vectors apart.

        Parameters
        ----------
        vectors : ndarray, shape (..., size)
            One vector or any batch of them, for example (chain, draw, size).

        Returns
        -------
        dict of str to ndarray
            Arrays of shape (..., shape of the variable) in its dtype; views where that is float64.

        Raises
        ------
        ShapeError
            When the last axis does not have the length of the layout.
        """
        if vectors.shape[-1:] != (self.size,):
            raise ShapeError(
                f"the last axis must have length {self.size}, got shape {vectors.shape}"
            )
        batch = vectors.shape[:-1]
        return {
            spec.name: vectors[..., spec.slice]
            .reshape(batch + spec.shape)
            .astype(spec.dtype, copy=False)
            for spec in self.variables
        }
