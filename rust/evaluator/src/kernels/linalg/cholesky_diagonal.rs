//! The adjoint of a matrix where of its Cholesky factor only the diagonal is used: a determinant.
//!
//! With `d` the adjoint of the diagonal of `L` and `Y = L^-1` it is `Y' diag(d_i L_ii) Y / 2`: an inverse
//! and a product, both of triangles, where the general rule solves with a full matrix twice.

use super::rows::add_rows;
use super::tile::{Factor, add_product};
use super::view::{MatrixMut, MatrixRef};
use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};

/// Rows computed together.
const BLOCK: usize = 8;

struct Diagonal<'a> {
    l: MatrixRef<'a>,
    adjoint: &'a [f64],
    /// The inverse, and then the same with its rows scaled.
    inverse: MatrixMut<'a>,
    scaled: MatrixMut<'a>,
    out: MatrixMut<'a>,
}

impl Kernel for Diagonal<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self {
            l,
            adjoint,
            mut inverse,
            mut scaled,
            mut out,
        } = self;
        let n = l.rows();
        let mut i = 0;
        while i < n {
            let count = BLOCK.min(n - i);
            let (above, mut block, _) = inverse.around_rows(i, count);
            let mut block = block.first_columns(i + count);
            let mut known = block.first_columns(i);
            add_product::<S, true>(
                lanes,
                &mut known,
                0,
                Factor::part(l, i, 0),
                above.columns(0, i),
            );
            for r in 0..count {
                let (before, row, _) = block.around_row(r);
                row[i + r] = 1.0;
                add_rows(lanes, row, before, 0..r, |k| -l.at(i + r, i + k));
                let scale = 1.0 / l.at(i + r, i + r);
                for x in row {
                    *x *= scale;
                }
            }
            i += count;
        }
        for (k, d) in adjoint.iter().enumerate() {
            let weight = d * l.at(k, k);
            let from = &inverse.as_ref().row(k)[..=k];
            for (to, x) in scaled.row_mut(k).iter_mut().zip(from) {
                *to = weight * x;
            }
        }
        let (inverse, scaled) = (inverse.as_ref(), scaled.as_ref());
        let mut i = 0;
        while i < n {
            let count = BLOCK.min(n - i);
            let (_, mut block, _) = out.around_rows(i, count);
            let mut block = block.first_columns(i + count);
            let below = rows_from(scaled, i);
            add_product::<S, false>(
                lanes,
                &mut block,
                0,
                Factor::transposed(inverse, i, i),
                below,
            );
            for r in 0..count {
                let row = block.row_mut(r);
                row[i + r] *= 0.5;
                row[i + r + 1..].fill(0.0);
            }
            i += count;
        }
    }
}

/// The rows of a matrix from one on.
#[inline(always)]
fn rows_from(x: MatrixRef<'_>, first: usize) -> MatrixRef<'_> {
    MatrixRef::with_stride(x.from(first, 0), x.rows() - first, x.cols(), x.stride())
}

/// The adjoint of `A`, in the lower triangle, from that of the diagonal of its factor `L`.
///
/// As for [`cholesky_reverse`](super::cholesky_reverse) an element off the diagonal stands for two.
///
/// # Panics
/// Where the matrices are not square or the lengths do not fit.
pub fn cholesky_diagonal_reverse(isa: Isa, l: MatrixRef, adjoint: &[f64], mut out: MatrixMut) {
    let n = l.rows();
    assert!(
        l.cols() == n && adjoint.len() == n && out.rows() == n && out.cols() == n,
        "the shapes of a factor and its adjoint differ"
    );
    out.fill(0.0);
    let (mut inverse, mut scaled) = (vec![0.0; n * n], vec![0.0; n * n]);
    isa.run(Diagonal {
        l,
        adjoint,
        inverse: MatrixMut::new(&mut inverse, n, n),
        scaled: MatrixMut::new(&mut scaled, n, n),
        out,
    });
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::linalg::cholesky_reverse;

    #[test]
    fn equals_the_general_rule() {
        for isa in Isa::available() {
            for n in [0, 1, 2, 7, 8, 9, 40, 100] {
                let element = |i: usize, j: usize| match i.cmp(&j) {
                    std::cmp::Ordering::Less => 0.0,
                    std::cmp::Ordering::Equal => 2.0 + (i % 3) as f64,
                    std::cmp::Ordering::Greater => ((i * 3 + j * 5) % 7) as f64 * 0.1 - 0.3,
                };
                let l: Vec<f64> = (0..n * n).map(|p| element(p / n, p % n)).collect();
                let adjoint: Vec<f64> = (0..n).map(|i| (i % 5) as f64 - 1.5).collect();
                let mut general = vec![0.0; n * n];
                for i in 0..n {
                    general[i * n + i] = adjoint[i];
                }
                let factor = MatrixRef::new(&l, n, n);
                cholesky_reverse(isa, factor, MatrixMut::new(&mut general, n, n));
                let mut found = vec![f64::NAN; n * n];
                let out = MatrixMut::new(&mut found, n, n);
                cholesky_diagonal_reverse(isa, factor, &adjoint, out);
                for (a, b) in found.iter().zip(&general) {
                    assert!(
                        (a - b).abs() <= 1e-12 * (1.0 + b.abs()),
                        "{n}: {a} is not {b}"
                    );
                }
            }
        }
    }
}
