//! Kernels: pure functions over slices of `f64`, vectorised for the machine they run on.
//!
//! - [`Isa`] says which instruction set to use; every kernel takes one.
//! - Elementwise kernels take slices of equal length; [`Operand`] arguments may be numbers.
//! - Truth values are 1.0 and 0.0. Nothing here allocates, locks or fails; lengths are asserted.
//!
//! A kernel is a formula on vectors (`vector`), written once and compiled for each instruction
//! set by the loops of `map`. The operations a formula may use are those of `lanes::Lanes`.
//! Every formula states its error in ulp (units in the last place of the result), as measured
//! against 50-digit references by `tests/kernels`.

// A kernel must become one function per instruction set; see `lanes`.
#![allow(clippy::inline_always)]
// Formulas are named after what they compute, also where that is an operator's name.
#![allow(clippy::should_implement_trait)]

mod arithmetic;
mod elementary;
mod index;
mod isa;
mod lanes;
mod linalg;
mod map;
pub(crate) mod padded;
mod polynomial;
mod quick;
mod reduce;
mod single;
mod special;
mod vector;

pub use arithmetic::{
    abs, add, and, ceil, clip, copysign, div, eq, floor, floor_div, ge, gt, is_finite, is_inf,
    is_nan, le, lt, max, min, modulo, mul, mul_add, ne, neg, not, or, reciprocal, round_half_away,
    round_half_even, sign, sqr, sqrt, sub, switch, trunc, xor,
};
pub use elementary::{
    acos, acosh, asin, asinh, atan, atan2, atanh, cos, cosh, exp, exp2, expm1, log, log_add_exp,
    log_sigmoid, log1mexp, log1p, log2, log10, logit, pow, pow_int, sigmoid, sin, sin_cos, sinh,
    softplus, softplus_sigmoid, tan, tanh, xlog1py, xlogy,
};
pub use index::{
    IndexError, Indices, IndicesRef, Segments, gather, scatter_add, segment_fill, segment_sum_add,
};
pub use isa::{ISA_VARIABLE, Isa, IsaError};
pub(crate) use lanes::{Kernel, Lanes};
pub use linalg::{
    LuInfo, MatrixMut, MatrixRef, Triangle, cholesky, cholesky_diagonal_reverse, cholesky_reverse,
    eigen_symmetric, expm, gemv, gemv_add, gemv_t, gemv_t_add, inverse, log_det_triangular,
    lu_factor, lu_solve, matmul, matmul_add, rank1_add, solve_triangular,
};
pub use map::Operand;
pub(crate) use padded::{Arena, Places};
pub(crate) use quick::{
    Quick1, Quick2, quick_add_to, quick_copy, quick_fill, quick_switch, quick1, quick2,
};
pub(crate) use reduce::{Dot, Products, Squares, Sum, SumSqr, Terms};
pub use reduce::{
    add_assign, all, any, arg_max, cumprod, cumsum, dot, dot3, log_softmax, log_sum_exp, max_of,
    min_of, mul_add_assign, mul_assign, prod, softmax, sum, sum_log, sum_softplus,
    sum_softplus_sigmoid, sum_sqr,
};
pub use single::{
    Single, betainc, betainc_by_a, betainc_by_b, betainc_by_x, betaincinv, erfcinv, erfinv,
    gammainc_by_shape, gammainccinv, gammaincinv, ive_real, kve, ndtri_exp, owens_t, polygamma,
};
pub use special::{
    betaln, digamma, erf, erfc, erfcx, i0, i0e, i1, i1e, ive, lgamma, lgamma_digamma, log_erfc,
    log_ndtr, log_ndtr_ratio, ndtr, trigamma,
};
pub use special::{gammainc, gammaincc};

/// An elementwise kernel of one argument.
pub type Unary = fn(Isa, &[f64], &mut [f64]);
/// An elementwise kernel of one argument and two results.
pub type Pair = fn(Isa, &[f64], &mut [f64], &mut [f64]);
/// An elementwise kernel of two arguments.
pub type Binary = fn(Isa, Operand, Operand, &mut [f64]);
/// An elementwise kernel of three arguments.
pub type Ternary = fn(Isa, Operand, Operand, Operand, &mut [f64]);
