"""Where the chains start."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from rufous._typing import FloatArray
from rufous.compile.compiled_model import CompiledModel
from rufous.errors import SettingsError
from rufous.sampling.options import SampleOptions

__all__ = ["InitVals", "starting_positions"]

#: Values by name for all chains, or one such mapping (or None) for each chain.
InitVals: TypeAlias = Mapping[str, ArrayLike] | Sequence[Mapping[str, ArrayLike] | None] | None


def starting_positions(
    compiled: CompiledModel, initvals: InitVals, options: SampleOptions
) -> FloatArray:
    """Find the position of each chain, before jitter.

    Parameters
    ----------
    compiled : CompiledModel
        Knows the usual initial values, and how given ones become a position.
    initvals : mapping, sequence of mappings, or None
        As for `rufous.sample`.
    options : SampleOptions
        Number of chains, kind of start, and the seed for initial values that are drawn at random:
        what a chain draws depends on the seed and on its own number only.

    Returns
    -------
    ndarray, shape (chains, dim)

    Raises
    ------
    SettingsError
        When `initvals` is neither kind, or holds another number of mappings than chains; when
        there is a warm start as well, or one of another model; when there is no prior to draw
        from.
    """
    if options.warm_start is not None:
        if initvals is not None:
            raise SettingsError(
                "`initvals` must be left out with `warm_start`, which brings positions; give one "
                "of them."
            )
        return options.warm_start.for_chains(options.chains, compiled.dim)
    common = _from_prior(compiled) if options.init == "prior" else {}
    positions = np.empty((options.chains, compiled.dim))
    for chain, given in enumerate(_per_chain(initvals, options.chains)):
        chain_seed = np.random.SeedSequence(options.seed, spawn_key=(chain,))
        values = {**common, **(given or {})}
        positions[chain] = (
            compiled.position_from(values, chain_seed)
            if values
            else compiled.initial_point(chain_seed)
        )
    return positions


def _from_prior(compiled: CompiledModel) -> dict[str, Any]:
    """Ask for a draw from the prior of each free variable."""
    model = getattr(compiled.source, "model", None)
    if model is None:
        raise SettingsError(
            "`init` must not be 'prior' for a log density without a model, which has no prior to "
            "draw from; use 'jitter' or 'pathfinder'."
        )
    return {str(variable.name): "prior" for variable in model.free_RVs}


def _per_chain(initvals: InitVals, chains: int) -> list[Mapping[str, ArrayLike] | None]:
    if initvals is None or isinstance(initvals, Mapping):
        return [initvals] * chains
    if not isinstance(initvals, list | tuple):
        raise SettingsError(
            "`initvals` must be a dict of values by variable name, or a list of such dicts, one "
            f"for each chain, got {initvals!r:.60} ({type(initvals).__name__})."
        )
    if len(initvals) != chains:
        raise SettingsError(
            f"`initvals` must hold one dict for each of the {chains} chains, got {len(initvals)}; "
            "a single dict, not in a list, is used for all chains."
        )
    for chain, given in enumerate(initvals):
        if given is not None and not isinstance(given, Mapping):
            raise SettingsError(
                f"`initvals[{chain}]` must be a dict of values by variable name or None, "
                f"got {given!r:.60} ({type(given).__name__})."
            )
    return list(initvals)
