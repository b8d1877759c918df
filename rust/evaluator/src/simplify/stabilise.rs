//! Rules that keep precision where the formula as written loses it.
//!
//! | written | computed | what is lost otherwise |
//! |---|---|---|
//! | `log(exp(x))` | `x` | overflow of `exp` |
//! | `log(1 + x)`, `exp(x) - 1` | `log1p(x)`, `expm1(x)` | all digits for small `x` |
//! | `log1p(exp(x))` | `softplus(x)` | overflow |
//! | `log(sigmoid(x))` | `-softplus(-x)` | underflow to `log(0)` |
//! | `1 - sigmoid(x)` | `sigmoid(-x)` | all digits for large `x` |
//! | `log(1 - exp(x))` | `log1mexp(x)` | digits for small and for very negative `x` |
//! | `log(exp(a) + exp(b))` | `log_add_exp(a, b)` | overflow, underflow |
//! | `log(sum(exp(x)))` | `m + log(sum(exp(x - m)))`, `m` the largest | overflow, underflow |
//! | `log(erfc(x))` | `log_erfc(x)` | underflow |
//! | `1 - erf(x)`, `1 + erf(x)` | `erfc(x)`, `erfc(-x)` | all digits for large or very negative `x` |
//! | `log1p(exp(x) - 1)` | `x` | digits for very negative `x` |
//! | `log` of an element of one of these | the element of the logarithm | as above |
//! | `log` of products, powers and roots of positive numbers | sums of logarithms | overflow |

use super::facts::is_nonnegative;
use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, Reduction, UnaryOp};

/// A stable form of `op(x)`.
pub(super) fn unary(g: &mut Graph, op: UnaryOp, x: NodeId) -> Option<NodeId> {
    match op {
        UnaryOp::Log => log(g, x),
        UnaryOp::Log1p => log1p(g, x),
        UnaryOp::Exp => {
            // exp(-softplus(y)) = sigmoid(-y)
            let y = g.as_unary(x, UnaryOp::Neg)?;
            let y = g.as_unary(y, UnaryOp::Softplus)?;
            let y = g.neg(y);
            Some(g.unary(UnaryOp::Sigmoid, y))
        }
        _ => None,
    }
}

fn log(g: &mut Graph, x: NodeId) -> Option<NodeId> {
    match g.op(x).clone() {
        Op::Unary(op) => log_of_unary(g, op, g.inputs(x)[0]),
        Op::Binary(op) => log_of_binary(g, op, g.inputs(x)[0], g.inputs(x)[1]),
        Op::Reduce(Reduction::Sum, axes) => log_of_sum(g, g.inputs(x)[0], &axes),
        Op::Gather => {
            let (base, index) = (g.inputs(x)[0], g.inputs(x)[1]);
            let better = log(g, base)?;
            let shape = g.shape(base).to_vec();
            let better = g.broadcast_to(better, &shape);
            Some(g.gather(better, index))
        }
        Op::View(view) => {
            let base = g.inputs(x)[0];
            let better = log(g, base)?;
            let (from, shape) = (g.shape(base).to_vec(), g.shape(x).to_vec());
            let better = g.broadcast_to(better, &from);
            Some(g.view(better, view, shape))
        }
        _ => None,
    }
}

fn log_of_unary(g: &mut Graph, op: UnaryOp, y: NodeId) -> Option<NodeId> {
    match op {
        UnaryOp::Exp => Some(y),
        UnaryOp::Sigmoid => {
            let y = g.neg(y);
            let y = g.unary(UnaryOp::Softplus, y);
            Some(g.neg(y))
        }
        UnaryOp::Sqrt => {
            let y = g.unary(UnaryOp::Log, y);
            Some(g.scale(y, 0.5))
        }
        UnaryOp::Reciprocal => {
            let y = g.unary(UnaryOp::Log, y);
            Some(g.neg(y))
        }
        UnaryOp::Sqr if is_nonnegative(g, y) => {
            let y = g.unary(UnaryOp::Log, y);
            Some(g.scale(y, 2.0))
        }
        UnaryOp::Erfc => Some(g.unary(UnaryOp::LogErfc, y)),
        UnaryOp::Neg => {
            let y = g.as_unary(y, UnaryOp::Expm1)?;
            Some(g.unary(UnaryOp::Log1mExp, y))
        }
        _ => None,
    }
}

fn log_of_binary(g: &mut Graph, op: BinaryOp, a: NodeId, b: NodeId) -> Option<NodeId> {
    match op {
        BinaryOp::Add => {
            if g.is_value(a, 1.0) {
                let shape = crate::shape::broadcast(g.shape(a), g.shape(b))?;
                let out = g.unary(UnaryOp::Log1p, b);
                return Some(g.broadcast_to(out, &shape));
            }
            let (a, b) = (g.as_unary(a, UnaryOp::Exp)?, g.as_unary(b, UnaryOp::Exp)?);
            Some(g.binary(BinaryOp::LogAddExp, a, b))
        }
        BinaryOp::Sub if g.is_value(a, 1.0) => {
            let shape = crate::shape::broadcast(g.shape(a), g.shape(b))?;
            let b = g.neg(b);
            let out = g.unary(UnaryOp::Log1p, b);
            Some(g.broadcast_to(out, &shape))
        }
        BinaryOp::Mul if worth_splitting(g, a, b) => {
            let (a, b) = (g.unary(UnaryOp::Log, a), g.unary(UnaryOp::Log, b));
            Some(g.add(a, b))
        }
        BinaryOp::Div if worth_splitting(g, a, b) => {
            let (a, b) = (g.unary(UnaryOp::Log, a), g.unary(UnaryOp::Log, b));
            Some(g.sub(a, b))
        }
        BinaryOp::Pow if is_nonnegative(g, a) => {
            let a = g.unary(UnaryOp::Log, a);
            Some(g.mul(b, a))
        }
        _ => None,
    }
}

/// Whether the logarithm of one of two positive factors is free or small.
fn worth_splitting(g: &Graph, a: NodeId, b: NodeId) -> bool {
    let free = |x: NodeId| {
        g.is_known(x)
            || matches!(
                g.op(x),
                Op::Unary(
                    UnaryOp::Exp
                        | UnaryOp::Sigmoid
                        | UnaryOp::Erfc
                        | UnaryOp::Sqrt
                        | UnaryOp::Reciprocal
                )
            )
    };
    is_nonnegative(g, a) && is_nonnegative(g, b) && (free(a) || free(b) || g.size(a) != g.size(b))
}

fn log_of_sum(g: &mut Graph, inside: NodeId, axes: &[usize]) -> Option<NodeId> {
    let exponent = g.as_unary(inside, UnaryOp::Exp)?;
    Some(log_sum_exp(g, exponent, axes))
}

/// `log(sum(exp(x)))` along `axes`, which vanish.
pub(crate) fn log_sum_exp(g: &mut Graph, x: NodeId, axes: &[usize]) -> NodeId {
    let largest = g.reduce(Reduction::Max, x, axes);
    let largest = g.unary(UnaryOp::Detach, largest);
    let infinite = g.unary(UnaryOp::IsInf, largest);
    let zero = g.scalar(0.0);
    let largest = g.switch(infinite, zero, largest);
    let mut kept = g.shape(x).to_vec();
    for &axis in axes {
        kept[axis] = 1;
    }
    let lifted = g.reshape(largest, &kept);
    let shifted = g.sub(x, lifted);
    let terms = g.unary(UnaryOp::Exp, shifted);
    let total = g.reduce(Reduction::Sum, terms, axes);
    // Not through the rule for log(sum(exp)): that is this formula.
    let shape = g.shape(total).to_vec();
    let log = g.make(Op::Unary(UnaryOp::Log), vec![total], shape);
    g.add(largest, log)
}

fn log1p(g: &mut Graph, x: NodeId) -> Option<NodeId> {
    if let Some(y) = g.as_unary(x, UnaryOp::Exp) {
        return Some(g.unary(UnaryOp::Softplus, y));
    }
    if let Some(y) = g.as_unary(x, UnaryOp::Expm1) {
        return Some(y);
    }
    let y = g.as_unary(x, UnaryOp::Neg)?;
    if let Some(z) = g.as_unary(y, UnaryOp::Sigmoid) {
        let z = g.unary(UnaryOp::Softplus, z);
        return Some(g.neg(z));
    }
    if let Some((z, power)) = g.as_binary(y, BinaryOp::Pow)
        && is_nonnegative(g, z)
    {
        let shape = g.shape(x).to_vec();
        let z = g.unary(UnaryOp::Log, z);
        let z = g.mul(power, z);
        let out = g.unary(UnaryOp::Log1mExp, z);
        return Some(g.broadcast_to(out, &shape));
    }
    let z = g.as_unary(y, UnaryOp::Exp)?;
    Some(g.unary(UnaryOp::Log1mExp, z))
}

/// A stable form of `a + b`.
pub(super) fn add(g: &mut Graph, a: NodeId, b: NodeId) -> Option<NodeId> {
    if g.is_value(a, -1.0) && g.shape(a).is_empty() {
        let y = g.as_unary(b, UnaryOp::Exp)?;
        return Some(g.unary(UnaryOp::Expm1, y));
    }
    if g.is_value(a, 1.0) && g.shape(a).is_empty() {
        let y = g.as_unary(b, UnaryOp::Erf)?;
        let y = g.neg(y);
        return Some(g.unary(UnaryOp::Erfc, y));
    }
    None
}

/// A stable form of `a - b`.
pub(super) fn sub(g: &mut Graph, a: NodeId, b: NodeId) -> Option<NodeId> {
    if !g.is_value(a, 1.0) || !g.shape(a).is_empty() {
        return None;
    }
    let Op::Unary(op) = *g.op(b) else { return None };
    let y = g.inputs(b)[0];
    match op {
        UnaryOp::Sigmoid => {
            let y = g.neg(y);
            Some(g.unary(UnaryOp::Sigmoid, y))
        }
        UnaryOp::Exp => {
            let y = g.unary(UnaryOp::Expm1, y);
            Some(g.neg(y))
        }
        UnaryOp::Erf => Some(g.unary(UnaryOp::Erfc, y)),
        UnaryOp::Erfc => Some(g.unary(UnaryOp::Erf, y)),
        _ => None,
    }
}

/// A stable form of `1 / x`.
pub(super) fn reciprocal(g: &mut Graph, x: NodeId) -> Option<NodeId> {
    let (one, b) = g.as_binary(x, BinaryOp::Add)?;
    if !g.is_value(one, 1.0) {
        return None;
    }
    let y = g.as_unary(b, UnaryOp::Exp)?;
    let y = g.neg(y);
    let out = g.unary(UnaryOp::Sigmoid, y);
    let shape = g.shape(x).to_vec();
    Some(g.broadcast_to(out, &shape))
}

/// A stable form of `a / b`: `exp(y) / (1 + exp(y))` is `sigmoid(y)`.
pub(super) fn div(g: &mut Graph, a: NodeId, b: NodeId) -> Option<NodeId> {
    let y = g.as_unary(a, UnaryOp::Exp)?;
    let (one, other) = g.as_binary(b, BinaryOp::Add)?;
    (g.is_value(one, 1.0) && other == a).then(|| g.unary(UnaryOp::Sigmoid, y))
}
