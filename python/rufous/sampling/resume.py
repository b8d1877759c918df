"""Go on with a run that was saved."""

from __future__ import annotations

import json
from typing import Any

from rufous import _core
from rufous.compile.compile_model import EvaluatorName
from rufous.errors import CheckpointError
from rufous.sampling.blocking import run_to_the_end
from rufous.sampling.callbacks import Callback, checked_blocks
from rufous.sampling.checks import check_flag
from rufous.sampling.options import SampleOptions
from rufous.sampling.progress import choose_display
from rufous.sampling.run_handle import RunHandle
from rufous.sampling.sampleable import Sampleable, compiled_model

__all__ = ["resume"]


def resume(
    checkpoint: bytes,
    model: Sampleable | None = None,
    *,
    draws: int | None = None,
    cores: int | None = None,
    evaluator: EvaluatorName = "auto",
    callback: Callback | None = None,
    callback_every: int = 100,
    blocking: bool = True,
    progressbar: bool = True,
    quiet: bool = False,
) -> Any:
    """Go on with a run that was saved by :meth:`RunHandle.checkpoint`, bit for bit.

    What decides the draws (seed, chains, tuning, sampler settings) comes from the checkpoint. The
    result is the one that the run would have had without the interruption, its first draws
    included.

    Parameters
    ----------
    checkpoint : bytes
        What :meth:`RunHandle.checkpoint` returned.
    model : Model or CompiledModel, optional
        The model that was sampled, with the same data; inside a ``with Model():`` block it may be
        left out.
    draws : int, optional
        Draws per chain, when there are to be more than the run was started with.
    cores : int, at least 1, optional
        Threads, as for `rufous.sample`; need not be what it was.
    evaluator : {"auto", "numba"}, default "auto"
        What computes the log density of a Model.
    callback, callback_every, blocking, progressbar, quiet
        As for `rufous.sample`.

    Returns
    -------
    InferenceData (ArviZ < 1) or DataTree (ArviZ >= 1), or RunHandle

    Raises
    ------
    CheckpointError
        When the bytes are damaged, of another version, or not of this model and these data.
    SettingsError, InitializationError, SamplingError, SamplingInterrupted
        As `rufous.sample`.

    Notes
    -----
    A checkpoint holds numbers only, no code, so that reading one from elsewhere is safe. It goes
    with the release that wrote it: it carries a run over an interruption; results are what is
    kept.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     mu = rf.Normal("mu", 0.0, 10.0)
    ...     y = rf.Normal("y", mu, 1.0, observed=[1.0, 2.0, 3.0])
    >>> run = rf.sample(model, draws=500, random_seed=1, blocking=False, quiet=True)
    >>> saved = run.checkpoint()
    >>> later = rf.resume(saved, model, quiet=True)
    >>> bool((later.posterior["mu"] == run.result().posterior["mu"]).all())
    True
    """
    note = _note(checkpoint)
    blocks = checked_blocks(callback, callback_every)
    blocking = check_flag("blocking", blocking)
    display = choose_display(
        progressbar=check_flag("progressbar", progressbar), quiet=check_flag("quiet", quiet)
    )
    options = SampleOptions.from_note(note["options"], draws=draws, cores=cores)
    names = note["var_names"]
    compiled = compiled_model(model, evaluator, names, what="resume()")
    run = RunHandle(compiled, options, checkpoint, var_names=names, blocks=blocks, display=display)
    return run_to_the_end(run) if blocking else run.in_background()


def _note(checkpoint: bytes) -> dict[str, Any]:
    if not isinstance(checkpoint, bytes):
        raise CheckpointError(
            "`checkpoint` must be the bytes that `RunHandle.checkpoint` returned, got "
            f"{checkpoint!r:.60} ({type(checkpoint).__name__})."
        )
    note: dict[str, Any] = json.loads(_core.checkpoint_note(checkpoint))
    return note
