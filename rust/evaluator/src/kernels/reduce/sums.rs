//! Sums, products, dot products, and sums into a slice.

use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};
use crate::kernels::map::{Formula3, Operand, update};
use crate::kernels::vector::Vector;

/// Registers that accumulate side by side.
const WIDTH: usize = 4;

/// A reduction: how elements of `K` slices enter a result, and how partial results combine.
/// Methods are `#[inline(always)]`.
pub(crate) trait Fold<const K: usize>: Copy {
    /// The result of no elements.
    const START: f64;
    /// Stands for elements past the end; changes nothing.
    const PADDING: f64;
    /// Takes in a register of elements.
    fn step<S: Lanes>(self, so_far: Vector<S>, x: [Vector<S>; K]) -> Vector<S>;
    /// Combines two registers of results.
    fn join<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S>;
}

#[inline(always)]
fn load_all<S: Lanes, const K: usize>(lanes: S, x: [&[f64]; K], at: usize) -> [Vector<S>; K] {
    let mut all = [Vector::splat(lanes, 0.0); K];
    for (register, x) in all.iter_mut().zip(x) {
        *register = Vector::load(lanes, &x[at..]);
    }
    all
}

/// Folds slices of equal length into a register.
#[inline(always)]
pub(in crate::kernels) fn accumulate<S: Lanes, const K: usize, F: Fold<K>>(
    lanes: S,
    x: [&[f64]; K],
    fold: F,
) -> Vector<S> {
    let len = x[0].len();
    if len <= S::N {
        // One register: nothing to combine.
        let mut only = [Vector::splat(lanes, 0.0); K];
        for (register, x) in only.iter_mut().zip(x) {
            *register = if len == S::N {
                Vector::load(lanes, x)
            } else {
                Vector::load_partial(lanes, x, F::PADDING)
            };
        }
        return fold.step(Vector::splat(lanes, F::START), only);
    }
    let mut sums = [Vector::splat(lanes, F::START); WIDTH];
    let mut at = 0;
    while at + WIDTH * S::N <= len {
        for (i, sum) in sums.iter_mut().enumerate() {
            *sum = fold.step(*sum, load_all(lanes, x, at + i * S::N));
        }
        at += WIDTH * S::N;
    }
    while at + S::N <= len {
        sums[0] = fold.step(sums[0], load_all(lanes, x, at));
        at += S::N;
    }
    if at < len {
        let mut tail = [Vector::splat(lanes, 0.0); K];
        for (register, x) in tail.iter_mut().zip(x) {
            *register = Vector::load_partial(lanes, &x[at..len], F::PADDING);
        }
        sums[1] = fold.step(sums[1], tail);
    }
    F::join(F::join(sums[0], sums[2]), F::join(sums[1], sums[3]))
}

/// Defines a kernel that sums terms, which are zero where their arguments are.
macro_rules! sum_of_terms {
    ($kernel:ident, $terms:ident, $k:literal, $sum:ident, $x:pat_param => $step:expr) => {
        #[derive(Clone, Copy)]
        pub(crate) struct $terms;

        impl Fold<$k> for $terms {
            const START: f64 = 0.0;
            const PADDING: f64 = 0.0;
            #[inline(always)]
            fn step<S: Lanes>(self, $sum: Vector<S>, $x: [Vector<S>; $k]) -> Vector<S> {
                $step
            }
            #[inline(always)]
            fn join<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
                a + b
            }
        }

        pub(crate) struct $kernel<'a>(pub(crate) [&'a [f64]; $k]);

        impl Kernel for $kernel<'_> {
            type Output = f64;
            #[inline(always)]
            fn run<S: Lanes>(self, lanes: S) -> f64 {
                accumulate(lanes, self.0, $terms).sum()
            }
        }
    };
}

sum_of_terms!(Sum, Terms, 1, sum, [x] => sum + x);
sum_of_terms!(SumSqr, Squares, 1, sum, [x] => x.mul_add(x, sum));
sum_of_terms!(Dot, Products, 2, sum, [a, b] => a.mul_add(b, sum));
sum_of_terms!(Dot3, Triples, 3, sum, [a, b, c] => (a * b).mul_add(c, sum));

/// The sum; zero for no elements.
pub fn sum(isa: Isa, x: &[f64]) -> f64 {
    isa.run(Sum([x]))
}

/// The sum of squares; zero for no elements.
pub fn sum_sqr(isa: Isa, x: &[f64]) -> f64 {
    isa.run(SumSqr([x]))
}

#[derive(Clone, Copy)]
struct Factors;

impl Fold<1> for Factors {
    const START: f64 = 1.0;
    const PADDING: f64 = 1.0;
    #[inline(always)]
    fn step<S: Lanes>(self, product: Vector<S>, [x]: [Vector<S>; 1]) -> Vector<S> {
        product * x
    }
    #[inline(always)]
    fn join<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
        a * b
    }
}

struct Prod<'a>(&'a [f64]);

impl Kernel for Prod<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        accumulate(lanes, [self.0], Factors).reduce(|a, b| a * b)
    }
}

/// The product; one for no elements.
pub fn prod(isa: Isa, x: &[f64]) -> f64 {
    isa.run(Prod(x))
}

/// The sum of `a[i] b[i]`.
///
/// # Panics
/// Where the slices differ in length.
pub fn dot(isa: Isa, a: &[f64], b: &[f64]) -> f64 {
    Operand::Slice(b).check(a.len());
    isa.run(Dot([a, b]))
}

/// The sum of `a[i] b[i] c[i]`.
///
/// # Panics
/// Where the slices differ in length.
pub fn dot3(isa: Isa, a: &[f64], b: &[f64], c: &[f64]) -> f64 {
    Operand::Slice(b).check(a.len());
    Operand::Slice(c).check(a.len());
    isa.run(Dot3([a, b, c]))
}

struct AddTo;
impl Formula3 for AddTo {
    #[inline(always)]
    fn apply<S: Lanes>(out: Vector<S>, a: Vector<S>, _: Vector<S>) -> Vector<S> {
        out + a
    }
}

struct MulTo;
impl Formula3 for MulTo {
    #[inline(always)]
    fn apply<S: Lanes>(out: Vector<S>, a: Vector<S>, _: Vector<S>) -> Vector<S> {
        out * a
    }
}

struct MulAddTo;
impl Formula3 for MulAddTo {
    #[inline(always)]
    fn apply<S: Lanes>(out: Vector<S>, a: Vector<S>, b: Vector<S>) -> Vector<S> {
        a.mul_add(b, out)
    }
}

/// `out += a`
///
/// # Panics
/// Where the lengths differ.
pub fn add_assign(isa: Isa, out: &mut [f64], a: Operand) {
    update::<AddTo>(isa, out, a, Operand::Scalar(0.0));
}

/// `out *= a`
///
/// # Panics
/// Where the lengths differ.
pub fn mul_assign(isa: Isa, out: &mut [f64], a: Operand) {
    update::<MulTo>(isa, out, a, Operand::Scalar(0.0));
}

/// `out += a b`
///
/// # Panics
/// Where the lengths differ.
pub fn mul_add_assign(isa: Isa, out: &mut [f64], a: Operand, b: Operand) {
    update::<MulAddTo>(isa, out, a, b);
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
