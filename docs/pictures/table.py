"""Which parameters the picture of each distribution shows: the one table of them."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pictures.kinds import (
    Picture,
    components,
    contours,
    curves,
    histograms,
    images,
    masses,
    paths,
    scatter,
)

import rufous as rf

__all__ = ["PICTURES"]

CHAIN = np.diag(np.ones(7), 1) + np.diag(np.ones(7), -1)
CUTS = [-1.0, 0.0, 2.0]
SPACED = np.abs(np.subtract.outer(np.arange(4.0), np.arange(4.0)))


def _sets(distribution: Any, *parameters: dict[str, Any]) -> dict[str, Any]:
    """Make the distributions and label each with its parameters."""
    return {
        ", ".join(f"{name} = {value}" for name, value in each.items()) or distribution.__name__: (
            distribution.dist(**each)
        )
        for each in parameters
    }


def _correlated(correlation: float) -> Any:
    return np.array([[1.0, correlation], [correlation, 1.0]])


def _correlations(draws: Any) -> Any:
    return np.corrcoef(draws.reshape(len(draws), -1), rowvar=False)


def _lkj_correlation(eta: float, sd_dist: Any) -> Any:
    _, corr, _ = rf.LKJCholeskyCov.dist(eta=eta, n=3, sd_dist=sd_dist)
    return corr[1, 0]


def _factor_correlation(eta: float) -> Any:
    factor = rf.LKJCorr.dist(n=3, eta=eta)
    return pt.dot(factor, factor.T)[1, 0]


def _middle_of_neighbours(sigma: float) -> Any:
    """Show one of three places in a row, when the others are 1 and -1."""

    def logp(value: Any, sigma: Any) -> Any:
        ends = [pt.ones_like(value), value, -pt.ones_like(value)]
        walk = rf.ICAR.dist(W=CHAIN[:3, :3], sigma=sigma, zero_sum_stdev=10.0)
        peak = rf.logp(walk, np.array([1.0, 0.0, -1.0]))
        return rf.logp(walk, pt.stack(ends, axis=-1)) - peak

    return rf.CustomDist.dist(sigma, logp=logp)


def _two_normals(weight: float, distance: float) -> Any:
    parts = [rf.Normal.dist(0, 1), rf.StudentT.dist(3, mu=distance, sigma=0.5)]
    return rf.Mixture.dist(w=[weight, 1 - weight], comp_dists=parts)


def _log_of_logistic(mu: Any, s: Any, size: Any) -> Any:
    return pt.exp(rf.Logistic.dist(mu, s, size=size))


def _toward_zero(x: Any, speed: Any) -> Any:
    return -speed * x, 0.5


def _outbreak(rng: Any, rate: Any, size: Any) -> Any:
    """Simulate how many of 50 people fall ill when each infects others at a rate."""
    ill, well, total = 1, 49, 1
    while ill:
        new = rng.binomial(well, -np.expm1(-rate * ill / 50))
        ill, well, total = new, well - new, total + new
    return np.asarray(total)


CONTINUOUS: dict[str, Picture] = {
    "Normal": curves(-6, 6, _sets(
        rf.Normal, {"mu": 0, "sigma": 1}, {"mu": 0, "sigma": 2}, {"mu": 2, "sigma": 0.5})),
    "HalfNormal": curves(0, 6, _sets(rf.HalfNormal, {"sigma": 0.5}, {"sigma": 1}, {"sigma": 2})),
    "TruncatedNormal": curves(-4, 4, _sets(
        rf.TruncatedNormal, {"mu": 0, "sigma": 1, "lower": -1, "upper": 2},
        {"mu": 0, "sigma": 2, "lower": -3, "upper": 3}, {"mu": 1, "sigma": 1, "lower": 0})),
    "StudentT": curves(-6, 6, _sets(
        rf.StudentT, {"nu": 1, "mu": 0, "sigma": 1}, {"nu": 30, "mu": 0, "sigma": 1},
        {"nu": 3, "mu": 2, "sigma": 0.5})),
    "Cauchy": curves(-6, 6, _sets(
        rf.Cauchy, {"alpha": 0, "beta": 0.5}, {"alpha": 0, "beta": 1}, {"alpha": 2, "beta": 1})),
    "HalfCauchy": curves(0, 6, _sets(rf.HalfCauchy, {"beta": 0.5}, {"beta": 1}, {"beta": 2})),
    "Laplace": curves(-6, 6, _sets(
        rf.Laplace, {"mu": 0, "b": 1}, {"mu": 0, "b": 2}, {"mu": 2, "b": 0.5})),
    "LogNormal": curves(0, 5, _sets(
        rf.LogNormal, {"mu": 0, "sigma": 0.25}, {"mu": 0, "sigma": 1}, {"mu": 1, "sigma": 0.5})),
    "Exponential": curves(0, 5, _sets(
        rf.Exponential, {"lam": 0.5}, {"lam": 1}, {"lam": 2})),
    "Gamma": curves(0, 10, _sets(
        rf.Gamma, {"alpha": 1, "beta": 0.5}, {"alpha": 3, "beta": 1}, {"alpha": 8, "beta": 2})),
    "InverseGamma": curves(0.01, 4, _sets(
        rf.InverseGamma, {"alpha": 1, "beta": 1}, {"alpha": 3, "beta": 1},
        {"alpha": 3, "beta": 4})),
    "Beta": curves(0.002, 0.998, _sets(
        rf.Beta, {"alpha": 0.7, "beta": 0.7}, {"alpha": 2, "beta": 5}, {"alpha": 8, "beta": 3})),
    "Uniform": curves(-4, 4, _sets(
        rf.Uniform, {"lower": 0, "upper": 1}, {"lower": -3, "upper": 3})),
    "Flat": curves(-4, 4, _sets(rf.Flat, {})),
    "HalfFlat": curves(-4, 4, _sets(rf.HalfFlat, {})),
    "HalfStudentT": curves(0, 6, _sets(
        rf.HalfStudentT, {"nu": 1, "sigma": 1}, {"nu": 30, "sigma": 1}, {"nu": 3, "sigma": 2})),
    "Gumbel": curves(-4, 10, _sets(
        rf.Gumbel, {"mu": 0, "beta": 1}, {"mu": 0, "beta": 2}, {"mu": 4, "beta": 1})),
    "Moyal": curves(-4, 12, _sets(
        rf.Moyal, {"mu": 0, "sigma": 1}, {"mu": 0, "sigma": 2}, {"mu": 4, "sigma": 0.7})),
    "Logistic": curves(-8, 8, _sets(
        rf.Logistic, {"mu": 0, "s": 0.5}, {"mu": 0, "s": 1}, {"mu": 2, "s": 2})),
    "LogitNormal": curves(0.002, 0.998, _sets(
        rf.LogitNormal, {"mu": 0, "sigma": 0.5}, {"mu": 0, "sigma": 2}, {"mu": 1, "sigma": 1})),
    "ChiSquared": curves(0.02, 12, _sets(rf.ChiSquared, {"nu": 2}, {"nu": 4}, {"nu": 7})),
    "AsymmetricLaplace": curves(-6, 6, _sets(
        rf.AsymmetricLaplace, {"kappa": 1, "mu": 0, "b": 1}, {"kappa": 2, "mu": 0, "b": 1},
        {"kappa": 0.5, "mu": 0, "b": 2})),
    "ExGaussian": curves(-4, 12, _sets(
        rf.ExGaussian, {"mu": 0, "sigma": 1, "nu": 0.5}, {"mu": 0, "sigma": 1, "nu": 3},
        {"mu": 2, "sigma": 0.5, "nu": 2})),
    "SkewNormal": curves(-4, 4, _sets(
        rf.SkewNormal, {"alpha": 0, "mu": 0, "sigma": 1}, {"alpha": 4, "mu": 0, "sigma": 1},
        {"alpha": -8, "mu": 1, "sigma": 2})),
    "Pareto": curves(0, 6, _sets(
        rf.Pareto, {"alpha": 1, "m": 1}, {"alpha": 3, "m": 1}, {"alpha": 3, "m": 2})),
    "Wald": curves(0.01, 4, _sets(
        rf.Wald, {"mu": 1, "lam": 1}, {"mu": 1, "lam": 5}, {"mu": 2, "lam": 5})),
    "Weibull": curves(0.01, 4, _sets(
        rf.Weibull, {"alpha": 1, "beta": 1}, {"alpha": 2, "beta": 1}, {"alpha": 5, "beta": 2})),
    "Kumaraswamy": curves(0.002, 0.998, _sets(
        rf.Kumaraswamy, {"a": 0.7, "b": 0.7}, {"a": 2, "b": 5}, {"a": 5, "b": 2})),
    "Triangular": curves(-1, 5, _sets(
        rf.Triangular, {"lower": 0, "c": 0.5, "upper": 1}, {"lower": 0, "c": 1, "upper": 4},
        {"lower": 1, "c": 4, "upper": 4})),
    "Rice": curves(0, 8, _sets(
        rf.Rice, {"nu": 0, "sigma": 1}, {"nu": 2, "sigma": 1}, {"nu": 4, "sigma": 1.5})),
    "VonMises": curves(-3.1415, 3.1415, _sets(
        rf.VonMises, {"mu": 0, "kappa": 0.5}, {"mu": 0, "kappa": 4}, {"mu": 2, "kappa": 2})),
    "Interpolated": curves(0, 4, {
        "three points": rf.Interpolated.dist([0, 1, 4], [0, 2, 0]),
        "five points": rf.Interpolated.dist([0, 1, 2, 3, 4], [1, 3, 0.5, 2, 0])}),
}  # fmt: skip

DISCRETE: dict[str, Picture] = {
    "Bernoulli": masses(0, 1, _sets(rf.Bernoulli, {"p": 0.2}, {"p": 0.5}, {"logit_p": 2})),
    "Binomial": masses(0, 20, _sets(
        rf.Binomial, {"n": 10, "p": 0.3}, {"n": 20, "p": 0.3}, {"n": 20, "p": 0.7})),
    "Poisson": masses(0, 20, _sets(rf.Poisson, {"mu": 0.5}, {"mu": 3}, {"mu": 10})),
    "NegativeBinomial": masses(0, 20, _sets(
        rf.NegativeBinomial, {"mu": 3, "alpha": 1}, {"mu": 3, "alpha": 10},
        {"mu": 10, "alpha": 10})),
    "Categorical": masses(0, 3, _sets(
        rf.Categorical, {"p": [0.1, 0.6, 0.2, 0.1]}, {"logit_p": [0, 1, 1, 2]})),
    "BetaBinomial": masses(0, 10, _sets(
        rf.BetaBinomial, {"alpha": 0.5, "beta": 0.5, "n": 10}, {"alpha": 2, "beta": 2, "n": 10},
        {"alpha": 20, "beta": 10, "n": 10})),
    "HyperGeometric": masses(0, 10, _sets(
        rf.HyperGeometric, {"N": 50, "k": 10, "n": 10}, {"N": 50, "k": 25, "n": 10},
        {"N": 20, "k": 15, "n": 10})),
    "Geometric": masses(0, 12, _sets(rf.Geometric, {"p": 0.2}, {"p": 0.5}, {"p": 0.8})),
    "DiscreteWeibull": masses(0, 10, _sets(
        rf.DiscreteWeibull, {"q": 0.5, "beta": 1}, {"q": 0.9, "beta": 1}, {"q": 0.9, "beta": 1.5})),
    "DiscreteUniform": masses(-6, 8, _sets(
        rf.DiscreteUniform, {"lower": 1, "upper": 6}, {"lower": -5, "upper": 5})),
    "DiracDelta": masses(-3, 5, _sets(rf.DiracDelta, {"c": 0}, {"c": 3})),
    "OrderedLogistic": masses(0, 3, _sets(
        rf.OrderedLogistic, {"eta": -2, "cutpoints": CUTS}, {"eta": 0, "cutpoints": CUTS},
        {"eta": 2, "cutpoints": CUTS})),
    "OrderedProbit": masses(0, 3, _sets(
        rf.OrderedProbit, {"eta": -1, "cutpoints": CUTS}, {"eta": 0, "cutpoints": CUTS},
        {"eta": 0, "cutpoints": CUTS, "sigma": 3})),
}  # fmt: skip

MULTIVARIATE: dict[str, Picture] = {
    "MvNormal": contours(3, {
        f"correlation {r}": rf.MvNormal.dist(mu=np.zeros(2), cov=_correlated(r))
        for r in (-0.8, 0, 0.8)}),
    "MvStudentT": contours(4, {
        f"nu = {nu}, correlation {r}": rf.MvStudentT.dist(
            nu=nu, mu=np.zeros(2), scale=_correlated(r))
        for nu, r in ((1, 0.8), (30, 0.8), (5, -0.5))}),
    "Dirichlet": scatter(_sets(
        rf.Dirichlet, {"a": [1, 1, 1]}, {"a": [10, 10, 10]}, {"a": [12, 3, 3]})),
    "ZeroSumNormal": scatter({
        f"sigma = {sigma}, {n} elements": rf.ZeroSumNormal.dist(sigma, shape=n)
        for sigma, n in ((2, 10), (2, 2), (0.5, 10))}),
    "LKJCholeskyCov": histograms("correlation of two elements of three", -1, 1, {
        f"eta = {eta}": _lkj_correlation(eta, rf.Exponential.dist(1.0)) for eta in (0.5, 1, 8)}),
    "LKJCorr": histograms("correlation of two elements of three", -1, 1, {
        f"eta = {eta}": _factor_correlation(eta) for eta in (0.5, 1, 8)}),
    "Multinomial": components(_sets(
        rf.Multinomial, {"n": 10, "p": [0.1, 0.2, 0.3, 0.4]},
        {"n": 10, "p": [0.7, 0.1, 0.1, 0.1]})),
    "DirichletMultinomial": components(_sets(
        rf.DirichletMultinomial, {"n": 10, "a": [1, 2, 3, 4]}, {"n": 10, "a": [10, 20, 30, 40]})),
    "OrderedMultinomial": components(_sets(
        rf.OrderedMultinomial, {"eta": 0, "cutpoints": CUTS, "n": 10},
        {"eta": 2, "cutpoints": CUTS, "n": 10})),
    "StickBreakingWeights": components(_sets(
        rf.StickBreakingWeights, {"alpha": 0.5, "K": 8}, {"alpha": 2, "K": 8},
        {"alpha": 10, "K": 8})),
    "MatrixNormal": images("correlation of the six entries", {
        f"rows {row}, columns {column}": rf.MatrixNormal.dist(
            mu=np.zeros((2, 3)), rowcov=_correlated(row), colcov=column ** SPACED[:3, :3])
        for row, column in ((0.8, 0.1), (0.1, 0.8))}, _correlations),
    "Wishart": histograms("first variance", 0, 20, {
        f"nu = {nu}, V = {v} I": rf.Wishart.dist(nu=nu, V=v * np.eye(2))[0, 0]
        for nu, v in ((3, 1), (8, 1), (3, 2))}),
    "KroneckerNormal": images("correlation", {
        f"correlation {a} and {b}": rf.KroneckerNormal.dist(
            mu=np.zeros(8), covs=[_correlated(a), b**SPACED], sigma=0.1)
        for a, b in ((0.8, 0.1), (0.3, 0.8))}, _correlations),
    "CAR": images("correlation of places in a row", {
        f"alpha = {alpha}": rf.CAR.dist(mu=np.zeros(8), W=CHAIN, alpha=alpha, tau=1.0)
        for alpha in (0.3, 0.9, 0.99)}, _correlations),
    "ICAR": curves(-4, 4, {
        f"sigma = {sigma}, between neighbours 1 and -1": _middle_of_neighbours(sigma)
        for sigma in (0.5, 1, 2)}, height="density (the peak is 1)"),
}  # fmt: skip

MODIFIERS: dict[str, Picture] = {
    "ZeroInflatedPoisson": masses(0, 15, _sets(
        rf.ZeroInflatedPoisson, {"psi": 0.9, "mu": 5}, {"psi": 0.5, "mu": 5})),
    "ZeroInflatedBinomial": masses(0, 15, _sets(
        rf.ZeroInflatedBinomial, {"psi": 0.9, "n": 15, "p": 0.5},
        {"psi": 0.5, "n": 15, "p": 0.5})),
    "ZeroInflatedNegativeBinomial": masses(0, 20, _sets(
        rf.ZeroInflatedNegativeBinomial, {"psi": 0.9, "mu": 6, "alpha": 4},
        {"psi": 0.5, "mu": 6, "alpha": 4})),
    "HurdlePoisson": masses(0, 15, _sets(
        rf.HurdlePoisson, {"psi": 0.9, "mu": 5}, {"psi": 0.5, "mu": 5})),
    "HurdleNegativeBinomial": masses(0, 20, _sets(
        rf.HurdleNegativeBinomial, {"psi": 0.9, "mu": 6, "alpha": 4},
        {"psi": 0.5, "mu": 6, "alpha": 4})),
    "HurdleGamma": curves(-0.5, 8, _sets(
        rf.HurdleGamma, {"psi": 0.9, "alpha": 3, "beta": 1},
        {"psi": 0.5, "alpha": 3, "beta": 1}), atoms=(0.0,)),
    "HurdleLogNormal": curves(-0.5, 8, _sets(
        rf.HurdleLogNormal, {"psi": 0.9, "mu": 1, "sigma": 0.5},
        {"psi": 0.5, "mu": 1, "sigma": 0.5}), atoms=(0.0,)),
    "Mixture": curves(-4, 8, {
        f"weight {w}, apart by {apart}": _two_normals(w, apart)
        for w, apart in ((0.8, 3), (0.3, 3), (0.5, 5))}),
    "NormalMixture": curves(-4, 8, _sets(
        rf.NormalMixture, {"w": [0.7, 0.3], "mu": [0, 4], "sigma": [1, 1]},
        {"w": [0.3, 0.7], "mu": [0, 2], "sigma": [0.5, 2]})),
    "Censored": curves(-2, 3, {
        f"Normal(0, {sigma}) to [-1, 2]": rf.Censored.dist(
            rf.Normal.dist(0, sigma), lower=-1, upper=2)
        for sigma in (0.7, 2)}, atoms=(-1.0, 2.0)),
    "Truncated": curves(-0.5, 4.5, {
        f"Gamma({alpha}, 1) to [0.5, 4]": rf.Truncated.dist(
            rf.Gamma.dist(alpha, 1), lower=0.5, upper=4)
        for alpha in (1, 3, 6)}),
    "CustomDist": curves(0.01, 6, {
        f"exp of Logistic({mu}, {s})": rf.CustomDist.dist(mu, s, dist=_log_of_logistic)
        for mu, s in ((0, 0.2), (0, 0.5), (1, 0.2))}),
    "Simulator": histograms("size of an outbreak among 50", -0.5, 50.5, {
        f"rate = {rate}": rf.Simulator.dist(_outbreak, rate) for rate in (0.8, 1.5, 3.0)}),
}  # fmt: skip

TIME_SERIES: dict[str, Picture] = {
    "RandomWalk": paths({
        f"steps of {name}": rf.RandomWalk.dist(
            init_dist=rf.Normal.dist(0, 1), innovation_dist=step, steps=80)
        for name, step in (
            ("StudentT(2, 0, 1)", rf.StudentT.dist(2, mu=0, sigma=1)),
            ("Exponential(2)", rf.Exponential.dist(2)))}),
    "GaussianRandomWalk": paths({
        f"mu = {mu}, sigma = {sigma}": rf.GaussianRandomWalk.dist(
            mu=mu, sigma=sigma, init_dist=rf.Normal.dist(0, 1), steps=80)
        for mu, sigma in ((0, 1), (0.3, 0.3))}),
    "MvGaussianRandomWalk": paths({
        f"correlation {r}, first element": rf.MvGaussianRandomWalk.dist(
            mu=np.array([drift, 0.0]), cov=_correlated(r),
            init_dist=rf.MvNormal.dist(np.zeros(2), np.eye(2)), steps=80)[:, 0]
        for r, drift in ((0.8, 0.0), (-0.8, 0.4))}),
    "AR": paths({
        f"rho = {rho}": rf.AR.dist(
            rho=rho, sigma=1.0, init_dist=rf.Normal.dist(0, 1, size=len(rho)), steps=80)
        for rho in ([0.95], [-0.5], [1.2, -0.7])}),
    "GARCH11": paths({
        f"alpha_1 = {alpha}, beta_1 = {beta}": rf.GARCH11.dist(
            omega=0.1, alpha_1=alpha, beta_1=beta, initial_vol=0.3, steps=150)
        for alpha, beta in ((0.1, 0.1), (0.4, 0.55))}),
    "EulerMaruyama": paths({
        f"back to zero at speed {speed}": rf.EulerMaruyama.dist(
            0.05, _toward_zero, [speed], init_dist=rf.Normal.dist(3, 0.1), steps=120)
        for speed in (0.2, 2.0)}),
}  # fmt: skip

PICTURES: dict[str, Picture] = {
    **CONTINUOUS, **DISCRETE, **MULTIVARIATE, **MODIFIERS, **TIME_SERIES
}  # fmt: skip
