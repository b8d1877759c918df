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
            let out = spread(g, out, axes, &shape);
            let others = g.div(out, x);
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
