"""Draws from the posterior predictive distribution, also for other data."""

from __future__ import annotations

import logging
import warnings
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from rufous.errors import ModelError, RufousWarning, SettingsError
from rufous.model.checks import check_dims
from rufous.model.context import active_model
from rufous.model.seeds import seed_sequence
from rufous.predictive.forward import forward
from rufous.predictive.groups import data_groups, dims_of, named_variables
from rufous.predictive.reuse import split
from rufous.predictive.trace import read_trace
from rufous.results import GroupSpec, extend, to_inference_data

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
    predictions: bool = False,
    random_seed: RandomSeed = None,
    extend_inferencedata: bool = False,
    sample_dims: str | Sequence[str] = ("chain", "draw"),
) -> Any:
    """Draw data from the model at each posterior draw.

    Parameters
    ----------
    trace : InferenceData, DataTree, Dataset, or mapping of str to array_like
        Result of `sample`, its posterior group, or arrays with chain and draw as leading axes.
    model : Model, optional
        Default: the innermost open model.
    var_names : str or sequence of str, optional
        Which variables; default the observed ones. A free variable named here is drawn anew, given
        the others. A deterministic is computed from the draws.
    predictions : bool, default False
        Put the draws in the group ``predictions``, for data other than those of the fit.
    random_seed : int, sequence of int, numpy Generator or SeedSequence, optional
        Default: fresh entropy. The draws of a variable do not depend on which others are drawn.
    extend_inferencedata : bool, default False
        Add the group to `trace` and return that.
    sample_dims : str or sequence of str, default ("chain", "draw")
        Dims of the trace that count draws.

    Returns
    -------
    InferenceData or DataTree
        Group ``posterior_predictive`` with ``observed_data`` and ``constant_data``, or
        ``predictions`` with ``predictions_constant_data``.

    Raises
    ------
    ModelError
        When the trace has no posterior, or nothing is left to draw.
    ShapeError
        When the shapes of the present data do not fit together.
    UnknownNameError
        When `var_names` names no variable.

    Warns
    -----
    RufousWarning
        When a free variable is needed that the trace lacks, or has in another shape: it is drawn
        from its prior.

    Notes
    -----
    Values of free variables come from the trace. The exceptions, which are drawn from the model
    given the rest: those named in `var_names`, those the trace lacks, those that depend on data
    exchanged since, and those along a dim whose labels have changed (new groups). Everything
    downstream of them is drawn or computed anew.

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
    owner = active_model(model, what="sample_posterior_predictive")
    dims = (sample_dims,) if isinstance(sample_dims, str) else tuple(sample_dims)
    if extend_inferencedata and not hasattr(trace, "groups"):
        raise SettingsError(
            "`extend_inferencedata` needs a trace that holds groups (the result of sample), got "
            f"{type(trace).__name__}"
        )
    draws = read_trace(trace, dims)
    wanted = named_variables(owner, var_names)
    asked = frozenset() if wanted is None else frozenset(wanted)
    if wanted is None:
        wanted = list(owner.observed_RVs)
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
    )
    groups = _groups(owner, draws, wanted, values, dims, predictions)
    if extend_inferencedata:
        name = "predictions" if predictions else "posterior_predictive"
        kept = {name: groups[name]}
        if predictions:
            kept["predictions_constant_data"] = groups["predictions_constant_data"]
        return extend(trace, kept, coords=owner.coords)
    return to_inference_data(groups, coords=owner.coords)


def _groups(
    model: Model,
    draws: Draws,
    wanted: Sequence[TensorVariable],
    values: Sequence[Array],
    sample_dims: tuple[str, ...],
    predictions: bool,
) -> dict[str, GroupSpec]:
    spec = GroupSpec(
        {
            str(v.name): value.reshape(*draws.sample_shape, *value.shape[1:])
            for v, value in zip(wanted, values, strict=True)
        },
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
    for name, reason in parts.renewed.items():
        _LOGGER.info("%r is drawn anew given the other variables: %s", name, reason)
