from __future__ import annotations

import gc
import threading

import numpy as np
import pytest

from compile.small_models import GROUP, X, Y, finite_differences, regression, regression_logp
from rufous.compile.compile_model import compile
from rufous.distributions import Normal
from rufous.errors import ModelError, ShapeError, UnknownNameError
from rufous.model.model import Model

POSITIONS = np.random.default_rng(1).normal(size=(20, 3))


def test_layouts(compiled):
    assert compiled.dim == 3
    assert compiled.unconstrained.names == ("effect", "sigma_log__")
    assert compiled.stored.names == ("effect", "sigma", "mu", "rows", "above")
    assert compiled.stored["mu"].dims == ("row",)
    assert compiled.stored["rows"].dtype == np.int64
    assert compiled.stored["above"].dtype == np.bool_
    assert compiled.target.num_values == compiled.stored.size == 2 + 1 + 3 + 1 + 3
    assert compiled.evaluator in ("native", "numba")


def test_coords_and_data(compiled):
    assert compiled.coords["group"].tolist() == ["a", "b"]
    assert compiled.coords["row"].tolist() == [0, 1, 2]
    values, dims = compiled.observed_data["observed"]
    assert values.tolist() == Y.tolist()
    assert dims == ("row",)
    assert set(compiled.constant_data) == {"x", "group_of_row"}
    assert compiled.constant_data["x"][1] == ("row", None)


@pytest.mark.parametrize("position", POSITIONS)
def test_value_and_gradient(compiled, position):
    def reference(at):
        return regression_logp(at, X, GROUP, Y)

    value, gradient = compiled.logp_dlogp(position)
    np.testing.assert_allclose(value, reference(position), rtol=1e-12)
    np.testing.assert_allclose(
        gradient, finite_differences(reference, position), rtol=1e-5, atol=1e-6
    )


def test_expand(compiled):
    position = POSITIONS[0]
    values = compiled.expand(position)
    mu = position[:2][GROUP] + X[:, 0]
    np.testing.assert_allclose(values["effect"], position[:2])
    np.testing.assert_allclose(values["sigma"], np.exp(position[2]))
    np.testing.assert_allclose(values["mu"], mu)
    assert values["rows"] == 3
    assert values["rows"].dtype == np.int64
    assert values["above"].dtype == np.bool_
    assert values["above"].tolist() == (mu > 1).tolist()


@pytest.mark.parametrize("shape", [(2,), (4,), (3, 1), ()])
def test_a_position_of_another_shape_is_refused(compiled, shape):
    with pytest.raises(ShapeError, match=r"must have shape \(3,\)"):
        compiled.logp_dlogp(np.zeros(shape))
    with pytest.raises(ShapeError, match=r"must have shape \(3,\)"):
        compiled.expand(np.zeros(shape))


def test_a_strided_position_is_read_right(compiled):
    strided = np.zeros((3, 2))
    strided[:, 0] = POSITIONS[3]
    assert compiled.logp_dlogp(strided[:, 0])[0] == compiled.logp_dlogp(POSITIONS[3])[0]


def test_not_finite_is_returned_as_it_is(compiled):
    value, _ = compiled.logp_dlogp([0.0, 0.0, 800.0])
    assert value == -np.inf
    value, gradient = compiled.logp_dlogp([np.nan, 0.0, 0.0])
    assert np.isnan(value)
    assert np.isnan(gradient[0])


def test_threads_agree(compiled):
    expected = [compiled.logp_dlogp(position) for position in POSITIONS]
    failures = []

    def work():
        for _ in range(50):
            for position, (value, gradient) in zip(POSITIONS, expected, strict=True):
                got = compiled.logp_dlogp(position)
                if got[0] != value or not np.array_equal(got[1], gradient):
                    failures.append(position)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failures


def test_data_stay_alive_without_the_model():
    compiled = compile(regression()).bind({"x": X + 1.0, "y": Y})
    target = compiled.target
    expected = target.logp_dlogp(POSITIONS[0])
    del compiled
    gc.collect()
    # Memory that was given back would be handed out again to these.
    _ = [np.full((3, 2), np.nan) for _ in range(1000)]
    value, gradient = target.logp_dlogp(POSITIONS[0])
    assert value == expected[0]
    assert np.array_equal(gradient, expected[1])


def test_a_change_of_the_model_does_not_reach_the_compiled_model():
    model = regression()
    compiled = compile(model)
    before = compiled.logp_dlogp(POSITIONS[0])[0]
    model.set_data("x", X + 100.0)
    assert compiled.logp_dlogp(POSITIONS[0])[0] == before


def test_initial_point(compiled):
    assert compiled.initial_point().tolist() == [0.0, 0.0, 0.0]


def test_initial_points_are_the_callers_own(compiled):
    compiled.initial_point()[:] = 7.0
    assert compiled.initial_point().tolist() == [0.0, 0.0, 0.0]


def test_initial_points_drawn_from_the_prior():
    with Model() as model:
        Normal("x", 0, 1, initval="prior")
    compiled = compile(model)
    assert compiled.initial_point(1) == compiled.initial_point(1)
    assert compiled.initial_point(1) != compiled.initial_point(2)


def test_position_from(compiled):
    position = compiled.position_from({"sigma": 2.0, "effect": [1.0, -1.0]})
    np.testing.assert_allclose(position, [1.0, -1.0, np.log(2.0)])
    assert compiled.position_from({"sigma_log__": 0.5}).tolist() == [0.0, 0.0, 0.5]


def test_position_from_refuses(compiled):
    with pytest.raises(UnknownNameError, match="sigma"):
        compiled.position_from({"sgima": 2.0})
    with pytest.raises(ShapeError, match="effect"):
        compiled.position_from({"effect": [1.0, 2.0, 3.0]})
    with pytest.raises(ModelError, match="'sigma' is outside its support"):
        compiled.position_from({"sigma": -1.0})


def test_repr(compiled):
    assert repr(compiled).splitlines() == [
        "CompiledModel: 3 unconstrained parameters, 10 stored values, "
        f"evaluator {compiled.evaluator!r}",
        "  effect[group: 2]",
        "  sigma",
        "  mu[row: 3]",
        "  rows int64",
        "  above[row: 3] bool",
        "  observed observed[row: 3]",
        "  data x[row: 3, 2]",
        "  data group_of_row[row: 3]",
    ]


def test_a_nested_model_stands_for_the_whole():
    with Model() as whole:
        a = Normal("a", 0, 1)
        with Model("sub") as part:
            Normal("b", a, 1)
    assert (
        compile(part).unconstrained.names == compile(whole).unconstrained.names == ("a", "sub::b")
    )
