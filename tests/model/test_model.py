"""Models as objects: lookup, nesting, explicit use, kinds of variables."""

import numpy as np
import pytest

import rufous as rf


def test_variables_are_found_by_name():
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1)
    assert model["x"] is x
    assert "x" in model
    assert x in model
    assert "y" not in model
    assert rf.Normal.dist(0, 1) not in model
    with pytest.raises(rf.UnknownNameError, match="no variable named 'y'; there are: x"):
        model["y"]


def test_variables_are_sorted_by_kind():
    with rf.Model() as model:
        d = rf.Data("d", [1.0])
        x = rf.Normal("x", 0, 1)
        k = rf.Poisson("k", 1.0)
        e = rf.Deterministic("e", x + k)
        p = rf.Potential("p", x)
        y = rf.Normal("y", e, 1, observed=d)
    assert model.free_RVs == [x, k]
    assert model.observed_RVs == [y]
    assert model.basic_RVs == [x, k, y]
    assert model.unobserved_RVs == [x, k, e]
    assert model.deterministics == [e]
    assert model.potentials == [p]
    assert model.data_vars == [d]
    assert list(model.named_vars) == ["d", "x", "k", "e", "p", "y"]
    assert [v.name for v in model.continuous_value_vars] == ["x"]
    assert model.values_to_rvs[model.rvs_to_values[x]] is x


def test_a_model_may_be_given_explicitly():
    model = rf.Model(coords={"a": [1, 2]})
    x = rf.Normal("x", 0, 1, dims="a", model=model)
    rf.Deterministic("d", x + 1, dims="a", model=model)
    rf.Potential("p", x, model=model)
    rf.Data("c", [1.0], model=model)
    rf.ZeroSumNormal("z", 1, dims="a", model=model)
    assert list(model.named_vars) == ["x", "d", "p", "c", "z"]


def test_variables_are_attributes_too():
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1)
        with rf.Model("sub") as sub:
            y = rf.Normal("y", 0, 1)
    assert model.x is x
    assert sub.y is y
    assert not hasattr(model, "y")
    with pytest.raises(AttributeError, match=r"'Model' object has no attribute 'z'.*model\['x'\]"):
        model.z  # noqa: B018


def test_a_nested_model_has_a_name_of_its_own_and_a_prefix():
    with rf.Model("outer"), rf.Model("inner") as inner, rf.Model() as innermost:
        pass
    assert (inner.name, inner.prefix) == ("inner", "outer::inner")
    assert (innermost.name, innermost.prefix) == ("", "outer::inner")


def test_constrained_values_keep_the_names_of_their_variables():
    with rf.Model() as model:
        s = rf.HalfNormal("s", 1)
        rf.Deterministic("twice", 2 * s)
    assert [v.name for v in model.unobserved_value_vars] == ["s_log__", "s", "twice"]


def test_errors_of_calls_are_type_errors_too():
    with pytest.raises(TypeError, match="needs a model"):
        rf.Normal("x", 0, 1)
    with pytest.raises(TypeError, match="there is no argument `sd`"):
        rf.Normal.dist(0, sd=1)
    with pytest.raises(TypeError, match="too many positional"):
        rf.Exponential.dist(1, 2)


def test_nested_models_prefix_their_names():
    with rf.Model(coords={"a": [1, 2]}) as root:
        mu = rf.Normal("mu", 0, 1)
        with rf.Model("outer") as outer:
            x = rf.Normal("x", mu, 1, dims="a")
            with rf.Model("inner") as inner:
                z = rf.HalfNormal("z", 1)
    assert [v.name for v in root.free_RVs] == ["mu", "outer::x", "outer::inner::z"]
    assert outer.free_RVs == [x, z]
    assert inner.free_RVs == [z]
    assert outer["x"] is root["outer::x"] is outer["outer::x"] is x
    assert "z" in inner
    assert [v.name for v in root.value_vars][-1] == "outer::inner::z_log__"
    assert outer.parent is root
    assert outer.root is root
    assert set(root.initial_point()) == {"mu", "outer::x", "outer::inner::z_log__"}


def test_a_nested_model_without_a_name_adds_no_prefix():
    with rf.Model() as root, rf.Model():
        rf.Normal("x", 0, 1)
    assert list(root.named_vars) == ["x"]


def test_nested_models_share_dims_and_names():
    with rf.Model(coords={"a": [1, 2]}) as root:
        with rf.Model("sub", coords={"b": [1]}) as sub:
            rf.Data("d", [1.0, 2.0], dims="a")
        assert root.coords == sub.coords == {"a": (1, 2), "b": (1,)}
        rf.set_data({"sub::d": [1.0, 2.0, 3.0]}, coords={"a": [1, 2, 3]})
    assert sub.shape_of("d") == (3,)
    with sub:
        rf.set_data({"d": [1.0, 2.0]}, coords={"a": [1, 2]})
    assert root.shape_of("sub::d") == (2,)


def test_a_nested_model_has_its_own_terms():
    with rf.Model() as root:
        mu = rf.Normal("mu", 0, 1)
        with rf.Model("sub") as sub:
            rf.Normal("x", mu, 1)
    assert list(sub.logdensity_terms()) == ["sub::x"]
    assert list(root.logdensity_terms()) == ["mu", "sub::x"]
    at = {"mu": 1.0, "sub::x": 1.0}
    assert sub.compile_logp()(at) == pytest.approx(-0.5 * np.log(2 * np.pi))


def test_the_bijection_between_dict_and_vector():
    with rf.Model(coords={"a": [1, 2]}) as model:
        rf.Normal("x", 0, 1, dims="a")
        rf.Dirichlet("w", [1, 1, 1])
    layout = model.unconstrained_layout()
    assert layout.names == ("x", "w_simplex__")
    assert layout["x"].dims == ("a",)
    assert layout["w_simplex__"].dims == (None,)
    point = model.initial_point()
    back = layout.unravel(layout.ravel(point))
    for name, value in point.items():
        np.testing.assert_array_equal(back[name], value)


def test_shapes_in_both_spaces():
    with rf.Model() as model:
        rf.Dirichlet("w", np.ones((2, 3)))
    assert model.eval_rv_shapes() == {"w": (2, 3), "w_simplex__": (2, 2)}


def test_only_random_variables_can_be_registered():
    model = rf.Model()
    with pytest.raises(rf.ModelError, match="'x' must be the result of a random variable op"):
        model.register_rv(rf.Normal.dist(0, 1) + 1, "x")
    x = model.register_rv(rf.Normal.dist(0, 1), "x")
    with pytest.raises(rf.ModelError, match="'x' cannot also be registered as 'y'"):
        model.register_rv(x, "y")


def test_a_refused_variable_leaves_no_trace():
    with rf.Model() as model:
        with pytest.raises(rf.ShapeError):
            rf.Normal("y", np.zeros(3), 1, observed=np.zeros(4), dims="new")
        assert not model.named_vars
        assert not model.coords


def test_building_is_cheap():
    """Nothing is compiled or rewritten: the graph ops of the model are those written."""
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1)
        rf.Normal("y", x, 1, observed=np.zeros(100))
    ops = {type(v.owner.op).__name__ for v in _ancestors(model.logp()) if v.owner}
    assert "Composite" not in ops
    assert not any(name.startswith("Inplace") for name in ops)


def _ancestors(graph):
    from pytensor.graph.traversal import ancestors

    return list(ancestors([graph]))
