//! Arithmetic, rounding, comparisons, logic and choice, element by element.
//!
//! Truth values are numbers: 1.0 for true, 0.0 for false; on input, whatever is not zero is true
//! (NaN included, as in NumPy).

use super::lanes::Lanes;
use super::map::{kernels1, kernels2, kernels3};
use super::vector::{Mask, Vector};

kernels1! {
    /// `-x`
    neg = minus;
    /// `|x|`
    abs = Vector::abs;
    /// -1, 0 or 1; NaN for NaN.
    sign = signum;
    /// `x^2`
    sqr = square;
    /// Square root, correctly rounded; NaN below zero.
    sqrt = Vector::sqrt;
    /// `1 / x`
    reciprocal = inverse;
    /// The integer below.
    floor = Vector::floor;
    /// The integer above.
    ceil = Vector::ceil;
    /// The integer towards zero.
    trunc = Vector::trunc;
    /// The nearest integer, ties to even.
    round_half_even = Vector::round;
    /// The nearest integer, ties away from zero.
    round_half_away = half_away;
    /// Whether an element is NaN.
    is_nan = nan;
    /// Whether an element is infinite.
    is_inf = infinite;
    /// Whether an element is neither infinite nor NaN.
    is_finite = finite;
    /// Whether an element is zero (false).
    not = falsehood;
}

kernels2! {
    /// `a + b`
    add = plus;
    /// `a - b`
    sub = less;
    /// `a * b`
    mul = times;
    /// `a / b`
    div = over;
    /// The smaller; NaN where either is (as `numpy.minimum`).
    min = smaller;
    /// The larger; NaN where either is (as `numpy.maximum`).
    max = larger;
    /// `floor(a / b)`, with the sign rules of Python's `//` on floats.
    floor_div = quotient;
    /// The remainder of [`floor_div`], with the sign of `b`, exact (Python's `%` on floats).
    modulo = remainder;
    /// `a < b`
    lt = is_lt;
    /// `a <= b`
    le = is_le;
    /// `a > b`
    gt = is_gt;
    /// `a >= b`
    ge = is_ge;
    /// `a == b`
    eq = is_eq;
    /// `a != b`
    ne = is_ne;
    /// Both are true.
    and = both;
    /// Either is true.
    or = either;
    /// Exactly one is true.
    xor = one;
    /// `a` with the sign of `b`.
    copysign = Vector::copysign;
}

kernels3! {
    /// `b` where `a` is true, `c` elsewhere; the number not chosen leaves no trace.
    switch = choose;
    /// `a` brought into `[b, c]`: `max(b, min(a, c))`, NaN where `a` is.
    clip = clamp;
    /// `a * b + c`, fused where the machine can.
    mul_add = fused;
}

#[inline(always)]
pub(super) fn minus<S: Lanes>(x: Vector<S>) -> Vector<S> {
    -x
}

#[inline(always)]
fn signum<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x.equals(0.0)
        .select(0.0, x.is_nan().select(x, x.fill(1.0).copysign(x)))
}

#[inline(always)]
pub(super) fn square<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x * x
}

#[inline(always)]
pub(super) fn inverse<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x.fill(1.0) / x
}

#[inline(always)]
fn half_away<S: Lanes>(x: Vector<S>) -> Vector<S> {
    let size = x.abs();
    let whole = size.floor();
    // The difference is exact. Large numbers are whole already.
    let up = (size - whole).ge(0.5).select(1.0, 0.0);
    (whole + up).copysign(x)
}

#[inline(always)]
fn nan<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x.is_nan().as_number()
}

#[inline(always)]
fn infinite<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x.abs().equals(f64::INFINITY).as_number()
}

#[inline(always)]
fn finite<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x.abs().lt(f64::INFINITY).as_number()
}

#[inline(always)]
pub(super) fn falsehood<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x.equals(0.0).as_number()
}

#[inline(always)]
pub(super) fn plus<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a + b
}

#[inline(always)]
pub(super) fn less<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a - b
}

#[inline(always)]
pub(super) fn times<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a * b
}

#[inline(always)]
pub(super) fn over<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a / b
}

#[inline(always)]
fn smaller<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    (a.le(b) | a.is_nan()).select(a, b)
}

#[inline(always)]
fn larger<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    (a.ge(b) | a.is_nan()).select(a, b)
}

/// The exact remainder of Python: that of C with the sign of the divisor.
fn python_remainder(a: f64, b: f64) -> f64 {
    let rest = a % b;
    if rest == 0.0 {
        0.0_f64.copysign(b)
    } else if (rest < 0.0) == (b < 0.0) {
        rest
    } else {
        rest + b
    }
}

/// Python's floor division: the quotient that goes with the exact remainder.
fn python_quotient(a: f64, b: f64) -> f64 {
    if b == 0.0 {
        return a / b;
    }
    let rest = a % b;
    let mut quotient = (a - rest) / b;
    if rest != 0.0 && (rest < 0.0) != (b < 0.0) {
        quotient -= 1.0;
    }
    if quotient == 0.0 {
        return 0.0_f64.copysign(a / b);
    }
    let whole = quotient.floor();
    if quotient - whole > 0.5 {
        whole + 1.0
    } else {
        whole
    }
}

#[inline(always)]
fn quotient<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a.lanewise2(b, python_quotient)
}

#[inline(always)]
fn remainder<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a.lanewise2(b, python_remainder)
}

#[inline(always)]
pub(super) fn is_lt<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a.lt(b).as_number()
}

#[inline(always)]
pub(super) fn is_le<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a.le(b).as_number()
}

#[inline(always)]
pub(super) fn is_gt<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a.gt(b).as_number()
}

#[inline(always)]
pub(super) fn is_ge<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a.ge(b).as_number()
}

#[inline(always)]
pub(super) fn is_eq<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    a.equals(b).as_number()
}

#[inline(always)]
fn is_ne<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    (!a.equals(b)).as_number()
}

/// Whether lanes are not zero.
#[inline(always)]
fn truth<S: Lanes>(x: Vector<S>) -> Mask<S> {
    !x.equals(0.0)
}

#[inline(always)]
pub(super) fn both<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    (truth(a) & truth(b)).as_number()
}

#[inline(always)]
fn either<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    (truth(a) | truth(b)).as_number()
}

#[inline(always)]
fn one<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    let (a, b) = (truth(a), truth(b));
    ((a | b) & !(a & b)).as_number()
}

#[inline(always)]
pub(super) fn choose<S: Lanes>(condition: Vector<S>, yes: Vector<S>, no: Vector<S>) -> Vector<S> {
    truth(condition).select(yes, no)
}

#[inline(always)]
fn clamp<S: Lanes>(x: Vector<S>, low: Vector<S>, high: Vector<S>) -> Vector<S> {
    x.at_most(high).at_least(low)
}

#[inline(always)]
fn fused<S: Lanes>(a: Vector<S>, b: Vector<S>, c: Vector<S>) -> Vector<S> {
    a.mul_add(b, c)
}
