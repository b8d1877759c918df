"""The Hilbert space approximation: it tends to the exact process."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import ive

import rufous as rf
from gp.formulas import value
from rufous.gp import cov, hsgp_approx
from rufous.gp.hsgp_basis import BOUNDARIES

X = np.linspace(-1, 3, 9)[:, None]
EXACT = value(cov.ExpQuad(1, 0.8)(X))


def approximate(function, X, **options):
    """Return the covariance of the function values of the approximation."""
    phi, root = hsgp_approx.HSGP(cov_func=function, **options).prior_linearized(X)
    phi, root = value(phi), value(root)
    return (phi * root**2) @ phi.T


def test_covariances_tend_to_the_exact_ones() -> None:
    errors = [
        np.abs(approximate(cov.ExpQuad(1, 0.8), X, m=[m], c=3.0) - EXACT).max()
        for m in (5, 10, 20, 40)
    ]
    assert errors[0] > errors[1] > errors[2]
    assert errors[-1] < 1e-6


@pytest.mark.parametrize(
    ("function", "tolerance"),
    [
        (cov.Matern52(1, 0.8), 1e-4),
        (cov.Matern32(1, 0.8), 1e-3),
        (cov.Matern12(1, 0.8), 4e-2),
        (cov.Exponential(1, 0.4), 4e-2),
        (cov.RatQuad(1, alpha=3.0, ls=0.8), 1e-3),
        (2.0 * cov.ExpQuad(1, 0.8) + cov.Matern52(1, 1.5) * 0.5, 1e-3),
    ],
)
def test_other_covariances_too(function, tolerance) -> None:
    found = approximate(function, X, m=[200], c=5.0)
    np.testing.assert_allclose(found, value(function(X)), atol=tolerance)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_all_boundaries_agree_far_from_the_ends(boundary) -> None:
    found = approximate(cov.ExpQuad(1, 0.8), X, m=[60], c=4.0, boundary=boundary)
    np.testing.assert_allclose(found, EXACT, atol=1e-6)


@pytest.mark.parametrize("boundary", BOUNDARIES)
def test_functions_do_at_the_ends_what_the_boundary_says(boundary) -> None:
    ends = np.array([[-2.0], [-2.0 + 1e-5], [2.0 - 1e-5], [2.0]])
    gp = hsgp_approx.HSGP(m=[6], L=[2.0], boundary=boundary, cov_func=cov.ExpQuad(1, 1))
    phi = value(gp.prior_linearized(ends)[0])
    lower, _, upper = boundary.partition("-")
    for kind, (end, inside) in ((lower, (0, 1)), (upper or lower, (3, 2))):
        zero = phi[end] if kind == "dirichlet" else (phi[end] - phi[inside]) / 1e-5
        np.testing.assert_allclose(zero, 0.0, atol=1e-3)


def test_waves_are_orthonormal() -> None:
    points = np.linspace(-2, 2, 4001)[:, None]
    for boundary in BOUNDARIES:
        gp = hsgp_approx.HSGP(m=[5], L=[2.0], boundary=boundary, cov_func=cov.ExpQuad(1, 1))
        phi = value(gp.prior_linearized(points)[0])
        products = np.trapezoid(phi[:, :, None] * phi[:, None, :], points[:, 0], axis=0)
        np.testing.assert_allclose(products, np.eye(5), atol=1e-5)


def test_two_columns_out_of_three() -> None:
    points = np.random.default_rng(1).uniform(-1, 1, (7, 3))
    function = cov.ExpQuad(3, [0.8, 1.2], active_dims=[0, 2])
    options = {"m": [40, 30], "L": [6.0, 6.0], "boundary": ("neumann", "dirichlet")}
    np.testing.assert_allclose(
        approximate(function, points, **options), value(function(points)), atol=1e-5
    )


def test_the_first_wave_can_be_left_out() -> None:
    gp = hsgp_approx.HSGP(m=[5], c=1.5, drop_first=True, cov_func=cov.ExpQuad(1, 1))
    phi, root = gp.prior_linearized(X)
    assert value(phi).shape == (9, 4)
    assert value(root).shape == (4,)
    assert gp.n_basis_vectors == 4


def make(**changed):
    with rf.Model(coords={"row": range(9), "wave": range(8)}) as model:
        ls = rf.InverseGamma("ls", 5, 5)
        options = {"m": [8], "c": 1.5, "cov_func": cov.Matern52(1, ls)} | changed
        gp = rf.gp.HSGP(**options)
        f = gp.prior("f", X, dims="row", hsgp_coeffs_dims="wave")
        rf.Normal("y", f, 0.3, observed=np.sin(X[:, 0]), dims="row")
    return model, gp


@pytest.mark.parametrize("parametrization", ["noncentered", "centered"])
def test_both_parametrisations_are_the_same_process(parametrization) -> None:
    with rf.Model():
        gp = rf.gp.HSGP(
            m=[15], c=2.0, parametrization=parametrization, cov_func=cov.ExpQuad(1, 0.8)
        )
        f = gp.prior("f", X)
        new = gp.conditional("new", X[::4])
    draws, later = rf.draw([f, new], draws=4000, random_seed=1)
    np.testing.assert_allclose(later, draws[:, ::4], atol=1e-12)
    np.testing.assert_allclose(np.cov(draws.T), EXACT, atol=0.12)


def test_names_dims_and_the_box() -> None:
    model, gp = make()
    assert [v.name for v in model.free_RVs] == ["ls", "f_hsgp_coeffs"]
    assert model.named_vars_to_dims["f_hsgp_coeffs"] == ("wave",)
    assert model.named_vars_to_dims["f"] == ("row",)
    np.testing.assert_allclose(value(gp.L), [3.0])


def test_new_points_by_exchanging_the_data() -> None:
    with rf.Model() as model:
        x = rf.Data("x", X)
        gp = rf.gp.HSGP(m=[8], c=1.5, cov_func=cov.ExpQuad(1, 1.0))
        phi, _ = gp.prior_linearized(x)
        before = value(phi)
        rf.set_data({"x": X[2:4]})
    np.testing.assert_allclose(value(phi), before[2:4], atol=1e-14)
    assert model.shape_of(phi) == (2, 8)


def test_the_native_evaluator_takes_it_and_its_gradient_is_right() -> None:
    for changed in ({}, {"parametrization": "centered", "boundary": "neumann"}):
        compiled = rf.compile(make(**changed)[0])
        assert compiled.evaluator == "native"
        at = np.linspace(-0.5, 0.5, 9)
        _, gradient = compiled.logp_dlogp(at)
        for i, step in enumerate(np.eye(9) * 1e-5):
            up, down = compiled.logp_dlogp(at + step)[0], compiled.logp_dlogp(at - step)[0]
            assert gradient[i] == pytest.approx((up - down) / 2e-5, rel=1e-5, abs=1e-5)


@pytest.mark.filterwarnings("ignore::rufous.errors.RufousWarning")  # short runs
def test_it_samples_and_predicts() -> None:
    model, gp = make()
    idata = rf.sample(
        model, draws=100, tune=200, chains=2, random_seed=1, progressbar=False, quiet=True
    )
    with model:
        gp.conditional("new", X[:3] + 0.1)
        new = rf.sample_posterior_predictive(idata, var_names=["new"], random_seed=2)
    found = np.asarray(new.posterior_predictive["new"]).reshape(200, 3).mean(axis=0)
    np.testing.assert_allclose(found, np.sin(X[:3, 0] + 0.1), atol=0.3)


def bad_calls():
    E = cov.ExpQuad(1, 1.0)

    def gp(**changed):
        return rf.gp.HSGP(**{"m": [5], "c": 1.5, "cov_func": E} | changed)

    return {
        "m": (lambda: gp(m=5), r"`m` needs 1 whole number\(s\) from 1, got 5"),
        "m twice": (lambda: gp(m=[5, 5]), "one element per active dimension"),
        "m zero": (lambda: gp(m=[0]), "whole number"),
        "L": (lambda: gp(c=None, L=[1, 2]), r"`L` needs 1 positive number\(s\), got \[1, 2\]"),
        "neither": (lambda: gp(c=None), "Provide one of `c` or `L`, got neither"),
        "both": (lambda: gp(L=[1]), "Provide one of `c` or `L`, got both"),
        "c": (lambda: gp(c="a"), "`c` must be a positive number, got 'a'"),
        "parametrization": (lambda: gp(parametrization="x"), "either 'centered' or 'noncentered'"),
        "boundary": (lambda: gp(boundary="foo"), r"`boundary` must be one of \('dirichlet'"),
        "boundaries": (lambda: gp(boundary=["neumann"] * 2), "one for each of the 1 active"),
        "cov": (lambda: gp(cov_func=cov.Constant(1)), "with a power spectral density, got"),
        "no density": (
            lambda: gp(cov_func=cov.Linear(1, 0)).prior_linearized(X),
            "HSGP: Linear has no power spectral density",
        ),
        "sum": (lambda: gp() + gp(), "Additive HSGPs aren't supported"),
        "conditional": (lambda: gp().conditional("f", X), r"call prior\(...\) first"),
        "L first": (lambda: gp().L, "does not know `L` yet"),
        "one point": (lambda: gp().prior_linearized([[1.0]]), "must differ in every active column"),
        "periodic m": (
            lambda: rf.gp.HSGPPeriodic(m=[3], cov_func=cov.Periodic(1, 1, ls=1)),
            "`m` must be a positive integer",
        ),
        "periodic cov": (lambda: rf.gp.HSGPPeriodic(m=3, cov_func=E), "must be gp.cov.Periodic"),
        "periodic columns": (
            lambda: rf.gp.HSGPPeriodic(m=3, cov_func=cov.Periodic(2, 1, ls=1)),
            "only implemented for one active column, got 2",
        ),
        "range": (
            lambda: hsgp_approx.approx_hsgp_hyperparams([1, 0], [1, 2], "expquad"),
            "One of the `x_range` boundaries is out of order",
        ),
        "scales": (
            lambda: hsgp_approx.approx_hsgp_hyperparams([0, 1], [2, 1], "expquad"),
            "One of the `lengthscale_range` boundaries is out of order",
        ),
        "unknown": (
            lambda: hsgp_approx.approx_hsgp_hyperparams([0, 1], [1, 2], "cosine"),
            "Unsupported covariance function",
        ),
    }


@pytest.mark.parametrize("name", bad_calls())
def test_what_cannot_be_is_refused_with_the_way_out(name) -> None:
    call, message = bad_calls()[name]
    with pytest.raises(rf.RufousError, match=message):
        call()


def test_a_small_box_is_warned_of() -> None:
    with pytest.warns(rf.RufousWarning, match="`c >= 1.2` is recommended, got 1.1"):
        rf.gp.HSGP(m=[5], c=1.1, cov_func=cov.ExpQuad(1, 1.0))


@pytest.mark.parametrize(
    ("name", "expected"),
    [("expquad", (16, 1.92)), ("matern52", (32, 2.46)), ("Matern32", (46, 2.7))],
)
def test_recommendations(name, expected) -> None:
    m, c = hsgp_approx.approx_hsgp_hyperparams([0, 10], [1, 3], name)
    assert (m, c) == (expected[0], pytest.approx(expected[1]))


def test_recommended_settings_are_good_enough() -> None:
    for ls in (0.4, 1.0):
        m, c = hsgp_approx.approx_hsgp_hyperparams([-1, 3], [0.4, 1.0], "matern52")
        function = cov.Matern52(1, ls)
        error = np.abs(approximate(function, X, m=[m], c=c) - value(function(X))).max()
        assert error < 0.03


def test_the_weights_of_the_fourier_series_are_bessel_functions() -> None:
    for ls in (0.05, 0.3, 2.0):
        found = value(cov.Periodic(1, 1.0, ls=ls).power_spectral_density_approx(np.arange(12)))
        expected = np.where(np.arange(12) == 0, 1.0, 2.0) * ive(np.arange(12), 0.25 / ls**2)
        np.testing.assert_allclose(found, expected, atol=1e-15)


def test_the_periodic_process_is_exact_and_native() -> None:
    with rf.Model() as model:
        ls = rf.InverseGamma("ls", 5, 5)
        gp = rf.gp.HSGPPeriodic(m=20, scale=1.5, cov_func=cov.Periodic(1, period=2.0, ls=ls))
        f = gp.prior("f", X)
        new = gp.conditional("new", X[:2])
        rf.Normal("y", f, 0.3, observed=np.zeros(9))
        (cosines, sines), root = gp.prior_linearized(X)
        cosines, sines, root = rf.gp.util.replace_with_values([cosines, sines, root], {"ls": 0.7})
    found = (cosines * root**2) @ cosines.T + (sines * root**2) @ sines.T
    exact = 1.5**2 * value(cov.Periodic(1, period=2.0, ls=0.7)(X))
    np.testing.assert_allclose(found, exact, rtol=1e-10)
    assert model.shape_of("f_hsgp_coeffs_") == (39,)
    assert model.shape_of(new) == (2,)
    assert rf.compile(model).evaluator == "native"


def test_the_gradient_is_finite_where_waves_underflow() -> None:
    with rf.Model() as model:
        ls = rf.Gamma("ls", 2, 1)
        rf.gp.HSGP(m=[30], c=1.5, cov_func=cov.ExpQuad(1, ls)).prior("f", X)
    point = model.initial_point() | {"ls_log__": np.log(9.0)}
    assert np.isfinite(model.compile_dlogp()(point)).all()
    with model:
        rf.Normal("y", model["f"], 1.0, observed=np.sin(X[:, 0]))
    compiled = rf.compile(model)
    gradient = compiled.logp_dlogp(compiled.unconstrained.ravel(point))[1]
    np.testing.assert_allclose(gradient, model.compile_dlogp()(point), atol=1e-12)
    assert np.isfinite(gradient).all()
