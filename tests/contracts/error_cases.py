"""What a user can get wrong in a model: who is to be named, what came, and the way out."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
import pytensor.tensor as pt

import rufous as rf

N = rf.Normal
NAN = float("nan")


@dataclass(frozen=True)
class Case:
    """A mistake, and what its message must hold.

    Parameters
    ----------
    does : callable
        Makes the mistake in an open model, which it gets.
    who : str
        The variable or argument.
    came : str
        What came.
    way_out : str
        What to do instead.
    """

    does: Callable[[rf.Model], Any]
    who: str
    came: str
    way_out: str


def scene() -> rf.Model:
    """Write a model with one variable of each kind."""
    with rf.Model(coords={"g": ["a", "b", "c"]}) as model:
        rf.Data("d", [1.0, 2.0, 3.0], dims="g")
        rf.Data("one", np.ones((3, 1)))
        rf.Data("whole", [1, 2, 3])
        x = N("x", 0, 1)
        N("v", 0, 1, dims="g")
        rf.Poisson("n", 2)
        rf.HalfNormal("s", 1)
        rf.Deterministic("twice", 2 * x)
        rf.Potential("wall", -(x**2))
        N("y", x, 1, observed=rf.Data("seen", [1.0, 2.0, 3.0], dims="g"), dims="g")
    return model


def nested(model: rf.Model) -> rf.Model:
    with rf.Model("sub") as sub:
        N("z", model["x"], 1)
    return sub


def conditional(model: rf.Model) -> Any:
    return model.logp_dlogp_function(["x"], ravel_inputs=True)


CASES = {
    # names
    "no name": Case(lambda m: N(3, 0, 1), "first argument of Normal", "got 3", "Normal.dist(...)"),
    "empty name": Case(lambda m: N(" ", 0, 1), "a variable", "got ' '", "give a plain name"),
    "slash": Case(lambda m: N("a/b", 0, 1), "'a/b'", "'/'", "write '_' instead"),
    "reserved": Case(
        lambda m: N("chain", 0, 1), "'chain'", "reserved", "name a variable otherwise"
    ),
    "dim is no name": Case(lambda m: m.add_coord(1, [1]), "a dim", "got 1", "for example"),
    "taken": Case(lambda m: N("x", 0, 1), "'x'", "already", "give this one another name"),
    "name of a dim": Case(lambda m: N("g", 0, 1), "'g'", "name of a dim", "another name"),
    "dim like a variable": Case(
        lambda m: m.add_coord("x", [1]), "'x'", "name of a variable", "give"
    ),
    "unknown variable": Case(lambda m: m["tau"], "'tau'", "no variable", "here are: d"),
    # arrays
    "no numbers": Case(lambda m: rf.Data("a", None), "'a'", "got None", "give numbers"),
    "ragged": Case(lambda m: rf.Data("a", [[1.0], [1, 2]]), "'a'", "not a rect", "equal length"),
    "dates": Case(
        lambda m: rf.Data("a", np.array(["2020-01-01"], "datetime64[D]")),
        "'a'",
        "datetime",
        "factorize",
    ),
    "text": Case(lambda m: rf.Data("a", ["u", "v"]), "'a'", "<U1", "pandas.factorize"),
    "objects": Case(
        lambda m: rf.Data("a", [object()]), "'a'", "must hold real numbers", "factorize"
    ),
    "masked start": Case(
        lambda m: N("a", 0, 1, shape=2, initval=np.ma.masked_array([1.0, 2], [True, False])),
        "initval of 'a'",
        "masked",
        "leave those rows out",
    ),
    "missing start": Case(
        lambda m: N("a", 0, 1, shape=2, initval=[1.0, None]),
        "initval of 'a'",
        "1 missing",
        "leave those",
    ),
    "complex": Case(
        lambda m: rf.Deterministic("a", pt.constant(1j)), "'a'", "got dtype complex128", "real part"
    ),
    # data
    "empty data": Case(lambda m: rf.Data("a", []), "'a'", "(0,)", "give at least one"),
    "set_data of a list": Case(lambda m: rf.set_data([1]), "new_data", "got list", "for example"),
    "not Data": Case(lambda m: rf.set_data({"x": 1.0}), "'x'", "is not Data", 'Data("x_data"'),
    "no Data": Case(lambda m: rf.set_data({"q": 1.0}), "'q'", "no Data", "there are: d"),
    "other axes": Case(lambda m: rf.set_data({"d": 1.0}), "'d'", "shape ()", "reshape it"),
    "new data empty": Case(lambda m: rf.set_data({"d": []}), "'d'", "(0,)", "give at least one"),
    "fixed axis": Case(
        lambda m: rf.set_data({"one": np.ones((3, 2))}),
        "'one'",
        "length 2 on axis 1",
        "give that axis a dim",
    ),
    "digits lost": Case(
        lambda m: rf.set_data({"whole": [1.5, 2, 3]}),
        "'whole'",
        "float64",
        "write the Data with floats",
    ),
    "labels of no dim": Case(
        lambda m: m.set_data("d", [1.0], coords={"h": [1]}),
        "'h'",
        "no dim",
        "did you mean|here are: g",
    ),
    "lengths differ": Case(
        lambda m: rf.set_data({"d": [1.0], "seen": [1.0, 2.0]}),
        "'g'",
        "length 2 by 'seen' but 1",
        "same length",
    ),
    "new missing": Case(
        lambda m: rf.set_data({"seen": [1.0, NAN, 2.0]}), "'y'", "1 missing", "Leave those rows out"
    ),
    # dims
    "no dim": Case(lambda m: N("a", 0, 1, dims="h"), "'h'", "no dim", "model.add_coord('h'"),
    "other labels": Case(
        lambda m: m.add_coord("g", [1]), "'g'", "length 3", "set_data(..., coords=)"
    ),
    "labels and length": Case(
        lambda m: m.set_dim("g", 2, [1]), "'g'", "length 2 and 1 labels", "give as many"
    ),
    "old labels": Case(lambda m: m.set_dim("g", 2), "'g'", "3 labels", "pass the new labels too"),
    "no labels": Case(lambda m: m.add_coord("h"), "'h'", "neither", "give labels"),
    "bad labels": Case(lambda m: m.add_coord("h", "ab"), "'h'", "got 'ab'", "give a sequence"),
    "labels of two axes": Case(
        lambda m: m.add_coord("h", np.ones((2, 2))), "'h'", "(2, 2)", "give a sequence"
    ),
    "no label": Case(lambda m: m.add_coord("h", []), "'h'", "empty", "at least one label"),
    "bad length": Case(lambda m: m.add_coord("h", length=0), "'h'", "got 0", "give one"),
    "two lengths": Case(
        lambda m: m.add_coord("h", [1, 2], length=3), "'h'", "length=3", "leave length= out"
    ),
    "labels and data": Case(
        lambda m: m.add_coord("h", [1, 2, 3], length=m["d"].shape[0]), "'h'", "got", "leave one"
    ),
    "length of data": Case(
        lambda m: m.add_coord("h", length=m["d"]), "'h'", "got d", "for example data.shape[0]"
    ),
    "coords are a list": Case(lambda m: m.add_coords(["g"]), "coords", "got list", "for example"),
    "dims are no names": Case(lambda m: N("a", 0, 1, dims=3), "'a'", "got 3", "tuple of names"),
    "dims repeat": Case(
        lambda m: N("a", 0, 1, dims=("g", "g")), "'a'", "('g', 'g')", "a dim of its own"
    ),
    # shapes
    "shape of text": Case(lambda m: N("a", 0, 1, shape="2"), "'a'", "got '2'", "for example"),
    "shape of zero": Case(lambda m: N("a", 0, 1, shape=0), "'a'", "got 0", "leave the axis out"),
    "nothing observed": Case(
        lambda m: N("a", 0, 1, observed=[]), "'a'", "(0,)", "give at least one"
    ),
    "observed and dims": Case(
        lambda m: N("a", 0, 1, observed=[1.0], dims="g"), "'a'", "length 1", "make them agree"
    ),
    "axes of observed": Case(
        lambda m: N("a", 0, 1, observed=[1.0], shape=(1, 1)),
        "'a'",
        "shape=(1, 1)",
        "one length or dim per axis",
    ),
    "axis without length": Case(
        lambda m: rf.GaussianRandomWalk("a", 0, 1, init_dist=N.dist(0, 1), dims=(None,)),
        "'a'",
        "axis 0",
        "pass shape=",
    ),
    "too many axes": Case(
        lambda m: N("a", np.ones((2, 3)), 1, shape=3), "'a'", "(2, 3)", "reduce the parameters"
    ),
    "unfit": Case(lambda m: N("a", np.ones(2), 1, dims="g"), "'a'", "length 2", "index or reshape"),
    "parameters apart": Case(
        lambda m: N("a", m["v"] * np.ones(2), m["s"]),
        "'v'|v",
        "2 and 3|lengths",
        "index or reshape",
    ),
    "dims of a deterministic": Case(
        lambda m: rf.Deterministic("a", m["v"][:2], dims="g"),
        "'a'",
        "length 2",
        "change the coords",
    ),
    "a dim too many": Case(
        lambda m: rf.Deterministic("a", m["v"], dims=("g", "g2")),
        "'a'",
        "(3,)",
        "give one dim per axis",
    ),
    "matrix product": Case(
        lambda m: rf.Deterministic("a", rf.math.dot(np.ones((2, 2)), m["v"])),
        "v",
        "2 and 3",
        "reshape",
    ),
    "index out of range": Case(
        lambda m: N("a", m["v"][np.array([0, 3])], 1), "v", "index 3", "indices run from 0 to 2"
    ),
    "changing length of one": Case(
        lambda m: (
            m.set_data("one", np.ones((1, 1))),
            N("a", m["one"].T + m["v"][:, None] * np.ones((3, 2)), 1),
        ),
        "one",
        "length 1",
        "index or reshape|take its only",
    ),
    "random shape": Case(
        lambda m: N("a", 0, 1, shape=m["n"]), "n", "not fixed", "must follow from data"
    ),
    # variables
    "another model": Case(
        lambda m: N("a", N.dist(0, 1), 1), "'a'", "made with .dist()", "write it in the model"
    ),
    "symbolic input": Case(
        lambda m: N("a", pt.dscalar("q"), 1), "'a'", "input q", "write it as Data"
    ),
    "no distribution": Case(
        lambda m: m.register_rv(pt.constant(1.0), "a"), "'a'", "got", "made with .dist()"
    ),
    "registered twice": Case(lambda m: m.register_rv(m["x"], "a"), "'a'", "'x'", "make another"),
    "options of observed": Case(
        lambda m: N("a", 0, 1, observed=1.0, initval=0.0), "'a'", "is observed", "leave them out"
    ),
    "no transform": Case(
        lambda m: N("a", 0, 1, transform="log"), "'a'", "got 'log'", "for example"
    ),
    "discrete transform": Case(
        lambda m: rf.Poisson("a", 1, transform=rf.distributions.transforms.log),
        "'a'",
        "discrete",
        "leave",
    ),
    "constraint on data": Case(
        lambda m: N("a", 0, m["d"] - 5), "'a'", "sigma > 0", "change them so that this holds"
    ),
    "fractions": Case(lambda m: rf.Poisson("a", 1, observed=[0.5]), "'a'", "got 0.5", "round them"),
    "random observed": Case(
        lambda m: N("a", 0, 1, observed=m["x"]), "'a'", "another variable", "Data"
    ),
    "all missing": Case(
        lambda m: N("a", 0, 1, observed=[NAN]), "'a'", "all", "leave observed= out"
    ),
    "missing in a simplex": Case(
        lambda m: rf.Dirichlet("a", np.ones(3), observed=[[0.2, NAN, 0.3]]),
        "'a'",
        "inside its vectors",
        "mask whole",
    ),
    # starts
    "start of text": Case(
        lambda m: N("a", 0, 1, initval="mean"), "'a'", "got 'mean'", "'support_point'"
    ),
    "start not finite": Case(
        lambda m: N("a", 0, 1, initval=np.inf), "'a'", "got inf", "give a number"
    ),
    "start of another shape": Case(
        lambda m: N("a", 0, 1, shape=2, initval=[1.0]), "'a'", "(1,)", "give one number"
    ),
    "starts are a list": Case(
        lambda m: m.initial_point(initvals=[1]), "initvals", "got [1]", "for example"
    ),
    "start of nothing": Case(
        lambda m: m.initial_point(initvals={"q": 1.0}), "'q'", "no free", "here are: x"
    ),
    "start outside": Case(
        lambda m: m.initial_point(initvals={"s": -1.0}), "'s'", "-1", "a value inside"
    ),
    "set_initval": Case(lambda m: m.set_initval("y", 1.0), "'y'", "no free", "here are: x"),
    # log densities and points
    "nothing to add up": Case(
        lambda m: rf.Model(model=None).logp(), "the model", "no random variables", "write a dist"
    ),
    "lengths apart": Case(
        lambda m: rf.Deterministic("a", m["d"] * m["v"][:2]), "d and", "2 and 3", "reshape one"
    ),
    "no term": Case(lambda m: m.logp("d"), "d", "no term", "here are: x"),
    "gradient of discrete": Case(lambda m: m.dlogp("n"), "'n'", "not continuous", "choose among"),
    "point of a list": Case(
        lambda m: m.compile_logp()([1]), "a point", "got [1]", "a dict of values"
    ),
    "point with more": Case(
        lambda m: m.compile_logp()({**m.initial_point(), "q": 1}), "'q'", "no value", "here are: x"
    ),
    "point with less": Case(
        lambda m: m.compile_logp()({}), "'x'", "lacks", "Model.initial_point()"
    ),
    "point of another shape": Case(
        lambda m: m.compile_logp()({**m.initial_point(), "x": [1.0]}), "'x'", "(1,)", "reshape it"
    ),
    "compile a number": Case(lambda m: m.compile_fn(3.0), "compile_fn", "got 3.0", "model['x']"),
    "inputs too few": Case(
        lambda m: m.compile_fn(m.value_vars[0] + 1, inputs=[]),
        "x",
        "not among the inputs",
        "add it",
    ),
    "eval a number": Case(lambda m: m.eval(3.0), "eval", "got 3.0", "variables of the model"),
    "held position": Case(lambda m: conditional(m)([1.0, 2.0]), "x", "got (2,)", "initial_point()"),
    "held values": Case(
        lambda m: m.logp_dlogp_function(["x"], ravel_inputs=False)([1, 2]),
        "x",
        "got 2",
        "in this order",
    ),
    "start not finite to check": Case(
        lambda m: m.check_start_vals({**m.initial_point(), "x": NAN}), "'x'", "nan", "its value is"
    ),
    "logp of a number": Case(
        lambda m: rf.logp(3.0, 1.0), "logp", "got 3.0", "expression of random"
    ),
    "logp of a sum": Case(
        lambda m: rf.logp(m["x"] + m["s"], 1.0),
        "x",
        "the op Add combines 2",
        "CustomDist(logp=...)",
    ),
    "cdf of vectors": Case(
        lambda m: rf.logcdf(rf.Dirichlet.dist(np.ones(3)), [0.2, 0.3, 0.5]),
        "dirichlet",
        "not known",
        "use one",
    ),
    "quantile": Case(
        lambda m: rf.icdf(rf.MvNormal.dist([0.0], [[1.0]]), 0.5), "normal", "not known", "use one"
    ),
    "derived quantile": Case(
        lambda m: rf.icdf(pt.abs(m["x"]), 0.5),
        "quantile function",
        "cannot be derived",
        "expression",
    ),
    "derived cdf": Case(
        lambda m: rf.logcdf(pt.cumsum(m["v"]), 0.5), "log cdf", "cannot be derived", "expression"
    ),
    # looking
    "text formatting": Case(
        lambda m: m.str_repr("html"), "`formatting`", "got 'html'", "choose one"
    ),
    "table": Case(
        lambda m: m.table(truncate_deterministic=0), "`truncate", "got 0", "None for all"
    ),
    "debug": Case(lambda m: m.debug(fn="grad"), "`fn`", "got 'grad'", "'logp', 'dlogp' or"),
    "picture of nothing": Case(
        lambda m: rf.model_to_mermaid(m, var_names=[]), "var_names", "empty", "leave it"
    ),
    "picture of a stranger": Case(
        lambda m: rf.model_to_mermaid(m, var_names=["q"]), "'q'", "no variable", "here are: d"
    ),
    "picture formatting": Case(
        lambda m: rf.model_to_graphviz(m, formatting="x"), "`formatting`", "got 'x'", "'plain' or"
    ),
    "picture kinds": Case(
        lambda m: rf.model_to_graphviz(m, node_formatters={"q": dict}),
        "`node_formatters`",
        "'q'",
        "there are: Free",
    ),
    # other models
    "model of text": Case(lambda m: rf.Model(model="m"), "`model`", "got 'm'", "leave it out"),
    "bounds": Case(lambda m: rf.Model(check_bounds=1), "`check_bounds`", "got 1", "True is usual"),
    "model= of text": Case(lambda m: N("a", 0, 1, model="m"), "'a'", "got 'm'", "leave it out"),
    "copy of a part": Case(lambda m: nested(m).copy(), "'sub'", "nested", "outermost model"),
    "freeze": Case(
        lambda m: rf.freeze_dims_and_data(m, data=["q"]), "`data`", "'q'", "here are: d"
    ),
    "do a list": Case(lambda m: rf.do(m, [1]), "do", "got [1]", "dict of variables"),
    "do a stranger": Case(lambda m: rf.do(m, {"q": 1}), "'q'", "no variable", "here are: d"),
    "do itself": Case(
        lambda m: rf.do(m, {"x": m["x"] + 1}), "'x'", "of itself", "set it to numbers"
    ),
    "do in a circle": Case(
        lambda m: rf.do(m, {"x": m["s"], "s": m["x"]}),
        "'x'",
        "depends on itself",
        "set it to something else",
    ),
    "do a shape": Case(lambda m: rf.do(m, {"v": [1.0]}), "'v'", "(1,)", "give one number"),
    "do axes": Case(lambda m: rf.do(m, {"v": np.ones((3, 3))}), "'v'", "with 2", "give one number"),
    "do fractions": Case(lambda m: rf.do(m, {"n": 0.5}), "'n'", "discrete", "whole numbers"),
    "prune": Case(
        lambda m: rf.do(m, {"x": 1.0}, prune_vars=True),
        "'wall'",
        "potentials",
        "leave prune_vars out",
    ),
    "transforms of data": Case(
        lambda m: rf.change_value_transforms(m, {"d": None}),
        "'d'",
        "not a free",
        "the free ones are",
    ),
    "transforms of text": Case(
        lambda m: rf.change_value_transforms(m, {"s": "log"}), "'s'", "got 'log'", "for example"
    ),
    "observe data": Case(lambda m: rf.observe(m, {"d": 1.0}), "'d'", "neither", "set_data"),
    "observe a shape": Case(
        lambda m: rf.observe(m, {"v": [1.0]}), "'v'", "(1,)", "one observation for each"
    ),
    "observe what is used": Case(
        lambda m: rf.observe(m, {"twice": 1.0}), "'x'", "depends on it too", "observe 'x' itself"
    ),
    # parts of the data
    "batch size": Case(
        lambda m: rf.Minibatch([1.0], batch_size=0), "`batch_size`", "got 0", "for example"
    ),
    "batch of a half": Case(
        lambda m: rf.Minibatch([1.0], batch_size=0.5), "`batch_size`", "got 0.5", "for"
    ),
    "batch of lengths": Case(
        lambda m: rf.Minibatch([1.0], [1.0, 2.0], batch_size=1),
        "Minibatch",
        "got [1, 2]",
        "the same rows",
    ),
    "batch of a number": Case(
        lambda m: rf.Minibatch(1.0, batch_size=1), "Minibatch", "single", "give an array"
    ),
    "batch of an input": Case(
        lambda m: rf.Minibatch(pt.dvector("q"), batch_size=1),
        "Minibatch",
        "input q",
        "write it as Data",
    ),
    "batch of draws": Case(
        lambda m: rf.Minibatch(m["v"], batch_size=1),
        "Minibatch",
        "got random",
        "take the rows before",
    ),
    "total of nothing": Case(
        lambda m: N("a", 0, 1, total_size=3), "'a'", "not observed", "leave total_size out"
    ),
    "total of text": Case(
        lambda m: N("a", 0, 1, observed=[1.0], total_size="3"), "'a'", "got '3'", "positive integer"
    ),
    "total of axes": Case(
        lambda m: N("a", 0, 1, observed=[1.0], total_size=[3, 3]),
        "'a'",
        "2 entries",
        "at most one per axis",
    ),
    "total of missing": Case(
        lambda m: N("a", 0, 1, observed=[1.0, NAN], total_size=3),
        "'a'",
        "missing",
        "leave those rows out",
    ),
    "seed": Case(
        lambda m: rf.draw(m["x"], random_seed=-1), "`random_seed`", "got -1", "non-negative"
    ),
    "seed of a boolean": Case(
        lambda m: rf.draw(m["x"], random_seed=True), "`random_seed`", "got True", "None"
    ),
}
