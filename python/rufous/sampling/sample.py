"""Draw from the posterior of a model."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Literal, TypeAlias

import numpy as np

from rufous import diagnostics, results
from rufous._typing import RandomSeed
from rufous.compile.blas import single_threaded_blas
from rufous.compile.compile_model import EvaluatorName, PymcLike
from rufous.compile.compile_model import compile as compile_model
from rufous.compile.compiled_model import CompiledModel
from rufous.compile.pymc_model import is_pymc_model
from rufous.errors import ModelError, SettingsError
from rufous.model.context import active_model
from rufous.model.model import Model
from rufous.sampling.checks import check_flag
from rufous.sampling.failures import (
    failed_chains,
    raise_failure,
    raise_interrupted,
    warn_of_missing_values,
)
from rufous.sampling.options import SampleOptions
from rufous.sampling.progress import Display, choose_display
from rufous.sampling.run_handle import RunHandle
from rufous.sampling.starts import InitVals, starting_positions

__all__ = ["sample"]

#: What can be sampled.
Sampleable: TypeAlias = Model | CompiledModel | PymcLike


def sample(
    model: Sampleable | int | None = None,
    draws: int | None = None,
    *,
    tune: int | None = None,
    chains: int = 4,
    cores: int | None = None,
    random_seed: RandomSeed = None,
    backend: Literal["rust"] = "rust",
    evaluator: EvaluatorName = "auto",
    target_accept: float = 0.8,
    max_treedepth: int = 10,
    initvals: InitVals = None,
    jitter: float = 1.0,
    var_names: Sequence[str] | None = None,
    progressbar: bool = True,
    quiet: bool = False,
    discard_tuned_samples: bool = True,
    store_unconstrained: bool = False,
) -> Any:
    """Draw from the posterior with the No-U-Turn sampler.

    Parameters
    ----------
    model : Model, CompiledModel, pymc.Model or int, optional
        What to sample; inside a ``with Model():`` block it may be left out. An integer in first
        place is `draws`.
    draws : int, at least 1, default 1000
        Draws per chain, after tuning.
    tune : int, at least 0, default 500
        Tuning iterations per chain, in which step size and metric adapt. With 0 nothing adapts.
    chains : int, at least 1, default 4
        Number of chains. Chain i is the same whatever the number of chains is.
    cores : int, at least 1, optional
        Threads; by default all that this process may use (CPU affinity, container quota), but no
        more than `chains`. Does not change any draw.
    random_seed : int, sequence of int, SeedSequence, Generator or None, default None
        Same seed, same build, same data: same draws. None takes a fresh seed, which the
        attributes of the result record.
    backend : {"rust"}, default "rust"
        What samples.
    evaluator : {"auto", "native", "numba"}, default "auto"
        What computes the log density of a Model, as in :func:`rufous.compile`. A CompiledModel has
        one already.
    target_accept : float in (0, 1), default 0.8
        Acceptance rate that the step size is adapted to. Raise it (0.9 to 0.99) when transitions
        diverge: steps get smaller, and each draw dearer.
    max_treedepth : int in [1, 20], default 10
        Trajectories have at most 2**max_treedepth - 1 steps.
    initvals : dict of str to array_like, or list of such dicts, optional
        Values to start from, by variable name, or by the name of the unconstrained value
        (``"sigma_log__"``). A list holds one dict (or None) for each chain. Variables left out
        start as the model says.
    jitter : float, at least 0, default 1.0
        Each unconstrained element of the start is moved by a uniform number in (-jitter, jitter).
    var_names : sequence of str, optional
        Variables to keep; all free and deterministic ones by default.
    progressbar : bool, default True
        Whether to show progress: bars in a terminal, a table in a notebook, otherwise one line
        for every 10 % to the logger ``rufous`` at level INFO.
    quiet : bool, default False
        Whether to show and log nothing while sampling. Warnings about the result are given all
        the same; `warnings.filterwarnings` silences them.
    discard_tuned_samples : bool, default True
        Whether tuning draws are dropped. False keeps them in groups ``warmup_posterior`` and
        ``warmup_sample_stats``.
    store_unconstrained : bool, default False
        Whether to keep unconstrained positions, in group ``unconstrained_posterior``.

    Returns
    -------
    InferenceData (ArviZ < 1) or DataTree (ArviZ >= 1)
        Groups ``posterior``, ``sample_stats``, ``observed_data``, ``constant_data`` and those
        asked for. The attributes record settings, seed, versions and times.

    Raises
    ------
    SettingsError
        When an argument is refused.
    ModelError
        When there is no model, or it cannot be sampled.
    CompileError
        When the model cannot be turned into native code.
    InitializationError
        When a chain finds no starting point; names the variable and the constraint.
    SamplingError
        When a chain fails later; the draws of all chains are in its attribute ``partial``.
    SamplingInterrupted
        On Ctrl-C; the draws so far are in its attribute ``partial``.

    Warns
    -----
    DivergenceWarning, ConvergenceWarning, TreeDepthWarning
        When the draws should not be trusted as they are; says why, and what to try.

    Notes
    -----
    NUTS with multinomial sampling along trajectories [1]_ [2]_ and a diagonal metric from draws
    and gradients. Chains run on threads of a Rust core, without the GIL.

    References
    ----------
    .. [1] Hoffman and Gelman (2014). The No-U-Turn Sampler. JMLR 15, 1593-1623.
    .. [2] Betancourt (2017). A Conceptual Introduction to Hamiltonian Monte Carlo.
       arXiv:1701.02434.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     mu = rf.Normal("mu", 0.0, 10.0)
    ...     y = rf.Normal("y", mu, 1.0, observed=[1.0, 2.0, 3.0])
    ...     idata = rf.sample(draws=500, random_seed=1, quiet=True)
    >>> print(round(float(idata.posterior["mu"].mean()), 1))
    2.0
    """
    model, draws = _model_and_draws(model, draws)
    display = choose_display(
        progressbar=check_flag("progressbar", progressbar), quiet=check_flag("quiet", quiet)
    )
    options = SampleOptions.checked(
        draws=draws,
        tune=tune,
        chains=chains,
        cores=cores,
        random_seed=random_seed,
        target_accept=target_accept,
        max_treedepth=max_treedepth,
        jitter=jitter,
        discard_tuned_samples=discard_tuned_samples,
        store_unconstrained=store_unconstrained,
        backend=backend,
    )
    compiled = _compiled(model, evaluator, var_names)
    positions = starting_positions(compiled, initvals, chains=options.chains, seed=options.seed)
    with single_threaded_blas(), _preloading():
        run = RunHandle(compiled, options, positions)
        _watch(run, display, var_names)
    return _finished(run, compiled, var_names)


def _model_and_draws(
    model: Sampleable | int | None, draws: int | None
) -> tuple[Sampleable | None, int | None]:
    """Sort out the first two arguments."""
    if isinstance(model, int | np.integer):
        if draws is not None:
            raise SettingsError(
                f"`draws` was given twice: {model} in first place, where a number means draws, "
                f"and {draws}."
            )
        return None, int(model) if not isinstance(model, bool) else model
    return model, draws


def _compiled(
    model: Sampleable | None, evaluator: EvaluatorName, var_names: Sequence[str] | None
) -> CompiledModel:
    """Compile what is not compiled yet."""
    if isinstance(model, CompiledModel):
        if evaluator not in ("auto", model.evaluator):
            raise SettingsError(
                f"`evaluator` must be left out for a CompiledModel, which has its own "
                f"({model.evaluator!r}), got {evaluator!r}."
            )
        _check_names(model, var_names)
        return model
    if model is None:
        model = active_model(what="sample()")
    if isinstance(model, Model) or is_pymc_model(model):
        return compile_model(model, evaluator=evaluator, var_names=var_names)
    raise ModelError(
        "`model` must be a Model, a CompiledModel, a pymc.Model or None, "
        f"got {type(model).__name__}."
    )


def _check_names(compiled: CompiledModel, var_names: Sequence[str] | None) -> None:
    """Refuse names of variables that would not be there to keep."""
    if isinstance(var_names, str):
        raise SettingsError(
            f"`var_names` must be a sequence of names, got the string {var_names!r}; "
            f"write [{var_names!r}]."
        )
    if var_names is not None and not len(var_names):
        raise SettingsError(
            "`var_names` is empty; name at least one variable, or leave it out to keep all."
        )
    for name in var_names or ():
        compiled.stored[name]


@contextmanager
def _preloading() -> Iterator[None]:
    """Import what results and checks need while the chains run."""

    def preload() -> None:
        results.preload()
        diagnostics.preload()

    thread = threading.Thread(target=preload, name="rufous-preload", daemon=True)
    thread.start()
    try:
        yield
    finally:
        thread.join()


def _watch(run: RunHandle, display: Display, var_names: Sequence[str] | None) -> None:
    """Wait for the chains; on Ctrl-C stop them and raise with the draws there are."""
    try:
        run.watch(display)
    except KeyboardInterrupt:
        run.cancel()
        raise_interrupted(run.result(var_names=var_names))
    except BaseException:
        run.cancel()
        raise


def _finished(run: RunHandle, compiled: CompiledModel, var_names: Sequence[str] | None) -> Any:
    """Label the draws, raise what went wrong, and say whether they can be trusted."""
    chains = run.traces().chains
    idata = run.result(var_names=var_names)
    failed = failed_chains(chains)
    if failed:
        raise_failure(failed, compiled, idata)
    warn_of_missing_values(chains, stacklevel=3)
    diagnostics.check(idata).warn()
    return idata
