//! The largest and the smallest, and whether any or all are true.

use super::sums::{Fold, accumulate};
use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};
use crate::kernels::vector::Vector;

/// The larger of two, NaN where either is.
#[inline(always)]
fn larger<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
    (b.gt(a) | b.is_nan()).select(b, a)
}

/// The larger of two, NaN where either is.
fn larger_of_two(a: f64, b: f64) -> f64 {
    if b > a || b.is_nan() { b } else { a }
}

/// The largest of the elements, or of their negatives.
#[derive(Clone, Copy)]
struct Largest<const NEGATED: bool>;

impl<const NEGATED: bool> Fold<1> for Largest<NEGATED> {
    const START: f64 = f64::NEG_INFINITY;
    const PADDING: f64 = if NEGATED {
        f64::INFINITY
    } else {
        f64::NEG_INFINITY
    };
    #[inline(always)]
    fn step<S: Lanes>(self, max: Vector<S>, [x]: [Vector<S>; 1]) -> Vector<S> {
        larger(max, if NEGATED { -x } else { x })
    }
    #[inline(always)]
    fn join<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S> {
        larger(a, b)
    }
}

struct Max<'a, const NEGATED: bool>(&'a [f64]);

impl<const NEGATED: bool> Kernel for Max<'_, NEGATED> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        accumulate(lanes, [self.0], Largest::<NEGATED>).reduce(larger_of_two)
    }
}

/// The largest element; -inf for none, NaN where one is NaN.
pub fn max_of(isa: Isa, x: &[f64]) -> f64 {
    isa.run(Max::<false>(x))
}

/// The smallest element; inf for none, NaN where one is NaN.
pub fn min_of(isa: Isa, x: &[f64]) -> f64 {
    -isa.run(Max::<true>(x))
}

/// Index of the first largest element, or of the first NaN; zero for none.
pub fn arg_max(x: &[f64]) -> usize {
    let mut best = 0;
    for (i, &value) in x.iter().enumerate() {
        if value.is_nan() {
            return i;
        }
        if value > x[best] {
            best = i;
        }
    }
    best
}

/// Whether an element is not zero.
pub fn any(x: &[f64]) -> bool {
    x.iter().any(|&x| x != 0.0)
}

/// Whether no element is zero.
pub fn all(x: &[f64]) -> bool {
    x.iter().all(|&x| x != 0.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn extremes_of_all_lengths() {
        for isa in Isa::available() {
            assert_eq!(max_of(isa, &[]), f64::NEG_INFINITY);
            assert_eq!(min_of(isa, &[]), f64::INFINITY);
            for len in 1..70_u32 {
                for place in 0..len {
                    let x: Vec<f64> = (0..len)
                        .map(|i| if i == place { 2.0 } else { -f64::from(i) })
                        .collect();
                    assert_eq!(max_of(isa, &x), 2.0);
                    assert_eq!(arg_max(&x), place as usize);
                    let minus: Vec<f64> = x.iter().map(|x| -x).collect();
                    assert_eq!(min_of(isa, &minus), -2.0);
                    let mut with_nan = x.clone();
                    with_nan[place as usize] = f64::NAN;
                    assert!(max_of(isa, &with_nan).is_nan() && min_of(isa, &with_nan).is_nan());
                }
            }
        }
    }
}
