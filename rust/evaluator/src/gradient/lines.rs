//! Pullbacks of reductions, joins and running sums.

use super::Cotangents;
use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Reduction};

/// The cotangent of a reduction, back over the axes that vanished.
fn spread(g: &mut Graph, value: NodeId, axes: &[usize], shape: &[usize]) -> NodeId {
    let mut kept = shape.to_vec();
    for &axis in axes {
        kept[axis] = 1;
    }
    let value = g.reshape(value, &kept);
    g.broadcast_to(value, shape)
}

pub(super) fn reduce(
    g: &mut Graph,
    how: Reduction,
    axes: &[usize],
    x: NodeId,
    out: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) {
    let shape = g.shape(x).to_vec();
    let c = spread(g, c, axes, &shape);
    let back = match how {
        Reduction::Sum => c,
        Reduction::Product => {
            let others = others(g, axes, x, out);
            g.mul(c, others)
        }
        Reduction::Max | Reduction::Min => {
            let out = spread(g, out, axes, &shape);
            let chosen = g.binary(BinaryOp::Eq, x, out);
            g.mul(chosen, c)
        }
    };
    to.give(g, x, back);
}

/// The product of all other elements of its line, for each element: the whole by the element, and of a
/// lone zero what is left without it.
fn others(g: &mut Graph, axes: &[usize], x: NodeId, out: NodeId) -> NodeId {
    let shape = g.shape(x).to_vec();
    let (zero, one) = (g.scalar(0.0), g.scalar(1.0));
    let is_zero = g.binary(BinaryOp::Eq, x, zero);
    let count = g.reduce(Reduction::Sum, is_zero, axes);
    let count = spread(g, count, axes, &shape);
    let is_lone = g.binary(BinaryOp::Eq, count, one);
    let without = g.switch(is_zero, one, x);
    let rest = g.reduce(Reduction::Product, without, axes);
    let rest = spread(g, rest, axes, &shape);
    let of_zero = g.switch(is_lone, rest, zero);
    let out = spread(g, out, axes, &shape);
    let share = g.div(out, x);
    g.switch(is_zero, of_zero, share)
}

pub(super) fn join(g: &mut Graph, axis: usize, parts: &[NodeId], c: NodeId, to: &mut Cotangents) {
    let mut start = 0;
    for &part in parts {
        let end = start + g.shape(part)[axis];
        if to.wants(part) {
            let back = g.slice_axis(c, axis, start, end);
            to.give(g, part, back);
        }
        start = end;
    }
}

#[allow(clippy::too_many_arguments)] // the parts of one node and its cotangent
pub(super) fn cumulate(
    g: &mut Graph,
    product: bool,
    axis: usize,
    reverse: bool,
    x: NodeId,
    out: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) {
    let weighted = if product { g.mul(c, out) } else { c };
    let back = g.cumulate(weighted, false, axis, !reverse);
    let back = if product { g.div(back, x) } else { back };
    to.give(g, x, back);
}
