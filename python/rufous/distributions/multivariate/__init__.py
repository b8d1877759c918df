"""Distributions of vectors and arrays."""

from rufous.distributions.multivariate.counts import (
    DirichletMultinomial,
    Multinomial,
    OrderedMultinomial,
)
from rufous.distributions.multivariate.dirichlet import Dirichlet
from rufous.distributions.multivariate.kronecker_normal import KroneckerNormal
from rufous.distributions.multivariate.lkj import LKJCholeskyCov, LKJCorr
from rufous.distributions.multivariate.matrices import MatrixNormal, Wishart
from rufous.distributions.multivariate.mv_normal import MvNormal
from rufous.distributions.multivariate.mv_student_t import MvStudentT
from rufous.distributions.multivariate.spatial import CAR, ICAR
from rufous.distributions.multivariate.stick_breaking import StickBreakingWeights
from rufous.distributions.multivariate.zero_sum_normal import ZeroSumNormal

__all__ = [
    "CAR",
    "Dirichlet",
    "DirichletMultinomial",
    "ICAR",
    "KroneckerNormal",
    "LKJCholeskyCov",
    "LKJCorr",
    "MatrixNormal",
    "Multinomial",
    "MvNormal",
    "MvStudentT",
    "OrderedMultinomial",
    "StickBreakingWeights",
    "Wishart",
    "ZeroSumNormal",
]
