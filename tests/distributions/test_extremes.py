"""Where a plain formula loses its digits: tails, huge parameters, saturated probabilities."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import special, stats

import rufous.distributions as rd
import rufous.math as rm
from contracts.graph_tools import AS_WRITTEN, density_at, density_graph, draw, evaluate
from rufous.distributions.origin import is_softmax, log1m_of, log_of, times_log, times_log1m
from rufous.distributions.stable import (
    betaln,
    log_diff_normal_cdf,
    log_gamma_ratio,
    log_normal_cdf,
)
from rufous.model.registry import constraints


def real(value):
    """Return a float64 constant; PyTensor makes a lone 2.0 a float32."""
    return pt.constant(np.asarray(value, dtype=np.float64))


def value_and_gradient(graph, wrt, at):
    function = pytensor.function([wrt], [graph, pytensor.grad(graph, wrt)], mode=AS_WRITTEN)
    with np.errstate(all="ignore"):
        return function(at)


@pytest.mark.parametrize("value", [-1e10, -800.0, -38.0, -1.0, -0.999, 0.0, 5.0, 40.0])
def test_log_normal_cdf_in_both_tails(value):
    x = pt.scalar()
    got, slope = value_and_gradient(log_normal_cdf(x), x, value)
    assert got == pytest.approx(special.log_ndtr(value), rel=1e-14)
    with np.errstate(all="ignore"):
        hazard = np.exp(stats.norm.logpdf(value) - special.log_ndtr(value))
    far = -value - 1 / value + 2 / value**3 if value else 0
    assert slope == pytest.approx(far if value < -100 else hazard, rel=1e-12)


@pytest.mark.parametrize(
    ("lower", "upper"),
    [(-1, 2), (5, 6), (-6, -5), (30, 40), (-800, 900), (20, 20.5), (-0.1, 0.1), (37, 1e6)],
)
def test_probability_of_an_interval(lower, upper):
    got = evaluate(log_diff_normal_cdf(real(lower), real(upper)))
    near, far = (-lower, -upper) if lower + upper > 0 else (upper, lower)
    wanted = special.log_ndtr(near) + np.log(
        -np.expm1(special.log_ndtr(far) - special.log_ndtr(near))
    )
    assert got == pytest.approx(wanted, rel=1e-11, abs=1e-16)


@pytest.mark.parametrize("middle", [0.0, 1.0, -30.0, 1e3])
@pytest.mark.parametrize("width", [1e-2, 1e-3, 1e-4, 1e-8])
def test_probability_of_a_narrow_interval_is_density_times_width(middle, width):
    lower, upper = middle - width / 2, middle + width / 2
    got = evaluate(log_diff_normal_cdf(real(lower), real(upper)))
    wanted = stats.norm.logpdf(0.5 * (lower + upper)) + np.log(upper - lower)
    # The third-order term of the integral, where it counts.
    scaled = 0.5 * (upper - lower) * abs(middle)
    wanted += np.log(np.sinh(scaled) / scaled) if scaled > 1e-4 else 0.0
    assert got == pytest.approx(wanted, rel=1e-9, abs=width**2)


def test_truncation_far_from_the_mean():
    for lower, upper in ((30, None), (30, 31), (None, -30), (-31, -30)):
        rv = rd.TruncatedNormal.dist(0, 1, lower=lower, upper=upper, size=500)
        draws = draw(rv)
        low, high = -np.inf if lower is None else lower, np.inf if upper is None else upper
        assert ((draws >= low) & (draws <= high)).all()
        # Beyond 30 it is exponential with rate 30, nearly.
        assert abs(np.abs(draws).mean() - 30) == pytest.approx(1 / 30, rel=0.2)
        density = density_at(rv, np.full(500, -30.5 if upper and upper < 0 else 30.5))
        assert density[0] == pytest.approx(-0.5 * (30.5**2 - 900) + np.log(30), abs=2e-3)


def test_truncation_by_an_array_that_is_infinite_in_places():
    rv = rd.TruncatedNormal.dist(1, 2, lower=[-np.inf, 0, -np.inf, 0], upper=[np.inf, np.inf, 3, 3])
    value = 1.5
    a, b = (np.array([-np.inf, 0, -np.inf, 0]) - 1) / 2, (np.array([np.inf, np.inf, 3, 3]) - 1) / 2
    wanted = stats.truncnorm(a, b, loc=1, scale=2).logpdf(value)
    np.testing.assert_allclose(density_at(rv, [value] * 4), wanted, rtol=1e-12)
    sigma = pt.scalar("sigma")
    rv = rd.TruncatedNormal.dist(1, sigma, lower=[-np.inf, 0, -np.inf, 0], upper=[np.inf, 1, 3, 3])
    density = density_graph(rv, pt.constant([value] * 4)).sum()
    assert np.isfinite(value_and_gradient(density, sigma, 2.0)[1])


@pytest.mark.parametrize("large", [999.0, 1001.0, 1e6, 1e12, 1e100])
def test_log_gamma_ratio_of_a_large_argument(large):
    got = evaluate(log_gamma_ratio(real(large), real(0.5)))
    wanted = 0.5 * np.log(large) - 1 / (8 * large) + 1 / (192 * large) / large / large
    assert got == pytest.approx(wanted, rel=3e-13)
    got = evaluate(log_gamma_ratio(real(large), real(3)))
    assert got == pytest.approx(np.log(large) + np.log(large + 1) + np.log(large + 2), rel=1e-12)


def test_log_gamma_ratio_has_a_finite_gradient_everywhere():
    start = pt.scalar()
    for at in (1e-300, 1e-5, 1.0, 1e3, 1e10, 1e300):
        slope = value_and_gradient(log_gamma_ratio(start, real(2)), start, at)[1]
        assert slope == pytest.approx(1 / at + 1 / (at + 1), rel=1e-9)


def test_log_beta_where_one_argument_dwarfs_the_other():
    got = evaluate(betaln(real([1e12, 2, 3]), real([2, 1e12, 3])))
    wanted = -np.log(1e12) - np.log1p(1e12)
    np.testing.assert_allclose(got, [wanted, wanted, -np.log(30)], rtol=1e-14)
    x = pt.scalar()
    slope = value_and_gradient(betaln(x, x), x, 3.0)[1]
    assert slope == pytest.approx(2 * (special.digamma(3) - special.digamma(6)))


def test_student_with_many_degrees_of_freedom_is_normal():
    got = density_at(rd.StudentT.dist(1e15, 1, sigma=2), [0.0, 3.0, 10.0])
    np.testing.assert_allclose(got, stats.norm(1, 2).logpdf([0, 3, 10]), rtol=1e-13)


def test_negative_binomial_with_a_huge_dispersion_is_poisson():
    counts = np.array([0, 1, 5, 100])
    got = density_at(rd.NegativeBinomial.dist(mu=4, alpha=1e15), counts)
    np.testing.assert_allclose(got, stats.poisson(4).logpmf(counts), rtol=1e-12)


@pytest.mark.parametrize("eta", [-800.0, -40.0, 0.0, 40.0, 800.0])
def test_counts_with_a_log_link_at_any_predictor(eta):
    x = pt.scalar()
    got, slope = value_and_gradient(
        density_graph(rd.NegativeBinomial.dist(mu=rm.exp(x), alpha=2), pt.constant(3)), x, eta
    )
    ratio = eta - np.log(2)
    wanted = np.log(4) - 3 * np.logaddexp(0, -ratio) - 2 * np.logaddexp(0, ratio)
    assert got == pytest.approx(wanted, rel=1e-13)
    assert slope == pytest.approx(3 - 5 * special.expit(ratio), abs=1e-12)
    if eta < 700:
        got, slope = value_and_gradient(
            density_graph(rd.Poisson.dist(rm.exp(x)), pt.constant(3)), x, eta
        )
        assert got == pytest.approx(3 * eta - np.exp(eta) - np.log(6), rel=1e-13)
        assert slope == pytest.approx(3 - np.exp(eta), rel=1e-13)


@pytest.mark.parametrize("eta", [-800.0, -40.0, 0.0, 40.0, 800.0])
@pytest.mark.parametrize("spelling", ["logit_p", "p", "indexed"])
def test_saturated_probabilities_keep_their_logarithms(eta, spelling):
    x = pt.vector(shape=(2,))
    arguments = {
        "logit_p": {"logit_p": x[0]},
        "p": {"p": rm.invlogit(x[0])},
        "indexed": {"p": rm.invlogit(x)[np.array([1, 0])][1]},
    }[spelling]
    for y in (0, 1):
        graph = density_graph(rd.Bernoulli.dist(**arguments), pt.constant(y))
        got, slope = value_and_gradient(graph, x, np.array([eta, 0.0]))
        assert got == pytest.approx(-np.logaddexp(0, -eta if y else eta), rel=1e-14)
        wanted = special.expit(-eta) if y else -special.expit(eta)
        np.testing.assert_allclose(slope, [wanted, 0], rtol=1e-12)
    graph = density_graph(rd.Binomial.dist(n=5, **arguments), pt.constant(2))
    got, slope = value_and_gradient(graph, x, np.array([eta, 0.0]))
    wanted = np.log(10) - 2 * np.logaddexp(0, -eta) - 3 * np.logaddexp(0, eta)
    assert got == pytest.approx(wanted, rel=1e-13)
    np.testing.assert_allclose(slope, [2 - 5 * special.expit(eta), 0], rtol=1e-12, atol=1e-12)


def test_categorical_with_distant_logits():
    logits = pt.vector(shape=(3,))
    for y, wanted in ((0, 0.0), (1, -2000.0), (2, -1000.0)):
        graph = density_graph(rd.Categorical.dist(logit_p=logits), pt.constant(y))
        got, slope = value_and_gradient(graph, logits, np.array([1000.0, -1000.0, 0.0]))
        assert got == wanted
        np.testing.assert_allclose(slope, np.eye(3)[y] - [1, 0, 0], atol=1e-15)


@pytest.mark.parametrize(
    ("make", "value"),
    [
        (lambda p: rd.Bernoulli.dist(p), 0),
        (lambda p: rd.Binomial.dist(3, p), 0),
        (lambda p: rd.Poisson.dist(p), 0),
        (lambda p: rd.NegativeBinomial.dist(mu=p, alpha=1.5), 0),
    ],
)
def test_impossible_events_that_do_not_happen_cost_nothing(make, value):
    assert density_at(make(0.0), value) == pytest.approx(0, abs=1e-15)
    assert density_at(make(0), value + 1) == -np.inf


def test_gradient_at_a_probability_of_zero_is_finite():
    p = pt.scalar()
    for rv, slope in (
        (rd.Bernoulli.dist(p), -1),
        (rd.Binomial.dist(3, p), -3),
        (rd.Poisson.dist(p), -1),
    ):
        assert value_and_gradient(density_graph(rv, pt.constant(0)), p, 0.0)[1] == slope
    categorical = rd.Categorical.dist(pt.stack([p, 1 - p]))
    assert value_and_gradient(density_graph(categorical, pt.constant(1)), p, 0.0)[1] == -1


def test_boundary_values_follow_the_limit_of_the_density():
    assert density_at(rd.Beta.dist(1, 3), 0.0) == pytest.approx(np.log(3))
    assert density_at(rd.Beta.dist(3, 1), 1.0) == pytest.approx(np.log(3))
    assert density_at(rd.Gamma.dist(1, 2), 0.0) == pytest.approx(np.log(2))
    assert density_at(rd.Exponential.dist(2), 0.0) == pytest.approx(np.log(2))
    assert density_at(rd.Gamma.dist(2, 2), 0.0) == -np.inf
    assert density_at(rd.Uniform.dist(0, 2), [0.0, 2.0]).tolist() == [-np.log(2)] * 2


def test_fractions_are_no_counts():
    value = pt.constant(1.5)
    for rv in (rd.Poisson.dist(1), rd.Binomial.dist(3, 0.5), rd.NegativeBinomial.dist(1, 1)):
        assert evaluate(density_graph(rv, value)) == -np.inf
        assert np.isfinite(evaluate(density_graph(rv, pt.constant(1.0))))


@pytest.mark.parametrize("dtype", ["bool", "uint8", "int8", "float32"])
def test_observed_values_of_any_dtype(dtype):
    value = pt.constant(np.array([0, 1], dtype=dtype))
    for rv in (
        rd.Bernoulli.dist(logit_p=[2.0, 2.0]),
        rd.Bernoulli.dist([0.3, 0.3]),
        rd.Normal.dist(2, 3),
    ):
        wanted = density_at(rv, [0, 1])
        np.testing.assert_array_equal(evaluate(density_graph(rv, value)), wanted)


def test_logarithms_by_origin():
    x = pt.vector("x", shape=(3,))
    at = {x: np.array([-800.0, 0.0, 800.0])}
    sigmoid = rm.sigmoid(x)
    np.testing.assert_array_equal(evaluate(log_of(rm.exp(x)), at), at[x])
    np.testing.assert_allclose(evaluate(log_of(sigmoid), at), [-800, -np.log(2), 0])
    np.testing.assert_allclose(evaluate(log1m_of(sigmoid), at), [0, -np.log(2), -800])
    np.testing.assert_allclose(evaluate(log_of(sigmoid[::-1][None]), at), [[0, -np.log(2), -800]])
    np.testing.assert_array_equal(evaluate(log_of(pt.reciprocal(rm.exp(x))), at), -at[x])
    np.testing.assert_array_equal(evaluate(log_of(pt.sqrt(rm.exp(x))), at), at[x] / 2)
    np.testing.assert_allclose(
        evaluate(log_of(pt.special.softmax(x)), at), special.log_softmax(at[x])
    )
    assert evaluate(log_of(real(2))) == np.log(2)
    assert evaluate(times_log(real(0), real(0))) == 0
    assert evaluate(times_log1m(real(0), real(1))) == 0


def test_softmax_is_recognised():
    x = pt.matrix()
    assert is_softmax(rm.softmax(x, axis=-1))
    assert is_softmax(pt.special.softmax(x, axis=1))
    assert not is_softmax(rm.softmax(x, axis=0))
    assert not is_softmax(rm.softmax(x))
    for other in (x, rm.exp(x), rm.exp(x - x), rm.exp(x - rm.log(x)), rm.sigmoid(x)):
        assert not is_softmax(other)


def test_ranges_that_cannot_be_left_are_not_checked():
    x = pt.vector("x", shape=(3,))
    for rv in (
        rd.Normal.dist(0, rm.exp(x)),
        rd.Normal.dist(0, rm.softplus(x)[np.array([0, 0, 2])]),
        rd.Bernoulli.dist(logit_p=x),
        rd.Poisson.dist(rm.exp(x)),
        rd.Categorical.dist(logit_p=x),
    ):
        assert constraints(rv.owner.op, rv, *rv.owner.op.dist_params(rv.owner)) == []
    for rv in (rd.Normal.dist(0, x), rd.Bernoulli.dist(x), rd.Poisson.dist(-rm.exp(x))):
        assert len(constraints(rv.owner.op, rv, *rv.owner.op.dist_params(rv.owner))) == 1
