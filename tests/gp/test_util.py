"""Inducing points, pictures and jitter."""

from __future__ import annotations

import matplotlib.pyplot as plt
import numpy as np
import pytest

import rufous as rf
from gp.formulas import value
from rufous.gp import util

X = np.random.default_rng(7).normal(size=(60, 2)) * [1.0, 1000.0]


def test_inducing_points_are_centres_of_all_columns() -> None:
    centres = util.kmeans_inducing_points(6, X)
    assert centres.shape == (6, 2)
    assert (centres > X.min(axis=0)).all()
    assert (centres < X.max(axis=0)).all()
    # Both columns count, however different their units.
    assert (centres.std(axis=0) / X.std(axis=0) > 0.3).all()


def test_inducing_points_of_data_and_of_a_constant_column() -> None:
    with rf.Model():
        data = rf.Data("x", np.c_[np.arange(10.0), np.ones(10)])
    assert util.kmeans_inducing_points(3, data)[:, 1] == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: util.kmeans_inducing_points(0, X), "from 1 to the 60 rows of `X`, got 0"),
        (lambda: util.kmeans_inducing_points(61, X), "got 61"),
        (lambda: util.kmeans_inducing_points(2, X[:, 0]), r"got shape \(60,\)"),
        (lambda: util.plot_gp_dist(None, np.ones((3, 4)), np.ones(5)), r"\(draws, 5\)"),
        (
            lambda: util.replace_with_values([], [1], rf.Model()),
            "must map names of variables to values, got list",
        ),
    ],
)
def test_what_cannot_be_is_refused(call, message) -> None:
    with pytest.raises(rf.RufousError, match=message):
        call()


def test_jitter() -> None:
    np.testing.assert_array_equal(value(util.stabilize(np.zeros((2, 2)))), 1e-6 * np.eye(2))


def test_the_picture_has_bands_and_lines() -> None:
    figure, ax = plt.subplots()
    draws = np.random.default_rng(1).normal(size=(100, 20))
    options = {"fill_kwargs": {"label": "band"}, "samples_kwargs": {"lw": 2}}
    assert util.plot_gp_dist(ax, draws, np.arange(20)[:, None], **options) is ax
    assert len(ax.collections) == 40
    assert len(ax.lines) == 30
    assert ax.lines[0].get_linewidth() == 2
    util.plot_gp_dist(ax, draws, np.arange(20), plot_samples=False)
    assert len(ax.lines) == 30
    plt.close(figure)
