"""Draw from the posterior of a model."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal

from rufous._typing import RandomSeed
from rufous.compile.compile_model import EvaluatorName
from rufous.sampling.blocking import run_to_the_end
from rufous.sampling.callbacks import Callback, checked_blocks
from rufous.sampling.checks import check_flag
from rufous.sampling.habits import read_habits, read_init
from rufous.sampling.options import SampleOptions
from rufous.sampling.progress import choose_display
from rufous.sampling.run_handle import RunHandle
from rufous.sampling.sampleable import Sampleable, compiled_model, model_and_draws
from rufous.sampling.starts import InitVals, starting_positions

__all__ = ["sample"]


def sample(
    model_or_draws: Sampleable | int | None = None,
    /,
    draws: int | None = None,
    *,
    model: Sampleable | None = None,
    tune: int | None = None,
    chains: int = 4,
    cores: int | None = None,
    random_seed: RandomSeed = None,
    backend: Literal["rust"] = "rust",
    evaluator: EvaluatorName = "auto",
    target_accept: float = 0.8,
    max_treedepth: int = 10,
    adaptation: Literal["pooled", "nutpie", "stan"] | None = None,
    metric: Literal["auto", "diagonal", "low_rank", "dense"] | None = None,
    step_size: float | None = None,
    step_size_jitter: float = 0.1,
    local_steps: bool = False,
    init: str = "jitter",
    initvals: InitVals = None,
    jitter: float = 1.0,
    warm_start: Any = None,
    var_names: Sequence[str] | None = None,
    progressbar: bool = True,
    quiet: bool = False,
    discard_tuned_samples: bool = True,
    store_unconstrained: bool = False,
    store_divergences: bool = False,
    callback: Callback | None = None,
    callback_every: int = 100,
    blocking: bool = True,
    **pymc_options: Any,
) -> Any:
    """Draw from the posterior with the No-U-Turn sampler.

    Parameters
    ----------
    model_or_draws : Model, CompiledModel, pymc.Model or int, optional
        What to sample; inside a ``with Model():`` block it may be left out. An integer in first
        place is `draws`.
    draws : int, at least 1, default 1000
        Draws per chain, after tuning.
    model : Model, CompiledModel or pymc.Model, optional
        What to sample, by name.
    tune : int, at least 0, optional
        Tuning iterations per chain, in which step size and metric adapt. With 0 nothing adapts.
        By default what `adaptation` and `metric` need. For ``"pooled"`` it is a limit, 600 by
        default: warm-up ends when the metric is settled, mostly after 150 to 200 iterations.
    chains : int, at least 1, default 4
        Number of chains. With an `adaptation` that each chain does by itself, chain i is the same
        whatever the number of chains is.
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
    adaptation : {"pooled", "nutpie", "stan"}, default "pooled"
        How metric and step size are learnt: by all chains together; by each chain for itself from
        draws and gradients, as nutpie does; or from draws in growing windows, as Stan does.
    metric : {"auto", "diagonal", "low_rank", "dense"}, optional
        Which metric is learnt. ``"auto"`` lets the pooled adaptation choose; it is diagonal for
        the others. ``"low_rank"`` and ``"dense"`` cost more for each step and pay where
        parameters are correlated.
    step_size : float, greater than 0, optional
        A step size that is kept as it is; by default it is adapted to `target_accept`.
    step_size_jitter : float in [0, 1), default 0.1
        Each draw multiplies the step size by a number from U(1 - jitter, 1 + jitter).
    local_steps : bool, default False
        Whether steps are shortened where the density is sharp [3]_: reaches into the necks of
        funnels where transitions diverge, and costs more elsewhere.
    init : {"jitter", "prior", "pathfinder"}, default "jitter"
        Where chains start: at the initial values plus `jitter`; at a draw from the prior; or
        where a climb from the initial values ends, with a draw from a normal approximation
        there [4]_. PyMC's names are understood: ``"auto"``, and ``"adapt_diag"`` (no jitter,
        diagonal metric), ``"jitter+adapt_diag"``, ``"adapt_full"`` and ``"jitter+adapt_full"``.
    initvals : dict of str to array_like, or list of such dicts, optional
        Values to start from, by variable name, or by the name of the unconstrained value
        (``"sigma_log__"``). A list holds one dict (or None) for each chain. Variables left out
        start as the model says.
    jitter : float, at least 0, default 1.0
        Each unconstrained element of the start is moved by a uniform number in (-jitter, jitter).
    warm_start : InferenceData or DataTree, optional
        An earlier result of this function for the same model, perhaps with other data: its metric
        is used, its step size too, and chains start where its chains ended. `tune` is then 0
        unless given; with more, the step size adapts and the metric stays.
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
    store_divergences : bool, default False
        Whether to keep where diverging leapfrogs set out, in ``sample_stats.divergence_start``.
    callback : callable, optional
        Called with the :class:`RunHandle` after every `callback_every` draws of each chain,
        tuning not counted, while all chains are parked there: it sees the same draws whatever
        the number of cores. A true answer stops the run, whose result then has fewer draws and
        the attribute ``complete`` 0. An exception stops the run, too, and is raised.
    callback_every : int, at least 1, default 100
        Draws of each chain between two calls.
    blocking : bool, default True
        False returns a :class:`RunHandle` at once, while the chains run in the background.
    **pymc_options
        Other arguments of PyMC's: ``compute_convergence_checks`` (False leaves out the checks and
        their warnings) and ``nuts`` (a dict with `target_accept` and `max_treedepth`) act; those
        that would not act are refused with the way out.

    Returns
    -------
    InferenceData (ArviZ < 1) or DataTree (ArviZ >= 1), or RunHandle
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
    NUTS with multinomial sampling along trajectories [1]_ [2]_ and a metric that all chains fit
    together to their draws and gradients: diagonal, low-rank or dense, whichever describes
    draws that were left out best. Chains run on threads of a Rust core, without the GIL.

    References
    ----------
    .. [1] Hoffman and Gelman (2014). The No-U-Turn Sampler. JMLR 15, 1593-1623.
    .. [2] Betancourt (2017). A Conceptual Introduction to Hamiltonian Monte Carlo.
       arXiv:1701.02434.
    .. [3] Bou-Rabee, Carpenter, Kleppe and Liu (2026). The within-orbit adaptive leapfrog no-U-turn
       sampler. arXiv:2506.18746.
    .. [4] Zhang, Carpenter, Gelman and Vehtari (2022). Pathfinder: Parallel quasi-Newton
       variational inference. JMLR 23(306).

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
    model, draws = model_and_draws(model_or_draws, draws, model)
    own = {"target_accept": target_accept, "max_treedepth": max_treedepth}
    nuts, checks = read_habits(pymc_options, own, sample.__kwdefaults__ or {})
    init, jitter, metric = read_init(init, jitter, metric)
    blocking = check_flag("blocking", blocking)
    blocks = checked_blocks(callback, callback_every)
    display = choose_display(
        progressbar=check_flag("progressbar", progressbar), quiet=check_flag("quiet", quiet)
    )
    options = SampleOptions.checked(
        draws=draws,
        tune=tune,
        chains=chains,
        cores=cores,
        random_seed=random_seed,
        target_accept=nuts["target_accept"],
        max_treedepth=nuts["max_treedepth"],
        jitter=jitter,
        adaptation=adaptation,
        metric=metric,
        step_size=step_size,
        step_size_jitter=step_size_jitter,
        local_steps=local_steps,
        init=init,
        warm_start=warm_start,
        discard_tuned_samples=discard_tuned_samples,
        store_unconstrained=store_unconstrained,
        store_divergences=store_divergences,
        backend=backend,
    )
    options.to_core()  # refuses what contradicts itself, before anything is compiled
    compiled = compiled_model(model, evaluator, var_names)
    start = starting_positions(compiled, initvals, options)
    run = RunHandle(
        compiled,
        options,
        start,
        var_names=var_names,
        blocks=blocks,
        display=display,
        checks=checks,
    )
    return run_to_the_end(run) if blocking else run.in_background()
