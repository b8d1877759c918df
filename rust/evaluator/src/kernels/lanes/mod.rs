//! What a kernel may ask of an instruction set: a register of `f64` lanes and some thirty
//! operations on it.
//!
//! [`Lanes`] is implemented by the tokens of `pulp`, whose existence proves that the machine has
//! the instructions; hence everything above this module is safe code. Kernels do not call these
//! methods directly but write formulas with [`Vector`](super::vector::Vector).
//!
//! All methods are `#[inline(always)]`: a kernel becomes one function compiled for its
//! instruction set, and nothing with a register in its signature is ever called.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod avx512;
#[cfg(target_arch = "aarch64")]
mod neon;
mod scalar;

pub(super) use scalar::ScalarLanes;

/// Most lanes any instruction set has.
pub(crate) const MAX_LANES: usize = 8;

/// Added to an integer, leaves it with the exponent bias added in the lowest bits of the sum.
pub(crate) const EXPONENT_MAGIC: f64 = 6_755_399_441_055_744.0 + 1023.0;

/// A piece of work to be compiled once per instruction set.
pub(crate) trait Kernel {
    /// What the work returns.
    type Output;
    /// Does the work with the lanes of one instruction set. Implementations are
    /// `#[inline(always)]`.
    fn run<S: Lanes>(self, lanes: S) -> Self::Output;
}

/// Operations on a register `F` of [`N`](Lanes::N) lanes and on a mask `M`.
///
/// Unless said otherwise an operation is the IEEE one in every lane, rounded to nearest.
pub(crate) trait Lanes: Copy + 'static {
    /// Register of `f64`; its bits may also be taken as `u64`.
    type F: Copy;
    /// One truth value per lane.
    type M: Copy;
    /// Number of lanes.
    const N: usize;
    /// Whether [`scale`](Lanes::scale) is as fast as [`scale_normal`](Lanes::scale_normal).
    const CHEAP_SCALE: bool;
    /// Whether there are 32 registers rather than 16.
    const MANY_REGISTERS: bool;

    /// Runs a kernel compiled for this instruction set.
    fn dispatch<K: Kernel>(self, kernel: K) -> K::Output;

    /// The same number in all lanes.
    fn splat(self, x: f64) -> Self::F;
    /// The first `N` numbers of a slice. Panics where there are fewer.
    fn load(self, x: &[f64]) -> Self::F;
    /// Writes to the first `N` places of a slice. Panics where there are fewer.
    fn store(self, x: Self::F, out: &mut [f64]);

    /// The numbers of a slice shorter than a register, then `padding`.
    fn load_partial(self, x: &[f64], padding: f64) -> Self::F;
    /// Writes as many lanes as a slice shorter than a register has places.
    fn store_partial(self, x: Self::F, out: &mut [f64]);

    /// `a + b`
    fn add(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a - b`
    fn sub(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a * b`
    fn mul(self, a: Self::F, b: Self::F) -> Self::F;
    /// `a / b`
    fn div(self, a: Self::F, b: Self::F) -> Self::F;
    /// Square root.
    fn sqrt(self, a: Self::F) -> Self::F;
    /// `a * b + c` with one rounding, or with two where that is faster.
    fn mul_add(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// `a * b + c` with one rounding, for error-free transformations.
    fn fma(self, a: Self::F, b: Self::F, c: Self::F) -> Self::F;
    /// `x * 2^n` for an integral `-1022 <= n <= 1023`.
    fn scale_normal(self, x: Self::F, n: Self::F) -> Self::F;
    /// `x * 2^n` for an integral `|n| <= 2000` and `x` near one, rounded once even where the
    /// result is subnormal.
    fn scale(self, x: Self::F, n: Self::F) -> Self::F;

    /// To the nearest integer, ties to even.
    fn round(self, a: Self::F) -> Self::F;
    /// To the integer below.
    fn floor(self, a: Self::F) -> Self::F;
    /// To the integer above.
    fn ceil(self, a: Self::F) -> Self::F;
    /// To the integer towards zero.
    fn trunc(self, a: Self::F) -> Self::F;

    /// Bitwise and.
    fn and(self, a: Self::F, b: Self::F) -> Self::F;
    /// Bitwise or.
    fn or(self, a: Self::F, b: Self::F) -> Self::F;
    /// Bitwise exclusive or.
    fn xor(self, a: Self::F, b: Self::F) -> Self::F;
    /// Sum of the bits as integers, wrapping.
    fn add_bits(self, a: Self::F, b: Self::F) -> Self::F;
    /// Difference of the bits as integers, wrapping.
    fn sub_bits(self, a: Self::F, b: Self::F) -> Self::F;
    /// Bits shifted left by 52: an integer becomes an exponent.
    fn shift_to_exponent(self, a: Self::F) -> Self::F;
    /// Bits shifted right by 52, zeros entering: an exponent becomes an integer.
    fn shift_from_exponent(self, a: Self::F) -> Self::F;

    /// The smaller; `x` where either is NaN.
    fn at_most(self, x: Self::F, bound: Self::F) -> Self::F;
    /// The larger; `x` where either is NaN.
    fn at_least(self, x: Self::F, bound: Self::F) -> Self::F;

    /// `a < b`, false where either is NaN.
    fn lt(self, a: Self::F, b: Self::F) -> Self::M;
    /// `a <= b`, false where either is NaN.
    fn le(self, a: Self::F, b: Self::F) -> Self::M;
    /// `a == b`, false where either is NaN.
    fn eq(self, a: Self::F, b: Self::F) -> Self::M;
    /// Both.
    fn mask_and(self, a: Self::M, b: Self::M) -> Self::M;
    /// Either.
    fn mask_or(self, a: Self::M, b: Self::M) -> Self::M;
    /// Neither.
    fn mask_not(self, a: Self::M) -> Self::M;
    /// Whether a lane is true.
    fn any(self, m: Self::M) -> bool;
    /// `yes` where the mask is true, `no` elsewhere.
    fn select(self, m: Self::M, yes: Self::F, no: Self::F) -> Self::F;

    /// `x[index[i]]` in lane `i`, for the first `N` indices.
    ///
    /// # Safety
    /// All these indices are less than `x.len()`.
    unsafe fn gather(self, x: &[f64], index: &[u32]) -> Self::F;
}
