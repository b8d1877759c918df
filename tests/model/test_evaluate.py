"""Shapes without drawing."""

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

import rufous as rf
from rufous.model.evaluate import Evaluator, depends_on_randomness
from rufous.model.python_linker import run


@pytest.fixture
def data():
    return pytensor.shared(np.zeros((4, 3)), shape=(None, None))


@pytest.mark.parametrize(
    ("write", "shape"),
    [
        (lambda x: x, (4, 3)),
        (lambda x: x + 1.0, (4, 3)),
        (lambda x: x.sum(axis=0), (3,)),
        (lambda x: x.T, (3, 4)),
        (lambda x: x[:, 0] * 2, (4,)),
        (lambda x: x[1:3], (2, 3)),
        (lambda x: pt.dot(x, pt.ones(3)), (4,)),
        (lambda x: x[np.array([0, 1, 1, 0, 2])], (5, 3)),
        (lambda x: x.reshape((-1,)), (12,)),
        (lambda x: x.reshape((x.shape[1], 2, 2)), (3, 2, 2)),
        (lambda x: pt.concatenate([x, x]), (8, 3)),
        (lambda x: pt.stack([x, x]), (2, 4, 3)),
        (lambda x: pt.zeros(x.shape[0]), (4,)),
        (lambda x: x[:, None, :] + x[None, :, :], (4, 4, 3)),
        (lambda x: pt.linalg.cholesky(pt.dot(x, x.T)), (4, 4)),
        (lambda x: pt.cumsum(x, axis=0), (4, 3)),
        (lambda x: pt.switch(x > 0, x, 0.0), (4, 3)),
        (lambda x: pt.arange(x.shape[0]), (4,)),
        (lambda x: rf.Normal.dist(x, 1.0), (4, 3)),
        (lambda x: rf.Normal.dist(0, 1, shape=(2, x.shape[0])), (2, 4)),
        (lambda x: rf.Dirichlet.dist(pt.ones((x.shape[0], 5))), (4, 5)),
        (lambda x: rf.MvNormal.dist(pt.zeros(x.shape[1]), cov=pt.eye(3)), (3,)),
    ],
)
def test_shapes_of_common_graphs(data, write, shape):
    assert Evaluator().shape(write(data)) == shape


def test_lengths_that_do_not_fit_name_both(data):
    data.name = "x"
    other = pytensor.shared(np.zeros(2), name="y", shape=(None,))
    with pytest.raises(rf.ShapeError, match=r"lengths 2 and 3 do not fit on axis 1 .*x and y"):
        Evaluator().shape(data + other)


def test_an_axis_of_one_that_may_grow_is_not_stretched(data):
    other = pytensor.shared(np.zeros(1), name="y", shape=(None,))
    with pytest.raises(rf.ShapeError, match=r"y has length 1 on axis 1.*x\[0\]"):
        Evaluator().shape(data + other)


@pytest.mark.parametrize("size", [3, None])
def test_products_of_matrices_must_fit(data, size):
    data.name = "X"
    weights = pytensor.shared(np.zeros(5), name="w", shape=(5 if size else None,))
    for product in (pt.dot(data, weights), data @ weights):
        with pytest.raises(rf.ShapeError, match=r"lengths 3 and 5 do not fit in .* of X and w"):
            Evaluator().shape(product)


@pytest.mark.parametrize("index", [[0, 4], [-5, 0], 7])
@pytest.mark.parametrize("constant", [True, False])
def test_an_index_out_of_range_is_refused(index, constant):
    x = rf.Normal.dist(0, 1, shape=4)
    x.name = "county"
    at = np.array([0, *np.atleast_1d(index)])
    graph = x[at] if constant else x[pytensor.shared(at)]
    with pytest.raises(
        rf.ShapeError, match=r"index .* out of range for county, which has length 4"
    ):
        Evaluator().shape(graph)


def test_masks_and_random_indices_are_not_checked():
    x = rf.Normal.dist(0, 1, shape=4)
    assert Evaluator().shape(x[np.array([True, False, True, True])]) == (3,)
    assert Evaluator().shape(x[rf.Categorical.dist([0.5, 0.5], shape=7)]) == (7,)


def test_a_shape_that_depends_on_a_draw_is_refused():
    count = rf.Poisson.dist(3.0)
    with pytest.raises(rf.ShapeError, match="depends on the value"):
        Evaluator().shape(pt.zeros(count))


def test_the_shape_of_an_input_is_unknown():
    with pytest.raises(rf.ShapeError, match="is an input of the graph"):
        Evaluator().shape(pt.dvector("x"))


def test_an_op_that_does_not_know_its_shape_is_run():
    shared = pytensor.shared(np.array([1.0, 0.0, 2.0]))
    assert Evaluator().shape(pt.nonzero(shared)[0]) == (2,)


def test_an_op_that_fails_says_so():
    shared = pytensor.shared(np.ones((2, 3)))
    with pytest.raises(rf.ShapeError, match=r"the shape of .* cannot be found: .* give it with"):
        Evaluator().shape(pt.nonzero(pt.specify_shape(shared, (2, 2)))[0])


def test_deep_graphs_do_not_exhaust_the_stack(data):
    graph = data
    for _ in range(3000):
        graph = graph + 1.0
    assert Evaluator().shape(graph) == (4, 3)


def test_randomness_is_found_wherever_it_is():
    x = rf.Normal.dist(0, 1)
    assert depends_on_randomness(pt.exp(x) + 1)
    assert not depends_on_randomness(pt.exp(pt.constant(1.0)))


def test_run_evaluates_a_graph_once():
    x = pt.dscalar()
    [value] = run([pt.exp(x)], {x: 1.0})
    np.testing.assert_allclose(value, np.e)
