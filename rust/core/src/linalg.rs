//! The little linear algebra that fitting a metric takes.
//!
//! Matrices of a few hundred rows, a few times per run: what counts is that the numbers are the same
//! on every machine, and that nothing heavy is needed to build them. All inner loops run along rows.

use crate::vector::{axpy, dot, rotate};

/// A matrix, row after row.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Matrix {
    width: usize,
    data: Vec<f64>,
}

/// Eigenvalues, rising, and eigenvectors as rows.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Eigen {
    pub(crate) values: Vec<f64>,
    pub(crate) vectors: Matrix,
}

/// Sweeps after which an eigenvalue that has not converged never will.
const MAX_SWEEPS: usize = 60;

impl Matrix {
    pub(crate) fn zeros(height: usize, width: usize) -> Self {
        Self {
            width,
            data: vec![0.0; height * width],
        }
    }

    pub(crate) fn identity(size: usize) -> Self {
        Self::from_fn(size, size, |i, j| f64::from(u8::from(i == j)))
    }

    pub(crate) fn from_fn(
        height: usize,
        width: usize,
        mut f: impl FnMut(usize, usize) -> f64,
    ) -> Self {
        let mut matrix = Self::zeros(height, width);
        for i in 0..height {
            for (j, x) in matrix.row_mut(i).iter_mut().enumerate() {
                *x = f(i, j);
            }
        }
        matrix
    }

    pub(crate) fn height(&self) -> usize {
        self.data.len().checked_div(self.width).unwrap_or(0)
    }

    pub(crate) fn row(&self, i: usize) -> &[f64] {
        &self.data[i * self.width..(i + 1) * self.width]
    }

    pub(crate) fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.data[i * self.width..(i + 1) * self.width]
    }

    pub(crate) fn rows(&self) -> impl Iterator<Item = &[f64]> {
        (0..self.height()).map(|i| self.row(i))
    }

    pub(crate) fn is_finite(&self) -> bool {
        crate::vector::all_finite(&self.data)
    }

    pub(crate) fn transposed(&self) -> Self {
        Self::from_fn(self.width, self.height(), |i, j| self.row(j)[i])
    }

    /// `self * other`.
    pub(crate) fn times(&self, other: &Self) -> Self {
        let mut product = Self::zeros(self.height(), other.width);
        for i in 0..self.height() {
            for (x, row) in self.row(i).iter().zip(other.rows()) {
                axpy(*x, row, product.row_mut(i));
            }
        }
        product
    }

    /// `self * other'`.
    pub(crate) fn times_transposed(&self, other: &Self) -> Self {
        Self::from_fn(self.height(), other.height(), |i, j| {
            dot(self.row(i), other.row(j))
        })
    }

    /// `self' * self`.
    pub(crate) fn gram(&self) -> Self {
        let mut product = Self::zeros(self.width, self.width);
        for row in self.rows() {
            for (i, x) in row.iter().enumerate() {
                axpy(*x, &row[i..], &mut product.row_mut(i)[i..]);
            }
        }
        for i in 1..self.width {
            for j in 0..i {
                product.row_mut(i)[j] = product.row(j)[i];
            }
        }
        product
    }

    /// The rows of `self`, then those of `other`.
    pub(crate) fn above(&self, other: &Self) -> Self {
        Self {
            width: self.width,
            data: [&self.data[..], &other.data[..]].concat(),
        }
    }

    /// `self += factor * other`.
    pub(crate) fn add_scaled(&mut self, factor: f64, other: &Self) {
        axpy(factor, &other.data, &mut self.data);
    }

    /// All numbers, row after row.
    pub(crate) fn into_data(self) -> Vec<f64> {
        self.data
    }

    /// Adds a number to the diagonal.
    pub(crate) fn add_to_diagonal(&mut self, x: f64) {
        (0..self.height()).for_each(|i| self.row_mut(i)[i] += x);
    }

    /// Two rows, to write to; `first` is above `second`.
    fn two_rows(&mut self, first: usize, second: usize) -> (&mut [f64], &mut [f64]) {
        let (above, below) = self.data.split_at_mut(second * self.width);
        let above = &mut above[first * self.width..(first + 1) * self.width];
        (above, &mut below[..self.width])
    }
}

/// The lower triangular factor of a symmetric matrix, if it is positive definite.
pub(crate) fn cholesky(matrix: &Matrix) -> Option<Matrix> {
    let size = matrix.height();
    let mut factor = Matrix::zeros(size, size);
    for i in 0..size {
        for j in 0..=i {
            let rest = matrix.row(i)[j] - dot(&factor.row(i)[..j], &factor.row(j)[..j]);
            if i != j {
                let pivot = factor.row(j)[j];
                factor.row_mut(i)[j] = rest / pivot;
            } else if rest > 0.0 && rest.is_finite() {
                factor.row_mut(i)[i] = rest.sqrt();
            } else {
                return None;
            }
        }
    }
    Some(factor)
}

/// Replaces each row `b` by the solution `x` of `L' x = b`.
pub(crate) fn solve_transposed(lower: &Matrix, rows: &mut Matrix) {
    for k in 0..rows.height() {
        let row = rows.row_mut(k);
        for i in (0..row.len()).rev() {
            let x = row[i] / lower.row(i)[i];
            row[i] = x;
            axpy(-x, &lower.row(i)[..i], &mut row[..i]);
        }
    }
}

/// Orthonormal rows that span the given ones, except for what is smaller than `tolerance`.
pub(crate) fn orthonormal_basis(rows: &Matrix, tolerance: f64) -> Matrix {
    let mut basis = Matrix {
        width: rows.width,
        data: Vec::new(),
    };
    let mut rest = vec![0.0; rows.width];
    for row in rows.rows() {
        rest.copy_from_slice(row);
        // The second time removes the rounding that the first one left.
        for _ in 0..2 {
            for unit in basis.rows() {
                axpy(-dot(unit, &rest), unit, &mut rest);
            }
        }
        let length = dot(&rest, &rest).sqrt();
        if length > tolerance && basis.height() < rows.width {
            basis.data.extend(rest.iter().map(|x| x / length));
        }
    }
    basis
}

/// Eigenvalues and eigenvectors of a symmetric matrix; None if they do not converge.
///
/// The matrix is made tridiagonal by reflections, and that diagonal by rotations with implicit
/// shifts.
///
/// # References
///
/// Golub and Van Loan, *Matrix Computations*, 4th edition, section 8.3.
pub(crate) fn symmetric_eigen(matrix: Matrix) -> Option<Eigen> {
    let size = matrix.height();
    let Tridiagonal {
        mut diagonal,
        mut off,
        reflections,
    } = tridiagonalise(matrix);
    let mut vectors = Matrix::identity(size);
    for l in 0..size {
        let mut sweeps = 0;
        loop {
            let end = (l..size - 1)
                .find(|&m| is_negligible(off[m], diagonal[m], diagonal[m + 1]))
                .unwrap_or(size - 1);
            if end == l {
                break;
            }
            sweeps += 1;
            if sweeps > MAX_SWEEPS {
                return None;
            }
            sweep(&mut diagonal, &mut off, &mut vectors, l, end);
        }
    }
    for i in 0..size {
        let row = vectors.row_mut(i);
        for (k, reflection) in reflections.iter().enumerate().rev() {
            let part = &mut row[k + 1..];
            axpy(-2.0 * dot(reflection, part), reflection, part);
        }
    }
    let mut order: Vec<usize> = (0..size).collect();
    order.sort_by(|i, j| diagonal[*i].total_cmp(&diagonal[*j]));
    Some(Eigen {
        values: order.iter().map(|i| diagonal[*i]).collect(),
        vectors: Matrix {
            width: size,
            data: order
                .iter()
                .flat_map(|i| vectors.row(*i))
                .copied()
                .collect(),
        },
    })
}

struct Tridiagonal {
    diagonal: Vec<f64>,
    /// Beside the diagonal; one number of no meaning at the end.
    off: Vec<f64>,
    /// Unit vectors, the one number `k` in the coordinates from `k + 1` on; zero for none.
    reflections: Vec<Vec<f64>>,
}

fn tridiagonalise(mut matrix: Matrix) -> Tridiagonal {
    let size = matrix.height();
    let mut off = vec![0.0; size];
    let mut reflections = Vec::with_capacity(size);
    for k in 0..size.saturating_sub(1) {
        let mut unit = matrix.row(k)[k + 1..].to_vec();
        let length = dot(&unit, &unit).sqrt();
        off[k] = -length.copysign(unit[0]);
        unit[0] -= off[k];
        let norm = dot(&unit, &unit).sqrt();
        if norm > 0.0 {
            for x in &mut unit {
                *x /= norm;
            }
        }
        // With w = 2 (B u - (u.B u) u) the reflected block is B - u w' - w u'.
        let mut image: Vec<f64> = (k + 1..size)
            .map(|i| 2.0 * dot(&matrix.row(i)[k + 1..], &unit))
            .collect();
        axpy(-dot(&unit, &image), &unit, &mut image);
        for i in k + 1..size {
            let (u, w) = (unit[i - k - 1], image[i - k - 1]);
            let row = &mut matrix.row_mut(i)[k + 1..];
            axpy(-u, &image, row);
            axpy(-w, &unit, row);
        }
        reflections.push(unit);
    }
    Tridiagonal {
        diagonal: (0..size).map(|i| matrix.row(i)[i]).collect(),
        off,
        reflections,
    }
}

fn is_negligible(off: f64, above: f64, below: f64) -> bool {
    off.abs() <= f64::EPSILON * (above.abs() + below.abs())
}

/// One sweep of rotations over the block from `start` to `end`, shifted by the eigenvalue of its
/// upper corner that is nearer.
fn sweep(diagonal: &mut [f64], off: &mut [f64], vectors: &mut Matrix, start: usize, end: usize) {
    let slope = (diagonal[start + 1] - diagonal[start]) / (2.0 * off[start]);
    let shift = diagonal[start] - off[start] / (slope + slope.hypot(1.0).copysign(slope));
    let mut bulge = diagonal[end] - shift;
    let (mut sine, mut cosine, mut carried) = (1.0, 1.0, 0.0);
    for i in (start..end).rev() {
        let (below, beside) = (sine * off[i], cosine * off[i]);
        let length = below.hypot(bulge);
        off[i + 1] = length;
        if length == 0.0 {
            diagonal[i + 1] -= carried;
            off[end] = 0.0;
            return;
        }
        (sine, cosine) = (below / length, bulge / length);
        let moved = diagonal[i + 1] - carried;
        let mixed = (diagonal[i] - moved) * sine + 2.0 * cosine * beside;
        carried = sine * mixed;
        diagonal[i + 1] = moved + carried;
        bulge = cosine * mixed - beside;
        let (upper, lower) = vectors.two_rows(i, i + 1);
        rotate(cosine, sine, upper, lower);
    }
    diagonal[start] -= carried;
    off[start] = bulge;
    off[end] = 0.0;
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::chain_rng;
    use rand::RngExt;

    fn random(height: usize, width: usize, seed: u64) -> Matrix {
        let mut rng = chain_rng(seed, 0);
        Matrix::from_fn(height, width, |_, _| rng.random_range(-1.0..1.0))
    }

    fn distance(a: &Matrix, b: &Matrix) -> f64 {
        assert_eq!((a.width, a.data.len()), (b.width, b.data.len()));
        let pairs = a.data.iter().zip(&b.data);
        pairs.fold(0.0, |most: f64, (x, y)| most.max((x - y).abs()))
    }

    fn diagonal(values: &[f64]) -> Matrix {
        let size = values.len();
        Matrix::from_fn(size, size, |i, j| if i == j { values[i] } else { 0.0 })
    }

    #[test]
    fn eigenvectors_put_the_matrix_together_again() {
        for size in [1, 2, 3, 10, 57] {
            let matrix = random(size + 3, size, 1).gram();
            let Eigen { values, vectors } = symmetric_eigen(matrix.clone()).unwrap();
            assert!(values.is_sorted() && values[0] > 0.0);
            let unity = vectors.times_transposed(&vectors);
            assert!(distance(&unity, &Matrix::identity(size)) < 1e-13);
            let again = vectors
                .transposed()
                .times(&diagonal(&values))
                .times(&vectors);
            assert!(distance(&again, &matrix) < 1e-12 * size as f64);
        }
    }

    #[test]
    fn special_matrices_have_eigenvalues_too() {
        let eigen = symmetric_eigen(diagonal(&[3.0, -1.0, 0.0, 1e300])).unwrap();
        assert_eq!(eigen.values, [-1.0, 0.0, 3.0, 1e300]);
        let ones = Matrix::from_fn(5, 5, |_, _| 1.0);
        let eigen = symmetric_eigen(ones).unwrap();
        assert!((eigen.values[4] - 5.0).abs() < 1e-14 && eigen.values[3].abs() < 1e-14);
        let size = 9;
        let graded = Matrix::from_fn(size, size, |i, j| {
            10.0_f64.powi(-i32::try_from(i + j).unwrap())
        });
        assert!(symmetric_eigen(graded).is_some());
        let nan = Matrix::from_fn(3, 3, |_, _| f64::NAN);
        assert!(symmetric_eigen(nan).is_none_or(|eigen| !eigen.vectors.is_finite()));
    }

    #[test]
    fn the_factor_squared_is_the_matrix() {
        let matrix = random(9, 6, 2).gram();
        let factor = cholesky(&matrix).unwrap();
        assert!(distance(&factor.times_transposed(&factor), &matrix) < 1e-14);
        let right = random(3, 6, 3);
        let mut solved = right.clone();
        solve_transposed(&factor, &mut solved);
        // Rows solve L' x = b, so x' L = b'.
        assert!(distance(&solved.times(&factor), &right) < 1e-12);
        assert_eq!(cholesky(&diagonal(&[1.0, -1.0])), None);
        assert_eq!(cholesky(&diagonal(&[f64::NAN])), None);
    }

    #[test]
    fn a_basis_leaves_out_what_depends() {
        let mut rows = random(4, 7, 4);
        let copy: Vec<f64> = rows.row(0).iter().map(|x| -2.0 * x).collect();
        rows.row_mut(2).copy_from_slice(&copy);
        let basis = orthonormal_basis(&rows, 1e-8);
        assert_eq!(basis.height(), 3);
        let unity = basis.times_transposed(&basis);
        assert!(distance(&unity, &Matrix::identity(3)) < 1e-14);
        let back = rows.times_transposed(&basis).times(&basis);
        assert!(distance(&back, &rows) < 1e-14);
    }
}
