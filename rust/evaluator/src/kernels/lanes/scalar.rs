//! One lane, plain Rust: for machines without the others, and the yardstick of the tests.

use super::{EXPONENT_MAGIC, Kernel, Lanes};

/// The token of plain Rust; every machine has it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ScalarLanes;

/// Combines the bits of two numbers.
#[inline(always)]
fn bitwise(a: f64, b: f64, op: impl Fn(u64, u64) -> u64) -> f64 {
    f64::from_bits(op(a.to_bits(), b.to_bits()))
}

/// `2^n` for an integral `-1022 <= n <= 1023`.
#[inline(always)]
fn power_of_two(n: f64) -> f64 {
    // The sum holds the biased exponent in its lowest bits.
    f64::from_bits((n + EXPONENT_MAGIC).to_bits() << 52)
}

#[allow(clippy::inline_always)]
impl Lanes for ScalarLanes {
    type F = f64;
    type M = bool;
    const N: usize = 1;
    const CHEAP_SCALE: bool = false;
    const MANY_REGISTERS: bool = false;

    #[inline(always)]
    fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        kernel.run(self)
    }

    #[inline(always)]
    fn splat(self, x: f64) -> f64 {
        x
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> f64 {
        x[0]
    }
    #[inline(always)]
    fn store(self, x: f64, out: &mut [f64]) {
        out[0] = x;
    }
    #[inline(always)]
    fn load_partial(self, x: &[f64], padding: f64) -> f64 {
        // A slice shorter than one number is empty.
        x.first().copied().unwrap_or(padding)
    }
    #[inline(always)]
    fn store_partial(self, x: f64, out: &mut [f64]) {
        if let Some(out) = out.first_mut() {
            *out = x;
        }
    }

    #[inline(always)]
    fn add(self, a: f64, b: f64) -> f64 {
        a + b
    }
    #[inline(always)]
    fn sub(self, a: f64, b: f64) -> f64 {
        a - b
    }
    #[inline(always)]
    fn mul(self, a: f64, b: f64) -> f64 {
        a * b
    }
    #[inline(always)]
    fn div(self, a: f64, b: f64) -> f64 {
        a / b
    }
    #[inline(always)]
    fn sqrt(self, a: f64) -> f64 {
        a.sqrt()
    }
    #[inline(always)]
    fn mul_add(self, a: f64, b: f64, c: f64) -> f64 {
        a * b + c
    }
    #[inline(always)]
    fn fma(self, a: f64, b: f64, c: f64) -> f64 {
        a.mul_add(b, c)
    }
    #[inline(always)]
    fn scale_normal(self, x: f64, n: f64) -> f64 {
        x * power_of_two(n)
    }
    #[inline(always)]
    fn scale(self, x: f64, n: f64) -> f64 {
        let first = n.clamp(-1000.0, 1000.0);
        x * power_of_two(first) * power_of_two((n - first).clamp(-1022.0, 1023.0))
    }

    #[inline(always)]
    fn round(self, a: f64) -> f64 {
        a.round_ties_even()
    }
    #[inline(always)]
    fn floor(self, a: f64) -> f64 {
        a.floor()
    }
    #[inline(always)]
    fn ceil(self, a: f64) -> f64 {
        a.ceil()
    }
    #[inline(always)]
    fn trunc(self, a: f64) -> f64 {
        a.trunc()
    }

    #[inline(always)]
    fn and(self, a: f64, b: f64) -> f64 {
        bitwise(a, b, |a, b| a & b)
    }
    #[inline(always)]
    fn or(self, a: f64, b: f64) -> f64 {
        bitwise(a, b, |a, b| a | b)
    }
    #[inline(always)]
    fn xor(self, a: f64, b: f64) -> f64 {
        bitwise(a, b, |a, b| a ^ b)
    }
    #[inline(always)]
    fn add_bits(self, a: f64, b: f64) -> f64 {
        bitwise(a, b, u64::wrapping_add)
    }
    #[inline(always)]
    fn sub_bits(self, a: f64, b: f64) -> f64 {
        bitwise(a, b, u64::wrapping_sub)
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: f64) -> f64 {
        f64::from_bits(a.to_bits() << 52)
    }
    #[inline(always)]
    fn shift_from_exponent(self, a: f64) -> f64 {
        f64::from_bits(a.to_bits() >> 52)
    }

    #[inline(always)]
    fn at_most(self, x: f64, bound: f64) -> f64 {
        if bound < x { bound } else { x }
    }
    #[inline(always)]
    fn at_least(self, x: f64, bound: f64) -> f64 {
        if x < bound { bound } else { x }
    }

    #[inline(always)]
    fn lt(self, a: f64, b: f64) -> bool {
        a < b
    }
    #[inline(always)]
    fn le(self, a: f64, b: f64) -> bool {
        a <= b
    }
    #[inline(always)]
    fn eq(self, a: f64, b: f64) -> bool {
        a == b
    }
    #[inline(always)]
    fn mask_and(self, a: bool, b: bool) -> bool {
        a & b
    }
    #[inline(always)]
    fn mask_or(self, a: bool, b: bool) -> bool {
        a | b
    }
    #[inline(always)]
    fn mask_not(self, a: bool) -> bool {
        !a
    }
    #[inline(always)]
    fn any(self, m: bool) -> bool {
        m
    }
    #[inline(always)]
    fn select(self, m: bool, yes: f64, no: f64) -> f64 {
        if m { yes } else { no }
    }

    #[inline(always)]
    unsafe fn gather(self, x: &[f64], index: &[u32]) -> f64 {
        x[index[0] as usize]
    }
}
