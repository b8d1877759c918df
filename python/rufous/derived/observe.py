"""The observe operator: a model in which some variables have been seen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt
from pytensor.compile.sharedvalue import SharedVariable
from pytensor.graph.basic import Constant
from pytensor.graph.traversal import ancestors
from pytensor.tensor.random.op import RandomVariable

from rufous.derived.density import logcdf, logp
from rufous.derived.walk import law_of, sources
from rufous.errors import ModelError, ShapeError
from rufous.model import registry
from rufous.model.missing import impute
from rufous.model.observed import observed_variable
from rufous.model.python_linker import run
from rufous.model.rebuild import Rebuilder, named_in
from rufous.model.registry import Constraint
from rufous.model.replace import Replacer
from rufous.model.value_variables import UNSET

if TYPE_CHECKING:
    from pytensor.graph.basic import Variable
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model

__all__ = ["DerivedRV", "observe"]


class DerivedRV(RandomVariable):  # type: ignore[misc]  # PyTensor is untyped
    """An expression of random variables as one random variable.

    Parameters
    ----------
    expression : TensorVariable
        The expression, over `given` and random variables of its own.
    given : list of TensorVariable
        What it depends on otherwise: the parameters.
    """

    name = "derived"
    __props__ = ("name", "signature", "dtype", "inplace", "expression")
    _print_name = ("Derived", "\\operatorname{Derived}")

    def __init__(self, expression: TensorVariable, given: list[TensorVariable]) -> None:
        self.expression, self.given = expression, given
        inputs = (
            f"({','.join(f'a{i}b{axis}' for axis in range(each.type.ndim))})"
            for i, each in enumerate(given)
        )
        support = ",".join(f"n{axis}" for axis in range(expression.type.ndim))
        super().__init__(signature=f"{','.join(inputs)}->({support})", dtype=expression.dtype)

    def write(self, parameters: Any) -> TensorVariable:
        """Write the expression over other parameters."""
        return Replacer(dict(zip(self.given, parameters, strict=True)))([self.expression])[0]

    def _supp_shape_from_params(self, dist_params: Any, param_shapes: Any = None) -> Any:
        # Parameters of several draws have axes in front; all draws have one shape.
        first = [
            p[(0,) * (p.type.ndim - core)]
            for p, core in zip(dist_params, self.ndims_params, strict=True)
        ]
        return list(law_of(self.write(first)).shape())

    def rng_fn(self, rng: Any, *arguments: Any) -> Any:
        """Draw the random variables of the expression, once or for each of several draws."""
        *parameters, size = arguments
        if not size:
            return self._draw(rng, parameters)
        count = int(np.prod(size))
        rows = [
            np.broadcast_to(p, (count, *np.shape(p)[np.ndim(p) - core :]))
            for p, core in zip(parameters, self.ndims_params, strict=True)
        ]
        drawn = [self._draw(rng, [row[k] for row in rows]) for k in range(count)]
        return np.reshape(np.stack(drawn), (*size, *np.shape(drawn[0])))

    def _draw(self, rng: Any, parameters: Any) -> Any:
        graph = self.write([pt.constant(each) for each in parameters])
        for rv in sources(graph):
            generator = rv.owner.op.rng_param(rv.owner)
            if isinstance(generator, SharedVariable):
                generator.set_value(np.random.default_rng(rng.integers(2**63, size=4)), borrow=True)
        return run([graph])[0].astype(self.dtype)


@registry.logdensity.register(DerivedRV)
def _(op: DerivedRV, value: Any, *parameters: Any) -> Any:
    return logp(op.write(parameters), value)


@registry.logcdf.register(DerivedRV)
def _(op: DerivedRV, value: Any, *parameters: Any) -> Any:
    return logcdf(op.write(parameters), value)


@registry.constraints.register(DerivedRV)
def _(op: DerivedRV, value: Any, *parameters: Any) -> list[Constraint]:
    return []


def observe(model: Model, vars_to_observations: Mapping[Any, Any]) -> Model:
    """Turn free variables and deterministics of a model into observed ones.

    Parameters
    ----------
    model : Model
        The model; it is not changed.
    vars_to_observations : mapping of (str or TensorVariable) to array_like
        What was seen of each variable; missing values are imputed.

    Returns
    -------
    Model
        A copy in which those variables are observed. The free variables that an observed
        deterministic is made of are no longer parameters: the density of the deterministic is
        derived from theirs, see `logp`.

    Raises
    ------
    UnknownNameError
        When the model has no such variable.
    ModelError
        When it is data or a potential, or what an observed deterministic is made of is used
        elsewhere too.
    ShapeError
        When the observations do not have the shape of the variable.
    UnsupportedError
        When the density of a deterministic cannot be derived; names the op that stands in the way.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     mu = rf.Normal("mu", 0, 1)
    ...     y = rf.Normal("y", mu, 1, shape=3)
    >>> seen = rf.observe(model, {y: [0.1, 0.5, 0.2]})
    >>> seen.free_RVs, seen.observed_RVs
    ([mu], [y])
    """
    wanted = named_in(model, vars_to_observations, "observe")
    for variable in wanted:
        if variable not in (*model.basic_RVs, *model.deterministics):
            raise ModelError(
                f"observe: {variable.name!r} is neither a random variable nor a deterministic; "
                "data are exchanged with set_data"
            )
    latent = _latent(model, [v for v in wanted if v in model.deterministics])
    rebuilder = Rebuilder(model)
    for variable in model.named_vars.values():
        if variable in wanted:
            _see(rebuilder, variable, wanted[variable], latent)
        elif variable not in latent:
            rebuilder.add(variable)
    return rebuilder.finish()


def _latent(model: Model, observed: list[TensorVariable]) -> set[Variable]:
    """Collect the free variables whose place observed deterministics take.

    They must serve nothing else, as nothing is known of them then but what was observed.
    """
    latent: set[Variable] = set()
    for variable in observed:
        own = [rv for rv in sources(variable) if rv.name is not None]
        unnamed = [rv for rv in sources(variable) if rv.name is None]
        if unnamed:  # the named ones are given
            continue
        if len(own) > 1:
            law_of(variable)  # raises where they cannot be told apart
        latent.update(own)
    for other in model.named_vars.values():
        if other in observed or other in latent:
            continue
        graphs = [other, *([model.rvs_to_values[other]] if other in model.observed_RVs else [])]
        used = latent & set(ancestors(graphs, blockers=observed))
        if used:
            [name, *_] = sorted(str(rv.name) for rv in used)
            raise ModelError(
                f"observe: {name!r} is what an observed deterministic is made of, and "
                f"{str(other.name)!r} depends on it too; observe {name!r} itself, or write the "
                "model with the deterministic as a random variable"
            )
    return latent


def _see(
    rebuilder: Rebuilder, variable: TensorVariable, observations: Any, latent: set[Variable]
) -> None:
    name, dims = str(variable.name), rebuilder.dims_of(variable)
    rv = rebuilder(variable)
    if variable in rebuilder.old.deterministics:
        rv = _as_random_variable(rebuilder, rv)
    rv.name = name
    data, missing = observed_variable(name, observations, rv.dtype)
    shape = rebuilder.old.shape_of(variable)
    if rebuilder.new.shape_of(data) != shape:
        raise ShapeError(
            f"observe: {name!r} has shape {shape}, its observations have shape "
            f"{rebuilder.new.shape_of(data)}; give one observation for each element"
        )
    if missing is not None:
        options = {"initval": None, "transform": UNSET, "default_transform": UNSET}
        rv = impute(rebuilder.new, rv, data, missing, dims, options)
        rebuilder.set(variable, rv)
        return
    rebuilder.set(variable, rv)
    rebuilder.observe(variable, rv, data)


def _as_random_variable(rebuilder: Rebuilder, expression: TensorVariable) -> TensorVariable:
    """Put an expression of random variables into one op."""
    known = set(rebuilder.new.named_vars.values())
    given = [
        v
        for v in ancestors([expression], blockers=known)
        if v in known and not isinstance(v, Constant)
    ]
    op = DerivedRV(expression, given)
    law_of(op.write(given))  # raises, naming the op that stands in the way
    return op.make_node(pytensor.shared(np.random.default_rng()), None, *given).outputs[1]
