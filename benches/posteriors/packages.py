"""The packages that are raced: how each samples from a compiled log density."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from importlib.metadata import version
from typing import Any
from unittest.mock import patch

from benches.posteriors.arms import Arm
from benches.posteriors.density import Density

__all__ = ["Finished", "Size", "sample"]

#: Seconds between two looks at a sampler that runs in the background.
LOOK_EVERY = 1e-3


@dataclass(frozen=True)
class Size:
    """How much is sampled."""

    draws: int
    chains: int
    cores: int


@dataclass(frozen=True)
class Finished:
    """What a run left behind.

    Parameters
    ----------
    version : str
        Of the package that sampled.
    result : object
        The draws and statistics, in the format of ArviZ.
    wall_seconds : float
        From the call until the last chain had ended; neither compiling nor labelling.
    seconds : float
        Processor time of the threads that sampled in between: the wall time on a core that does
        nothing else.
    """

    version: str
    result: Any
    wall_seconds: float
    seconds: float


def sample(density: Density, arm: Arm, size: Size, seed: int, **options: Any) -> Finished:
    """Run one arm; `options` are those that the model asks for."""
    start = {"rufous": _start_rufous, "nutpie": _start_nutpie}[arm.package]
    wall, processor = time.perf_counter(), _processor_time()
    run = start(density, size, seed, arm.pooled, {**options, **arm.options})
    while not run.has_ended():
        time.sleep(LOOK_EVERY)
    wall, processor = time.perf_counter() - wall, _processor_time() - processor
    return Finished(f"{arm.package} {version(arm.package)}", run.result(), wall, processor)


def _processor_time() -> float:
    """Return the processor time of all threads but this one, which only waits."""
    return time.process_time() - time.thread_time()


@dataclass(frozen=True)
class _Run:
    has_ended: Callable[[], bool]
    result: Callable[[], Any]


def _start_rufous(
    density: Density, size: Size, seed: int, pooled: Mapping[str, Any], options: Mapping[str, Any]
) -> _Run:
    import rufous

    # `sample` does not offer these settings: they are for experiments only.
    settings = partial(rufous._core.Settings, pooled=dict(pooled))
    with patch.object(rufous._core, "Settings", settings):
        run = rufous.sample(
            density.rufous,
            size.draws,
            chains=size.chains,
            cores=size.cores,
            random_seed=seed,
            blocking=False,
            progressbar=False,
            quiet=True,
            discard_tuned_samples=False,
            **options,
        )
    return _Run(lambda: run.is_finished, run.result)


def _start_nutpie(
    density: Density, size: Size, seed: int, pooled: Mapping[str, Any], options: Mapping[str, Any]
) -> _Run:
    import nutpie

    sampler = nutpie.sample(
        density.nutpie,
        draws=size.draws,
        chains=size.chains,
        cores=size.cores,
        seed=seed,
        blocking=False,
        progress_bar=False,
        **options,
    )

    def has_ended() -> bool:
        try:
            return bool(sampler.is_finished)
        except TimeoutError:  # nutpie 0.16.11 raises it as long as the answer is no
            return False

    def result() -> Any:
        # The unconstrained draws were stored in any case; this says not to drop them.
        sampler._store_unconstrained = True
        return sampler.wait()

    return _Run(has_ended, result)
