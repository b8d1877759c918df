//! Slopes of the error function and its relatives.

use std::f64::consts::FRAC_2_SQRT_PI;

use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, UnaryOp};

/// From here on the slope of `erfcx` is taken from its series.
///
/// Below it the difference loses `2 x^2` roundings, 4e-13 of the slope at most; above it the series
/// is closer.
const FAR: f64 = 30.0;

/// Terms of `(2 x erfcx(x) - 2 / sqrt(pi)) x^2 sqrt(pi)` in `1 / x^2`: each is the one before it times
/// `-(2 k + 1) / 2`.
const SERIES: [f64; 6] = [-1.0, 1.5, -3.75, 13.125, -59.0625, 324.84375];

/// The derivative at `x` of one of the four, whose value there is `out`.
pub(super) fn slope(g: &mut Graph, op: UnaryOp, x: NodeId, out: NodeId) -> NodeId {
    match op {
        UnaryOp::Erfcx => of_erfcx(g, x, out),
        UnaryOp::LogErfc => {
            // exp(-x^2) / erfc(x) is 1 / erfcx(x), without cancellation in the tail.
            let y = g.unary(UnaryOp::Erfcx, x);
            let y = g.unary(UnaryOp::Reciprocal, y);
            g.scale(y, -FRAC_2_SQRT_PI)
        }
        _ => {
            let y = g.unary(UnaryOp::Sqr, x);
            let y = g.neg(y);
            let y = g.unary(UnaryOp::Exp, y);
            let sign = if op == UnaryOp::Erf { 1.0 } else { -1.0 };
            g.scale(y, sign * FRAC_2_SQRT_PI)
        }
    }
}

/// `2 x erfcx(x) - 2 / sqrt(pi)`, and far out, where nothing of the difference is left, its series.
fn of_erfcx(g: &mut Graph, x: NodeId, out: NodeId) -> NodeId {
    let near = g.mul(x, out);
    let near = g.scale(near, 2.0);
    let near = g.shift(near, -FRAC_2_SQRT_PI);
    let inverse = g.unary(UnaryOp::Reciprocal, x);
    let square = g.unary(UnaryOp::Sqr, inverse);
    let mut far = g.scalar(SERIES[SERIES.len() - 1]);
    for &term in SERIES.iter().rev().skip(1) {
        far = g.mul(far, square);
        far = g.shift(far, term);
    }
    let far = g.mul(far, square);
    let far = g.scale(far, 0.5 * FRAC_2_SQRT_PI);
    let limit = g.scalar(FAR);
    let is_far = g.binary(BinaryOp::Gt, x, limit);
    g.switch(is_far, far, near)
}
