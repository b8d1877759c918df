"""Draws from the posterior predictive distribution, also for other data."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pytensor.graph.traversal import ancestors

from rufous.errors import ModelError, RufousWarning, SettingsError
from rufous.model.checks import check_dims
from rufous.model.context import active_model
from rufous.model.seeds import seed_sequence
from rufous.predictive.at_draws import sample_dim_names
from rufous.predictive.forward import forward
from rufous.predictive.groups import data_groups, dims_of
from rufous.predictive.options import Labels, check_flag, evaluation_mode
from rufous.predictive.reuse import Asked, split
from rufous.predictive.trace import read_trace
from rufous.results import GroupSpec, extend, has_group, to_inference_data

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array, RandomSeed
    from rufous.model.model import Model
    from rufous.predictive.reuse import Split
    from rufous.predictive.trace import Draws

__all__ = ["sample_posterior_predictive"]

_LOGGER = logging.getLogger("rufous")


def sample_posterior_predictive(
    trace: Any,
    model: Model | None = None,
    *,
    var_names: str | Sequence[str] | None = None,
    sample_vars: str | Sequence[str] | None = None,
    freeze_vars: str | Sequence[str] | None = None,
    sample_dims: str | Sequence[str] | None = None,
    random_seed: RandomSeed = None,
    progressbar: bool = True,
    return_inferencedata: bool = True,
    extend_inferencedata: bool = False,
    predictions: bool = False,
    idata_kwargs: Mapping[str, Any] | None = None,
    backend: None = None,
    compile_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Draw data from the model at each posterior draw.

    Parameters
    ----------
    trace : InferenceData, DataTree, Dataset, mapping of str to array_like, or list of dict
        Result of `sample`, its posterior group, arrays with chain and draw as leading axes, or one
        dict for each draw.
    model : Model, optional
        Default: the innermost open model.
    var_names : str or sequence of str, optional
        Which variables the result holds; default `sample_vars`, else the observed ones with the
        deterministics made of them. What the trace has is copied, not drawn anew.
    sample_vars : str or sequence of str, optional
        Free variables and deterministics of the trace that are drawn or computed anew, given the
        others.
    freeze_vars : str or sequence of str, optional
        Variables whose values in the trace are kept whatever they depend on.
    sample_dims : str or sequence of str, default ("chain", "draw")
        Dims of the trace that count draws.
    random_seed : int, sequence of int, numpy Generator or SeedSequence, optional
        Default: fresh entropy. The draws of a variable do not depend on which others are drawn.
    progressbar : bool, default True
        Taken as PyMC's; all draws are made in one call, which has no progress to show.
    return_inferencedata : bool, default True
        False returns a dict of arrays by name, the sample dims first.
    extend_inferencedata : bool, default False
        Add the group to `trace`, and groups of data that it lacks, and return that.
    predictions : bool, default False
        Put the draws in the group ``predictions``, for data other than those of the fit.
    idata_kwargs : dict, optional
        May hold ``dims`` (of variables, by name) and ``coords`` (labels of dims) for the result.
    backend : None
        Not there: all draws are made in one call with NumPy.
    compile_kwargs : dict, optional
        May hold ``mode``, the mode of PyTensor in which the model is evaluated.

    Returns
    -------
    InferenceData or DataTree, or dict
        Group ``posterior_predictive`` with ``observed_data`` and ``constant_data``, or
        ``predictions`` with ``predictions_constant_data``.

    Raises
    ------
    ModelError
        When the trace has no posterior, or nothing is left to draw.
    ShapeError
        When the shapes of the present data do not fit together.
    SettingsError
        When a variable is both in `sample_vars` and `freeze_vars`, or the latter names one that
        the trace does not have.
    UnknownNameError
        When there is no variable of a name.

    Warns
    -----
    RufousWarning
        When a free variable is needed that the trace lacks, or has in another shape: it is drawn
        from its prior. And when one is kept though what it depends on has changed.

    Notes
    -----
    Values of free variables come from the trace. The exceptions, which are drawn from the model
    given the rest: those in `sample_vars`, those the trace lacks, and those along a dim whose
    labels have changed (new groups) or whose length follows data exchanged since. Deterministics
    downstream of these, or of other data, are computed anew. A free variable of the same shape
    that depends on other data, or on what is drawn anew, keeps its values: a warning says so.

    All draws are made in one call with NumPy's generators; nothing is compiled.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Data("x", [0.0, 1.0])
    ...     slope = rf.Normal("slope", 0, 1)
    ...     y = rf.Normal("y", slope * x, 0.1, observed=[0.1, 0.9])
    >>> trace = {"slope": np.ones((4, 100))}
    >>> with model:
    ...     rf.set_data({"x": [2.0, 3.0, 4.0]})
    ...     idata = rf.sample_posterior_predictive(trace, predictions=True, random_seed=1)
    >>> idata["predictions"]["y"].shape
    (4, 100, 3)
    """
    labels = Labels.read(idata_kwargs)
    mode = evaluation_mode(backend, compile_kwargs, progressbar)
    owner = active_model(model, what="sample_posterior_predictive")
    dims = sample_dim_names(("chain", "draw") if sample_dims is None else sample_dims)
    if extend_inferencedata and not hasattr(trace, "groups"):
        raise SettingsError(
            "`extend_inferencedata` needs a trace that holds groups (the result of sample), got "
            f"{type(trace).__name__}"
        )
    draws = read_trace(trace, dims)
    asked = Asked.read(owner, draws, var_names, sample_vars, freeze_vars)
    wanted = list(asked.wanted) or _observed(owner)
    if not wanted:
        raise ModelError("the model has no observed variables; name others with var_names")
    parts = split(owner, draws, wanted, asked)
    _report(parts)
    check_dims(owner, [str(v.name) for v in wanted])
    values = forward(
        wanted,
        draws.num_draws,
        given=parts.given,
        seed=seed_sequence(random_seed),
        evaluator=owner.evaluator,
        mode=mode,
    )
    values = [value.reshape(*draws.sample_shape, *value.shape[1:]) for value in values]
    if not check_flag("return_inferencedata", return_inferencedata):
        return {str(v.name): value for v, value in zip(wanted, values, strict=True)}
    coords = {**owner.coords, **labels.coords}
    groups = labels.on(_groups(owner, draws, wanted, values, dims, predictions))
    if extend_inferencedata:
        name = "predictions" if predictions else "posterior_predictive"
        kept = {each: spec for each, spec in groups.items() if not has_group(trace, each)}
        kept[name] = groups[name]
        if predictions:
            kept["predictions_constant_data"] = groups["predictions_constant_data"]
        return extend(trace, kept, coords=coords)
    return to_inference_data(groups, coords=coords)


def _observed(model: Model) -> list[TensorVariable]:
    """List the observed variables, and the deterministics that are made of them."""
    observed = list(model.observed_RVs)
    seen = set(observed)
    return observed + [v for v in model.deterministics if seen & set(ancestors([v]))]


def _groups(
    model: Model,
    draws: Draws,
    wanted: Sequence[TensorVariable],
    values: Sequence[Array],
    sample_dims: tuple[str, ...],
    predictions: bool,
) -> dict[str, GroupSpec]:
    spec = GroupSpec(
        {str(v.name): value for v, value in zip(wanted, values, strict=True)},
        dims_of(model, wanted),
        sample_dims=sample_dims,
        coords=draws.sample_coords,
    )
    data = data_groups(model)
    if predictions:
        return {"predictions": spec, "predictions_constant_data": data["constant_data"]}
    return {"posterior_predictive": spec, **data}


def _report(parts: Split) -> None:
    """Say which free variables do not come from the trace."""
    if parts.unexpected:
        found = "; ".join(f"{name!r}: {reason}" for name, reason in parts.unexpected.items())
        warnings.warn(
            f"draws from the prior stand in for draws that the trace does not have ({found}); "
            "sample these variables too, or name them in var_names if that is intended",
            RufousWarning,
            stacklevel=3,
        )
    if parts.kept:
        found = "; ".join(f"{name!r}: {reason}" for name, reason in parts.kept.items())
        warnings.warn(
            f"free variables keep their values of the trace although what they depend on has "
            f"changed ({found}); name them in sample_vars to draw them anew, or in freeze_vars to "
            "keep them without this warning",
            RufousWarning,
            stacklevel=3,
        )
    for name, reason in parts.renewed.items():
        _LOGGER.info("%r is drawn anew given the other variables: %s", name, reason)
