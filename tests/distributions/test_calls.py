"""Calling a distribution: signature, parameters of every kind, generators, shapes, refusals."""

from __future__ import annotations

import inspect

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import rufous.distributions as rd
from contracts.graph_tools import density_at, density_graph, draw, evaluate
from rufous.distributions.base import Distribution
from rufous.errors import ModelError, SettingsError, ShapeError, UnsupportedError
from rufous.model.model import Model

ALL = [getattr(rd, name) for name in rd.__all__ if name not in ("Distribution", "transforms")]


@pytest.mark.parametrize("distribution", ALL, ids=lambda d: d.__name__)
def test_signature_names_parameters_and_options(distribution):
    names = list(inspect.signature(distribution).parameters)
    assert names[0] == "name"
    assert {"shape", "dims", "observed", "initval", "transform", "model"} <= set(names)
    assert "kwargs" not in names
    assert issubclass(distribution, Distribution)


@pytest.mark.parametrize("distribution", ALL, ids=lambda d: d.__name__)
def test_documentation_states_the_distribution(distribution):
    text = inspect.getdoc(distribution)
    for part in (".. math::", "Support", "Mean", "Examples", ">>> import rufous as rf"):
        assert part in text
    for name in list(inspect.signature(distribution.parametrise).parameters):
        assert f"{name} : " in text


def test_parameters_of_every_kind():
    x = pt.scalar("x")
    wanted = density_at(rd.Normal.dist([1.0, 2.0], 3.0), [0.5, 0.5])
    for mu in ([1, 2], (1, 2), np.array([1, 2], dtype=np.uint8), np.ma.array([1, 2])):
        np.testing.assert_array_equal(density_at(rd.Normal.dist(mu, 3), [0.5, 0.5]), wanted)
    mixed = density_graph(rd.Normal.dist([x, 2], 3), pt.constant([0.5, 0.5]))
    np.testing.assert_array_equal(evaluate(mixed, {x: 1.0}), wanted)
    shared = pytensor.shared(np.array([1, 2], dtype=np.int8))
    assert rd.Normal.dist(shared, 3).owner.inputs[2].dtype == "float64"
    single = rd.Normal.dist(np.float32(0.1), 1).owner.inputs[2]
    assert evaluate(single) == np.float64(np.float32(0.1))
    pandas = pytest.importorskip("pandas")
    series = density_at(rd.Normal.dist(pandas.Series([1, 2]), 3), [0.5, 0.5])
    np.testing.assert_array_equal(series, wanted)


def test_number_of_trials_stays_an_integer():
    for n in (10, 10.0, np.int8(10), np.float32(10), [10]):
        assert rd.Binomial.dist(n, 0.5).owner.inputs[2].dtype == "int64"
    with pytest.raises(SettingsError, match=r"whole number, got 2\.5 at index 1"):
        rd.Binomial.dist([2, 2.5], 0.5)
    assert rd.Binomial.dist(pt.scalar("n"), 0.5).owner.inputs[2].dtype == "int64"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("3", "got '3' of type str"),
        (None, "missing"),
        (np.nan, "must be a number"),
        ([1.0, np.nan], "at index 1"),
        ([[1.0, np.inf]], r"at index \(0, 1\)"),
        (1j, "of type complex"),
        (np.array(["a"]), "of type ndarray"),
        ([None, 1.0], "of type list"),
        ({"a": 1}, "of type dict"),
        (np.ma.array([1, 2], mask=[False, True]), "masked"),
        (len, "of type builtin_function_or_method"),
        (pt.tensor("z", dtype="complex128", shape=()), "real numbers"),
    ],
)
def test_what_is_no_number_is_refused(value, text):
    with pytest.raises(SettingsError, match=text):
        rd.Normal.dist(value, 1)


def test_message_names_variable_parameter_requirement_value_and_way_out():
    with Model(), pytest.raises(SettingsError) as error:
        rd.Normal("height", 0, [1.0, -2.5])
    for part in ("Normal 'height'", "`sigma` > 0", "-2.5", "index 1", "positive number"):
        assert part in str(error.value)


def test_too_many_or_missing_parameters():
    with pytest.raises(SettingsError, match="too many positional arguments"):
        rd.Normal.dist(0, 1, None, 3)
    with pytest.raises(SettingsError, match=r"'mu'.*its parameters are `mu`"):
        rd.Poisson.dist()
    with pytest.raises(SettingsError, match="none"):
        rd.Flat.dist(3)


def test_parameters_that_do_not_broadcast():
    with pytest.raises(ShapeError, match=r"\(2,\), \(3,\)"):
        rd.Normal.dist([0, 0], [1, 1, 1])
    with pytest.raises(ShapeError, match="length 2 on axis -1"):
        rd.Normal.dist([0, 0], 1, shape=(2, 3))
    for shape in ("abc", -1, 2.5, (2, -1), (True,), {2}):
        with pytest.raises(SettingsError, match="a length or a tuple of lengths"):
            rd.Normal.dist(0, 1, shape=shape)


def test_shapes_may_be_symbolic():
    n = pt.lscalar("n")
    rv = rd.Normal.dist(0, 1, shape=(n, 2))
    assert evaluate(rv, {n: 3}).shape == (3, 2)
    assert evaluate(rd.Normal.dist(0, 1, shape=n), {n: 3}).shape == (3,)
    lengths = pt.as_tensor([n, 4])
    assert evaluate(rd.Normal.dist(0, 1, shape=lengths), {n: 3}).shape == (3, 4)


def test_generators():
    one, same = (evaluate(rd.Normal.dist(rng=np.random.default_rng(5))) for _ in range(2))
    assert one == same
    shared = pytensor.shared(np.random.default_rng(5))
    assert evaluate(rd.Normal.dist(rng=shared)) == one
    assert evaluate(rd.Normal.dist()) != evaluate(rd.Normal.dist())
    with pytest.raises(SettingsError, match="`rng` must be a numpy"):
        rd.Normal.dist(rng=42)


def test_draws_of_batches_are_independent_and_follow_their_parameters():
    for rv in (
        rd.TruncatedNormal.dist([0, 100], 1, lower=[0, 100], size=(400, 2)),
        rd.NegativeBinomial.dist(mu=[1, 100], alpha=5, size=(400, 2)),
        rd.Categorical.dist([[0.9, 0.1], [0.1, 0.9]], size=(400, 2)),
        rd.Binomial.dist([1, 100], 0.5, size=(400, 2)),
        rd.StudentT.dist(50, [0, 100], sigma=[1, 2], size=(400, 2)),
        rd.InverseGamma.dist([30, 30], [1, 100], size=(400, 2)),
    ):
        draws = draw(rv)
        assert draws.shape == (400, 2)
        means = draws.mean(axis=0)
        assert means[1] > means[0]
        assert len(np.unique(draws[:, 1])) > 1
        assert not np.array_equal(draws[:, 0], draws[:, 1])


@pytest.mark.parametrize("distribution", [rd.Flat, rd.HalfFlat])
def test_improper_priors_have_no_draws(distribution):
    with pytest.raises(UnsupportedError, match=f"{distribution.__name__} is no probability"):
        draw(distribution.dist())


def test_variable_without_a_model_is_refused():
    with pytest.raises(ModelError, match="dist"):
        rd.Normal("x", 0, 1)


def test_option_of_models_outside_of_them():
    for option in ("dims", "observed", "initval", "transform", "model"):
        with pytest.raises(SettingsError, match=f"`{option}` belongs to a variable of a model"):
            rd.Normal.dist(0, 1, **{option: None})


def test_nearest_parameter_is_named():
    for wrong, meant in (("sgima", "sigma"), ("sd", "sigma"), ("Mu", "mu"), ("taus", "tau")):
        with pytest.raises(SettingsError) as error:
            rd.Normal.dist(**{wrong: 1})
        assert f"there is no argument `{wrong}`" in str(error.value)
        assert wrong == "sd" or f"did you mean `{meant}`" in str(error.value)


def test_transform_and_starting_value_reach_the_model():
    with Model() as model:
        rd.Normal("x", 0, 1, shape=3, transform=rd.transforms.ordered, initval=[1, 2, 4])
        rd.HalfNormal("s", 1, default_transform=None)
        rd.Beta("p", 1, 1, shape=2, transform=rd.transforms.ordered, initval=[0.2, 0.5])
    assert [v.name for v in model.value_vars] == ["x_ordered__", "s", "p_chain__"]
    point = model.initial_point()
    np.testing.assert_allclose(point["x_ordered__"], [1, 0, np.log(2)])
    np.testing.assert_allclose(point["p_chain__"], [np.log(0.25), np.log(-np.log(0.25))])
