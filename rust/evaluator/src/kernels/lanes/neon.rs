//! Two lanes: NEON, which every 64-bit ARM machine has.

use core::arch::aarch64::{float64x2_t, uint64x2_t};

use pulp::aarch64::Neon;

use super::{EXPONENT_MAGIC, Kernel, Lanes};

/// The bits of a register of numbers.
#[inline(always)]
fn bits(lanes: Neon, x: float64x2_t) -> uint64x2_t {
    lanes.neon.vreinterpretq_u64_f64(x)
}

/// The numbers with these bits.
#[inline(always)]
fn number(lanes: Neon, x: uint64x2_t) -> float64x2_t {
    lanes.neon.vreinterpretq_f64_u64(x)
}

/// `x` brought into `[low, high]`.
#[inline(always)]
fn clamp(lanes: Neon, x: float64x2_t, low: f64, high: f64) -> float64x2_t {
    let x = lanes.neon.vminq_f64(x, lanes.splat(high));
    lanes.neon.vmaxq_f64(x, lanes.splat(low))
}

impl Lanes for Neon {
    type F = float64x2_t;
    type M = uint64x2_t;
    const N: usize = 2;
    const CHEAP_SCALE: bool = false;
    const MANY_REGISTERS: bool = true;

    #[inline(always)]
    fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        // NEON is part of the base architecture: no function needs to be compiled for it.
        kernel.run(self)
    }

    #[inline(always)]
    fn splat(self, x: f64) -> float64x2_t {
        self.neon.vdupq_n_f64(x)
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> float64x2_t {
        let x = &x[..2];
        // SAFETY: the slice holds two numbers.
        unsafe { self.neon.vld1q_f64(x.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, x: float64x2_t, out: &mut [f64]) {
        let out = &mut out[..2];
        // SAFETY: the slice holds two numbers.
        unsafe {
            self.neon.vst1q_f64(out.as_mut_ptr(), x);
        }
    }
    #[inline(always)]
    fn load_partial(self, x: &[f64], padding: f64) -> float64x2_t {
        // One number or none.
        self.load(&[x.first().copied().unwrap_or(padding), padding])
    }
    #[inline(always)]
    fn store_partial(self, x: float64x2_t, out: &mut [f64]) {
        if let Some(out) = out.first_mut() {
            *out = self.neon.vgetq_lane_f64::<0>(x);
        }
    }

    #[inline(always)]
    fn add(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        self.neon.vaddq_f64(a, b)
    }
    #[inline(always)]
    fn sub(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        self.neon.vsubq_f64(a, b)
    }
    #[inline(always)]
    fn mul(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        self.neon.vmulq_f64(a, b)
    }
    #[inline(always)]
    fn div(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        self.neon.vdivq_f64(a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: float64x2_t) -> float64x2_t {
        self.neon.vsqrtq_f64(a)
    }
    #[inline(always)]
    fn mul_add(self, a: float64x2_t, b: float64x2_t, c: float64x2_t) -> float64x2_t {
        self.neon.vfmaq_f64(c, a, b)
    }
    #[inline(always)]
    fn fma(self, a: float64x2_t, b: float64x2_t, c: float64x2_t) -> float64x2_t {
        self.neon.vfmaq_f64(c, a, b)
    }
    #[inline(always)]
    fn scale_normal(self, x: float64x2_t, n: float64x2_t) -> float64x2_t {
        // The sum holds the biased exponent in its lowest bits.
        let biased = self.add(n, self.splat(EXPONENT_MAGIC));
        self.mul(x, self.shift_to_exponent(biased))
    }
    #[inline(always)]
    fn scale(self, x: float64x2_t, n: float64x2_t) -> float64x2_t {
        let first = clamp(self, n, -1000.0, 1000.0);
        let rest = clamp(self, self.sub(n, first), -1022.0, 1023.0);
        self.scale_normal(self.scale_normal(x, first), rest)
    }

    #[inline(always)]
    fn round(self, a: float64x2_t) -> float64x2_t {
        self.neon.vrndnq_f64(a)
    }
    #[inline(always)]
    fn floor(self, a: float64x2_t) -> float64x2_t {
        self.neon.vrndmq_f64(a)
    }
    #[inline(always)]
    fn ceil(self, a: float64x2_t) -> float64x2_t {
        self.neon.vrndpq_f64(a)
    }
    #[inline(always)]
    fn trunc(self, a: float64x2_t) -> float64x2_t {
        self.neon.vrndq_f64(a)
    }

    #[inline(always)]
    fn and(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        number(self, self.neon.vandq_u64(bits(self, a), bits(self, b)))
    }
    #[inline(always)]
    fn or(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        number(self, self.neon.vorrq_u64(bits(self, a), bits(self, b)))
    }
    #[inline(always)]
    fn xor(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        number(self, self.neon.veorq_u64(bits(self, a), bits(self, b)))
    }
    #[inline(always)]
    fn add_bits(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        number(self, self.neon.vaddq_u64(bits(self, a), bits(self, b)))
    }
    #[inline(always)]
    fn sub_bits(self, a: float64x2_t, b: float64x2_t) -> float64x2_t {
        number(self, self.neon.vsubq_u64(bits(self, a), bits(self, b)))
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: float64x2_t) -> float64x2_t {
        number(self, self.neon.vshlq_n_u64::<52>(bits(self, a)))
    }
    #[inline(always)]
    fn shift_from_exponent(self, a: float64x2_t) -> float64x2_t {
        number(self, self.neon.vshrq_n_u64::<52>(bits(self, a)))
    }

    #[inline(always)]
    fn at_most(self, x: float64x2_t, bound: float64x2_t) -> float64x2_t {
        self.select(self.lt(bound, x), bound, x)
    }
    #[inline(always)]
    fn at_least(self, x: float64x2_t, bound: float64x2_t) -> float64x2_t {
        self.select(self.lt(x, bound), bound, x)
    }

    #[inline(always)]
    fn lt(self, a: float64x2_t, b: float64x2_t) -> uint64x2_t {
        self.neon.vcltq_f64(a, b)
    }
    #[inline(always)]
    fn le(self, a: float64x2_t, b: float64x2_t) -> uint64x2_t {
        self.neon.vcleq_f64(a, b)
    }
    #[inline(always)]
    fn eq(self, a: float64x2_t, b: float64x2_t) -> uint64x2_t {
        self.neon.vceqq_f64(a, b)
    }
    #[inline(always)]
    fn mask_and(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
        self.neon.vandq_u64(a, b)
    }
    #[inline(always)]
    fn mask_or(self, a: uint64x2_t, b: uint64x2_t) -> uint64x2_t {
        self.neon.vorrq_u64(a, b)
    }
    #[inline(always)]
    fn mask_not(self, a: uint64x2_t) -> uint64x2_t {
        self.neon.veorq_u64(a, self.neon.vdupq_n_u64(u64::MAX))
    }
    #[inline(always)]
    fn any(self, m: uint64x2_t) -> bool {
        self.neon.vmaxvq_u32(self.neon.vreinterpretq_u32_u64(m)) != 0
    }
    #[inline(always)]
    fn select(self, m: uint64x2_t, yes: float64x2_t, no: float64x2_t) -> float64x2_t {
        self.neon.vbslq_f64(m, yes, no)
    }

    #[inline(always)]
    unsafe fn gather(self, x: &[f64], index: &[u32]) -> float64x2_t {
        let pair = [x[index[0] as usize], x[index[1] as usize]];
        self.load(&pair)
    }
}
