"""Log densities of observed and of free variables at each posterior draw."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from rufous.derived.density import logp
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
from rufous.results import extend, get_group, to_inference_data

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous.model.model import Model

__all__ = ["compute_log_likelihood", "compute_log_prior"]


def compute_log_likelihood(
    idata: Any,
    *,
    var_names: VarNames = None,
    extend_inferencedata: bool = True,
    model: Model | None = None,
    sample_dims: SampleDims = ("chain", "draw"),
    progressbar: bool = True,
    backend: None = None,
    compile_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Compute the log likelihood of each observation at each posterior draw.

    Parameters
    ----------
    idata : InferenceData, DataTree, Dataset, or mapping of str to array_like
        Result of `sample`, its posterior group, or arrays with chain and draw as leading axes. It
        must hold the free variables; deterministics are computed from them.
    var_names : str or sequence of str, optional
        Observed variables; all by default.
    extend_inferencedata : bool, default True
        Add the group ``log_likelihood`` to `idata` and return that.
    model : Model, optional
        Default: the innermost open model.
    sample_dims : str or sequence of str, default ("chain", "draw")
        Dims of `idata` that count draws.
    progressbar : bool, default True
        Taken as PyMC's; all draws are evaluated in one call, which has no progress to show.
    backend : None
        Not there: evaluated with NumPy in one call.
    compile_kwargs : dict, optional
        May hold ``mode``, the mode of PyTensor in which the densities are evaluated.

    Returns
    -------
    InferenceData or DataTree, or Dataset
        `idata` itself, or the group alone. A variable whose last axes are one observation (a
        vector with a multivariate normal, say) has one number for each.

    Raises
    ------
    ModelError
        When there is no model, nothing is observed, or `idata` lacks a free variable.
    ShapeError
        When a free variable has another shape now.
    SettingsError
        When `idata` cannot be extended.
    UnknownNameError
        When `var_names` names no observed variable.

    References
    ----------
    Vehtari, Gelman and Gabry (2017). Practical Bayesian model evaluation using leave-one-out
    cross-validation and WAIC. Statistics and Computing 27, 1413-1432: what the group is for.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     mu = rf.Normal("mu", 0, 1)
    ...     y = rf.Normal("y", mu, 1, observed=[0.5, 1.5, -0.5])
    >>> found = rf.compute_log_likelihood(
    ...     {"mu": np.zeros((4, 100))}, model=model, extend_inferencedata=False
    ... )
    >>> found["y"].shape
    (4, 100, 3)
    """
    mode = evaluation_mode(backend, compile_kwargs, progressbar)
    owner = active_model(model, what="compute_log_likelihood")
    terms = {
        name: logp(variable, owner.rvs_to_values[variable])
        for name, variable in chosen(owner.observed_RVs, var_names, "observed variable").items()
    }
    return _group(owner, idata, terms, "log_likelihood", extend_inferencedata, sample_dims, mode)


def compute_log_prior(
    idata: Any,
    *,
    var_names: VarNames = None,
    extend_inferencedata: bool = True,
    model: Model | None = None,
    sample_dims: SampleDims = ("chain", "draw"),
    progressbar: bool = True,
    backend: None = None,
    compile_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Compute the log density of each free variable, given the others, at each posterior draw.

    Parameters
    ----------
    idata : InferenceData, DataTree, Dataset, or mapping of str to array_like
        As for :func:`compute_log_likelihood`.
    var_names : str or sequence of str, optional
        Free variables; all by default.
    extend_inferencedata : bool, default True
        Add the group ``log_prior`` to `idata` and return that.
    model : Model, optional
        Default: the innermost open model.
    sample_dims : str or sequence of str, default ("chain", "draw")
        Dims of `idata` that count draws.
    progressbar : bool, default True
        Taken as PyMC's; all draws are evaluated in one call, which has no progress to show.
    backend : None
        Not there: evaluated with NumPy in one call.
    compile_kwargs : dict, optional
        May hold ``mode``, the mode of PyTensor in which the densities are evaluated.

    Returns
    -------
    InferenceData or DataTree, or Dataset
        `idata` itself, or the group alone. Densities are those of the variables themselves, without
        the Jacobian determinants of transforms.

    Raises
    ------
    ModelError, ShapeError, SettingsError, UnknownNameError
        As for :func:`compute_log_likelihood`.

    Examples
    --------
    >>> import numpy as np
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     mu = rf.Normal("mu", 0, 1, shape=2)
    >>> found = rf.compute_log_prior(
    ...     {"mu": np.zeros((1, 3, 2))}, model=model, extend_inferencedata=False
    ... )
    >>> found["mu"].shape
    (1, 3, 2)
    """
    mode = evaluation_mode(backend, compile_kwargs, progressbar)
    owner = active_model(model, what="compute_log_prior")
    terms = {
        name: logp(variable, variable)
        for name, variable in chosen(owner.free_RVs, var_names, "free variable").items()
    }
    return _group(owner, idata, terms, "log_prior", extend_inferencedata, sample_dims, mode)


def _group(
    model: Model,
    idata: Any,
    terms: dict[str, TensorVariable],
    group: str,
    extends: bool,
    sample_dims: SampleDims,
    mode: Any,
) -> Any:
    if extends and not hasattr(idata, "groups"):
        raise SettingsError(
            "`extend_inferencedata` needs an `idata` that holds groups (the result of sample), got "
            f"{type(idata).__name__}; pass extend_inferencedata=False"
        )
    dims = sample_dim_names(sample_dims)
    draws = read_trace(idata, dims)
    values = dict(zip(terms, at_draws(model, draws, list(terms.values()), mode), strict=True))
    groups = {group: group_at_draws(model, draws, values, dims)}
    if extends:
        return extend(idata, groups, coords=model.coords)
    return get_group(to_inference_data(groups, coords=model.coords), group)
