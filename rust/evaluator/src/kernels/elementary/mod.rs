//! Elementary functions: powers, logarithms, hyperbolic and trigonometric functions.

mod arctangent;
mod exp;
mod hyperbolic;
mod log;
mod logistic;
mod pow;
mod trigonometric;

pub use arctangent::{acos, asin, atan, atan2};
pub use exp::{exp, exp2, expm1};
pub(crate) use exp::{exp_formula, exp_of_sum};
pub use hyperbolic::{acosh, asinh, atanh, cosh, sinh, tanh};
pub use log::{log, log1p, log2, log10};
pub(crate) use log::{log_formula, log_of_sum, log1p_formula};
pub use logistic::{
    log_add_exp, log_sigmoid, log1mexp, logit, sigmoid, softplus, softplus_sigmoid, xlog1py, xlogy,
};
pub(crate) use logistic::{sigmoid_formula, softplus_formula, softplus_sigmoid_formula};
pub use pow::{pow, pow_int};
pub use trigonometric::{cos, sin, sin_cos, tan};
