//! Kernels: pure functions over slices of `f64`, vectorised for the machine they run on.
//!
//! - [`Isa`] says which instruction set to use; every kernel takes one.
//! - Elementwise kernels take slices of equal length; [`Operand`] arguments may be numbers.
//! - Truth values are 1.0 and 0.0. Nothing here allocates, locks or fails; lengths are asserted.
//!
//! A kernel is a formula on [`vector::Vector`], written once and compiled for each instruction
//! set by the loops of [`map`]. The operations a formula may use are those of [`lanes::Lanes`].
//! Every formula states its error in ulp (units in the last place of the result), as measured
//! against 50-digit references by `tests/kernels`.

// A kernel must become one function per instruction set; see `lanes`.
#![allow(clippy::inline_always)]
// Formulas are named after what they compute, also where that is an operator's name.
#![allow(clippy::should_implement_trait)]

mod arithmetic;
mod elementary;
mod isa;
mod lanes;
mod map;
mod polynomial;
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
pub use isa::{ISA_VARIABLE, Isa, IsaError};
pub use map::Operand;

/// An elementwise kernel of one argument.
pub type Unary = fn(Isa, &[f64], &mut [f64]);
/// An elementwise kernel of one argument and two results.
pub type Pair = fn(Isa, &[f64], &mut [f64], &mut [f64]);
/// An elementwise kernel of two arguments.
pub type Binary = fn(Isa, Operand, Operand, &mut [f64]);
/// An elementwise kernel of three arguments.
pub type Ternary = fn(Isa, Operand, Operand, Operand, &mut [f64]);
