"""Small questions about models, asked of PyMC and of Rufous in the same words.

Each function gets a package (``pymc`` or ``rufous``) and answers with names, shapes and numbers.
"""

from __future__ import annotations

import warnings
from typing import Any

import numpy as np
import pytensor.tensor as pt

X = np.linspace(0, 2, 5)[:, None]
NEW = np.linspace(0.1, 1.9, 3)[:, None]
COV = np.array([[2.0, 0.3], [0.3, 1.0]])
SERIES = np.array([0.1, 0.5, 0.3, 0.9])
W = np.diag(np.ones(3), 1) + np.diag(np.ones(3), -1)


def names(variables: Any) -> list[str]:
    return [variable.name for variable in variables]


def at(model: Any, value: float = 0.3) -> dict[str, Any]:
    """Give every value variable rising numbers."""
    return {
        name: value + np.arange(start.size).reshape(start.shape) / 10
        for name, start in ((n, np.asarray(s)) for n, s in model.initial_point(0).items())
    }


def terms(model: Any) -> Any:
    return model.compile_logp(sum=False)(at(model)), model.compile_dlogp()(at(model))


def kinds_of_variables(pm: Any) -> Any:
    with pm.Model(coords={"g": ["a", "b"]}) as m:
        d = pm.Data("d", [1.0, 2.0], dims="g")
        x, s = pm.Normal("x"), pm.HalfNormal("s", 1.0)
        pm.Poisson("k", 3.0)
        z = pm.Deterministic("z", x + d, dims="g")
        pm.Potential("p", -(x**2))
        pm.Normal("y", z, s, observed=[1.0, 2.0], dims="g")
    kinds = (m.free_RVs, m.observed_RVs, m.basic_RVs, m.unobserved_RVs, m.deterministics)
    values = (m.value_vars, m.unobserved_value_vars, m.continuous_value_vars, m.discrete_value_vars)
    return [names(each) for each in (*kinds, *values)], m.named_vars_to_dims, dict(m.coords)


def value_variables(pm: Any) -> Any:
    transforms = pm.distributions.transforms
    with pm.Model() as m:
        pm.Uniform("a", 0.0, 2.0)
        pm.Beta("b", 2.0, 2.0)
        pm.Dirichlet("c", np.ones((2, 3)))
        pm.TruncatedNormal("d", 0.0, 1.0, lower=-1.0)
        pm.ZeroSumNormal("e", shape=(3, 4), n_zerosum_axes=2)
        pm.Normal("f", shape=3, transform=transforms.ordered, initval=[-1.0, 0.0, 1.0])
        pm.HalfNormal("g", 1.0, default_transform=transforms.log_exp_m1)
        pm.VonMises("h", 0.0, 1.0)
        pm.Mixture("i", [0.5, 0.5], [pm.HalfNormal.dist(1.0), pm.Exponential.dist(1.0)])
        pm.HalfNormal("j", 1.0, default_transform=None)
        pm.Pareto("k", 2.0, 3.0)
        pm.GaussianRandomWalk("l", 0.0, 1.0, init_dist=pm.Normal.dist(), steps=3)
    return m.initial_point(), terms(m)


def starts(pm: Any) -> Any:
    with pm.Model() as m:
        pm.HyperGeometric("a", 20, 5, 7)
        pm.Rice("b", 1.0, 2.0)
        pm.DirichletMultinomial("c", 10, np.array([1.0, 2.0, 3.0]))
        pm.HurdlePoisson("d", 0.3, 2.0)
        pm.HurdleGamma("e", 0.3, 2.0, 2.0)
        pm.ZeroInflatedPoisson("f", 0.4, 3.0)
        pm.Truncated("g", pm.Normal.dist(1.0, 1.0), -1.0, 2.0)
        pm.NormalMixture("h", [0.3, 0.7], [0.0, 5.0], sigma=1.0)
        pm.StickBreakingWeights("i", 2.0, 3)
        pm.Wald("j", 1.0, 2.0)
    return m.initial_point()


def nested_models(pm: Any) -> Any:
    with pm.Model("outer") as m:
        pm.Normal("x")
        with pm.Model("inner") as n:
            pm.Deterministic("z", pm.Normal("y") + 1)
    return sorted(m.named_vars), n.name, n.prefix, n.name_for("k"), n.name_of("outer::inner::k")


def shapes_and_dims(pm: Any) -> Any:
    with pm.Model(coords={"a": [1, 2], "b": [1, 2, 3]}) as m:
        pm.Normal("x", [[1.0], [2.0]], [1.0, 2.0, 3.0])
        pm.Normal("y", [1.0, 2.0, 3.0], 1.0, dims=("a", "b"))
        pm.MvNormal("z", np.zeros(2), np.eye(2), dims=("b", "a"))
        pm.GaussianRandomWalk("w", init_dist=pm.Normal.dist(), dims=("a", "b"))
        pm.AR("v", np.zeros((3, 2)), init_dist=pm.Normal.dist(shape=(3, 2)), steps=4)
        pm.MvNormal("u", np.zeros(3), np.eye(3), observed=np.ones((4, 3)))
    return m.eval_rv_shapes()


def missing_values(pm: Any) -> Any:
    with warnings.catch_warnings(), pm.Model() as m:
        warnings.simplefilter("ignore")
        pm.Normal("y", np.array([0.0, 1.0]), 1.0, observed=[[1.0, np.nan], [np.nan, 3.0]])
        pm.Poisson("k", 3.0, observed=np.ma.masked_values([1, -9, 2], -9))
    drawn = pm.sample_prior_predictive(4, model=m, random_seed=1)
    groups = {name: sorted(drawn[name].data_vars) for name in ("prior", "prior_predictive")}
    return names(m.value_vars), names(m.deterministics), groups, m["k_unobserved"].dtype


def vectors(pm: Any) -> Any:
    chol = np.linalg.cholesky(COV)
    with pm.Model() as m:
        pm.MvNormal("a", np.array([1.0, 2.0]), chol=chol.T, lower=False)
        pm.MvStudentT("b", nu=3.0, mu=np.zeros(2), scale=COV)
        pm.MatrixNormal("c", np.zeros((2, 2)), rowchol=chol, colcov=COV)
        pm.KroneckerNormal("d", np.zeros(4), covs=[COV, COV], sigma=0.5)
        pm.CAR("e", np.zeros(4), W, 0.5, 2.0)
        pm.ICAR("f", W, 2.0)
        pm.StickBreakingWeights("g", 2.0, 3)
        pm.MvGaussianRandomWalk(
            "h", np.zeros(2), cov=COV, init_dist=pm.MvNormal.dist(np.zeros(2), COV), steps=3
        )
    return terms(m)


def series(pm: Any) -> Any:
    start = pm.Normal.dist(0.0, 3.0, shape=1)
    with pm.Model() as m:
        s = pm.HalfNormal("s", 1.0)
        pm.AR("a", [0.5, 0.3], sigma=s, constant=True, init_dist=start, observed=SERIES)
        pm.GARCH11("b", s, 0.2, 0.3, 1.5, observed=SERIES)
        pm.RandomWalk(
            "c",
            init_dist=pm.Normal.dist(),
            innovation_dist=pm.StudentT.dist(3.0, 0.0, sigma=s),
            observed=SERIES,
        )
        pm.EulerMaruyama(
            "d", 0.1, lambda x, a: (-a * x, 1.0), [s], init_dist=pm.Normal.dist(), observed=SERIES
        )
    return terms(m)


def mixtures_and_cuts(pm: Any) -> Any:
    with pm.Model() as m:
        w = pm.Dirichlet("w", np.ones(2))
        parts = pm.MvNormal.dist(np.array([[0.0, 0.0], [1.0, 1.0]]), np.eye(2))
        pm.Mixture("a", w, parts, observed=[[0.1, 0.2], [0.3, 0.4]])
        pm.Mixture("b", w, [pm.DiracDelta.dist(0), pm.Poisson.dist(2.0)], observed=[0, 1, 2])
        pm.Censored("c", pm.Normal.dist(0.0, 1.0), -1.0, 2.0, observed=[-1.0, 0.2, 2.0])
        pm.Truncated("d", pm.Poisson.dist(2.0), lower=1, upper=4, observed=[1, 4])
        pm.OrderedLogistic("e", eta=w[0], cutpoints=[-1.0, 1.0], observed=[0, 2])
        pm.HurdleLogNormal("f", 0.3, w[0], 1.0, observed=[0.0, 2.0])
    return names(m.deterministics), terms(m)


def custom(pm: Any) -> Any:
    def log_normal(mu, size):
        return pt.exp(pm.Normal.dist(mu, 1.0, size=size))

    with pm.Model() as m:
        mu = pm.Normal("mu")
        pm.CustomDist("a", mu, logp=lambda value, mu: -((value - mu) ** 2), observed=[1.0, 2.0])
        pm.CustomDist("b", mu, dist=log_normal, observed=[0.3, 0.4])
        pm.CustomDist("c", mu, dist=log_normal)
    vector = pm.CustomDist.dist(np.zeros(2), dist=lambda mu, size: pm.MvNormal.dist(mu, np.eye(2)))
    return terms(m), pm.draw(vector, 3).shape


def interventions(pm: Any) -> Any:
    with pm.Model() as m:
        x = pm.Normal("x")
        y = pm.Normal("y", x, 1.0)
        pm.Normal("z", y, 1.0)
    n = pm.observe(pm.do(m, {"x": 2.0}), {"z": 1.0})
    return names(n.free_RVs), names(n.observed_RVs), n.compile_logp()({"y": 0.5})


def new_data(pm: Any) -> Any:
    with pm.Model(coords={"row": [0, 1]}) as m:
        x = pm.Data("x", [0.0, 1.0], dims="row")
        slope = pm.Normal("slope", 3.0, 1e-9)
        mu = pm.Deterministic("mu", slope * x, dims="row")
        pm.Normal("y", mu, 1e-9, observed=[0.0, 0.0], dims="row", shape=x.shape)
    prior = pm.sample_prior_predictive(4, model=m, random_seed=1)["prior"].to_dataset()
    with m:
        pm.set_data({"x": [1.0, 2.0, 3.0]}, coords={"row": [5, 6, 7]})
        drawn = pm.sample_posterior_predictive(
            prior, var_names=["y", "mu", "slope"], predictions=True, progressbar=False
        )
    group = drawn["predictions"]
    return {str(k): (v.dims, v.values.round(3)) for k, v in group.data_vars.items()}


def what_is_drawn_anew(pm: Any) -> Any:
    with warnings.catch_warnings(), pm.Model() as m:
        warnings.simplefilter("ignore")
        x = pm.Normal("x", 0.0, 1e-9)
        z = pm.Normal("z", x, 1e-9)
        pm.Normal("y", z, 1e-9, observed=[0.0])
        trace = [{"x": 5.0, "z": 7.0}] * 3
        ask = {"model": m, "return_inferencedata": False, "progressbar": False}
        found = [
            pm.sample_posterior_predictive(trace, **ask, **options)
            for options in (
                {},
                {"var_names": ["x", "z"]},
                {"sample_vars": ["x"], "var_names": ["x", "z", "y"]},
                {"sample_vars": ["x", "z"]},
                {"sample_vars": ["z"], "freeze_vars": ["x"], "var_names": ["y"]},
            )
        ]
    return [{name: value.round(3) for name, value in each.items()} for each in found]


def derived(pm: Any) -> Any:
    x, positive = pm.Normal.dist(0.5, 2.0), pm.Gamma.dist(2.0, 3.0)
    uniform, several = pm.Uniform.dist(-1.0, 1.0), pm.Normal.dist([0.0, 1.0], [1.0, 2.0])
    expressions = [
        3 * x + 1, pt.exp(x), pt.log(positive), positive**-2, pt.abs(x), pt.sigmoid(x),
        pt.clip(x, -1.0, 0.3), pt.maximum(x, 0.3), pt.max(pm.Normal.dist(size=(3,))),
        pt.sum(several), pt.mean(several), pt.arcsin(uniform), pt.arccos(uniform),
        pt.erfinv(uniform), pt.cosh(x), 1 / positive,
    ]  # fmt: skip
    value = np.array(0.3)
    return [pm.logp(each, value).eval() for each in expressions], [
        pm.logp(pt.stack([pm.Normal.dist(), pm.Exponential.dist(1.0)]), [0.1, 0.2]).eval(),
        pm.logp(pt.cumsum(pm.Normal.dist(size=(3,))), [0.1, 0.2, 0.3]).eval(),
        pm.logcdf(pm.HurdlePoisson.dist(0.3, 2.0), [0, 1, 2]).eval(),
        pm.logcdf(pm.Truncated.dist(pm.Poisson.dist(2.0), 1, 4), [0, 1, 2]).eval(),
        pm.icdf(pm.Censored.dist(pm.Normal.dist(), -1.0, 1.0), [0.01, 0.6]).eval(),
        pm.logccdf(pm.Normal.dist(), [1.0, 40.0]).eval(),
    ]


def processes(pm: Any) -> Any:
    cov = pm.gp.cov
    with pm.Model() as m:
        ls = pm.Gamma("ls", 2.0, 1.0)
        whole = ls**2 * cov.Matern52(1, ls) + cov.Linear(1, 0.3) * cov.Periodic(1, 1.3, ls=0.5)
        marginal = pm.gp.Marginal(cov_func=whole, mean_func=pm.gp.mean.Constant(0.5))
        marginal.marginal_likelihood("y", X=X, y=np.sin(X[:, 0]), sigma=0.3)
        predicted = marginal.predict(NEW, point={"ls": 0.7}, diag=True, pred_noise=True)
        pm.gp.Latent(cov_func=cov.ExpQuad(1, ls)).prior("f", X=X)
        pm.gp.HSGP(m=[6], c=1.5, cov_func=cov.Matern32(1, ls)).prior("h", X=X)
        pm.gp.LatentKron(cov_funcs=[cov.ExpQuad(1, ls), cov.RatQuad(1, 2.0, 0.5)]).prior(
            "k", Xs=[X, NEW]
        )
    return names(m.free_RVs), predicted, terms(m)


def changes_of_variables(pm: Any) -> Any:
    transforms = pm.distributions.transforms
    cases = [
        (transforms.Interval(-1.0, None), [0.5, 2.0]),
        (transforms.Ordered(positive=True), [0.1, 0.5, 2.0]),
        (transforms.Ordered(ascending=False), [2.0, 0.5, 0.1]),
        (transforms.Chain([transforms.logodds, transforms.ordered]), [0.1, 0.5, 0.7]),
        (transforms.ZeroSumTransform([-1]), [0.1, 0.2, -0.3]),
        (transforms.simplex, [0.2, 0.3, 0.5]),
        (transforms.CholeskyCovPacked(2), [1.0, 2.0, 3.0]),
    ]
    found = []
    for transform, value in cases:
        moved = transform.forward(pt.constant(value))
        back = transform.backward(moved)
        found.append([each.eval() for each in (moved, back, transform.log_jac_det(moved))])
    return found


QUESTIONS = [
    kinds_of_variables, value_variables, starts, nested_models, shapes_and_dims, missing_values,
    vectors, series, mixtures_and_cuts, custom, interventions, new_data, what_is_drawn_anew,
    derived, processes, changes_of_variables,
]  # fmt: skip
