"""What a model holds: variables by kind and by name, dims, and shapes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Self

from pytensor.graph.basic import Variable

from rufous.errors import ModelError, UnknownNameError
from rufous.layout import Layout
from rufous.model.dims import Coords, Labels, labels_of
from rufous.model.evaluate import Evaluator
from rufous.model.names import check_name, known_names

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Shape
    from rufous.transforms import Transform

__all__ = ["Members"]


class Members:
    """The part of a model that only holds and finds; `Model` adds what is done with it.

    Parameters
    ----------
    name : str
        Prefix of the names of the variables.
    parent : Members or None
        The model that this one belongs to.
    """

    def __init__(self, name: str, parent: Self | None) -> None:
        if name != "":
            check_name(name, "a model")
        self.parent = parent
        self.name = name
        self._prefix = name
        if parent is not None:
            self._prefix = parent.name_for(name) if name else parent.prefix
        self.free_RVs: list[TensorVariable] = []
        self.observed_RVs: list[TensorVariable] = []
        self.deterministics: list[TensorVariable] = []
        self.potentials: list[TensorVariable] = []
        self.data_vars: list[TensorVariable] = []
        self.constants: list[TensorVariable] = []
        self.named_vars: dict[str, TensorVariable] = {}
        self.named_vars_to_dims: dict[str, tuple[str | None, ...]] = {}
        self.rvs_to_values: dict[TensorVariable, TensorVariable] = {}
        self.rvs_to_transforms: dict[TensorVariable, Transform | None] = {}
        self.rvs_to_initial_values: dict[TensorVariable, Any] = {}
        self._unconstrained: dict[TensorVariable, TensorVariable] = {}
        self.patterns: list[Any] = []
        self.total_sizes: dict[TensorVariable, Any] = {}
        self._satisfied: dict[TensorVariable, frozenset[str]] = {}
        self._coords: Coords = Coords() if self.parent is None else self.parent._coords
        self.evaluator: Evaluator = Evaluator() if self.parent is None else self.parent.evaluator

    @property
    def root(self) -> Self:
        """The outermost model that this one belongs to (itself when it is not nested)."""
        return self if self.parent is None else self.parent.root

    def family(self) -> Iterator[Self]:
        """Yield this model and all that it belongs to."""
        model: Self | None = self
        while model is not None:
            yield model
            model = model.parent

    # -- names -----------------------------------------------------------------------------------

    def name_for(self, name: str) -> str:
        """Return the full name: prefixed with the name of the model."""
        if not self.prefix or name.startswith(f"{self.prefix}::"):
            return name
        return f"{self.prefix}::{name}"

    @property
    def prefix(self) -> str:
        """What stands before the names of its variables, without the ``::``."""
        return self._prefix

    @property
    def isroot(self) -> bool:
        """Whether it belongs to no other model."""
        return self.parent is None

    def name_of(self, name: str) -> str:
        """Return a name without the prefix of the model; the opposite of `name_for`."""
        return name.removeprefix(f"{self.prefix}::") if self.prefix else name

    def __getitem__(self, name: str) -> TensorVariable:
        for key in (name, self.name_for(name) if isinstance(name, str) else name):
            if key in self.named_vars:
                return self.named_vars[key]
        raise UnknownNameError(f"no variable named {name!r}; {known_names(name, self.named_vars)}")

    def __getattr__(self, name: str) -> Any:
        """Give variables as attributes, too: ``model.x`` is ``model["x"]``."""
        named = self.__dict__.get("named_vars", {})
        if name in named or (not name.startswith("_") and self.name_for(name) in named):
            return self[name]
        raise AttributeError(
            f"{type(self).__name__!r} object has no attribute {name!r}; its variables are found "
            "by name, as in model['x']",
            name=name,
            obj=self,
        )

    def __contains__(self, item: object) -> bool:
        if isinstance(item, str):
            return item in self.named_vars or self.name_for(item) in self.named_vars
        return isinstance(item, Variable) and self.named_vars.get(str(item.name)) is item

    # -- dims ------------------------------------------------------------------------------------

    @property
    def coords(self) -> dict[str, Labels]:
        """Labels of each dim; None for a dim that has only a length."""
        return dict(self._coords.labels)

    @property
    def dim_lengths(self) -> dict[str, TensorVariable]:
        """Length of each dim: shared scalars, so that graphs follow `set_data`."""
        return dict(self._coords.lengths)

    def shape_from_dims(self, dims: Sequence[str]) -> Shape:
        """Return the present lengths of some dims."""
        return tuple(self.dim_length(dim) for dim in dims)

    def dim_length(self, dim: str) -> int:
        """Return the present length of a dim."""
        return self._coords.length(dim)

    def dim_follows_data(self, dim: str) -> bool:
        """Tell whether the length of a dim is a graph of data, and cannot be set."""
        return self._coords.follows_data(dim)

    def symbolic_dim_length(self, dim: str) -> TensorVariable:
        """Return the shared scalar that holds the length of a dim."""
        return self._coords.symbolic_length(dim)

    def add_coord(self, name: str, values: Any = None, *, length: Any = None) -> None:
        """Add a dim.

        Parameters
        ----------
        name : str
            Name of the dim.
        values : sequence, optional
            Labels along it.
        length : int or TensorVariable, optional
            Its length, where there are no labels; a graph of data, such as ``x.shape[0]``, follows
            them.

        Raises
        ------
        ModelError
            When the name cannot be used, or the dim exists with other labels.
        ShapeError
            When it would be empty.
        """
        if name in self.root.named_vars:
            raise ModelError(f"{name!r} is the name of a variable; give the dim another name")
        self._coords.add(name, values, length=length)

    def add_coords(
        self, coords: Mapping[str, Any], *, lengths: Mapping[str, Any] | None = None
    ) -> None:
        """Add several dims with their labels.

        Parameters
        ----------
        coords : mapping of str to (sequence or None)
            Labels of each dim.
        lengths : mapping of str to (int or TensorVariable), optional
            Lengths of those without labels.
        """
        if not isinstance(coords, Mapping):
            raise ModelError(
                f"coords must be a dict of dim to labels, got {type(coords).__name__}; "
                'for example coords={"school": ["a", "b"]}'
            )
        for name, values in coords.items():
            self.add_coord(name, values, length=(lengths or {}).get(name))

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
        return self.shape_of(self._unconstrained[rv])

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
