"""The text of a model."""

import numpy as np

import rufous as rf


def test_a_model_reads_like_it_was_written():
    with rf.Model(coords={"school": ["a", "b"]}) as model:
        x = rf.Data("x", [1.0, 2.0], dims="school")
        mu = rf.Normal("mu", 0, 5)
        tau = rf.HalfNormal("tau", 2.5)
        theta = rf.Normal("theta", mu, tau, dims="school")
        rf.Deterministic("effect", theta * x, dims="school")
        rf.Normal("y", theta, np.ones(2), observed=[0.0, 1.0], dims="school")
        rf.Potential("p", mu + tau)
    assert str(model).splitlines() == [
        "Model",
        "  x      = Data                         [school: 2]",
        "  mu     ~ Normal(0, 5)",
        "  tau    ~ HalfNormal(0, 2.5)",
        "  theta  ~ Normal(mu, tau)              [school: 2]",
        "  effect = Deterministic(theta, x)      [school: 2]",
        "  y      ~ Normal(theta, <array (2,)>)  [school: 2]  observed",
        "  p      = Potential(mu, tau)",
    ]


def test_an_empty_model_says_so():
    assert repr(rf.Model()) == "Model (empty)"
    assert repr(rf.Model("sub")) == "Model 'sub' (empty)"


def test_expressions_name_what_they_are_made_of():
    with rf.Model() as model:
        a = rf.Normal("a", 0, 1)
        rf.Normal("b", 2 * a + 1, 1)
        rf.Deterministic("c", 3.0)
    assert "~ Normal(f(a), 1)" in str(model)
    assert "= Deterministic(constants)" in str(model)
