//! Reductions: many numbers to one, in an order that depends on nothing but the length and the
//! instruction set.
//!
//! Four registers accumulate side by side; at the end they are combined pairwise, and so are
//! their lanes. Besides speed this is closer to pairwise summation than to a running sum: the
//! rounding error grows with `n / 32` on AVX-512.

mod extrema;
mod log_product;
mod scan;
mod softmax;
mod sums;

pub use extrema::{all, any, arg_max, max_of, min_of};
pub use log_product::{sum_log, sum_softplus, sum_softplus_sigmoid};
pub use scan::{cumprod, cumsum};
pub use softmax::{log_softmax, log_sum_exp, softmax};
pub(super) use sums::accumulate;
pub(crate) use sums::{Dot, Sum, SumSqr};
pub(crate) use sums::{Fold, Products, Squares, Terms};
pub use sums::{add_assign, dot, dot3, mul_add_assign, mul_assign, prod, sum, sum_sqr};
