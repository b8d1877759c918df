//! The largest and the smallest, and whether any or all are true.

use super::sums::{Tail, accumulate};
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

/// The largest of the elements, each with its sign flipped where `flip` is -0.0.
struct Max<'a> {
    x: &'a [f64],
    flip: f64,
}

impl Kernel for Max<'_> {
    type Output = f64;
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) -> f64 {
        let flip = Vector::splat(lanes, self.flip);
        let step = |max, [x]: [Vector<S>; 1]| larger(max, x.xor(flip));
        // What becomes -inf by the flip.
        let padding = f64::NEG_INFINITY.copysign(if self.flip.is_sign_negative() {
            1.0
        } else {
            -1.0
        });
        accumulate(
            lanes,
            [self.x],
            f64::NEG_INFINITY,
            Tail { padding },
            step,
            larger,
        )
        .reduce(larger_of_two)
    }
}

/// The largest element; -inf for none, NaN where one is NaN.
pub fn max_of(isa: Isa, x: &[f64]) -> f64 {
    isa.run(Max { x, flip: 0.0 })
}

/// The smallest element; inf for none, NaN where one is NaN.
pub fn min_of(isa: Isa, x: &[f64]) -> f64 {
    -isa.run(Max { x, flip: -0.0 })
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
