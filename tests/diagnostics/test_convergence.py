"""The numbers are those of ArviZ, on both of its generations."""

from __future__ import annotations

import logging

import numpy as np
import pytest

from diagnostics.made_up_draws import autoregressive, draws, result
from results.made_up_run import OLD_ARVIZ
from rufous import _core
from rufous.diagnostics.convergence import bfmi, convergence
from rufous.errors import SettingsError, ShapeError
from rufous.results import get_group

if OLD_ARVIZ:
    from arviz import bfmi as arviz_bfmi
    from arviz import ess as arviz_ess
    from arviz import rhat as arviz_rhat
else:
    from arviz_stats import bfmi as arviz_bfmi
    from arviz_stats import ess as arviz_ess
    from arviz_stats import rhat as arviz_rhat


NAMES = ("rhat", "ess_bulk", "ess_tail")


def numbers(values: np.ndarray) -> list[np.ndarray]:
    found = convergence([values])
    return [getattr(found, name) for name in NAMES]


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
    for got, expected in zip(numbers(values), arviz_numbers(values), strict=True):
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
    for got, expected in zip(numbers(values), arviz_numbers(values), strict=True):
        np.testing.assert_allclose(got, expected, rtol=1e-9)


def test_a_single_chain_has_sizes_but_no_rhat() -> None:
    values = draws(1, 500, 2)
    logging.getLogger("arviz").setLevel(logging.ERROR)
    _, bulk, tail = arviz_numbers(values)
    got = convergence([values])
    assert np.isnan(got.rhat).all()
    np.testing.assert_allclose(got.ess_bulk, bulk, rtol=1e-9)
    np.testing.assert_allclose(got.ess_tail, tail, rtol=1e-9)


@pytest.mark.parametrize("shape", [(4, 3, 2), (4, 0, 2), (0, 0, 2), (0, 100, 2), (4, 100, 0)])
def test_too_little_to_say_anything(shape: tuple[int, int, int]) -> None:
    for got in numbers(draws(*shape)):
        assert np.isnan(got).all() and got.shape == shape[2:]


def test_extremes_need_a_single_draw() -> None:
    found = convergence([np.array([[[3.0, np.nan]]])])
    np.testing.assert_array_equal(found.minimum, [3.0, np.nan])
    np.testing.assert_array_equal(found.maximum, [3.0, np.nan])


def test_variables_of_any_shape_and_layout_are_taken_together() -> None:
    values = draws(4, 101, 6)
    parts = [
        values[:, :, 0],
        np.asfortranarray(values[:, :, 1:2]),
        np.ascontiguousarray(values[:, :, 2:].reshape(4, 101, 2, 2).swapaxes(0, 1)).swapaxes(0, 1),
        np.round(values[:, :, :2]).astype(np.int64),
        values[:, :, 0] > 0,
    ]
    expected = np.concatenate([values, np.round(values[:, :, :2]), values[:, :, :1] > 0], axis=2)
    for one, other in zip(convergence(parts), convergence([expected]), strict=True):
        np.testing.assert_array_equal(one, other)


@pytest.mark.parametrize("num_threads", [0, 2, 7])
def test_numbers_do_not_depend_on_threads(num_threads: int) -> None:
    values = draws(4, 100, 50)
    one = _core.diagnose([values], NAMES, 1)
    np.testing.assert_array_equal(_core.diagnose([values], NAMES, num_threads), one)


def test_many_numbers_are_worked_on_in_pieces() -> None:
    # More than the core takes between two looks for Ctrl-C.
    values = np.broadcast_to(draws(4, 50, 1), (4, 50, 110_000))
    found = _core.diagnose([np.ascontiguousarray(values)], ["ess_mean"])[0]
    assert found.shape == (110_000,)
    assert (found == found[0]).all()


def test_what_does_not_fit_is_refused() -> None:
    values = draws(4, 100, 4)
    for wrong in (values[:, ::2], values[0], values.astype(np.float32), [[[1.0]]]):
        with pytest.raises(ShapeError, match="`draws` must be contiguous float64 arrays of three"):
            _core.diagnose([wrong], NAMES)
    with pytest.raises(SettingsError, match=r"`quantities` must be some of rhat, .* got \"R-hat\""):
        _core.diagnose([values], ["R-hat"])


def test_draws_are_left_alone() -> None:
    values = draws(2, 50, 2)
    before = values.copy()
    convergence([values])
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
