"""Read a result and measure everything that tells whether its draws can be trusted."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from rufous._typing import FloatArray
from rufous.diagnostics.convergence import Convergence, bfmi, convergence
from rufous.diagnostics.labels import Labels
from rufous.diagnostics.report import Report, VariableCheck
from rufous.diagnostics.thresholds import ESS_PER_CHAIN, RHAT_MAX
from rufous.errors import UnknownNameError
from rufous.results import get_group, has_group

if TYPE_CHECKING:
    import xarray as xr

__all__ = ["check"]

_NUM_WORST = 5


def check(
    idata: Any,
    *,
    var_names: Sequence[str] | None = None,
    target_accept: float | None = None,
    max_treedepth: int | None = None,
) -> Report:
    """Check a run: divergences, R-hat, effective sample sizes, tree depth and E-BFMI.

    Parameters
    ----------
    idata : InferenceData or DataTree
        A result with a group ``posterior``; ``sample_stats`` is checked where it is there.
    var_names : sequence of str, optional
        Variables whose R-hat and effective sample sizes are checked; default all.
    target_accept : float in (0, 1), optional
        Setting of the run, for the advice; default what the attributes of `idata` say.
    max_treedepth : int, optional
        The same.

    Returns
    -------
    Report
        ``str(report)`` is the verdict in words, ``report.ok`` its short form, and
        ``report.warn()`` gives one warning for each problem.

    Raises
    ------
    UnknownNameError
        When `var_names` names a variable that the posterior does not hold.

    Notes
    -----
    Costs about 0.1 ms for every scalar variable of 4000 draws. The numbers are those of
    ArviZ; a variable that is constant, or not finite, has none and is listed instead.

    Examples
    --------
    >>> import numpy as np
    >>> from rufous.diagnostics import check
    >>> from rufous.results import GroupSpec, to_inference_data
    >>> draws = np.random.default_rng(1).normal(size=(4, 500))
    >>> report = check(to_inference_data({"posterior": GroupSpec({"mu": draws})}))
    >>> report.ok, report.rhat.num_checked
    (True, 1)
    """
    posterior = get_group(idata, "posterior") if has_group(idata, "posterior") else None
    num_chains = 0 if posterior is None else posterior.sizes.get("chain", 0)
    settings = _settings({} if posterior is None else posterior.attrs)
    # As many threads as the run was given: whoever asked for one core has others in use.
    variables = _check_variables(posterior, var_names, num_chains, settings.get("num_threads"))
    statistics = _check_statistics(idata)
    return Report(
        num_chains=num_chains,
        num_draws=0 if posterior is None else posterior.sizes.get("draw", 0),
        restarts=() if posterior is None else _restarts(posterior.attrs),
        complete=posterior is None or bool(posterior.attrs.get("complete", True)),
        target_accept=target_accept or settings.get("target_accept"),
        max_treedepth=max_treedepth or settings.get("max_treedepth"),
        local_steps=settings.get("local_steps"),
        **variables,
        **statistics,
    )


def _check_variables(
    posterior: xr.Dataset | None,
    var_names: Sequence[str] | None,
    num_chains: int,
    num_threads: int | None,
) -> dict[str, Any]:
    names = _names(posterior, var_names)
    variables = [] if posterior is None else [_with_draws_first(posterior[name]) for name in names]
    labels = Labels(variables)
    found = convergence([variable.values for variable in variables], num_threads)
    # NaN among the draws, and an empty posterior, make the extremes NaN.
    finite = np.isfinite(found.minimum) & np.isfinite(found.maximum)
    varies = finite & (found.minimum < found.maximum)
    has_draws = any(variable.size for variable in variables)
    # A variable that does not vary has an R-hat and sizes that would only confuse.
    rhat, bulk, tail, error = (
        np.where(varies, numbers, np.nan)
        for numbers in (found.rhat, found.ess_bulk, found.ess_tail, _relative_error(found))
    )
    return {
        "rhat": _variable_check("R-hat", labels, rhat, RHAT_MAX, high_is_bad=True),
        "ess_bulk": _variable_check("bulk ESS", labels, bulk, ESS_PER_CHAIN * num_chains),
        "ess_tail": _variable_check("tail ESS", labels, tail, ESS_PER_CHAIN * num_chains),
        "mcse": _variable_check("MCSE", labels, error, np.inf, high_is_bad=True),
        "constant": tuple(labels[i] for i in np.flatnonzero(finite & ~varies).tolist()),
        "not_finite": tuple(labels[i] for i in np.flatnonzero(~finite & has_draws).tolist()),
    }


def _names(posterior: xr.Dataset | None, var_names: Sequence[str] | None) -> list[str]:
    present = [] if posterior is None else [str(name) for name in posterior.data_vars]
    for name in var_names or ():
        if name not in present:
            known = ", ".join(present) or "none"
            raise UnknownNameError(
                f"no variable named {name!r} in the posterior; there are: {known}"
            )
    return present if var_names is None else list(var_names)


def _with_draws_first(variable: xr.DataArray) -> xr.DataArray:
    if variable.dims[:2] == ("chain", "draw"):
        return variable
    return variable.transpose("chain", "draw", ...)


def _relative_error(found: Convergence) -> FloatArray:
    """Monte Carlo error of the mean as a part of the standard deviation."""
    with np.errstate(invalid="ignore"):
        return found.mcse_mean / found.sd


def _variable_check(
    name: str,
    labels: Labels,
    values: np.ndarray[Any, np.dtype[np.float64]],
    threshold: float,
    *,
    high_is_bad: bool = False,
) -> VariableCheck:
    known = np.flatnonzero(~np.isnan(values))
    badness = values[known] if high_is_bad else -values[known]
    order = known[np.argsort(-badness, kind="stable")]
    failing = values[known] > threshold if high_is_bad else values[known] < threshold
    return VariableCheck(
        name=name,
        threshold=threshold,
        worst=tuple((labels[i], float(values[i])) for i in order[:_NUM_WORST].tolist()),
        num_failing=int(failing.sum()),
        num_checked=len(known),
    )


def _check_statistics(idata: Any) -> dict[str, Any]:
    """Count divergences and cut-off trajectories and measure E-BFMI, as far as there are any."""
    found: dict[str, Any] = {}
    if not has_group(idata, "sample_stats"):
        return found
    statistics = get_group(idata, "sample_stats")
    if "diverging" in statistics:
        found["divergences"] = int(statistics["diverging"].sum())
        found["divergence_reasons"] = _count_reasons(statistics)
    if "reached_max_treedepth" in statistics:
        found["cut_off"] = int(statistics["reached_max_treedepth"].sum())
    if "energy" in statistics:
        energy = statistics["energy"].transpose("chain", "draw").values
        found["bfmi"] = tuple(float(value) for value in bfmi(energy))
        found["chains"] = tuple(int(chain) for chain in statistics["chain"].values)
    return found


def _count_reasons(statistics: xr.Dataset) -> dict[str, int]:
    """Count divergences by the text of their reason."""
    if "divergence_reason" not in statistics:
        return {}
    codes = statistics["divergence_reason"].values[statistics["diverging"].values]
    texts = json.loads(statistics["divergence_reason"].attrs.get("reasons", "{}"))
    values, counts = np.unique(codes, return_counts=True)
    return {
        texts.get(str(value), f"reason {value}"): int(count)
        for value, count in zip(values, counts, strict=True)
    }


def _restarts(attrs: Mapping[str, Any]) -> tuple[int, ...]:
    """Read how often each chain was brought back; a file may hold a number for a list of one."""
    return tuple(int(count) for count in np.atleast_1d(attrs.get("restarts", ())))


def _settings(attrs: Mapping[str, Any]) -> dict[str, Any]:
    """Read the settings of the run, with nested ones brought to the top."""
    try:
        settings = json.loads(attrs.get("settings", "{}"))
    except json.JSONDecodeError:
        return {}
    flat: dict[str, Any] = {}
    for key, value in settings.items():
        flat |= value if isinstance(value, dict) else {key: value}
    return flat
