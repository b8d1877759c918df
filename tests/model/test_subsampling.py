"""Minibatches, and densities scaled to the whole data."""

import numpy as np
import pytest

import rufous as rf


def normal_logp(x):
    return -0.5 * x**2 - 0.5 * np.log(2 * np.pi)


@pytest.mark.parametrize(
    ("total_size", "factor"),
    [(20, 10), ([20], 10), ([20, 6], 20), ([None, 6], 2), ([20, ...], 10), ([20, ..., 6], 20)],
)
def test_the_density_is_scaled_to_the_whole(total_size, factor):
    data = np.arange(6.0).reshape(2, 3)
    with rf.Model() as model:
        rf.Normal("y", 0, 1, observed=data, total_size=total_size)
    assert model.point_logps({})["y"] == pytest.approx(factor * normal_logp(data).sum())
    [terms] = model.compile_logp(sum=False)({})
    np.testing.assert_allclose(terms, factor * normal_logp(data))


@pytest.mark.parametrize(
    ("options", "text"),
    [
        ({"total_size": 10}, "total_size= of 'y' .* 'y' is not observed"),
        ({"total_size": -1, "observed": [1.0]}, "must be a positive integer"),
        ({"total_size": [3, 4], "observed": [1.0]}, "has 2 entries, its data 1 axes"),
    ],
)
def test_a_total_size_that_means_nothing(options, text):
    with rf.Model(), pytest.raises(rf.ModelError, match=text):
        rf.Normal("y", 0, 1, **options)


def test_the_same_rows_of_all_data_and_others_each_time():
    x = np.arange(100.0)
    with rf.Model() as model:
        few_x, few_y = rf.Minibatch(x, rf.Data("y", 2 * x), batch_size=5)
        slope = rf.Normal("slope", 2, 1)
        rf.Normal("obs", slope * few_x, 1, observed=few_y, total_size=100)
    at = {"slope": 2.0}
    density = model.compile_logp("obs")
    assert density(at) == pytest.approx(100 * normal_logp(0.0))
    with model:
        rows = model.compile_fn([few_x, few_y], random_seed=1)
    first, second = rows(at), rows(at)
    np.testing.assert_array_equal(2 * first[0], first[1])
    assert not np.array_equal(first[0], second[0])


def test_sampling_refuses_a_minibatch():
    with rf.Model() as model:
        mu = rf.Normal("mu", 0, 1)
        few = rf.Minibatch(np.arange(10.0), batch_size=2)
        rf.Normal("y", mu, 1, observed=few, total_size=10)
    with pytest.raises(rf.UnsupportedError, match="Minibatch"):
        rf.compile(model)


@pytest.mark.parametrize(
    ("data", "size", "text"),
    [
        ([np.ones(3)], 0, "`batch_size` must be a positive integer, got 0"),
        ([np.ones(3)], 1.5, "`batch_size` must be a positive integer, got 1.5"),
        ([3.0], 1, "must have rows"),
        ([np.ones(3), np.ones(4)], 1, r"same number of rows, got \[3, 4\]"),
        ([rf.Normal.dist(0, 1, shape=3)], 1, "not random variables"),
    ],
)
def test_a_minibatch_of_nothing(data, size, text):
    with pytest.raises(rf.RufousError, match=text):
        rf.Minibatch(*data, batch_size=size)
