"""The contract that every distribution keeps, over one table of all of them."""

from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from scipy import stats

import rufous.distributions as rd
from contracts.distribution_cases import CONTINUOUS, DISCRETE, IMPROPER, PROPER, SCALAR
from contracts.graph_tools import AS_WRITTEN, density_at, density_graph, draw, evaluate
from rufous.derived.density import icdf, logcdf
from rufous.errors import RufousError, SettingsError, ShapeError, UnsupportedError
from rufous.model.model import Model
from rufous.model.registry import default_transform, logdensity, support_point

N_DRAWS = 3000
every = pytest.mark.parametrize("case", SCALAR, ids=lambda case: case.name)
proper = pytest.mark.parametrize("case", PROPER, ids=lambda case: case.name)
continuous = pytest.mark.parametrize("case", CONTINUOUS, ids=lambda case: case.name)
discrete = pytest.mark.parametrize("case", DISCRETE, ids=lambda case: case.name)


def make(case, **options):
    return case.distribution.dist(**case.parameters, **options)


@every
def test_density_is_that_of_scipy(case):
    got = density_at(make(case), case.values)
    assert got.shape == case.values.shape
    assert got.dtype == np.float64
    np.testing.assert_allclose(got, case.logdensity(case.values), rtol=1e-10, atol=1e-12)


@every
def test_density_outside_the_support_is_minus_infinity(case):
    for value in case.outside:
        assert density_at(make(case), value) == -np.inf


@continuous
def test_density_integrates_to_one_in_unconstrained_space(case):
    """The trapezoidal rule is exact to rounding for smooth functions that decay on both sides."""
    rv = make(case)
    if case.circle is not None:
        grid = np.linspace(*case.circle, 2001)
        assert np.trapezoid(np.exp(density_at(rv, grid)), grid) == pytest.approx(1, abs=1e-9)
        return
    grid = np.linspace(-60, 60, 24001)
    transform = default_transform(rv.owner.op, rv)
    parameters = rv.owner.op.dist_params(rv.owner)
    position = pt.constant(grid)
    if case.transform is None or case.label == "open":
        # Stretched, for heavy tails.
        low, middle, high = case.reference.ppf([0.25, 0.5, 0.75])
        middle = middle if case.kink is None else case.kink
        value = middle + (high - low) * pt.sinh(position)
        jacobian = np.log((high - low) * np.cosh(grid))
    else:
        value = transform.backward(position, *parameters)
        jacobian = transform.log_jac_det(position, *parameters)
    density = evaluate(pt.exp(density_graph(rv, value) + jacobian))
    fine, coarse = np.trapezoid(density, grid), np.trapezoid(density[::2], grid[::2])
    # The extrapolation is for a kink, which lies on a node.
    assert (4 * fine - coarse) / 3 == pytest.approx(1, abs=1e-9)


@discrete
def test_probabilities_sum_to_one(case):
    values = np.arange(-2, 2000)
    assert np.exp(density_at(make(case), values)).sum() == pytest.approx(1, abs=1e-12)


@proper
def test_gradient_is_that_of_finite_differences(case):
    is_count = case.distribution is rd.Binomial
    no_reals = (*case.fixed, *(["n"] if is_count else []))
    names = [name for name in case.parameters if name not in no_reals]
    inputs = {n: pt.tensor(n, shape=np.shape(case.parameters[n])) for n in names}
    at = [np.asarray(case.parameters[n], dtype=float) for n in names]
    rv = case.distribution.dist(**{**case.parameters, **inputs})
    middle = np.asarray(case.reference.ppf(0.3), dtype=rv.dtype)
    wrt = list(inputs.values())
    if case.discrete:
        value = pt.constant(middle)
    else:
        value = pt.scalar("value")
        wrt, at = [*wrt, value], [*at, middle]
    # Without the checks: probabilities are shifted one at a time here, and do not sum to one.
    density = logdensity(rv.owner.op, value, *rv.owner.op.dist_params(rv.owner))
    outputs = [density, *pytensor.grad(density, wrt)]
    _check_gradient(pytensor.function(wrt, outputs, mode=AS_WRITTEN), at)


def _check_gradient(function, at):
    with np.errstate(all="ignore"):
        gradients = function(*at)[1:]
        for i, point in enumerate(at):
            for index in np.ndindex(point.shape):
                step = 1e-5 * max(1.0, abs(point[index]))
                shifted = [list(at), list(at)]
                for sign, arguments in zip((1, -1), shifted, strict=True):
                    arguments[i] = point.copy()
                    arguments[i][index] += sign * step
                slope = (function(*shifted[0])[0] - function(*shifted[1])[0]) / (2 * step)
                assert gradients[i][index] == pytest.approx(slope, rel=1e-5, abs=1e-6)


@proper
def test_log_cdf_is_that_of_scipy(case):
    rv = make(case)
    try:
        got = evaluate(logcdf(rv, pt.constant(case.values)))
    except UnsupportedError as error:
        assert rv.owner.op.name in str(error)
        return
    with np.errstate(all="ignore"):
        wanted = case.reference.cdf(case.values)
        # SciPy has lost the far left tails of some distributions.
        held = wanted > 1e-290
        np.testing.assert_allclose(np.exp(got), wanted, rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(got[held], np.log(wanted[held]), rtol=1e-8, atol=1e-12)
    ends = evaluate(logcdf(rv, pt.constant([-1e300, 1e300])))
    assert ends[0] < -20
    assert ends[1] == pytest.approx(0, abs=1e-6)


@proper
def test_quantiles_are_those_of_scipy(case):
    rv = make(case)
    share = np.array([1e-3, 0.1, 0.35, 0.5, 0.8, 0.999])
    try:
        got = evaluate(icdf(rv, pt.constant(share)))
    except UnsupportedError as error:
        assert rv.owner.op.name in str(error)
        return
    np.testing.assert_allclose(got, case.reference.ppf(share), rtol=1e-7, atol=1e-12)
    assert np.isnan(evaluate(icdf(rv, pt.constant([-0.1, 1.1])))).all()


@continuous
def test_draws_follow_the_cdf(case):
    draws = draw(make(case, size=N_DRAWS))
    assert draws.shape == (N_DRAWS,)
    assert draws.dtype == np.float64
    assert stats.kstest(draws, case.reference.cdf).pvalue > 1e-4


@discrete
def test_draws_follow_the_probabilities(case):
    draws = draw(make(case, size=N_DRAWS))
    assert draws.shape == (N_DRAWS,)
    assert draws.dtype == np.int64
    # Cells of at least about one in fifty, so that the chi-square approximation holds.
    edges = np.unique(case.reference.ppf(np.linspace(0, 1, 15)[1:-1]))
    cdf = np.concatenate([[0.0], case.reference.cdf(edges), [1.0]])
    observed = np.histogram(draws, np.concatenate([[-np.inf], edges + 0.5, [np.inf]]))[0]
    expected = N_DRAWS * np.diff(cdf)
    cells = expected > 5
    assert observed[~cells].sum() <= 20
    total = observed[cells].sum()
    scaled = expected[cells] * total / expected[cells].sum()
    assert stats.chisquare(observed[cells], scaled).pvalue > 1e-4


@pytest.mark.parametrize(
    ("case", "bad", "text"),
    [(case, bad, text) for case in SCALAR for bad, text in case.bad],
    ids=lambda part: getattr(part, "name", None) or str(part),
)
def test_bad_constants_are_refused_where_they_are_written(case, bad, text):
    with pytest.raises(RufousError) as error:
        case.distribution.dist(**bad)
    assert text in str(error.value)
    assert case.distribution.__name__ in str(error.value)
    with Model(), pytest.raises(RufousError) as error:
        case.distribution("some_variable", **bad)
    assert text in str(error.value)
    assert "some_variable" in str(error.value)


@proper
def test_bad_values_of_random_parameters_give_minus_infinity(case):
    for bad, text in case.bad:
        wrong = {n: v for n, v in bad.items() if isinstance(v, int | float) and f"`{n}`" in text}
        numbers = all(isinstance(v, int | float) for v in bad.values())
        if (
            len(wrong) != 1
            or not numbers
            or not any(sign in text for sign in "<>")
            or "whole" in text
        ):
            continue
        name = next(iter(wrong))
        variable = pt.scalar(name)
        rv = case.distribution.dist(**{**bad, name: variable})
        value = pt.constant(np.asarray(case.reference.ppf(0.5), dtype=rv.dtype))
        assert evaluate(density_graph(rv, value), {variable: bad[name]}) == -np.inf


def written_as(kind, case):
    """Write the parameters in another dtype, where that loses nothing."""

    def write(name, value):
        if kind is list:
            return [value] * 2 if np.ndim(value) == 0 else value
        as_float = np.asarray(value, dtype=float)
        changed = as_float.astype(kind)
        is_count = name == "n" and case.distribution is rd.Binomial
        if not np.array_equal(changed, as_float) or (is_count and kind is not np.int8):
            return value
        return changed.item() if kind in (int, bool) and changed.ndim == 0 else changed

    return {name: write(name, value) for name, value in case.parameters.items()}


@every
def test_parameters_mean_real_numbers_whatever_their_dtype(case):
    """Literals are 8-bit integers in PyTensor, where 100 + 100 is -56."""
    exact = {
        name: value if name == "n" else np.asarray(value, dtype=np.float64)
        for name, value in case.parameters.items()
    }
    want = density_at(case.distribution.dist(**exact), case.values)
    for kind in (int, np.int8, np.float32, bool):
        got = density_at(case.distribution.dist(**written_as(kind, case)), case.values)
        assert got.dtype == np.float64
        np.testing.assert_array_equal(got, want)
    got = density_at(case.distribution.dist(**written_as(list, case)), case.values[:, None])
    np.testing.assert_array_equal(got, np.broadcast_to(want[:, None], got.shape))


@every
def test_support_point_lies_inside_the_support(case):
    for options, shape in (({}, ()), ({"size": (2, 3)}, (2, 3))):
        rv = make(case, **options)
        point = support_point(rv.owner.op, rv, *rv.owner.op.dist_params(rv.owner))
        point = np.broadcast_to(evaluate(pt.as_tensor(point)), shape)
        assert np.isfinite(density_at(rv, point)).all()


@every
def test_value_variable_has_the_name_of_its_transform(case):
    with Model() as model:
        case.distribution("x", **case.parameters)
    wanted = "x" if case.transform is None else f"x_{case.transform}__"
    assert [value.name for value in model.value_vars] == [wanted]
    assert np.isfinite(list(model.initial_point().values())).all()


@every
def test_shapes_of_scalars_batches_and_dims(case):
    batch = {
        name: value
        if isinstance(value, list)
        else np.full((3, 1) if i else (1, 2), value, dtype=np.asarray(value).dtype)
        for i, (name, value) in enumerate(case.parameters.items())
    }
    assert make(case).type.shape == ()
    assert make(case, shape=(4, 3)).type.shape == (4, 3)
    assert make(case, size=5).type.shape == (5,)
    rv = case.distribution.dist(**batch, shape=(3, 2))
    assert rv.type.shape == (3, 2)
    values = np.broadcast_to(case.values[:1], (3, 2))
    scalar = density_at(make(case), case.values[0])
    np.testing.assert_allclose(density_at(rv, values), np.full((3, 2), scalar), rtol=1e-13)
    if case not in IMPROPER:
        assert draw(rv).shape == (3, 2)
        assert len(np.unique(draw(make(case, size=200)))) > 1
    with Model(coords={"row": ["a", "b", "c"], "column": [0, 1]}) as model:
        x = case.distribution("x", **case.parameters, dims=("row", "column"))
    assert model.shape_of(x) == (3, 2)


@every
def test_shape_that_does_not_fit_the_parameters_is_refused(case):
    names = [n for n, value in case.parameters.items() if not isinstance(value, list)]
    if not names:
        with pytest.raises(SettingsError, match="`shape` must be a length"):
            make(case, shape="ab")
        return
    long = {**case.parameters, names[0]: [case.parameters[names[0]]] * 3}
    with pytest.raises(ShapeError, match="3"):
        case.distribution.dist(**long, shape=(2,))
    with pytest.raises(ShapeError, match="axes"):
        case.distribution.dist(**long, shape=())
    with pytest.raises(SettingsError, match="either `shape` or `size`"):
        case.distribution.dist(**case.parameters, shape=(), size=())


@every
def test_unknown_arguments_are_refused_with_the_nearest_known(case):
    with pytest.raises(SettingsError, match="did you mean `shape`"):
        case.distribution.dist(**case.parameters, shap=3)
    with pytest.raises(SettingsError, match="`observed` belongs to a variable of a model"):
        case.distribution.dist(**case.parameters, observed=3)
    with pytest.raises(SettingsError, match=f"first argument of {case.distribution.__name__}"):
        case.distribution(3.0)
