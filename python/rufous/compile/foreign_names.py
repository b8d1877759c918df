"""Names, shapes, dims and coords of a foreign log density, checked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np

from rufous._typing import Array, Dims
from rufous.errors import SettingsError, ShapeError, UnknownNameError
from rufous.layout import Layout

__all__ = ["Variables", "checked_coords", "position_layout", "stored_layout"]

#: Names of scalars, or the shape of each variable by name.
Variables: TypeAlias = Sequence[str] | Mapping[str, int | Sequence[int]]


def position_layout(dim: int, variables: Variables | None) -> Layout:
    """Lay out the variables in a position of `dim` elements.

    Raises
    ------
    SettingsError
        When `variables` is neither kind, empty, or repeats a name.
    ShapeError
        When the variables do not fill the position.
    """
    layout = _layout("variables", {"x": dim} if variables is None else variables, None)
    if layout.size != dim:
        raise ShapeError(f"`variables` hold {layout.size} elements in all, but `dim` is {dim}.")
    return layout


def stored_layout(
    unconstrained: Layout,
    stored: Variables | None,
    dims: Mapping[str, Dims] | None,
    *,
    has_expand: bool,
) -> Layout:
    """Lay out the stored variables: those of the position, unless `expand` writes others.

    Raises
    ------
    SettingsError
        When `stored` is there without `expand` or missing with it, or is of the wrong kind.
    ShapeError
        When `dims` do not fit the shapes.
    UnknownNameError
        When `dims` names a variable that is not stored.
    """
    if stored is not None and not has_expand:
        raise SettingsError(
            "`stored` names what `expand` writes; without `expand` leave it out: the `variables` "
            "are stored."
        )
    if stored is None and has_expand:
        raise SettingsError(
            "`stored` must name the variables that `expand` writes, for example "
            "stored={'mu': (), 'theta': 8}."
        )
    if stored is not None:
        return _layout("stored", stored, dims)
    return _layout("variables", {spec.name: spec.shape for spec in unconstrained}, dims)


def checked_coords(
    layout: Layout, coords: Mapping[str, Sequence[Any] | Array] | None
) -> dict[str, Array]:
    """Check that each dim has one length, and that labels fit it.

    Returns
    -------
    dict of str to ndarray
        The labels.

    Raises
    ------
    ShapeError
        When a dim has two lengths.
    UnknownNameError
        When a coord belongs to no dim.
    """
    labels = {name: np.asarray(values) for name, values in (coords or {}).items()}
    lengths = {name: (len(values), "coords") for name, values in labels.items() if values.ndim == 1}
    for name in labels.keys() - lengths.keys():
        raise ShapeError(f"the coord {name!r} must be a sequence of labels")
    for spec in layout:
        for axis, length in zip(spec.dims, spec.shape, strict=True):
            if axis is None:
                continue
            known, where = lengths.setdefault(axis, (length, repr(spec.name)))
            if known != length:
                raise ShapeError(
                    f"dim {axis!r} has length {length} in {spec.name!r} but {known} in {where}"
                )
    unused = labels.keys() - {axis for spec in layout for axis in spec.dims}
    if unused:
        raise UnknownNameError(
            f"`coords` labels {', '.join(map(repr, sorted(unused)))}, "
            "which no stored variable has as a dim"
        )
    return labels


def _layout(argument: str, variables: Variables, dims: Mapping[str, Dims] | None) -> Layout:
    if isinstance(variables, str):
        raise SettingsError(
            f"`{argument}` must be a sequence of names or a mapping of names to shapes, "
            f"got the string {variables!r}; for one scalar write [{variables!r}]."
        )
    shapes = (
        {name: _shape(argument, name, shape) for name, shape in variables.items()}
        if isinstance(variables, Mapping)
        else dict.fromkeys(variables, ())
    )
    wrong = [name for name in shapes if not isinstance(name, str) or not name]
    if wrong:
        raise SettingsError(f"`{argument}` must name variables by strings, got {wrong[0]!r}.")
    if not shapes or len(shapes) != len(variables):
        problem = "a name is repeated" if shapes else "it is empty"
        raise SettingsError(f"`{argument}` must name each variable once, but {problem}.")
    return Layout.from_shapes(shapes, _axis_names(shapes, dims or {}))


def _shape(argument: str, name: str, shape: Any) -> tuple[int, ...]:
    lengths = tuple(shape) if isinstance(shape, Sequence) else (shape,)
    for length in lengths:
        if isinstance(length, bool) or not isinstance(length, int | np.integer) or length < 0:
            raise SettingsError(
                f"`{argument}`: the shape of {name!r} must be a tuple of lengths, () for a "
                f"scalar, got {shape!r}."
            )
    return tuple(int(length) for length in lengths)


def _axis_names(
    shapes: Mapping[str, tuple[int, ...]], dims: Mapping[str, Dims]
) -> dict[str, tuple[str | None, ...]]:
    named: dict[str, tuple[str | None, ...]] = {}
    for name, axes in dims.items():
        if name not in shapes:
            known = ", ".join(shapes)
            raise UnknownNameError(f"`dims` names {name!r}; stored variables are: {known}")
        named[name] = (axes,) if isinstance(axes, str) else tuple(axes)
        if len(named[name]) != len(shapes[name]):
            raise ShapeError(
                f"{name!r} has shape {shapes[name]} and so {len(shapes[name])} axes, but `dims` "
                f"gives {len(named[name])}: {named[name]}"
            )
    return named
