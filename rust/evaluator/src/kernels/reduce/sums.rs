//! Sums, products, dot products, and sums into a slice.

use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};
use crate::kernels::map::{Operand, load_tail, store_tail};
use crate::kernels::vector::Vector;

/// Registers that accumulate side by side.
const WIDTH: usize = 4;

/// How a reduction combines, and the number that changes nothing.
#[derive(Clone, Copy)]
pub(crate) struct Tail {
    /// Pads short registers.
    pub(crate) padding: f64,
}

/// Folds `K` slices of equal length: `step(accumulator, elements)` for every register, `join` for
/// pairs of accumulators and of lanes. `tail.padding` stands for elements past the end.
#[inline(always)]
pub(crate) fn accumulate<S: Lanes, const K: usize>(
    lanes: S,
    x: [&[f64]; K],
    start: f64,
    tail: Tail,
    step: impl Fn(Vector<S>, [Vector<S>; K]) -> Vector<S>,
    join: impl Fn(Vector<S>, Vector<S>) -> Vector<S>,
) -> Vector<S> {
    let len = x[0].len();
    let x = x.map(|x| &x[..len]);
    let mut sums = [Vector::splat(lanes, start); WIDTH];
    let mut at = 0;
    while at + WIDTH * S::N <= len {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = step(*sum, x.map(|x| Vector::load(lanes, &x[at + i * S::N..])));
        }
        at += WIDTH * S::N;
    }
    while at + S::N <= len {
        sums[0] = step(sums[0], x.map(|x| Vector::load(lanes, &x[at..])));
        at += S::N;
    }
    if at < len {
        sums[1] = step(sums[1], x.map(|x| load_tail(lanes, &x[at..], tail.padding)));
    }
    join(join(sums[0], sums[2]), join(sums[1], sums[3]))
}

/// Sums of terms that are zero where their arguments are.
#[inline(always)]
fn sum_terms<S: Lanes, const K: usize>(
    lanes: S,
    x: [&[f64]; K],
    step: impl Fn(Vector<S>, [Vector<S>; K]) -> Vector<S>,
) -> f64 {
    accumulate(lanes, x, 0.0, Tail { padding: 0.0 }, step, |a, b| a + b).sum()
}

struct Sum<'a>(&'a [f64]);

impl Kernel for Sum<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        sum_terms(lanes, [self.0], |sum, [x]| sum + x)
    }
}

/// The sum; zero for no elements.
pub fn sum(isa: Isa, x: &[f64]) -> f64 {
    isa.run(Sum(x))
}

struct SumSqr<'a>(&'a [f64]);

impl Kernel for SumSqr<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        sum_terms(lanes, [self.0], |sum, [x]| x.mul_add(x, sum))
    }
}

/// The sum of squares; zero for no elements.
pub fn sum_sqr(isa: Isa, x: &[f64]) -> f64 {
    isa.run(SumSqr(x))
}

struct Prod<'a>(&'a [f64]);

impl Kernel for Prod<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        let tail = Tail { padding: 1.0 };
        accumulate(lanes, [self.0], 1.0, tail, |p, [x]| p * x, |a, b| a * b).reduce(|a, b| a * b)
    }
}

/// The product; one for no elements.
pub fn prod(isa: Isa, x: &[f64]) -> f64 {
    isa.run(Prod(x))
}

struct Dot<'a>(&'a [f64], &'a [f64]);

impl Kernel for Dot<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        sum_terms(lanes, [self.0, self.1], |sum, [a, b]| a.mul_add(b, sum))
    }
}

/// The sum of `a[i] b[i]`.
///
/// # Panics
/// Where the slices differ in length.
pub fn dot(isa: Isa, a: &[f64], b: &[f64]) -> f64 {
    Operand::Slice(b).check(a.len());
    isa.run(Dot(a, b))
}

struct Dot3<'a>(&'a [f64], &'a [f64], &'a [f64]);

impl Kernel for Dot3<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        sum_terms(lanes, [self.0, self.1, self.2], |sum, [a, b, c]| {
            (a * b).mul_add(c, sum)
        })
    }
}

/// The sum of `a[i] b[i] c[i]`.
///
/// # Panics
/// Where the slices differ in length.
pub fn dot3(isa: Isa, a: &[f64], b: &[f64], c: &[f64]) -> f64 {
    Operand::Slice(b).check(a.len());
    Operand::Slice(c).check(a.len());
    isa.run(Dot3(a, b, c))
}

/// Applies `step` to every element of `out` with those of two operands, in place.
struct Update<'a, F>(&'a mut [f64], Operand<'a>, Operand<'a>, F);

/// The change of one element.
trait Step {
    fn step<S: Lanes>(&self, out: Vector<S>, a: Vector<S>, b: Vector<S>) -> Vector<S>;
}

#[inline(always)]
fn operand<S: Lanes>(lanes: S, x: Operand, at: usize) -> Vector<S> {
    match x {
        Operand::Slice(x) => Vector::load(lanes, &x[at..]),
        Operand::Scalar(x) => Vector::splat(lanes, x),
    }
}

#[inline(always)]
fn operand_tail<S: Lanes>(lanes: S, x: Operand, at: usize) -> Vector<S> {
    match x {
        Operand::Slice(x) => load_tail(lanes, &x[at..], 0.0),
        Operand::Scalar(x) => Vector::splat(lanes, x),
    }
}

impl<F: Step> Kernel for Update<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(out, a, b, f) = self;
        let len = out.len();
        let mut at = 0;
        while at + S::N <= len {
            let next = f.step(
                Vector::load(lanes, &out[at..]),
                operand(lanes, a, at),
                operand(lanes, b, at),
            );
            next.store(&mut out[at..]);
            at += S::N;
        }
        if at < len {
            let tail = load_tail(lanes, &out[at..], 0.0);
            let next = f.step(tail, operand_tail(lanes, a, at), operand_tail(lanes, b, at));
            store_tail(next, &mut out[at..]);
        }
    }
}

struct AddStep;
impl Step for AddStep {
    #[inline(always)]
    fn step<S: Lanes>(&self, out: Vector<S>, a: Vector<S>, _: Vector<S>) -> Vector<S> {
        out + a
    }
}

struct MulStep;
impl Step for MulStep {
    #[inline(always)]
    fn step<S: Lanes>(&self, out: Vector<S>, a: Vector<S>, _: Vector<S>) -> Vector<S> {
        out * a
    }
}

struct MulAddStep;
impl Step for MulAddStep {
    #[inline(always)]
    fn step<S: Lanes>(&self, out: Vector<S>, a: Vector<S>, b: Vector<S>) -> Vector<S> {
        a.mul_add(b, out)
    }
}

/// `out += a`
///
/// # Panics
/// Where the lengths differ.
pub fn add_assign(isa: Isa, out: &mut [f64], a: Operand) {
    a.check(out.len());
    isa.run(Update(out, a, Operand::Scalar(0.0), AddStep));
}

/// `out *= a`
///
/// # Panics
/// Where the lengths differ.
pub fn mul_assign(isa: Isa, out: &mut [f64], a: Operand) {
    a.check(out.len());
    isa.run(Update(out, a, Operand::Scalar(0.0), MulStep));
}

/// `out += a b`
///
/// # Panics
/// Where the lengths differ.
pub fn mul_add_assign(isa: Isa, out: &mut [f64], a: Operand, b: Operand) {
    a.check(out.len());
    b.check(out.len());
    isa.run(Update(out, a, b, MulAddStep));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_lengths() {
        for isa in Isa::available() {
            for len in 0..70_u32 {
                let a: Vec<f64> = (0..len).map(f64::from).collect();
                let b: Vec<f64> = (0..len).map(|i| f64::from(i % 7) - 3.0).collect();
                assert_eq!(sum(isa, &a), a.iter().sum());
                assert_eq!(sum_sqr(isa, &b), b.iter().map(|b| b * b).sum());
                assert_eq!(dot(isa, &a, &b), a.iter().zip(&b).map(|(a, b)| a * b).sum());
                let cubes: f64 = a.iter().zip(&b).map(|(a, b)| a * b * b).sum();
                assert_eq!(dot3(isa, &a, &b, &b), cubes);
                assert_eq!(
                    prod(isa, &vec![2.0; len as usize]),
                    2.0_f64.powi(len.cast_signed())
                );
                let mut out = b.clone();
                mul_add_assign(isa, &mut out, Operand::Slice(&a), Operand::Scalar(2.0));
                for i in 0..len as usize {
                    assert_eq!(out[i], b[i] + 2.0 * a[i]);
                }
                add_assign(isa, &mut out, Operand::Slice(&a));
                mul_assign(isa, &mut out, Operand::Scalar(0.5));
                for i in 0..len as usize {
                    assert_eq!(out[i], (b[i] + 3.0 * a[i]) * 0.5);
                }
            }
        }
    }
}
