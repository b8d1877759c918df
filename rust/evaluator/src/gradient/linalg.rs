//! Pullbacks of matrix operations (Giles 2008, "Collected matrix derivative results for forward
//! and reverse mode algorithmic differentiation"; Murray 2016, "Differentiation of the Cholesky
//! decomposition").

use super::{Cotangents, gaussian};
use crate::error::{EvaluatorError, Result};
use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, Reduction, Triangle, UnaryOp};

pub(super) fn rule(
    g: &mut Graph,
    op: &Op,
    inputs: &[NodeId],
    out: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) -> Result<()> {
    match *op {
        Op::MatMul(ta, tb) => {
            let (a, b) = (inputs[0], inputs[1]);
            if to.wants(a) {
                let back = if ta {
                    g.matmul(b, c, tb, true)
                } else {
                    g.matmul(c, b, false, !tb)
                };
                give_batched(g, a, back, to);
            }
            if to.wants(b) {
                let back = if tb {
                    g.matmul(c, a, true, ta)
                } else {
                    g.matmul(a, c, !ta, false)
                };
                give_batched(g, b, back, to);
            }
        }
        Op::MatVec(transposed) => {
            let (a, x) = (inputs[0], inputs[1]);
            if to.wants(a) {
                let (rows, columns) = if transposed { (x, c) } else { (c, x) };
                let lifted = [g.size(rows), 1];
                let rows = g.reshape(rows, &lifted);
                let back = g.mul(rows, columns);
                to.give(g, a, back);
            }
            if to.wants(x) {
                let back = g.matvec(a, c, !transposed);
                to.give(g, x, back);
            }
        }
        Op::Cholesky => {
            let back = g.cholesky_pullback(out, c);
            to.give(g, inputs[0], back);
        }
        Op::Solve(_) if gaussian::solution(g, inputs, out, c, to) => {}
        Op::Solve(triangle) => solve(g, triangle, inputs, out, c, to),
        Op::Inverse => {
            let left = g.matmul(out, c, true, false);
            let back = g.matmul(left, out, false, true);
            let back = g.neg(back);
            to.give(g, inputs[0], back);
        }
        Op::LogAbsDet => {
            let inverse = g.inverse(inputs[0]);
            let inverse = g.transpose_last(inverse);
            let mut shape = g.shape(c).to_vec();
            shape.extend([1, 1]);
            let c = g.reshape(c, &shape);
            let back = g.mul(c, inverse);
            to.give(g, inputs[0], back);
        }
        Op::Eigen => {
            let back = eigen(g, out, c);
            to.give(g, inputs[0], back);
        }
        Op::Exponential => {
            let back = exponential(g, inputs[0], c);
            to.give(g, inputs[0], back);
        }
        Op::DetSign => {}
        _ => {
            return Err(EvaluatorError::unsupported(
                format!("{op:?}"),
                "a gradient of its gradient is not available",
            ));
        }
    }
    Ok(())
}

/// Sums over batch axes that were broadcast.
fn give_batched(g: &mut Graph, x: NodeId, back: NodeId, to: &mut Cotangents) {
    to.give(g, x, back);
}

fn solve(
    g: &mut Graph,
    triangle: Triangle,
    inputs: &[NodeId],
    out: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) {
    let back = Triangle {
        transposed: !triangle.transposed,
        ..triangle
    };
    let right = g.solve(inputs[0], c, back);
    to.give(g, inputs[1], right);
    if !to.wants(inputs[0]) {
        return;
    }
    let outer = if triangle.transposed {
        g.matmul(out, right, false, true)
    } else {
        g.matmul(right, out, false, true)
    };
    let n = g.shape(inputs[0])[g.shape(inputs[0]).len() - 1];
    let mask = triangle_mask(g, n, triangle);
    let outer = g.neg(outer);
    let zero = g.scalar(0.0);
    let back = g.switch(mask, outer, zero);
    to.give(g, inputs[0], back);
}

/// The cotangent of the lower triangle of a symmetric matrix, from those of its eigenvalues and
/// eigenvectors.
///
/// The vectors of equal eigenvalues are any basis of their space, and what does not depend on the choice
/// of it has no slope along a turn of that basis: the share of such a pair is zero. That is exact where
/// the values are equal at all positions, as those of a multiple of the identity are.
fn eigen(g: &mut Graph, out: NodeId, c: NodeId) -> NodeId {
    let rank = g.shape(out).len();
    let n = g.shape(out)[rank - 1];
    let rows = rank - 2;
    let values = g.slice_axis(out, rows, 0, 1);
    let vectors = g.slice_axis(out, rows, 1, n + 1);
    let of_values = g.slice_axis(c, rows, 0, 1);
    let of_vectors = g.slice_axis(c, rows, 1, n + 1);
    let turned = g.matmul(vectors, of_vectors, true, false);
    let below = g.transpose_last(values);
    let gaps = g.sub(values, below);
    let shares = g.div(turned, gaps);
    let zero = g.scalar(0.0);
    let equal = equal_values(g, values, gaps);
    let shares = g.switch(equal, zero, shares);
    let diagonal = matrix_of(g, n, |i, j| i == j);
    let inner = g.switch(diagonal, of_values, shares);
    let left = g.matmul(vectors, inner, false, false);
    let full = g.matmul(left, vectors, false, true);
    // Only the lower triangle is read, in the place of both.
    let lower = matrix_of(g, n, |i, j| i >= j);
    let strict = matrix_of(g, n, |i, j| i > j);
    let mirrored = g.transpose_last(full);
    let own = g.switch(lower, full, zero);
    let other = g.switch(strict, mirrored, zero);
    g.add(own, other)
}

/// Whether two eigenvalues are equal but for rounding, from their line and their differences.
fn equal_values(g: &mut Graph, values: NodeId, gaps: NodeId) -> NodeId {
    let mut shape = g.shape(values).to_vec();
    let (rank, n) = (shape.len(), shape[shape.len() - 1]);
    let sizes = g.unary(UnaryOp::Abs, values);
    let largest = g.reduce(Reduction::Max, sizes, &[rank - 1]);
    shape[rank - 1] = 1;
    let largest = g.reshape(largest, &shape);
    let rounding = g.scale(largest, 16.0 * n as f64 * f64::EPSILON);
    let gaps = g.unary(UnaryOp::Abs, gaps);
    g.binary(BinaryOp::Le, gaps, rounding)
}

/// Where a triangular matrix is read.
fn triangle_mask(g: &mut Graph, n: usize, kind: Triangle) -> NodeId {
    matrix_of(g, n, |i, j| {
        let inside = if kind.lower { i >= j } else { i <= j };
        inside && !(kind.unit_diagonal && i == j)
    })
}

/// A matrix of truth values.
fn matrix_of(g: &mut Graph, n: usize, inside: impl Fn(usize, usize) -> bool) -> NodeId {
    let values = (0..n * n)
        .map(|k| f64::from(inside(k / n, k % n)))
        .collect();
    g.constant(values, vec![n, n])
}

/// The cotangent of a matrix from that of its exponential: a block of the exponential of both in one
/// matrix (Van Loan 1978, "Computing integrals involving the matrix exponential").
fn exponential(g: &mut Graph, x: NodeId, c: NodeId) -> NodeId {
    let shape = g.shape(x).to_vec();
    let (rank, n) = (shape.len(), shape[shape.len() - 1]);
    let x = g.transpose_last(x);
    let zero = g.zeros(&shape);
    let upper = g.join(rank - 1, &[x, c]);
    let lower = g.join(rank - 1, &[zero, x]);
    let both = g.join(rank - 2, &[upper, lower]);
    let all = g.exponential(both);
    let rows = g.slice_axis(all, rank - 2, 0, n);
    g.slice_axis(rows, rank - 1, n, 2 * n)
}
