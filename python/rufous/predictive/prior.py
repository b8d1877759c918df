"""Draws from the prior and the prior predictive distribution."""

from __future__ import annotations

import warnings
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from rufous.errors import ModelError, RufousWarning
from rufous.model.checks import check_dims
from rufous.model.context import active_model
from rufous.model.seeds import seed_sequence
from rufous.predictive.draw import check_draws
from rufous.predictive.forward import forward
from rufous.predictive.groups import data_groups, dims_of, named_variables
from rufous.predictive.options import Labels, check_flag, evaluation_mode
from rufous.results import GroupSpec, to_inference_data

if TYPE_CHECKING:
    from rufous._typing import RandomSeed
    from rufous.model.model import Model

__all__ = ["sample_prior_predictive"]


def sample_prior_predictive(
    draws: int = 500,
    model: Model | None = None,
    var_names: str | Sequence[str] | None = None,
    random_seed: RandomSeed = None,
    return_inferencedata: bool = True,
    idata_kwargs: Mapping[str, Any] | None = None,
    backend: None = None,
    compile_kwargs: Mapping[str, Any] | None = None,
) -> Any:
    """Draw all variables of a model from the prior, data included.

    Parameters
    ----------
    draws : int, default 500
        How many draws.
    model : Model, optional
        Default: the innermost open model.
    var_names : str or sequence of str, optional
        Which variables; default all random variables and deterministics.
    random_seed : int, sequence of int, numpy Generator or SeedSequence, optional
        Default: fresh entropy. The draws of a variable do not depend on which others are drawn.
    return_inferencedata : bool, default True
        False returns a dict of arrays by name, with the draws along the first axis.
    idata_kwargs : dict, optional
        May hold ``dims`` (of variables, by name) and ``coords`` (labels of dims) for the result.
    backend : None
        Not there: all draws are made in one call with NumPy.
    compile_kwargs : dict, optional
        May hold ``mode``, the mode of PyTensor in which the model is evaluated.

    Returns
    -------
    InferenceData or DataTree, or dict
        Groups ``prior`` (free variables and deterministics), ``prior_predictive`` (observed
        variables), ``observed_data`` and ``constant_data``; one chain.

    Raises
    ------
    ModelError
        When a variable cannot be drawn, or the model has none.
    UnsupportedError
        When a prior is improper.
    UnknownNameError
        When `var_names` names no variable.

    Warns
    -----
    RufousWarning
        When the model has potentials: draws cannot follow them.

    Notes
    -----
    All draws are made in one call with NumPy's generators; nothing is compiled.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model():
    ...     mu = rf.Normal("mu", 0, 1)
    ...     y = rf.Normal("y", mu, 1, observed=[0.1, 0.7])
    ...     idata = rf.sample_prior_predictive(100, random_seed=1)
    >>> idata["prior_predictive"]["y"].shape
    (1, 100, 2)
    """
    check_draws(draws)
    labels, mode = Labels.read(idata_kwargs), evaluation_mode(backend, compile_kwargs)
    owner = active_model(model, what="sample_prior_predictive")
    wanted = named_variables(owner, var_names)
    if wanted is None:
        wanted = [*owner.basic_RVs, *owner.deterministics]
    if not wanted:
        raise ModelError("the model has no random variables to draw")
    _warn_of_potentials(owner)
    check_dims(owner, [str(v.name) for v in wanted])
    seed = seed_sequence(random_seed)
    values = forward(wanted, draws, seed=seed, evaluator=owner.evaluator, mode=mode)
    if not check_flag("return_inferencedata", return_inferencedata):
        return {str(v.name): value for v, value in zip(wanted, values, strict=True)}
    drawn = {str(v.name): value[None] for v, value in zip(wanted, values, strict=True)}
    observed = {str(v.name) for v in owner.observed_RVs}
    dims = dims_of(owner, wanted)
    groups = {
        "prior": GroupSpec({n: v for n, v in drawn.items() if n not in observed}, dims),
        "prior_predictive": GroupSpec({n: v for n, v in drawn.items() if n in observed}, dims),
        **data_groups(owner),
    }
    return to_inference_data(labels.on(groups), coords={**owner.coords, **labels.coords})


def _warn_of_potentials(model: Model) -> None:
    if model.potentials:
        names = ", ".join(repr(p.name) for p in model.potentials)
        warnings.warn(
            f"the model has potentials ({names}), which draws from the prior do not follow: they "
            "are draws of the model without these terms",
            RufousWarning,
            stacklevel=3,
        )
