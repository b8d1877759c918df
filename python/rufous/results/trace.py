"""From the arrays of the chains to labelled groups."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from rufous.layout import Layout
from rufous.results.chains import Block, Chain
from rufous.results.inference_data import to_inference_data
from rufous.results.labels import GroupSpec
from rufous.results.phase import Phase
from rufous.results.stats import (
    DIVERGENCE_START,
    DIVERGENCE_START_ATTRS,
    UNCONSTRAINED_DIM,
    describe_statistics,
    element_names,
)

__all__ = ["from_trace"]

DataVariables = Mapping[str, tuple[ArrayLike, Sequence[str | None] | None]]


def from_trace(
    chains: Sequence[Chain],
    *,
    stored: Layout,
    unconstrained: Layout | None = None,
    coords: Mapping[str, ArrayLike | None] | None = None,
    observed_data: DataVariables | None = None,
    constant_data: DataVariables | None = None,
    statistics: Iterable[tuple[str, str, str]] = (),
    divergence_reasons: Mapping[int, str] | Sequence[str] | None = None,
    metric_kinds: Sequence[str] = (),
    var_names: Sequence[str] | None = None,
    statistics_attrs: Mapping[str, object] | None = None,
    attrs: Mapping[str, object] | None = None,
) -> Any | None:
    """Label what the chains hold.

    Chains of different length are cut, never padded: the length is chosen that keeps the most
    draws in all. The attributes ``complete``, ``draws_per_chain`` and ``chain_outcomes`` say
    what the sampler returned, and the coord ``chain`` keeps the numbers of the chains.

    Parameters
    ----------
    chains : sequence of Chain
        What the sampler returned; see :class:`ChainTrace`.
    stored : Layout
        Names, shapes, dims and dtypes of the stored variables.
    unconstrained : Layout, optional
        The same for the value variables; without it unconstrained positions, and where
        trajectories diverged, are left out.
    coords : mapping of str to array_like, optional
        Labels of the dims.
    observed_data, constant_data : mapping of str to (array_like, dims), optional
        Data of the model.
    statistics : iterable of (name, dtype, doc)
        The sampler's table of statistics; becomes their ``description``.
    divergence_reasons : mapping of int to str or sequence of str, optional
        Text of each code of ``divergence_reason``.
    metric_kinds : sequence of str, optional
        Name of each code of ``metric_kind``.
    var_names : sequence of str, optional
        Variables of `stored` to keep; default all.
    statistics_attrs : mapping of str to object, optional
        Further attributes of ``sample_stats``.
    attrs : mapping of str to object, optional
        Attributes of the sampled groups, see :func:`run_attrs`.

    Returns
    -------
    InferenceData, DataTree or None
        None when no chain holds a single draw.

    Raises
    ------
    UnknownNameError
        When `var_names` names a variable that is not stored.
    ShapeError
        When dims, shapes and labels do not fit together.
    """
    names = stored.names if var_names is None else tuple(var_names)
    described = describe_statistics(statistics, divergence_reasons, metric_kinds)
    groups: dict[str, GroupSpec] = {}
    for prefix, blocks in _blocks_by_phase(chains).items():
        phase = Phase.from_blocks(blocks)
        if phase is None:
            continue
        common: dict[str, Any] = {
            "coords": {"chain": np.array(phase.chains), "draw": np.arange(phase.length)},
            "attrs": {**(attrs or {}), **_outcome(chains, [len(b.values) for _, b in blocks])},
        }
        groups[f"{prefix}posterior"] = GroupSpec(
            phase.stored(stored, names), dims=_dims(stored), **common
        )
        more = {"attrs": {**common["attrs"], **(statistics_attrs or {})}}
        groups[f"{prefix}sample_stats"] = _statistics(
            phase, unconstrained, described, {**common, **more}
        )
        if unconstrained is not None:
            # Left out when it holds nothing.
            groups[f"{prefix}unconstrained_posterior"] = GroupSpec(
                phase.unconstrained(unconstrained), dims=_dims(unconstrained), **common
            )
    if not groups:
        return None
    groups["observed_data"] = _data_group(observed_data or {})
    groups["constant_data"] = _data_group(constant_data or {})
    return to_inference_data(groups, coords=coords)


def _blocks_by_phase(chains: Sequence[Chain]) -> dict[str, list[tuple[int, Block]]]:
    return {
        "": [(chain.chain, chain.draws) for chain in chains],
        "warmup_": [(chain.chain, chain.warmup) for chain in chains if chain.warmup is not None],
    }


def _statistics(
    phase: Phase,
    unconstrained: Layout | None,
    described: Mapping[str, Mapping[str, object]],
    common: Mapping[str, Any],
) -> GroupSpec:
    """Gather the statistics, and where trajectories diverged, if that was kept."""
    variables = phase.statistics()
    variables.pop("tuning", None)  # the group says it
    starts = None if unconstrained is None else phase.divergence_starts(unconstrained.size)
    if unconstrained is None or starts is None:
        return GroupSpec(variables, variable_attrs=described, **common)
    labels = np.array(element_names(unconstrained))
    return GroupSpec(
        {**variables, DIVERGENCE_START: starts},
        dims={DIVERGENCE_START: (UNCONSTRAINED_DIM,)},
        variable_attrs={**described, DIVERGENCE_START: DIVERGENCE_START_ATTRS},
        **{**common, "coords": {**common["coords"], UNCONSTRAINED_DIM: labels}},
    )


def _outcome(chains: Sequence[Chain], lengths: list[int]) -> dict[str, object]:
    """Attributes that say what each chain returned."""
    failures = {str(chain.chain): chain.message for chain in chains if chain.outcome == "failed"}
    return {
        "complete": all(chain.outcome == "complete" for chain in chains),
        "draws_per_chain": lengths,
        "chain_outcomes": [chain.outcome for chain in chains],
        "chain_failures": failures or None,
    }


def _dims(layout: Layout) -> dict[str, tuple[str | None, ...]]:
    return {spec.name: spec.dims for spec in layout}


def _data_group(data: DataVariables) -> GroupSpec:
    return GroupSpec(
        {name: value for name, (value, _) in data.items()},
        dims={name: dims for name, (_, dims) in data.items()},
        sample_dims=(),
    )
