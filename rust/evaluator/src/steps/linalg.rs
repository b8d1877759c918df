//! Matrix operations; leading axes are a batch and broadcast.

use crate::eager::Array;
use crate::kernels::{self, Isa, LuInfo, MatrixMut, MatrixRef};
use crate::op::Op;
use crate::shape::{Strided, size};

/// Evaluates one matrix operation into `out`.
pub(super) fn evaluate(isa: Isa, op: &Op, inputs: &[Array<'_>], shape: &[usize], out: &mut [f64]) {
    match op {
        Op::MatMul(ta, tb) => batched(inputs, shape, 2, out, |x, out| {
            matmul(isa, x[0], *ta, x[1], *tb, out);
        }),
        Op::MatVec(transposed) => matvec(isa, inputs[0], *transposed, inputs[1].values, out),
        Op::Cholesky => batched(inputs, shape, 2, out, |x, out| {
            out.copy_from_slice(x[0].values);
            // What is not positive definite is NaN throughout; nothing more to say.
            let _ = kernels::cholesky(isa, square(out));
        }),
        Op::CholeskyPullback => batched(inputs, shape, 2, out, |x, out| {
            out.copy_from_slice(x[1].values);
            kernels::cholesky_reverse(isa, matrix(x[0]), square(out));
        }),
        Op::CholeskyDiagonalPullback => {
            let n = shape[0];
            let out = MatrixMut::new(out, n, n);
            kernels::cholesky_diagonal_reverse(isa, matrix(inputs[0]), inputs[1].values, out);
        }
        Op::Solve(triangle) => batched(inputs, shape, 2, out, |x, out| {
            out.copy_from_slice(x[1].values);
            let kind = kernels::Triangle {
                lower: triangle.lower,
                transposed: triangle.transposed,
                unit_diagonal: triangle.unit_diagonal,
            };
            let [rows, columns] = [x[1].shape[0], x[1].shape[1]];
            kernels::solve_triangular(isa, matrix(x[0]), kind, MatrixMut::new(out, rows, columns));
        }),
        Op::Inverse => batched(inputs, shape, 2, out, |x, out| inverse(isa, x[0], out)),
        Op::Eigen => batched(inputs, shape, 2, out, |x, out| {
            let n = x[0].shape[0];
            let (values, vectors) = out.split_at_mut(n);
            kernels::eigen_symmetric(matrix(x[0]), values, MatrixMut::new(vectors, n, n));
        }),
        Op::Exponential => batched(inputs, shape, 2, out, |x, out| {
            kernels::expm(isa, matrix(x[0]), out);
        }),
        Op::LogAbsDet => batched(inputs, shape, 0, out, |x, out| {
            out[0] = factor(isa, x[0]).2.log_abs_det;
        }),
        Op::DetSign => batched(inputs, shape, 0, out, |x, out| {
            out[0] = factor(isa, x[0]).2.sign;
        }),
        _ => debug_assert!(false, "{op:?} is no operation of its own"),
    }
}

fn last(shape: &[usize]) -> usize {
    shape[shape.len() - 1]
}

/// Calls `one` for each matrix of the batch; results have `rank` axes.
fn batched(
    inputs: &[Array<'_>],
    shape: &[usize],
    rank: usize,
    out: &mut [f64],
    one: impl Fn(&[Array<'_>], &mut [f64]),
) {
    let batch = &shape[..shape.len() - rank];
    let result = size(&shape[shape.len() - rank..]);
    if batch.is_empty() && inputs.iter().all(|x| x.shape.len() == 2) {
        return one(inputs, out);
    }
    let starts: Vec<Vec<usize>> = inputs
        .iter()
        .map(|x| {
            let own = &x.shape[..x.shape.len() - 2];
            let matrix = size(&x.shape[x.shape.len() - 2..]);
            Strided::broadcast(own, batch)
                .offsets(batch)
                .map(|at| at * matrix)
                .collect()
        })
        .collect();
    for (k, part) in out.chunks_exact_mut(result.max(1)).enumerate() {
        let matrices: Vec<Array<'_>> = inputs
            .iter()
            .zip(&starts)
            .map(|(x, starts)| {
                let shape = &x.shape[x.shape.len() - 2..];
                Array {
                    values: &x.values[starts[k]..starts[k] + size(shape)],
                    shape,
                }
            })
            .collect();
        one(&matrices, part);
    }
}

/// A square matrix to be written.
fn square(values: &mut [f64]) -> MatrixMut<'_> {
    let n = values.len().isqrt();
    MatrixMut::new(values, n, n)
}

/// The matrix that an array of two axes is.
fn matrix(x: Array<'_>) -> MatrixRef<'_> {
    MatrixRef::new(x.values, x.shape[0], x.shape[1])
}

fn matmul(isa: Isa, a: Array<'_>, ta: bool, b: Array<'_>, tb: bool, out: &mut [f64]) {
    let rows = a.shape[usize::from(ta)];
    let columns = b.shape[usize::from(!tb)];
    kernels::matmul(
        isa,
        matrix(a),
        ta,
        matrix(b),
        tb,
        MatrixMut::new(out, rows, columns),
    );
}

/// `A x`, or `A' x`.
fn matvec(isa: Isa, a: Array<'_>, transposed: bool, x: &[f64], out: &mut [f64]) {
    if transposed {
        kernels::gemv_t(isa, matrix(a), x, out);
    } else {
        kernels::gemv(isa, matrix(a), x, out);
    }
}

fn factor(isa: Isa, x: Array<'_>) -> (Vec<f64>, Vec<usize>, LuInfo) {
    let n = last(x.shape);
    let mut lu = x.values.to_vec();
    let mut pivots = vec![0; n];
    let info = kernels::lu_factor(isa, MatrixMut::new(&mut lu, n, n), &mut pivots);
    (lu, pivots, info)
}

fn inverse(isa: Isa, x: Array<'_>, out: &mut [f64]) {
    let n = last(x.shape);
    let (lu, pivots, info) = factor(isa, x);
    if info.singular {
        return out.fill(f64::NAN);
    }
    kernels::inverse(
        isa,
        MatrixRef::new(&lu, n, n),
        &pivots,
        MatrixMut::new(out, n, n),
    );
}
