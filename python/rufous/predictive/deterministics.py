"""Deterministics at each draw of the free variables."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from rufous.model.context import active_model
from rufous.predictive.at_draws import (
    SampleDims,
    VarNames,
    at_draws,
    chosen,
    group_at_draws,
    sample_dim_names,
)
from rufous.predictive.trace import read_trace
from rufous.results import get_group, to_inference_data

if TYPE_CHECKING:
    from rufous.model.model import Model

__all__ = ["compute_deterministics"]


def compute_deterministics(
    dataset: Any,
    *,
    var_names: VarNames = None,
    model: Model | None = None,
    sample_dims: SampleDims = ("chain", "draw"),
    merge_dataset: bool = False,
) -> Any:
    """Compute deterministics from draws of the free variables.

    Parameters
    ----------
    dataset : Dataset, InferenceData, DataTree, or mapping of str to array_like
        Draws of the free variables.
    var_names : str or sequence of str, optional
        Deterministics; all by default.
    model : Model, optional
        Default: the innermost open model.
    sample_dims : str or sequence of str, default ("chain", "draw")
        Dims of `dataset` that count draws.
    merge_dataset : bool, default False
        Return the free variables that were passed together with what was computed.

    Returns
    -------
    Dataset

    Raises
    ------
    ModelError, ShapeError, UnknownNameError
        As for :func:`compute_log_likelihood`.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Normal("x", 0, 1)
    ...     y = rf.Deterministic("y", x**2)
    >>> found = rf.compute_deterministics({"x": np.full((1, 3), 2.0)}, model=model)
    >>> found["y"].values.tolist()
    [[4.0, 4.0, 4.0]]
    """
    owner = active_model(model, what="compute_deterministics")
    dims = sample_dim_names(sample_dims)
    draws = read_trace(dataset, dims)
    wanted = chosen(owner.deterministics, var_names, "deterministic")
    if merge_dataset:
        wanted = {
            **{str(v.name): v for v in owner.free_RVs if str(v.name) in draws.values},
            **wanted,
        }
    values = dict(zip(wanted, at_draws(owner, draws, list(wanted.values())), strict=True))
    groups = {"posterior": group_at_draws(owner, draws, values, dims)}
    return get_group(to_inference_data(groups, coords=owner.coords), "posterior")
