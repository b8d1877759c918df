//! Sums of squares of whitened rows, the exponent of a multivariate normal likelihood.
//!
//! With a triangular `L`, a mean `m` and observations in the columns of `K`, the exponent is the sum
//! of squares of `L^-1 (K - m 1')`. A rotation of the columns keeps it, and the triangular factor
//! `R` of the matrix `[1 K']` is one: `[m I] [1 K']' = [m I] R' Q'`. So as many columns do as there are
//! dimensions, and one more, however many observations there are. As in
//! [`least_squares`](super::least_squares) nothing cancels.

use super::least_squares::triangular;
use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op};

/// Columns that are worth the trouble, and how many more of them there must be than are left.
const MIN_COLUMNS: usize = 16;
const GAIN: usize = 2;

/// The sum of the squares of `x`, from fewer columns.
pub(super) fn sum_of_squares(g: &mut Graph, x: NodeId) -> Option<NodeId> {
    let Op::Solve(triangle) = *g.op(x) else {
        return None;
    };
    let (matrix, b) = (g.inputs(x)[0], g.inputs(x)[1]);
    let &[rows, columns] = g.shape(b) else {
        return None;
    };
    if columns < MIN_COLUMNS || columns < GAIN * (rows + 1) {
        return None;
    }
    let (known, mean) = parts(g, b)?;
    let observed = g.known(known)?.into_owned();
    if observed.iter().any(|x| !x.is_finite()) {
        return None;
    }
    let mut lines = vec![vec![1.0; columns]];
    lines.extend(observed.chunks_exact(columns).map(<[f64]>::to_vec));
    if mean.is_none() {
        lines.remove(0);
    }
    let left = lines.len();
    let factor = triangular(lines);
    let first = left - rows;
    let entries = (0..rows).flat_map(|i| (0..left).map(move |c| c * left + first + i));
    let rotated = g.constant(entries.map(|at| factor[at]).collect(), vec![rows, left]);
    let b = if let Some(mean) = mean {
        let ones = (0..left).map(|c| factor[c * left]).collect();
        let ones = g.constant(ones, vec![left]);
        let means = g.mul(mean, ones);
        g.sub(rotated, means)
    } else {
        rotated
    };
    let solved = g.solve(matrix, b, triangle);
    let squares = g.unary(crate::op::UnaryOp::Sqr, solved);
    Some(g.sum_all(squares))
}

/// The known part and the mean of a difference of the two, the mean being a column; which is taken
/// from which makes no difference to squares.
fn parts(g: &mut Graph, b: NodeId) -> Option<(NodeId, Option<NodeId>)> {
    if g.is_known(b) {
        return Some((b, None));
    }
    let (x, y) = g.as_binary(b, BinaryOp::Sub)?;
    let (known, mean) = if g.is_known(x) { (x, y) } else { (y, x) };
    let mean = g.narrow(mean);
    let is_column = g.shape(mean) == [g.shape(b)[0], 1];
    (g.is_known(known) && g.shape(known) == g.shape(b) && is_column).then_some((known, Some(mean)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use crate::op::{Triangle, UnaryOp};
    use crate::program::Program;

    #[test]
    fn columns_are_rotated() {
        let mut g = Graph::new(Isa::best());
        let n = 40;
        let values: Vec<f64> = (0..3 * n).map(|i| 1e3 + f64::from(i * i % 23)).collect();
        let columns = values.len() / 3;
        let known = g.constant(values.clone(), vec![3, columns]);
        let mean = g.intern(Op::Param(0), vec![], vec![3]);
        let column = g.reshape(mean, &[3, 1]);
        let matrix = g.intern(Op::Param(3), vec![], vec![3, 3]);
        let residual = g.sub(known, column);
        let triangle = Triangle {
            lower: true,
            transposed: false,
            unit_diagonal: false,
        };
        let solved = g.solve(matrix, residual, triangle);
        let squares = g.unary(UnaryOp::Sqr, solved);
        let sum = g.sum_all(squares);
        let program = Program::compile(&g, &[sum]);
        assert!(!program.describe().contains("40"), "{}", program.describe());
        let position = [
            1010.0, 1009.0, 1012.0, 2.0, 0.0, 0.0, 0.5, 1.5, 0.0, -0.25, 0.125, 0.75,
        ];
        let mut out = [0.0];
        program.run(&mut program.workspace(), &position, &mut out);
        let direct: f64 = (0..columns)
            .map(|c| {
                let r: Vec<f64> = (0..3)
                    .map(|i| values[i * columns + c] - position[i])
                    .collect();
                let x = r[0] / 2.0;
                let y = (r[1] - 0.5 * x) / 1.5;
                let z = (r[2] + 0.25 * x - 0.125 * y) / 0.75;
                x * x + y * y + z * z
            })
            .sum();
        assert!(
            (out[0] - direct).abs() < 1e-12 * direct,
            "{} {direct}",
            out[0]
        );
    }
}
