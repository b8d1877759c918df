"""The numbers are those of ArviZ, on both of its generations."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from diagnostics.made_up_draws import autoregressive, draws, result
from results.made_up_run import OLD_ARVIZ
from rufous.diagnostics.convergence import bfmi, convergence
from rufous.results import get_group

if OLD_ARVIZ:
    from arviz import bfmi as arviz_bfmi
    from arviz import ess as arviz_ess
    from arviz import rhat as arviz_rhat
else:
    from arviz_stats import bfmi as arviz_bfmi
    from arviz_stats import ess as arviz_ess
    from arviz_stats import rhat as arviz_rhat


def arviz_numbers(values: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    data = get_group(result({"x": values}), "posterior")
    tail = {"method": "tail", "prob": (0.05, 0.95)}
    return (
        arviz_rhat(data)["x"].values,
        arviz_ess(data)["x"].values,
        arviz_ess(data, **tail)["x"].values,
    )


# Lengths at which neither 5 % nor 95 % falls on a draw: there the last bit of the quantile decides
# whether that draw belongs to the tail, and ArviZ's own generations differ.
SIZES = [(2, 4), (4, 5), (2, 7), (3, 8), (4, 50), (2, 99), (3, 333), (4, 500)]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("phi", [-0.7, 0.0, 0.5, 0.99])
def test_same_as_arviz(size: tuple[int, int], phi: float) -> None:
    values = autoregressive((*size, 3), phi)
    for got, expected in zip(convergence(values), arviz_numbers(values), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["rounded", "coin", "shifted", "one long jump", "heavy tails"])
def test_same_as_arviz_with_ties_and_odd_shapes(kind: str) -> None:
    values = draws(4, 250, 3)
    values = {
        "rounded": np.round(values),
        "coin": (values > 0).astype(float),
        "shifted": values + np.array([0, 0, 0, 3])[:, None, None],
        "one long jump": np.where(np.arange(250)[None, :, None] < 125, values, values + 5),
        "heavy tails": np.tan(np.pi * (np.argsort(np.argsort(values, 1), 1) + 0.5) / 250),
    }[kind]
    for got, expected in zip(convergence(values), arviz_numbers(values), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_a_single_chain_has_sizes_but_no_rhat() -> None:
    values = draws(1, 500, 2)
    logging.getLogger("arviz").setLevel(logging.ERROR)
    _, bulk, tail = arviz_numbers(values)
    got = convergence(values)
    assert np.isnan(got.rhat).all()
    np.testing.assert_allclose(got.ess_bulk, bulk, rtol=1e-9)
    np.testing.assert_allclose(got.ess_tail, tail, rtol=1e-9)


@pytest.mark.parametrize("shape", [(4, 3, 2), (4, 0, 2), (0, 0, 2), (0, 100, 2), (4, 100, 0)])
def test_too_little_to_say_anything(shape: tuple[int, int, int]) -> None:
    got = convergence(draws(*shape))
    assert all(np.isnan(number).all() and number.shape == shape[2:] for number in got)


def test_constant_and_not_finite_variables_have_no_numbers() -> None:
    values = draws(4, 100, 4)
    values[:, :, 1] = 7.0
    values[2, 50, 2] = np.nan
    values[2, 50, 3] = np.inf
    for number in convergence(values):
        assert np.isnan(number).tolist() == [False, True, True, True]


def test_many_variables_in_pieces_give_the_same_numbers(monkeypatch) -> None:
    values = draws(4, 100, 7)
    whole = convergence(values)
    monkeypatch.setattr("rufous.diagnostics.convergence._CHUNK_VALUES", 900)
    for one, other in zip(convergence(values), whole, strict=True):
        np.testing.assert_array_equal(one, other)


def test_draws_are_left_alone() -> None:
    values = draws(2, 50, 2)
    before = values.copy()
    convergence(values)
    np.testing.assert_array_equal(values, before)


def test_bfmi_is_that_of_arviz() -> None:
    energy = autoregressive((4, 200, 1), 0.9)[:, :, 0]
    expected = arviz_bfmi(energy)
    np.testing.assert_allclose(bfmi(energy), np.asarray(expected).ravel(), rtol=1e-12)


def test_bfmi_of_a_chain_without_variation_is_missing() -> None:
    energy = draws(3, 50)
    energy[1] = 2.0
    energy[2, 3] = np.nan
    assert np.isnan(bfmi(energy)).tolist() == [False, True, True]
    assert np.isnan(bfmi(draws(2, 3))).all()
