"""What compiling a model yields: native code, its data, and the names of everything in it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, NDArray

from rufous._typing import Array, FloatArray, RandomSeed
from rufous.errors import SettingsError, ShapeError
from rufous.layout import Layout, VariableSpec

if TYPE_CHECKING:
    from rufous._core import Target

__all__ = ["CompiledModel", "LabelledArray", "ModelSource"]

#: An array and the dim of each of its axes.
LabelledArray: TypeAlias = tuple[Array, tuple[str | None, ...]]


class ModelSource(Protocol):
    """What a compiled model still has to ask of the thing it was compiled from.

    Sampling needs none of this once it has a starting position. An implementation holds the data
    that the compiled model was bound to, whatever became of the model meanwhile.
    """

    def initial_point(self, random_seed: RandomSeed) -> FloatArray:
        """Return the unconstrained position at which chains start, before jitter."""
        ...

    def position_from(
        self, initvals: Mapping[str, ArrayLike], random_seed: RandomSeed
    ) -> FloatArray:
        """Return the position of the given values; what is left out starts as usual."""
        ...

    def explain(self) -> str:
        """Say who computes the log density, and how or why."""
        ...

    def attrs(self) -> Mapping[str, str]:
        """Say what a result should record of who computed its log density."""
        ...

    def log_likelihood(self, position: FloatArray) -> dict[str, Array]:
        """Return the log likelihood of each observation by the name of the observed variable."""
        ...

    def explain_start(self, position: FloatArray) -> str:
        """Say in words why the log density or its gradient is not finite at a position."""
        ...

    def bind(
        self, data: Mapping[str, ArrayLike], coords: Mapping[str, Sequence[object]] | None
    ) -> CompiledModel:
        """Return the same code on other data."""
        ...


@dataclass(frozen=True, eq=False, repr=False)
class CompiledModel:
    """A model as native code with its data: what samplers work on.

    Made by :func:`rufous.compile` and :func:`rufous.from_pointers`. It does not change when the
    model does; :meth:`bind` gives it other data.

    Parameters
    ----------
    target : rufous._core.Target
        The native log density and the native map from a position to the stored variables.
    unconstrained : Layout
        Names, shapes and places of the free variables in a position, in unconstrained form.
    stored : Layout
        Names, shapes, dims and types of the variables that sampling stores.
    coords : mapping of str to ndarray
        Labels of the dims.
    observed_data, constant_data : mapping of str to (ndarray, dims)
        What the model was conditioned on, for the groups of the result.
    evaluator : str
        What computes the log density: ``"native"``, ``"numba"``, or ``"pointer"`` for a foreign
        function.
    source : ModelSource
        Answers what needs the model itself: starting points, other data, explanations.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     mu = rf.Normal("mu", 0.0, 1.0)
    >>> compiled = rf.compile(model)
    >>> compiled.dim
    1
    >>> value, gradient = compiled.logp_dlogp(np.array([2.0]))
    >>> round(value, 4), gradient
    (-2.9189, array([-2.]))
    """

    target: Target
    unconstrained: Layout
    stored: Layout
    coords: Mapping[str, Array]
    observed_data: Mapping[str, LabelledArray]
    constant_data: Mapping[str, LabelledArray]
    evaluator: str
    source: ModelSource = field(compare=False)

    @property
    def dim(self) -> int:
        """Number of unconstrained parameters."""
        return self.unconstrained.size

    def logp_dlogp(self, position: ArrayLike) -> tuple[float, FloatArray]:
        """Compute the log density and its gradient.

        Parameters
        ----------
        position : array_like, shape (dim,)
            A point of the unconstrained space.

        Returns
        -------
        logdensity : float
            Including the log Jacobian determinants of the transforms. It may be infinite or not
            a number.
        gradient : ndarray, shape (dim,)
            Derivative of the log density with respect to the position.

        Raises
        ------
        ShapeError
            When `position` has another shape.
        """
        logdensity, gradient = self.target.logp_dlogp(self._checked(position))
        return logdensity, gradient

    def expand(self, position: ArrayLike) -> dict[str, NDArray[np.generic]]:
        """Compute the stored variables at a position.

        Parameters
        ----------
        position : array_like, shape (dim,)
            A point of the unconstrained space.

        Returns
        -------
        dict of str to ndarray
            One array per variable of `stored`, constrained, in its own shape and type.

        Raises
        ------
        ShapeError
            When `position` has another shape.
        """
        return self.stored.unravel(self.target.expand(self._checked(position)))

    def log_likelihood(self, position: ArrayLike) -> dict[str, Array]:
        """Compute the log likelihood of each observation.

        Parameters
        ----------
        position : array_like, shape (dim,)
            A point of the unconstrained space.

        Returns
        -------
        dict of str to ndarray
            One array per observed variable.

        Raises
        ------
        ShapeError
            When `position` has another shape.
        """
        return self.source.log_likelihood(self._checked(position))

    def initial_point(self, random_seed: RandomSeed = None) -> FloatArray:
        """Give the position at which chains start, before jitter.

        Parameters
        ----------
        random_seed : int, sequence of int, Generator, SeedSequence or None, default None
            Used only by variables whose initial value is drawn from their prior.

        Returns
        -------
        ndarray, shape (dim,)
        """
        return self.source.initial_point(random_seed)

    def position_from(
        self, initvals: Mapping[str, ArrayLike], random_seed: RandomSeed = None
    ) -> FloatArray:
        """Give the position that holds the given values.

        Parameters
        ----------
        initvals : mapping of str to array_like
            By variable name: a value on the scale of the model, which goes through the transform.
            By name of the unconstrained value (``"sigma_log__"``): the value itself.
            Variables left out take their usual initial value.
        random_seed : int, sequence of int, Generator, SeedSequence or None, default None
            As in :meth:`initial_point`.

        Returns
        -------
        ndarray, shape (dim,)

        Raises
        ------
        UnknownNameError
            For a name that is no free variable.
        ShapeError
            When a value has another shape than its variable.
        ModelError
            When a value lies outside the support of its variable.
        """
        return self.source.position_from(initvals, random_seed)

    def bind(
        self,
        data: Mapping[str, ArrayLike],
        coords: Mapping[str, Sequence[object]] | None = None,
    ) -> CompiledModel:
        """Put other data behind the same code, without compiling.

        Parameters
        ----------
        data : mapping of str to array_like
            New values of ``Data`` variables by name. Lengths may change; with the native
            evaluator those of dims of free variables too, and with them the number of
            parameters.
        coords : mapping of str to sequence, optional
            New labels of dims whose lengths change; without them a dim whose length changes is
            labelled 0, 1, 2, ...

        Returns
        -------
        CompiledModel
            Independent of this one, which keeps its data.

        Raises
        ------
        UnknownNameError
            For a name that is no ``Data`` of the model.
        ShapeError
            When lengths contradict each other, or would change the number of parameters where
            that is fixed.

        Notes
        -----
        Costs about a millisecond; nothing is compiled, and the new arrays are not copied where
        they already have the right type and order.
        """
        return self.source.bind(data, coords)

    def explain(self) -> str:
        """Say who computes the log density and its gradient, and what that runs.

        Returns
        -------
        str
            For the native evaluator the loop nests of a gradient with their instructions and the
            memory that it takes; for another one why the native one was not taken.
        """
        return self.source.explain()

    def explain_start(self, position: ArrayLike) -> str:
        """Say why a chain cannot start at a position.

        Parameters
        ----------
        position : array_like, shape (dim,)
            A point of the unconstrained space.

        Returns
        -------
        str
            Names the variables whose terms are not finite, the constraint that fails and the
            values involved.
        """
        return self.source.explain_start(self._checked(position))

    def _checked(self, position: ArrayLike) -> FloatArray:
        try:
            vector = np.ascontiguousarray(position, dtype=np.float64)
        except (TypeError, ValueError) as error:
            raise SettingsError(
                f"`position` must hold {self.dim} real numbers, got {position!r}"
            ) from error
        if vector.shape != (self.dim,):
            raise ShapeError(
                f"`position` must have shape ({self.dim},), one element per unconstrained "
                f"parameter, got {vector.shape}"
            )
        return vector

    def __repr__(self) -> str:
        header = (
            f"CompiledModel: {self.dim} unconstrained parameters, "
            f"{self.stored.size} stored values, evaluator {self.evaluator!r}"
        )
        lines = [header]
        lines += [f"  {_describe(spec)}" for spec in self.stored]
        for title, group in (("observed", self.observed_data), ("data", self.constant_data)):
            lines += [
                f"  {title} {name}{_axes(array.shape, dims)}"
                for name, (array, dims) in group.items()
            ]
        return "\n".join(lines)


def _describe(spec: VariableSpec) -> str:
    kind = "" if spec.dtype == np.float64 else f" {spec.dtype}"
    return f"{spec.name}{_axes(spec.shape, spec.dims)}{kind}"


def _axes(shape: tuple[int, ...], dims: tuple[str | None, ...]) -> str:
    if not shape:
        return ""
    axes = [f"{dim}: {n}" if dim else str(n) for n, dim in zip(shape, dims, strict=True)]
    return f"[{', '.join(axes)}]"
