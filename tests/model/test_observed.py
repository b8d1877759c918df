"""Observed data of every kind."""

import numpy as np
import pandas as pd
import pytest

import rufous as rf


@pytest.mark.parametrize(
    "observed",
    [
        [1, 2, 3],
        np.float32([1, 2, 3]),
        np.array([1, 2, 3], dtype=np.int8),
        pd.Series([1.0, 2.0, 3.0], index=[5, 6, 7]),
        pd.Series([1, 2, 3], dtype="Int64"),
        np.ma.masked_array([1.0, 2.0, 3.0], mask=False),
    ],
)
def test_observed_of_a_real_variable_is_a_float64_constant(observed):
    with rf.Model() as model:
        y = rf.Normal("y", 0, 1, observed=observed)
    value = model.rvs_to_values[y]
    assert value.dtype == "float64"
    np.testing.assert_array_equal(value.data, [1.0, 2.0, 3.0])
    assert model.observed_RVs == [y]
    assert not model.free_RVs


@pytest.mark.parametrize("observed", [[1, 0], [1.0, 0.0], [True, False], pd.Series([1, 0])])
def test_observed_of_a_discrete_variable_is_an_int64_constant(observed):
    with rf.Model() as model:
        y = rf.Bernoulli("y", 0.5, observed=observed)
    assert model.rvs_to_values[y].dtype == "int64"


def test_data_may_be_observed():
    with rf.Model() as model:
        data = rf.Data("data", [1, 2])
        y = rf.Normal("y", 0, 1, observed=data)
        rf.Normal("z", 0, 1, observed=data * 2)
    assert model.rvs_to_values[y].dtype == "float64"
    arrays = model.observed_arrays()
    np.testing.assert_array_equal(arrays["y"][0], [1.0, 2.0])
    np.testing.assert_array_equal(arrays["z"][0], [2.0, 4.0])


def test_missing_values_are_refused_in_new_data_where_there_were_none():
    with rf.Model():
        data = rf.Data("data", [1.0, 2.0])
        rf.Normal("y", 0, 1, observed=data)
        with pytest.raises(
            rf.UnsupportedError,
            match=r"observed data of 'y' has 1 missing value.* at index \(1,\).*Leave those rows",
        ):
            rf.set_data({"data": [1.0, np.nan]})


def test_fractions_are_refused_where_the_variable_is_discrete():
    with rf.Model(), pytest.raises(rf.ModelError, match=r"'y' must be integers.*got 0\.5"):
        rf.Poisson("y", 1.0, observed=[1.0, 0.5])


def test_text_is_refused():
    with rf.Model(), pytest.raises(rf.ModelError, match=r"observed data of 'y'.*factorize"):
        rf.Poisson("y", 1.0, observed=["a", "b"])


def test_random_variables_are_no_data():
    with rf.Model():
        x = rf.Normal("x", 0, 1)
        with pytest.raises(rf.ModelError, match=r"observed= of 'y' depends on another variable"):
            rf.Normal("y", 0, 1, observed=x + 1)


@pytest.mark.parametrize(
    "option", [{"initval": 1.0}, {"transform": rf.distributions.transforms.ordered}]
)
def test_options_without_meaning_for_observed_variables_are_refused(option):
    with rf.Model(), pytest.raises(rf.ModelError, match="'y' is observed: initval and transform"):
        rf.Normal("y", 0, 1, observed=[1.0], **option)
