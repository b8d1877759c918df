"""do, and copies with other transforms."""

import numpy as np
import pytest

import rufous as rf


def chain():
    with rf.Model(coords={"g": ["a", "b"]}) as model:
        x = rf.Normal("x", 0, 1)
        theta = rf.Normal("theta", x, 1, dims="g")
        rf.Deterministic("twice", 2 * theta, dims="g")
        rf.Normal("y", theta.sum(), 1, observed=3.0)
    return model


def test_numbers_become_data_that_can_be_exchanged():
    model = chain()
    treated = rf.do(model, {"theta": 1.0})
    assert [v.name for v in treated.free_RVs] == ["x"]
    assert [v.name for v in treated.data_vars] == ["theta"]
    assert treated.named_vars_to_dims["theta"] == ("g",)
    np.testing.assert_array_equal(treated["theta"].get_value(), [1.0, 1.0])
    rf.set_data({"theta": [2.0, 3.0]}, model=treated)
    np.testing.assert_array_equal(treated.eval("twice"), [4.0, 6.0])
    assert [v.name for v in model.free_RVs] == ["x", "theta"]


def test_constants_are_no_data():
    treated = rf.do(chain(), {"theta": [1.0, 2.0]}, make_interventions_shared=False)
    assert treated.data_vars == []
    np.testing.assert_array_equal(treated.eval("twice"), [2.0, 4.0])
    assert treated.constant_arrays()["theta"][1] == ("g",)
    assert rf.compile(treated).dim == 1


def test_an_expression_of_other_variables():
    model = chain()
    treated = rf.do(model, {"theta": model["x"] + np.array([0.0, 1.0])})
    assert [v.name for v in treated.deterministics] == ["theta", "twice"]
    np.testing.assert_allclose(treated.eval("twice", {"x": 0.5}), [1.0, 3.0])


def test_an_expression_of_a_later_variable_is_written_after_it():
    with rf.Model() as model:
        rf.Normal("a", 0, 1)
        b = rf.Normal("b", 0, 1)
    treated = rf.do(model, {"a": 2 * b})
    assert list(treated.named_vars) == ["b", "a"]
    assert float(treated.eval("a", {"b": 3.0})) == 6.0


def test_draws_follow_the_intervention():
    treated = rf.do(chain(), {"x": 100.0})
    assert rf.draw(treated["theta"], random_seed=1).min() > 90


def test_an_observed_variable_leaves_the_likelihood():
    treated = rf.do(chain(), {"y": 5.0})
    assert treated.observed_RVs == []
    assert set(treated.point_logps()) == {"x", "theta"}


def test_pruning_leaves_what_the_data_depend_on():
    pruned = rf.do(chain(), {"theta": 0.0}, prune_vars=True)
    assert list(pruned.named_vars) == ["theta", "y"]


@pytest.mark.parametrize(
    ("what", "error", "text"),
    [
        ({"z": 1}, rf.UnknownNameError, "do: the model has no variable 'z'; .*there are: x"),
        ({"theta": [1.0, 2, 3]}, rf.ShapeError, r"'theta' has shape \(2,\) and is set to .*\(3,\)"),
        ({"theta": np.ones((2, 2))}, rf.ShapeError, "'theta' has 1 axes and is set to .* with 2"),
        ([1], rf.ModelError, "do needs a dict of variables"),
    ],
)
def test_what_cannot_be_set(what, error, text):
    with pytest.raises(error, match=text):
        rf.do(chain(), what)


def test_an_expression_of_itself_is_refused():
    model = chain()
    with pytest.raises(rf.ModelError, match="'x' is set to an expression of itself"):
        rf.do(model, {"x": model["x"] + 1})
    with pytest.raises(rf.ModelError, match="'x' is set to an expression of itself"):
        rf.do(model, {"x": model["twice"].sum()})
    with rf.Model() as model:
        a, b = rf.Normal("a", 0, 1), rf.Normal("b", 0, 1)
    with pytest.raises(rf.ModelError, match="'a' is set to an expression that depends on itself"):
        rf.do(model, {a: b, b: a})


def test_pruning_with_potentials_is_refused():
    model = chain()
    with model:
        rf.Potential("p", model["x"])
    with pytest.raises(rf.ModelError, match="cannot prune a model with potentials"):
        rf.do(model, {"x": 1.0}, prune_vars=True)


def test_discrete_variables_take_whole_numbers():
    with rf.Model() as model:
        rf.Poisson("n", 3)
    assert rf.do(model, {"n": 2.0})["n"].dtype == "int64"
    with pytest.raises(rf.ModelError, match="'n' is discrete"):
        rf.do(model, {"n": 2.5})


def test_transforms_are_changed_and_removed():
    with rf.Model() as model:
        rf.HalfNormal("s", 1)
        rf.Uniform("u", 0, 1)
    assert [v.name for v in rf.remove_value_transforms(model, "s").value_vars] == [
        "s",
        "u_interval__",
    ]
    other = rf.change_value_transforms(model, {"u": rf.distributions.transforms.logodds})
    assert [v.name for v in other.value_vars] == ["s_log__", "u_logodds__"]
    plain = rf.remove_value_transforms(model)
    at = plain.compile_logp()({"s": 0.7, "u": 0.2})
    assert at == pytest.approx(-0.5 * np.log(np.pi / 2) - 0.245)
    with pytest.raises(rf.ModelError, match="must be a Transform"):
        rf.change_value_transforms(model, {"s": "log"})
    with pytest.raises(rf.UnknownNameError, match="no variable 'q'"):
        rf.change_value_transforms(model, {"q": None})
