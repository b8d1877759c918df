"""Mean functions."""

from __future__ import annotations

import numpy as np
import pytest

import rufous as rf
from gp.formulas import value
from rufous.gp import mean

X = np.array([[0.0, 1.0], [2.0, 3.0], [4.0, 5.0]])


@pytest.mark.parametrize(
    ("function", "expected"),
    [
        (mean.Zero(), [0.0, 0.0, 0.0]),
        (mean.Constant(), [0.0, 0.0, 0.0]),
        (mean.Constant(6), [6.0, 6.0, 6.0]),
        (mean.Constant([1.0, 2.0, 3.0]), [1.0, 2.0, 3.0]),
        (mean.Linear([1.0, 2.0], intercept=0.5), [2.5, 8.5, 14.5]),
        (mean.Linear([1, 2]) + mean.Constant(1), [3.0, 9.0, 15.0]),
        (mean.Linear([1, 2]) * mean.Constant(2), [4.0, 16.0, 28.0]),
        (mean.Linear([1, 2]) * 2 + 1, [5.0, 17.0, 29.0]),
        (1 + np.float64(2) * mean.Linear([1, 2]), [5.0, 17.0, 29.0]),
        (mean.Zero() + (lambda X: X[:, 0]), [0.0, 2.0, 4.0]),
    ],
)
def test_values(function, expected) -> None:
    np.testing.assert_allclose(value(function(X)), expected)


def test_one_slope_for_one_column() -> None:
    np.testing.assert_allclose(value(mean.Linear(2, 0.5)([[1.0], [3.0]])), [2.5, 6.5])


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: mean.Linear([1.0])(X), "has 1 element.* but `X` has 2 column"),
        (lambda: mean.Linear(np.ones((2, 2))), r"got shape \(2, 2\)"),
        (lambda: mean.Zero()([1.0]), "must have two axes"),
        (lambda: mean.Constant("a"), "`c` must be a number"),
    ],
)
def test_what_cannot_be_is_refused(call, message) -> None:
    with pytest.raises(rf.RufousError, match=message):
        call()
