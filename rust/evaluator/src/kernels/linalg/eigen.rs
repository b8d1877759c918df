//! Eigenvalues and eigenvectors of symmetric matrices.
//!
//! Reflections make the matrix tridiagonal; implicit QL steps with shifts make that diagonal. The
//! vectors are kept as rows, so that both work along contiguous memory.
//!
//! Reference: G. H. Golub and C. F. Van Loan, *Matrix Computations*, 4th edition (2013), 8.3.

use super::view::{MatrixMut, MatrixRef};

/// No eigenvalue of a finite matrix takes more steps.
const MAX_STEPS: usize = 60;

/// Writes the eigenvalues of `a`, of which the lower triangle is read, in rising order and the
/// eigenvectors as the columns of `vectors`; all are NaN where there is no convergence.
///
/// # Panics
/// Where the matrices are not square or `values` not as long.
pub fn eigen_symmetric(a: MatrixRef, values: &mut [f64], mut vectors: MatrixMut) {
    let n = a.rows();
    assert!(
        a.cols() == n && values.len() == n && vectors.rows() == n && vectors.cols() == n,
        "eigenvectors need square matrices"
    );
    let mut work: Vec<f64> = (0..n * n)
        .map(|k| a.at((k / n).max(k % n), (k / n).min(k % n)))
        .collect();
    let mut rows = vec![0.0; n * n];
    for k in 0..n {
        rows[k * n + k] = 1.0;
    }
    let mut beside = tridiagonal(n, &mut work, &mut rows);
    for (k, value) in values.iter_mut().enumerate() {
        *value = work[k * n + k];
    }
    if !diagonal(values, &mut beside, &mut rows) {
        values.fill(f64::NAN);
        vectors.fill(f64::NAN);
        return;
    }
    let mut order: Vec<usize> = (0..n).collect();
    order.sort_by(|&i, &j| values[i].total_cmp(&values[j]));
    let sorted: Vec<f64> = order.iter().map(|&k| values[k]).collect();
    values.copy_from_slice(&sorted);
    for (column, &from) in order.iter().enumerate() {
        for row in 0..n {
            vectors.set(row, column, rows[from * n + row]);
        }
    }
}

/// Makes a symmetric matrix tridiagonal in place by reflections, applied to `rows` too; returns what
/// stands beside the diagonal, with a zero at the end.
fn tridiagonal(n: usize, a: &mut [f64], rows: &mut [f64]) -> Vec<f64> {
    let mut beside = vec![0.0; n];
    let (mut v, mut p) = (vec![0.0; n], vec![0.0; n]);
    for k in 0..n.saturating_sub(1) {
        let below = k + 1..n;
        // A row of the symmetric matrix is its column.
        v[below.clone()].copy_from_slice(&a[k * n + k + 1..(k + 1) * n]);
        let size = v[below.clone()].iter().map(|x| x * x).sum::<f64>().sqrt();
        let rest: f64 = v[k + 2..].iter().map(|x| x.abs()).sum();
        if rest == 0.0 {
            beside[k] = v[k + 1];
            continue;
        }
        let end = -size.copysign(v[k + 1]);
        beside[k] = end;
        v[k + 1] -= end;
        let scale = -1.0 / (end * v[k + 1]);
        for i in below.clone() {
            let row = &a[i * n + k + 1..(i + 1) * n];
            p[i] = scale * dot(row, &v[below.clone()]);
        }
        let half = 0.5 * scale * dot(&p[below.clone()], &v[below.clone()]);
        for i in below.clone() {
            p[i] -= half * v[i];
        }
        for i in below.clone() {
            let (vi, pi) = (v[i], p[i]);
            for j in below.clone() {
                a[i * n + j] -= vi * p[j] + pi * v[j];
            }
        }
        let mut combined = vec![0.0; n];
        for i in below.clone() {
            add(&mut combined, v[i], &rows[i * n..(i + 1) * n]);
        }
        for i in below {
            add(&mut rows[i * n..(i + 1) * n], -scale * v[i], &combined);
        }
    }
    beside
}

/// Makes a tridiagonal matrix diagonal, its rotations applied to `rows` too; whether that converged.
fn diagonal(d: &mut [f64], e: &mut [f64], rows: &mut [f64]) -> bool {
    let n = d.len();
    for low in 0..n {
        for step in 0.. {
            let is_small = |m: usize| {
                let around = d[m].abs() + d[m + 1].abs();
                e[m].abs() <= f64::EPSILON * around
            };
            let end = (low..n - 1).find(|&m| is_small(m)).unwrap_or(n - 1);
            if end == low {
                break;
            }
            if step == MAX_STEPS {
                return false;
            }
            ql_step(d, e, rows, low, end);
        }
    }
    d.iter().all(|x| x.is_finite())
}

/// One implicit QL step on the part `low..=end`.
fn ql_step(d: &mut [f64], e: &mut [f64], rows: &mut [f64], low: usize, end: usize) {
    let n = d.len();
    let ratio = (d[low + 1] - d[low]) / (2.0 * e[low]);
    let mut g = d[end] - d[low] + e[low] / (ratio + ratio.hypot(1.0).copysign(ratio));
    let (mut sine, mut cosine, mut shift) = (1.0, 1.0, 0.0);
    for i in (low..end).rev() {
        let (f, b) = (sine * e[i], cosine * e[i]);
        let size = f.hypot(g);
        e[i + 1] = size;
        if size == 0.0 {
            d[i + 1] -= shift;
            e[end] = 0.0;
            return;
        }
        (sine, cosine) = (f / size, g / size);
        g = d[i + 1] - shift;
        let turn = (d[i] - g) * sine + 2.0 * cosine * b;
        shift = sine * turn;
        d[i + 1] = g + shift;
        g = cosine * turn - b;
        let (first, second) = rows[i * n..(i + 2) * n].split_at_mut(n);
        for (x, y) in first.iter_mut().zip(second) {
            (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
        }
    }
    d[low] -= shift;
    e[low] = g;
    e[end] = 0.0;
}

fn dot(x: &[f64], y: &[f64]) -> f64 {
    x.iter().zip(y).map(|(a, b)| a * b).sum()
}

fn add(to: &mut [f64], scale: f64, from: &[f64]) {
    for (x, y) in to.iter_mut().zip(from) {
        *x += scale * y;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(n: usize, a: &[f64]) {
        let (mut values, mut vectors) = (vec![0.0; n], vec![0.0; n * n]);
        eigen_symmetric(
            MatrixRef::new(a, n, n),
            &mut values,
            MatrixMut::new(&mut vectors, n, n),
        );
        assert!(values.is_sorted());
        let size = a.iter().fold(1e-300, |m: f64, x| m.max(x.abs())) * n as f64;
        for i in 0..n {
            for j in 0..n {
                let entry = |i: usize, j: usize| a[i.max(j) * n + i.min(j)];
                let product: f64 = (0..n).map(|k| entry(i, k) * vectors[k * n + j]).sum();
                let gap = product - vectors[i * n + j] * values[j];
                assert!(gap.abs() <= 1e-14 * size, "{n}: {gap}");
                let inner: f64 = (0..n)
                    .map(|k| vectors[k * n + i] * vectors[k * n + j])
                    .sum();
                assert!((inner - f64::from(i == j)).abs() < 1e-13, "{n}: {inner}");
            }
        }
    }

    #[test]
    fn vectors_and_values_belong_together() {
        for n in [1, 2, 3, 7, 40] {
            // Cosines of growing frequency: no structure; the upper triangle is not read.
            let a: Vec<f64> = (0..n * n).map(|p| ((p * p) as f64 * 0.7).cos()).collect();
            check(n, &a);
            let ones = vec![1.0; n * n];
            check(n, &ones);
            let tiny: Vec<f64> = a.iter().map(|x| x * 1e-150).collect();
            check(n, &tiny);
        }
        check(3, &[2.0, 0.0, 0.0, 0.0, 2.0, 0.0, 0.0, 0.0, -1.0]);
        check(2, &[0.0; 4]);
    }

    #[test]
    fn what_is_not_finite_has_none() {
        let (mut values, mut vectors) = ([0.0; 2], [0.0; 4]);
        let a = [1.0, 0.0, f64::NAN, 1.0];
        eigen_symmetric(
            MatrixRef::new(&a, 2, 2),
            &mut values,
            MatrixMut::new(&mut vectors, 2, 2),
        );
        assert!(values.iter().chain(&vectors).all(|x| x.is_nan()));
    }
}
