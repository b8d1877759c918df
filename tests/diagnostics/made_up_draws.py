"""Results with known faults."""

from __future__ import annotations

import numpy as np

from rufous.results import GroupSpec, to_inference_data


def draws(*shape: int, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=shape)


def autoregressive(shape: tuple[int, int, int], phi: float, seed: int = 1) -> np.ndarray:
    noise = draws(*shape, seed=seed)
    out = np.empty_like(noise)
    out[:, 0] = noise[:, 0]
    for t in range(1, shape[1]):
        out[:, t] = phi * out[:, t - 1] + noise[:, t]
    return out


def result(posterior=None, statistics=None, *, dims=None, coords=None, attrs=None):
    settings = {"settings": {"target_accept": 0.8, "nuts": {"max_treedepth": 10}}}
    groups = {
        "posterior": GroupSpec(
            {"mu": draws(4, 1000)} if posterior is None else posterior,
            dims=dims or {},
            attrs=settings | (attrs or {}),
        )
    }
    if statistics is not None:
        groups["sample_stats"] = GroupSpec(
            statistics,
            variable_attrs={"divergence_reason": {"reasons": {"1": "the energy error was large"}}},
        )
    return to_inference_data(groups, coords=coords)
