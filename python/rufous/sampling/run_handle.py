"""A run in the background, with names: start it, look at it, pause it, stop it, take the result."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from rufous import _core
from rufous._typing import FloatArray
from rufous.compile.compiled_model import CompiledModel
from rufous.errors import InitializationError
from rufous.results import from_trace, run_attrs
from rufous.sampling.options import SampleOptions
from rufous.sampling.progress import Display

__all__ = ["RunHandle"]

#: Seconds between two looks at the chains; Ctrl-C waits no longer than that.
_SLICE = 0.05


class RunHandle:
    """Chains of one compiled model, sampled on threads of the core.

    The chains run without the GIL. Dropping the handle cancels them.

    Parameters
    ----------
    compiled : CompiledModel
        What is sampled.
    options : SampleOptions
        How.
    positions : ndarray, shape (chains, dim)
        Where the chains start, before jitter.
    """

    def __init__(
        self, compiled: CompiledModel, options: SampleOptions, positions: FloatArray
    ) -> None:
        self._compiled = compiled
        self._options = options
        self._settings = options.to_core()
        self._start = time.monotonic()
        self._run = _core.start(compiled.target, self._settings, positions)
        self._result: _core.RunResult | None = None

    @property
    def is_finished(self) -> bool:
        """Whether all chains have ended."""
        return self._result is not None or self._run.is_finished

    @property
    def is_paused(self) -> bool:
        """Whether the chains are paused."""
        return self._result is None and self._run.is_paused

    def progress(self) -> list[_core.ChainProgress]:
        """Return a snapshot of each chain."""
        return self._run.progress()

    def pause(self) -> None:
        """Let each chain sleep after the draw it is at."""
        self._run.pause()

    def resume(self) -> None:
        """Wake paused chains."""
        self._run.resume()

    def cancel(self) -> None:
        """Stop all chains; the draws they have are kept."""
        self._run.cancel()

    def wait(self, timeout: float) -> bool:
        """Wait for the chains.

        Parameters
        ----------
        timeout : float
            Seconds to wait at most.

        Returns
        -------
        bool
            Whether all chains have ended.
        """
        return self.is_finished or self._run.wait(timeout)

    def watch(self, display: Display) -> None:
        """Wait for the chains, showing how they are doing; stop all when one cannot start.

        Raises
        ------
        KeyboardInterrupt
            On Ctrl-C, within a tenth of a second. The chains go on until :meth:`cancel`.
        """
        try:
            while not self._run.wait(_SLICE):
                display.update(self._run.progress(), time.monotonic() - self._start)
                if isinstance(self._run.first_failure(), InitializationError):
                    self._run.cancel()
        finally:
            display.close(self._run.progress(), time.monotonic() - self._start)

    def traces(self) -> _core.RunResult:
        """Wait for the chains and return what they leave behind, without names.

        Returns
        -------
        RunResult
        """
        if self._result is None:
            self._result = self._run.result()
        return self._result

    def result(self, *, var_names: Sequence[str] | None = None) -> Any:
        """Wait for the chains and return their draws with names.

        Parameters
        ----------
        var_names : sequence of str, optional
            Variables to keep; all by default.

        Returns
        -------
        InferenceData, DataTree or None
            None when there is no draw.
        """
        traces = self.traces()
        options, compiled = self._options, self._compiled
        return from_trace(
            traces.chains,
            stored=compiled.stored,
            coords=compiled.coords,
            unconstrained=compiled.unconstrained if options.keep_unconstrained else None,
            observed_data=compiled.observed_data,
            constant_data=compiled.constant_data,
            statistics=_core.STATISTICS,
            divergence_reasons=_core.DIVERGENCE_REASONS,
            var_names=var_names,
            attrs=run_attrs(
                settings=self._settings.as_dict(),
                random_seed=options.seed,
                cores=options.cores.cores,
                sampling_time=traces.elapsed,
                tuning_steps=options.tune,
                backend=options.backend,
                evaluator=compiled.evaluator,
                cores_decision=options.cores.reason,
                **compiled.source.attrs(),
            ),
        )
