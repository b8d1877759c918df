"""Numbers of which only those in an interval exist."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytensor.tensor as pt
from pytensor.tensor.random.basic import NormalRV

from rufous.distributions.base import Distribution
from rufous.distributions.components import (
    ComposedRV,
    checked_density,
    part_constraints,
    part_signature,
    transform_of_part,
)
from rufous.distributions.continuous.truncated_normal import TruncatedNormal
from rufous.distributions.modifiers.censored import held, read_interval
from rufous.distributions.stable import as_real, inside
from rufous.errors import SettingsError, UnsupportedError
from rufous.model import registry
from rufous.model.python_linker import run
from rufous.model.registry import Constraint
from rufous.transforms import (
    Interval,
    LogOddsTransform,
    LogTransform,
    Transform,
    by_finite_ends,
    finite_end,
)

__all__ = ["Truncated"]

# Rounds of drawing again before the quantile function is tried.
PATIENCE = 20


class TruncatedRV(ComposedRV):
    """Numbers of the part, drawn again until they lie in the interval."""

    name = "truncated"
    n_own = 2
    _print_name = ("Truncated", "\\operatorname{Truncated}")

    def draw(self, rng: Any, parameters: Any, size: tuple[int, ...]) -> Any:
        """Draw again where a number lies outside; then invert the cdf, if that is known."""
        [(op, own)] = self.split(parameters)
        lower, upper = parameters[:2]
        [max_n_steps] = self.options
        drawn = np.asarray(op.rng_fn(rng, *own, size))
        outside = (drawn < lower) | (drawn > upper)
        for step in range(max_n_steps):
            if not outside.any():
                return drawn
            if step == PATIENCE:
                drawn = np.where(outside, _inverted(rng, op, own, lower, upper, size, drawn), drawn)
            else:
                drawn = np.where(outside, op.rng_fn(rng, *own, size), drawn)
            outside = (drawn < lower) | (drawn > upper)
        raise SettingsError(
            f"Truncated: no number between `lower` and `upper` was drawn in {max_n_steps} rounds; "
            "the interval is very unlikely. Widen it, or raise `max_n_steps`"
        )


class Truncated(Distribution, op_type=TruncatedRV):
    r"""Truncated distribution: numbers outside an interval do not exist.

    .. math:: f(x \mid a, b) = \frac{f_X(x)}{P(a \le X \le b)}, \quad a \le x \le b

    ========  ==================================================
    Support   ``lower <= x <= upper``, within that of `dist`
    Mean      no general formula
    Variance  no general formula
    ========  ==================================================

    Parameters
    ----------
    dist : distribution
        Of single numbers, made with ``.dist()``, with a log cdf in closed form. Of a normal
        distribution a `TruncatedNormal` is made.
    lower : float, array_like or TensorVariable, optional
        Lower end; None or -inf for none.
    upper : float, array_like or TensorVariable, optional
        Upper end; None or inf for none.
    max_n_steps : int, default 10000
        How many rounds of drawing again are made before that is given up.

    Raises
    ------
    SettingsError
        When `dist` is no distribution of numbers, or the ends are out of order; when drawing, after
        `max_n_steps` rounds.
    UnsupportedError
        When the log cdf of `dist` is not known.

    Examples
    --------
    >>> import rufous as rf
    >>> with rf.Model() as model:
    ...     x = rf.Truncated("x", rf.Gamma.dist(alpha=2, beta=1), upper=3)
    >>> model.value_vars
    [x_interval__]
    """

    @classmethod
    def parametrise(
        cls, dist: Any, lower: Any = None, upper: Any = None, max_n_steps: int = 10_000
    ) -> Any:
        """Put the op of the numbers into one op."""
        part, ends = read_interval(dist, lower, upper)
        if not isinstance(max_n_steps, int | np.integer) or max_n_steps < 1:
            raise SettingsError(f"`max_n_steps` must be a whole number >= 1, got {max_n_steps!r}")
        if isinstance(part.op, NormalRV):
            mu, sigma = part.parameters
            return TruncatedNormal.parametrise(mu, sigma, lower=ends[0], upper=ends[1])
        signature = ",".join(["()", "()", *part_signature(part.op, "t")])
        op = TruncatedRV([part.op], f"{signature}->()", part.op.dtype, (int(max_n_steps),))
        return op, (*ends, *part.parameters)

    @staticmethod
    def logdensity(op: Any, value: Any, lower: Any, upper: Any, *parameters: Any) -> Any:
        """Write the log density."""
        [(part, own)] = op.split((lower, upper, *parameters))
        core = checked_density(part, value, own) - _log_mass(part, own, lower, upper)
        return inside(pt.ge(value, lower) & pt.le(value, upper), core)

    @staticmethod
    def logcdf(op: Any, value: Any, lower: Any, upper: Any, *parameters: Any) -> Any:
        """Write the log cdf."""
        [(part, own)] = op.split((lower, upper, *parameters))
        given = as_real(value)
        value = pt.clip(given, lower, upper)
        core = _log_mass(part, own, lower, value) - _log_mass(part, own, lower, upper)
        reached = pt.gt if op.dtype.startswith("float") else pt.ge
        return inside(reached(given, lower), core)

    @staticmethod
    def support_point(op: Any, rv: Any, lower: Any, upper: Any, *parameters: Any) -> Any:
        """Return the typical point of the numbers, or one inside the interval."""
        [(part, own)] = op.split((lower, upper, *parameters))
        point = registry.support_point(part, rv, *own)
        other = by_finite_ends(
            finite_end(lower),
            finite_end(upper),
            both=lambda low, high: 0.5 * (low + high),
            left=lambda low: low + 1.0,
            right=lambda high: high - 1.0,
            none=lambda: point,
        )
        found = pt.switch(pt.gt(point, lower) & pt.lt(point, upper), point, other)
        return found if op.dtype.startswith("float") else pt.cast(pt.floor(found), "int64")

    @staticmethod
    def constraints(op: Any, lower: Any, upper: Any, *parameters: Any) -> list[Constraint]:
        """Require the ends in order, and what the numbers require."""
        [(part, own)] = op.split((lower, upper, *parameters))
        return [Constraint(pt.le(lower, upper), "lower <= upper"), *part_constraints(part, own)]

    @staticmethod
    def default_transform(rv: Any) -> Transform | None:
        """Use the interval between the ends, within the support of the numbers."""
        op = rv.owner.op
        if not op.dtype.startswith("float"):
            return None
        [(part, own)] = op.split(op.dist_params(rv.owner))
        of_part = transform_of_part(part, own, op.rng_param(rv.owner))
        least, most = -np.inf, np.inf
        if isinstance(of_part, LogTransform | LogOddsTransform):
            least = 0.0
        if isinstance(of_part, LogOddsTransform):
            most = 1.0
        return Interval(bounds_fn=_Bounds(least, most, of_part))


class _Bounds:
    """The ends of the interval, or of the support of the numbers where these are nearer."""

    def __init__(self, least: float, most: float, of_part: Any) -> None:
        self.least, self.most = least, most
        self.of_part = of_part if isinstance(of_part, Interval) else None

    def __call__(self, lower: Any, upper: Any, *own: Any) -> tuple[Any, Any]:
        ends = [(lower, upper), (self.least, self.most)]
        if self.of_part is not None and self.of_part.bounds_fn is not None:
            ends.append(self.of_part.bounds_fn(*own))
        return (
            _nearest([pair[0] for pair in ends], pt.maximum),
            _nearest([pair[1] for pair in ends], pt.minimum),
        )


def _nearest(ends: list[Any], choose: Any) -> Any:
    """Return the end that cuts most; None when none cuts."""
    found = None
    for end in ends:
        finite = finite_end(end)
        if finite is not None:
            found = finite if found is None else choose(found, finite)
    return found


def _log_mass(part: Any, own: Any, lower: Any, upper: Any) -> Any:
    """Return the log of the probability of an interval, ends included."""
    low, high = finite_end(lower), finite_end(upper)

    def below(end: Any) -> Any:
        first = held(end) if part.dtype.startswith("float") else pt.ceil(held(end)) - 1.0
        return pt.switch(pt.isinf(end), -np.inf, registry.logcdf(part, first, *own))

    def up_to(end: Any) -> Any:
        return pt.switch(pt.isinf(end), 0.0, registry.logcdf(part, held(end), *own))

    if low is None and high is None:
        return pt.constant(0.0)
    if low is None:
        return up_to(high)
    if high is None:
        first = held(low) if part.dtype.startswith("float") else pt.ceil(held(low)) - 1.0
        return pt.switch(pt.isinf(low), 0.0, registry.logccdf(part, first, *own))
    total = up_to(high)
    return total + pt.log1mexp(below(low) - total)


def _inverted(rng: Any, op: Any, own: Any, lower: Any, upper: Any, size: Any, fallback: Any) -> Any:
    """Draw by the quantile function; what cannot be inverted stays as it is."""
    constants = [pt.constant(each) for each in own]
    first = lower if op.dtype.startswith("float") else np.ceil(lower) - 1.0
    try:
        ends = [pt.constant(np.asarray(end)) for end in (first, upper)]
        low, high = np.exp(run([registry.logcdf(op, end, *constants) for end in ends]))
        share = low + (high - low) * rng.random(size)
        [drawn] = run([registry.icdf(op, pt.constant(share), *constants)])
    except UnsupportedError:
        return fallback
    return np.clip(drawn, lower, upper)
