"""The arguments of `rufous.sample`, checked once and carried as one value."""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Any

from rufous import _core
from rufous._typing import RandomSeed
from rufous.errors import SettingsError
from rufous.sampling.checks import check_choice, check_flag, check_integer, check_real
from rufous.sampling.cores import CoresDecision, decide_cores
from rufous.sampling.seeds import resolve_seed
from rufous.sampling.warm_start import WarmStart

__all__ = ["BACKENDS", "SampleOptions", "checked_cores"]

#: What can sample.
BACKENDS = ("rust",)
#: How metric and step size can be learnt, which metrics there are, and where chains can start.
ADAPTATIONS = ("pooled", "nutpie", "stan")
METRICS = ("auto", "diagonal", "low_rank", "dense")
INITS = ("jitter", "prior", "pathfinder")


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
    adaptation, metric : str or None
        How metric and step size are learnt; None leaves it to the core.
    step_size : float or None
        A step size that is kept; None adapts it.
    step_size_jitter : float in [0, 1)
        Relative half-width of the noise of the step size.
    local_steps : bool
        Whether steps are shortened where the density is sharp.
    init : str
        Where chains start.
    warm_start : WarmStart or None
        What an earlier run has learnt.
    keep_tuning, keep_unconstrained, keep_divergences : bool
        Whether tuning draws, unconstrained positions and the places of divergences are stored.
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
    adaptation: str | None
    metric: str | None
    step_size: float | None
    step_size_jitter: float
    local_steps: bool
    init: str
    warm_start: WarmStart | None
    keep_tuning: bool
    keep_unconstrained: bool
    keep_divergences: bool
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
        adaptation: Any = None,
        metric: Any = None,
        step_size: Any = None,
        step_size_jitter: Any = 0.1,
        local_steps: Any = False,
        init: Any = "jitter",
        warm_start: Any = None,
        discard_tuned_samples: Any,
        store_unconstrained: Any,
        store_divergences: Any,
        backend: Any,
    ) -> SampleOptions:
        """Check the arguments of `rufous.sample`.

        Raises
        ------
        SettingsError
            For the first argument that is refused.
        """
        chains = check_integer("chains", chains, minimum=1, typical="4 to 8")
        adaptation = _checked_or_none("adaptation", adaptation, ADAPTATIONS) or "pooled"
        metric = _checked_or_none("metric", metric, METRICS)
        warm = None if warm_start is None else WarmStart.read(warm_start)
        if warm is not None and metric is not None:
            raise SettingsError(
                f"`metric` must be left out with `warm_start`, which brings one, got {metric!r}."
            )
        if tune is not None:
            tune = check_integer("tune", tune, minimum=0, typical="200 to 2000")
        elif warm is not None:
            tune = 0
        else:
            tune = _core.Settings(adaptation=adaptation, metric=metric).num_tune
        return cls(
            draws=1000
            if draws is None
            else check_integer("draws", draws, minimum=1, typical="500 to 4000"),
            tune=tune,
            chains=chains,
            cores=decide_cores(checked_cores(cores), chains),
            seed=resolve_seed(random_seed),
            target_accept=check_real(
                "target_accept", target_accept, above=0.0, below=1.0, typical="0.8 to 0.99"
            ),
            max_treedepth=check_integer(
                "max_treedepth", max_treedepth, minimum=1, maximum=20, typical="8 to 12"
            ),
            jitter=check_real("jitter", jitter, minimum=0.0, typical="0 to 2"),
            adaptation=adaptation,
            metric=metric,
            step_size=None
            if step_size is None
            else check_real("step_size", step_size, above=0.0, typical="0.05 to 1"),
            step_size_jitter=check_real(
                "step_size_jitter", step_size_jitter, minimum=0.0, below=1.0, typical="0 to 0.2"
            ),
            local_steps=check_flag("local_steps", local_steps),
            init=check_choice("init", init, INITS),
            warm_start=warm,
            keep_tuning=not check_flag("discard_tuned_samples", discard_tuned_samples),
            keep_unconstrained=check_flag("store_unconstrained", store_unconstrained),
            keep_divergences=check_flag("store_divergences", store_divergences),
            backend=check_choice("backend", backend, BACKENDS),
        )

    def to_core(self) -> _core.Settings:
        """Say the same to the core.

        Raises
        ------
        SettingsError
            When options contradict each other.
        """
        warm = self.warm_start
        keeps_step = warm is not None and self.tune == 0 and self.step_size is None
        return _core.Settings(
            num_chains=self.chains,
            num_tune=self.tune,
            num_draws=self.draws,
            num_threads=self.cores.cores,
            seed=self.seed,
            store_warmup=self.keep_tuning,
            store_unconstrained=self.keep_unconstrained,
            store_divergences=self.keep_divergences,
            target_accept=self.target_accept,
            max_treedepth=self.max_treedepth,
            # The places of an earlier run, and draws from the prior, are starts as they are.
            jitter=0.0 if warm is not None or self.init == "prior" else self.jitter,
            init="jitter" if warm is not None or self.init == "prior" else self.init,
            adaptation=self.adaptation,
            metric=self.metric,
            given_metric=None if warm is None else warm.metric,
            step_size=warm.step_size if warm is not None and keeps_step else self.step_size,
            first_step_size=None if warm is None else warm.step_size,
            step_size_jitter=self.step_size_jitter,
            local_steps=self.local_steps,
        )

    def to_note(self) -> dict[str, Any]:
        """Return all options as plain values, for a checkpoint."""
        note = {field.name: getattr(self, field.name) for field in fields(self)}
        warm = note.pop("warm_start")
        del note["cores"]
        return {**note, "warm_start": None if warm is None else warm.to_text()}

    @classmethod
    def from_note(cls, note: dict[str, Any], *, draws: Any, cores: Any) -> SampleOptions:
        """Return the options of a checkpoint, with more draws or other cores where given.

        Raises
        ------
        SettingsError
            When `draws` or `cores` is refused.
        """
        warm = note["warm_start"]
        options = {**note, "warm_start": None if warm is None else WarmStart.from_text(warm)}
        if draws is not None:
            options["draws"] = check_integer("draws", draws, minimum=1, typical="500 to 4000")
        return cls(**options, cores=decide_cores(checked_cores(cores), options["chains"]))


def _checked_or_none(name: str, value: Any, choices: tuple[str, ...]) -> str | None:
    return None if value is None else check_choice(name, value, choices)


def checked_cores(cores: Any) -> int | None:
    """Check the argument `cores`.

    Raises
    ------
    SettingsError
        When it is neither None nor a positive integer.
    """
    if cores is None:
        return None
    typical = "None (all that there are) or 1 to 8"
    return check_integer("cores", cores, minimum=1, typical=typical)
