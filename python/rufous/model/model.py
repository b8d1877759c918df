"""The model: a context in which variables are written, and the object that holds them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from pytensor.graph.traversal import ancestors

from rufous.errors import ModelError
from rufous.model.answers import Answers
from rufous.model.arrays import welcome_arrays
from rufous.model.checks import (
    check_dims,
    check_members,
    check_new_name,
    check_observed_shapes,
)
from rufous.model.constraints import satisfied_constraints
from rufous.model.context import active_model, current_model, pop_model, push_model
from rufous.model.data import exchange_data
from rufous.model.describe import variable_repr
from rufous.model.dims import normalize_dims
from rufous.model.initial import check_initval
from rufous.model.missing import impute
from rufous.model.observed import observed_variable
from rufous.model.request import request
from rufous.model.shapes import fit
from rufous.model.subsampling import check_total_size, refuse_total_size
from rufous.model.value_variables import (
    UNSET,
    Unset,
    check_random_variable,
    choose_transform,
    refuse_unused,
    value_variable,
)

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array, Dims
    from rufous.transforms import Transform

__all__ = ["Model"]


class Model(Answers):
    """A probabilistic model: random variables, data, deterministics and potentials.

    Parameters
    ----------
    name : str, default ""
        Prefix of the names of its variables (``name::x``), for models inside models.
    coords : mapping of str to sequence, optional
        Dims and the labels along each.
    check_bounds : bool, default True
        Make the log density -inf where a parameter breaks its constraint. Without, what an invalid
        parameter gives is not defined.
    model : Model or None, optional
        The model that it becomes part of; default the innermost open one. None for a model of its
        own.

    Raises
    ------
    ModelError
        For names or coords that cannot be used.

    Attributes
    ----------
    free_RVs, observed_RVs, deterministics, potentials, data_vars : list of TensorVariable
        The variables of each kind, in the order they were written.
    constants : list of TensorVariable
        Data that are frozen: see `freeze_dims_and_data`.
    total_sizes : dict of TensorVariable to (int or tuple)
        What ``total_size=`` gave for observed variables that are a part of their data.
    named_vars : dict of str to TensorVariable
        All of them by full name.
    named_vars_to_dims : dict of str to tuple of (str or None)
        Dims of the variables that have any.
    rvs_to_values : dict of TensorVariable to TensorVariable
        Value variable of each free random variable (in unconstrained space), data of each observed.
    rvs_to_transforms : dict of TensorVariable to (Transform or None)
        Transform of each free random variable.
    rvs_to_initial_values : dict of TensorVariable to (str or TensorVariable)
        What ``initval=`` gave, checked.

    Notes
    -----
    A model that is opened inside another one belongs to it: its variables are variables of both,
    and they share dims and coords.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model(coords={"school": ["a", "b"]}) as model:
    ...     mu = rf.Normal("mu", 0, 5)
    ...     theta = rf.Normal("theta", mu, 1, dims="school")
    >>> model["theta"] is theta, "tau" in model
    (True, False)
    """

    def __init__(
        self,
        name: str = "",
        coords: Mapping[str, Any] | None = None,
        check_bounds: bool = True,
        *,
        model: Model | Unset | None = UNSET,
    ) -> None:
        if not isinstance(check_bounds, bool):
            raise ModelError(f"`check_bounds` must be True or False, got {check_bounds!r}")
        parent = current_model() if isinstance(model, Unset) else model
        if parent is not None and not isinstance(parent, Model):
            raise ModelError(f"`model` must be a rufous.Model or None, got {parent!r:.60}")
        super().__init__(name, parent)
        self.check_bounds = check_bounds
        self.add_coords(coords or {})

    # -- context ---------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        welcome_arrays()
        push_model(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pop_model()

    @staticmethod
    def get_context(error_if_none: bool = True) -> Model | None:
        """Return the innermost open model; see `modelcontext`."""
        return active_model(what="get_context") if error_if_none else current_model()

    # -- registration ----------------------------------------------------------------------------

    def check_new_name(self, name: Any) -> str:
        """Return the full name for a new variable, or refuse it (ModelError)."""
        return check_new_name(self, name)

    def register_rv(
        self,
        rv: TensorVariable,
        name: str,
        *,
        shape: Any = None,
        dims: Dims | None = None,
        observed: Any = None,
        total_size: Any = None,
        initval: Any = None,
        transform: Transform | Unset | None = UNSET,
        default_transform: Transform | Unset | None = UNSET,
    ) -> TensorVariable:
        """Make a random variable part of the model.

        Parameters
        ----------
        rv : TensorVariable
            Result of a ``RandomVariable`` op, in the shape that its parameters imply.
        name : str
            Name, without the prefix of the model.
        shape, dims, observed, total_size, initval, transform, default_transform
            As for every distribution.

        Returns
        -------
        TensorVariable
            The variable of the model (not always the object `rv`).

        Raises
        ------
        ModelError, ShapeError, UnknownNameError, UnsupportedError
            When it cannot be given a meaning; names the variable.
        """
        welcome_arrays()
        full = self.check_new_name(name)
        named = normalize_dims(dims, full)
        check_random_variable(self, rv, full)
        data, missing = None, None
        if observed is not None:
            data, missing = observed_variable(full, observed, rv.dtype)
        check_total_size(full, total_size, data)
        asked = request(full, self, shape=shape, dims=named, observed=data)
        rv = fit(full, rv, asked, self)
        rv.name = full
        options = {
            "initval": initval,
            "transform": transform,
            "default_transform": default_transform,
        }
        if data is None:
            self.add_free(rv, named, **options)
            return rv
        self._add_dims_of(rv, named)
        if missing is not None:
            refuse_total_size(full, total_size)
            return impute(self, rv, data, missing, named, options)
        refuse_unused(full, **options)
        satisfied = satisfied_constraints(rv, self.evaluator)
        self.adopt(rv, "observed_RVs", named, value=data, satisfied=satisfied, scale=total_size)
        return rv

    def add_free(
        self,
        rv: TensorVariable,
        dims: tuple[str | None, ...] | None,
        *,
        initval: Any,
        transform: Transform | Unset | None,
        default_transform: Transform | Unset | None,
    ) -> None:
        """Check the options of a free random variable that has its name, and record it."""
        satisfied = satisfied_constraints(rv, self.evaluator)
        chosen = choose_transform(rv.name, rv, transform, default_transform)
        start = check_initval(rv.name, initval, rv, self)
        self.adopt_free(rv, dims, transform=chosen, initval=start, satisfied=satisfied)

    def _add_dims_of(self, rv: TensorVariable, dims: tuple[str | None, ...] | None) -> None:
        """Add the dims that observed data introduce."""
        for axis, dim in enumerate(dims or ()):
            if dim is not None and dim not in self._coords:
                self.add_coord(dim, length=self.shape_of(rv)[axis])

    def adopt(
        self,
        variable: TensorVariable,
        kind: str,
        dims: tuple[str | None, ...] | None,
        *,
        value: TensorVariable | None = None,
        satisfied: frozenset[str] = frozenset(),
        scale: Any = None,
    ) -> None:
        """Record a variable that has been checked, under its full name.

        Parameters
        ----------
        variable : TensorVariable
            The variable.
        kind : str
            The list that it goes into, for example ``"deterministics"``.
        dims : tuple of (str or None), or None
            Its dims.
        value : TensorVariable, optional
            Value variable or data of a random variable.
        satisfied : frozenset of str
            Texts of the constraints that hold for good.
        scale : int, tuple or None
            The total size that observed data stand for.
        """
        for model in self.family():
            getattr(model, kind).append(variable)
            model.named_vars[variable.name] = variable
            if dims is not None:
                model.named_vars_to_dims[variable.name] = dims
            if value is not None:
                model.rvs_to_values[variable] = value
                model._satisfied[variable] = satisfied
            if scale is not None:
                model.total_sizes[variable] = scale
        variable.str_repr = partial(variable_repr, self.root, variable)
        variable._repr_latex_ = partial(variable_repr, self.root, variable, "latex")

    def adopt_free(
        self,
        rv: TensorVariable,
        dims: tuple[str | None, ...] | None,
        *,
        transform: Transform | None,
        initval: Any,
        satisfied: frozenset[str],
    ) -> None:
        """Record a free random variable that has been checked, with a value variable of its own."""
        value, unconstrained = value_variable(rv, transform)
        self.adopt(rv, "free_RVs", dims, value=value, satisfied=satisfied)
        for model in self.family():
            model._unconstrained[rv] = unconstrained
            model.rvs_to_transforms[rv] = transform
            model.rvs_to_initial_values[rv] = initval

    def register_data(
        self, data: TensorVariable, name: str, *, dims: Dims | None = None
    ) -> TensorVariable:
        """Make a shared variable part of the model as data; see `Data`."""
        return self._register_named(data, name, dims, "data_vars")

    def register_deterministic(
        self, variable: TensorVariable, name: str, *, dims: Dims | None = None
    ) -> TensorVariable:
        """Make an expression part of the model; see `Deterministic`."""
        return self._register_named(variable, name, dims, "deterministics")

    def register_potential(
        self, variable: TensorVariable, name: str, *, dims: Dims | None = None
    ) -> TensorVariable:
        """Make an expression a term of the log density; see `Potential`."""
        return self._register_named(variable, name, dims, "potentials")

    def _register_named(
        self, variable: TensorVariable, name: str, dims: Dims | None, kind: str
    ) -> TensorVariable:
        variable.name = self.check_new_name(name)
        # What is made of variables of no model has no value in a draw, but may be observed later.
        check_members(self, variable, variable.name, unnamed=kind == "deterministics")
        self.adopt(variable, kind, normalize_dims(dims, variable.name))
        return variable

    # -- data ------------------------------------------------------------------------------------

    def set_data(self, name: str, values: Any, coords: Mapping[str, Any] | None = None) -> None:
        """Exchange the value of one `Data`; see `rufous.set_data`.

        Parameters
        ----------
        name : str
            Name of the Data.
        values : array_like
            Its new value.
        coords : mapping of str to sequence, optional
            New labels of its dims.
        """
        exchange_data(self, {name: values}, coords or {})

    def observed_with(self, data: TensorVariable) -> list[tuple[str, str]]:
        """Return name and dtype of the complete observed variables that use a `Data`."""
        imputed = {f"{pattern.name}_observed" for pattern in self.root.patterns}
        return [
            (rv.name, rv.dtype)
            for rv in self.root.observed_RVs
            if rv.name not in imputed and data in ancestors([self.root.rvs_to_values[rv]])
        ]

    def observed_arrays(self) -> dict[str, tuple[Array, tuple[str | None, ...]]]:
        """Return the observed data with their dims, by the name of the variable."""
        return {
            rv.name: self._labelled(rv.name, self.evaluator.value(self.rvs_to_values[rv]))
            for rv in self.observed_RVs
        }

    def constant_arrays(self) -> dict[str, tuple[Array, tuple[str | None, ...]]]:
        """Return the other `Data` with their dims, by name."""
        observed = {self.rvs_to_values[rv] for rv in self.observed_RVs}
        return {
            data.name: self._labelled(data.name, data.get_value())
            for data in self.data_vars
            if data not in observed
        } | {each.name: self._labelled(each.name, each.data) for each in self.constants}

    def _labelled(self, name: str, value: Array) -> tuple[Array, tuple[str | None, ...]]:
        return value, self.named_vars_to_dims.get(name, (None,) * value.ndim)

    def check_shapes(self) -> None:
        """Refuse observed data or dims that no longer fit, as after an incomplete `set_data`.

        Raises
        ------
        ShapeError
            Names the variable and both shapes.
        """
        check_observed_shapes(self)
        check_dims(self)

    def check_stored(self) -> None:
        """Refuse deterministics made of variables without a name, which have no value in a draw.

        Raises
        ------
        ModelError
            Names the deterministic.
        """
        for variable in self.deterministics:
            check_members(self, variable, variable.name)
