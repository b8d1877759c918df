//! The pullback of a Cholesky factor of which only the log determinant and a quadratic form are used,
//! as in the density of a multivariate normal variable: straight to the matrix, past the factor.
//!
//! With `v = L^-1 y` and a cotangent `w v` of `v`, that of the matrix is `-a w a' / 2` with
//! `a = L^-T v`; that of a cotangent of the diagonal needs the inverse of `L` and one product.

use super::Cotangents;
use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, Triangle, UnaryOp};
use crate::shape::Strided;

/// The matrix of which `x` is the Cholesky factor, if the short way is open for everything that is
/// made of the factor.
fn matrix_behind(g: &Graph, x: NodeId, to: &Cotangents) -> Option<NodeId> {
    let [n, _] = *g.shape(x) else { return None };
    if *g.op(x) != Op::Cholesky {
        return None;
    }
    users(g, x, to)
        .all(|user| is_diagonal(g, user, n) || is_whitened(g, user, x, to))
        .then(|| g.inputs(x)[0])
}

/// The nodes that take part in the gradient and read `x`.
fn users<'a>(g: &'a Graph, x: NodeId, to: &'a Cotangents) -> impl Iterator<Item = NodeId> + 'a {
    (x.index() + 1..to.needed.len()).filter_map(move |k| {
        let id = NodeId(u32::try_from(k).ok()?);
        (to.needed[k] && g.inputs(id).contains(&x)).then_some(id)
    })
}

/// Whether a node is the diagonal of its input, a matrix of `n` rows.
fn is_diagonal(g: &Graph, x: NodeId, n: usize) -> bool {
    let diagonal = Strided {
        offset: 0,
        strides: vec![n.cast_signed() + 1],
    };
    matches!(g.op(x), Op::View(view) if g.shape(x) == [n] && *view == diagonal.normal(&[n]))
}

/// Whether a node solves with the factor and is only squared then.
fn is_whitened(g: &Graph, x: NodeId, factor: NodeId, to: &Cotangents) -> bool {
    let forward = Triangle {
        lower: true,
        transposed: false,
        unit_diagonal: false,
    };
    *g.op(x) == Op::Solve(forward) && g.inputs(x)[0] == factor && is_squared(g, x, to)
}

fn is_squared(g: &Graph, x: NodeId, to: &Cotangents) -> bool {
    users(g, x, to).all(|user| match g.op(user) {
        Op::Unary(UnaryOp::Sqr) => true,
        Op::View(_) => g.size(user) == g.size(x) && is_squared(g, user, to),
        _ => false,
    })
}

/// Gives the matrix behind a factor the cotangent of the diagonal `x` of the factor; whether it did.
pub(super) fn diagonal(g: &mut Graph, x: NodeId, c: NodeId, to: &mut Cotangents) -> bool {
    let factor = g.inputs(x)[0];
    let Some(matrix) = matrix_behind(g, factor, to) else {
        return false;
    };
    if !is_diagonal(g, x, g.shape(factor)[0]) {
        return false;
    }
    let length = g.shape(x).to_vec();
    let c = g.broadcast_to(c, &length);
    let back = g.cholesky_diagonal_pullback(factor, c);
    to.give(g, matrix, back);
    true
}

/// Gives the matrix behind a factor, and the right-hand side, the cotangents of the solution `out`;
/// whether it did.
pub(super) fn solution(
    g: &mut Graph,
    inputs: &[NodeId],
    out: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) -> bool {
    let Some(matrix) = matrix_behind(g, inputs[0], to) else {
        return false;
    };
    let Some(weight) = ratio(g, c, out) else {
        return false;
    };
    let columns = g.shape(out)[1];
    let fits = matches!(*g.shape(weight), [] | [1])
        || columns > 1 && matches!(*g.shape(weight), [n] | [1, n] if n == columns);
    if !fits {
        return false;
    }
    let back = Triangle {
        lower: true,
        transposed: true,
        unit_diagonal: false,
    };
    let right = g.solve(inputs[0], out, back);
    let weighted = g.mul(weight, right);
    to.give(g, inputs[1], weighted);
    let product = g.matmul(weighted, right, false, true);
    let n = g.shape(inputs[0])[0];
    let shares = (0..n * n)
        .map(|k| match (k / n).cmp(&(k % n)) {
            std::cmp::Ordering::Less => 0.0,
            std::cmp::Ordering::Equal => -0.5,
            std::cmp::Ordering::Greater => -1.0,
        })
        .collect();
    let shares = g.constant(shares, vec![n, n]);
    let back = g.mul(shares, product);
    to.give(g, matrix, back);
    true
}

/// `w` where `c` is `w` times `x`, up to the layout of a column.
fn ratio(g: &mut Graph, c: NodeId, x: NodeId) -> Option<NodeId> {
    let (c, x) = (laid_out(g, c), laid_out(g, x));
    if c == x {
        return Some(g.scalar(1.0));
    }
    if let Some(inner) = g.as_unary(c, UnaryOp::Neg) {
        let inner = ratio(g, inner, x)?;
        return Some(g.neg(inner));
    }
    if *g.op(c) == Op::Switch {
        // A failed check of the parameters gives no cotangent.
        let &[condition, a, b] = g.inputs(c) else {
            return None;
        };
        let inner = if g.is_value(b, 0.0) {
            ratio(g, a, x)?
        } else {
            return None;
        };
        return Some(g.choice(condition, inner, b));
    }
    let (a, b) = g.as_binary(c, BinaryOp::Mul)?;
    for (own, other) in [(a, b), (b, a)] {
        if let Some(inner) = ratio(g, own, x) {
            return Some(g.mul(inner, other));
        }
    }
    None
}

/// The array of which a column or a row is another layout.
fn laid_out(g: &Graph, x: NodeId) -> NodeId {
    match g.as_view(x) {
        Some((base, view)) if view.is_whole(g.shape(x), g.size(base)) => laid_out(g, base),
        _ => x,
    }
}
