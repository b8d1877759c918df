"""What is said when chains did not end as they should."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NoReturn

from rufous._core import ChainTrace
from rufous.compile.compiled_model import CompiledModel
from rufous.errors import (
    InitializationError,
    RufousWarning,
    SamplingError,
    SamplingInterrupted,
    warn,
)

__all__ = [
    "failed_chains",
    "raise_failure",
    "raise_interrupted",
    "warn_of_missing_values",
]


def failed_chains(chains: Sequence[ChainTrace]) -> list[ChainTrace]:
    """Return the chains that failed, those that could not start first."""
    failed = [chain for chain in chains if chain.outcome == "failed"]
    return sorted(failed, key=lambda chain: not isinstance(chain.error, InitializationError))


def raise_failure(failed: Sequence[ChainTrace], compiled: CompiledModel, partial: Any) -> NoReturn:
    """Raise the error of the first failed chain.

    Parameters
    ----------
    failed : sequence of ChainTrace
        At least one chain.
    compiled : CompiledModel
        Explains why a start failed.
    partial : InferenceData, DataTree or None
        The draws there are.

    Raises
    ------
    InitializationError
        When the chain found no starting point.
    SamplingError
        When it failed later; it carries `partial`.
    """
    first = failed[0]
    if isinstance(first.error, InitializationError):
        raise InitializationError(_start_text(first, compiled)) from None
    others = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    raise SamplingError(f"{first.message}{others}. {_partial_text(partial)}", partial) from (
        first.error
    )


def raise_interrupted(partial: Any) -> NoReturn:
    """Raise after an interrupt from the keyboard.

    Raises
    ------
    SamplingInterrupted
        Carries `partial`.
    """
    raise SamplingInterrupted(
        f"sampling was interrupted. {_partial_text(partial)}", partial
    ) from None


def warn_of_missing_values(chains: Sequence[ChainTrace]) -> None:
    """Warn when stored variables of some draws could not be computed."""
    missing = sum(chain.num_failed_expansions for chain in chains)
    if missing:
        warn(
            f"The stored variables of {missing} draw{'' if missing == 1 else 's'} could not be "
            "computed and are NaN, which spreads to every mean over them. Look for a "
            "Deterministic that is not defined everywhere.",
            RufousWarning,
        )


def _start_text(chain: ChainTrace, compiled: CompiledModel) -> str:
    if chain.failed_position is None:
        return chain.message
    return f"{chain.message}.\n{compiled.explain_start(chain.failed_position)}"


def _partial_text(partial: Any) -> str:
    if partial is None:
        return "There are no draws."
    return "The draws up to there are in the attribute `partial` of this exception."
