"""Initial points: one unconstrained value per free variable."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from numpy.typing import ArrayLike

from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.model.arrays import as_value
from rufous.model.evaluate import Evaluator, depends_on_randomness
from rufous.model.names import known_names
from rufous.model.python_linker import run
from rufous.model.registry import support_point
from rufous.model.replace import Replacer
from rufous.model.seeds import generator, seed_sequence
from rufous.model.untraced import untraced

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array, RandomSeed
    from rufous.model.model import Model

__all__ = ["check_initval", "initial_point"]

_STRATEGIES = ("support_point", "prior")


def check_initval(name: str, initval: Any, rv: TensorVariable, model: Model) -> Any:
    """Check `initval=` where it is written.

    Parameters
    ----------
    name : str
        Name of the variable.
    initval : number, array_like, TensorVariable, "support_point", "prior" or None
        As the user wrote it; None means the support point.
    rv : TensorVariable
        The random variable, in its final shape.
    model : Model
        Where shapes are evaluated.

    Returns
    -------
    str or TensorVariable
        A strategy, or the constrained value.
    """
    if initval is None:
        return "support_point"
    if isinstance(initval, str):
        if initval not in _STRATEGIES:
            raise ModelError(
                f"initval of {name!r} must be a number, an array, 'support_point' or 'prior', "
                f"got {initval!r}"
            )
        return initval
    value = as_value(initval, f"initval of {name!r}")
    if value.dtype != rv.dtype:
        value = pt.cast(value, rv.dtype)
    _check_shape(name, model.shape_of(value), model.shape_of(rv))
    if not depends_on_randomness(value) and not np.isfinite(model.evaluator.value(value)).all():
        raise ModelError(
            f"initval of {name!r} must be finite, got {initval!r}; give a number inside"
        )
    return value


def _check_shape(name: str, given: tuple[int, ...], wanted: tuple[int, ...]) -> None:
    if given not in ((), wanted):
        raise ShapeError(
            f"initval of {name!r} has shape {given}, the variable has shape {wanted}; "
            "give one number, or an array of exactly that shape"
        )


def initial_point(
    model: Model,
    random_seed: RandomSeed = None,
    *,
    initvals: Mapping[str, Any] | None = None,
    data: Mapping[str, ArrayLike] | None = None,
) -> dict[str, Array]:
    """Compute where sampling starts: the support point, `initval`, or a draw from the prior.

    Parameters
    ----------
    model : Model
        The model.
    random_seed : int, sequence of int, Generator, SeedSequence or None
        Used by variables with ``initval="prior"``.
    initvals : mapping of str to array_like or str, optional
        Values that win over `initval=`: by the name of the variable (in its own space), or by the
        name of its value variable (unconstrained).
    data : mapping of str to array_like, optional
        Values that win over the present ones, of `Data` by name and of lengths by ``dim:<name>``.

    Returns
    -------
    dict of str to ndarray
        Unconstrained value by name of the value variable.

    Raises
    ------
    ModelError
        When a value is not inside the support; names the variable.
    UnknownNameError
        When `initvals` names no free variable.
    """
    seed = seed_sequence(random_seed)
    given = {} if initvals is None else initvals
    starts = _Starts(model, seed, given, data)
    values = starts.evaluate()
    outside = starts.free_to_move(values)
    if outside:
        starts = _Starts(model, seed, given, data, at_zero=outside)
        values = starts.evaluate()
    point = {}
    for rv, (constrained, value) in values.items():
        _check_inside(rv.name, constrained, value)
        point[str(model.rvs_to_values[rv].name)] = value
    return point


class _Starts:
    """Graphs of the initial values, written variable by variable in the order of the model."""

    def __init__(
        self,
        model: Model,
        seed: np.random.SeedSequence,
        initvals: Mapping[str, Any],
        data: Mapping[str, ArrayLike] | None,
        at_zero: frozenset[TensorVariable] = frozenset(),
    ) -> None:
        self.model = model
        self.at_zero = at_zero
        self.seed = seed
        if not isinstance(initvals, Mapping):
            raise ModelError(
                f"initvals must be a dict of values by name, got {initvals!r:.60}; "
                'for example {"x": 0.5}'
            )
        self.initvals = {_known(model, name): value for name, value in initvals.items()}
        self.evaluator = model.evaluator if data is None else Evaluator()
        self.replace = Replacer(_constants(model, data or {}))
        for rv in model.observed_RVs:
            [value] = self.replace([model.rvs_to_values[rv]])
            self.replace.set(rv, value)
        self.constrained: list[TensorVariable] = []
        self.unconstrained: list[TensorVariable] = []

    def evaluate(self) -> dict[TensorVariable, tuple[Array, Array]]:
        """Compute the starts of all variables, in their own and in unconstrained space."""
        with untraced():
            for rv in self.model.free_RVs:
                self._add(rv)
        values = run([*self.constrained, *self.unconstrained])
        half = len(self.constrained)
        pairs = zip(values[:half], values[half:], strict=True)
        return dict(zip(self.model.free_RVs, pairs, strict=True))

    def free_to_move(
        self, values: Mapping[TensorVariable, tuple[Array, Array]]
    ) -> frozenset[TensorVariable]:
        """Find the variables whose support point a transform excludes, as ordered does ties.

        They start at the image of zero in unconstrained space, unless the user said where.
        """
        return frozenset(
            rv
            for rv, (_, value) in values.items()
            if not np.isfinite(value).all()
            and self.model.rvs_to_transforms[rv] is not None
            and isinstance(self.model.rvs_to_initial_values[rv], str)
            and not self.initvals.keys() & {rv.name, self.model.rvs_to_values[rv].name}
        )

    def _add(self, rv: TensorVariable) -> None:
        """Write the start of the next variable; those after it see its value."""
        transform = self.model.rvs_to_transforms[rv]
        value_name = str(self.model.rvs_to_values[rv].name)
        parameters = self.replace(rv.owner.op.dist_params(rv.owner))
        if transform is not None and (value_name in self.initvals or rv in self.at_zero):
            given = self.initvals.get(value_name, 0.0)
            value = as_value(given, f"initial value {value_name!r}")
            wanted = self.model.value_shapes()[value_name]
            _check_shape(value_name, self.evaluator.shape(value), wanted)
            value = _filled(pt.cast(value, "float64"), wanted)
            start = transform.backward(value, *parameters)
        else:
            start = self._start(rv, parameters)
            value = start if transform is None else transform.forward(start, *parameters)
        self.replace.set(rv, start)
        self.constrained.append(start)
        self.unconstrained.append(value)

    def _start(self, rv: TensorVariable, parameters: list[TensorVariable]) -> TensorVariable:
        [replaced] = self.replace([rv])
        shape = self.evaluator.shape(rv if self.evaluator is self.model.evaluator else replaced)
        initval = self.model.rvs_to_initial_values[rv]
        if rv.name in self.initvals:
            initval = check_initval(rv.name, self.initvals[rv.name], rv, self.model)
        op = rv.owner.op
        if isinstance(initval, str) and initval == "prior":
            size = shape[: len(shape) - op.ndim_supp]
            rng = pytensor.shared(generator(self.seed, rv.name))
            return op.make_node(rng, size or None, *parameters).outputs[1]
        if isinstance(initval, str):
            # A stand-in with the shape and dtype of the variable: nothing is drawn for its shape.
            stand_in = pt.zeros(shape, dtype=rv.dtype)
            start = support_point(op, stand_in, *parameters)
        else:
            [start] = self.replace([initval])
        return _filled(pt.cast(start, rv.dtype), shape)


def _filled(value: TensorVariable, shape: tuple[int, ...]) -> TensorVariable:
    return value if value.type.shape == shape else pt.alloc(value, *shape)


def _known(model: Model, name: Any) -> str:
    known = [v.name for v in model.free_RVs] + [v.name for v in model.value_vars]
    for key in (str(name), model.name_for(str(name))):
        if key in known:
            return key
    raise UnknownNameError(
        f"initial value for {str(name)!r}: no free variable of that name; "
        f"{known_names(str(name), dict.fromkeys(known))}"
    )


def _constants(model: Model, data: Mapping[str, ArrayLike]) -> dict[Variable, Variable]:
    """Map shared variables to constants with other values."""
    shared = {data.name: data for data in model.data_vars}
    shared.update({f"dim:{name}": length for name, length in model.dim_lengths.items()})
    return {
        shared[name]: pt.constant(np.asarray(value, dtype=shared[name].dtype))
        for name, value in data.items()
    }


def _check_inside(name: str, constrained: Array, unconstrained: Array) -> None:
    if np.isfinite(unconstrained).all():
        return
    with np.printoptions(threshold=6, precision=4):
        raise ModelError(
            f"the initial value of {name!r} is outside its support or on its border: "
            f"{constrained}; give initval= a value inside"
        )
