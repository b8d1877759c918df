"""The first arguments of `rufous.sample`: a model in any form, and which variables to keep."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING, TypeAlias

import numpy as np

from rufous.compile.compile_model import EvaluatorName
from rufous.compile.compile_model import compile as compile_model
from rufous.compile.compiled_model import CompiledModel
from rufous.compile.pymc_like import PymcLike, is_pymc_model
from rufous.errors import ModelError, SettingsError
from rufous.model.context import active_model

if TYPE_CHECKING:
    from rufous.model.model import Model

__all__ = ["Sampleable", "compiled_model", "model_and_draws"]

#: What can be sampled.
Sampleable: TypeAlias = "Model | CompiledModel | PymcLike"


def model_and_draws(
    first: Sampleable | int | None, draws: int | None, model: Sampleable | None = None
) -> tuple[Sampleable | None, int | None]:
    """Sort out the first two arguments, and the model by name.

    Raises
    ------
    SettingsError
        When the model or the number of draws was given twice.
    """
    if isinstance(first, int | np.integer):
        if draws is not None:
            raise SettingsError(
                f"`draws` was given twice: {first} in first place, where a number means draws, "
                f"and {draws}."
            )
        return model, int(first) if not isinstance(first, bool) else first
    if first is not None and model is not None:
        raise SettingsError("`model` was given twice: in first place and by name.")
    return (model if first is None else first), draws


def compiled_model(
    model: Sampleable | None,
    evaluator: EvaluatorName,
    var_names: Sequence[str] | None,
    *,
    what: str = "sample()",
) -> CompiledModel:
    """Compile what is not compiled yet; `what` was called, for the message when there is no model.

    Raises
    ------
    SettingsError
        When `evaluator` is not that of a CompiledModel, or `var_names` is no list of names.
    UnknownNameError
        When `var_names` names a variable that is not stored.
    ModelError
        When `model` is something else.
    """
    if isinstance(model, CompiledModel):
        if evaluator not in ("auto", model.evaluator):
            raise SettingsError(
                f"`evaluator` must be left out for a CompiledModel, which has its own "
                f"({model.evaluator!r}), got {evaluator!r}."
            )
        _check_names(model, var_names)
        return model
    if model is None:
        model = active_model(what=what)
    if _is_model(model) or is_pymc_model(model):
        return compile_model(model, evaluator=evaluator, var_names=var_names)
    raise ModelError(
        "`model` must be a Model, a CompiledModel, a pymc.Model or None, "
        f"got {type(model).__name__}."
    )


def _is_model(candidate: object) -> bool:
    """Whether something is a model; the class, and PyTensor with it, is there if one is."""
    module = sys.modules.get("rufous.model.model")
    return module is not None and isinstance(candidate, module.Model)


def _check_names(compiled: CompiledModel, var_names: Sequence[str] | None) -> None:
    """Refuse names of variables that would not be there to keep."""
    if isinstance(var_names, str):
        raise SettingsError(
            f"`var_names` must be a sequence of names, got the string {var_names!r}; "
            f"write [{var_names!r}]."
        )
    if var_names is not None and not len(var_names):
        raise SettingsError(
            "`var_names` is empty; name at least one variable, or leave it out to keep all."
        )
    for name in var_names or ():
        compiled.stored[name]
