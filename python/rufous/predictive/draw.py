"""Draws of single variables, for a look at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from pytensor.graph.basic import Variable

from rufous.errors import ModelError, SettingsError
from rufous.model.evaluate import Evaluator
from rufous.model.seeds import seed_sequence
from rufous.predictive.forward import forward
from rufous.predictive.options import evaluation_mode

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array, RandomSeed

__all__ = ["check_draws", "draw"]


def draw(
    vars: TensorVariable | Sequence[TensorVariable],
    draws: int = 1,
    random_seed: RandomSeed = None,
    *,
    backend: None = None,
    mode: Any = None,
) -> Array | list[Array]:
    """Draw variables from their prior.

    Parameters
    ----------
    vars : TensorVariable or sequence of them
        Random variables, of a model or made with ``.dist()``, and expressions of them.
    draws : int, default 1
        How many draws.
    random_seed : int, sequence of int, numpy Generator or SeedSequence, optional
        Default: fresh entropy.
    backend : None
        Not there: all draws are made in one call with NumPy.
    mode : Mode or str, optional
        Of PyTensor, in which the graph is evaluated; default its Python linker.

    Returns
    -------
    ndarray or list of ndarray
        One array per variable: of its shape for one draw, with a leading axis of `draws` otherwise.

    Raises
    ------
    SettingsError
        When `draws` is not a positive integer.
    ModelError
        When a variable cannot be drawn.

    Examples
    --------
    >>> import rufous as rf
    >>> x = rf.Normal.dist(10, [1, 2, 3])
    >>> rf.draw(x, draws=5, random_seed=1).shape
    (5, 3)
    """
    check_draws(draws)
    single = isinstance(vars, Variable)
    if not single and not isinstance(vars, list | tuple):
        raise ModelError(f"draw needs a variable or a list of them, got {vars!r}")
    wanted = [vars] if single else list(vars)
    for variable in wanted:
        if not isinstance(variable, Variable):
            raise ModelError(
                f"draw needs variables, got {variable!r}; take them from the model: model['x']"
            )
    chosen = evaluation_mode(backend, {} if mode is None else {"mode": mode})
    seed = seed_sequence(random_seed)
    values = forward(wanted, draws, seed=seed, evaluator=Evaluator(), mode=chosen)
    values = [value[0] for value in values] if draws == 1 else values
    return values[0] if single else values


def check_draws(draws: int) -> None:
    """Refuse a number of draws that is no positive integer."""
    if isinstance(draws, bool) or not isinstance(draws, int | np.integer) or draws < 1:
        raise SettingsError(f"`draws` must be a positive integer, got {draws!r}; 500 is typical")
