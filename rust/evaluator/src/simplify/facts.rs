//! What is certain about the sign of a node.

use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, Reduction, UnaryOp};

/// How far a proof may look.
const DEPTH: u32 = 12;

/// Whether no element can be negative (NaN does not count).
pub(super) fn is_nonnegative(g: &Graph, x: NodeId) -> bool {
    nonnegative(g, x, DEPTH)
}

fn nonnegative(g: &Graph, x: NodeId, depth: u32) -> bool {
    if depth == 0 {
        return false;
    }
    let inputs = g.inputs(x);
    let all = |depth| inputs.iter().all(|&i| nonnegative(g, i, depth));
    match g.op(x) {
        Op::Scalar(bits) => f64::from_bits(*bits) >= 0.0,
        Op::Data(_) => g
            .data(x)
            .is_some_and(|values| values.iter().all(|&v| v >= 0.0)),
        Op::Unary(op) => match op {
            UnaryOp::Exp
            | UnaryOp::Sqr
            | UnaryOp::Abs
            | UnaryOp::Sqrt
            | UnaryOp::Sigmoid
            | UnaryOp::Softplus
            | UnaryOp::Cosh
            | UnaryOp::Erfc
            | UnaryOp::Erfcx
            | UnaryOp::Not
            | UnaryOp::IsNan
            | UnaryOp::IsInf => true,
            UnaryOp::Reciprocal
            | UnaryOp::Expm1
            | UnaryOp::Log1p
            | UnaryOp::Floor
            | UnaryOp::Ceil
            | UnaryOp::Sign
            | UnaryOp::ToSingle
            | UnaryOp::Detach => all(depth - 1),
            _ => false,
        },
        Op::Binary(op) if op.is_truth() => true,
        Op::Binary(BinaryOp::Mul) if inputs[0] == inputs[1] => true,
        Op::Binary(
            BinaryOp::Add | BinaryOp::Mul | BinaryOp::Div | BinaryOp::Min | BinaryOp::Pow,
        )
        | Op::View(_)
        | Op::Place(_)
        | Op::Join(_)
        | Op::Reduce(..) => all(depth - 1),
        Op::Binary(BinaryOp::Max) => inputs.iter().any(|&i| nonnegative(g, i, depth - 1)),
        Op::Switch => inputs[1..].iter().all(|&i| nonnegative(g, i, depth - 1)),
        Op::Gather => nonnegative(g, inputs[0], depth - 1),
        _ => false,
    }
}

/// Whether no element can be above one.
pub(super) fn is_at_most_one(g: &Graph, x: NodeId) -> bool {
    match g.op(x) {
        Op::Scalar(bits) => f64::from_bits(*bits) <= 1.0,
        Op::Data(_) => g
            .data(x)
            .is_some_and(|values| values.iter().all(|&v| v <= 1.0)),
        Op::Unary(
            UnaryOp::Sigmoid | UnaryOp::Tanh | UnaryOp::Sin | UnaryOp::Cos | UnaryOp::Erf,
        ) => true,
        Op::View(_) | Op::Gather => is_at_most_one(g, g.inputs(x)[0]),
        _ => false,
    }
}

/// Whether every element is 0 or 1.
pub(super) fn is_truth(g: &Graph, x: NodeId) -> bool {
    match g.op(x) {
        Op::Scalar(bits) => matches!(f64::from_bits(*bits), 0.0 | 1.0),
        Op::Data(_) => g
            .data(x)
            .is_some_and(|values| values.iter().all(|v| *v == 0.0 || *v == 1.0)),
        Op::Unary(UnaryOp::Not | UnaryOp::IsNan | UnaryOp::IsInf) => true,
        Op::Binary(op) => op.is_truth(),
        Op::View(_) | Op::Gather | Op::Reduce(Reduction::Max | Reduction::Min, _) => {
            is_truth(g, g.inputs(x)[0])
        }
        Op::Switch => g.inputs(x)[1..].iter().all(|&i| is_truth(g, i)),
        _ => false,
    }
}

/// Whether a square matrix is zero above its diagonal because of how it is made.
pub(crate) fn is_lower_triangular(g: &Graph, x: NodeId) -> bool {
    let &[n, m] = g.shape(x) else { return false };
    let zero_above = |values: &[f64]| {
        (0..n).all(|i| values[i * n + i + 1..(i + 1) * n].iter().all(|&v| v == 0.0))
    };
    match g.op(x) {
        _ if n != m => false,
        Op::Cholesky => true,
        Op::Data(_) => g.data(x).is_some_and(|values| zero_above(values)),
        Op::Switch => {
            let inputs = g.inputs(x);
            let mask = g.known(inputs[0]);
            g.shape(inputs[0]) == [n, n]
                && g.is_value(inputs[2], 0.0)
                && mask.is_some_and(|m| zero_above(&m))
        }
        Op::Unary(UnaryOp::Neg | UnaryOp::Detach) => is_lower_triangular(g, g.inputs(x)[0]),
        Op::Binary(BinaryOp::Mul) => g.inputs(x).iter().any(|&y| is_lower_triangular(g, y)),
        Op::Binary(BinaryOp::Add | BinaryOp::Sub) => {
            g.inputs(x).iter().all(|&y| is_lower_triangular(g, y))
        }
        Op::MatMul(false, false) => g.inputs(x).iter().all(|&y| is_lower_triangular(g, y)),
        Op::Place(view) => view
            .offsets(g.shape(g.inputs(x)[0]))
            .all(|at| at / n >= at % n),
        _ => false,
    }
}
