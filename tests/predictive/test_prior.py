"""Prior and prior predictive draws."""

import numpy as np
import pytest

import rufous as rf
from rufous.results import get_group, group_names


@pytest.fixture
def model():
    with rf.Model(coords={"school": list("abc")}) as model:
        x = rf.Data("x", [0.0, 1.0, 2.0], dims="school")
        mu = rf.Normal("mu", 10, 1)
        theta = rf.Normal("theta", mu, 0.1, dims="school")
        rf.Deterministic("twice", 2 * theta, dims="school")
        rf.Poisson("count", 3.0)
        rf.Normal("y", theta + x, 0.01, observed=[1.0, 2.0, 3.0], dims="school")
    return model


def test_groups_dims_and_labels(model):
    idata = rf.sample_prior_predictive(50, model=model, random_seed=1)
    assert group_names(idata) == ("prior", "prior_predictive", "observed_data", "constant_data")
    prior = get_group(idata, "prior")
    assert set(prior.data_vars) == {"mu", "theta", "twice", "count"}
    assert prior["theta"].dims == ("chain", "draw", "school")
    assert prior["theta"].shape == (1, 50, 3)
    assert list(prior["school"].values) == list("abc")
    assert prior["count"].dtype == "int64"
    assert list(get_group(idata, "prior_predictive").data_vars) == ["y"]
    np.testing.assert_array_equal(get_group(idata, "observed_data")["y"], [1.0, 2.0, 3.0])
    np.testing.assert_array_equal(get_group(idata, "constant_data")["x"], [0.0, 1.0, 2.0])


def test_variables_of_a_draw_belong_together(model):
    idata = rf.sample_prior_predictive(2000, model=model, random_seed=1)
    prior, y = get_group(idata, "prior"), get_group(idata, "prior_predictive")["y"].values
    np.testing.assert_array_equal(prior["twice"], 2 * prior["theta"])
    rest = y - prior["theta"].values - [0.0, 1.0, 2.0]
    assert np.abs(rest).max() < 0.01 * 6
    spread = (prior["theta"] - prior["mu"]).values.std()
    assert abs(spread - 0.1) < 5 * 0.1 / np.sqrt(2 * 6000)


def test_the_seed_decides_and_names_do_not(model):
    def draws(names, seed):
        idata = rf.sample_prior_predictive(20, model=model, var_names=names, random_seed=seed)
        return get_group(idata, "prior")["theta"].values

    np.testing.assert_array_equal(draws(None, 1), draws("theta", 1))
    assert not np.array_equal(draws("theta", 1), draws("theta", 2))


def test_only_what_is_asked_for(model):
    idata = rf.sample_prior_predictive(5, model=model, var_names=["y"])
    assert group_names(idata) == ("prior_predictive", "observed_data", "constant_data")


def test_new_data_give_new_shapes(model):
    with model:
        rf.set_data({"x": [0.0]}, coords={"school": ["z"]})
        idata = rf.sample_prior_predictive(5, random_seed=1, var_names=["y", "theta"])
    assert get_group(idata, "prior")["theta"].shape == (1, 5, 1)
    assert group_names(idata) == ("prior", "prior_predictive", "constant_data")


def test_potentials_are_warned_about():
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1)
        rf.Potential("pull", -x)
    with pytest.warns(rf.RufousWarning, match=r"potentials \('pull'\)"):
        rf.sample_prior_predictive(5, model=model)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"draws": 0}, rf.SettingsError, "`draws` must be a positive integer, got 0"),
        ({"draws": 2.5}, rf.SettingsError, "`draws` must be a positive integer"),
        ({"var_names": ["thet"]}, rf.UnknownNameError, "did you mean 'theta'"),
        ({"var_names": "x"}, rf.UnknownNameError, "var_names has 'x'"),
        ({"var_names": []}, rf.ModelError, "var_names is empty"),
        ({"random_seed": -1}, rf.SettingsError, "`random_seed` must be"),
    ],
)
def test_bad_arguments_are_refused(model, arguments, error, text):
    with pytest.raises(error, match=text):
        rf.sample_prior_predictive(**{"draws": 5, "model": model, **arguments})


def test_without_a_model_or_variables():
    with pytest.raises(rf.ModelError, match="sample_prior_predictive needs a model"):
        rf.sample_prior_predictive()
    with pytest.raises(rf.ModelError, match="no random variables"):
        rf.sample_prior_predictive(model=rf.Model())


def test_an_improper_prior_is_refused():
    with rf.Model() as model:
        rf.Flat("x")
    with pytest.raises(rf.UnsupportedError, match="Flat"):
        rf.sample_prior_predictive(5, model=model)


def test_a_bad_draw_names_the_variable():
    with rf.Model() as model:
        s = rf.Normal("s", 0, 1)
        rf.Normal("y", 0, s)
    with pytest.raises(rf.ModelError, match="drawing 'y' failed"):
        rf.sample_prior_predictive(50, model=model, random_seed=1)
