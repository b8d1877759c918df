"""Draw variables forward through a model, all draws in one call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import pytensor
import pytensor.tensor as pt

from rufous.errors import ModelError, RufousError
from rufous.model.python_linker import PYTHON_MODE
from rufous.predictive.batched import Batched

if TYPE_CHECKING:
    from pytensor.tensor.variable import TensorVariable

    from rufous._typing import Array
    from rufous.model.evaluate import Evaluator

__all__ = ["forward"]

# Draws are taken in chunks whose arrays together stay below this many numbers (512 MiB).
_MAX_ELEMENTS = 2**26


def forward(
    wanted: Sequence[TensorVariable],
    num_draws: int,
    *,
    given: Mapping[TensorVariable, Array] | None = None,
    seed: np.random.SeedSequence,
    evaluator: Evaluator,
    mode: Any = PYTHON_MODE,
) -> list[Array]:
    """Draw variables, and what they depend on, by following the graph from the roots.

    Parameters
    ----------
    wanted : sequence of TensorVariable
        Random variables and expressions of them.
    num_draws : int
        How many draws.
    given : mapping of TensorVariable to ndarray of shape (num_draws, *shape), optional
        Variables whose draws are known: they are used and not drawn.
    seed : SeedSequence
        Each random variable draws from a generator keyed by its name.
    evaluator : Evaluator
        Shapes of the variables of one draw.
    mode : Mode or str, optional
        Of PyTensor, in which the graph is evaluated.

    Returns
    -------
    list of ndarray of shape (num_draws, *shape)
        One per variable of `wanted`, in its dtype.

    Raises
    ------
    ModelError
        When a variable cannot be drawn, for example as a parameter is negative; names it.
    """
    program = _Program(wanted, dict(given or {}), seed, evaluator, mode)
    return program.run(num_draws)


class _Program:
    """The compiled function for some variables, with the inputs it needs."""

    def __init__(
        self,
        wanted: Sequence[TensorVariable],
        given: dict[TensorVariable, Array],
        seed: np.random.SeedSequence,
        evaluator: Evaluator,
        mode: Any,
    ) -> None:
        self._wanted, self._given, self._mode = list(wanted), given, mode
        self._seed, self._evaluator = seed, evaluator
        self._count = pt.lscalar("num_draws")
        self._batched = Batched(self._count, seed, evaluator)
        self._inputs = [self._batched.give(v, str(v.name)) for v in given]
        outputs = self._batched.add(self._wanted)
        self._function = self._compile(outputs, self._batched.updates)

    def _compile(self, outputs: list[TensorVariable], updates: Mapping[Any, Any]) -> Any:
        return pytensor.function(
            [self._count, *self._inputs],
            outputs,
            updates=updates,
            mode=self._mode,
            on_unused_input="ignore",
        )

    def run(self, num_draws: int) -> list[Array]:
        """Draw in chunks that bound the memory, and join them."""
        chunk = max(1, min(num_draws, _MAX_ELEMENTS // max(1, self._batched.elements)))
        parts = [
            self._call(start, min(start + chunk, num_draws)) for start in range(0, num_draws, chunk)
        ]
        if len(parts) == 1:
            return parts[0]
        return [np.concatenate(column) for column in zip(*parts, strict=True)]

    def _call(self, start: int, stop: int) -> list[Array]:
        inputs = [values[start:stop] for values in self._given.values()]
        try:
            with np.errstate(all="ignore"):
                results = self._function(stop - start, *inputs)
        except RufousError:
            raise
        except Exception as error:
            reason = str(error).partition("\n")[0]
            culprit = self._culprit(stop - start, inputs)
            raise ModelError(f"{culprit} failed: {reason}") from error
        return [np.asarray(result) for result in results]

    def _culprit(self, num_draws: int, inputs: list[Array]) -> str:
        """Name the first variable that cannot be drawn."""
        for variable in self._batched.drawn:
            try:
                with np.errstate(all="ignore"):
                    self._compile([variable], {})(num_draws, *inputs)
            except Exception:
                return f"drawing {variable.name!r}"
        return "evaluating an expression of the draws"
