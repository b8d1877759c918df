"""Posterior predictive draws, in and out of sample."""

import logging

import numpy as np
import pytest

import rufous as rf
from rufous.results import GroupSpec, get_group, group_names, to_inference_data

SIGMA = 1e-6


@pytest.fixture
def model():
    with rf.Model(coords={"school": list("ab")}) as model:
        x = rf.Data("x", [0.0, 1.0, 2.0], dims="row")
        school = rf.Data("school_of_row", [0, 0, 1], dims="row")
        mu = rf.Normal("mu", 0, 1)
        theta = rf.Normal("theta", mu, SIGMA, dims="school")
        mean = rf.Deterministic("mean", theta[school] + x, dims="row")
        rf.Normal("y", mean, SIGMA, observed=[1.0, 2.0, 3.0], dims="row")
    return model


@pytest.fixture
def trace(model):
    rng = np.random.default_rng(1)
    mu = rng.normal(size=(2, 10))
    theta = mu[..., None] + [100.0, 200.0]
    data = GroupSpec(
        {name: value for name, (value, _) in model.constant_arrays().items()},
        {"x": ("row",), "school_of_row": ("row",)},
        sample_dims=(),
    )
    return to_inference_data(
        {
            "posterior": GroupSpec({"mu": mu, "theta": theta}, {"theta": ("school",)}),
            "constant_data": data,
        },
        coords=model.coords,
    )


def posterior(trace):
    return get_group(trace, "posterior")


def predicted(idata, group="posterior_predictive", name="y"):
    return get_group(idata, group)[name].values


def test_draws_follow_the_posterior(model, trace):
    idata = rf.sample_posterior_predictive(trace, model, random_seed=1)
    assert group_names(idata) == ("posterior_predictive", "observed_data", "constant_data")
    y = get_group(idata, "posterior_predictive")["y"]
    assert y.dims == ("chain", "draw", "row")
    expected = posterior(trace)["theta"].values[..., [0, 0, 1]] + [0.0, 1.0, 2.0]
    np.testing.assert_allclose(y.values, expected, atol=6 * SIGMA)
    assert not np.array_equal(y.values, expected)


def test_new_data_predict_new_rows(model, trace):
    with model:
        rf.set_data({"x": [5.0], "school_of_row": [1]})
        idata = rf.sample_posterior_predictive(trace, predictions=True, random_seed=1)
    assert group_names(idata) == ("predictions", "predictions_constant_data")
    expected = posterior(trace)["theta"].values[..., [1]] + 5.0
    np.testing.assert_allclose(predicted(idata, "predictions"), expected, atol=6 * SIGMA)


def test_new_groups_are_drawn_given_the_rest(model, trace, caplog):
    with model, caplog.at_level(logging.INFO, logger="rufous"):
        rf.set_data({"x": [0.0], "school_of_row": [2]}, coords={"school": list("xyz")})
        idata = rf.sample_posterior_predictive(trace, var_names=["y", "theta"], random_seed=1)
    theta = predicted(idata, name="theta")
    assert theta.shape == (2, 10, 3)
    mu = posterior(trace)["mu"].values[..., None]
    np.testing.assert_allclose(theta, np.broadcast_to(mu, theta.shape), atol=6 * SIGMA)
    np.testing.assert_allclose(predicted(idata), theta[..., [2]], atol=6 * SIGMA)
    assert "'theta' is drawn anew" in caplog.text


def test_the_same_number_of_other_groups_is_drawn_anew_too(model, trace):
    with model:
        rf.set_data({}, coords={"school": list("cd")})
        idata = rf.sample_posterior_predictive(trace, random_seed=1)
    mu = posterior(trace)["mu"].values[..., None]
    np.testing.assert_allclose(predicted(idata), np.add(mu, [0.0, 1.0, 2.0]), atol=12 * SIGMA)


def test_a_free_variable_that_is_named_is_copied(model, trace):
    idata = rf.sample_posterior_predictive(trace, model, var_names=["theta"], random_seed=1)
    np.testing.assert_array_equal(predicted(idata, name="theta"), posterior(trace)["theta"].values)


def test_a_free_variable_is_drawn_anew_given_the_rest(model, trace):
    idata = rf.sample_posterior_predictive(trace, model, sample_vars=["theta"], random_seed=1)
    theta, mu = predicted(idata, name="theta"), posterior(trace)["mu"].values[..., None]
    np.testing.assert_allclose(theta, np.broadcast_to(mu, theta.shape), atol=6 * SIGMA)


def test_deterministics_are_computed(model, trace):
    idata = rf.sample_posterior_predictive(trace, model, var_names="mean")
    expected = posterior(trace)["theta"].values[..., [0, 0, 1]] + [0.0, 1.0, 2.0]
    np.testing.assert_allclose(predicted(idata, name="mean"), expected)


def test_a_stored_deterministic_stands_in_for_what_it_is_made_of(model):
    mean = np.arange(60.0).reshape(2, 10, 3)
    idata = rf.sample_posterior_predictive({"mean": mean}, model, random_seed=1)
    np.testing.assert_allclose(predicted(idata), mean, atol=6 * SIGMA)


def test_a_stored_deterministic_of_other_data_does_not(model, trace):
    stored = np.zeros((2, 10, 3))
    groups = {"posterior": GroupSpec({"mean": stored}, {"mean": ("row",)})}
    from rufous.results import extend

    whole = posterior(trace)
    groups["posterior"] = GroupSpec(
        {"mean": stored, "mu": whole["mu"].values, "theta": whole["theta"].values},
        {"mean": ("row",), "theta": ("school",)},
    )
    extend(trace, groups, coords=model.coords)
    with model:
        rf.set_data({"x": [7.0, 7.0, 7.0]})
        idata = rf.sample_posterior_predictive(trace, random_seed=1)
    expected = whole["theta"].values[..., [0, 0, 1]] + 7.0
    np.testing.assert_allclose(predicted(idata), expected, atol=6 * SIGMA)


def test_a_variable_that_the_trace_lacks_is_warned_about(model, trace):
    theta = posterior(trace)["theta"].values
    with pytest.warns(rf.RufousWarning, match="'theta': the trace lacks it"):
        rf.sample_posterior_predictive({"mu": theta[..., 0]}, model)
    # mu is not needed where theta is there
    rf.sample_posterior_predictive({"theta": theta}, model)


def test_a_variable_of_another_shape_is_warned_about(model, trace):
    theta = posterior(trace)["theta"].values[..., :1]
    with pytest.warns(rf.RufousWarning, match=r"'theta': it has shape \(2,\), in the trace \(1,\)"):
        rf.sample_posterior_predictive({"mu": theta[..., 0], "theta": theta}, model)


def test_traces_of_other_kinds(model, trace):
    whole = rf.sample_posterior_predictive(trace, model, random_seed=1)
    group = rf.sample_posterior_predictive(posterior(trace), model, random_seed=1)
    arrays = {name: posterior(trace)[name].values for name in ("mu", "theta")}
    mapping = rf.sample_posterior_predictive(arrays, model, random_seed=1)
    np.testing.assert_array_equal(predicted(whole), predicted(group))
    np.testing.assert_array_equal(predicted(whole), predicted(mapping))


def test_stacked_draws(model, trace):
    stacked = posterior(trace).stack(sample=("chain", "draw")).reset_index("sample")
    idata = rf.sample_posterior_predictive(stacked, model, sample_dims="sample", random_seed=1)
    assert get_group(idata, "posterior_predictive")["y"].dims == ("sample", "row")
    whole = rf.sample_posterior_predictive(trace, model, random_seed=1)
    np.testing.assert_array_equal(predicted(idata).reshape(2, 10, 3), predicted(whole))


def test_the_trace_can_be_extended(model, trace):
    same = rf.sample_posterior_predictive(trace, model, extend_inferencedata=True)
    assert same is trace
    data = {"constant_data", "observed_data"}
    assert set(group_names(trace)) == {"posterior", "posterior_predictive", *data}
    rf.sample_posterior_predictive(trace, model, extend_inferencedata=True, predictions=True)
    assert "predictions" in group_names(trace)


def test_labels_of_draws_are_kept(model, trace):
    late = posterior(trace).isel(draw=slice(4, None))
    idata = rf.sample_posterior_predictive(late, model)
    assert list(get_group(idata, "posterior_predictive")["draw"].values) == list(range(4, 10))


def test_discrete_outcomes_keep_their_dtype():
    with rf.Model() as model:
        p = rf.Beta("p", 1, 1)
        rf.Binomial("k", 10, p, observed=[3, 4])
    idata = rf.sample_posterior_predictive({"p": np.full((1, 8), 1.0)}, model)
    assert predicted(idata, name="k").dtype == "int64"
    assert (predicted(idata, name="k") == 10).all()


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        ({"var_names": ["q"]}, rf.UnknownNameError, "var_names has 'q'"),
        ({"sample_dims": ("chain", "step")}, rf.SettingsError, "sample_dims has 'step'"),
        ({"random_seed": -1}, rf.SettingsError, "`random_seed`"),
        ({"trace": 3}, rf.ModelError, "must be the result of sample.*got int"),
        ({"trace": {}}, rf.ShapeError, "2 leading axes"),
        ({"trace": {"mu": np.zeros((0, 0))}}, rf.ShapeError, "no draws"),
        ({"trace": {"mu": [["a"]]}}, rf.ModelError, r"trace\['mu'\]"),
        ({"var_names": 3}, rf.ModelError, "var_names must be a name"),
        ({"sample_vars": ["q"]}, rf.UnknownNameError, "sample_vars has 'q'"),
        ({"freeze_vars": ["q"]}, rf.UnknownNameError, "freeze_vars has 'q'"),
        ({"freeze_vars": "mean"}, rf.SettingsError, "'mean', which the trace does not have"),
        (
            {"freeze_vars": "theta", "sample_vars": "theta"},
            rf.SettingsError,
            "'theta' is both in sample_vars and in freeze_vars",
        ),
        ({"backend": "numba"}, rf.SettingsError, "`backend` must be left out"),
        ({"compile_kwargs": {"x": 1}}, rf.SettingsError, "'x', which does nothing here"),
        ({"idata_kwargs": {"x": 1}}, rf.SettingsError, "'x', which does nothing here"),
        ({"progressbar": "no"}, rf.SettingsError, "`progressbar` must be True or False"),
        ({"return_inferencedata": 1}, rf.SettingsError, "`return_inferencedata` must be"),
        ({"trace": [{"mu": 1.0}, {"theta": [1.0, 2.0]}]}, rf.ShapeError, "the same variables"),
        ({"trace": {"mu": [1.0]}}, rf.ShapeError, "2 leading axes"),
        ({"trace": {"mu": [[1.0]], "theta": [[1.0, 2.0]]}}, rf.ShapeError, "2 leading axes"),
        (
            {"trace": {"mu": [[1.0]]}, "extend_inferencedata": True},
            rf.SettingsError,
            "needs a trace that holds groups",
        ),
    ],
)
def test_bad_arguments_are_refused(model, trace, arguments, error, text):
    with pytest.raises(error, match=text):
        rf.sample_posterior_predictive(**{"trace": trace, "model": model, **arguments})


def test_a_result_without_posterior_is_refused(model):
    prior = rf.sample_prior_predictive(5, model=model)
    with pytest.raises(rf.ModelError, match="no posterior group"):
        rf.sample_posterior_predictive(prior, model)


def test_an_incomplete_exchange_is_refused(model, trace):
    with model:
        rf.set_data({"x": [5.0]})
        with pytest.raises(rf.ShapeError, match=r"lengths 1 and 3|length 1"):
            rf.sample_posterior_predictive(trace)


def test_a_model_without_data_has_nothing_to_predict():
    with rf.Model() as model:
        rf.Normal("x", 0, 1)
    with pytest.raises(rf.ModelError, match="no observed variables"):
        rf.sample_posterior_predictive({"x": [[1.0]]}, model)


@pytest.fixture
def chain_of_three():
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1)
        scale = rf.Data("scale", 1.0)
        z = rf.Normal("z", x * scale, SIGMA)
        rf.Deterministic("twice", 2 * z)
        rf.Normal("y", z, SIGMA, observed=[0.0])
    draws = {"x": np.arange(6.0).reshape(2, 3), "z": np.full((2, 3), 50.0)}
    data = GroupSpec({"scale": 1.0}, sample_dims=())
    return model, to_inference_data({"posterior": GroupSpec(draws), "constant_data": data})


def test_a_kept_variable_downstream_of_a_new_draw_is_warned_about(chain_of_three):
    model, trace = chain_of_three
    with pytest.warns(rf.RufousWarning, match="'z': it depends on 'x'.*sample_vars.*freeze_vars"):
        drawn = rf.sample_posterior_predictive(trace, model, sample_vars="x", var_names=["x", "z"])
    assert not np.array_equal(predicted(drawn, name="x"), trace["posterior"]["x"].values)
    assert (predicted(drawn, name="z") == 50.0).all()
    kept = rf.sample_posterior_predictive(
        trace, model, sample_vars="x", freeze_vars="z", var_names=["y", "twice"]
    )
    np.testing.assert_allclose(predicted(kept), 50.0, atol=6 * SIGMA)
    assert (predicted(kept, name="twice") == 100.0).all()
    both = rf.sample_posterior_predictive(trace, model, sample_vars=["x", "z"], random_seed=1)
    x, z = predicted(both, name="x"), predicted(both, name="z")
    np.testing.assert_allclose(z, x, atol=6 * SIGMA)


def test_a_kept_variable_downstream_of_new_data_is_warned_about(chain_of_three):
    model, trace = chain_of_three
    with model:
        rf.set_data({"scale": 3.0})
        with pytest.warns(rf.RufousWarning, match="'z': it depends on 'scale'"):
            kept = rf.sample_posterior_predictive(trace)
        anew = rf.sample_posterior_predictive(trace, sample_vars="z", var_names="y")
    np.testing.assert_allclose(predicted(kept), 50.0, atol=6 * SIGMA)
    expected = 3.0 * trace["posterior"]["x"].values[..., None]
    np.testing.assert_allclose(predicted(anew), expected, atol=18 * SIGMA)


def test_a_frozen_deterministic_keeps_its_values(model, trace):
    stored = np.zeros((2, 10, 3))
    draws = {name: posterior(trace)[name].values for name in ("mu", "theta")} | {"mean": stored}
    kept = rf.sample_posterior_predictive(draws, model, freeze_vars="mean", random_seed=1)
    np.testing.assert_allclose(predicted(kept), 0.0, atol=6 * SIGMA)
    anew = rf.sample_posterior_predictive(draws, model, sample_vars="mean", random_seed=1)
    expected = draws["theta"][..., [0, 0, 1]] + [0.0, 1.0, 2.0]
    np.testing.assert_allclose(predicted(anew, name="mean"), expected)


def test_plain_arrays_and_points(model, trace):
    arrays = rf.sample_posterior_predictive(
        trace, model, random_seed=1, return_inferencedata=False, progressbar=False
    )
    whole = rf.sample_posterior_predictive(trace, model, random_seed=1)
    np.testing.assert_array_equal(arrays["y"], predicted(whole))
    points = [{"mu": 0.0, "theta": [1.0, 2.0]}, {"mu": 0.0, "theta": [3.0, 4.0]}]
    drawn = rf.sample_posterior_predictive(points, model, return_inferencedata=False)
    np.testing.assert_allclose(drawn["y"], [[[1, 2, 4], [3, 4, 6]]], atol=6 * SIGMA)


def test_further_labels_and_another_mode(trace):
    with rf.Model() as model:
        theta = rf.Normal("theta", 0, 1, shape=2)
        rf.Normal("y", theta, SIGMA, observed=[1.0, 2.0])
    options = {"idata_kwargs": {"dims": {"y": ["k"], "theta": ["k"]}, "coords": {"k": ["a", "b"]}}}
    mode = {"compile_kwargs": {"mode": "FAST_COMPILE"}}
    prior = rf.sample_prior_predictive(5, model, random_seed=1, **options, **mode)
    assert get_group(prior, "prior")["theta"].dims == ("chain", "draw", "k")
    drawn = rf.sample_posterior_predictive(
        get_group(prior, "prior"), model, random_seed=1, **options, **mode
    )
    y = get_group(drawn, "posterior_predictive")["y"]
    assert y.dims == ("chain", "draw", "k") and list(y["k"].values) == ["a", "b"]
    arrays = rf.sample_prior_predictive(5, model, random_seed=1, return_inferencedata=False)
    np.testing.assert_array_equal(arrays["theta"], get_group(prior, "prior")["theta"].values[0])
    assert rf.draw(model["theta"], 3, mode="FAST_COMPILE").shape == (3, 2)
    with pytest.raises(rf.SettingsError, match="`backend` must be left out"):
        rf.draw(model["theta"], backend="jax")


def test_what_was_missing_is_predicted_whole():
    with rf.Model() as model, pytest.warns(rf.ImputationWarning):
        mu = rf.Normal("mu", 0, 1)
        rf.Normal("y", mu, SIGMA, observed=[1.0, np.nan, 3.0])
    draws = {"mu": np.zeros((1, 4)), "y_unobserved": np.full((1, 4, 1), 7.0)}
    drawn = rf.sample_posterior_predictive(draws, model, return_inferencedata=False)
    assert set(drawn) == {"y_observed", "y"}
    assert (drawn["y"][..., 1] == 7.0).all()
    np.testing.assert_allclose(drawn["y"][..., [0, 2]], drawn["y_observed"])


def test_deterministics_from_other_groups_and_in_place():
    with rf.Model() as model:
        rf.Deterministic("twice", 2 * rf.Normal("x", 0, 1))
    prior = rf.sample_prior_predictive(5, model, var_names=["x"], random_seed=1)
    x = get_group(prior, "prior")["x"].values
    found = rf.compute_deterministics(prior, model=model, progressbar=False)
    np.testing.assert_array_equal(found["twice"].values, 2 * x)
    assert rf.compute_deterministics(prior, model=model, extend_dataset=True) is prior
    np.testing.assert_array_equal(get_group(prior, "prior")["twice"].values, 2 * x)
    dataset = get_group(prior, "prior")
    with pytest.raises(rf.SettingsError, match="`group` chooses a group of a whole result"):
        rf.compute_deterministics(dataset, group="prior", model=model)
    with pytest.raises(rf.SettingsError, match="`extend_dataset` needs a Dataset"):
        rf.compute_deterministics({"x": x}, model=model, extend_dataset=True)
    with pytest.raises(rf.UnknownNameError, match="no group named 'posterior'"):
        rf.compute_deterministics(prior, group="posterior", model=model)
