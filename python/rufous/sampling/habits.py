"""What users of PyMC write in a call of `sample` besides its own arguments.

Each keyword acts, or asks for what is done anyway, or is refused with the way out: none is passed
over in silence.
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from typing import Any

import numpy as np

from rufous.errors import SettingsError, WrongTypeError
from rufous.sampling.checks import check_flag

__all__ = ["read_habits", "read_init"]

# Values that ask for what is done anyway, and the way out for any other.
REFUSED: dict[str, tuple[tuple[Any, ...], str]] = {
    "return_inferencedata": (
        (True,),
        "the result is always labelled: result.posterior['x'].values",
    ),
    "step": ((None,), "the sampler is NUTS, which moves all free variables together"),
    "trace": ((None,), "the draws are in the result"),
    "nuts_sampler": ((None,), "the sampler is Rufous' own; `backend` names it"),
    "nuts_sampler_kwargs": ((None, {}), "the arguments of sample set what there is to set"),
    "idata_kwargs": (
        (None, {}),
        "call compute_log_likelihood or compute_log_prior with the result",
    ),
    "compile_kwargs": ((None, {}), "`evaluator` chooses what computes the log density"),
    "mp_ctx": ((None,), "chains are threads, not processes"),
    "blas_cores": ((None, "auto", 1), "each chain uses one BLAS thread"),
    "keep_warning_stat": ((False,), "sample_stats has `divergence_reason`"),
    "jitter_max_retries": ((), "each chain tries a hundred starts, `jitter` says how far apart"),
    "n_init": ((), "there is no separate initialisation; `tune` counts the warm-up"),
    "progressbar_theme": ((None,), "leave it out"),
}
# Names for where chains start and which metric they learn.
INITS: dict[str, tuple[float | None, str | None]] = {
    "auto": (None, None),
    "jitter+adapt_diag": (None, "diagonal"),
    "adapt_diag": (0.0, "diagonal"),
    "jitter+adapt_full": (None, "dense"),
    "adapt_full": (0.0, "dense"),
}


def read_habits(
    given: Mapping[str, Any], own: Mapping[str, Any], defaults: Mapping[str, Any]
) -> tuple[dict[str, Any], bool]:
    """Read the keywords that are none of `sample`'s own.

    Parameters
    ----------
    given : mapping of str to object
        Them, as the user wrote them.
    own : mapping of str to object
        The arguments of `sample` that ``nuts`` may hold as well, as the user wrote them.
    defaults : mapping of str to object
        What the keyword arguments of `sample` are when they are left out.

    Returns
    -------
    dict of str to object
        The arguments in `own`, by either way.
    bool
        Whether convergence is checked after the run.

    Raises
    ------
    SettingsError
        For one that would not act.
    WrongTypeError
        For one that nobody knows.
    """
    left = dict(given)
    checks = check_flag("compute_convergence_checks", left.pop("compute_convergence_checks", True))
    options = _read_nuts(left.pop("nuts", None), own, defaults)
    for name, value in left.items():
        if name not in REFUSED:
            near = difflib.get_close_matches(name, ["draws", *defaults, "nuts", *REFUSED], n=1)
            hint = f"; did you mean `{near[0]}`?" if near else "; help(rufous.sample) lists them"
            raise WrongTypeError(f"sample has no argument `{name}`{hint}")
        done_anyway, way_out = REFUSED[name]
        is_alone = np.ndim(value) == 0
        if not any(value is each or (is_alone and value == each) for each in done_anyway):
            raise SettingsError(f"`{name}` must be left out of sample, got {value!r}: {way_out}")
    return options, checks


def _read_nuts(nuts: Any, own: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    if not isinstance(nuts, Mapping | None):
        raise SettingsError(
            f"`nuts` must be a dict, got {nuts!r} ({type(nuts).__name__}); for example "
            "{'target_accept': 0.9}"
        )
    options = dict(nuts or {})
    for name in options:
        if name not in own:
            raise SettingsError(
                f"`nuts` has {name!r}; it may hold 'target_accept' and 'max_treedepth', the other "
                "settings are arguments of sample"
            )
        if own[name] != defaults[name]:
            raise SettingsError(
                f"`{name}` was given twice: {own[name]!r} by itself and {options[name]!r} in "
                "`nuts`; leave one of them out"
            )
    return {**own, **options}


def read_init(init: Any, jitter: Any, metric: Any) -> tuple[Any, Any, Any]:
    """Translate PyMC's names for `init` into `init`, `jitter` and `metric`."""
    if not isinstance(init, str) or init not in INITS:
        return init, jitter, metric
    own_jitter, own_metric = INITS[init]
    return (
        "jitter",
        jitter if own_jitter is None else own_jitter,
        own_metric if metric is None else metric,
    )
