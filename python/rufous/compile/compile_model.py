"""The public door: a model becomes native code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias, cast

from rufous.compile.compiled_model import CompiledModel
from rufous.compile.pymc_like import PymcLike, is_pymc_model
from rufous.errors import (
    CompileError,
    ModelError,
    SettingsError,
    ShapeError,
    UnknownNameError,
    UnsupportedError,
)
from rufous.model.context import active_model
from rufous.model.names import known_names

if TYPE_CHECKING:
    from rufous.model.model import Model

__all__ = ["EvaluatorName", "compile"]

#: Names of what can compute the log density.
EvaluatorName: TypeAlias = Literal["auto", "native", "numba"]

_EVALUATORS = ("auto", "native", "numba")


def compile(
    model: Model | PymcLike | None = None,
    *,
    evaluator: EvaluatorName = "auto",
    var_names: Sequence[str] | None = None,
) -> CompiledModel:
    """Compile the log density and gradient of a model to native code.

    Parameters
    ----------
    model : Model or pymc.Model, optional
        A model of PyMC 6 is taken as it is, with its names, dims, coords and data. Default: the
        innermost open model of Rufous. A nested model stands for the whole it is part of.
    evaluator : {"auto", "native", "numba"}, default "auto"
        What computes the log density. ``"native"`` is Rufous's own interpreter, ready in
        milliseconds; ``"numba"`` compiles with LLVM. ``"auto"`` takes the native one, and Numba
        for a whole model in which an operation is missing there; :meth:`CompiledModel.explain`
        says which.
    var_names : sequence of str, optional
        Free variables and deterministics to store; default all of them.

    Returns
    -------
    CompiledModel
        Give it to :func:`rufous.sample` as often as wanted; :meth:`CompiledModel.bind` puts other
        data behind the same code.

    Raises
    ------
    ModelError
        When there is no model, or nothing to sample in it.
    UnsupportedError
        For a discrete free variable, or an operation without native code.
    SettingsError
        For an unknown `evaluator`.
    UnknownNameError
        For an unknown name in `var_names`.

    Notes
    -----
    Nothing is compiled for the native evaluator. With Numba the first compile of a model takes
    seconds and is stored on disk (in PyTensor's cache directory); the same model loads in a
    fraction of a second afterwards, in other processes and with other data of the same shapes too.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Normal("x", 0, 1, shape=3)
    >>> rf.compile(model)
    CompiledModel: 3 unconstrained parameters, 3 stored values, evaluator 'native'
      x[3]
    """
    # Whoever comes here has a model, and with it PyTensor; a saved plan needs neither.
    from rufous.compile.native_program import compile_plan
    from rufous.compile.native_source import NativeSource
    from rufous.compile.state import DataState

    checked = _model(model)
    _check_evaluator(evaluator)
    _check_free_variables(checked)
    names = _stored_names(checked, var_names)
    checked.check_shapes()
    checked.check_stored()
    state = DataState.of(checked)
    reason = ""
    if evaluator != "numba":
        try:
            return NativeSource(checked, compile_plan(checked, names), state).compiled()
        except (UnsupportedError, ShapeError, CompileError) as error:
            # Wrong data come up again there, with the same words or better ones.
            if evaluator == "native":
                raise
            reason = str(error)
    # Numba's import is the larger part of a warm start, so it happens after all refusals.
    from rufous.compile.flatten import flatten
    from rufous.compile.numba import compile_program
    from rufous.compile.source import GraphSource, stored_layout

    layout = stored_layout(checked, names)
    flat = flatten(checked, names)
    program = compile_program(flat)
    return GraphSource(checked, flat, program, "numba", layout, state, reason).compiled()


def _model(model: Any) -> Model:
    """Find the model: one of Rufous or of PyMC, or the innermost open one."""
    if is_pymc_model(model):
        from rufous.compile.pymc_model import PymcModel

        # It answers everything that is asked here.
        return cast("Model", PymcModel(model))
    return active_model(model, what="compile()").root


def _check_evaluator(evaluator: str) -> None:
    if evaluator not in _EVALUATORS:
        choices = " or ".join(f'"{name}"' for name in _EVALUATORS)
        raise SettingsError(f"`evaluator` must be {choices}, got {evaluator!r}")


def _check_free_variables(model: Model) -> None:
    if not model.free_RVs:
        raise ModelError(
            "the model has no free variables, so there is nothing to sample. A variable is free "
            "when it has no observed=; to draw from the priors or predictions of a model use "
            "sample_prior_predictive."
        )
    discrete = [model.values_to_rvs[value].name for value in model.discrete_value_vars]
    if discrete:
        names = ", ".join(repr(name) for name in discrete)
        raise UnsupportedError(
            f"{names} has discrete values, and gradient-based sampling moves only through real "
            "numbers. Sum the variable out of the model (marginalise: add the log of the sum of "
            "the densities over its values with Potential), or give it observed=."
        )


def _stored_names(model: Model, var_names: Sequence[str] | None) -> list[str]:
    there = [variable.name for variable in [*model.free_RVs, *model.deterministics]]
    if var_names is None:
        return there
    if isinstance(var_names, str):
        raise SettingsError(
            f"`var_names` must be a sequence of names, got the string {var_names!r}; "
            f"write [{var_names!r}]"
        )
    wanted = list(var_names)
    if not wanted:
        raise SettingsError(
            "`var_names` is empty; name at least one variable, or leave it out to store all"
        )
    for name in wanted:
        if name not in there:
            raise UnknownNameError(
                f"`var_names` has {name!r}, which is no free variable or deterministic; "
                f"{known_names(name, there)}"
            )
    return [name for name in there if name in wanted]
