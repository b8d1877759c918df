"""Documentation of the statistics, attached to the variables that hold them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from rufous.layout import Layout

__all__ = [
    "DIVERGENCE_START",
    "DIVERGENCE_START_ATTRS",
    "UNCONSTRAINED_DIM",
    "describe_statistics",
    "element_names",
]

#: The statistic that holds a position, and the name of its last dim.
DIVERGENCE_START, UNCONSTRAINED_DIM = "divergence_start", "unconstrained_parameter"
DIVERGENCE_START_ATTRS = {
    "description": "Unconstrained position from which the leapfrog that diverged set out; "
    "NaN if the trajectory did not diverge."
}


def describe_statistics(
    statistics: Iterable[tuple[str, str, str]],
    divergence_reasons: Mapping[int, str] | Sequence[str] | None = None,
    metric_kinds: Sequence[str] = (),
) -> dict[str, dict[str, object]]:
    """Turn the table of statistics into attributes of variables.

    Parameters
    ----------
    statistics : iterable of (name, dtype, doc)
        The sampler's table.
    divergence_reasons : mapping of int to str or sequence of str, optional
        Text of each code of the statistic ``divergence_reason``.
    metric_kinds : sequence of str, optional
        Name of each code of the statistic ``metric_kind``.

    Returns
    -------
    dict of str to dict
        ``description`` for each statistic. The codes of ``divergence_reason`` and of
        ``metric_kind`` are explained by ``flag_values`` and ``flag_meanings``, the way the CF
        conventions for NetCDF do, the former with the full sentences in ``reasons``.
    """
    described: dict[str, dict[str, object]] = {
        name: {"description": doc} for name, _, doc in statistics
    }
    if divergence_reasons:
        reasons = _by_code(divergence_reasons)
        described.setdefault("divergence_reason", {}).update(
            **_flags(reasons),
            reasons={str(code): text or "none" for code, text in reasons.items()},
        )
    if metric_kinds:
        described.setdefault("metric_kind", {}).update(_flags(_by_code(metric_kinds)))
    return described


def element_names(layout: Layout) -> list[str]:
    """Name each number of a position: ``mu``, or ``theta[1, 0]`` for an element of an array.

    Examples
    --------
    >>> from rufous.layout import Layout
    >>> from rufous.results.stats import element_names
    >>> element_names(Layout.from_shapes({"mu": (), "theta": (2,)}))
    ['mu', 'theta[0]', 'theta[1]']
    """
    return [
        spec.name + (f"[{', '.join(map(str, index))}]" if index else "")
        for spec in layout
        for index in np.ndindex(*spec.shape)
    ]


def _flags(texts: dict[int, str]) -> dict[str, object]:
    return {
        "flag_values": np.array(list(texts), dtype=np.int64),
        "flag_meanings": " ".join(_word(text) for text in texts.values()),
    }


def _by_code(reasons: Mapping[int, str] | Sequence[str]) -> dict[int, str]:
    return dict(reasons) if isinstance(reasons, Mapping) else dict(enumerate(reasons))


def _word(text: str) -> str:
    """Return a text as one word, because blanks separate the flag meanings."""
    return "_".join("".join(c if c.isalnum() or c == "_" else " " for c in text).split()) or "none"
