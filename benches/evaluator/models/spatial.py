"""Further Gaussian processes, spatial models and covariance priors."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import model


def grid(rows, columns):
    """Neighbours on a grid."""
    w = np.zeros((rows * columns,) * 2, dtype=int)
    for i in range(rows):
        for j in range(columns):
            for k, m in ((i + 1, j), (i, j + 1)):
                if k < rows and m < columns:
                    a, b = i * columns + j, k * columns + m
                    w[a, b] = w[b, a] = 1
    return w


@model
def car_normal(rng):
    w = grid(4, 4)
    phi = pm.CAR(
        "phi", mu=np.zeros(16), W=w, alpha=pm.Beta("alpha", 1, 1), tau=pm.Gamma("tau", 2, 2)
    )
    pm.Poisson("y", pt.exp(pm.Normal("b") + phi), observed=rng.poisson(2, 16))


@model
def bym_two(rng):
    w = grid(3, 5)
    phi = pm.ICAR("phi", W=w)
    theta = pm.Normal("theta", shape=15)
    rho, sigma = pm.Beta("rho", 0.5, 0.5), pm.HalfNormal("sigma")
    mix = sigma * (pt.sqrt(1 - rho) * theta + pt.sqrt(rho / 0.7) * phi)
    pm.Poisson("y", pt.exp(pm.Normal("a") + mix), observed=rng.poisson(3, 15))


@model
def simultaneous_autoregression(rng):
    w = grid(3, 4) / np.maximum(grid(3, 4).sum(axis=1, keepdims=True), 1)
    rho = pm.Uniform("rho", -0.9, 0.9)
    a = np.eye(12) - rho * w
    error = a @ rng.normal(size=12) - pm.Normal("mu")
    pm.Potential("p", pt.linalg.slogdet(a)[1] - 0.5 * (error**2).sum())


@model
def hsgp_matern_by_group(rng):
    x = np.linspace(-1, 1, 30)[:, None]
    gp = pm.gp.HSGP(m=[8], c=1.5, cov_func=pm.gp.cov.Matern52(1, ls=pm.InverseGamma("ls", 3, 1)))
    phi, sqrt_psd = gp.prior_linearized(x)
    f = phi @ (pm.Normal("b", shape=(8, 2)) * sqrt_psd[:, None])
    pm.Normal("y", f[np.arange(30), rng.integers(0, 2, 30)], 0.5, observed=rng.normal(size=30))


@model
def hsgp_with_trend(rng):
    x = np.linspace(0, 5, 40)[:, None]
    cov = pm.HalfNormal("eta") ** 2 * pm.gp.cov.ExpQuad(1, ls=pm.LogNormal("ls"))
    f = pm.gp.HSGP(m=[12], L=[6.0], cov_func=cov, drop_first=True).prior("f", X=x)
    pm.NegativeBinomial("y", mu=pt.exp(f + pm.Normal("a")), alpha=2.0, observed=rng.poisson(2, 40))


@model
def gp_marginal_linear_and_noise(rng):
    x = np.linspace(0, 2, 20)[:, None]
    cov = pm.gp.cov.Linear(1, c=0.5) * pm.HalfNormal("a") ** 2 + pm.gp.cov.Matern32(
        1, ls=pm.Gamma("ls", 2, 2)
    )
    gp = pm.gp.Marginal(mean_func=pm.gp.mean.Linear(coeffs=pm.Normal("slope")), cov_func=cov)
    gp.marginal_likelihood("y", X=x, y=rng.normal(size=20), sigma=pm.HalfNormal("s"))


@model
def gp_marginal_periodic_times_rbf(rng):
    x = np.linspace(0, 4, 25)[:, None]
    cov = pm.gp.cov.Periodic(1, period=1.0, ls=pm.Gamma("lp", 2, 2)) * pm.gp.cov.ExpQuad(
        1, ls=pm.Gamma("ls", 4, 2)
    )
    pm.gp.Marginal(cov_func=cov).marginal_likelihood("y", X=x, y=rng.normal(size=25), sigma=0.3)


@model
def gp_rational_quadratic_cosine(rng):
    x = np.linspace(0, 3, 20)[:, None]
    cov = pm.gp.cov.RatQuad(1, alpha=pm.HalfNormal("alpha") + 0.2, ls=pm.Gamma("ls", 2, 2))
    cov += 0.1 * pm.gp.cov.Cosine(1, ls=pm.Gamma("lc", 3, 2)) + pm.gp.cov.WhiteNoise(0.1)
    f = pm.gp.Latent(cov_func=cov).prior("f", X=x)
    pm.Bernoulli("y", logit_p=f, observed=rng.integers(0, 2, 20))


@model
def gp_warped_and_gibbs(rng):
    x = np.linspace(0.1, 2, 18)[:, None]
    a = pm.HalfNormal("a") + 0.3
    cov = pm.gp.cov.WarpedInput(
        1, cov_func=pm.gp.cov.ExpQuad(1, ls=1.0), warp_func=lambda v, p: v**p, args=(a,)
    )
    pm.gp.Marginal(cov_func=cov).marginal_likelihood("y", X=x, y=rng.normal(size=18), sigma=0.5)


@model
def gp_exponential_two_dims(rng):
    x = rng.uniform(size=(20, 2))
    cov = pm.HalfNormal("eta") ** 2 * pm.gp.cov.Exponential(2, ls=pm.Gamma("ls", 2, 2, shape=2))
    pm.gp.Marginal(cov_func=cov).marginal_likelihood("y", X=x, y=rng.normal(size=20), sigma=0.4)


@model
def gp_marginal_kron(rng):
    x = [np.linspace(0, 1, 5)[:, None], np.linspace(0, 1, 4)[:, None]]
    covs = [pm.gp.cov.Matern32(1, ls=pm.Gamma(f"ls{k}", 2, 2)) for k in range(2)]
    gp = pm.gp.MarginalKron(cov_funcs=covs)
    gp.marginal_likelihood("y", x, rng.normal(size=20), sigma=pm.HalfNormal("s") + 0.2)


@model
def gp_multi_output(rng):
    x = np.stack([np.tile(np.linspace(0, 1, 10), 2), np.repeat([0, 1], 10)], axis=1)
    w = pm.Normal("w", shape=(2, 1))
    cov = pm.gp.cov.ExpQuad(2, ls=pm.Gamma("ls", 2, 2), active_dims=[0])
    cov = cov * pm.gp.cov.Coregion(2, active_dims=[1], W=w, kappa=pm.HalfNormal("k", shape=2))
    pm.gp.Marginal(cov_func=cov).marginal_likelihood("y", X=x, y=rng.normal(size=20), sigma=0.3)


@model
def student_t_process_like(rng):
    chol, corr, _ = pm.LKJCholeskyCov("chol", n=3, eta=2, sd_dist=pm.Exponential.dist(1.0))
    pm.Deterministic("r", corr[0, 1])
    pm.MvStudentT("y", nu=pm.Gamma("nu", 2, 0.1) + 2, mu=pm.Normal("mu", shape=3), chol=chol,
                  observed=rng.normal(size=(25, 3)))  # fmt: skip


@model
def lkj_hierarchy_non_centred(rng):
    group = rng.integers(0, 8, 80)
    x = rng.normal(size=(80, 2))
    chol, _, _ = pm.LKJCholeskyCov("chol", n=3, eta=2, sd_dist=pm.HalfNormal.dist(1))
    z = pm.Normal("z", shape=(8, 3))
    b = pm.Normal("mu", shape=3) + z @ chol.T
    eta = b[group, 0] + (b[group][:, 1:] * x).sum(axis=1)
    pm.Bernoulli("y", logit_p=eta, observed=rng.integers(0, 2, 80))


@model
def correlation_matrix_normal(rng):
    corr = pm.LKJCorr("corr", n=3, eta=2)
    sd = pm.HalfNormal("sd", shape=3)
    pm.MvNormal("y", np.zeros(3), cov=corr * sd[:, None] * sd, observed=rng.normal(size=(20, 3)))


@model
def wishart_covariance(rng):
    a = pm.Normal("a", shape=(3, 3))
    s = rng.normal(size=(6, 3))
    pm.Wishart("y", nu=6, V=a @ a.T + np.eye(3), observed=s.T @ s)


@model
def matrix_normal_rows(rng):
    scale = pm.HalfNormal("scale", shape=2)
    columns = pt.diag(scale) + 0.1 * np.eye(2)
    y = rng.normal(size=(3, 2))
    pm.MatrixNormal("y", mu=np.zeros((3, 2)), rowcov=np.eye(3) + 0.2, colcov=columns, observed=y)


@model
def kronecker_normal_distinct(rng):
    a = pm.HalfNormal("a") + 0.5
    covs = [pt.diag(pt.as_tensor([1.0, 2.0, 4.0])) * a + 0.3, np.array([[2.0, 0.3], [0.3, 1.0]])]
    y = rng.normal(size=6)
    pm.KroneckerNormal("y", mu=np.zeros(6), covs=covs, sigma=pm.HalfNormal("s") + 0.1, observed=y)


@model
def kriging_by_hand(rng):
    at = rng.uniform(size=(15, 2))
    gaps = np.sqrt(((at[:, None] - at) ** 2).sum(axis=2))
    cov = pm.HalfNormal("sill") * pt.exp(-gaps / pm.HalfNormal("range")) + pm.HalfNormal(
        "nugget"
    ) * np.eye(15)
    pm.MvNormal(
        "y",
        pm.Normal("mu") * np.ones(15),
        chol=pt.linalg.cholesky(cov),
        observed=rng.normal(size=15),
    )
