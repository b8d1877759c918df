//! Rules for what only moves elements: views, gathers, joins.

use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op};
use crate::shape::{Shape, Strided, contiguous, size};

/// A better node than the view of `x`.
pub(crate) fn view(g: &mut Graph, x: NodeId, view: &Strided, shape: &[usize]) -> Option<NodeId> {
    match g.op(x).clone() {
        Op::Join(axis) => view_of_join(g, x, axis, view, shape),
        Op::Switch => view_of_switch(g, x, view, shape),
        Op::Binary(op) => view_of_binary(g, op, x, view, shape),
        Op::Gather => {
            let (base, index) = (g.inputs(x)[0], g.inputs(x)[1]);
            if size(shape) > g.size(x) {
                return None;
            }
            let index = g.view(index, view.clone(), shape.to_vec());
            Some(g.gather(base, index))
        }
        _ => None,
    }
}

/// What lies inside one part of a join along the outermost axis.
fn view_of_join(
    g: &mut Graph,
    x: NodeId,
    axis: usize,
    view: &Strided,
    shape: &[usize],
) -> Option<NodeId> {
    let outer: usize = g.shape(x)[..axis].iter().product();
    if outer != 1 {
        return None;
    }
    let (mut low, mut high) = (view.offset.cast_signed(), view.offset.cast_signed());
    for (&stride, &n) in view.strides.iter().zip(shape) {
        let reach = stride * (n.cast_signed() - 1);
        low += reach.min(0);
        high += reach.max(0);
    }
    let mut start = 0usize;
    for part in g.inputs(x).to_vec() {
        let end = start + g.size(part);
        if low >= start.cast_signed() && high < end.cast_signed() {
            let inner = Strided {
                offset: view.offset - start,
                strides: view.strides.clone(),
            };
            return Some(g.view(part, inner, shape.to_vec()));
        }
        start = end;
    }
    None
}

/// An operation on a known array and something that repeats, in another order: the known array is
/// ordered once, what repeats needs no order.
fn view_of_binary(
    g: &mut Graph,
    op: BinaryOp,
    x: NodeId,
    view: &Strided,
    shape: &[usize],
) -> Option<NodeId> {
    let full = g.shape(x).to_vec();
    let (a, b) = (g.inputs(x)[0], g.inputs(x)[1]);
    let fits = |known: NodeId, other: NodeId| {
        g.data(known).is_some() && g.size(known) == g.size(x) && g.size(other) < g.size(x)
    };
    let (mut own, mut shown) = (contiguous(&full), view.strides.clone());
    own.sort_unstable();
    shown.sort_unstable();
    if own != shown || view.offset != 0 || !(fits(a, b) || fits(b, a)) {
        return None;
    }
    let [a, b] = [a, b].map(|y| {
        let y = g.broadcast_to(y, &full);
        g.view(y, view.clone(), shape.to_vec())
    });
    Some(g.binary(op, a, b))
}

/// A part of a known choice in which one side is taken throughout.
fn view_of_switch(g: &mut Graph, x: NodeId, view: &Strided, shape: &[usize]) -> Option<NodeId> {
    let inputs = g.inputs(x).to_vec();
    if !g.is_known(inputs[0]) || g.size(inputs[0]) < 2 {
        return None;
    }
    let full = g.shape(x).to_vec();
    let shown = |g: &mut Graph, x: NodeId| {
        let x = g.broadcast_to(x, &full);
        g.view(x, view.clone(), shape.to_vec())
    };
    let condition = shown(g, inputs[0]);
    let values = g.known(condition)?;
    let first = *values.first()? != 0.0;
    if values.iter().any(|&c| (c != 0.0) != first) {
        return None;
    }
    Some(shown(g, inputs[if first { 1 } else { 2 }]))
}

/// A better node than the elements of `x` at `index`.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // indices were checked
pub(crate) fn gather(g: &mut Graph, x: NodeId, index: NodeId) -> Option<NodeId> {
    let shape = g.shape(index).to_vec();
    match g.op(x).clone() {
        Op::Scalar(_) => Some(g.broadcast_to(x, &shape)),
        Op::View(view) => {
            let base = g.inputs(x)[0];
            let places: Vec<usize> = view.offsets(g.shape(x)).collect();
            let moved = remap(g, index, |at| places[at])?;
            Some(g.gather(base, moved))
        }
        Op::Gather => {
            let (base, first) = (g.inputs(x)[0], g.inputs(x)[1]);
            let places = g.known(first)?.to_vec();
            let moved = remap(g, index, |at| places[at] as usize)?;
            Some(g.gather(base, moved))
        }
        _ => None,
    }
}

/// Known indices, each replaced by what `place` says.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // indices are small and not negative
fn remap(g: &mut Graph, index: NodeId, place: impl Fn(usize) -> usize) -> Option<NodeId> {
    let shape: Shape = g.shape(index).to_vec();
    let values = g
        .known(index)?
        .iter()
        .map(|&at| place(at as usize) as f64)
        .collect();
    Some(g.constant(values, shape))
}

/// The view that shows the elements at these known flat indices, if a view does. Windows that overlap
/// are no view: the pullback of a view puts each element where it came from, and does not add.
#[allow(clippy::cast_possible_truncation)] // indices are small
pub(crate) fn index_as_view(g: &Graph, index: NodeId) -> Option<Strided> {
    let shape = g.shape(index).to_vec();
    let values = g.known(index)?;
    let at = |k: usize| values[k] as isize;
    let steps = contiguous(&shape);
    let strides: Vec<isize> = (0..shape.len())
        .map(|axis| {
            if shape[axis] > 1 {
                at(steps[axis].unsigned_abs()) - at(0)
            } else {
                0
            }
        })
        .collect();
    let offset = usize::try_from(at(0)).ok()?;
    let lowest: isize = strides
        .iter()
        .zip(&shape)
        .map(|(&s, &n)| (s * (n.cast_signed() - 1)).min(0))
        .sum();
    if lowest + at(0) < 0 {
        return None;
    }
    let view = Strided { offset, strides };
    if view.overlaps(&shape) {
        return None;
    }
    let same = view
        .offsets(&shape)
        .zip(values.iter())
        .all(|(a, &b)| a as f64 == b);
    same.then_some(view)
}

/// A better node than the parts joined along `axis`.
pub(crate) fn join(
    g: &mut Graph,
    axis: usize,
    parts: &[NodeId],
    shape: &[usize],
) -> Option<NodeId> {
    if shape[..axis].iter().product::<usize>() != 1 {
        return None;
    }
    // Consecutive pieces of one array are that array.
    let (base, first) = g.as_view(parts[0])?;
    let first = first.offset;
    let mut next = first;
    for &part in parts {
        let (from, view) = g.as_view(part)?;
        if from != base || view.offset != next || !view.is_contiguous(g.shape(part)) {
            return None;
        }
        next += g.size(part);
    }
    let strides = contiguous(shape);
    Some(g.view(
        base,
        Strided {
            offset: first,
            strides,
        },
        shape.to_vec(),
    ))
}
