//! [`Vector`] and [`Mask`]: a register with its instruction set, so that kernels read as formulas.
//!
//! Operators work lane by lane; a plain `f64` on the right (or as an argument) stands for the
//! same number in all lanes.

use std::ops::{Add, BitAnd, BitOr, Div, Mul, Neg, Not, Sub};

use super::lanes::Lanes;

/// A register of numbers.
#[derive(Clone, Copy)]
pub(crate) struct Vector<S: Lanes> {
    lanes: S,
    value: S::F,
}

/// A truth value per lane.
#[derive(Clone, Copy)]
pub(crate) struct Mask<S: Lanes> {
    lanes: S,
    value: S::M,
}

/// A vector, or a number that stands for itself in all lanes.
pub(crate) trait Lift<S: Lanes>: Copy {
    /// The vector.
    fn lift(self, lanes: S) -> Vector<S>;
}

impl<S: Lanes> Lift<S> for Vector<S> {
    #[inline(always)]
    fn lift(self, _: S) -> Self {
        self
    }
}

impl<S: Lanes> Lift<S> for f64 {
    #[inline(always)]
    fn lift(self, lanes: S) -> Vector<S> {
        Vector::splat(lanes, self)
    }
}

/// A binary operator for a vector with a vector or a number.
macro_rules! operator {
    ($trait:ident, $method:ident) => {
        impl<S: Lanes, T: Lift<S>> $trait<T> for Vector<S> {
            type Output = Self;
            #[inline(always)]
            fn $method(self, other: T) -> Self {
                self.with(self.lanes.$method(self.value, other.lift(self.lanes).value))
            }
        }
    };
}

operator!(Add, add);
operator!(Sub, sub);
operator!(Mul, mul);
operator!(Div, div);

impl<S: Lanes> Neg for Vector<S> {
    type Output = Self;
    #[inline(always)]
    fn neg(self) -> Self {
        self.xor(-0.0)
    }
}

impl<S: Lanes> Vector<S> {
    #[inline(always)]
    fn with(self, value: S::F) -> Self {
        Self {
            lanes: self.lanes,
            value,
        }
    }

    #[inline(always)]
    fn mask(self, value: S::M) -> Mask<S> {
        Mask {
            lanes: self.lanes,
            value,
        }
    }

    /// The same number in all lanes.
    #[inline(always)]
    pub(crate) fn splat(lanes: S, x: f64) -> Self {
        Self {
            lanes,
            value: lanes.splat(x),
        }
    }

    /// The same number in all lanes of a vector like this one.
    #[inline(always)]
    pub(crate) fn fill(self, x: f64) -> Self {
        Self::splat(self.lanes, x)
    }

    /// The first numbers of a slice.
    #[inline(always)]
    pub(crate) fn load(lanes: S, x: &[f64]) -> Self {
        Self {
            lanes,
            value: lanes.load(x),
        }
    }

    /// Writes to the first places of a slice.
    #[inline(always)]
    pub(crate) fn store(self, out: &mut [f64]) {
        self.lanes.store(self.value, out);
    }

    /// The numbers of a slice shorter than a register, then `padding`.
    #[inline(always)]
    pub(crate) fn load_partial(lanes: S, x: &[f64], padding: f64) -> Self {
        Self {
            lanes,
            value: lanes.load_partial(x, padding),
        }
    }

    /// Writes as many lanes as a slice shorter than a register has places.
    #[inline(always)]
    pub(crate) fn store_partial(self, out: &mut [f64]) {
        self.lanes.store_partial(self.value, out);
    }

    /// `x[index[i]]` in lane `i`.
    ///
    /// # Safety
    /// The first `S::N` indices are less than `x.len()`.
    #[inline(always)]
    pub(crate) unsafe fn gather(lanes: S, x: &[f64], index: &[u32]) -> Self {
        // SAFETY: the caller upholds the same condition.
        Self {
            lanes,
            value: unsafe { lanes.gather(x, index) },
        }
    }

    /// `self * b + c`, with one rounding where the machine has it.
    #[inline(always)]
    pub(crate) fn mul_add<B: Lift<S>, C: Lift<S>>(self, b: B, c: C) -> Self {
        let (b, c) = (b.lift(self.lanes), c.lift(self.lanes));
        self.with(self.lanes.mul_add(self.value, b.value, c.value))
    }

    /// `self * b + c` with one rounding.
    #[inline(always)]
    pub(crate) fn fma<B: Lift<S>, C: Lift<S>>(self, b: B, c: C) -> Self {
        let (b, c) = (b.lift(self.lanes), c.lift(self.lanes));
        self.with(self.lanes.fma(self.value, b.value, c.value))
    }

    /// `self * 2^n` for an integral `-1022 <= n <= 1023`.
    #[inline(always)]
    pub(crate) fn scale_normal(self, n: Self) -> Self {
        self.with(self.lanes.scale_normal(self.value, n.value))
    }

    /// `self * 2^n` for an integral `|n| <= 2000` and `self` near one.
    #[inline(always)]
    pub(crate) fn scale(self, n: Self) -> Self {
        self.with(self.lanes.scale(self.value, n.value))
    }

    /// Square root.
    #[inline(always)]
    pub(crate) fn sqrt(self) -> Self {
        self.with(self.lanes.sqrt(self.value))
    }

    /// To the nearest integer, ties to even.
    #[inline(always)]
    pub(crate) fn round(self) -> Self {
        self.with(self.lanes.round(self.value))
    }

    /// To the integer below.
    #[inline(always)]
    pub(crate) fn floor(self) -> Self {
        self.with(self.lanes.floor(self.value))
    }

    /// To the integer above.
    #[inline(always)]
    pub(crate) fn ceil(self) -> Self {
        self.with(self.lanes.ceil(self.value))
    }

    /// To the integer towards zero.
    #[inline(always)]
    pub(crate) fn trunc(self) -> Self {
        self.with(self.lanes.trunc(self.value))
    }

    /// Without its sign.
    #[inline(always)]
    pub(crate) fn abs(self) -> Self {
        self.and(f64::from_bits(0x7fff_ffff_ffff_ffff))
    }

    /// The sign bit alone: `0.0` or `-0.0`.
    #[inline(always)]
    pub(crate) fn sign_bit(self) -> Self {
        self.and(-0.0)
    }

    /// The size of this with the sign of another.
    #[inline(always)]
    pub(crate) fn copysign(self, sign: Self) -> Self {
        self.abs().or(sign.sign_bit())
    }

    /// Bitwise and.
    #[inline(always)]
    pub(crate) fn and<T: Lift<S>>(self, other: T) -> Self {
        self.with(self.lanes.and(self.value, other.lift(self.lanes).value))
    }

    /// Bitwise or.
    #[inline(always)]
    pub(crate) fn or<T: Lift<S>>(self, other: T) -> Self {
        self.with(self.lanes.or(self.value, other.lift(self.lanes).value))
    }

    /// Bitwise exclusive or.
    #[inline(always)]
    pub(crate) fn xor<T: Lift<S>>(self, other: T) -> Self {
        self.with(self.lanes.xor(self.value, other.lift(self.lanes).value))
    }

    /// Sum of the bits as integers, wrapping.
    #[inline(always)]
    pub(crate) fn add_bits<T: Lift<S>>(self, other: T) -> Self {
        self.with(
            self.lanes
                .add_bits(self.value, other.lift(self.lanes).value),
        )
    }

    /// Difference of the bits as integers, wrapping.
    #[inline(always)]
    pub(crate) fn sub_bits<T: Lift<S>>(self, other: T) -> Self {
        self.with(
            self.lanes
                .sub_bits(self.value, other.lift(self.lanes).value),
        )
    }

    /// Bits shifted left by 52.
    #[inline(always)]
    pub(crate) fn shift_to_exponent(self) -> Self {
        self.with(self.lanes.shift_to_exponent(self.value))
    }

    /// Bits shifted right by 52.
    #[inline(always)]
    pub(crate) fn shift_from_exponent(self) -> Self {
        self.with(self.lanes.shift_from_exponent(self.value))
    }

    /// `self < other`, false where either is NaN.
    #[inline(always)]
    pub(crate) fn lt<T: Lift<S>>(self, other: T) -> Mask<S> {
        self.mask(self.lanes.lt(self.value, other.lift(self.lanes).value))
    }

    /// `self <= other`, false where either is NaN.
    #[inline(always)]
    pub(crate) fn le<T: Lift<S>>(self, other: T) -> Mask<S> {
        self.mask(self.lanes.le(self.value, other.lift(self.lanes).value))
    }

    /// `self > other`, false where either is NaN.
    #[inline(always)]
    pub(crate) fn gt<T: Lift<S>>(self, other: T) -> Mask<S> {
        other.lift(self.lanes).lt(self)
    }

    /// `self >= other`, false where either is NaN.
    #[inline(always)]
    pub(crate) fn ge<T: Lift<S>>(self, other: T) -> Mask<S> {
        other.lift(self.lanes).le(self)
    }

    /// `self == other`, false where either is NaN.
    #[inline(always)]
    pub(crate) fn equals<T: Lift<S>>(self, other: T) -> Mask<S> {
        self.mask(self.lanes.eq(self.value, other.lift(self.lanes).value))
    }

    /// Whether a lane is NaN.
    #[inline(always)]
    pub(crate) fn is_nan(self) -> Mask<S> {
        !self.equals(self)
    }

    /// The smaller; `self` where either is NaN.
    #[inline(always)]
    pub(crate) fn at_most<T: Lift<S>>(self, bound: T) -> Self {
        self.with(self.lanes.at_most(self.value, bound.lift(self.lanes).value))
    }

    /// The larger; `self` where either is NaN.
    #[inline(always)]
    pub(crate) fn at_least<T: Lift<S>>(self, bound: T) -> Self {
        self.with(
            self.lanes
                .at_least(self.value, bound.lift(self.lanes).value),
        )
    }

    /// Applies a function of one number to every lane; slow, for rare arguments.
    #[inline(always)]
    pub(crate) fn lanewise(self, f: impl Fn(f64) -> f64) -> Self {
        let mut lanes = [0.0; super::lanes::MAX_LANES];
        self.store(&mut lanes);
        for x in &mut lanes[..S::N] {
            *x = f(*x);
        }
        Self::load(self.lanes, &lanes)
    }

    /// Applies a function of two numbers to every lane; slow, for rare functions.
    #[inline(always)]
    pub(crate) fn lanewise2(self, other: Self, f: impl Fn(f64, f64) -> f64) -> Self {
        let mut a = [0.0; super::lanes::MAX_LANES];
        let mut b = [0.0; super::lanes::MAX_LANES];
        self.store(&mut a);
        other.store(&mut b);
        for (a, b) in a.iter_mut().zip(b).take(S::N) {
            *a = f(*a, b);
        }
        Self::load(self.lanes, &a)
    }

    /// Combines the lanes pairwise (a fixed tree).
    #[inline(always)]
    pub(crate) fn reduce(self, f: impl Fn(f64, f64) -> f64) -> f64 {
        let mut lanes = [0.0; super::lanes::MAX_LANES];
        self.store(&mut lanes);
        let mut width = S::N;
        while width > 1 {
            width /= 2;
            for i in 0..width {
                lanes[i] = f(lanes[i], lanes[i + width]);
            }
        }
        lanes[0]
    }

    /// The first lane.
    #[inline(always)]
    pub(crate) fn first(self) -> f64 {
        let mut lanes = [0.0; super::lanes::MAX_LANES];
        self.store(&mut lanes);
        lanes[0]
    }

    /// Sum of the lanes (a fixed tree).
    #[inline(always)]
    pub(crate) fn sum(self) -> f64 {
        self.reduce(|a, b| a + b)
    }
}

impl<S: Lanes> BitAnd for Mask<S> {
    type Output = Self;
    #[inline(always)]
    fn bitand(self, other: Self) -> Self {
        Self {
            lanes: self.lanes,
            value: self.lanes.mask_and(self.value, other.value),
        }
    }
}

impl<S: Lanes> BitOr for Mask<S> {
    type Output = Self;
    #[inline(always)]
    fn bitor(self, other: Self) -> Self {
        Self {
            lanes: self.lanes,
            value: self.lanes.mask_or(self.value, other.value),
        }
    }
}

impl<S: Lanes> Not for Mask<S> {
    type Output = Self;
    #[inline(always)]
    fn not(self) -> Self {
        Self {
            lanes: self.lanes,
            value: self.lanes.mask_not(self.value),
        }
    }
}

impl<S: Lanes> Mask<S> {
    /// Whether a lane is true.
    #[inline(always)]
    pub(crate) fn any(self) -> bool {
        self.lanes.any(self.value)
    }

    /// Whether all lanes are true.
    #[inline(always)]
    pub(crate) fn all(self) -> bool {
        !(!self).any()
    }

    /// `yes` where true, `no` elsewhere.
    #[inline(always)]
    pub(crate) fn select<A: Lift<S>, B: Lift<S>>(self, yes: A, no: B) -> Vector<S> {
        let (yes, no) = (yes.lift(self.lanes), no.lift(self.lanes));
        Vector {
            lanes: self.lanes,
            value: self.lanes.select(self.value, yes.value, no.value),
        }
    }

    /// 1.0 where true, 0.0 elsewhere.
    #[inline(always)]
    pub(crate) fn as_number(self) -> Vector<S> {
        self.select(1.0, 0.0)
    }
}
