"""Targets whose marginal distributions are known exactly."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.stats import halfnorm, norm, t

import rufous as rf
from statistical import densities
from statistical.marginals import Marginals, alike, normals, tabulated
from statistical.monte_carlo import Array


@dataclass(frozen=True)
class Target:
    """A log density, how its draws are read, and what is known of them.

    Parameters
    ----------
    name : str
    build : callable
        Makes what is sampled.
    marginals : callable
        Computes what is known.
    names : tuple of str, default ("x",)
        Variables that hold the coordinates, one after the other.
    target_accept : float, default 0.8
        What the step size must be adapted to for trajectories not to diverge: where they do, the
        sampler says so and promises nothing.
    """

    name: str
    build: Callable[[], Any]
    marginals: Callable[[], Marginals]
    names: tuple[str, ...] = ("x",)
    target_accept: float = 0.8


def posterior(idata: Any, names: tuple[str, ...]) -> Array:
    """Put variables side by side; shape (chains, draws, coordinates)."""
    group = idata["posterior"]
    parts = [np.asarray(group[name].values, dtype=float) for name in names]
    return np.concatenate([part.reshape(*part.shape[:2], -1) for part in parts], axis=2)


def all_targets() -> list[Target]:
    """List the targets, the smallest first."""
    return [
        plain_normal(1),
        plain_normal(10),
        plain_normal(100),
        plain_normal(1000),
        rotated_normal(10),
        rotated_normal(100),
        mirrored_normal(1000, num_mirrors=3),
        Target("student-t", lambda: densities.student_t(10, 5.0), lambda: alike(t(5), 10)),
        banana(),
        mixture(),
        Target("half-normal", lambda: densities.half_normal(3), lambda: alike(halfnorm(), 3)),
        eight_schools(),
        funnel_noncentered(),
    ]


def plain_normal(dim: int) -> Target:
    """Independent normals of several sizes."""
    sd = np.geomspace(0.1, 10.0, dim) if dim > 1 else np.ones(1)
    return Target(f"normal-{dim}", lambda: densities.normal(sd), lambda: normals(sd))


def rotated_normal(dim: int) -> Target:
    """Correlated normals whose covariance has condition number 10,000."""
    rotation, _ = np.linalg.qr(np.random.default_rng(dim).normal(size=(dim, dim)))
    sd = np.geomspace(0.1, 10.0, dim)
    precision = (rotation / sd**2) @ rotation.T
    marginal_sd = np.sqrt(rotation**2 @ sd**2)
    return Target(
        f"rotated-normal-{dim}",
        lambda: densities.correlated_normal(precision),
        lambda: normals(marginal_sd),
    )


def mirrored_normal(dim: int, *, num_mirrors: int) -> Target:
    """The same where a matrix would be too large: only a few directions are mixed."""
    mirrors = np.random.default_rng(dim).normal(size=(num_mirrors, dim))
    mirrors /= np.linalg.norm(mirrors, axis=1, keepdims=True)
    sd, rotation = np.geomspace(0.1, 10.0, dim), np.eye(dim)
    for mirror in mirrors[::-1]:
        rotation -= 2 * np.outer(mirror, mirror @ rotation)
    marginal_sd = np.sqrt(rotation**2 @ sd**2)
    return Target(
        f"mirrored-normal-{dim}",
        lambda: densities.mirrored_normal(sd, mirrors),
        lambda: normals(marginal_sd),
    )


def banana() -> Target:
    """A parabola with a spread of one across."""
    sd, bend = 10.0, 0.03

    def marginals() -> Marginals:
        grid = np.linspace(-8 * sd, 8 * sd, 2001)
        across = np.linspace(-12.0, 190.0, 4001)
        ridge = bend * (grid**2 - sd**2)
        density = norm.pdf(across[:, None] - ridge) @ norm.pdf(grid / sd)
        return tabulated([(grid, norm.pdf(grid / sd)), (across, density)])

    return Target("banana", lambda: densities.banana(sd, bend), marginals, target_accept=0.99)


def mixture() -> Target:
    """Two unit normals whose means are two apart, in each coordinate."""
    shift, dim = 1.0, 3

    def marginals() -> Marginals:
        grid = np.linspace(-10.0, 10.0, 8001)
        density = norm.pdf(grid - shift) + norm.pdf(grid + shift)
        return tabulated([(grid, density)] * dim)

    return Target("mixture", lambda: densities.mixture(dim, shift), marginals)


EFFECTS = np.array([28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0])
ERRORS = np.array([15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0])


def eight_schools_model() -> rf.Model:
    """Write the model of eight schools, non-centred."""
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 5)
        tau = rf.HalfCauchy("tau", 5)
        standard = rf.Normal("standard", 0, 1, shape=8)
        theta = rf.Deterministic("theta", mu + tau * standard)
        rf.Normal("y", theta, ERRORS, observed=EFFECTS)
    return model


def eight_schools() -> Target:
    """Eight schools, whose marginals are integrals over tau."""
    names = ("mu", "tau", "theta")
    return Target("eight-schools", eight_schools_model, eight_schools_marginals, names)


def eight_schools_marginals() -> Marginals:
    """Given tau everything is normal, so that one integral is left."""
    tau = (np.arange(3000) + 0.5) * 0.05
    total = tau[:, None] ** 2 + ERRORS**2
    precision = 1 / 25 + (1 / total).sum(axis=1)
    mu = (EFFECTS / total).sum(axis=1) / precision
    # The density of tau by that of mu, at mu = 0 where its prior is a constant.
    log_density = norm.logpdf(EFFECTS, 0, np.sqrt(total)).sum(axis=1)
    log_density -= norm.logpdf(0, mu, precision**-0.5) + np.log1p((tau / 5) ** 2)
    weight = np.exp(log_density - log_density.max())
    # theta given mu and tau is a weighted mean of mu and the effect.
    share = tau[:, None] ** 2 / total
    theta = share * EFFECTS + (1 - share) * mu[:, None]
    spread = np.sqrt(share * ERRORS**2 + (1 - share) ** 2 / precision[:, None])
    grid = np.linspace(-80.0, 120.0, 1001)

    def mixed(mean: Array, sd: Array) -> tuple[Array, Array]:
        return grid, np.array([weight @ norm.pdf(x, mean, sd) for x in grid])

    tables = [mixed(mu, precision**-0.5), (tau, weight)]
    tables += [mixed(theta[:, j], spread[:, j]) for j in range(8)]
    return tabulated(tables)


def funnel_model() -> rf.Model:
    """Write a funnel in coordinates in which it is none."""
    with rf.Model() as model:
        v = rf.Normal("v", 0, 3)
        z = rf.Normal("z", 0, 1, shape=9)
        rf.Deterministic("x", z * rf.math.exp(v / 2))
    return model


def funnel_noncentered() -> Target:
    """A funnel is normals in the right coordinates."""
    sd = np.array([3.0] + 9 * [1.0])
    return Target("funnel-noncentered", funnel_model, lambda: normals(sd), ("v", "z"))
