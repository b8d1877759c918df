"""Draw functions from priors, and one from data: ``python docs/figures/gaussian_processes.py``."""

from __future__ import annotations

from pathlib import Path

import matplotlib
import matplotlib.pyplot as plt
import numpy as np

import rufous as rf

matplotlib.use("Agg")

GRID = np.linspace(0, 10, 201)[:, None]
PRIORS = {
    "ExpQuad(1, ls=1)": rf.gp.cov.ExpQuad(1, ls=1.0),
    "Matern32(1, ls=1)": rf.gp.cov.Matern32(1, ls=1.0),
    "Periodic(1, period=3, ls=0.5)": rf.gp.cov.Periodic(1, period=3.0, ls=0.5),
    "Gibbs(1, lambda x: 0.2 + 0.2 * x)": rf.gp.cov.Gibbs(1, lambda x: 0.2 + 0.2 * x),
}


def data() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return points with a gap, the function, and noisy observations of it."""
    rng = np.random.default_rng(3)
    x = np.sort(np.concatenate([rng.uniform(0, 4, 25), rng.uniform(6, 10, 25)]))[:, None]
    truth = np.sin(1.5 * x[:, 0]) + 0.3 * x[:, 0]
    return x, truth, truth + 0.3 * rng.normal(size=50)


def fit() -> tuple[np.ndarray, np.ndarray]:
    """Return draws of the function on the grid, by the exact process and by HSGP."""
    x, _, y = data()
    drawn = []
    for approximate in (False, True):
        with rf.Model():
            ls, eta = rf.InverseGamma("ls", 5, 5), rf.HalfNormal("eta", 3)
            sigma = rf.HalfNormal("sigma", 1)
            cov = eta**2 * rf.gp.cov.Matern52(1, ls)
            if approximate:
                gp = rf.gp.HSGP(m=[30], c=1.5, parametrization="centered", cov_func=cov)
                rf.Normal("y", gp.prior("f", X=x), sigma, observed=y)
            else:
                gp = rf.gp.Marginal(cov_func=cov)
                gp.marginal_likelihood("y", X=x, y=y, sigma=sigma)
            idata = rf.sample(draws=2000, tune=1000, random_seed=1, progressbar=False, quiet=True)
            gp.conditional("new", GRID)
            new = rf.sample_posterior_predictive(idata, var_names=["new"], random_seed=2)
        drawn.append(np.asarray(new.posterior_predictive["new"]).reshape(-1, len(GRID)))
    return drawn[0], drawn[1]


def draw_priors(ax: plt.Axes) -> None:
    """Draw two functions of each prior."""
    for k, (label, cov) in enumerate(PRIORS.items()):
        rv = rf.MvNormal.dist(np.zeros(len(GRID)), rf.gp.util.stabilize(cov(GRID)))
        level = -6.0 * k
        ax.plot(GRID, rf.draw(rv, draws=2, random_seed=11 + k).T + level, lw=1.2, color=f"C{k}")
        ax.text(0, level + 2.8, label, family="monospace", fontsize=8)
    ax.set(title="Functions from four priors", xlabel="x", yticks=[])


def draw_posterior(ax: plt.Axes) -> None:
    """Draw the exact posterior as bands, the approximate one as dashed lines."""
    x, _, y = data()
    exact, approximate = fit()
    rf.gp.util.plot_gp_dist(ax, exact, GRID, palette="Blues", samples_alpha=0.2)
    for level in (2.5, 50, 97.5):
        quantile = np.percentile(approximate, level, axis=0)
        ax.plot(GRID, quantile, "k--", lw=1, label="HSGP: median, 95 %" if level == 50 else None)
    ax.plot(x, y, "o", ms=3, color="C1", label="observations")
    ax.plot([], [], color="C0", lw=6, alpha=0.5, label="Marginal")
    ax.set(title="The posterior of a function, two ways", xlabel="x")
    ax.legend(frameon=False, fontsize=8)


def main() -> None:
    """Write the picture beside this file."""
    figure, (left, right) = plt.subplots(1, 2, figsize=(10, 4.2), layout="constrained")
    draw_priors(left)
    draw_posterior(right)
    for ax in (left, right):
        ax.spines[["top", "right"]].set_visible(False)
    figure.savefig(Path(__file__).with_name("gaussian-processes.png"), dpi=120)


if __name__ == "__main__":
    main()
