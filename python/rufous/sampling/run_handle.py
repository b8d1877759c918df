"""A run in the background, with names: look at it, pause it, save it, stop it, take the result."""

from __future__ import annotations

import json
import threading
from collections.abc import Callable, Sequence
from typing import Any

from rufous import _core, diagnostics
from rufous._typing import FloatArray
from rufous.compile.compiled_model import CompiledModel
from rufous.errors import InitializationError, RufousError
from rufous.results import from_trace, run_attrs
from rufous.sampling.background import Background
from rufous.sampling.callbacks import Blocks
from rufous.sampling.checks import check_integer
from rufous.sampling.failures import failed_chains, raise_failure, warn_of_missing_values
from rufous.sampling.notebook import table_html
from rufous.sampling.options import SampleOptions
from rufous.sampling.progress import Display, Silent
from rufous.sampling.summary import summarise
from rufous.sampling.terminal import lines
from rufous.sampling.warm_start import WARM_START, learnt_text

__all__ = ["RunHandle"]

#: Seconds between two looks at the chains; Ctrl-C waits no longer than that.
_SLICE = 0.05
#: Phases of chains that have not ended.
_GOING = ("waiting", "warmup", "sampling")


class RunHandle:
    """A run in the background, as ``rufous.sample(..., blocking=False)`` returns it.

    The chains run on threads of their own, without the GIL. Looking at a run, pausing or saving
    it changes no draw: all of that happens between two transitions. Dropping the handle stops the
    chains. ``print(run)`` shows how they are doing; in a notebook the handle shows as a table.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     mu = rf.Normal("mu", 0.0, 10.0)
    ...     y = rf.Normal("y", mu, 1.0, observed=[1.0, 2.0, 3.0])
    >>> run = rf.sample(model, draws=500, random_seed=1, blocking=False, quiet=True)
    >>> idata = run.result()
    >>> run.is_finished, idata.posterior.sizes["draw"]
    (True, 500)
    """

    def __init__(
        self,
        compiled: CompiledModel,
        options: SampleOptions,
        start: FloatArray | bytes,
        *,
        var_names: Sequence[str] | None = None,
        blocks: Blocks | None = None,
        display: Display | None = None,
        checks: bool = True,
    ) -> None:
        self._compiled = compiled
        self._options = options
        self._settings = options.to_core()
        self._var_names = var_names
        self._checks = checks
        self._blocks = blocks
        self._display = display or Silent()
        self._pause_at: int | None = None
        self._next_block = blocks.every if blocks else None
        self._result: _core.RunResult | None = None
        self._labelled: Any = None
        self._last: list[_core.ChainProgress] = []
        self._dropped = False
        self._callback_error: BaseException | None = None
        self._caller: threading.Thread | None = None
        self._lock = threading.RLock()
        self._background = Background()
        self._run = self._start(start)
        if isinstance(start, bytes) and blocks:
            self._next_block = blocks.next_after(max(self._fewest_draws(), 0))
        self._aim()

    def _start(self, start: FloatArray | bytes) -> _core.Run:
        """Start at positions, or go on from a checkpoint; parked at once until the goal is set."""
        if isinstance(start, bytes):
            return _core.restore(self._compiled.target, self._settings, start, iterations=0)
        return _core.start(self._compiled.target, self._settings, start, iterations=0)

    # Looking

    @property
    def is_finished(self) -> bool:
        """Whether all chains have ended."""
        with self._lock:
            return self._result is not None or self._run.is_finished

    @property
    def is_paused(self) -> bool:
        """Whether chains were told to pause, and none of them is at work any more."""
        if not self._waited(self._run.wait_parked, 0.0) or self.is_finished:
            return False
        at_goal = self._pause_at is not None and self._fewest_draws() >= self._pause_at
        return self._run.is_paused or at_goal

    @property
    def progress(self) -> list[_core.ChainProgress]:
        """A snapshot of each chain: draws, phase, divergences, step size, gradients."""
        with self._lock:
            if self._result is None:
                self._last = self._run.progress()
            return self._last

    def inspect(self) -> Any:
        """Return the draws so far, as :meth:`result` would; the chains go on afterwards.

        Waits until each chain has finished the transition that it is at.

        Returns
        -------
        InferenceData, DataTree or None
            The attribute ``complete`` is 0 while chains run; chains of different length are cut
            to one. None when there is no draw yet.
        """
        self._check_not_dropped()
        with self._lock:
            if self._result is not None:
                return self._label(self._result)
            traces = self._run.inspect()
        return self._label(traces)

    # Steering

    def pause(self, at: int | None = None) -> None:
        """Let the chains pause.

        Parameters
        ----------
        at : int, at least 0, optional
            Each chain pauses when it has this number of draws, tuning not counted; 0 is the end
            of tuning. A paused run goes on to there. By default each chain pauses after the
            transition that it is at.
        """
        if at is None:
            self._run.pause()
            return
        self._pause_at = check_integer("at", at, minimum=0, typical="a number of draws")
        self._aim()
        self._run.resume()

    def resume(self) -> None:
        """Let paused chains go on."""
        self._pause_at = None
        self._aim()
        self._run.resume()

    def abort(self) -> Any:
        """Stop all chains and return the draws that they have.

        Returns
        -------
        InferenceData, DataTree or None
            As :meth:`inspect`; `rufous.check` says whether it is any good.
        """
        self._check_not_dropped()
        if self._result is None:
            self._run.cancel()
        self._join_caller()
        return self._label(self._take())

    def cancel(self) -> None:
        """Stop all chains and drop their draws."""
        self._dropped = True
        if self._result is None:
            self._run.cancel()
        self._join_caller()
        self._take()
        self._labelled = None

    def checkpoint(self) -> bytes:
        """Return everything that it takes to go on elsewhere, bit for bit, as bytes.

        The chains go on afterwards. `rufous.resume` takes the bytes; they hold the draws so far,
        the state of each chain and the arguments of the run, but not the model.

        Returns
        -------
        bytes

        Raises
        ------
        CheckpointError
            When a chain has failed.
        RufousError
            When the result has been taken already.
        """
        self._check_not_dropped()
        names = None if self._var_names is None else list(self._var_names)
        note = {"options": self._options.to_note(), "var_names": names}
        return self._run.checkpoint(json.dumps(note).encode())

    # Waiting

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until all chains have ended.

        A paused run stays paused. Ctrl-C ends the wait, not the run.

        Parameters
        ----------
        timeout : float, optional
            Seconds to wait at most; by default as long as it takes.

        Returns
        -------
        bool
            Whether all chains have ended.
        """
        return self._waited(self._run.wait, float("inf") if timeout is None else timeout)

    def result(self) -> Any:
        """Wait for the chains, resuming them if they are paused, and return their draws.

        Shows progress as `sample` does, unless it was told not to. Ctrl-C ends the wait, not the
        run.

        Returns
        -------
        InferenceData or DataTree
            The same object when called again.

        Raises
        ------
        InitializationError, SamplingError
            As `sample`. What a callback raised is raised here.

        Warns
        -----
        DivergenceWarning, ConvergenceWarning, TreeDepthWarning
            As `sample`, the first time.
        """
        self._check_not_dropped()
        if self._labelled is None:
            if not self.is_finished:
                self.resume()
            if self._caller is None:
                self.follow()
            else:
                self._watch(lambda: False)
                self._join_caller()
            if self._callback_error is not None:
                raise self._callback_error
            with self._lock:
                if self._labelled is None:
                    self._labelled = self._finished()
        return self._labelled

    def follow(self) -> None:
        """Show how the chains are doing until they have ended, and call back at each block.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C, within a tenth of a second. The chains go on.
        """
        self._watch(self._call_back)

    def in_background(self) -> RunHandle:
        """Let a thread call the callback, so that nobody has to wait for the run; return self."""
        if self._blocks is not None:
            self._caller = threading.Thread(target=self._serve, name="rufous-callback", daemon=True)
            self._caller.start()
        return self

    # Showing

    def __repr__(self) -> str:
        run = summarise(self.progress, 0.0)
        state = "finished" if self.is_finished else "paused" if self.is_paused else "running"
        return f"<RunHandle: {self._options.chains} chains, {100 * run.fraction:.0f} %, {state}>"

    def __str__(self) -> str:
        return "\n".join(lines(self.progress, self._elapsed(), columns=120, rows=99, fancy=True))

    def _repr_html_(self) -> str:
        chains = self.progress
        return table_html(chains, summarise(chains, self._elapsed()))

    # Inside

    def _elapsed(self) -> float:
        with self._lock:
            return self._run.elapsed if self._result is None else self._result.elapsed

    def _fewest_draws(self) -> int:
        """Count the draws of the chain that has fewest, of those that have not ended."""
        going = [chain for chain in self.progress if chain.phase in _GOING]
        draws = [
            chain.finished_draws - (chain.total_draws - self._options.draws) for chain in going
        ]
        return min(draws, default=self._options.draws)

    def _aim(self) -> None:
        """Tell the chains where to park next."""
        goals = [goal for goal in (self._pause_at, self._next_block) if goal is not None]
        if self._result is None:
            self._run.run_until(draws=min(goals, default=None))

    def _watch(self, at_block: Callable[[], bool]) -> None:
        try:
            while not self.is_finished:
                self._wait_for(at_block)
                self._display.update(self.progress, self._elapsed())
        finally:
            self._display.close(self.progress, self._elapsed())

    def _wait_for(self, at_block: Callable[[], bool]) -> None:
        """Wait a moment for the chains to end, fail to start, or come to a block."""
        parked = self._waited(self._run.wait_parked, _SLICE)
        if parked and not (self.is_finished or at_block()):
            self.wait(_SLICE)
        with self._lock:
            if self._result is None:
                if isinstance(self._run.first_failure(), InitializationError):
                    self._run.cancel()

    def _waited(self, wait: Callable[[float], bool], timeout: float) -> bool:
        """Wait for the chains; another thread may take the result meanwhile."""
        try:
            return self._result is not None or wait(timeout)
        except RufousError:
            with self._lock:
                if self._result is None:
                    raise
            return True

    def _call_back(self) -> bool:
        """Call the callback if the chains are parked at a block; return whether they were."""
        at_block = (
            self._blocks is not None
            and self._next_block is not None
            and not self._run.is_paused
            and self._fewest_draws() >= self._next_block
        )
        if not at_block:
            return False
        assert self._blocks is not None
        stop = self._blocks.callback(self)
        if self._result is None:
            if stop:
                self._run.cancel()
            self._next_block = self._blocks.next_after(self._fewest_draws())
            self._aim()
        return True

    def _serve(self) -> None:
        try:
            while not self.is_finished:
                self._wait_for(self._call_back)
        except BaseException as error:
            self._callback_error = error
            self._run.cancel()

    def _join_caller(self) -> None:
        if self._caller is not None and self._caller is not threading.current_thread():
            while self._caller.is_alive():
                self._caller.join(_SLICE)

    def _check_not_dropped(self) -> None:
        if self._dropped:
            raise RufousError("this run was cancelled, and its draws were dropped")

    def _take(self) -> _core.RunResult:
        """Wait for the chains and keep what they leave."""
        self.wait()
        with self._lock:
            if self._result is None:
                self._last = self._run.progress()
                self._result = self._run.result()
                self._background.close()
            return self._result

    def _finished(self) -> Any:
        """Label the draws, raise what went wrong, and say whether they can be trusted."""
        traces = self._take()
        idata = self._label(traces)
        failed = failed_chains(traces.chains)
        if failed:
            raise_failure(failed, self._compiled, idata)
        warn_of_missing_values(traces.chains)
        if idata is not None and self._checks:
            diagnostics.check(idata).warn()
        return idata

    def _label(self, traces: _core.RunResult) -> Any:
        options, compiled = self._options, self._compiled
        return from_trace(
            traces.chains,
            stored=compiled.stored,
            coords=compiled.coords,
            unconstrained=compiled.unconstrained,
            observed_data=compiled.observed_data,
            constant_data=compiled.constant_data,
            statistics=_core.STATISTICS,
            divergence_reasons=_core.DIVERGENCE_REASONS,
            metric_kinds=_core.METRIC_KINDS,
            var_names=self._var_names,
            statistics_attrs={WARM_START: learnt_text(traces.chains)},
            attrs=run_attrs(
                settings=self._settings.as_dict(),
                random_seed=options.seed,
                cores=options.cores.cores,
                sampling_time=traces.elapsed,
                tuning_steps=max(chain.num_tune for chain in traces.chains),
                restarts=[chain.num_restarts for chain in traces.chains],
                backend=options.backend,
                evaluator=compiled.evaluator,
                cores_decision=options.cores.reason,
                **compiled.source.attrs(),
            ),
        )
