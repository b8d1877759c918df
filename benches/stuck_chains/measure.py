"""Sample one model from poor starts, and judge the runs."""

from __future__ import annotations

import time
import warnings
from collections.abc import Mapping
from functools import cached_property, partial
from typing import Any
from unittest.mock import patch

import numpy as np

import rufous as rf
from benches.stuck_chains.judge import Mass, mass_of, quantities, stuck_chains, warns
from benches.stuck_chains.models import MODELS

__all__ = ["ARMS", "Subject"]

#: Ways to sample: arguments of `sample`, and settings of pooled warm-up that it does not offer.
ARMS: dict[str, tuple[Mapping[str, Any], Mapping[str, Any]]] = {
    "pooled": ({"adaptation": "pooled"}, {}),
    "no-restart": ({"adaptation": "pooled"}, {"patience": 1000}),
    "no-quarantine": ({"adaptation": "pooled"}, {"quarantine": False}),
    "nutpie-like": ({"adaptation": "nutpie", "tune": 400}, {}),
    "stan-like": ({"adaptation": "stan", "tune": 1000}, {}),
}


class Subject:
    """A model, compiled, with what is known of its mass.

    Parameters
    ----------
    name : str
        Key of `MODELS`.
    cores : int, optional
        Threads.
    """

    def __init__(self, name: str, cores: int | None = None) -> None:
        self.name, self.cores = name, cores
        model = MODELS[name].build()
        self.free = [str(variable.name) for variable in model.free_RVs]
        self.compiled = rf.compile(model)

    @cached_property
    def mass(self) -> Mass:
        """Where chains are that begin in the mass."""
        inside = dict(MODELS[self.name].inside)
        return mass_of(self._sample(1000, 1, initvals=inside, jitter=0.0), self.free)

    def run(self, arm: str, init: str, seed: int, draws: int = 300) -> dict[str, Any]:
        """Sample once without initial values; the figures by name."""
        options, pooled = ARMS[arm]
        begin = time.perf_counter()
        # `sample` does not offer these settings: they are for experiments only.
        settings = partial(rf._core.Settings, pooled=dict(pooled))
        with patch.object(rf._core, "Settings", settings):
            idata = self._sample(draws, seed, init=init, **options)
        seconds = time.perf_counter() - begin
        steps, warmup = (
            np.asarray(idata[group]["n_steps"]) for group in ("sample_stats", "warmup_sample_stats")
        )
        lp = quantities(idata, self.free)[..., 0]
        attrs = idata["posterior"].attrs
        return {
            "model": self.name,
            "arm": arm,
            "init": init,
            "seed": seed,
            "stuck": stuck_chains(idata, self.free, self.mass),
            "warned": warns(idata),
            "restarts": [int(count) for count in attrs["restarts"]],
            "lp": [round(float(x), 1) for x in lp.mean(axis=1)],
            "warmup_draws": int(warmup.shape[1]),
            "gradients_per_draw": (int(steps.sum()) + int(warmup.sum())) / steps.size,
            "divergences": int(np.asarray(idata["sample_stats"]["diverging"]).sum()),
            "seconds": seconds,
        }

    def _sample(self, draws: int, seed: int, **options: Any) -> Any:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", rf.errors.RufousWarning)
            return rf.sample(
                self.compiled,
                draws,
                chains=4,
                cores=self.cores,
                random_seed=seed,
                quiet=True,
                discard_tuned_samples=False,
                **options,
            )
