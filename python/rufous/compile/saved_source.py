"""What a loaded plan answers without its model: other data, starting points, the likelihood."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import ArrayLike

from rufous._core import NativeModel
from rufous._typing import Array, FloatArray, RandomSeed
from rufous.compile.compiled_model import CompiledModel
from rufous.compile.plan_program import Labelled, PlanProgram, layout_of
from rufous.errors import ShapeError, UnknownNameError
from rufous.layout import Layout

__all__ = ["SavedSource"]


@dataclass(frozen=True, eq=False)
class SavedSource:
    """A plan with its names and one set of data.

    Parameters
    ----------
    program : PlanProgram
        The plan.
    data : mapping of str to ndarray
        Values of the data by name.
    dims : mapping of str to tuple of (str or None)
        Dims of the data.
    lengths : mapping of str to ndarray
        Lengths that are no dims of data, as :meth:`PlanProgram.bind` wants them.
    labels : mapping of str to ndarray or None
        Labels of the dims; None for 0, 1, 2, ...
    observed : mapping of str to (str or ndarray)
        For each observed variable the data that it was observed as, or a fixed array.
    start : mapping of str to ndarray
        The initial values of the model, by unconstrained name.
    """

    program: PlanProgram
    data: Mapping[str, Array]
    dims: Mapping[str, tuple[str | None, ...]]
    lengths: Mapping[str, Array]
    labels: Mapping[str, Array | None]
    observed: Mapping[str, Labelled | tuple[Labelled, Array]] = field(default_factory=dict)
    start: Mapping[str, Array] = field(default_factory=dict)

    @cached_property
    def bound(self) -> NativeModel:
        """The plan with the data."""
        return self.program.bind({**self.data, **self.lengths})

    @cached_property
    def unconstrained(self) -> Layout:
        """The free variables in a position, with these data."""
        return layout_of(self.program.parameters, self.bound.parameter_shapes)

    def initial_point(self, random_seed: RandomSeed) -> FloatArray:
        """Return the saved initial values; zero, or the one value there was, for other shapes."""
        return self.position_from({}, random_seed)

    def position_from(
        self, initvals: Mapping[str, ArrayLike], random_seed: RandomSeed
    ) -> FloatArray:
        """Return the position of unconstrained values, and of the saved ones for the others."""
        for name in initvals:
            if name not in self.start:
                raise UnknownNameError(
                    f"`initvals` has {name!r}; a loaded plan knows no transforms and takes "
                    f"unconstrained values only, by the names {sorted(self.start)}"
                )
        values = {spec.name: self._start(spec.name, spec.shape) for spec in self.unconstrained}
        return self.unconstrained.ravel(
            {**values, **{name: np.asarray(v, float) for name, v in initvals.items()}}
        )

    def _start(self, name: str, shape: tuple[int, ...]) -> Array:
        saved = self.start[name]
        if saved.shape == shape:
            return saved
        same = saved.size > 0 and bool((saved == saved.flat[0]).all())
        return np.full(shape, saved.flat[0] if same else 0.0)

    def log_likelihood(self, position: FloatArray) -> dict[str, Array]:
        """Return the log likelihood of each observation by the name of the observed variable."""
        layout = layout_of(self.program.pointwise, self.bound.pointwise_shapes)
        return dict(layout.unravel(self.bound.pointwise(position)))

    def explain_start(self, position: FloatArray) -> str:
        """Say what is not finite; which term it is takes the model."""
        value, gradient = self.bound.target().logp_dlogp(position)
        bad = [
            spec.name for spec in self.unconstrained if not np.isfinite(gradient[spec.slice]).all()
        ]
        return (
            f"the log density is {value}, and its slope is not finite for {bad or 'none'}; the "
            "model itself, rather than its saved plan, says which term it is"
        )

    def explain(self) -> str:
        """Say what a gradient runs."""
        return f"evaluator 'native' ({self.bound.isa}), a saved plan\n{self.bound.describe()}"

    def attrs(self) -> dict[str, str]:
        """Say what a result should record of who computed its log density."""
        return {"evaluator_isa": self.bound.isa}

    def bind(
        self, data: Mapping[str, ArrayLike], coords: Mapping[str, Sequence[object]] | None
    ) -> CompiledModel:
        """Return the same plan on other data."""
        values = {**self.data, **{name: self._converted(name, data[name]) for name in data}}
        labels = {**self.labels}
        lengths = {**self.lengths}
        for name in data:
            for dim, n in zip(self.dims[name], values[name].shape, strict=True):
                if dim is not None and int(lengths[f"dim:{dim}"]) != n:
                    self._check_resizable(dim, int(lengths[f"dim:{dim}"]), n)
                    lengths[f"dim:{dim}"] = np.asarray(n)
                    labels[dim] = None
        for dim, given in (coords or {}).items():
            if dim not in labels:
                raise UnknownNameError(f"no dim named {dim!r}; the plan has {sorted(labels)}")
            labels[dim] = np.asarray(given)
        return replace(self, data=values, lengths=lengths, labels=labels).compiled()

    def _converted(self, name: str, value: ArrayLike) -> Array:
        if name not in self.data:
            raise UnknownNameError(f"no data named {name!r}; the plan has {sorted(self.data)}")
        known, array = self.data[name], np.asarray(value)
        if array.ndim != known.ndim or 0 in array.shape:
            raise ShapeError(
                f"data {name!r} has {known.ndim} axes, none of them empty, got shape {array.shape}"
            )
        if not np.can_cast(array.dtype, known.dtype, "same_kind"):
            raise ShapeError(f"data {name!r} holds {known.dtype} in the plan, got {array.dtype}")
        return array.astype(known.dtype, copy=False)

    def _check_resizable(self, dim: str, old: int, new: int) -> None:
        if dim not in self.program.resizable or self.program.follows_data:
            raise ShapeError(
                f"dim {dim!r} has length {old} and cannot become {new}: its length is part of "
                "the saved plan; bind the model itself"
            )

    def compiled(self) -> CompiledModel:
        """Put the data behind the plan and describe the result.

        Raises
        ------
        ShapeError
            When lengths do not fit each other.
        """
        self._check_lengths()
        stored = layout_of(self.program.stored, self.bound.stored_shapes)
        observed = {
            name: (self.data[entry.name], entry.dims)
            if isinstance(entry, Labelled)
            else (entry[1], entry[0].dims)
            for name, entry in self.observed.items()
        }
        used = {e.name for e in self.observed.values() if isinstance(e, Labelled)}
        return CompiledModel(
            target=self.bound.target(),
            unconstrained=self.unconstrained,
            stored=stored,
            coords=self._coords(),
            observed_data=observed,
            constant_data={
                name: (array, self.dims[name])
                for name, array in self.data.items()
                if name not in used
            },
            evaluator="native",
            source=self,
        )

    def _check_lengths(self) -> None:
        for name, array in self.data.items():
            for dim, n in zip(self.dims[name], array.shape, strict=True):
                wanted = n if dim is None else int(self.lengths[f"dim:{dim}"])
                if wanted != n:
                    raise ShapeError(
                        f"dim {dim!r} has length {wanted}, and data {name!r} length {n}; give all "
                        "data of a dim together"
                    )

    def _coords(self) -> dict[str, Array]:
        coords = {}
        for dim, labels in self.labels.items():
            n = int(self.lengths[f"dim:{dim}"])
            coords[dim] = np.arange(n) if labels is None else labels
            if len(coords[dim]) != n:
                raise ShapeError(f"dim {dim!r} has {len(coords[dim])} labels and length {n}")
        return coords
