"""Small models that the tests of this folder share: few operations, so that they compile fast."""

from __future__ import annotations

import ctypes

import numpy as np
import pytensor.tensor as pt

from rufous.compile.compiled_model import CompiledModel
from rufous.distributions import HalfNormal, Normal
from rufous.model.data import Data
from rufous.model.model import Model
from rufous.model.variables import Deterministic, Potential

X = np.arange(6.0).reshape(3, 2)
Y = np.array([1.0, 2.0, 4.0])
GROUP = np.array([0, 1, 1])


def regression() -> Model:
    """Rows of data with a dim of their own; a transformed parameter; every stored type."""
    with Model(coords={"group": ["a", "b"]}) as model:
        x = Data("x", X, dims=("row", None))
        group = Data("group_of_row", GROUP, dims="row")
        y = Data("y", Y, dims="row")
        effect = Normal("effect", 0, 1, dims="group")
        sigma = HalfNormal("sigma", 1)
        mu = Deterministic("mu", effect[group] + x[:, 0], dims="row")
        Deterministic("rows", x.shape[0])
        Deterministic("above", mu > 1, dims="row")
        Normal("observed", mu, sigma, observed=y, dims="row")
    return model


def regression_logp(position: np.ndarray, x: np.ndarray, group: np.ndarray, y: np.ndarray) -> float:
    """Write the log density of `regression` in NumPy."""
    effect, log_sigma = position[:2], position[2]
    sigma = np.exp(log_sigma)
    half_log_two_pi = 0.5 * np.log(2 * np.pi)
    prior = -0.5 * np.sum(effect**2) - 2 * half_log_two_pi
    prior += np.log(2) - half_log_two_pi - 0.5 * sigma**2 + log_sigma
    z = (y - effect[group] - x[:, 0]) / sigma
    return prior + np.sum(-0.5 * z**2 - half_log_two_pi - log_sigma)


def finite_differences(function, position: np.ndarray, step: float = 1e-6) -> np.ndarray:
    """Differentiate a function numerically, by central differences."""
    gradient = np.empty_like(position)
    for i in range(len(position)):
        up, down = position.copy(), position.copy()
        up[i] += step
        down[i] -= step
        gradient[i] = (function(up) - function(down)) / (2 * step)
    return gradient


def root_of_a_matrix() -> Model:
    """Return a model whose log density raises inside native code where `q` is negative."""
    with Model() as model:
        q = Normal("q", 0, 1)
        matrix = pt.stacklists([[q, 0.0], [0.0, 1.0]])
        Potential("root", pt.linalg.cholesky(matrix)[0, 0])
    return model


def call_logp_dlogp(compiled: CompiledModel, position: np.ndarray) -> tuple[int, float, np.ndarray]:
    """Call the C function by its address, as the header documents it; return the status too."""
    program, state = compiled.source.program, compiled.source.state
    arrays = [slot.array(state.inputs) for slot in program.slots]
    table = np.array([n for a in arrays for n in (a.ctypes.data, *a.shape)] or [0], dtype=np.int64)
    logdensity, gradient = np.zeros(1), np.zeros(len(position))
    pointers = [a.ctypes.data for a in (position, gradient, logdensity, table)]
    kind = ctypes.CFUNCTYPE(ctypes.c_int64, ctypes.c_uint64, *[ctypes.c_void_p] * 4)
    status = kind(program.logp_dlogp.address)(len(position), *pointers)
    return status, logdensity[0], gradient
