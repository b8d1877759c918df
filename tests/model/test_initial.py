"""Initial points."""

import numpy as np
import pytest

import rufous as rf
from rufous.distributions import transforms


def test_the_support_point_is_the_start():
    with rf.Model() as model:
        mu = rf.Normal("mu", 3, 1)
        rf.HalfNormal("tau", 2.0)
        rf.Normal("x", mu, 1, shape=2)
    point = model.initial_point()
    assert list(point) == ["mu", "tau_log__", "x"]
    np.testing.assert_array_equal(point["x"], [3.0, 3.0])


def test_initval_wins_and_later_variables_see_it():
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 1, initval=7)
        rf.HalfNormal("tau", 1, shape=2, initval=[1.0, np.e])
        rf.Normal("x", mu, 1)
        rf.Normal("z", 0, 1, initval=mu + 1)
    point = model.initial_point()
    assert point["mu"] == 7.0
    np.testing.assert_allclose(point["tau_log__"], [0.0, 1.0])
    assert point["x"] == 7.0
    assert point["z"] == 8.0


def test_a_draw_from_the_prior_depends_on_the_seed():
    with rf.Model() as model:
        mu = rf.Normal("mu", 100, 1, initval="prior")
        rf.Normal("x", mu, 1e-6, shape=3, initval="prior")
    first, again, other = (model.initial_point(seed) for seed in (1, 1, 2))
    assert first["mu"] == again["mu"] != other["mu"]
    np.testing.assert_allclose(first["x"], first["mu"], atol=1e-4)


def test_values_of_the_caller_win_in_either_space():
    with rf.Model() as model:
        s = rf.HalfNormal("s", 1)
        rf.Normal("x", s, 1)
    assert model.initial_point(initvals={"s": 2.0})["x"] == pytest.approx(2.0)
    point = model.initial_point(initvals={"s_log__": np.log(5.0), "x": 1})
    assert point["s_log__"] == pytest.approx(np.log(5.0))
    assert point["x"] == 1.0
    assert model.initial_point(initvals={"s_log__": 0.0})["x"] == pytest.approx(1.0)


def test_data_of_the_caller_win():
    with rf.Model() as model:
        x = rf.Data("x", [1.0, 2.0], dims="row")
        rf.Normal("m", x.sum(), 1)
        rf.Normal("r", 0, 1, dims="row")
    point = model.initial_point(data={"x": np.ones(5), "dim:row": 5})
    assert point["m"] == 5.0
    assert point["r"].shape == (5,)
    assert model.initial_point()["m"] == 3.0


def test_a_transform_that_excludes_the_support_point_needs_no_initval():
    with rf.Model() as model:
        rf.Normal("o", 0, 1, shape=3, transform=transforms.ordered)
        rf.HalfNormal("h", 1, shape=2, transform=transforms.ordered)
    for value in model.initial_point().values():
        assert np.isfinite(value).all()
    assert np.isfinite(model.compile_logp()(model.initial_point()))


@pytest.mark.parametrize(
    ("initval", "error", "text"),
    [
        ([1.0, 2.0, 3.0], rf.ShapeError, r"'x' has shape \(3,\), the variable has shape \(2,\)"),
        (np.nan, rf.ModelError, "'x' must be finite"),
        ([1.0, np.inf], rf.ModelError, "'x' must be finite"),
        ("posterior", rf.ModelError, "'support_point' or 'prior', got 'posterior'"),
        (["a", "b"], rf.ModelError, "initval of 'x'"),
    ],
)
def test_a_bad_initval_is_refused_where_it_is_written(initval, error, text):
    with rf.Model() as model:
        with pytest.raises(error, match=text):
            rf.Normal("x", 0, 1, shape=2, initval=initval)
        assert "x" not in model


def test_a_start_outside_the_support_names_the_variable():
    with rf.Model() as model:
        rf.HalfNormal("s", 1, initval=-1.0)
    with pytest.raises(rf.ModelError, match=r"'s' is outside its support.*-1\.0"):
        model.initial_point()


def test_unknown_names_in_initvals_are_refused():
    with rf.Model() as model:
        rf.Normal("x", 0, 1)
    with pytest.raises(rf.UnknownNameError, match=r"'q': no free variable.*there are: x"):
        model.initial_point(initvals={"q": 1.0})
    with pytest.raises(rf.ModelError, match="initvals must be a dict"):
        model.initial_point(initvals=[1.0])


def test_discrete_variables_start_at_integers():
    with rf.Model() as model:
        rf.Poisson("k", 3.7, initval=2)
    assert model.initial_point()["k"].dtype == "int64"
