"""A run that somebody waits for, as `rufous.sample` does by default."""

from __future__ import annotations

from typing import Any

from rufous.sampling.failures import raise_interrupted
from rufous.sampling.run_handle import RunHandle

__all__ = ["run_to_the_end"]


def run_to_the_end(run: RunHandle) -> Any:
    """Wait for a run, showing how it is doing, and return its labelled draws.

    Raises
    ------
    SamplingInterrupted
        On Ctrl-C; carries the draws there are.
    InitializationError, SamplingError
        When a chain fails.
    """
    try:
        return run.result()
    except KeyboardInterrupt:
        raise_interrupted(run.abort())
    except BaseException:
        run.cancel()
        raise
