from __future__ import annotations

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest
from pytensor.compile.mode import get_mode
from pytensor.graph.basic import Constant
from pytensor.scan.op import Scan

from compile.small_models import finite_differences
from rufous.compile.compile_model import compile
from rufous.compile.lower import MAX_INLINE_SIZE, lower
from rufous.distributions import Normal
from rufous.model.model import Model
from rufous.model.variables import Potential

MATRIX = np.random.default_rng(0).normal(size=(5, 5)) * 0.3


def scan(step, **arguments):
    try:
        return pytensor.scan(step, return_updates=False, **arguments)
    except TypeError:  # older versions of PyTensor return updates too
        return pytensor.scan(step, **arguments)[0]


def as_argument(x):
    return scan(
        lambda state, matrix: pt.tanh(matrix @ state),
        outputs_info=[x],
        non_sequences=[pt.constant(MATRIX)],
        n_steps=4,
    )


def as_closure(x):
    return scan(lambda state: pt.tanh(pt.constant(MATRIX) @ state), outputs_info=[x], n_steps=4)


@pytest.mark.parametrize("loop", [as_argument, as_closure])
def test_matrices_leave_the_loop_and_its_gradient(loop):
    x = pt.tensor("x", shape=(5,), dtype="float64")
    total = loop(x)[-1].sum()
    outputs = [total, pt.grad(total, x)]
    lowered = lower([x], {}, outputs, get_mode("NUMBA"))
    loops = [node.op for node in lowered.graph.toposort() if isinstance(node.op, Scan)]
    assert len(loops) == 2
    for op in loops:
        inside = [v for node in op.fgraph.toposort() for v in node.inputs]
        assert all(v.data.size <= MAX_INLINE_SIZE for v in inside if isinstance(v, Constant))
    assert any(np.array_equal(slot.constant, MATRIX) for slot in lowered.slots)


def loop_model(matrix):
    with Model() as model:
        x = Normal("x", 0, 1, shape=5)
        step = scan(lambda state: pt.tanh(pt.constant(matrix) @ state), outputs_info=[x], n_steps=4)
        Potential("end", step[-1].sum())
    return model


def loop_logp(position, matrix):
    state = position
    for _ in range(4):
        state = np.tanh(matrix @ state)
    return state.sum() - 0.5 * np.sum(position**2) - 2.5 * np.log(2 * np.pi)


def test_values_and_code_for_other_matrices():
    position = np.linspace(-1, 1, 5)
    for matrix in (MATRIX, MATRIX.T.copy()):
        compiled = compile(loop_model(matrix), evaluator="numba")
        value, gradient = compiled.logp_dlogp(position)
        np.testing.assert_allclose(value, loop_logp(position, matrix), rtol=1e-12)
        numerical = finite_differences(lambda at, m=matrix: loop_logp(at, m), position)
        np.testing.assert_allclose(gradient, numerical, atol=1e-6)
    assert compiled.source.program.from_cache
