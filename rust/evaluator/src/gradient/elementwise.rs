//! Pullbacks of functions of single elements.

use std::f64::consts::{LN_2, LN_10};

use super::{Cotangents, error_function};
use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, SingleOp, UnaryOp};

/// Gives `c * op'(x)` to `x`; `out` is `op(x)`.
pub(super) fn unary(
    g: &mut Graph,
    op: UnaryOp,
    x: NodeId,
    out: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) {
    let back = match op {
        UnaryOp::Neg => g.neg(c),
        UnaryOp::ToSingle => c,
        UnaryOp::Exp => g.mul(c, out),
        UnaryOp::Log => g.div(c, x),
        UnaryOp::Sqrt => {
            let half = g.scale(c, 0.5);
            g.div(half, out)
        }
        UnaryOp::Reciprocal => {
            // One factor after the other: the square may overflow where the product does not.
            let once = g.mul(c, out);
            let twice = g.mul(once, out);
            g.neg(twice)
        }
        _ => {
            let Some(slope) = slope(g, op, x, out) else {
                return;
            };
            g.mul(c, slope)
        }
    };
    to.give(g, x, back);
}

/// The derivative of `op` at `x`, where `op(x)` is `out`; nothing for a discrete result.
fn slope(g: &mut Graph, op: UnaryOp, x: NodeId, out: NodeId) -> Option<NodeId> {
    Some(match op {
        UnaryOp::Abs => g.unary(UnaryOp::Sign, x),
        UnaryOp::Sqr => g.scale(x, 2.0),
        UnaryOp::Expm1 => g.unary(UnaryOp::Exp, x),
        UnaryOp::Log1p => {
            let y = g.shift(x, 1.0);
            g.unary(UnaryOp::Reciprocal, y)
        }
        UnaryOp::Log2 | UnaryOp::Log10 => {
            let y = g.scale(x, if op == UnaryOp::Log2 { LN_2 } else { LN_10 });
            g.unary(UnaryOp::Reciprocal, y)
        }
        UnaryOp::Log1mExp => {
            let y = g.neg(x);
            let y = g.unary(UnaryOp::Expm1, y);
            let y = g.unary(UnaryOp::Reciprocal, y);
            g.neg(y)
        }
        UnaryOp::Softplus => g.unary(UnaryOp::Sigmoid, x),
        UnaryOp::Sigmoid => {
            // As it is, not as sigmoid(-x): a difference of two sigmoids lost digits to the rounding
            // of each, and its slope over itself is right only with the same roundings.
            let one = g.scalar(1.0);
            let shape = g.shape(out).to_vec();
            let rest = g.make(Op::Binary(BinaryOp::Sub), vec![one, out], shape);
            g.mul(out, rest)
        }
        UnaryOp::Lgamma => g.unary(UnaryOp::Digamma, x),
        UnaryOp::Digamma => g.unary(UnaryOp::Trigamma, x),
        UnaryOp::Erf | UnaryOp::Erfc | UnaryOp::Erfcx | UnaryOp::LogErfc => {
            error_function::slope(g, op, x, out)
        }
        UnaryOp::I0 => g.unary(UnaryOp::I1, x),
        UnaryOp::I1 => {
            let zero = g.unary(UnaryOp::I0, x);
            let ratio = g.div(out, x);
            g.sub(zero, ratio)
        }
        UnaryOp::I0e => {
            let one = g.unary(UnaryOp::I1e, x);
            let sign = g.unary(UnaryOp::Sign, x);
            let falling = g.mul(sign, out);
            g.sub(one, falling)
        }
        UnaryOp::I1e => {
            let zero = g.unary(UnaryOp::I0e, x);
            let sign = g.unary(UnaryOp::Sign, x);
            let inverse = g.unary(UnaryOp::Reciprocal, x);
            let rate = g.add(sign, inverse);
            let falling = g.mul(rate, out);
            g.sub(zero, falling)
        }
        UnaryOp::Trigamma => {
            let order = g.scalar(2.0);
            g.single(SingleOp::PolyGamma, &[order, x])
        }
        _ => return circular(g, op, x, out),
    })
}

/// Derivatives of the trigonometric and hyperbolic functions; nothing for discrete results.
fn circular(g: &mut Graph, op: UnaryOp, x: NodeId, out: NodeId) -> Option<NodeId> {
    let quadratic = |g: &mut Graph, x: NodeId, sign: f64, constant: f64| {
        let y = g.unary(UnaryOp::Sqr, x);
        let y = g.scale(y, sign);
        g.shift(y, constant)
    };
    let root = |g: &mut Graph, y: NodeId| {
        let y = g.unary(UnaryOp::Sqrt, y);
        g.unary(UnaryOp::Reciprocal, y)
    };
    Some(match op {
        UnaryOp::Sin => g.unary(UnaryOp::Cos, x),
        UnaryOp::Cos => {
            let y = g.unary(UnaryOp::Sin, x);
            g.neg(y)
        }
        UnaryOp::Tan => quadratic(g, out, 1.0, 1.0),
        UnaryOp::Asin => {
            let y = quadratic(g, x, -1.0, 1.0);
            root(g, y)
        }
        UnaryOp::Acos => {
            let y = quadratic(g, x, -1.0, 1.0);
            let y = root(g, y);
            g.neg(y)
        }
        UnaryOp::Atan => {
            let y = quadratic(g, x, 1.0, 1.0);
            g.unary(UnaryOp::Reciprocal, y)
        }
        UnaryOp::Sinh => g.unary(UnaryOp::Cosh, x),
        UnaryOp::Cosh => g.unary(UnaryOp::Sinh, x),
        UnaryOp::Tanh => quadratic(g, out, -1.0, 1.0),
        UnaryOp::Asinh => {
            let y = quadratic(g, x, 1.0, 1.0);
            root(g, y)
        }
        UnaryOp::Acosh => {
            let y = quadratic(g, x, 1.0, -1.0);
            root(g, y)
        }
        UnaryOp::Atanh => {
            let y = quadratic(g, x, -1.0, 1.0);
            g.unary(UnaryOp::Reciprocal, y)
        }
        _ => return None,
    })
}

/// Gives the cotangents of both inputs of `out = op(a, b)`.
pub(super) fn binary(
    g: &mut Graph,
    op: BinaryOp,
    a: NodeId,
    b: NodeId,
    out: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) {
    match op {
        BinaryOp::GammaInc | BinaryOp::GammaIncC => incomplete_gamma(g, op, a, b, c, to),
        BinaryOp::Ive => {
            // Half the sum of the neighbours, less what the scale falls.
            let (lower, upper) = (g.shift(a, -1.0), g.shift(a, 1.0));
            let lower = g.binary(BinaryOp::Ive, lower, b);
            let upper = g.binary(BinaryOp::Ive, upper, b);
            let both = g.add(lower, upper);
            let mean = g.scale(both, 0.5);
            let sign = g.unary(UnaryOp::Sign, b);
            let falling = g.mul(sign, out);
            let slope = g.sub(mean, falling);
            let back = g.mul(c, slope);
            to.give(g, b, back);
        }
        BinaryOp::Add | BinaryOp::Sub => {
            to.give(g, a, c);
            if to.wants(b) {
                let back = if op == BinaryOp::Add { c } else { g.neg(c) };
                to.give(g, b, back);
            }
        }
        BinaryOp::Mul => {
            for (x, y) in [(a, b), (b, a)] {
                if to.wants(x) {
                    let back = g.mul(c, y);
                    to.give(g, x, back);
                }
            }
        }
        BinaryOp::Div => {
            let ratio = g.div(c, b);
            to.give(g, a, ratio);
            if to.wants(b) {
                let back = g.mul(ratio, out);
                let back = g.neg(back);
                to.give(g, b, back);
            }
        }
        BinaryOp::Mod => {
            to.give(g, a, c);
            if to.wants(b) {
                let quotient = g.binary(BinaryOp::FloorDiv, a, b);
                let back = g.mul(c, quotient);
                let back = g.neg(back);
                to.give(g, b, back);
            }
        }
        BinaryOp::Pow => power(g, a, b, out, c, to),
        BinaryOp::Max | BinaryOp::Min => {
            let first = if op == BinaryOp::Max {
                BinaryOp::Ge
            } else {
                BinaryOp::Le
            };
            let chosen = g.binary(first, a, b);
            let back = g.mul(chosen, c);
            to.give(g, a, back);
            if to.wants(b) {
                let other = g.unary(UnaryOp::Not, chosen);
                let back = g.mul(other, c);
                to.give(g, b, back);
            }
        }
        BinaryOp::Atan2 => {
            let (aa, bb) = (g.unary(UnaryOp::Sqr, a), g.unary(UnaryOp::Sqr, b));
            let norm = g.add(aa, bb);
            let scaled = g.div(c, norm);
            let back = g.mul(scaled, b);
            to.give(g, a, back);
            let back = g.mul(scaled, a);
            let back = g.neg(back);
            to.give(g, b, back);
        }
        BinaryOp::LogAddExp => {
            for (x, y) in [(a, b), (b, a)] {
                if to.wants(x) {
                    let difference = g.sub(x, y);
                    let share = g.unary(UnaryOp::Sigmoid, difference);
                    let back = g.mul(c, share);
                    to.give(g, x, back);
                }
            }
        }
        _ => {}
    }
}

/// The density of the gamma distribution of shape `k` at `x`, with the sign of the function.
fn incomplete_gamma(
    g: &mut Graph,
    op: BinaryOp,
    k: NodeId,
    x: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) {
    if to.wants(k) {
        let slope = g.single(SingleOp::GammaIncByShape, &[k, x]);
        let slope = if op == BinaryOp::GammaInc {
            slope
        } else {
            g.neg(slope)
        };
        let back = g.mul(c, slope);
        to.give(g, k, back);
    }
    if !to.wants(x) {
        return;
    }
    let log = g.unary(UnaryOp::Log, x);
    let power = g.shift(k, -1.0);
    let rising = g.mul(power, log);
    let norm = g.unary(UnaryOp::Lgamma, k);
    let exponent = g.sub(rising, x);
    let exponent = g.sub(exponent, norm);
    let density = g.unary(UnaryOp::Exp, exponent);
    let slope = if op == BinaryOp::GammaInc {
        density
    } else {
        g.neg(density)
    };
    let back = g.mul(c, slope);
    to.give(g, x, back);
}

fn power(g: &mut Graph, x: NodeId, y: NodeId, out: NodeId, c: NodeId, to: &mut Cotangents) {
    if to.wants(x) {
        let lower = g.shift(y, -1.0);
        let slope = g.binary(BinaryOp::Pow, x, lower);
        let slope = g.mul(y, slope);
        let back = g.mul(c, slope);
        to.give(g, x, back);
    }
    if to.wants(y) {
        let log = g.unary(UnaryOp::Log, x);
        let slope = g.mul(log, out);
        let back = g.mul(c, slope);
        let zero = g.scalar(0.0);
        let at_zero = g.binary(BinaryOp::Eq, x, zero);
        let back = g.switch(at_zero, zero, back);
        to.give(g, y, back);
    }
}

/// Gives each side of a switch its cotangent where it was taken and zero elsewhere.
pub(super) fn switch(g: &mut Graph, inputs: &[NodeId], c: NodeId, to: &mut Cotangents) {
    let zero = g.scalar(0.0);
    if to.wants(inputs[1]) {
        let back = g.choice(inputs[0], c, zero);
        to.give(g, inputs[1], back);
    }
    if to.wants(inputs[2]) {
        let back = g.choice(inputs[0], zero, c);
        to.give(g, inputs[2], back);
    }
}
