"""Looking at a model: values at a point, debugging, derivatives, tables and pictures."""

import sys
from types import SimpleNamespace

import numpy as np
import pytest

import rufous as rf


@pytest.fixture
def model():
    with rf.Model(coords={"g": ["a", "b"]}) as model:
        x = rf.Data("x", [1.0, 2.0], dims="g")
        mu = rf.Normal("mu", 0, 1)
        tau = rf.HalfNormal("tau", 1)
        eta = rf.Deterministic("eta", mu * x, dims="g")
        rf.Normal("y", eta, tau, observed=[0.5, 1.5], dims="g")
        rf.Potential("wall", -(mu**2))
    return model


def test_second_derivatives(model):
    at = {"mu": 0.3, "tau_log__": 0.2}
    first, eps = model.compile_dlogp(), 1e-5
    numeric = np.array(
        [
            (first(at | {name: at[name] + eps}) - first(at | {name: at[name] - eps})) / (2 * eps)
            for name in at
        ]
    )
    np.testing.assert_allclose(model.compile_d2logp(negate_output=False)(at), numeric, atol=1e-7)
    np.testing.assert_allclose(model.compile_d2logp()(at), -numeric, atol=1e-7)
    np.testing.assert_allclose(model.compile_d2logp("mu")(at), -numeric[:1, :1], atol=1e-7)


def test_parts_of_the_density(model):
    at = {"mu": 0.3, "tau_log__": 0.2}
    terms = model.point_logps(at)
    parts = model.compile_fn(
        [model.varlogp, model.observedlogp, model.potentiallogp, model.datalogp]
    )(at)
    expected = [terms["mu"] + terms["tau"], terms["y"], terms["wall"], terms["y"] + terms["wall"]]
    np.testing.assert_allclose(parts, expected)
    without = model.compile_fn(model.varlogp_nojac)(at)
    assert without == pytest.approx(expected[0] - 0.2)
    assert model.point_logps(at, round_vals=1)["y"] == round(terms["y"], 1)


def test_values_at_a_point(model):
    assert float(model.eval("tau", {"tau_log__": 0.0})) == 1.0
    eta, total = model.eval(["eta", model["eta"].sum()], {"mu": 2.0})
    np.testing.assert_array_equal(eta, [2.0, 4.0])
    assert total == 6.0
    with pytest.raises(rf.UnknownNameError, match="'nu'"):
        model.eval("nu")
    with pytest.raises(rf.ModelError, match="eval needs variables"):
        model.eval(3.0)


def test_functions_of_expressions(model):
    [eta] = model.replace_rvs_by_values([model["eta"]])
    by_name = model.compile_fn(eta, inputs=model.value_vars)
    np.testing.assert_array_equal(by_name({"mu": 1.0, "tau_log__": 0.0}), [1.0, 2.0])
    in_order = rf.compile_fn(eta, point_fn=False, model=model)
    np.testing.assert_array_equal(in_order(1.0), [1.0, 2.0])
    given = model.compile_fn(eta, givens={model["x"]: np.array([5.0, 6.0])}, point_fn=False)
    np.testing.assert_array_equal(given(1.0), [5.0, 6.0])
    with pytest.raises(rf.ModelError, match="depends on mu, which is not among the inputs"):
        model.compile_fn(eta, inputs=[])


def test_random_variables_in_an_expression_are_drawn(model):
    draw = model.compile_fn(model["mu"], inputs=[], point_fn=False, random_seed=3)
    first = [float(draw()) for _ in range(3)]
    assert len(set(first)) == 3
    again = model.compile_fn(model["mu"], inputs=[], point_fn=False, random_seed=3)
    assert [float(again()) for _ in range(3)] == first


def test_some_variables_with_the_others_held(model):
    whole, slope = model.compile_logp(), model.compile_dlogp()
    density = model.logp_dlogp_function(["mu"], initial_point={"mu": 9.0, "tau_log__": 0.4})
    at = {"mu": 0.3, "tau_log__": 0.4}
    value, gradient = density([0.3])
    assert value == pytest.approx(float(whole(at)))
    np.testing.assert_allclose(gradient, slope(at)[:1])
    other = density.copy()
    density.set_extra_values({"mu": 5.0, "tau_log__": -0.4})
    assert density([0.3])[0] == pytest.approx(float(whole(at | {"tau_log__": -0.4})))
    assert other([0.3])[0] == pytest.approx(value)
    assert density.get_extra_values()["tau_log__"] == -0.4
    value = density({"mu": 0.3}, extra_vars={"tau_log__": 0.0})[0]
    assert value == pytest.approx(float(whole({"mu": 0.3, "tau_log__": 0.0})))
    with pytest.raises(rf.UnknownNameError, match="'nu'"):
        density.set_extra_values({"nu": 1.0})
    with pytest.raises(rf.ShapeError, match=r"over mu has shape \(1,\), got \(2,\)"):
        density([1.0, 2.0])


def test_arrays_instead_of_a_vector(model):
    density = model.logp_dlogp_function(ravel_inputs=False)
    value, gradient = density([np.array(0.3), np.array(0.4)])
    assert value == pytest.approx(float(model.compile_logp()({"mu": 0.3, "tau_log__": 0.4})))
    assert [g.shape for g in gradient] == [(), ()]
    with pytest.raises(rf.ShapeError, match="2 values are needed"):
        density([np.array(0.3)])


def test_debugging_says_what_is_wrong(model, capsys):
    model.debug()
    assert "finite here" in capsys.readouterr().out
    model.debug({"mu": np.nan, "tau_log__": 0.0}, verbose=True)
    out = capsys.readouterr().out
    assert "the log density of 'mu' is nan: its value is nan" in out
    assert "  mu ~ Normal(0, 1)" in out
    with pytest.raises(rf.SettingsError, match="`fn` must be 'logp', 'dlogp' or 'random'"):
        model.debug(fn="grad")


def test_debugging_a_gradient_and_draws(capsys):
    with rf.Model() as model:
        x = rf.Normal("x", 0, 1)
        rf.Potential("root", rf.math.sqrt(x))
    model.debug({"x": 0.0})
    assert "no problems found: the log density is finite here" in capsys.readouterr().out
    model.debug({"x": 0.0}, fn="dlogp")
    assert "derivative of the log density of 'root'" in capsys.readouterr().out
    with model:
        rf.Normal("y", 0, x)
    model.debug({"x": -1.0, "y": 0.0}, fn="random")
    assert "'y' cannot be drawn here: " in capsys.readouterr().out
    model.debug({"x": 1.0, "y": 0.0}, fn="random")
    assert "all variables can be drawn here" in capsys.readouterr().out


def test_a_start_is_checked():
    with rf.Model() as model:
        s = rf.Normal("s", 0, 1)
        rf.Normal("y", 0, s, observed=[1.0])
    model.check_start_vals({"s": 1.0})
    with pytest.raises(rf.InitializationError, match="the constraint sigma > 0 fails"):
        model.check_start_vals({"s": -1.0})


def test_constraints_may_be_left_out():
    with rf.Model(check_bounds=False) as model:
        s = rf.Normal("s", 0, 1)
        rf.Exponential("y", s, observed=[1.0])
    assert np.isnan(model.compile_logp()({"s": -1.0}))
    with pytest.raises(rf.ModelError, match="`check_bounds` must be True or False"):
        rf.Model(check_bounds="no")


def test_text_and_latex(model):
    assert model.str_repr().splitlines() == [
        "   x = Data",
        "  mu ~ Normal(0, 1)",
        " tau ~ HalfNormal(0, 1)",
        " eta = Deterministic(x, mu)",
        "   y ~ Normal(eta, tau)",
        "wall = Potential(mu)",
    ]
    assert "\\text{mu} &\\sim& \\operatorname{Normal}(0,~1)" in model._repr_latex_()
    assert model["y"].str_repr() == "y ~ Normal(eta, tau)"
    assert model["y"].str_repr(include_params=False) == "y ~ Normal"
    assert model["tau"]._repr_latex_() == "$\\text{tau} \\sim \\operatorname{HalfNormal}(0,~1)$"
    with pytest.raises(rf.SettingsError, match="`formatting`"):
        model.str_repr("html")
    assert rf.Model(model=None).str_repr("latex") == ""


def test_a_table(model):
    table = rf.model_table(model)
    rows = str(table).splitlines()
    assert rows[2].split() == ["x", "=", "Data", "[g:", "2]"]
    assert rows[-1].endswith("Parameter count = 2")
    assert "<td>f(x, mu)</td>" in table._repr_html_()
    short = str(model.table(truncate_deterministic=1, parameter_count=False, split_groups=False))
    assert "f(x, ...)" in short and "Parameter" not in short
    with pytest.raises(rf.SettingsError, match="`truncate_deterministic`"):
        model.table(truncate_deterministic=0)


def test_a_mermaid_picture(model):
    text = rf.model_to_mermaid(model)
    for line in ('y(["y ~ Normal"])', "mu --> eta", "x --> eta", 'subgraph p0 ["g (2)"]'):
        assert line in text.splitlines()
    part = rf.model_to_mermaid(model, var_names=["eta"], include_dim_lengths=False)
    assert "tau" not in part and '["g"]' in part
    with pytest.raises(rf.UnknownNameError, match="var_names has 'nu'"):
        rf.model_to_mermaid(model, var_names=["nu"])


def test_data_that_are_observed_are_an_effect():
    with rf.Model("m") as model:
        rf.Normal("end", 0, 1, observed=rf.Data("d", [1.0, 2.0]))
    assert "m__end --> m__d" in rf.model_to_mermaid(model)


class Picture:
    """What the package graphviz offers, as far as it is used."""

    def __init__(self, name, graph_attr):
        self.name, self.graph_attr, self.nodes, self.edges, self.plates = (
            name,
            graph_attr,
            {},
            [],
            [],
        )

    def node(self, name, **style):
        self.nodes[name] = style

    def edge(self, *ends):
        self.edges.append(ends)

    def subgraph(self, name):
        part = Picture(name, {})
        part.attr = lambda **style: part.graph_attr.update(style)
        self.plates.append(part)
        return part

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return None


def test_a_graphviz_picture(model, monkeypatch):
    monkeypatch.setitem(sys.modules, "graphviz", SimpleNamespace(Digraph=Picture))
    formatters = {"Data": lambda _: {"shape": "cylinder"}}
    picture = rf.model_to_graphviz(model, node_formatters=formatters, graph_attr={"rankdir": "LR"})
    assert picture.nodes["mu"] == {"shape": "ellipse", "label": "mu\n~\nNormal"}
    assert ("eta", "y") in picture.edges
    [plate] = picture.plates
    assert plate.graph_attr["label"] == "g (2)" and plate.nodes["x"]["shape"] == "cylinder"
    full = model.to_graphviz(formatting="plain_with_params")
    assert full.nodes["mu"]["label"] == "mu ~ Normal(0, 1)"
    with pytest.raises(rf.SettingsError, match="no kind 'Dota'"):
        rf.model_to_graphviz(model, node_formatters={"Dota": dict})
    with pytest.raises(rf.SettingsError, match="`formatting`"):
        rf.model_to_graphviz(model, formatting="latex")
    with pytest.raises(rf.SettingsError, match="`save` must end in a format"):
        rf.model_to_graphviz(model, save="picture")


@pytest.mark.parametrize("name", ["graphviz", "networkx"])
def test_a_package_that_is_missing_is_named(model, monkeypatch, name):
    monkeypatch.setitem(sys.modules, name, None)
    with pytest.raises(rf.SettingsError, match=f"pip install {name}") as caught:
        getattr(rf, f"model_to_{name}")(model)
    assert isinstance(caught.value, ImportError)
