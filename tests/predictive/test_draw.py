"""Draws of single variables."""

import numpy as np
import pytensor.tensor as pt
import pytest

import rufous as rf


def test_one_draw_has_the_shape_of_the_variable():
    assert rf.draw(rf.Normal.dist(0, [1.0, 2.0])).shape == (2,)
    assert rf.draw(rf.Normal.dist(0, [1.0, 2.0]), draws=1, random_seed=1).shape == (2,)


def test_many_draws_have_a_leading_axis():
    values = rf.draw(rf.Normal.dist(5, [1.0, 2.0]), draws=20_000, random_seed=1)
    assert values.shape == (20_000, 2)
    error = np.array([1.0, 2.0]) / np.sqrt(20_000)
    assert (np.abs(values.mean(axis=0) - 5.0) < 5 * error).all()


def test_draws_of_several_variables_belong_together():
    with rf.Model():
        x = rf.Normal("x", 0, 1)
        y = rf.Deterministic("y", 2 * x)
    a, b = rf.draw([x, y], draws=7, random_seed=3)
    np.testing.assert_array_equal(b, 2 * a)


def test_the_seed_decides():
    x = rf.Normal.dist(0, 1)
    first, again, other = (rf.draw(x, 4, random_seed=seed) for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, other)


def test_variables_without_names_are_independent():
    a, b = rf.draw([rf.Normal.dist(0, 1), rf.Normal.dist(0, 1)], draws=3, random_seed=1)
    assert not np.array_equal(a, b)


def test_the_dtype_is_that_of_the_variable():
    assert rf.draw(rf.Poisson.dist(3.0), draws=2).dtype == "int64"


@pytest.mark.parametrize("draws", [0, -1, 1.5, True, "3"])
def test_the_number_of_draws_is_a_positive_integer(draws):
    with pytest.raises(rf.SettingsError, match="`draws` must be a positive integer"):
        rf.draw(rf.Normal.dist(0, 1), draws)


def test_names_are_no_variables():
    with pytest.raises(rf.ModelError, match="draw needs variables, got 'x'"):
        rf.draw(["x"])
    with pytest.raises(rf.ModelError, match="a variable or a list of them, got None"):
        rf.draw(None)


def test_a_parameter_out_of_range_names_the_variable():
    with rf.Model():
        s = rf.Normal("s", -10, 1)
        y = rf.Normal("y", 0, s)
    with pytest.raises(rf.ModelError, match="drawing 'y' failed"):
        rf.draw(y, draws=5)


def test_improper_variables_cannot_be_drawn():
    with pytest.raises(rf.UnsupportedError, match="Flat"):
        rf.draw(rf.Flat.dist())


def test_entries_at_a_random_index_are_those_of_each_draw():
    values = np.arange(6.0).reshape(3, 2)
    index = rf.Categorical.dist([0.2, 0.3, 0.5])
    picked, drawn = rf.draw([pt.constant(values)[index], index], draws=20, random_seed=1)
    np.testing.assert_array_equal(picked, values[drawn])
    base = rf.Normal.dist(0, 1, shape=(2, 3))
    rows, column, picked = rf.draw([base, index, base[:, index]], draws=20, random_seed=1)
    np.testing.assert_array_equal(picked, rows[np.arange(20), :, column])
