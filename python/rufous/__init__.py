"""Probabilistic programming for Python with samplers in Rust.

A model is written in Python, becomes native code, and is sampled by chains on threads without
the GIL; the result is an ArviZ object.

Examples
--------
>>> import rufous as rf
>>> with rf.Model() as model:
...     mu = rf.Normal("mu", 0, 5)
...     y = rf.Normal("y", mu, 1, observed=[0.3, 1.2])
>>> idata = rf.sample(model, draws=200, random_seed=1, progressbar=False)  # doctest: +SKIP
"""

import logging as _logging

from rufous import distributions, math
from rufous._core import __version__
from rufous.compile.compile_model import compile
from rufous.compile.compiled_model import CompiledModel
from rufous.compile.pointers import from_pointers, get_include
from rufous.diagnostics import Report, check
from rufous.distributions import (
    AR,
    GARCH11,
    AsymmetricLaplace,
    Bernoulli,
    Beta,
    BetaBinomial,
    Binomial,
    Categorical,
    Cauchy,
    Censored,
    ChiSquared,
    CustomDist,
    DiracDelta,
    Dirichlet,
    DiscreteUniform,
    DiscreteWeibull,
    EulerMaruyama,
    ExGaussian,
    Exponential,
    Flat,
    Gamma,
    GaussianRandomWalk,
    Geometric,
    Gumbel,
    HalfCauchy,
    HalfFlat,
    HalfNormal,
    HalfStudentT,
    HurdleGamma,
    HurdleLogNormal,
    HurdleNegativeBinomial,
    HurdlePoisson,
    HyperGeometric,
    Interpolated,
    InverseGamma,
    Kumaraswamy,
    Laplace,
    LKJCholeskyCov,
    LKJCorr,
    Logistic,
    LogitNormal,
    LogNormal,
    Mixture,
    Moyal,
    MvGaussianRandomWalk,
    MvNormal,
    NegativeBinomial,
    Normal,
    NormalMixture,
    OrderedLogistic,
    OrderedProbit,
    Pareto,
    Poisson,
    RandomWalk,
    Rice,
    SkewNormal,
    StudentT,
    Triangular,
    Truncated,
    TruncatedNormal,
    Uniform,
    VonMises,
    Wald,
    Weibull,
    ZeroInflatedBinomial,
    ZeroInflatedNegativeBinomial,
    ZeroInflatedPoisson,
    ZeroSumNormal,
)
from rufous.errors import (
    CompileError,
    ConvergenceWarning,
    DivergenceWarning,
    InitializationError,
    LogDensityError,
    ModelError,
    RufousError,
    RufousWarning,
    SamplingError,
    SamplingInterrupted,
    SettingsError,
    ShapeError,
    TreeDepthWarning,
    UnknownNameError,
    UnsupportedError,
)
from rufous.model.cumulative import icdf, logcdf
from rufous.model.data import Data, set_data
from rufous.model.logdensity import logp
from rufous.model.model import Model
from rufous.model.variables import Deterministic, Potential
from rufous.predictive.draw import draw
from rufous.predictive.posterior import sample_posterior_predictive
from rufous.predictive.prior import sample_prior_predictive
from rufous.sampling.sample import sample

__all__ = [
    "__version__",
    # models
    "Model",
    "Data",
    "set_data",
    "Deterministic",
    "Potential",
    "logp",
    "logcdf",
    "icdf",
    "draw",
    "math",
    # distributions
    "distributions",
    "Normal",
    "HalfNormal",
    "TruncatedNormal",
    "StudentT",
    "Cauchy",
    "HalfCauchy",
    "Laplace",
    "LogNormal",
    "Exponential",
    "Gamma",
    "InverseGamma",
    "Beta",
    "Uniform",
    "Flat",
    "HalfFlat",
    "HalfStudentT",
    "Gumbel",
    "Moyal",
    "Logistic",
    "LogitNormal",
    "ChiSquared",
    "AsymmetricLaplace",
    "ExGaussian",
    "SkewNormal",
    "Pareto",
    "Wald",
    "Weibull",
    "Kumaraswamy",
    "Triangular",
    "Rice",
    "VonMises",
    "Interpolated",
    "Bernoulli",
    "Binomial",
    "Poisson",
    "NegativeBinomial",
    "Categorical",
    "BetaBinomial",
    "HyperGeometric",
    "Geometric",
    "DiscreteWeibull",
    "DiscreteUniform",
    "DiracDelta",
    "OrderedLogistic",
    "OrderedProbit",
    "MvNormal",
    "Dirichlet",
    "ZeroSumNormal",
    "LKJCholeskyCov",
    "LKJCorr",
    # modifiers
    "ZeroInflatedPoisson",
    "ZeroInflatedBinomial",
    "ZeroInflatedNegativeBinomial",
    "HurdlePoisson",
    "HurdleNegativeBinomial",
    "HurdleGamma",
    "HurdleLogNormal",
    "Mixture",
    "NormalMixture",
    "Censored",
    "Truncated",
    "CustomDist",
    # time series
    "RandomWalk",
    "GaussianRandomWalk",
    "MvGaussianRandomWalk",
    "AR",
    "GARCH11",
    "EulerMaruyama",
    # compile and sample
    "compile",
    "CompiledModel",
    "from_pointers",
    "get_include",
    "sample",
    "sample_prior_predictive",
    "sample_posterior_predictive",
    "check",
    "Report",
    # errors and warnings
    "RufousError",
    "SettingsError",
    "ModelError",
    "ShapeError",
    "UnknownNameError",
    "UnsupportedError",
    "CompileError",
    "LogDensityError",
    "InitializationError",
    "SamplingError",
    "SamplingInterrupted",
    "RufousWarning",
    "DivergenceWarning",
    "ConvergenceWarning",
    "TreeDepthWarning",
]

_logging.getLogger("rufous").addHandler(_logging.NullHandler())
