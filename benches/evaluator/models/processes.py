"""Gaussian processes, covariance matrices and spatial models."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import model

X = np.linspace(0, 1, 20)[:, None]


def adjacency(n):
    """Return the neighbours on a ring."""
    w = np.zeros((n, n), dtype=int)
    for k in range(n):
        w[k, (k + 1) % n] = w[(k + 1) % n, k] = 1
    return w


@model
def gp_marginal_exp_quad(rng):
    cov = pm.HalfNormal("eta") ** 2 * pm.gp.cov.ExpQuad(1, pm.InverseGamma("ls", 5, 5))
    gp = pm.gp.Marginal(cov_func=cov)
    gp.marginal_likelihood("y", X=X, y=rng.normal(size=20), sigma=pm.HalfNormal("s"))


@model
def gp_marginal_sum_of_kernels(rng):
    smooth = pm.gp.cov.Matern32(1, pm.Gamma("l1", 2, 1))
    wave = pm.gp.cov.Periodic(1, period=pm.LogNormal("p", -1, 0.3), ls=pm.Gamma("l2", 2, 1))
    gp = pm.gp.Marginal(
        mean_func=pm.gp.mean.Linear(coeffs=pm.Normal("slope", shape=1)),
        cov_func=smooth + wave * smooth,
    )
    gp.marginal_likelihood("y", X=X, y=rng.normal(size=20), sigma=pm.HalfNormal("s"))


@model
def gp_marginal_many_inputs(rng):
    x = rng.normal(size=(15, 3))
    cov = pm.gp.cov.RatQuad(3, alpha=pm.Gamma("alpha", 2, 1), ls=pm.Gamma("ls", 2, 1, shape=3))
    pm.gp.Marginal(cov_func=cov).marginal_likelihood(
        "y", X=x, y=rng.normal(size=15), sigma=pm.HalfNormal("s")
    )


@model
def gp_latent_poisson(rng):
    cov = pm.HalfNormal("eta") ** 2 * pm.gp.cov.Matern52(1, pm.Gamma("ls", 2, 1))
    f = pm.gp.Latent(cov_func=cov).prior("f", X=X)
    pm.Poisson("y", pt.exp(f), observed=rng.poisson(1, 20))


@model
def gp_latent_centred(rng):
    cov = pm.gp.cov.Exponential(1, pm.Gamma("ls", 2, 1))
    f = pm.gp.Latent(cov_func=cov).prior("f", X=X, reparameterize=False)
    pm.Normal("y", f, 0.5, observed=rng.normal(size=20))


@model
def gp_sparse(rng):
    cov = pm.gp.cov.ExpQuad(1, pm.Gamma("ls", 2, 1))
    gp = pm.gp.MarginalApprox(cov_func=cov, approx="VFE")
    gp.marginal_likelihood("y", X=X, Xu=X[::4], y=rng.normal(size=20), sigma=pm.HalfNormal("s"))


@model
def gp_sparse_fitc(rng):
    cov = pm.gp.cov.ExpQuad(1, pm.Gamma("ls", 2, 1))
    gp = pm.gp.MarginalApprox(cov_func=cov, approx="FITC")
    gp.marginal_likelihood("y", X=X, Xu=X[::4], y=rng.normal(size=20), sigma=pm.HalfNormal("s"))


@model
def gp_kronecker(rng):
    kernels = [pm.gp.cov.ExpQuad(1, pm.Gamma(f"ls{k}", 2, 1)) for k in range(2)]
    x = [np.linspace(0, 1, 4)[:, None], np.linspace(0, 1, 3)[:, None]]
    gp = pm.gp.MarginalKron(cov_funcs=kernels)
    gp.marginal_likelihood("y", Xs=x, y=rng.normal(size=12), sigma=pm.HalfNormal("s"))


@model
def gp_latent_kronecker(rng):
    kernels = [pm.gp.cov.ExpQuad(1, pm.Gamma(f"ls{k}", 2, 1)) for k in range(2)]
    x = [np.linspace(0, 1, 4)[:, None], np.linspace(0, 1, 3)[:, None]]
    f = pm.gp.LatentKron(cov_funcs=kernels).prior("f", Xs=x)
    pm.Normal("y", f, 1.0, observed=rng.normal(size=12))


@model
def gp_student(rng):
    cov = pm.gp.cov.ExpQuad(1, pm.Gamma("ls", 2, 1))
    f = pm.gp.TP(scale_func=cov, nu=5).prior("f", X=X[:8])
    pm.Normal("y", f, 1.0, observed=rng.normal(size=8))


@model
def hsgp_two_inputs(rng):
    x = rng.uniform(-1, 1, size=(40, 2))
    cov = pm.HalfNormal("eta") ** 2 * pm.gp.cov.Matern32(2, ls=pm.Gamma("ls", 2, 1, shape=2))
    f = pm.gp.HSGP(m=[5, 4], c=1.3, cov_func=cov).prior("f", X=x)
    pm.Normal("y", f, 0.3, observed=rng.normal(size=40))


@model
def hsgp_periodic(rng):
    gp = pm.gp.HSGPPeriodic(
        m=8,
        scale=pm.HalfNormal("eta"),
        cov_func=pm.gp.cov.Periodic(1, period=1, ls=pm.Gamma("ls", 2, 1)),
    )
    pm.Normal("y", gp.prior("f", X=X), 0.3, observed=rng.normal(size=20))


@model
def coregion(rng):
    x = np.concatenate([np.tile(X[:6], (2, 1)), np.repeat([[0.0], [1.0]], 6, axis=0)], axis=1)
    w = pm.Normal("w", shape=(2, 1))
    b = pm.gp.cov.Coregion(2, W=w, kappa=pm.HalfNormal("kappa", shape=2), active_dims=[1])
    cov = pm.gp.cov.ExpQuad(2, pm.Gamma("ls", 2, 1), active_dims=[0]) * b
    pm.gp.Marginal(cov_func=cov).marginal_likelihood(
        "y", X=x, y=rng.normal(size=12), sigma=pm.HalfNormal("s")
    )


@model
def car_poisson(rng):
    x = pm.CAR(
        "x",
        mu=pm.Normal("mu") * np.ones(16),
        W=adjacency(16),
        alpha=pm.Beta("alpha", 2, 2),
        tau=pm.Gamma("tau", 2, 1),
    )
    pm.Poisson("y", pt.exp(x), observed=rng.poisson(1, 16))


@model
def icar_bym(rng):
    phi = pm.ICAR("phi", W=adjacency(16))
    theta, rho = pm.Normal("theta", shape=16), pm.Beta("rho", 0.5, 0.5)
    mixed = pt.sqrt(1 - rho) * theta + pt.sqrt(rho) * phi
    pm.Poisson(
        "y", pt.exp(pm.Normal("b") + pm.HalfNormal("s") * mixed), observed=rng.poisson(1, 16)
    )


@model
def lkj_regression(rng):
    g = rng.integers(0, 6, 50)
    chol, _, _ = pm.LKJCholeskyCov(
        "chol", n=2, eta=2, sd_dist=pm.Exponential.dist(1.0), compute_corr=True
    )
    ab = pm.MvNormal("ab", pm.Normal("mu", shape=2), chol=chol, shape=(6, 2))
    pm.Normal("y", ab[g, 0] + ab[g, 1] * rng.normal(size=50), 1.0, observed=rng.normal(size=50))


@model
def lkj_corr(rng):
    corr = pm.LKJCorr("corr", n=3, eta=2)
    pm.MvNormal("y", np.zeros(3), cov=corr + 0.1 * np.eye(3), observed=rng.normal(size=(20, 3)))


@model
def wishart_like_covariance(rng):
    a = pm.Normal("a", shape=(3, 3))
    pm.MvNormal(
        "y", pm.Normal("mu", shape=3), cov=a @ a.T + np.eye(3), observed=rng.normal(size=(25, 3))
    )


@model
def precision_matrix(rng):
    d = pm.HalfNormal("d", shape=3)
    pm.MvNormal("y", np.zeros(3), tau=pt.diag(d) + 0.2, observed=rng.normal(size=(15, 3)))


@model
def multivariate_t(rng):
    chol, _, _ = pm.LKJCholeskyCov("chol", n=2, eta=2, sd_dist=pm.HalfNormal.dist(1.0))
    pm.MvStudentT(
        "y",
        nu=pm.Gamma("nu", 2, 0.1),
        mu=pm.Normal("mu", shape=2),
        chol=chol,
        observed=rng.normal(size=(20, 2)),
    )


@model
def matrix_normal(rng):
    sd = pm.HalfNormal("sd", shape=2)
    pm.MatrixNormal(
        "y",
        mu=np.zeros((3, 2)),
        rowcov=np.eye(3) + 0.1,
        colchol=pt.diag(sd),
        observed=rng.normal(size=(3, 2)),
    )


@model
def kronecker_normal(rng):
    s = pm.HalfNormal("s")
    covs = [pt.eye(3) * pm.HalfNormal("a") + 0.5, np.eye(2) + 0.2]
    pm.KroneckerNormal("y", mu=np.zeros(6), covs=covs, sigma=s, observed=rng.normal(size=6))


@model
def factor_analysis(rng):
    load = pt.zeros((5, 2))
    free = pm.Normal("free", shape=9)
    load = pt.set_subtensor(load[np.tril_indices(5, m=2)], free)
    cov = load @ load.T + pt.diag(pm.HalfNormal("noise", shape=5) ** 2)
    pm.MvNormal("y", np.zeros(5), cov=cov, observed=rng.normal(size=(20, 5)))


@model
def probabilistic_pca(rng):
    w, z = pm.Normal("w", shape=(4, 2)), pm.Normal("z", shape=(2, 15))
    pm.Normal("y", pt.dot(w, z), pm.HalfNormal("s"), observed=rng.normal(size=(4, 15)))


@model
def mean_and_determinant(rng):
    a = pm.Normal("a", 0, 0.2, shape=(3, 3)) + 2 * np.eye(3)
    solved = pt.linalg.solve(a, rng.normal(size=3))
    pm.Potential("volume", pt.log(pt.abs(pt.linalg.det(a))) - (solved**2).sum())


@model
def inverse_covariance(rng):
    a = pm.HalfNormal("a")
    cov = pt.eye(4) * a + 0.3
    y = rng.normal(size=4)
    _, logdet = pt.linalg.slogdet(cov)
    pm.Potential("likelihood", -0.5 * (y @ pt.linalg.inv(cov) @ y + logdet))
