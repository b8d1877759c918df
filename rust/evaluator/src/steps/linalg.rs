//! Matrix operations; leading axes are a batch and broadcast.

use crate::eager::Array;
use crate::kernels::Isa;
use crate::op::{Op, Triangle};
use crate::shape::{Strided, size};

/// Evaluates one matrix operation into `out`.
pub(super) fn evaluate(isa: Isa, op: &Op, inputs: &[Array<'_>], shape: &[usize], out: &mut [f64]) {
    let _ = isa;
    match op {
        Op::MatMul(ta, tb) => batched(inputs, shape, 2, out, |x, out| {
            matmul(x[0], *ta, x[1], *tb, out);
        }),
        Op::Cholesky => batched(inputs, shape, 2, out, |x, out| {
            out.copy_from_slice(x[0].values);
            cholesky(last(x[0].shape), out);
        }),
        Op::CholeskyPullback => batched(inputs, shape, 2, out, |x, out| {
            out.copy_from_slice(x[1].values);
            cholesky_pullback(last(x[0].shape), x[0].values, out);
        }),
        Op::Solve(triangle) => batched(inputs, shape, 2, out, |x, out| {
            out.copy_from_slice(x[1].values);
            solve(last(x[0].shape), x[0].values, *triangle, last(x[1].shape), out);
        }),
        Op::Inverse => batched(inputs, shape, 2, out, |x, out| inverse(last(x[0].shape), x[0].values, out)),
        Op::LogAbsDet => batched(inputs, shape, 0, out, |x, out| {
            out[0] = determinant(last(x[0].shape), x[0].values).1;
        }),
        Op::DetSign => batched(inputs, shape, 0, out, |x, out| {
            out[0] = determinant(last(x[0].shape), x[0].values).0;
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
            Strided::broadcast(own, batch).offsets(batch).map(|at| at * matrix).collect()
        })
        .collect();
    for (k, part) in out.chunks_exact_mut(result.max(1)).enumerate() {
        let matrices: Vec<Array<'_>> = inputs
            .iter()
            .zip(&starts)
            .map(|(x, starts)| {
                let shape = &x.shape[x.shape.len() - 2..];
                Array { values: &x.values[starts[k]..starts[k] + size(shape)], shape }
            })
            .collect();
        one(&matrices, part);
    }
}

fn matmul(a: Array<'_>, ta: bool, b: Array<'_>, tb: bool, out: &mut [f64]) {
    let (m, k) = if ta { (a.shape[1], a.shape[0]) } else { (a.shape[0], a.shape[1]) };
    let n = if tb { b.shape[0] } else { b.shape[1] };
    for i in 0..m {
        for j in 0..n {
            let mut sum = 0.0;
            for l in 0..k {
                let x = a.values[if ta { l * m + i } else { i * k + l }];
                let y = b.values[if tb { j * k + l } else { l * n + j }];
                sum += x * y;
            }
            out[i * n + j] = sum;
        }
    }
}

fn cholesky(n: usize, a: &mut [f64]) {
    for j in 0..n {
        let mut d = a[j * n + j];
        for k in 0..j {
            d -= a[j * n + k] * a[j * n + k];
        }
        if !(d > 0.0) {
            return a.fill(f64::NAN);
        }
        let d = d.sqrt();
        a[j * n + j] = d;
        for i in j + 1..n {
            let mut s = a[i * n + j];
            for k in 0..j {
                s -= a[i * n + k] * a[j * n + k];
            }
            a[i * n + j] = s / d;
        }
        for i in 0..j {
            a[i * n + j] = 0.0;
        }
    }
}

/// Murray 2016, unblocked: the cotangent of the factor becomes that of the lower triangle.
fn cholesky_pullback(n: usize, l: &[f64], bar: &mut [f64]) {
    for j in 0..n {
        for i in 0..j {
            bar[i * n + j] = 0.0;
        }
    }
    for j in (0..n).rev() {
        let d = l[j * n + j];
        for i in j + 1..n {
            bar[j * n + j] -= l[i * n + j] * bar[i * n + j] / d;
            bar[i * n + j] /= d;
        }
        bar[j * n + j] /= 2.0 * d;
        for k in 0..j {
            let mut s = 2.0 * bar[j * n + j] * l[j * n + k];
            for i in j + 1..n {
                s += bar[i * n + j] * l[i * n + k];
            }
            bar[j * n + k] -= s;
        }
        for i in j + 1..n {
            for k in 0..j {
                bar[i * n + k] -= bar[i * n + j] * l[j * n + k];
            }
        }
    }
}

fn solve(n: usize, t: &[f64], triangle: Triangle, columns: usize, b: &mut [f64]) {
    let forward = triangle.lower != triangle.transposed;
    for step in 0..n {
        let i = if forward { step } else { n - 1 - step };
        for done in 0..step {
            let j = if forward { done } else { n - 1 - done };
            let factor = if triangle.transposed { t[j * n + i] } else { t[i * n + j] };
            for c in 0..columns {
                b[i * columns + c] -= factor * b[j * columns + c];
            }
        }
        if !triangle.unit_diagonal {
            for c in 0..columns {
                b[i * columns + c] /= t[i * n + i];
            }
        }
    }
}

/// LU factors with the rows exchanged in place, and the sign of the exchanges (0 if singular).
fn factor(n: usize, a: &mut [f64], rows: &mut [usize]) -> f64 {
    let mut sign = 1.0;
    for j in 0..n {
        let pivot = (j..n).max_by(|&p, &q| a[p * n + j].abs().total_cmp(&a[q * n + j].abs())).unwrap_or(j);
        if a[pivot * n + j] == 0.0 {
            return 0.0;
        }
        if pivot != j {
            sign = -sign;
            rows.swap(pivot, j);
            for c in 0..n {
                a.swap(pivot * n + c, j * n + c);
            }
        }
        for i in j + 1..n {
            a[i * n + j] /= a[j * n + j];
            let f = a[i * n + j];
            for c in j + 1..n {
                a[i * n + c] -= f * a[j * n + c];
            }
        }
    }
    sign
}

fn inverse(n: usize, a: &[f64], out: &mut [f64]) {
    let mut lu = a.to_vec();
    let mut rows: Vec<usize> = (0..n).collect();
    if factor(n, &mut lu, &mut rows) == 0.0 {
        return out.fill(f64::NAN);
    }
    out.fill(0.0);
    for (i, &r) in rows.iter().enumerate() {
        out[i * n + r] = 1.0;
    }
    solve(n, &lu, Triangle { lower: true, transposed: false, unit_diagonal: true }, n, out);
    solve(n, &lu, Triangle { lower: false, transposed: false, unit_diagonal: false }, n, out);
}

/// Sign and logarithm of the absolute value of the determinant.
fn determinant(n: usize, a: &[f64]) -> (f64, f64) {
    let mut lu = a.to_vec();
    let mut rows: Vec<usize> = (0..n).collect();
    let sign = factor(n, &mut lu, &mut rows);
    if sign == 0.0 {
        return (0.0, f64::NEG_INFINITY);
    }
    (0..n).fold((sign, 0.0), |(sign, log), k| {
        let d = lu[k * n + k];
        (sign * d.signum(), log + d.abs().ln())
    })
}
