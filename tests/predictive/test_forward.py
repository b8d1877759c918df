"""Forward draws: every draw as if it had been made alone."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import rufous as rf
from rufous.model.evaluate import Evaluator
from rufous.model.python_linker import run
from rufous.model.seeds import seed_sequence
from rufous.predictive import forward as forward_module
from rufous.predictive.forward import forward

DATA = np.array([0, 2, 1, 1])


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x + 1,
        lambda x: x[DATA],
        lambda x: x[pytensor.shared(DATA)],
        lambda x: x[0],
        lambda x: x[1:],
        lambda x: x[:, None] * x[None, :],
        lambda x: pt.dot(np.arange(12.0).reshape(4, 3), x),
        lambda x: x.sum() + pt.zeros(5),
        lambda x: pt.concatenate([x, [1.0]]),
        lambda x: pt.stack([x, x]),
        lambda x: x.reshape((3, 1)),
        lambda x: pt.zeros(x.shape) + x.shape[0],
        lambda x: pt.set_subtensor(pt.zeros(5)[:3], x),
        lambda x: pt.cumsum(x),
        lambda x: pt.linalg.cholesky(pt.eye(3) + pt.exp(x[:, None] + x[None, :]) * pt.eye(3)),
        lambda x: pt.sort(x),
        lambda x: pt.special.softmax(x),
        lambda x: pt.special.log_softmax(x),
        lambda x: pt.softplus(x),
        lambda x: pt.log1mexp(-pt.exp(x)),
        lambda x: pt.add(x, x, x) * pt.mul(x, x, x),
        lambda x: pt.cast(x * 10, "int64"),
        lambda x: pt.switch(x > 0, x, 0.0),
        lambda x: pt.second(x, 2.0),
        lambda x: pt.logsumexp(x),
        lambda x: x.max(),
        lambda x: pt.sigmoid(x),
    ],
)
def test_expressions_are_those_of_single_draws(write):
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1, shape=3)
    given = np.random.default_rng(1).normal(size=(6, 3))
    graph = write(x)
    [values] = forward(
        [graph], 6, given={x: given}, seed=seed_sequence(1), evaluator=model.evaluator
    )
    alone = np.stack([run([graph], {x: row})[0] for row in given])
    np.testing.assert_allclose(values, alone, rtol=1e-12)
    assert values.dtype == graph.dtype


def test_constants_are_repeated():
    [values] = forward([pt.ones(3) * 2], 4, seed=seed_sequence(1), evaluator=Evaluator())
    np.testing.assert_array_equal(values, np.full((4, 3), 2.0))


@pytest.mark.parametrize(
    ("write", "shape"),
    [
        (lambda m: rf.Normal.dist(m, 1e-9), ()),
        (lambda m: rf.Normal.dist(m, np.full(2, 1e-9)), (2,)),
        (lambda m: rf.Normal.dist(m, 1e-9, shape=(4, 2)), (4, 2)),
        (lambda m: rf.Normal.dist(m + np.zeros((4, 1)), np.full(2, 1e-9)), (4, 2)),
        (lambda m: rf.MvNormal.dist(m + np.zeros(2), cov=1e-18 * np.eye(2)), (2,)),
        (lambda m: rf.MvNormal.dist(m + np.zeros(2), cov=1e-18 * np.eye(2), shape=(4, 2)), (4, 2)),
    ],
)
def test_parameters_that_differ_between_draws_line_up(write, shape):
    with rf.Model():
        m = rf.Normal("m", 0, 100)
    drawn, at = forward([write(m), m], 5, seed=seed_sequence(1), evaluator=Evaluator())
    assert drawn.shape == (5, *shape)
    np.testing.assert_allclose(
        drawn, np.broadcast_to(at.reshape(5, *[1] * len(shape)), drawn.shape)
    )


def test_chunks_do_not_change_the_draws(monkeypatch):
    with rf.Model():
        x = rf.Normal("x", 0, 1, shape=3)
        y = rf.Poisson("y", pt.exp(x))
    whole = forward([x, y], 50, seed=seed_sequence(1), evaluator=Evaluator())
    monkeypatch.setattr(forward_module, "_MAX_ELEMENTS", 70)
    parts = forward([x, y], 50, seed=seed_sequence(1), evaluator=Evaluator())
    for one, other in zip(whole, parts, strict=True):
        np.testing.assert_array_equal(one, other)


def test_draws_of_a_variable_do_not_depend_on_the_others():
    with rf.Model():
        x = rf.Normal("x", 0, 1)
        y = rf.Normal("y", 0, 1)
    [alone] = forward([y], 5, seed=seed_sequence(1), evaluator=Evaluator())
    _, together = forward([x, y], 5, seed=seed_sequence(1), evaluator=Evaluator())
    np.testing.assert_array_equal(alone, together)
