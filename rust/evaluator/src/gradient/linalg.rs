//! Pullbacks of matrix operations (Giles 2008, "Collected matrix derivative results for forward
//! and reverse mode algorithmic differentiation"; Murray 2016, "Differentiation of the Cholesky
//! decomposition").

use super::Cotangents;
use crate::error::{EvaluatorError, Result};
use crate::graph::{Graph, NodeId};
use crate::op::{Op, Triangle};

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
    let mask = (0..n * n)
        .map(|k| {
            let (row, column) = (k / n, k % n);
            let inside = if triangle.lower {
                row >= column
            } else {
                row <= column
            };
            f64::from(inside && !(triangle.unit_diagonal && row == column))
        })
        .collect();
    let mask = g.constant(mask, vec![n, n]);
    let outer = g.neg(outer);
    let zero = g.scalar(0.0);
    let back = g.switch(mask, outer, zero);
    to.give(g, inputs[0], back);
}
