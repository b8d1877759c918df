"""Derived densities against the derivative of the cdf, against SciPy, and against draws."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats
from scipy.special import expit

import rufous as rf
from rufous.model.python_linker import run

N = rf.Normal.dist


def evaluate(graph):
    [value] = run([graph])
    return value


def x():
    return N(0.3, 0.8)


def positive():
    return rf.Gamma.dist(2.0, 1.5)


CONTINUOUS = {
    "identity": lambda: x().copy(),
    "shift": lambda: x() + 1.5,
    "shift from the left": lambda: 1.5 - x(),
    "several terms": lambda: pt.add(1.0, x(), 2.0),
    "scale": lambda: 2.0 * x(),
    "negative scale": lambda: x() * -0.5,
    "division": lambda: x() / -3.0,
    "negation": lambda: -x(),
    "affine": lambda: 3.0 - 2.0 * (x() + 1.0),
    "exp": lambda: pt.exp(x()),
    "log": lambda: pt.log(positive()),
    "expm1": lambda: pt.expm1(x()),
    "log1p": lambda: pt.log1p(positive()),
    "exp2": lambda: pt.exp2(x()),
    "log2": lambda: pt.log2(positive()),
    "log10": lambda: pt.log10(positive()),
    "sqrt": lambda: pt.sqrt(positive()),
    "sinh": lambda: pt.sinh(x()),
    "arcsinh": lambda: pt.arcsinh(x()),
    "tanh": lambda: pt.tanh(x()),
    "arctanh": lambda: pt.arctanh(rf.Uniform.dist(-1, 1)),
    "arctan": lambda: pt.arctan(x()),
    "arcsin": lambda: pt.arcsin(rf.Uniform.dist(-1, 1)),
    "arccos": lambda: pt.arccos(rf.Uniform.dist(-1, 1)),
    "arccosh": lambda: pt.arccosh(1.0 + positive()),
    "cosh": lambda: pt.cosh(x()),
    "inverse erf": lambda: pt.erfinv(rf.Uniform.dist(-1, 1)),
    "inverse erfc": lambda: pt.erfcinv(rf.Uniform.dist(0, 2)),
    "sum of normal numbers": lambda: pt.sum(N([0.0, 1.0], [1.0, 2.0])),
    "mean of normal numbers": lambda: pt.mean(N([0.0, 1.0], [1.0, 2.0])),
    "sigmoid": lambda: pt.sigmoid(x()),
    "softplus": lambda: pt.softplus(x()),
    "erf": lambda: pt.erf(x()),
    "erfc": lambda: pt.erfc(x()),
    "abs": lambda: pt.abs(x()),
    "abs of a positive": lambda: pt.abs(positive()),
    "square": lambda: pt.sqr(x()),
    "power 2": lambda: x() ** 2,
    "power 3": lambda: x() ** 3,
    "power 4": lambda: x() ** 4,
    "power 1": lambda: x() ** 1,
    "power half": lambda: positive() ** 0.5,
    "power 2.5": lambda: positive() ** 2.5,
    "power -1": lambda: x() ** -1,
    "power -2": lambda: x() ** -2,
    "base": lambda: 3.0 ** x(),
    "small base": lambda: 0.5 ** x(),
    "reciprocal": lambda: 1.0 / x(),
    "reciprocal of a positive": lambda: 2.0 / positive(),
    "negative reciprocal": lambda: -2.0 / positive(),
    "composition": lambda: pt.exp(2.0 * pt.log(positive()) + 1.0),
    "maximum of two": lambda: pt.maximum(x(), N(0, 2)),
    "minimum of two": lambda: pt.minimum(x(), N(0, 2)),
    "max along": lambda: pt.max(N([0.0, 1.0, 2.0], 1.0)),
    "min along": lambda: pt.min(N(0.0, 1.0, shape=4)),
    "max of exp": lambda: pt.max(pt.exp(N([0.0, 1.0], 1.0))),
    "random switch": lambda: pt.switch(rf.Bernoulli.dist(0.3), x(), N(5, 1)),
    "comparison as switch": lambda: pt.switch(N(0, 1) > 0.5, x(), N(5, 1)),
    "fixed switch": lambda: pt.switch(pt.constant(True), x(), N(5, 1)),
    "index of a stack": lambda: pt.stack([x(), N(5, 1)])[rf.Bernoulli.dist(0.3)],
    "index of a vector": lambda: N([0.0, 5.0, 9.0], 1.0)[rf.Categorical.dist([0.2, 0.3, 0.5])],
    "entry of a vector": lambda: N([0.0, 5.0, 9.0], [1.0, 2.0, 3.0])[1],
    "entry of an expression": lambda: pt.exp(N(0, [1.0, 2.0, 3.0]) + np.arange(3.0))[2],
    "entry with a shape": lambda: N(0.5, 2.0, shape=(2, 3))[1, 2],
}
GRID = np.concatenate([-np.geomspace(20, 0.02, 41), np.geomspace(0.02, 20, 41)])


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_density_is_the_derivative_of_the_cdf(name):
    variable = CONTINUOUS[name]()
    step = 1e-5 * np.abs(GRID)
    low, high, density = (
        evaluate(f(variable, v))
        for f, v in ((rf.logcdf, GRID - step), (rf.logcdf, GRID + step), (rf.logp, GRID))
    )
    numeric = (np.exp(high) - np.exp(low)) / (2 * step)
    edge = np.abs(np.abs(GRID) - 1) < 1e-4
    np.testing.assert_allclose(np.exp(density)[~edge], numeric[~edge], rtol=2e-5, atol=2e-7)
    assert evaluate(rf.logcdf(variable, -1e9)) < -15 or name.startswith(
        ("power -", "reciprocal", "negative r")
    )
    assert np.all(np.diff(np.exp(evaluate(rf.logcdf(variable, GRID)))) >= -1e-12)


@pytest.mark.parametrize("name", CONTINUOUS)
def test_draws_follow_the_cdf(name):
    variable = CONTINUOUS[name]()
    draws = rf.draw(variable, draws=2000, random_seed=7)

    def cdf(v):
        return np.exp(evaluate(rf.logcdf(variable, v)))

    assert stats.kstest(draws, cdf).pvalue > 1e-4


@pytest.mark.parametrize("name", CONTINUOUS)
def test_the_quantile_inverts_the_cdf(name):
    variable, probability = CONTINUOUS[name](), np.array([0.01, 0.3, 0.7, 0.99])
    try:
        quantile = evaluate(rf.icdf(variable, probability))
    except rf.UnsupportedError:
        assert name.split()[0] in (
            "abs", "square", "power", "reciprocal", "negative", "maximum", "minimum", "max", "min",
            "random", "comparison", "index", "cosh",
        )  # fmt: skip
        return
    np.testing.assert_allclose(np.exp(evaluate(rf.logcdf(variable, quantile))), probability)


def poisson():
    return rf.Poisson.dist(3.0)


DISCRETE = {
    "shift": lambda: poisson() + 2,
    "negation": lambda: -poisson(),
    "scale": lambda: 3 * poisson(),
    "fractions": lambda: 0.1 * poisson(),
    "abs": lambda: pt.abs(rf.DiscreteUniform.dist(-3, 5)),
    "clip": lambda: pt.clip(poisson(), 2, 4),
    "floor": lambda: pt.floor(N(1, 3)),
    "ceil": lambda: pt.ceil(N(1, 3)),
    "round": lambda: pt.round(N(1, 3)),
    "round away": lambda: pt.round(N(1, 3), mode="half_away_from_zero"),
    "trunc": lambda: pt.trunc(N(1, 3)),
    "floor of exp": lambda: pt.floor(pt.exp(N(0, 0.5))),
    "floor of discrete": lambda: pt.floor(poisson()),
    "greater": lambda: N(0.3, 1) > 0.5,
    "less, from the left": lambda: 0.5 > N(0.3, 1),
    "at least, discrete": lambda: poisson() >= 3,
    "at most, discrete": lambda: poisson() <= 3,
    "less, discrete": lambda: poisson() < 3,
    "equal": lambda: pt.eq(poisson(), 3),
    "not equal": lambda: pt.neq(poisson(), 3),
    "not": lambda: ~(N(0.3, 1) > 0.5),
    "maximum": lambda: pt.maximum(poisson(), rf.Poisson.dist(2.0)),
    "minimum": lambda: pt.minimum(poisson(), rf.Poisson.dist(2.0)),
    "max along": lambda: pt.max(rf.Poisson.dist([1.0, 2.0, 3.0])),
    "zero-inflated": lambda: pt.switch(rf.Bernoulli.dist(0.3), 0, poisson()),
    "mixture": lambda: pt.switch(rf.Bernoulli.dist(0.3), poisson(), rf.Poisson.dist(9.0)),
}


@pytest.mark.parametrize("name", DISCRETE)
def test_probabilities_are_those_of_the_draws(name):
    variable = DISCRETE[name]()
    draws = rf.draw(variable, draws=4000, random_seed=3).astype(float)
    unit = 0.1 if name == "fractions" else 1.0
    steps = np.arange(2) if draws.max() <= 1 and draws.min() >= 0 else np.arange(-60, 100)
    probability = np.exp(evaluate(rf.logp(variable, unit * steps)))
    assert probability.sum() == pytest.approx(1.0, abs=1e-6)
    counts = np.array([np.isclose(draws, unit * k).sum() for k in steps])
    assert counts.sum() == draws.size
    error = np.sqrt(probability * (1 - probability) / draws.size)
    assert np.all(np.abs(counts / draws.size - probability) < 5 * error + 1e-3)
    cumulative = np.exp(evaluate(rf.logcdf(variable, unit * steps)))
    np.testing.assert_allclose(cumulative, np.cumsum(probability), atol=1e-8)
    if steps.size > 2:
        assert np.all(evaluate(rf.logp(variable, unit * (steps + 0.5))) == -np.inf)


def test_clipped_numbers_have_both_probabilities_and_densities():
    clipped = pt.clip(N(0, 1), -1.0, 2.0)
    found = evaluate(rf.logp(clipped, [-2.0, -1.0, 0.5, 2.0, 3.0]))
    normal = stats.norm
    expected = [-np.inf, normal.logcdf(-1), normal.logpdf(0.5), normal.logsf(2), -np.inf]
    np.testing.assert_allclose(found, expected)
    one_sided = pt.maximum(N(0, 1), 0.5)
    found = evaluate(rf.logp(one_sided, [0.0, 0.5, 1.0]))
    np.testing.assert_allclose(found, [-np.inf, normal.logcdf(0.5), normal.logpdf(1)])
    found = evaluate(rf.logp(pt.minimum(0.5, N(0, 1)), [0.0, 0.5, 1.0]))
    np.testing.assert_allclose(found, [normal.logpdf(0), normal.logsf(0.5), -np.inf])
    np.testing.assert_allclose(evaluate(rf.icdf(clipped, [0.01, 0.5, 0.999])), [-1.0, 0.0, 2.0])
    np.testing.assert_allclose(evaluate(rf.logccdf(N(0, 1), 0.5)), normal.logsf(0.5))


def test_a_linear_map_of_a_vector():
    cov = np.array([[1.0, 0.3], [0.3, 2.0]])
    value = np.array([[1.0, 2.0], [0.5, -1.0]])
    variable = rf.MvNormal.dist([0.0, 1.0], cov) * [2.0, -3.0] + 1.0
    scale = np.diag([2.0, -3.0])
    exact = stats.multivariate_normal([1.0, -2.0], scale @ cov @ scale)
    found = evaluate(rf.logp(variable, value))
    np.testing.assert_allclose(found, exact.logpdf(value))
    found = evaluate(rf.logp(pt.exp(rf.MvNormal.dist([0.0, 1.0], cov)), np.exp(value)))
    base = stats.multivariate_normal([0.0, 1.0], cov)
    np.testing.assert_allclose(found, base.logpdf(value) - value.sum(-1))


def test_a_random_walk_is_a_running_sum():
    value = np.array([[0.3, 1.0, 0.5], [1.0, 1.1, 0.0]])
    steps = N([0.0, 0.1, 0.2], 0.5, shape=(2, 3))
    found = evaluate(rf.logp(pt.cumsum(steps, axis=1), value))
    moves = np.diff(value, prepend=0.0, axis=1)
    np.testing.assert_allclose(found, stats.norm.logpdf(moves, [0.0, 0.1, 0.2], 0.5))
    found = evaluate(rf.logp(pt.cumsum(N(0, 1, shape=3)), value))
    np.testing.assert_allclose(found, stats.norm.logpdf(moves))


def test_stacked_and_joined():
    value = np.array([0.3, 2.0, 0.7])
    normal, gamma = stats.norm.logpdf, stats.gamma(2.0, scale=1 / 1.5).logpdf
    stacked = pt.stack([x(), positive(), N(1, 1)])
    expected = [normal(0.3, 0.3, 0.8), gamma(2.0), normal(0.7, 1, 1)]
    np.testing.assert_allclose(evaluate(rf.logp(stacked, value)), expected)
    made = pt.basic.MakeVector("float64")(x(), positive(), N(1, 1))
    np.testing.assert_allclose(evaluate(rf.logp(made, value)), expected)
    np.testing.assert_allclose(
        np.exp(evaluate(rf.logcdf(made, value)))[1], stats.gamma(2.0, scale=1 / 1.5).cdf(2.0)
    )
    joined = pt.concatenate([N(0, 1, shape=2), pt.exp(N([0.5], 1))])
    expected = [*normal(value[:2]), normal(np.log(0.7), 0.5) - np.log(0.7)]
    np.testing.assert_allclose(evaluate(rf.logp(joined, value)), expected)
    columns = pt.stack([N(0, 1, shape=2), N(5, 1, shape=2)], axis=1)
    both = np.array([[0.1, 5.0], [0.2, 6.0]])
    np.testing.assert_allclose(evaluate(rf.logp(columns, both)), normal(both, [0.0, 5.0]))
    rows = pt.stack(
        [rf.MvNormal.dist(np.zeros(2), np.eye(2)), rf.MvNormal.dist(np.ones(2), np.eye(2))]
    )
    np.testing.assert_allclose(
        evaluate(rf.logp(rows, both)), [normal(both[0]).sum(), normal(both[1] - 1).sum()]
    )


def test_other_arrangements():
    value, mu = np.arange(6.0).reshape(2, 3), np.linspace(0, 1, 6).reshape(2, 3)
    expected = stats.norm.logpdf(value, mu, 1)
    draws = N(mu, 1)
    np.testing.assert_allclose(evaluate(rf.logp(draws.T, value.T)), expected.T)
    np.testing.assert_allclose(evaluate(rf.logp(draws.ravel(), value.ravel())), expected.ravel())
    np.testing.assert_allclose(evaluate(rf.logp(draws[None], value[None])), expected[None])
    np.testing.assert_allclose(evaluate(rf.logp(draws[:, 1:], value[:, 1:])), expected[:, 1:])
    index = [2, 0]
    np.testing.assert_allclose(
        evaluate(rf.logp(draws[:, index], value[:, index])), expected[:, index]
    )
    vectors = rf.MvNormal.dist(mu, np.eye(3))
    np.testing.assert_allclose(evaluate(rf.logp(vectors[None], value[None])), [expected.sum(-1)])


def test_variables_of_a_model_are_given():
    with rf.Model():
        mu = rf.Normal("mu", 0, 1)
    graph = rf.logp(mu + N(0, 2), 3.0)
    assert float(graph.eval({mu: 1.0}, mode="FAST_COMPILE")) == pytest.approx(
        stats.norm.logpdf(3, 1, 2)
    )


REFUSED = {
    "sum of two": (lambda: x() + N(0, 1), "the op Add combines 2 random variables"),
    "the same twice": (lambda: (lambda v: v * pt.exp(v))(x()), "the op Mul combines 2 random"),
    "no rule": (lambda: pt.sin(x()), "the op Sin has no rule"),
    "a total": (lambda: pt.sum(positive()[None]), "only where all its terms are normal"),
    "stretched": (lambda: x() + np.zeros(3), "the op Add stretches normal"),
    "a broadcast": (lambda: pt.broadcast_to(x(), (3,)), "one draw several times"),
    "shared parts": (lambda: (lambda v: pt.stack([v, v]))(x()), "several expressions of normal"),
    "numbers beside": (lambda: pt.stack([x(), pt.constant(1.0)]), "numbers that are not random"),
    "clip of a vector": (
        lambda: pt.clip(rf.MvNormal.dist(np.zeros(2), np.eye(2)), 0, 1),
        "applied to a multivariate",
    ),
    "log of discrete": (lambda: pt.log(poisson()), "applied to a discrete"),
    "unknown exponent": (lambda: x() ** N(0, 1).owner.inputs[2].type(), "the exponent of a power"),
    "equal numbers": (lambda: pt.eq(x(), 1.0), "never is equal"),
    "cut off": (lambda: pt.cast(x(), "int64"), "cuts off digits"),
    "hurdle": (
        lambda: pt.switch(rf.Bernoulli.dist(0.5), 0.0, x()),
        "probabilities and numbers with",
    ),
    "entries twice": (lambda: N(0, 1, shape=3)[[0, 0, 1]], "takes the same entry twice"),
    "entries maybe twice": (
        lambda: N(0, 1, shape=3)[pytensor.shared(np.array([0, 1]))],
        "may take the same entry twice",
    ),
    "random entry of numbers": (
        lambda: pt.constant([1.0, 2.0])[rf.Bernoulli.dist(0.5)],
        "random index in an array that is not random",
    ),
    "product": (lambda: pt.cumprod(N(0, 1, shape=3)), "running product"),
}


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_derived_names_the_op(name):
    make, text = REFUSED[name]
    with pytest.raises(rf.UnsupportedError, match=text) as caught:
        rf.logp(make(), 1.0)
    assert "CustomDist(logp=...)" in str(caught.value)


def test_what_is_not_random_is_refused():
    for thing in (pt.constant(1.0), 3.0):
        with pytest.raises(rf.ModelError, match="logp needs a random variable"):
            rf.logp(thing, 1.0)


TAILS = {
    "normal": (rf.Normal.dist(1, 2), stats.norm(1, 2)),
    "lognormal": (rf.LogNormal.dist(1, 2), stats.lognorm(2, scale=np.e)),
    "logistic": (rf.Logistic.dist(1, 2), stats.logistic(1, 2)),
    "laplace": (rf.Laplace.dist(1, 2), stats.laplace(1, 2)),
    "cauchy": (rf.Cauchy.dist(1, 2), stats.cauchy(1, 2)),
    "student": (rf.StudentT.dist(3, mu=1, sigma=2), stats.t(3, 1, 2)),
    "exponential": (rf.Exponential.dist(2), stats.expon(scale=0.5)),
    "weibull": (rf.Weibull.dist(2, 3), stats.weibull_min(2, scale=3)),
    "pareto": (rf.Pareto.dist(2, 0.5), stats.pareto(2, scale=0.5)),
}


@pytest.mark.parametrize("name", TAILS)
def test_upper_tails_keep_their_digits(name):
    rv, reference = TAILS[name]
    values = np.array([-3.0, 0.0, 0.7, 2.0, 20.0, 60.0])
    expected = reference.logsf(values)
    np.testing.assert_allclose(evaluate(rf.logccdf(rv, values)), expected, rtol=1e-9, atol=1e-14)
    mirrored = evaluate(rf.logcdf(-rv, -values))
    np.testing.assert_allclose(mirrored, expected, rtol=1e-9, atol=1e-14)
    censored = evaluate(rf.logp(rf.Censored.dist(rv, upper=60.0), 60.0))
    np.testing.assert_allclose(censored, expected[-1], rtol=1e-9)
    clipped = evaluate(rf.logp(rf.math.clip(rv, 0.5, 60.0), 60.0))
    np.testing.assert_allclose(clipped, expected[-1], rtol=1e-9)


COUNTS = np.arange(-1, 8)
SUMS = {
    "beta_binomial": (rf.BetaBinomial.dist(2, 3, 5), stats.betabinom(5, 2, 3).cdf),
    "hypergeometric": (rf.HyperGeometric.dist(20, 5, 7), stats.hypergeom(20, 5, 7).cdf),
    "ordered": (
        rf.OrderedLogistic.dist(0.3, [-1.0, 1.0]),
        lambda k: np.where(k < 0, 0, np.where(k > 1, 1, expit(np.array([-1.0, 1, 9])[k] - 0.3))),
    ),
    "probit": (
        rf.OrderedProbit.dist(0.3, [-1.0, 1.0], sigma=2),
        lambda k: np.where(
            k < 0, 0, np.where(k > 1, 1, stats.norm.cdf((np.array([-1.0, 1, 9])[k] - 0.3) / 2))
        ),
    ),
    "truncated": (
        rf.Truncated.dist(rf.Poisson.dist(2), lower=1, upper=4),
        lambda k: np.clip(
            (stats.poisson(2).cdf(np.clip(k, 0, 4)) - np.exp(-2))
            / (stats.poisson(2).cdf(4) - np.exp(-2)),
            0,
            1,
        ),
    ),
    "hurdle": (
        rf.HurdlePoisson.dist(0.3, 2),
        lambda k: np.where(
            k < 0, 0, 0.7 + 0.3 * (stats.poisson(2).cdf(k) - np.exp(-2)) / -np.expm1(-2)
        ),
    ),
}


@pytest.mark.parametrize("name", SUMS)
def test_log_cdfs_of_counts(name):
    rv, cdf = SUMS[name]
    index = np.clip(COUNTS, -1, 2) if name in ("ordered", "probit") else COUNTS
    with np.errstate(divide="ignore"):
        expected = np.log(cdf(index))
    np.testing.assert_allclose(evaluate(rf.logcdf(rv, COUNTS)), expected, rtol=1e-10, atol=1e-14)


def test_log_cdf_of_amounts_with_a_hurdle():
    values = np.array([-1.0, 0.0, 0.5, 3.0])
    expected = np.log([1e-300, 0.7, *(0.7 + 0.3 * stats.gamma(2, scale=1 / 3).cdf(values[2:]))])
    found = evaluate(rf.logcdf(rf.HurdleGamma.dist(0.3, 2, 3), values))
    assert found[0] == -np.inf
    np.testing.assert_allclose(found[1:], expected[1:])


def test_quantiles_of_censored_numbers_are_clipped():
    rv = rf.Censored.dist(rf.Normal.dist(0, 1), -1.0, 1.0)
    np.testing.assert_allclose(
        evaluate(rf.icdf(rv, [0.01, 0.5, 0.7, 0.99])), [-1, 0, 0.52440051, 1]
    )


def test_sums_along_an_axis():
    found = evaluate(rf.logp(pt.sum(N(np.zeros((2, 3)), [1.0, 2.0, 3.0]), axis=1), [0.3, 0.4]))
    np.testing.assert_allclose(found, stats.norm(0, np.sqrt(14)).logpdf([0.3, 0.4]))
    with pytest.raises(rf.UnsupportedError, match="only where all its terms are normal"):
        rf.logp(pt.sum(rf.Gamma.dist(2, 1, size=3)), 0.3)


def test_a_matrix_times_a_vector():
    matrix, value = np.array([[2.0, 0.5], [1.0, -1.0]]), np.array([0.3, 0.5])
    cov = np.array([[1.0, 0.5], [0.5, 2.0]])
    joint = rf.math.dot(matrix, rf.MvNormal.dist(np.ones(2), cov))
    expected = stats.multivariate_normal(matrix @ np.ones(2), matrix @ cov @ matrix.T)
    np.testing.assert_allclose(evaluate(rf.logp(joint, value)), expected.logpdf(value))
    apart = rf.math.dot(matrix, rf.Exponential.dist([1.0, 2.0]))
    root = np.linalg.solve(matrix, [1.0, -0.2])
    density = stats.expon(scale=[1.0, 0.5]).logpdf(root).sum() - np.log(2.5)
    np.testing.assert_allclose(evaluate(rf.logp(apart, [1.0, -0.2])), density)


@pytest.mark.parametrize(
    ("expression", "message"),
    [
        (lambda: pt.dot(np.ones((3, 2)), N(np.zeros(2), 1)), "not square"),
        (lambda: pt.dot(N(np.zeros(2), 1), np.eye(2)), "multiplied from the left only"),
        (lambda: pt.dot(np.eye(2), N(np.zeros((2, 3)), 1)), "one square matrix and one vector"),
        (lambda: pt.dot(np.eye(2), rf.Poisson.dist([1, 2])), "of real numbers"),
    ],
)
def test_products_without_a_rule(expression, message):
    with pytest.raises(rf.UnsupportedError, match=message):
        rf.logp(expression(), np.zeros(2))
