"""Special functions, copulas, splines, indexing and linear algebra that models contain."""

import numpy as np
import pymc as pm
import pytensor.sparse as sparse
import pytensor.tensor as pt
from scipy.sparse import csr_matrix

from benches.evaluator.models.registry import model


@model
def gaussian_copula(rng):
    y = np.stack([rng.gamma(2, 1, 30), rng.beta(2, 3, 30)], axis=1)
    first = pm.Gamma.dist(pm.HalfNormal("a") + 1, pm.HalfNormal("b") + 1)
    second = pm.Beta.dist(pm.HalfNormal("c") + 1, pm.HalfNormal("d") + 1)
    parts = [pt.exp(pm.logcdf(m, y[:, k])) for k, m in enumerate((first, second))]
    z = pt.stack([-np.sqrt(2) * pt.erfcinv(2 * p) for p in parts], axis=1)
    rho = pm.Uniform("rho", -0.95, 0.95)
    quadratic = (z**2).sum(axis=1) - 2 * rho * z.prod(axis=1)
    copula = -0.5 * pt.log1p(-(rho**2)) - 0.5 * quadratic / (1 - rho**2) + 0.5 * (z**2).sum(axis=1)
    marginals = pm.logp(first, y[:, 0]) + pm.logp(second, y[:, 1])
    pm.Potential("likelihood", (copula + marginals).sum())


@model
def clayton_copula(rng):
    u, v = rng.uniform(0.05, 0.95, (2, 30))
    t = pm.HalfNormal("theta") + 0.1
    density = pt.log1p(t) - (t + 1) * np.log(u * v) - (2 + 1 / t) * pt.log(u**-t + v**-t - 1)
    pm.Potential("likelihood", density.sum())


@model
def probit_by_inverse(rng):
    p = pm.Beta("p", 2, 2, shape=3)
    z = pm.math.probit(p)
    pm.Normal("y", z[rng.integers(0, 3, 20)], 1.0, observed=rng.normal(size=20))


@model
def rice_and_von_mises(rng):
    pm.Rice(
        "r", nu=pm.HalfNormal("nu"), sigma=pm.HalfNormal("s") + 0.3, observed=rng.gamma(2, 1, 20)
    )
    pm.VonMises(
        "a", pm.Normal("mu", 0, 0.3), pm.HalfNormal("k") + 0.1, observed=rng.vonmises(0, 2, 20)
    )


@model
def matern_of_any_order(rng):
    x = np.linspace(0, 1, 12)
    gaps = np.abs(np.subtract.outer(x, x)) + 1e-9
    scaled = np.sqrt(2 * 1.2) * gaps / pm.HalfNormal("ls")
    cov = 2 ** (1 - 1.2) / pt.gamma(np.float64(1.2)) * scaled**1.2 * pt.kv(np.float64(1.2), scaled)
    cov = pt.switch(np.eye(12, dtype=bool), 1.01, cov)
    pm.MvNormal("y", np.zeros(12), cov=cov, observed=rng.normal(size=12))


@model
def interpolated_prior(rng):
    x = np.linspace(-4, 4, 40)
    mu = pm.Interpolated("mu", x, np.exp(-0.5 * x**2))
    pm.Normal("y", mu, pm.HalfNormal("s"), observed=rng.normal(size=20))


@model
def gamma_functions(rng):
    a, b = pm.HalfNormal("a") + 0.5, pm.HalfNormal("b") + 0.5
    pm.Potential("p", pt.gammaln(a) - pt.digamma(b) + pt.polygamma(1, a) - pt.log(pt.gamma(b)))
    pm.Potential("q", pt.log(pt.gammainc(a, b)) + pt.log(pt.betainc(a, b, pm.Beta("x", 2, 2))))


@model
def error_functions(rng):
    x = pm.Normal("x", shape=8)
    pm.Potential("p", pt.log(pt.erfcx(x)).sum() + pm.math.log1mexp(-pt.abs(x) - 0.1).sum())
    pm.Potential("q", pm.math.logdiffexp(pt.abs(x) + 1, x * 0.3).sum())
    pm.Potential("r", pt.special.log_softmax(x)[2] + pt.special.softmax(x)[3])


@model
def bessel_functions(rng):
    x = pm.HalfNormal("x", shape=6)
    pm.Potential("p", pt.log(pt.iv(0, x)).sum() - pt.ive(1, x).sum() + pt.log(pt.i0(x)).sum())
    pm.Potential("q", pt.log(pt.kve(0.5, x + 0.1)).sum())


@model
def natural_splines(rng):
    knots = np.linspace(0, 1, 6)
    x = rng.uniform(size=40)
    basis = np.maximum(x[:, None] - knots, 0) ** 3
    w = pm.Normal("w", 0, pm.HalfNormal("tau"), shape=6)
    pm.NegativeBinomial("y", mu=pt.exp(pt.clip(basis @ w, -5, 5)), alpha=pm.HalfNormal("a") + 0.5,
                        observed=rng.poisson(2, 40))  # fmt: skip


@model
def boolean_and_advanced_indices(rng):
    z = pm.Normal("z", shape=(5, 4))
    mask = rng.uniform(size=(5, 4)) < 0.5
    pm.Potential("a", z[mask].sum() + z[[0, 2]][:, [1, 3]].prod())
    pm.Potential("b", (z[np.array([0, 1, 4]), 1:3] ** 2).sum() + z[..., -1].sum())
    pm.Potential("c", z[:, ::-1][1:4:2].sum() - z[np.ix_([0, 3], [0, 2])].sum())


@model
def set_and_cumulate(rng):
    z = pm.Normal("z", shape=6)
    table = pt.zeros((4, 4))
    table = pt.set_subtensor(table[np.tril_indices(4, -1)], z)
    table = pt.inc_subtensor(table[np.diag_indices(4)], pt.exp(z[:4]))
    y = pt.cumprod(pm.math.sigmoid(table), axis=0)
    pm.Potential("p", pt.log(y[-1]).sum() - 0.1 * pt.sum(table**2))
    pm.Deterministic("sorted", pt.sort(z)[::-1])


@model
def shapes_by_hand(rng):
    z = pm.Normal("z", shape=12)
    cube = z.reshape((2, 3, 2)).transpose(2, 0, 1)
    tiled = pt.tile(cube[0], (2, 1)) + pt.repeat(cube[1], 2, axis=0)
    pm.Potential("p", -(tiled**2).sum() + pt.max(cube, axis=(0, 2)).sum() - pt.std(z))
    pm.Potential("q", pt.var(cube, axis=1).sum() + pt.prod(pt.stack([z[0], z[1]], axis=0) + 2))


@model
def determinants_and_inverses(rng):
    a = pm.Normal("a", shape=(3, 3))
    m = a @ a.T + 2 * pt.eye(3)
    sign, log = pt.linalg.slogdet(m)
    pm.Potential("p", -0.5 * log - 0.1 * pt.linalg.trace(pt.linalg.inv(m)) + sign)
    pm.Potential("q", -pt.log(pt.linalg.det(m)) - pt.linalg.norm(a))


@model
def solves(rng):
    a = pm.Normal("a", shape=(4, 4))
    m = a @ a.T + pt.eye(4)
    y = rng.normal(size=4)
    lower = pt.linalg.cholesky(m)
    white = pt.linalg.solve_triangular(lower, y, lower=True)
    pm.Potential("p", -0.5 * (white**2).sum() - pt.log(pt.diag(lower)).sum())
    pm.Potential("q", -(pt.linalg.solve(m, y) ** 2).sum())
    pm.Potential("r", -(pt.linalg.solve(m, y, assume_a="pos") * y).sum())


@model
def eigen_prior(rng):
    values = pm.HalfNormal("values", shape=3)
    a = pm.Normal("a", shape=(3, 3))
    w, v = pt.linalg.eigh(a + a.T + pt.diag(values) + pt.diag(pt.as_tensor([0.0, 3.0, 7.0])))
    pm.Potential("p", -0.5 * (w**2).sum() - pt.sum((v @ pt.diag(pt.tanh(w)) @ v.T) ** 2))


@model
def einsum_interactions(rng):
    x = rng.normal(size=(20, 3))
    w = pm.Normal("w", shape=(3, 3))
    pm.Normal(
        "y", pt.einsum("ni,ij,nj->n", x, w, x), pm.HalfNormal("s"), observed=rng.normal(size=20)
    )


@model
def batched_linear_algebra(rng):
    scale = pm.HalfNormal("scale", shape=4)
    cov = scale[:, None, None] * (np.eye(3) + 0.3) + 0.1 * np.eye(3)
    lower = pt.linalg.cholesky(cov)
    x = rng.normal(size=(4, 3))
    white = pt.linalg.solve_triangular(lower, x, lower=True, b_ndim=1)
    logs = pt.log(pt.diagonal(lower, axis1=-2, axis2=-1)).sum()
    pm.Potential("p", -0.5 * (white**2).sum() - logs)


@model
def kronecker_and_blocks(rng):
    a, b = pm.HalfNormal("a"), pm.HalfNormal("b")
    k = pt.linalg.kron(pt.eye(2) * a + 0.1, pt.eye(3) * b + 0.2)
    block = pt.linalg.block_diag(k, pt.eye(2) * (a + b))
    pm.MvNormal("y", np.zeros(8), cov=block + 0.1 * np.eye(8), observed=rng.normal(size=8))


@model
def sparse_design(rng):
    dense = rng.normal(size=(30, 6)) * (rng.uniform(size=(30, 6)) < 0.3)
    b = pm.Laplace("b", 0, 1, shape=6)
    mu = sparse.dot(sparse.as_sparse_variable(csr_matrix(dense)), b[:, None])[:, 0]
    pm.Normal("y", mu, pm.HalfNormal("s"), observed=rng.normal(size=30))


@model
def searched_cutpoints(rng):
    cuts = np.sort(rng.normal(size=4))
    effect = pm.Normal("effect", shape=5)
    x = pm.Normal("x", shape=10)
    level = pt.extra_ops.searchsorted(pt.as_tensor(cuts), x)
    pm.Normal("y", effect[level], 1.0, observed=rng.normal(size=10))


@model
def comparisons_and_rounding(rng):
    x = pm.Normal("x", shape=8)
    pm.Potential("p", pt.switch(x > 0, -x, x * pt.exp(x)).sum() - pt.sqr(pt.clip(x, -1, 1)).sum())
    pm.Potential("q", pt.where(pt.and_(x > -1, x < 1), pt.cos(x), pt.abs(x)).sum())
    pm.Potential("r", pt.maximum(x, 0.1).prod() - pt.minimum(x, 1).sum() + pt.sgn(x).sum())


@model
def vectorised_over_groups(rng):
    group = rng.integers(0, 6, 50)
    a, x = pm.Normal("a", shape=6), rng.normal(size=50)
    curve = pm.math.sigmoid(a[group] + pm.HalfNormal("k", shape=6)[group] * x)
    pm.Beta("y", mu=0.05 + 0.9 * curve, nu=pm.HalfNormal("nu", 10) + 2, observed=rng.beta(2, 2, 50))


@model
def hill_and_tanh_saturation(rng):
    x = rng.gamma(2, 1, 40)
    k, s = pm.HalfNormal("k") + 0.1, pm.HalfNormal("s") + 0.5
    hill = x**s / (k**s + x**s)
    pm.Normal(
        "y",
        pm.Normal("b") * hill + pt.tanh(x / pm.HalfNormal("c")),
        1,
        observed=rng.normal(size=40),
    )
