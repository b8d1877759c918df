"""Deterministics at each draw of the free variables."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rufous.errors import SettingsError
from rufous.model.context import active_model
from rufous.predictive.at_draws import (
    SampleDims,
    VarNames,
    at_draws,
    chosen,
    group_at_draws,
    sample_dim_names,
)
from rufous.predictive.options import evaluation_mode
from rufous.predictive.trace import read_trace
from rufous.results import get_group, has_group, to_inference_data

if TYPE_CHECKING:
    from rufous.model.model import Model

__all__ = ["compute_deterministics"]


def compute_deterministics(
    dataset: Any,
    *,
    group: str | None = None,
    var_names: VarNames = None,
    model: Model | None = None,
    sample_dims: SampleDims = ("chain", "draw"),
    merge_dataset: bool = False,
    extend_dataset: bool = False,
    progressbar: bool = True,
    backend: None = None,
    compile_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Compute deterministics from draws of the free variables.

    Parameters
    ----------
    dataset : Dataset, InferenceData, DataTree, or mapping of str to array_like
        Draws of the free variables.
    group : str, optional
        Which group of a whole result holds them; default ``posterior``, or else ``prior``.
    var_names : str or sequence of str, optional
        Deterministics; all by default.
    model : Model, optional
        Default: the innermost open model.
    sample_dims : str or sequence of str, default ("chain", "draw")
        Dims of `dataset` that count draws.
    merge_dataset : bool, default False
        Return the free variables that were passed together with what was computed.
    extend_dataset : bool, default False
        Add what was computed to `dataset`, in its group, and return `dataset`.
    progressbar : bool, default True
        Taken as PyMC's; all draws are evaluated in one call, which has no progress to show.
    backend : None
        Not there: evaluated with NumPy in one call.
    compile_kwargs : dict, optional
        May hold ``mode``, the mode of PyTensor in which the variables are evaluated.

    Returns
    -------
    Dataset, or `dataset` itself with `extend_dataset`

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
    mode = evaluation_mode(backend, compile_kwargs, progressbar)
    owner = active_model(model, what="compute_deterministics")
    dims = sample_dim_names(sample_dims)
    labelled = hasattr(dataset, "data_vars") or hasattr(dataset, "groups")
    if extend_dataset and (merge_dataset or not labelled):
        raise SettingsError(
            "`extend_dataset` needs a Dataset or a result with groups, and no `merge_dataset`, got "
            f"{type(dataset).__name__}"
        )
    found = _group_of(dataset, group)
    draws = read_trace(found, dims)
    wanted = chosen(owner.deterministics, var_names, "deterministic")
    if merge_dataset:
        wanted = {
            **{str(v.name): v for v in owner.free_RVs if str(v.name) in draws.values},
            **wanted,
        }
    values = dict(zip(wanted, at_draws(owner, draws, list(wanted.values()), mode), strict=True))
    groups = {"posterior": group_at_draws(owner, draws, values, dims)}
    computed = get_group(to_inference_data(groups, coords=owner.coords), "posterior")
    if not extend_dataset:
        return computed
    for name, values_of in computed.data_vars.items():
        found[name] = values_of
    return dataset


def _group_of(dataset: Any, group: str | None) -> Any:
    """Return the group that holds the draws, or what was given where it has no groups."""
    if not (getattr(dataset, "children", None) or callable(getattr(dataset, "groups", None))):
        if group is not None:
            raise SettingsError(
                f"`group` chooses a group of a whole result, got group={group!r} with "
                f"{type(dataset).__name__}; leave it out"
            )
        return dataset
    if group is None:
        group = "posterior" if has_group(dataset, "posterior") else "prior"
    if not has_group(dataset, group):
        get_group(dataset, group)  # raises, and lists those there are
    return dataset[group]
