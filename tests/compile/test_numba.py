from __future__ import annotations

import os
import subprocess
import sys
import warnings

import numpy as np
import pytensor.tensor as pt
import pytest

from compile.small_models import (
    call_logp_dlogp,
    finite_differences,
    regression,
    root_of_a_matrix,
)
from rufous.compile import numba as numba_route
from rufous.compile.compile_model import compile
from rufous.distributions import Normal
from rufous.model.data import Data
from rufous.model.model import Model
from rufous.model.variables import Deterministic, Potential


@pytest.fixture(scope="module")
def compiled():
    return compile(regression(), evaluator="numba")


def test_status_of_a_good_position(compiled):
    status, value, gradient = call_logp_dlogp(compiled, np.array([0.1, 0.2, 0.3]))
    assert status == 0
    assert value == compiled.logp_dlogp([0.1, 0.2, 0.3])[0]
    assert np.array_equal(gradient, compiled.logp_dlogp([0.1, 0.2, 0.3])[1])


def test_status_where_the_log_density_is_not_finite(compiled):
    assert call_logp_dlogp(compiled, np.array([0.0, 0.0, 800.0]))[0] == 1
    assert call_logp_dlogp(compiled, np.array([np.nan, 0.0, 0.0]))[0] == 1


def test_status_of_another_length_is_fatal(compiled):
    assert call_logp_dlogp(compiled, np.zeros(4))[0] < 0


def test_an_exception_inside_is_recoverable():
    compiled = compile(root_of_a_matrix(), evaluator="numba")
    value, gradient = compiled.logp_dlogp([0.25])
    np.testing.assert_allclose(value, -0.5 * np.log(2 * np.pi) - 0.5 * 0.25**2 + 0.5)
    np.testing.assert_allclose(gradient, [-0.25 + 0.5 / np.sqrt(0.25)])
    status, value, gradient = call_logp_dlogp(compiled, np.array([-1.0]))
    assert status in (1, 2)
    assert not np.isfinite(value) or not np.isfinite(gradient).all()


def test_parameters_of_every_rank_and_inputs_that_stay_untouched():
    table = np.arange(24.0).reshape(2, 3, 4)
    with Model() as model:
        a = Normal("a", 0, 1)
        b = Normal("b", 0, 1, shape=(2, 3))
        c = Normal("c", 0, 1, shape=(2, 3, 4))
        weights = Data("weights", table)
        flags = Data("flags", np.array([True, False, True]))
        Deterministic("scaled", a * b)
        Potential("pull", -0.1 * ((c + b[..., None] - a) * weights * flags[:, None]).sum())
    compiled = compile(model, evaluator="numba")
    position = np.random.default_rng(0).normal(size=compiled.dim)
    kept = position.copy()

    def reference(at):
        a, b, c = at[0], at[1:7].reshape(2, 3), at[7:].reshape(2, 3, 4)
        flags = np.array([True, False, True])
        pull = -0.1 * np.sum((c + b[..., None] - a) * table * flags[:, None])
        return pull - 0.5 * np.sum(at**2) - 0.5 * len(at) * np.log(2 * np.pi)

    value, gradient = compiled.logp_dlogp(position)
    np.testing.assert_allclose(value, reference(position), rtol=1e-12)
    np.testing.assert_allclose(gradient, finite_differences(reference, position), atol=1e-5)
    np.testing.assert_allclose(
        compiled.expand(position)["scaled"], position[0] * position[1:7].reshape(2, 3)
    )
    assert np.array_equal(position, kept)
    assert np.array_equal(compiled.constant_data["weights"][0], table)
    assert compiled.logp_dlogp(position)[0] == value


def test_a_model_without_transforms_stores_the_position():
    with Model() as model:
        Normal("x", 0, 1, shape=3)
    compiled = compile(model, evaluator="numba")
    assert compiled.source.program.expand is None
    assert compiled.expand([1.0, 2.0, 3.0])["x"].tolist() == [1.0, 2.0, 3.0]


def test_fixed_arrays_are_not_part_of_the_code():
    def model(y):
        with Model() as written:
            Normal("y", Normal("mu", 0, 1), 1.0, observed=y)
        return written

    first = compile(model(np.arange(20.0)), evaluator="numba")
    second = compile(model(np.arange(20.0) + 0.5), evaluator="numba")
    assert second.source.program.from_cache
    assert first.logp_dlogp([0.0])[0] != second.logp_dlogp([0.0])[0]


def test_a_check_that_fails_gives_nan():
    from pytensor.raise_op import Assert

    with Model() as model:
        x = Normal("x", 0, 1)
        Potential("checked", Assert("x must be positive")(x, pt.gt(x, 0)))
    compiled = compile(model, evaluator="numba")
    assert np.isfinite(compiled.logp_dlogp([1.0])[0])
    np.testing.assert_allclose(compiled.logp_dlogp([1.0])[1], [0.0], atol=1e-15)
    assert np.isnan(compiled.logp_dlogp([-1.0])[0])


def test_a_second_process_compiles_nothing(compiled, root):
    code = (
        "from compile.small_models import regression\n"
        "from rufous.compile.compile_model import compile\n"
        "compiled = compile(regression(), evaluator='numba')\n"
        "print(compiled.source.program.from_cache, compiled.logp_dlogp([0.1, 0.2, 0.3])[0])\n"
    )
    # The package is found where this process found it: installed, or in the source tree.
    path = os.pathsep.join([*sys.path, str(root / "tests")])
    environment = {**os.environ, "PYTHONPATH": path}
    result = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=120
    )
    assert result.stdout.split() == ["True", str(compiled.logp_dlogp([0.1, 0.2, 0.3])[0])], (
        result.stderr
    )


def test_compiling_gives_no_warnings():
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        compile(regression(), evaluator="numba")


def test_other_names_share_the_code():
    with Model() as one:
        Normal("x", 0, 1)
    with Model() as other:
        Normal("y", 0, 1)
    compile(one, evaluator="numba")
    assert compile(other, evaluator="numba").source.program.from_cache


def test_the_name_of_stored_code_depends_on_the_source():
    assert numba_route._cache_key("a", "graph") != numba_route._cache_key("b", "graph")
    assert numba_route._cache_key("a", "graph") != numba_route._cache_key("a", "other")
