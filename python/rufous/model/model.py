"""The model: a context in which variables are written, and the object that holds them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from numpy.typing import ArrayLike
from pytensor.graph.traversal import ancestors

from rufous.model import logdensity as density
from rufous.model.arrays import pandas_arithmetic
from rufous.model.checks import (
    check_dims,
    check_members,
    check_new_name,
    check_observed_shapes,
)
from rufous.model.constraints import satisfied_constraints
from rufous.model.context import current_model, pop_model, push_model
from rufous.model.data import exchange_data
from rufous.model.describe import describe
from rufous.model.dims import normalize_dims
from rufous.model.functions import PointFunction
from rufous.model.initial import check_initval, initial_point
from rufous.model.members import Members
from rufous.model.observed import observed_variable
from rufous.model.registry import Constraint
from rufous.model.request import request
from rufous.model.shapes import fit
from rufous.model.untraced import untraced
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

    from rufous._typing import Array, Dims, RandomSeed
    from rufous.transforms import Transform

__all__ = ["Model"]


class Model(Members):
    """A probabilistic model: random variables, data, deterministics and potentials.

    Parameters
    ----------
    name : str, default ""
        Prefix of the names of its variables (``name::x``), for models inside models.
    coords : mapping of str to sequence, optional
        Dims and the labels along each.

    Raises
    ------
    ModelError
        For names or coords that cannot be used.

    Attributes
    ----------
    free_RVs, observed_RVs, deterministics, potentials, data_vars : list of TensorVariable
        The variables of each kind, in the order they were written.
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

    def __init__(self, name: str = "", coords: Mapping[str, Any] | None = None) -> None:
        super().__init__(name, current_model())
        self.add_coords(coords or {})

    # -- context ---------------------------------------------------------------------------------

    def __enter__(self) -> Self:
        pandas_arithmetic()
        push_model(self)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        pop_model()

    def __repr__(self) -> str:
        return describe(self)

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
        shape, dims, observed, initval, transform, default_transform
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
        pandas_arithmetic()
        full = self.check_new_name(name)
        named = normalize_dims(dims, full)
        check_random_variable(self, rv, full)
        data = None if observed is None else observed_variable(full, observed, rv.dtype)
        asked = request(full, self, shape=shape, dims=named, observed=data)
        rv = fit(full, rv, asked, self)
        rv.name = full
        satisfied = satisfied_constraints(rv, self.evaluator)
        if data is not None:
            refuse_unused(full, initval, transform, default_transform)
            self._add_dims_of(rv, named)
            self._record(rv, named, "observed_RVs", value=data, satisfied=satisfied)
            return rv
        chosen = choose_transform(full, rv, transform, default_transform)
        start = check_initval(full, initval, rv, self)
        value, unconstrained = value_variable(rv, chosen)
        self._record(rv, named, "free_RVs", value=value, satisfied=satisfied)
        for model in self.family():
            model._unconstrained[rv] = unconstrained
            model.rvs_to_transforms[rv] = chosen
            model.rvs_to_initial_values[rv] = start
        return rv

    def _add_dims_of(self, rv: TensorVariable, dims: tuple[str | None, ...] | None) -> None:
        """Add the dims that observed data introduce."""
        for axis, dim in enumerate(dims or ()):
            if dim is not None and dim not in self._coords:
                self.add_coord(dim, length=self.shape_of(rv)[axis])

    def _record(
        self,
        variable: TensorVariable,
        dims: tuple[str | None, ...] | None,
        kind: str,
        *,
        value: TensorVariable | None = None,
        satisfied: frozenset[str] = frozenset(),
    ) -> None:
        for model in self.family():
            getattr(model, kind).append(variable)
            model.named_vars[variable.name] = variable
            if dims is not None:
                model.named_vars_to_dims[variable.name] = dims
            if value is not None:
                model.rvs_to_values[variable] = value
                model._satisfied[variable] = satisfied

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
        check_members(self, variable, variable.name)
        self._record(variable, normalize_dims(dims, variable.name), kind)
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
        """Return name and dtype of the observed variables that use a `Data`."""
        return [
            (rv.name, rv.dtype)
            for rv in self.root.observed_RVs
            if data in ancestors([self.root.rvs_to_values[rv]])
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
        }

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

    # -- log density -----------------------------------------------------------------------------

    def replace_rvs_by_values(self, graphs: Sequence[TensorVariable]) -> list[TensorVariable]:
        """Rebuild graphs with each random variable replaced by its constrained value.

        Parameters
        ----------
        graphs : sequence of TensorVariable
            Graphs of random variables of the model.

        Returns
        -------
        list of TensorVariable
            Graphs of the value variables and the data.
        """
        with untraced():
            return density.replacer(self.root)(graphs)

    def logdensity_terms(
        self, *, jacobian: bool = True, sum: bool = True
    ) -> dict[str, TensorVariable]:
        """Write the terms of the log density as graphs over the value variables.

        Parameters
        ----------
        jacobian : bool, default True
            Add the log determinant of the Jacobian of each transform.
        sum : bool, default True
            Make each term a scalar.

        Returns
        -------
        dict of str to TensorVariable
            float64 terms by the name of the variable or potential.
        """
        return density.terms(self, self.basic_RVs, self.potentials, jacobian=jacobian, sum=sum)

    def pointwise_terms(self) -> dict[str, TensorVariable]:
        """Write the log likelihood of each observation as graphs over the value variables.

        Returns
        -------
        dict of str to TensorVariable
            float64 terms by the name of the observed variable, one number per observation.
        """
        return density.terms(self, self.observed_RVs, [], jacobian=False, sum=False)

    def constraint_terms(self) -> list[tuple[str, Constraint]]:
        """List the constraints on parameters that depend on the position or on data.

        Returns
        -------
        list of (str, Constraint)
            Name of the variable, and the constraint as a graph over the value variables.
        """
        return density.constraint_terms(self.root)

    def satisfied_constraints(self, rv: TensorVariable) -> frozenset[str]:
        """Return the texts of the constraints of `rv` that hold whatever the position and data."""
        return self._satisfied[rv]

    def logp(
        self, vars: Any = None, jacobian: bool = True, sum: bool = True
    ) -> TensorVariable | list[TensorVariable]:
        """Write the log density as a graph over the value variables.

        Parameters
        ----------
        vars : variable, name or sequence of them, optional
            Whose terms: random variables, value variables, or potentials. Default: all.
        jacobian : bool, default True
            Add the log determinant of the Jacobian of each transform.
        sum : bool, default True
            Return one scalar; else a list of the terms, each of the shape of its variable.

        Returns
        -------
        TensorVariable or list of TensorVariable

        Raises
        ------
        ModelError
            When the model has no variables.
        UnknownNameError
            When one of `vars` has no term.
        """
        return density.joint(self, vars, jacobian=jacobian, sum=sum)

    def dlogp(self, vars: Any = None, jacobian: bool = True) -> TensorVariable:
        """Write the gradient of the log density with respect to value variables.

        Parameters
        ----------
        vars : variable, name or sequence of them, optional
            Free random variables or value variables. Default: all continuous ones.
        jacobian : bool, default True
            Add the log determinant of the Jacobian of each transform.

        Returns
        -------
        TensorVariable, shape (dim,)
            The gradients flattened one after the other, in the order of `vars`.

        Raises
        ------
        ModelError
            When there is no continuous free variable.
        """
        return density.gradient(self, vars, jacobian=jacobian)

    def compile_logp(
        self, vars: Any = None, jacobian: bool = True, sum: bool = True
    ) -> PointFunction:
        """Make the log density a Python function of a point.

        Parameters
        ----------
        vars, jacobian, sum
            As for `logp`.

        Returns
        -------
        PointFunction
            Takes a dict like that of `initial_point`. For looking at a model: slow, but nothing
            waits for a compiler.
        """
        return PointFunction(self.root.value_vars, self.logp(vars, jacobian, sum))

    def compile_dlogp(self, vars: Any = None, jacobian: bool = True) -> PointFunction:
        """Make the gradient of the log density a Python function of a point.

        Parameters
        ----------
        vars, jacobian
            As for `dlogp`.

        Returns
        -------
        PointFunction
        """
        return PointFunction(self.root.value_vars, self.dlogp(vars, jacobian))

    def point_logps(self, point: Mapping[str, Any] | None = None) -> dict[str, float]:
        """Evaluate each term of the log density, to see which one is not finite.

        Parameters
        ----------
        point : mapping of str to array_like, optional
            Unconstrained values; default `initial_point`.

        Returns
        -------
        dict of str to float
        """
        terms = self.logdensity_terms()
        at = self.initial_point() if point is None else point
        values = PointFunction(self.root.value_vars, list(terms.values()))(at)
        return {name: float(value) for name, value in zip(terms, values, strict=True)}

    def initial_point(
        self,
        random_seed: RandomSeed = None,
        *,
        initvals: Mapping[str, Any] | None = None,
        data: Mapping[str, ArrayLike] | None = None,
    ) -> dict[str, Array]:
        """Compute where sampling starts, before jitter.

        Parameters
        ----------
        random_seed : int, sequence of int, Generator, SeedSequence or None
            Used by variables with ``initval="prior"``.
        initvals : mapping of str to array_like, optional
            Values that win over `initval=`: by name of the variable, or of its value variable.
        data : mapping of str to array_like, optional
            Values that win over the present ones, of Data by name, of lengths by ``dim:<name>``.

        Returns
        -------
        dict of str to ndarray
            Unconstrained value by the name of the value variable.

        Raises
        ------
        ModelError
            When an initial value is outside the support of its variable.
        UnknownNameError
            When `initvals` names no free variable.
        """
        return initial_point(self.root, random_seed, initvals=initvals, data=data)
