"""Effective sample size, the same for every package that is compared."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["smallest_ess"]


def smallest_ess(draws: dict[str, NDArray[np.float64]]) -> float:
    """Return the smallest effective sample size of all elements of all variables.

    Parameters
    ----------
    draws : dict of str to ndarray, shape (chain, draw, ...)
        Variables that were sampled.

    Returns
    -------
    float
        The minimum over the elements of the smaller of the effective sample sizes of the element
        and of its squared distance from the mean: what is known of location and of spread.
    """
    smallest = np.inf
    for array in draws.values():
        elements = array.reshape(*array.shape[:2], -1)
        for i in range(elements.shape[2]):
            x = elements[:, :, i]
            centred = (x - x.mean()) ** 2
            smallest = min(smallest, _ess(x), _ess(centred))
    return float(smallest)


def _ess(x: NDArray[np.float64]) -> float:
    """Sum the autocorrelations up to the first pair that is not positive, made monotone.

    Geyer (1992), with the variance between chains as in Gelman et al., BDA3, section 11.5.
    """
    chains, n = x.shape
    covariance = _autocovariance(x).mean(axis=0)
    within = covariance[0] * n / (n - 1)
    total = within * (n - 1) / n + (x.mean(axis=1).var(ddof=1) if chains > 1 else 0.0)
    correlation = 1.0 - (within - covariance) / total
    correlation[0] = 1.0
    pairs = correlation[: n // 2 * 2].reshape(-1, 2).sum(axis=1)
    first_negative = np.flatnonzero(pairs < 0)
    pairs = pairs[: first_negative[0]] if len(first_negative) else pairs
    time = 2.0 * np.minimum.accumulate(pairs).sum() - 1.0
    return chains * n / max(time, 1.0 / np.log10(chains * n))


def _autocovariance(x: NDArray[np.float64]) -> NDArray[np.float64]:
    n = x.shape[1]
    size = 1 << (2 * n - 1).bit_length()
    spectrum = np.fft.rfft(x - x.mean(axis=1, keepdims=True), size, axis=1)
    return np.fft.irfft(np.abs(spectrum) ** 2, size, axis=1)[:, :n] / n
