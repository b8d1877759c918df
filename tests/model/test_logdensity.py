"""The joint log density, against formulas written out."""

import numpy as np
import pytest
from scipy import stats

import rufous as rf
from rufous.model.evaluate import depends_on_randomness
from rufous.model.python_linker import run


@pytest.fixture
def model():
    with rf.Model(coords={"school": range(3)}) as model:
        mu = rf.Normal("mu", 0, 5)
        tau = rf.HalfNormal("tau", 5)
        theta = rf.Normal("theta", mu, tau, dims="school")
        rf.Normal("y", theta, 2.0, observed=[1.0, 2.0, 3.0], dims="school")
    return model


POINT = {"mu": 0.3, "tau_log__": np.log(1.7), "theta": np.array([0.1, 0.4, -1.0])}


def expected_terms():
    theta = POINT["theta"]
    return {
        "mu": stats.norm(0, 5).logpdf(0.3),
        "tau": stats.halfnorm(scale=5).logpdf(1.7) + np.log(1.7),
        "theta": stats.norm(0.3, 1.7).logpdf(theta).sum(),
        "y": stats.norm(theta, 2.0).logpdf([1.0, 2.0, 3.0]).sum(),
    }


def test_terms_are_those_of_the_formulas(model):
    found = model.point_logps(POINT)
    assert list(found) == ["mu", "tau", "theta", "y"]
    for name, value in expected_terms().items():
        assert found[name] == pytest.approx(value, rel=1e-13)


def test_the_log_density_is_their_sum(model):
    assert model.compile_logp()(POINT) == pytest.approx(sum(expected_terms().values()))


def test_the_jacobian_can_be_left_out(model):
    with_it = model.compile_logp()(POINT)
    assert model.compile_logp(jacobian=False)(POINT) == pytest.approx(with_it - np.log(1.7))


def test_single_terms_can_be_chosen(model):
    expected = expected_terms()
    for chosen in ("theta", model["theta"], model.rvs_to_values[model["theta"]]):
        assert model.compile_logp(chosen)(POINT) == pytest.approx(expected["theta"])
    both = model.compile_logp([model["mu"], "y"])(POINT)
    assert both == pytest.approx(expected["mu"] + expected["y"])


def test_terms_can_stay_elementwise(model):
    found = model.compile_logp(sum=False)(POINT)
    assert [np.shape(term) for term in found] == [(), (), (3,), (3,)]
    np.testing.assert_allclose(found[2], stats.norm(0.3, 1.7).logpdf(POINT["theta"]))


def test_the_gradient_is_that_of_finite_differences(model):
    layout = model.unconstrained_layout()
    position = layout.ravel(POINT)
    logp, step = model.compile_logp(), 1e-6
    numeric = [
        (logp(layout.unravel(position + e)) - logp(layout.unravel(position - e))) / (2 * step)
        for e in step * np.eye(layout.size)
    ]
    np.testing.assert_allclose(model.compile_dlogp()(POINT), numeric, atol=1e-7)
    np.testing.assert_allclose(model.compile_dlogp("tau")(POINT), numeric[1:2], atol=1e-7)


def test_everything_is_float64_and_nothing_random_is_left(model):
    terms = model.logdensity_terms()
    assert {term.dtype for term in terms.values()} == {"float64"}
    assert {term.ndim for term in terms.values()} == {0}
    assert not any(depends_on_randomness(term) for term in terms.values())


def test_float32_data_do_not_narrow_the_log_density():
    with rf.Model() as model:
        b = rf.Normal("b", np.float32(0.1), np.float32(2))
        rf.Normal("y", b * np.float32([0.1, 0.2]), 1, observed=np.float32([0.1, 0.2]))
    assert model.logp().dtype == "float64"
    exact = stats.norm(float(np.float32(0.1)), 2).logpdf(0.5)
    assert model.point_logps({"b": 0.5})["b"] == pytest.approx(exact, rel=1e-14)


def test_integer_parameters_mean_real_numbers():
    with rf.Model() as model:
        rf.Uniform("u", -100, 100)
        rf.Normal("n", 0, 16)
    at = model.point_logps({"u_interval__": 0.0, "n": 1.0})
    assert at["u"] == pytest.approx(-np.log(200) + np.log(200) + 2 * np.log(0.5))
    assert at["n"] == pytest.approx(stats.norm(0, 16).logpdf(1.0), rel=1e-14)


def test_bounds_may_depend_on_other_variables():
    with rf.Model() as model:
        low = rf.Normal("low", 0, 1)
        rf.Uniform("u", low, low + 2)
    [u] = model.replace_rvs_by_values([model["u"]])
    values = dict(zip(model.value_vars, (1.0, 0.0), strict=True))
    assert run([u], values)[0] == pytest.approx(2.0)


def test_observed_variables_stand_for_their_data_downstream():
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1, observed=[1.0, 2.0])
        rf.Normal("y", x, 1, observed=[1.0, 2.0])
    at = model.point_logps({})
    assert at["y"] == pytest.approx(2 * stats.norm.logpdf(0))


def test_invalid_parameters_give_minus_infinity():
    with rf.Model() as model:
        s = rf.Normal("s", 0, 1)
        rf.Normal("y", 0, s, observed=[1.0, 2.0])
    assert model.compile_logp()({"s": -1.0}) == -np.inf
    [(name, constraint)] = model.constraint_terms()
    assert name == "y"
    assert "sigma" in constraint.text
    assert not run([constraint.condition], {model.value_vars[0]: -1.0})[0]


def test_constraints_on_constants_are_not_repeated():
    with rf.Model() as model:
        s = rf.Normal("s", 1, 2)
        rf.Normal("y", 0, s)
    assert [name for name, _ in model.constraint_terms()] == ["y"]


def test_transforms_of_vectors_add_one_determinant_each():
    with rf.Model() as model:
        rf.Dirichlet("w", np.ones((4, 3)))
        rf.Normal("o", 0, 1, shape=3, transform=rf.distributions.transforms.ordered)
    elementwise = model.logdensity_terms(sum=False)
    assert [term.ndim for term in elementwise.values()] == [1, 0]
    point = {"w_simplex__": np.full((4, 2), 0.3), "o_ordered__": np.array([0.1, 0.2, 0.3])}
    whole = model.point_logps(point)
    values = run(
        list(elementwise.values()), dict(zip(model.value_vars, point.values(), strict=True))
    )
    assert whole["w"] == pytest.approx(values[0].sum())
    # A density of each number gets the determinant once, not once for each number.
    assert whole["o"] == pytest.approx(values[1])
    ordered = np.cumsum([0.1, np.exp(0.2), np.exp(0.3)])
    assert whole["o"] == pytest.approx(stats.norm.logpdf(ordered).sum() + 0.5)


def test_logp_of_single_variables():
    x = rf.Normal.dist(0, [1.0, 2.0])
    [value] = run([rf.logp(x, [0, 1])])
    np.testing.assert_allclose(value, stats.norm(0, [1, 2]).logpdf([0, 1]))
    [outside] = run([rf.logp(rf.HalfNormal.dist(1), -1.0)])
    assert outside == -np.inf


def test_an_empty_model_has_no_log_density():
    with pytest.raises(rf.ModelError, match="no random variables"):
        rf.Model().logp()
    with rf.Model() as model:
        rf.Normal("y", 0, 1, observed=1.0)
    with pytest.raises(rf.ModelError, match="no continuous free variables"):
        model.dlogp()


def test_discrete_variables_have_a_log_density_but_no_gradient():
    with rf.Model() as model:
        k = rf.Poisson("k", 2.0)
        rf.Normal("x", k, 1.0)
    assert [v.name for v in model.discrete_value_vars] == ["k"]
    expected = stats.poisson(2).logpmf(3) + stats.norm(3, 1).logpdf(0.5)
    assert model.compile_logp()({"k": 3, "x": 0.5}) == pytest.approx(expected)
    with pytest.raises(rf.ModelError, match="no gradient for 'k'"):
        model.dlogp("k")


def test_unknown_terms_are_named(model):
    with pytest.raises(rf.UnknownNameError, match=r"thet has no term.*did you mean 'theta'"):
        model.logp("thet")


def test_the_determinant_of_a_vector_is_counted_once():
    """An ordered vector of independent numbers has one determinant, not one for each number."""
    with rf.Model() as model:
        scale = rf.Normal("scale", 1, 1, shape=(2, 1))
        rf.Normal("x", 0, scale, shape=(2, 3), transform=rf.distributions.transforms.ordered)
    point = {"scale": [[1.0], [2.0]], "x_ordered__": np.arange(6.0).reshape(2, 3) / 5}
    function = model.compile_logp(vars=["x"], sum=False)
    [parts] = function(point)
    assert parts.shape == (2,)
    np.testing.assert_allclose(parts.sum(), model.compile_logp(vars=["x"])(point))
    [parts] = function(point | {"scale": [[1.0], [-2.0]]})
    assert np.isfinite(parts[0]) and parts[1] == -np.inf
