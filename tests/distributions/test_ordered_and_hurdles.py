"""Ordered categories, and numbers that are zero or something else."""

from __future__ import annotations

import numpy as np
import pytensor.tensor as pt
import pytest
from scipy import special, stats

import rufous.distributions as rd
from contracts.graph_tools import density_at, density_graph, draw, evaluate
from rufous.model.model import Model


@pytest.mark.parametrize("distribution", [rd.OrderedLogistic, rd.OrderedProbit])
def test_probabilities_become_a_deterministic(distribution):
    with Model(coords={"row": range(3)}) as model:
        cut = rd.Normal("cut", 0, 2, shape=3, transform=rd.transforms.ordered)
        distribution("y", eta=[0.0, 1.0, 2.0], cutpoints=cut, observed=[0, 3, 1], dims="row")
        distribution("z", eta=0, cutpoints=[0, 1], compute_p=False)
    assert [v.name for v in model.deterministics] == ["y_probs"]
    assert model.shape_of("y_probs") == (3, 4)
    assert np.isfinite(list(model.point_logps().values())).all()


def test_ordered_categories_far_out():
    """Both cdfs are one in double precision, their difference is not zero."""
    logistic = rd.OrderedLogistic.dist(eta=-800, cutpoints=[0, 1])
    wanted = -800 + np.log1p(-np.exp(-1))
    assert density_at(logistic, 1) == pytest.approx(wanted, rel=1e-14)
    probit = rd.OrderedProbit.dist(eta=-30, cutpoints=[0, 1])
    assert density_at(probit, 1) == pytest.approx(special.log_ndtr(-30.0), rel=1e-10)


def test_cutpoints_of_each_row():
    cuts = np.array([[-1.0, 0.0], [1.0, 3.0]])
    rv = rd.OrderedLogistic.dist(eta=[0.0, 0.5], cutpoints=cuts)
    got = density_at(rv, [1, 1])
    edges = special.expit(cuts - [[0.0], [0.5]])
    np.testing.assert_allclose(got, np.log(edges[:, 1] - edges[:, 0]), rtol=1e-12)
    probabilities = rd.OrderedLogistic.probabilities(pt.constant([0.0, 0.5]), pt.constant(cuts))
    np.testing.assert_allclose(evaluate(probabilities).sum(axis=-1), 1)
    assert draw(rd.OrderedLogistic.dist(eta=[0.0, 0.5], cutpoints=cuts, shape=(4, 2))).shape == (
        4,
        2,
    )


def test_cutpoints_out_of_order_give_minus_infinity():
    cuts = pt.vector("cuts", shape=(2,))
    rv = rd.OrderedProbit.dist(eta=0, cutpoints=cuts)
    assert evaluate(density_graph(rv, pt.constant(1)), {cuts: np.array([1.0, 0.0])}) == -np.inf


@pytest.mark.parametrize(
    ("rv", "positive"),
    [
        (rd.HurdleGamma.dist(psi=0.25, alpha=3, beta=2, size=4000), stats.gamma(3, scale=0.5)),
        (rd.HurdleLogNormal.dist(psi=0.25, mu=1, sigma=2, size=4000), stats.lognorm(2, scale=np.e)),
    ],
    ids=["gamma", "log-normal"],
)
def test_draws_over_a_hurdle(rv, positive):
    draws = draw(rv)
    passed = draws[draws > 0]
    assert abs(len(passed) - 1000) < 5 * np.sqrt(4000 * 0.25 * 0.75)
    assert stats.kstest(passed, positive.cdf).pvalue > 1e-4


def test_a_hurdle_of_a_tiny_rate_gives_ones():
    assert (draw(rd.HurdlePoisson.dist(psi=1, mu=1e-9, size=5)) == 1).all()


def test_point_mass():
    assert rd.DiracDelta.dist(3).dtype == "int64"
    assert rd.DiracDelta.dist(3.0).dtype == "float64"
    np.testing.assert_array_equal(density_at(rd.DiracDelta.dist(3), [2, 3]), [-np.inf, 0.0])
    np.testing.assert_array_equal(
        draw(rd.DiracDelta.dist([1.5, 2.5], shape=(2, 2))), [[1.5, 2.5]] * 2
    )
