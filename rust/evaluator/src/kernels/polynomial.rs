//! Evaluation of polynomials.

use super::lanes::Lanes;
use super::vector::Vector;

/// `c[0] + c[1] x + c[2] x^2 + ...` as an even and an odd part side by side, which halves the
/// length of the chain of operations that wait for each other.
#[inline(always)]
pub(crate) fn polynomial<S: Lanes, const N: usize>(x: Vector<S>, c: &[f64; N]) -> Vector<S> {
    if N < 4 {
        return horner(x, c);
    }
    let square = x * x;
    let mut top = x.fill(c[N - 1]);
    let mut next = x.fill(c[N - 2]);
    let mut i = N - 2;
    while i >= 2 {
        top = top.mul_add(square, c[i - 1]);
        next = next.mul_add(square, c[i - 2]);
        i -= 2;
    }
    // `top` multiplies the odd powers where it sits one above `next`.
    let pair = top.mul_add(x, next);
    if i == 1 { pair.mul_add(x, c[0]) } else { pair }
}

/// The same by Horner's rule: fewest operations, most accurate.
#[inline(always)]
pub(crate) fn horner<S: Lanes, const N: usize>(x: Vector<S>, c: &[f64; N]) -> Vector<S> {
    let mut sum = x.fill(c[N - 1]);
    let mut i = N - 1;
    while i > 0 {
        i -= 1;
        sum = sum.mul_add(x, c[i]);
    }
    sum
}
