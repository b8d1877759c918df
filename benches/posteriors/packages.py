"""The packages that are raced: how each compiles a model and samples from it."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any
from unittest.mock import patch

from benches.posteriors.models import Posterior

__all__ = ["PREPARE", "Prepared"]


@dataclass(frozen=True)
class Prepared:
    """A compiled model.

    Parameters
    ----------
    version : str
        Of the package that samples.
    free : list of str
        Names of the free variables.
    sample : callable
        Takes draws, chains, cores, seed, settings of pooled warm-up, and the options of an arm.
    """

    version: str
    free: list[str]
    sample: Callable[..., Any]


def prepare_rufous(posterior: Posterior) -> Prepared:
    """Compile with Rufous."""
    rufous = importlib.import_module("rufous")
    model = posterior.build(rufous)
    compiled = rufous.compile(model)

    def sample(
        draws: int,
        chains: int,
        cores: int,
        seed: int,
        pooled: Mapping[str, Any],
        **options: Any,
    ) -> Any:
        # `sample` does not offer these settings: they are for experiments only.
        settings = partial(rufous._core.Settings, pooled=dict(pooled))
        with patch.object(rufous._core, "Settings", settings):
            return rufous.sample(
                compiled,
                draws,
                chains=chains,
                cores=cores,
                random_seed=seed,
                progressbar=False,
                quiet=True,
                discard_tuned_samples=False,
                **options,
            )

    free = [variable.name for variable in model.free_RVs]
    return Prepared(f"rufous {rufous.__version__}", free, sample)


def prepare_nutpie(posterior: Posterior) -> Prepared:
    """Compile with nutpie."""
    nutpie, pymc = importlib.import_module("nutpie"), importlib.import_module("pymc")
    model = posterior.build(pymc)
    compiled = nutpie.compile_pymc_model(model)

    def sample(
        draws: int,
        chains: int,
        cores: int,
        seed: int,
        pooled: Mapping[str, Any],
        **options: Any,
    ) -> Any:
        return nutpie.sample(
            compiled,
            draws=draws,
            chains=chains,
            cores=cores,
            seed=seed,
            progress_bar=False,
            **options,
        )

    free = [variable.name for variable in model.free_RVs]
    return Prepared(f"nutpie {nutpie.__version__}", free, sample)


#: By name of the package.
PREPARE: dict[str, Callable[[Posterior], Prepared]] = {
    "rufous": prepare_rufous,
    "nutpie": prepare_nutpie,
}
