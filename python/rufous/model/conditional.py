"""The log density of some variables with the others held where they are."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.graph.replace import clone_replace

from rufous.errors import ShapeError
from rufous.layout import Layout
from rufous.model.functions import check_point_names, point_value, stable_mode

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array
    from rufous.model.model import Model

__all__ = ["ConditionalDensity"]


class ConditionalDensity:
    """Log density and gradient over some value variables; the others stay at a point.

    Compiled once; `set_extra_values` moves the others without compiling again.

    Parameters
    ----------
    model : Model
        The model.
    variables : sequence of TensorVariable
        Value variables, continuous and free, over which it is a function.
    point : mapping of str to array_like
        Where the others are held, by the name of the value variable.
    ravel_inputs : bool
        Take and return one flat vector; else a list of arrays, one per variable.
    mode : str or Mode, optional
        How PyTensor compiles; default its Python linker.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     mu = rf.Normal("mu", 0, 1)
    ...     x = rf.Normal("x", mu, 1)
    >>> density = model.logp_dlogp_function([x])
    >>> density([0.5])[1]
    array([-0.5])
    >>> density.set_extra_values({"mu": 2.0})
    >>> density([0.5])[1]
    array([1.5])
    """

    def __init__(
        self,
        model: Model,
        variables: Sequence[TensorVariable],
        point: Mapping[str, Any],
        *,
        ravel_inputs: bool = True,
        mode: Any = None,
    ) -> None:
        self._variables = list(variables)
        self._ravel = ravel_inputs
        whole = model.unconstrained_layout()
        names = [str(v.name) for v in variables]
        self.layout = Layout.from_shapes({name: whole[name].shape for name in names})
        self._extra: dict[str, Any] = {
            str(v.name): pytensor.shared(point_value(v, point[str(v.name)]), name=v.name)
            for v in model.value_vars
            if v not in variables
        }
        self._types = {str(v.name): v for v in model.value_vars}
        self._function = self._compile(model, mode)

    def _compile(self, model: Model, mode: Any) -> Any:
        logdensity = model.logp()
        others = {self._types[name]: shared for name, shared in self._extra.items()}
        [held] = clone_replace([logdensity], replace=others, rebuild_strict=False)
        gradient = pt.grad(held, self._variables, disconnected_inputs="ignore")
        return pytensor.function(
            self._variables,
            [held, *gradient],
            mode=stable_mode() if mode is None else mode,
            on_unused_input="ignore",
        )

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the value variables over which it is a function."""
        return tuple(str(v.name) for v in self._variables)

    def set_extra_values(self, extra_vars: Mapping[str, Any]) -> None:
        """Move the variables that are held.

        Parameters
        ----------
        extra_vars : mapping of str to array_like
            New values by the name of the value variable; those left out stay, and those of
            variables that are not held are passed over, so that a whole point may be given.
        """
        known = {**self._extra, **dict.fromkeys(self.names)}
        check_point_names({**dict.fromkeys(known), **extra_vars}, tuple(known))
        new = {
            name: point_value(self._types[name], value)
            for name, value in extra_vars.items()
            if name in self._extra
        }
        for name, value in new.items():
            self._extra[name].set_value(value, borrow=True)

    def get_extra_values(self) -> dict[str, Array]:
        """Return where the other variables are held."""
        return {name: shared.get_value() for name, shared in self._extra.items()}

    def __call__(
        self, grad_vars: Any, *, extra_vars: Mapping[str, Any] | None = None
    ) -> tuple[float, Any]:
        """Evaluate log density and gradient.

        Parameters
        ----------
        grad_vars : array_like of shape (dim,), mapping of str to array_like, or list of arrays
            Values of the variables.
        extra_vars : mapping of str to array_like, optional
            First move the others; see `set_extra_values`.

        Returns
        -------
        float
            The log density of the whole model.
        ndarray of shape (dim,), or list of ndarray
            Its gradient over the variables.
        """
        if extra_vars is not None:
            self.set_extra_values(extra_vars)
        with np.errstate(all="ignore"):
            logdensity, *gradient = self._function(*self._values(grad_vars))
        if self._ravel:
            return float(logdensity), np.concatenate([g.ravel() for g in gradient])
        return float(logdensity), gradient

    def _values(self, given: Any) -> list[Array]:
        if isinstance(given, Mapping):
            check_point_names(given, self.names)
            values = [given[name] for name in self.names]
        elif self._ravel:
            flat = np.asarray(getattr(given, "data", given), dtype=np.float64)
            if flat.shape != (self.layout.size,):
                raise ShapeError(
                    f"a position over {', '.join(self.names)} has shape ({self.layout.size},), "
                    f"got {flat.shape}"
                )
            values = list(self.layout.unravel(flat).values())
        else:
            values = list(given)
            if len(values) != len(self._variables):
                raise ShapeError(
                    f"{len(self._variables)} values are needed ({', '.join(self.names)}), "
                    f"got {len(values)}"
                )
        return [point_value(v, x) for v, x in zip(self._variables, values, strict=True)]

    def copy(self) -> Self:
        """Return an independent copy, whose other variables are held on their own."""
        new = object.__new__(type(self))
        new.__dict__.update(self.__dict__)
        new._extra = {n: pytensor.shared(s.get_value(), name=n) for n, s in self._extra.items()}
        swap = {self._extra[name]: new._extra[name] for name in self._extra}
        new._function = self._function.copy(swap=swap)
        return new
