"""The arguments of `rufous.sample`, checked once and carried as one value."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rufous import _core
from rufous._typing import RandomSeed
from rufous.sampling.checks import check_choice, check_flag, check_integer, check_real
from rufous.sampling.cores import CoresDecision, decide_cores
from rufous.sampling.seeds import resolve_seed

__all__ = ["BACKENDS", "SampleOptions"]

#: What can sample.
BACKENDS = ("rust",)


@dataclass(frozen=True, slots=True)
class SampleOptions:
    """How to sample: every value has been checked, and nothing is left to be decided.

    Parameters
    ----------
    draws, tune, chains : int
        Draws and tuning iterations per chain, and the number of chains.
    cores : CoresDecision
        Threads, and why so many.
    seed : int in [0, 2**63)
        What all draws derive from.
    target_accept : float in (0, 1)
        Acceptance rate that the step size is adapted to.
    max_treedepth : int
        Largest number of doublings of a trajectory.
    jitter : float
        Half-width of the uniform noise added to the starting position.
    keep_tuning, keep_unconstrained : bool
        Whether tuning draws and unconstrained positions are stored.
    backend : str
        What samples.
    """

    draws: int
    tune: int
    chains: int
    cores: CoresDecision
    seed: int
    target_accept: float
    max_treedepth: int
    jitter: float
    keep_tuning: bool
    keep_unconstrained: bool
    backend: str

    @classmethod
    def checked(
        cls,
        *,
        draws: Any,
        tune: Any,
        chains: Any,
        cores: Any,
        random_seed: RandomSeed,
        target_accept: Any,
        max_treedepth: Any,
        jitter: Any,
        discard_tuned_samples: Any,
        store_unconstrained: Any,
        backend: Any,
    ) -> SampleOptions:
        """Check the arguments of `rufous.sample`.

        Raises
        ------
        SettingsError
            For the first argument that is refused.
        """
        chains = check_integer("chains", chains, minimum=1, typical="4 to 8")
        if cores is not None:
            cores = check_integer(
                "cores", cores, minimum=1, typical="None (all that there are) or 1 to 8"
            )
        return cls(
            draws=1000
            if draws is None
            else check_integer("draws", draws, minimum=1, typical="500 to 4000"),
            tune=500
            if tune is None
            else check_integer("tune", tune, minimum=0, typical="200 to 2000"),
            chains=chains,
            cores=decide_cores(cores, chains),
            seed=resolve_seed(random_seed),
            target_accept=check_real(
                "target_accept", target_accept, above=0.0, below=1.0, typical="0.8 to 0.99"
            ),
            max_treedepth=check_integer(
                "max_treedepth", max_treedepth, minimum=1, maximum=20, typical="8 to 12"
            ),
            jitter=check_real("jitter", jitter, minimum=0.0, typical="0 to 2"),
            keep_tuning=not check_flag("discard_tuned_samples", discard_tuned_samples),
            keep_unconstrained=check_flag("store_unconstrained", store_unconstrained),
            backend=check_choice("backend", backend, BACKENDS),
        )

    def to_core(self) -> _core.Settings:
        """Say the same to the core."""
        return _core.Settings(
            num_chains=self.chains,
            num_tune=self.tune,
            num_draws=self.draws,
            num_threads=self.cores.cores,
            seed=self.seed,
            store_warmup=self.keep_tuning,
            store_unconstrained=self.keep_unconstrained,
            target_accept=self.target_accept,
            max_treedepth=self.max_treedepth,
            jitter=self.jitter,
        )
