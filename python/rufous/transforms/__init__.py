"""Maps between the support of a distribution and all real numbers.

A transform is applied to a whole random variable: ``forward`` takes a value of the support to
unconstrained space, ``backward`` takes it back, and ``log_jac_det`` is the logarithm of the
absolute Jacobian determinant of ``backward``, which the log density gains in unconstrained space.
All three get the parameters of the distribution after the value, so that bounds may depend on them.
"""

from rufous.transforms.base import (
    Chain,
    ChainedTransform,
    Transform,
)
from rufous.transforms.cholesky import (
    CholeskyCorrTransform,
    CholeskyCovPacked,
    CholeskyCovTransform,
)
from rufous.transforms.elementwise import (
    CircularTransform,
    LogExpM1,
    LogOddsTransform,
    LogTransform,
    circular,
    log,
    log_exp_m1,
    logodds,
)
from rufous.transforms.interval import (
    Interval,
)
from rufous.transforms.interval import (
    by_finite_ends as by_finite_ends,
)
from rufous.transforms.interval import (
    constant_value as constant_value,
)
from rufous.transforms.interval import (
    finite_end as finite_end,
)
from rufous.transforms.vectors import (
    Ordered,
    SimplexTransform,
    SumTo1,
    ZeroSumTransform,
    ordered,
    simplex,
    sum_to_1,
)
from rufous.transforms.vectors import (
    log_softmax as log_softmax,
)

__all__ = [
    "Chain",
    "ChainedTransform",
    "CholeskyCorrTransform",
    "CholeskyCovPacked",
    "CholeskyCovTransform",
    "CircularTransform",
    "Interval",
    "LogExpM1",
    "LogOddsTransform",
    "LogTransform",
    "Ordered",
    "SimplexTransform",
    "SumTo1",
    "Transform",
    "ZeroSumTransform",
    "circular",
    "log",
    "log_exp_m1",
    "logodds",
    "ordered",
    "simplex",
    "sum_to_1",
]
