//! Rules for reductions: what does not change along the line leaves it.

use super::algebra::scalar_factor;
use super::facts::is_nonnegative;
use super::{least_squares, whitened};
use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, Reduction, UnaryOp};
use crate::shape::{Strided, size};

/// A better node than `x` reduced along `axes` (sorted, not empty, more than one element).
pub(crate) fn reduce(g: &mut Graph, how: Reduction, x: NodeId, axes: &[usize]) -> Option<NodeId> {
    repeated(g, how, x, axes)
        .or_else(|| permuted(g, how, x, axes))
        .or_else(|| match how {
            Reduction::Sum => sum(g, x, axes),
            _ => nested(g, how, x, axes),
        })
}

/// A line that repeats one number.
fn repeated(g: &mut Graph, how: Reduction, x: NodeId, axes: &[usize]) -> Option<NodeId> {
    let shape = g.shape(x).to_vec();
    let (base, view) = g.as_view(x)?;
    let view = view.clone();
    let same: Vec<usize> = axes
        .iter()
        .copied()
        .filter(|&k| view.strides[k] == 0)
        .collect();
    let count: usize = same.iter().map(|&k| shape[k]).product();
    if count <= 1 {
        return None;
    }
    let kept: Vec<usize> = (0..shape.len()).filter(|k| !same.contains(k)).collect();
    let inner = Strided {
        offset: view.offset,
        strides: kept.iter().map(|&k| view.strides[k]).collect(),
    };
    let inner_shape = kept.iter().map(|&k| shape[k]).collect();
    let rest: Vec<usize> = kept
        .iter()
        .enumerate()
        .filter(|(_, k)| axes.contains(k))
        .map(|(position, _)| position)
        .collect();
    let line = g.view(base, inner, inner_shape);
    let out = g.reduce(how, line, &rest);
    Some(match how {
        Reduction::Sum => g.scale(out, count as f64),
        Reduction::Product => {
            let count = g.scalar(count as f64);
            g.binary(BinaryOp::Pow, out, count)
        }
        Reduction::Max | Reduction::Min => out,
    })
}

/// All elements of an array in another order or shape.
fn permuted(g: &mut Graph, how: Reduction, x: NodeId, axes: &[usize]) -> Option<NodeId> {
    let (base, view) = g.as_view(x)?;
    let all = axes.len() == g.shape(x).len();
    if !all || view.repeats(g.shape(x)) || g.size(base) != g.size(x) {
        return None;
    }
    let every: Vec<usize> = (0..g.shape(base).len()).collect();
    Some(g.reduce(how, base, &every))
}

/// A reduction of a reduction of the same kind.
fn nested(g: &mut Graph, how: Reduction, x: NodeId, axes: &[usize]) -> Option<NodeId> {
    let Op::Reduce(inner, first) = g.op(x) else {
        return None;
    };
    if *inner != how {
        return None;
    }
    let first = first.clone();
    let base = g.inputs(x)[0];
    let left: Vec<usize> = (0..g.shape(base).len())
        .filter(|k| !first.contains(k))
        .collect();
    let mut all = first;
    all.extend(axes.iter().map(|&k| left[k]));
    Some(g.reduce(how, base, &all))
}

fn sum(g: &mut Graph, x: NodeId, axes: &[usize]) -> Option<NodeId> {
    match g.op(x).clone() {
        Op::Unary(UnaryOp::Sqr) if axes.len() == g.shape(x).len() => {
            let inside = g.inputs(x)[0];
            least_squares::sum_of_squares(g, inside).or_else(|| whitened::sum_of_squares(g, inside))
        }
        Op::Unary(UnaryOp::Neg) => {
            let y = g.inputs(x)[0];
            let total = g.reduce(Reduction::Sum, y, axes);
            Some(g.neg(total))
        }
        Op::Binary(op @ (BinaryOp::Add | BinaryOp::Sub)) => {
            let (a, b) = (g.inputs(x)[0], g.inputs(x)[1]);
            let full = g.size(a) == g.size(x) && g.size(b) == g.size(x);
            if full && !parts_from_known(g, a, b) && !parts_from_known(g, b, a) {
                return None;
            }
            let shape = g.shape(x).to_vec();
            let (a, b) = (g.broadcast_to(a, &shape), g.broadcast_to(b, &shape));
            let (a, b) = (
                g.reduce(Reduction::Sum, a, axes),
                g.reduce(Reduction::Sum, b, axes),
            );
            Some(g.binary(op, a, b))
        }
        Op::Binary(BinaryOp::Mul) => {
            let (a, b) = (g.inputs(x)[0], g.inputs(x)[1]);
            for (s, v) in [(a, b), (b, a)] {
                if g.size(v) == g.size(x) && is_constant_along(g, s, x, axes) {
                    let total = g.reduce(Reduction::Sum, v, axes);
                    let s = drop_axes(g, s, x, axes);
                    return Some(g.mul(s, total));
                }
            }
            None
        }
        Op::Switch => {
            let inputs = g.inputs(x).to_vec();
            if g.size(inputs[0]) == g.size(x) || !is_constant_along(g, inputs[0], x, axes) {
                return None;
            }
            let shape = g.shape(x).to_vec();
            let (a, b) = (
                g.broadcast_to(inputs[1], &shape),
                g.broadcast_to(inputs[2], &shape),
            );
            let (a, b) = (
                g.reduce(Reduction::Sum, a, axes),
                g.reduce(Reduction::Sum, b, axes),
            );
            let condition = drop_axes(g, inputs[0], x, axes);
            Some(g.switch(condition, a, b))
        }
        Op::Join(_) if axes.len() == g.shape(x).len() => {
            let parts = g.inputs(x).to_vec();
            let mut total = g.scalar(0.0);
            for part in parts {
                let sum = g.sum_all(part);
                total = g.add(total, sum);
            }
            Some(total)
        }
        Op::Place(_) | Op::Scatter if axes.len() == g.shape(x).len() => {
            let y = g.inputs(x)[0];
            Some(g.sum_all(y))
        }
        _ => nested(g, Reduction::Sum, x, axes),
    }
}

/// Whether the sum of `known` plus `other` is better taken apart: the elements of `other` are
/// multiples of a number by numbers of one sign, which no constant saves from cancelling.
fn parts_from_known(g: &mut Graph, known: NodeId, other: NodeId) -> bool {
    g.is_known(known) && has_one_sign(g, other)
}

fn has_one_sign(g: &mut Graph, x: NodeId) -> bool {
    if let Op::Binary(BinaryOp::Add | BinaryOp::Sub) = g.op(x) {
        let (a, b) = (g.inputs(x)[0], g.inputs(x)[1]);
        return (g.is_known(a) && has_one_sign(g, b)) || (g.is_known(b) && has_one_sign(g, a));
    }
    scalar_factor(g, x).is_some_and(|(_, rest)| is_nonnegative(g, rest))
}

/// Whether the operand `s` of `x` has length 1 along each of the axes of `x`.
fn is_constant_along(g: &Graph, s: NodeId, x: NodeId, axes: &[usize]) -> bool {
    let lead = g.shape(x).len() - g.shape(s).len();
    axes.iter().all(|&k| k < lead || g.shape(s)[k - lead] == 1)
}

/// The operand `s` of `x` without the axes of `x` that vanish.
fn drop_axes(g: &mut Graph, s: NodeId, x: NodeId, axes: &[usize]) -> NodeId {
    let rank = g.shape(x).len();
    let lead = rank - g.shape(s).len();
    let shape: Vec<usize> = (lead..rank)
        .filter(|k| !axes.contains(k))
        .map(|k| g.shape(s)[k - lead])
        .collect();
    debug_assert_eq!(size(&shape), g.size(s));
    g.reshape(s, &shape)
}
