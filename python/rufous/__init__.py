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
import sys as _sys
import typing as _t
from importlib import import_module as _import_module

from rufous._core import __version__
from rufous.compile.compile_model import compile

# What is public is loaded when it is first asked for: whoever samples a saved plan never loads
# PyTensor. Type checkers and editors see all names here.
if _t.TYPE_CHECKING:
    from rufous import distributions, gp, math
    from rufous.compile.compiled_model import CompiledModel
    from rufous.compile.plans import load_plan, save_plan
    from rufous.compile.pointers import from_pointers, get_include
    from rufous.derived.density import icdf, logccdf, logcdf, logp
    from rufous.derived.observe import observe
    from rufous.diagnostics import Report, check
    from rufous.distributions import (
        AR,
        CAR,
        GARCH11,
        ICAR,
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
        DensityDist,
        DiracDelta,
        Dirichlet,
        DirichletMultinomial,
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
        KroneckerNormal,
        Kumaraswamy,
        Laplace,
        LKJCholeskyCov,
        LKJCorr,
        Logistic,
        LogitNormal,
        LogNormal,
        Lognormal,
        MatrixNormal,
        Mixture,
        Moyal,
        Multinomial,
        MvGaussianRandomWalk,
        MvNormal,
        MvStudentT,
        NegativeBinomial,
        Normal,
        NormalMixture,
        OrderedLogistic,
        OrderedMultinomial,
        OrderedProbit,
        Pareto,
        Poisson,
        RandomWalk,
        Rice,
        Simulator,
        SkewNormal,
        StickBreakingWeights,
        StudentT,
        Triangular,
        Truncated,
        TruncatedNormal,
        Uniform,
        VonMises,
        Wald,
        Weibull,
        Wishart,
        ZeroInflatedBinomial,
        ZeroInflatedNegativeBinomial,
        ZeroInflatedPoisson,
        ZeroSumNormal,
    )
    from rufous.errors import (
        CheckpointError,
        CompileError,
        ConvergenceWarning,
        DivergenceWarning,
        ImputationWarning,
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
        WrongTypeError,
    )
    from rufous.model.conditional import ConditionalDensity
    from rufous.model.context import modelcontext
    from rufous.model.data import Data, set_data
    from rufous.model.functions import PointFunction, compile_fn
    from rufous.model.interventions import change_value_transforms, do, remove_value_transforms
    from rufous.model.model import Model
    from rufous.model.pictures import model_to_graphviz, model_to_mermaid, model_to_networkx
    from rufous.model.rebuild import clone_model, freeze_dims_and_data
    from rufous.model.subsampling import Minibatch
    from rufous.model.table import ModelTable, model_table
    from rufous.model.variables import Deterministic, Potential
    from rufous.predictive.deterministics import compute_deterministics
    from rufous.predictive.draw import draw
    from rufous.predictive.log_likelihood import compute_log_likelihood, compute_log_prior
    from rufous.predictive.posterior import sample_posterior_predictive
    from rufous.predictive.prior import sample_prior_predictive
    from rufous.sampling.resume import resume
    from rufous.sampling.run_handle import RunHandle
    from rufous.sampling.sample import sample

__all__ = [
    "__version__",
    # models
    "Model",
    "Data",
    "set_data",
    "Deterministic",
    "Potential",
    "Minibatch",
    "modelcontext",
    "do",
    "observe",
    "clone_model",
    "freeze_dims_and_data",
    "change_value_transforms",
    "remove_value_transforms",
    "compile_fn",
    "PointFunction",
    "ConditionalDensity",
    "model_to_graphviz",
    "model_to_mermaid",
    "model_to_networkx",
    "model_table",
    "ModelTable",
    "logp",
    "logcdf",
    "logccdf",
    "icdf",
    "draw",
    "math",
    "gp",
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
    "Lognormal",
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
    "MvStudentT",
    "Multinomial",
    "DirichletMultinomial",
    "OrderedMultinomial",
    "StickBreakingWeights",
    "MatrixNormal",
    "Wishart",
    "KroneckerNormal",
    "CAR",
    "ICAR",
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
    "Simulator",
    "Truncated",
    "CustomDist",
    "DensityDist",
    # time series
    "RandomWalk",
    "GaussianRandomWalk",
    "MvGaussianRandomWalk",
    "AR",
    "GARCH11",
    "EulerMaruyama",
    # compile and sample
    "compile",
    "compute_deterministics",
    "compute_log_likelihood",
    "compute_log_prior",
    "CompiledModel",
    "from_pointers",
    "get_include",
    "load_plan",
    "save_plan",
    "sample",
    "resume",
    "RunHandle",
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
    "WrongTypeError",
    "CompileError",
    "LogDensityError",
    "CheckpointError",
    "InitializationError",
    "SamplingError",
    "SamplingInterrupted",
    "RufousWarning",
    "DivergenceWarning",
    "ImputationWarning",
    "ConvergenceWarning",
    "TreeDepthWarning",
]

#: Where public names live that are no distributions; those are all in one place.
_HOMES = {
    "compile.compiled_model": "CompiledModel",
    "compile.plans": "load_plan save_plan",
    "compile.pointers": "from_pointers get_include",
    "derived.density": "icdf logccdf logcdf logp",
    "derived.observe": "observe",
    "diagnostics": "Report check",
    "errors": (
        "CheckpointError CompileError ConvergenceWarning DivergenceWarning "
        "ImputationWarning InitializationError LogDensityError ModelError RufousError "
        "RufousWarning SamplingError SamplingInterrupted SettingsError ShapeError "
        "TreeDepthWarning UnknownNameError UnsupportedError WrongTypeError"
    ),
    "model.conditional": "ConditionalDensity",
    "model.context": "modelcontext",
    "model.data": "Data set_data",
    "model.functions": "PointFunction compile_fn",
    "model.interventions": "change_value_transforms do remove_value_transforms",
    "model.model": "Model",
    "model.pictures": "model_to_graphviz model_to_mermaid model_to_networkx",
    "model.rebuild": "clone_model freeze_dims_and_data",
    "model.subsampling": "Minibatch",
    "model.table": "ModelTable model_table",
    "model.variables": "Deterministic Potential",
    "predictive.deterministics": "compute_deterministics",
    "predictive.draw": "draw",
    "predictive.log_likelihood": "compute_log_likelihood compute_log_prior",
    "predictive.posterior": "sample_posterior_predictive",
    "predictive.prior": "sample_prior_predictive",
    "sampling.resume": "resume",
    "sampling.run_handle": "RunHandle",
    "sampling.sample": "sample",
}
_HOME_OF = {name: home for home, names in _HOMES.items() for name in names.split()}


def __getattr__(name: str) -> _t.Any:
    """Load what is public when it is first asked for."""
    if name in ("distributions", "gp", "math"):
        return _import_module(f"rufous.{name}")
    if name not in __all__:
        # With the two, Python says which name may have been meant.
        message = f"module 'rufous' has no attribute {name!r}"
        raise AttributeError(message, name=name, obj=_sys.modules[__name__])
    value = getattr(_import_module(f"rufous.{_HOME_OF.get(name, 'distributions')}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    """List what is public and what is loaded."""
    return sorted({*globals(), *__all__})


_logging.getLogger("rufous").addHandler(_logging.NullHandler())
