"""Monte Carlo errors of means, of many quantities at once.

Written apart from the diagnostics of the package, which these checks do not rely on.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.fft import next_fast_len

Array = NDArray[np.float64]


def effective_draws(draws: Array) -> Array:
    """Estimate how many independent draws would give means as good as these.

    Parameters
    ----------
    draws : ndarray, shape (chains, draws, quantities)

    Returns
    -------
    ndarray, shape (quantities,)
        The estimate of Vehtari et al. (2021) without rank normalisation, on split chains. A
        quantity that never varies counts as many as there are.
    """
    half = draws.shape[1] // 2
    split = np.concatenate([draws[:, :half], draws[:, -half:]])
    chains, length, _ = split.shape
    means = split.mean(axis=1)
    autocovariance = mean_autocovariance(split - means[:, None])
    within = autocovariance[0] * length / (length - 1)
    total = autocovariance[0] + means.var(axis=0, ddof=1)
    varies = total > 0
    correlation = np.zeros_like(autocovariance)
    correlation[:, varies] = 1 - ((within - autocovariance) / np.where(varies, total, 1))[:, varies]
    correlation[0] = 1
    pairs = correlation[: length // 2 * 2].reshape(-1, 2, split.shape[2]).sum(axis=1)
    positive = np.logical_and.accumulate(pairs > 0, axis=0)
    time = 2 * np.where(positive, np.minimum.accumulate(pairs, axis=0), 0).sum(axis=0) - 1
    size = chains * length
    return np.where(varies, size / np.maximum(time, 1 / np.log10(size)), size)


def mean_autocovariance(centred: Array) -> Array:
    """Average the autocovariances of chains; shape (lags, quantities)."""
    length = centred.shape[1]
    padded = next_fast_len(2 * length, real=True)
    power = (np.abs(np.fft.rfft(centred, padded, axis=1)) ** 2).mean(axis=0)
    return np.fft.irfft(power, padded, axis=0)[:length] / length


def mean_errors(draws: Array, truth: Array) -> tuple[Array, Array]:
    """Measure how far means are from the truth, and their squared Monte Carlo standard errors."""
    difference, variance = draws.mean(axis=(0, 1)) - truth, draws.var(axis=(0, 1))
    return difference, variance / effective_draws(draws)


def z_scores(draws: Array, truth: Array) -> Array:
    """Measure how far means are from the truth, in Monte Carlo standard errors."""
    return in_standard_errors(*mean_errors(draws, truth))


def in_standard_errors(difference: Array, square_error: Array) -> Array:
    """Divide differences by errors.

    A mean without any error is right or infinitely far off.
    """
    exact = np.where(difference == 0, 0.0, np.copysign(np.inf, difference))
    return np.divide(difference, np.sqrt(square_error), out=exact, where=square_error > 0)
