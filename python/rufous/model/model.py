"""The model: a context in which variables are written, and the object that holds them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

import numpy as np
import pytensor.tensor as pt
from numpy.typing import ArrayLike
from pytensor.graph.basic import Variable
from pytensor.graph.traversal import ancestors
from pytensor.tensor.random.op import RandomVariable

from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.layout import Layout
from rufous.model import logdensity as density
from rufous.model.arrays import pandas_arithmetic
from rufous.model.constraints import satisfied_constraints
from rufous.model.context import current_model, pop_model, push_model
from rufous.model.data import exchange_data
from rufous.model.describe import describe
from rufous.model.dims import Coords, Labels, labels_of, normalize_dims
from rufous.model.evaluate import Evaluator, run
from rufous.model.functions import PointFunction
from rufous.model.initial import check_initval, initial_point
from rufous.model.names import check_name, known_names
from rufous.model.observed import observed_variable
from rufous.model.registry import Constraint
from rufous.model.shapes import fit, request
from rufous.model.value_variables import UNSET, Unset, choose_transform, value_variable

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array, Dims, RandomSeed, Shape
    from rufous.transforms import Transform

__all__ = ["Model"]


class Model:
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
        if name != "":
            check_name(name, "a model")
        self.parent = current_model()
        self.name = self.parent._prefixed(name) if self.parent is not None and name else name
        if self.parent is not None and not name:
            self.name = self.parent.name
        self.free_RVs: list[TensorVariable] = []
        self.observed_RVs: list[TensorVariable] = []
        self.deterministics: list[TensorVariable] = []
        self.potentials: list[TensorVariable] = []
        self.data_vars: list[TensorVariable] = []
        self.named_vars: dict[str, TensorVariable] = {}
        self.named_vars_to_dims: dict[str, tuple[str | None, ...]] = {}
        self.rvs_to_values: dict[TensorVariable, TensorVariable] = {}
        self.rvs_to_transforms: dict[TensorVariable, Transform | None] = {}
        self.rvs_to_initial_values: dict[TensorVariable, Any] = {}
        self._satisfied: dict[TensorVariable, frozenset[str]] = {}
        self._coords: Coords = Coords() if self.parent is None else self.parent._coords
        self.evaluator: Evaluator = Evaluator() if self.parent is None else self.parent.evaluator
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

    @property
    def root(self) -> Model:
        """The outermost model that this one belongs to (itself when it is not nested)."""
        return self if self.parent is None else self.parent.root

    def _family(self) -> Iterator[Model]:
        """Yield this model and all that it belongs to."""
        model: Model | None = self
        while model is not None:
            yield model
            model = model.parent

    # -- names -----------------------------------------------------------------------------------

    def _prefixed(self, name: str) -> str:
        if not self.name or name.startswith(f"{self.name}::"):
            return name
        return f"{self.name}::{name}"

    def name_for(self, name: str) -> str:
        """Return the full name: prefixed with the name of the model."""
        return self._prefixed(name)

    def check_new_name(self, name: Any) -> str:
        """Return the full name for a new variable, or refuse it.

        Raises
        ------
        ModelError
            When it is not a name, or is taken by a variable or a dim.
        """
        full = self.name_for(check_name(name, "a variable"))
        if full in self.root.named_vars:
            raise ModelError(f"there is a variable named {full!r} already; names must be unique")
        if full in self._coords:
            raise ModelError(
                f"{full!r} is the name of a dim; a variable needs another name, as results keep both"
            )
        return full

    def __getitem__(self, name: str) -> TensorVariable:
        for key in (name, self.name_for(name) if isinstance(name, str) else name):
            if key in self.named_vars:
                return self.named_vars[key]
        raise UnknownNameError(f"no variable named {name!r}; {known_names(name, self.named_vars)}")

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str):
            return item in self.named_vars or self.name_for(item) in self.named_vars
        return isinstance(item, Variable) and self.named_vars.get(str(item.name)) is item

    def __repr__(self) -> str:
        return describe(self)

    # -- dims ------------------------------------------------------------------------------------

    @property
    def coords(self) -> dict[str, Labels]:
        """Labels of each dim; None for a dim that has only a length."""
        return dict(self._coords.labels)

    @property
    def dim_lengths(self) -> dict[str, TensorVariable]:
        """Length of each dim: shared scalars, so that graphs follow `set_data`."""
        return dict(self._coords.lengths)

    def dim_length(self, dim: str) -> int:
        """Return the present length of a dim."""
        return self._coords.length(dim)

    def symbolic_dim_length(self, dim: str) -> TensorVariable:
        """Return the shared scalar that holds the length of a dim."""
        return self._coords.symbolic_length(dim)

    def add_coord(self, name: str, values: Any = None, *, length: int | None = None) -> None:
        """Add a dim.

        Parameters
        ----------
        name : str
            Name of the dim.
        values : sequence, optional
            Labels along it.
        length : int, optional
            Its length, where there are no labels.

        Raises
        ------
        ModelError
            When the name cannot be used, or the dim exists with other labels.
        ShapeError
            When it would be empty.
        """
        if name in self.root.named_vars:
            raise ModelError(f"{name!r} is the name of a variable; a dim needs another name")
        self._coords.add(name, values, length=length)

    def add_coords(self, coords: Mapping[str, Any]) -> None:
        """Add several dims with their labels.

        Parameters
        ----------
        coords : mapping of str to (sequence or None)
            Labels of each dim.
        """
        if not isinstance(coords, Mapping):
            raise ModelError(
                f"coords must be a dict of dim to labels, got {type(coords).__name__}; "
                'for example coords={"school": ["a", "b"]}'
            )
        for name, values in coords.items():
            self.add_coord(name, values)

    def set_dim(self, name: str, new_length: int, coord_values: Any = None) -> None:
        """Give a dim another length and other labels.

        Parameters
        ----------
        name : str
            Name of the dim.
        new_length : int
            Its new length.
        coord_values : sequence, optional
            Its new labels; needed where it has labels.
        """
        labels = None if coord_values is None else labels_of(name, coord_values)
        self.check_resize_dim(name, new_length, labels)
        self.resize_dim(name, new_length, labels)

    def check_resize_dim(self, dim: str, length: int, labels: Labels) -> None:
        """Refuse a new length of a dim that its labels do not allow."""
        self._coords.symbolic_length(dim)
        self._coords.check_resize(dim, length, labels)

    def resize_dim(self, dim: str, length: int, labels: Labels) -> None:
        """Set length and labels of a dim, checked before."""
        self._coords.resize(dim, length, labels)
        self.forget_shapes()

    # -- shapes ----------------------------------------------------------------------------------

    def shape_of(self, variable: TensorVariable | str) -> Shape:
        """Return the shape of a variable or expression, for the present data.

        Parameters
        ----------
        variable : TensorVariable or str
            An expression, or the name of a variable.

        Returns
        -------
        tuple of int
        """
        return self.evaluator.shape(self[variable] if isinstance(variable, str) else variable)

    def eval_rv_shapes(self) -> dict[str, Shape]:
        """Return the shapes of the free random variables, in both spaces, by name."""
        shapes: dict[str, Shape] = {}
        for rv in self.free_RVs:
            shapes[rv.name] = self.shape_of(rv)
            shapes[self.rvs_to_values[rv].name] = self._value_shape(rv)
        return shapes

    def value_shapes(self) -> dict[str, Shape]:
        """Return the shapes of the value variables (unconstrained space), by name."""
        return {self.rvs_to_values[rv].name: self._value_shape(rv) for rv in self.free_RVs}

    def _value_shape(self, rv: TensorVariable) -> Shape:
        transform = self.rvs_to_transforms[rv]
        if transform is None:
            return self.shape_of(rv)
        return self.shape_of(transform.forward(rv, *rv.owner.op.dist_params(rv.owner)))

    def unconstrained_layout(self) -> Layout:
        """Return the bijection between a dict of unconstrained values and one flat vector."""
        dims, shapes = {}, {}
        for rv in self.free_RVs:
            name = self.rvs_to_values[rv].name
            shapes[name] = self._value_shape(rv)
            named = self.named_vars_to_dims.get(rv.name)
            if named is not None and shapes[name] == self.shape_of(rv):
                dims[name] = named
        return Layout.from_shapes(shapes, dims)

    def forget_shapes(self) -> None:
        """Forget shapes found before: data have changed."""
        self.evaluator.known.clear()

    def check_shapes(self) -> None:
        """Refuse observed data or dims that no longer fit, as after an incomplete `set_data`.

        Raises
        ------
        ShapeError
            Names the variable and both shapes.
        """
        for rv in self.observed_RVs:
            data, shape = self.shape_of(self.rvs_to_values[rv]), self.shape_of(rv)
            if data != shape:
                raise ShapeError(
                    f"observed data of {rv.name!r} have shape {data}, but its parameters and dims "
                    f"now give shape {shape}; exchange all data of those rows in one set_data call"
                )
        self.check_dims()

    def check_dims(self, names: Sequence[str] | None = None) -> None:
        """Refuse variables whose shape no longer is that of their dims.

        Parameters
        ----------
        names : sequence of str, optional
            Which variables; default all.
        """
        for name in self.named_vars if names is None else names:
            for axis, dim in enumerate(self.named_vars_to_dims.get(name, ())):
                length = self.shape_of(name)[axis]
                if dim is not None and self.dim_length(dim) != length:
                    raise ShapeError(
                        f"{name!r} has length {length} on axis {axis}, but dim {dim!r} now has "
                        f"length {self.dim_length(dim)}; exchange all data along it in one set_data"
                    )

    # -- registration ----------------------------------------------------------------------------

    def register_rv(
        self,
        rv: TensorVariable,
        name: str,
        *,
        shape: Any = None,
        dims: Dims | None = None,
        observed: Any = None,
        initval: Any = None,
        transform: Transform | None | Unset = UNSET,
        default_transform: Transform | None | Unset = UNSET,
    ) -> TensorVariable:
        """Make a random variable part of the model; see `rufous.model.registration.register`."""
        pandas_arithmetic()
        full = self.check_new_name(name)
        named = normalize_dims(dims, full)
        data = None
        if observed is not None:
            if initval is not None or not (transform is None or isinstance(transform, Unset)):
                raise ModelError(f"{full!r} is observed: initval and transform have no meaning for it")
            data = observed_variable(full, observed, rv.dtype)
        asked = request(full, self, shape=shape, dims=named, observed=data)
        self._check_rv(rv, full)
        rv = fit(rv, asked, self)
        rv.name = full
        self._add_dims_of(rv, named)
        satisfied = satisfied_constraints(rv, self.evaluator)
        if data is not None:
            self._record(rv, named, "observed_RVs", value=data, satisfied=satisfied)
            return rv
        chosen = choose_transform(full, rv, transform, default_transform)
        start = check_initval(full, initval, rv, self)
        value = value_variable(rv, chosen)
        self._record(rv, named, "free_RVs", value=value, satisfied=satisfied)
        for model in self._family():
            model.rvs_to_transforms[rv] = chosen
            model.rvs_to_initial_values[rv] = start
        return rv

    def _check_rv(self, rv: TensorVariable, name: str) -> None:
        node = getattr(rv, "owner", None)
        if node is None or not isinstance(node.op, RandomVariable):
            raise ModelError(f"{name!r} must be the result of a random variable op, got {rv!r}")
        if rv in self.root.rvs_to_values:
            raise ModelError(f"the random variable {rv.name!r} cannot also be registered as {name!r}")
        if rv.dtype in ("float32", "float16"):
            raise ModelError(
                f"{name!r} has dtype {rv.dtype}; log densities are float64. Set "
                "pytensor.config.floatX = 'float64'"
            )
        for parameter in node.op.dist_params(node):
            self.check_registered(parameter, name)

    def check_registered(self, graph: Variable, name: str) -> None:
        """Refuse an expression made of random variables that the model does not have."""
        known = self.root.rvs_to_values
        todo, seen = [graph], set()
        while todo:
            variable = todo.pop()
            if variable in seen or variable in known or variable.owner is None:
                continue
            seen.add(variable)
            if isinstance(variable.owner.op, RandomVariable) and variable.type.ndim >= 0:
                label = f" {variable.name!r}" if variable.name else " made with .dist()"
                raise ModelError(
                    f"{name!r} depends on a random variable{label} that is not part of this model; "
                    "write it in the model, with a name"
                )
            todo.extend(variable.owner.inputs)

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
        for model in self._family():
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
        self.check_registered(variable, self.name_for(name))
        return self._register_named(variable, name, dims, "deterministics")

    def register_potential(
        self, variable: TensorVariable, name: str, *, dims: Dims | None = None
    ) -> TensorVariable:
        """Make an expression a term of the log density; see `Potential`."""
        self.check_registered(variable, self.name_for(name))
        return self._register_named(variable, name, dims, "potentials")

    def _register_named(
        self, variable: TensorVariable, name: str, dims: Dims | None, kind: str
    ) -> TensorVariable:
        variable.name = self.check_new_name(name)
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

    def find_data(self, name: str) -> TensorVariable:
        """Return the `Data` of that name.

        Raises
        ------
        UnknownNameError
            When there is none.
        """
        names = {str(data.name): data for data in self.data_vars}
        for key in (name, self.name_for(name) if isinstance(name, str) else name):
            if key in names:
                return names[key]
        if name in self:
            raise ModelError(
                f"{name!r} is not Data and cannot be exchanged; write it as "
                f'Data("{name}", value) in the model'
            )
        raise UnknownNameError(f"no Data named {name!r}; {known_names(name, names)}")

    def observed_with(self, data: TensorVariable) -> list[tuple[str, str]]:
        """Return name and dtype of the observed variables that use a `Data`."""
        return [
            (rv.name, rv.dtype)
            for rv in self.root.observed_RVs
            if data in ancestors([self.root.rvs_to_values[rv]])
        ]

    def observed_arrays(self) -> dict[str, tuple[Array, tuple[str | None, ...]]]:
        """Return the observed data with their dims, by the name of the variable."""
        graphs = [self.rvs_to_values[rv] for rv in self.observed_RVs]
        values = run(graphs) if graphs else []
        return {
            rv.name: (value, self._dims_of(rv.name, value.ndim))
            for rv, value in zip(self.observed_RVs, values, strict=True)
        }

    def constant_arrays(self) -> dict[str, tuple[Array, tuple[str | None, ...]]]:
        """Return the other `Data` with their dims, by name."""
        observed = {self.rvs_to_values[rv] for rv in self.observed_RVs}
        return {
            data.name: (data.get_value(), self._dims_of(data.name, data.ndim))
            for data in self.data_vars
            if data not in observed
        }

    def _dims_of(self, name: str, ndim: int) -> tuple[str | None, ...]:
        return self.named_vars_to_dims.get(name, (None,) * ndim)

    # -- variables by kind -----------------------------------------------------------------------

    @property
    def basic_RVs(self) -> list[TensorVariable]:
        """Random variables, free and observed."""
        return self.free_RVs + self.observed_RVs

    @property
    def unobserved_RVs(self) -> list[TensorVariable]:
        """Free random variables and deterministics."""
        return self.free_RVs + self.deterministics

    @property
    def value_vars(self) -> list[TensorVariable]:
        """Value variables of the free random variables, in order."""
        return [self.rvs_to_values[rv] for rv in self.free_RVs]

    @property
    def values_to_rvs(self) -> dict[TensorVariable, TensorVariable]:
        """Random variable of each value variable, or of each observed data."""
        return {value: rv for rv, value in self.rvs_to_values.items()}

    @property
    def discrete_value_vars(self) -> list[TensorVariable]:
        """Value variables of the discrete free random variables."""
        return [v for v in self.value_vars if not v.dtype.startswith("float")]

    @property
    def continuous_value_vars(self) -> list[TensorVariable]:
        """Value variables of the continuous free random variables."""
        return [v for v in self.value_vars if v.dtype.startswith("float")]

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
        return self._terms(self.basic_RVs, self.potentials, jacobian, sum)

    def _terms(
        self,
        rvs: Sequence[TensorVariable],
        potentials: Sequence[TensorVariable],
        jacobian: bool,
        sum: bool,
    ) -> dict[str, TensorVariable]:
        replace = density.replacer(self.root)
        terms = density.terms(self.root, replace, rvs, jacobian=jacobian, sum=sum)
        for potential, graph in zip(potentials, replace(potentials), strict=True):
            terms[potential.name] = graph.sum() if sum and graph.ndim else graph
        return terms

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
        self,
        vars: TensorVariable | str | Sequence[TensorVariable | str] | None = None,
        jacobian: bool = True,
        sum: bool = True,
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
        """
        rvs, potentials = self._select_terms(vars)
        self.check_shapes()
        found = list(self._terms(rvs, potentials, jacobian, sum).values())
        if not found:
            raise ModelError("the model has no random variables and no potentials: no log density")
        if not sum:
            return found
        return found[0] if len(found) == 1 else pt.add(*found)

    def _select_terms(self, vars: Any) -> tuple[list[TensorVariable], list[TensorVariable]]:
        if vars is None:
            return self.basic_RVs, self.potentials
        items = vars if isinstance(vars, list | tuple) else [vars]
        values = self.values_to_rvs
        rvs, potentials = [], []
        for item in items:
            variable = self[item] if isinstance(item, str) and item in self else item
            variable = values.get(variable, variable)
            if variable in self.rvs_to_values:
                rvs.append(variable)
            elif variable in self.potentials:
                potentials.append(variable)
            else:
                known = [v.name for v in (*self.basic_RVs, *self.potentials)]
                raise UnknownNameError(
                    f"{item!s} has no term in the log density; {known_names(str(item), known)}"
                )
        return rvs, potentials

    def dlogp(
        self,
        vars: TensorVariable | str | Sequence[TensorVariable | str] | None = None,
        jacobian: bool = True,
    ) -> TensorVariable:
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
        """
        cost = self.logp(jacobian=jacobian)
        values = self.continuous_value_vars
        if vars is not None:
            values = [self.rvs_to_values[rv] for rv in self._select_terms(vars)[0]]
        if not values:
            raise ModelError("the model has no continuous free variables: no gradient")
        gradients = pt.grad(cost, values, disconnected_inputs="ignore")
        return pt.concatenate([g.flatten() for g in gradients])

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
            Values that win over the present ones, of `Data` by name and of lengths by ``dim:<name>``.

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
