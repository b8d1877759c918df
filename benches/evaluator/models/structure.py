"""What models are written with: indexing, potentials, deterministics, transforms, dims, tricks."""

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from benches.evaluator.models.registry import model

transforms = pm.distributions.transforms


@model
def masks_and_boolean_indices(rng):
    x = pm.Normal("x", shape=20)
    mask = rng.uniform(size=20) < 0.5
    pm.Normal("a", x[mask], 1.0, observed=rng.normal(size=mask.sum()))
    pm.Normal("b", x[~mask].mean(), 1.0, observed=0.3)


@model
def two_index_arrays(rng):
    t = pm.Normal("t", shape=(4, 5, 3))
    i, j = rng.integers(0, 4, 30), rng.integers(0, 5, 30)
    pm.Normal(
        "y", t[i, j].sum(axis=-1) + t[i, :, 0].mean(axis=1), 1.0, observed=rng.normal(size=30)
    )


@model
def indices_in_data(rng):
    group = pm.Data("group", rng.integers(0, 5, 40))
    level = pm.Normal("level", shape=5)
    pm.Normal("y", level[group], pm.HalfNormal("s"), observed=pm.Data("seen", rng.normal(size=40)))


@model
def set_and_increment(rng):
    free = pm.Normal("free", shape=4)
    w = pt.zeros(8)
    w = pt.set_subtensor(w[::2], free)
    w = pt.inc_subtensor(w[1:5], free**2)
    w = w[pt.as_tensor([0, 2, 4])].set(1.5)
    pm.Normal("y", w, 1.0, observed=rng.normal(size=8))


@model
def nested_scatter(rng):
    b = pm.Normal("b", shape=3)
    table = pt.zeros((4, 3))[[1, 2, 2], [0, 1, 1]].inc(b)
    pm.Normal("y", table, 1.0, observed=rng.normal(size=(4, 3)))


@model
def stacked_and_joined(rng):
    a, b = pm.Normal("a"), pm.Normal("b", shape=3)
    v = pt.concatenate([pt.stack([a, a**2]), b, pt.ones(2)])
    m = pt.stack([v, v[::-1]], axis=1)
    pm.Normal(
        "y", m.sum(axis=1) + pt.repeat(b, 2)[0] + pt.tile(b, 2)[5], 1.0, observed=rng.normal(size=7)
    )


@model
def shapes_and_transposes(rng):
    x = pm.Normal("x", shape=(2, 3, 4))
    y = x.transpose(2, 0, 1).reshape((4, 6)).T[:, None, :]
    pm.Normal(
        "y",
        (y**2).max(axis=0) + y.min(axis=0) + y.prod(axis=0),
        1.0,
        observed=rng.normal(size=(1, 4)),
    )


@model
def einsum_and_tensordot(rng):
    a, b = pm.Normal("a", shape=(3, 4)), rng.normal(size=(4, 5))
    one = pt.einsum("ij,jk->ik", a, b)
    two = pt.tensordot(a, rng.normal(size=(3, 4)), axes=2)
    pm.Normal("y", one.mean() + two, 1.0, observed=0.5)


@model
def batched_matrix_products(rng):
    a = pm.Normal("a", shape=(3, 2, 2))
    x = rng.normal(size=(3, 2, 4))
    pm.Normal("y", pt.matmul(a, x), 1.0, observed=rng.normal(size=(3, 2, 4)))


@model
def batched_covariances(rng):
    d = pm.HalfNormal("d", shape=(3, 2))
    cov = pt.eye(2) * d[:, None, :] + 0.1
    pm.MvNormal("y", np.zeros(2), cov=cov, observed=rng.normal(size=(3, 2)))


@model
def sorting(rng):
    x = pm.Normal("x", shape=6)
    pm.Normal("y", pt.sort(x), 1.0, observed=np.sort(rng.normal(size=6)))


@model
def clip_round_and_compare(rng):
    x = pm.Normal("x", shape=10)
    y = pt.clip(x, -1, 1) + pt.where(pt.and_(x > 0, x < 2), x**2, pt.abs(x)) + 0.1 * pt.floor(x)
    pm.Normal("y", y, 1.0, observed=rng.normal(size=10))


@model
def powers_and_roots(rng):
    a, p = pm.HalfNormal("a", shape=5), pm.Uniform("p", 0.5, 2.0)
    y = a**p + a**3 + a**-0.5 + pt.cosh(a) + pt.arctan(a) + pt.log2(1 + a) + pt.sin(a) * pt.cos(p)
    pm.Normal("y", y, 1.0, observed=rng.normal(size=5))


@model
def special_functions(rng):
    a = pm.HalfNormal("a", shape=5)
    y = (
        pt.gammaln(a + 1)
        + pt.psi(a + 0.5)
        + pt.erf(a)
        + pt.erfcx(a)
        + pm.math.logit(pt.exp(-a - 0.1))
    )
    pm.Normal("y", y, 1.0, observed=rng.normal(size=5))


@model
def custom_density(rng):
    def density(value, mu, s):
        return -0.5 * ((value - mu) / s) ** 2 - pt.log(s)

    pm.CustomDist(
        "y", pm.Normal("mu"), pm.HalfNormal("s"), logp=density, observed=rng.normal(size=20)
    )


@model
def custom_from_random(rng):
    def draw(mu, s, size):
        return pt.exp(pm.Normal.dist(mu, s, size=size))

    pm.CustomDist(
        "y", pm.Normal("mu"), pm.HalfNormal("s"), dist=draw, observed=rng.lognormal(size=20)
    )


@model
def soft_constraints(rng):
    x = pm.Normal("x", shape=3)
    pm.Potential("sum", -100 * (x.sum() - 1) ** 2)
    pm.Potential("positive", pt.switch(pt.all(x > -3), 0.0, -np.inf))
    pm.Normal("y", x, 1, observed=rng.normal(size=3))


@model
def interval_and_circular(rng):
    a = pm.Normal("a", transform=transforms.Interval(-1, 1))
    b = pm.Normal("b", shape=2, transform=transforms.Interval(0, None))
    c = pm.Uniform("c", a, 3)
    pm.Normal("y", a + b.sum() + c, 1.0, observed=rng.normal(size=4))


@model
def simplex_and_log_transforms(rng):
    w = pm.Dirichlet("w", a=pm.HalfNormal("conc", shape=4) + 0.5)
    pm.Categorical("y", p=w, observed=rng.integers(0, 4, 30))


@model
def ordered_positive(rng):
    chain = transforms.Chain([transforms.log, transforms.ordered])
    x = pm.Exponential("x", 1.0, shape=3, transform=chain, initval=[0.5, 1, 2])
    pm.Normal("y", x, 1.0, observed=rng.normal(size=3))


@model
def zero_sum_of_two_axes(rng):
    x = pm.ZeroSumNormal("x", sigma=pm.HalfNormal("s"), n_zerosum_axes=2, shape=(4, 3))
    pm.Normal("y", x, 1, observed=rng.normal(size=(4, 3)))


@model
def discrete_observations_of_all_kinds(rng):
    p = pm.Beta("p", 1, 1, shape=3)
    pm.Bernoulli("b", p, observed=rng.integers(0, 2, (5, 3)))
    pm.Binomial("n", 4, p, observed=rng.integers(0, 5, (5, 3)))
    pm.Geometric("g", p, observed=rng.integers(1, 5, (5, 3)))


@model
def many_small_variables(rng):
    total = 0
    for k in range(25):
        total = total + pm.Normal(f"x{k}", 0, 1 + k)
    pm.Normal("y", total, 1, observed=rng.normal(size=2))


@model
def integers_everywhere(rng):
    a = pm.Normal("a", 0, 10)
    b = pm.HalfNormal("b", 5, shape=2)
    y = rng.integers(-3, 4, 20)
    pm.Normal("y", a * y.mean() // 1 + b[0] * 2 - b[1] / 3, 2, observed=y)


@model
def simulated_mean_field(rng):
    z = pm.Normal("z", shape=(2, 6))
    centre = z - z.mean(axis=1, keepdims=True)
    scaled = centre / pt.sqrt((centre**2).sum(axis=1, keepdims=True) + 1e-6)
    pm.Normal("y", pt.dot(scaled, scaled.T), 1.0, observed=np.eye(2))


@model
def distances(rng):
    place = pm.Normal("place", shape=(7, 2))
    d = pt.sqrt(((place[:, None] - place[None]) ** 2).sum(-1) + 1e-9)
    i, j = np.triu_indices(7, 1)
    pm.LogNormal("d", pt.log(d[i, j]), 0.5, observed=rng.lognormal(size=21))


@model
def submodel_names(rng):
    for name in ("one", "two"):
        with pm.Model(name):
            pm.Normal("y", pm.Normal("mu"), 1.0, observed=rng.normal(size=4))


@model
def missing_discrete_free_multivariate(rng):
    y = np.ma.masked_invalid(
        np.where(rng.uniform(size=(12, 2)) < 0.15, np.nan, rng.normal(size=(12, 2)))
    )
    pm.Normal("y", pm.Normal("mu", shape=2), pm.HalfNormal("s", shape=2), observed=y)


@model
def float32_data(rng):
    x = rng.normal(size=30).astype("float32")
    pm.Normal(
        "y", pm.Normal("b") * x, pm.HalfNormal("s"), observed=rng.normal(size=30).astype("float32")
    )


@model
def deterministic_summaries(rng):
    x = pm.Normal("x", shape=8)
    pm.Deterministic("mean", x.mean())
    pm.Deterministic("largest", x.max())
    pm.Deterministic("place", pt.argmax(x))
    pm.Deterministic("share", pt.exp(x) / pt.exp(x).sum())
    pm.Normal("y", x, 1, observed=rng.normal(size=8))
