"""Saved plans: the same numbers and names without the model, and refusals of damaged files."""

from __future__ import annotations

import hashlib
import struct
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import rufous as rf
from rufous.compile import plan_file
from rufous.errors import CompileError, ShapeError, UnknownNameError, UnsupportedError


def regression():
    rng = np.random.default_rng(0)
    with rf.Model(coords={"row": [f"r{k}" for k in range(6)], "group": ["a", "b"]}) as model:
        x = rf.Data("x", rng.normal(size=6), dims="row")
        index = rf.Data("index", rng.integers(0, 2, 6), dims="row")
        y = rf.Data("y", rng.normal(size=6), dims="row")
        a = rf.Normal("a", 0.0, 1.0, dims="group")
        b = rf.Normal("b", 0.0, 1.0)
        s = rf.HalfNormal("s", 1.0)
        rf.Deterministic("mean", a[index] + b * x, dims="row")
        rf.Normal("obs", a[index] + b * x, s, observed=y, dims="row")
        rf.Normal("fixed", b, 1.0, observed=[0.5, 0.7])
    return model


@pytest.fixture
def saved(tmp_path):
    compiled = rf.compile(regression())
    path = tmp_path / "regression.plan"
    rf.save_plan(compiled, path)
    return compiled, path


def test_the_same_numbers_and_names(saved):
    compiled, path = saved
    loaded = rf.load_plan(path)
    position = np.linspace(-1, 1, compiled.dim)
    for one, other in zip(compiled.logp_dlogp(position), loaded.logp_dlogp(position), strict=True):
        np.testing.assert_array_equal(one, other)
    assert loaded.stored == compiled.stored
    assert loaded.unconstrained == compiled.unconstrained
    assert list(loaded.coords["row"]) == list(compiled.coords["row"])
    np.testing.assert_array_equal(loaded.initial_point(), compiled.initial_point())
    for group in ("observed_data", "constant_data"):
        mine, theirs = getattr(loaded, group), getattr(compiled, group)
        assert mine.keys() == theirs.keys()
        for name, (array, dims) in mine.items():
            np.testing.assert_array_equal(array, theirs[name][0])
            assert dims == theirs[name][1]
    one, other = compiled.log_likelihood(position), loaded.log_likelihood(position)
    np.testing.assert_array_equal(one["obs"], other["obs"])


@pytest.mark.filterwarnings("ignore::rufous.errors.RufousWarning")
def test_a_loaded_plan_samples_and_is_saved_again(saved, tmp_path):
    compiled, path = saved
    loaded = rf.load_plan(path)
    rf.save_plan(loaded, tmp_path / "again.plan")
    assert (tmp_path / "again.plan").read_bytes() == path.read_bytes()
    options = {"draws": 20, "tune": 30, "chains": 1, "random_seed": 3, "progressbar": False}
    draws = [rf.sample(c, quiet=True, **options).posterior["a"] for c in (compiled, loaded)]
    np.testing.assert_array_equal(*draws)


def test_other_data_with_other_lengths(saved):
    compiled, path = saved
    data = {"x": np.ones(3), "index": [0, 1, 1], "y": np.zeros(3)}
    mine, theirs = rf.load_plan(path).bind(data), compiled.bind(data, coords={"row": range(3)})
    position = np.linspace(-1, 1, compiled.dim)
    assert mine.logp_dlogp(position)[0] == theirs.logp_dlogp(position)[0]
    assert list(mine.coords["row"]) == [0, 1, 2]
    assert mine.expand(position)["mean"].shape == (3,)


def test_wrong_data_are_refused(saved):
    loaded = rf.load_plan(saved[1])
    for data, error, text in (
        ({"z": [1.0]}, UnknownNameError, "no data named 'z'"),
        ({"x": np.ones((2, 2))}, ShapeError, "1 axes"),
        ({"index": np.full(6, 0.5)}, ShapeError, "holds int64"),
        ({"x": np.ones(3)}, ShapeError, "together"),
    ):
        with pytest.raises(error, match=text):
            loaded.bind(data)
    with pytest.raises(UnknownNameError, match="unconstrained"):
        loaded.position_from({"s": 1.0})


def test_damaged_files_are_refused(saved, tmp_path):
    raw = saved[1].read_bytes()
    other = tmp_path / "other.plan"
    forged = bytearray(raw)
    forged[-1] ^= 1
    later = bytearray(raw)
    later[7] += 1
    for content, text in (
        (b"", "not a saved plan"),
        (raw[:-8], "damaged"),
        (bytes(forged), "checksum"),
        (bytes(later), "version 2"),
    ):
        other.write_bytes(content)
        with pytest.raises(CompileError, match=text):
            rf.load_plan(other)


@pytest.mark.parametrize("header", [b"{}", b'{"plan":[0,99]}', b'{"plan":[-1,4]}', b"[]"])
def test_well_formed_nonsense_is_refused(header, tmp_path):
    body = struct.pack("<Q", len(header)) + header
    prefix = struct.pack("<7sB32sQ", b"RUFPLAN", 1, hashlib.sha256(body).digest(), len(body))
    (tmp_path / "bad.plan").write_bytes(prefix + body)
    with pytest.raises(CompileError, match="damaged"):
        rf.load_plan(tmp_path / "bad.plan")


def test_other_evaluators_have_no_plan(saved, tmp_path):
    from dataclasses import replace

    with pytest.raises(UnsupportedError, match="native evaluator"):
        rf.save_plan(replace(saved[0], evaluator="numba"), tmp_path / "x.plan")


def test_reading_a_plan_needs_no_pytensor():
    """The files that read a plan are loaded without the package around them."""
    folder = Path(plan_file.__file__).parents[1]
    script = f"""
import sys, types
sys.modules["pytensor"] = None
for name, path in (("rufous", {str(folder)!r}), ("rufous.compile", {str(folder / "compile")!r})):
    module = types.ModuleType(name)
    module.__path__ = [path]
    sys.modules[name] = module
import rufous.compile.plans
"""
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_process_that_samples_a_plan_loads_no_pytensor(saved):
    _, path = saved
    code = (
        "import sys, rufous as rf\n"
        f"plan = rf.load_plan({str(path)!r})\n"
        "rows = [f'r{k}' for k in range(7)]\n"
        "data = {'x': [0.1] * 7, 'index': [0, 1] * 3 + [0], 'y': [0.5] * 7}\n"
        "bound = plan.bind(data, coords={'row': rows})\n"
        "result = rf.sample(bound, 50, tune=50, chains=2, random_seed=1, progressbar=False,\n"
        "                   quiet=True)\n"
        "assert result.posterior['mean'].dims == ('chain', 'draw', 'row')\n"
        "assert 'pytensor' not in sys.modules\n"
        "rooms = {name.split('.')[1] for name in sys.modules if name.startswith('rufous.')}\n"
        "print(' '.join(sorted(rooms)))\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    # Of the model's room only the list of open models and the words for unknown names.
    assert done.stdout.split() == [
        "_core", "_typing", "compile", "diagnostics", "errors", "layout", "model", "results",
        "sampling",
    ]  # fmt: skip


def test_a_model_may_be_given_before_and_after_its_class_is_loaded():
    code = (
        "import rufous as rf, sys\n"
        "try:\n"
        "    rf.sample('model')\n"
        "except rf.ModelError as error:\n"
        "    assert 'must be a Model' in str(error)\n"
        "assert 'pytensor' not in sys.modules\n"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
