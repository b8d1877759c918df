"""NumPy versions of elementwise operations."""

import numpy as np
import pytest
from scipy import special

from rufous.predictive.numpy_ops import log1mexp, log_softmax, second, softmax, softplus

X = np.array([-800.0, -30.0, -1.0, -1e-10, 0.0, 1.0, 30.0, 800.0])


def test_softplus():
    np.testing.assert_allclose(softplus(X[1:7]), np.log1p(np.exp(X[1:7])), rtol=1e-15)
    assert softplus(800.0) == 800.0


def test_log1mexp():
    x = np.array([-1e-10, -0.5, -0.7, -5.0, -40.0])
    expected = [np.log(1e-10 - 0.5e-20), *np.log1p(-np.exp(x[1:]))]
    np.testing.assert_allclose(log1mexp(x), expected, rtol=1e-13)
    with np.errstate(divide="ignore"):
        assert log1mexp(0.0) == -np.inf


@pytest.mark.parametrize("axis", [0, 1, -1])
def test_softmax(axis):
    x = np.random.default_rng(1).normal(scale=100, size=(3, 4))
    np.testing.assert_allclose(softmax(x, axis), special.softmax(x, axis), atol=1e-300)
    np.testing.assert_allclose(log_softmax(x, axis), special.log_softmax(x, axis))
    assert softmax(x, None).sum() == pytest.approx(1.0)


def test_second():
    np.testing.assert_array_equal(second(np.zeros((2, 3)), np.arange(3)), [[0, 1, 2]] * 2)
