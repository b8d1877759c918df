//! Four lanes: AVX2 with FMA.

use core::arch::x86_64::{__m256d, __m256i, _CMP_EQ_OQ, _CMP_LE_OQ, _CMP_LT_OQ};

use pulp::NullaryFnOnce;
use pulp::x86::V3;

use super::{EXPONENT_MAGIC, Kernel, Lanes};

/// A kernel with its token, as `pulp` wants it.
struct Call<K>(K, V3);

impl<K: Kernel> NullaryFnOnce for Call<K> {
    type Output = K::Output;
    #[inline(always)]
    fn call(self) -> K::Output {
        self.0.run(self.1)
    }
}

/// Rounding immediates of `vroundpd`, exceptions suppressed.
mod rounding {
    pub(super) const NEAREST: i32 = 8;
    pub(super) const DOWN: i32 = 9;
    pub(super) const UP: i32 = 10;
    pub(super) const ZERO: i32 = 11;
}

/// `x` brought into `[low, high]`.
#[inline(always)]
fn clamp(lanes: V3, x: __m256d, low: f64, high: f64) -> __m256d {
    let x = lanes.avx._mm256_min_pd(x, lanes.splat(high));
    lanes.avx._mm256_max_pd(x, lanes.splat(low))
}

/// A mask of the first lanes.
#[inline(always)]
fn partial_mask(count: usize) -> __m256i {
    const MASKS: [[i64; 4]; 4] = [[0; 4], [-1, 0, 0, 0], [-1, -1, 0, 0], [-1, -1, -1, 0]];
    pulp::cast(MASKS[count & 3])
}

impl Lanes for V3 {
    type F = __m256d;
    type M = __m256d;
    const N: usize = 4;
    const CHEAP_SCALE: bool = false;
    const MANY_REGISTERS: bool = false;

    #[inline(always)]
    fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        self.vectorize(Call(kernel, self))
    }

    #[inline(always)]
    fn splat(self, x: f64) -> __m256d {
        self.avx._mm256_set1_pd(x)
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> __m256d {
        let x = &x[..4];
        // SAFETY: the slice holds four numbers.
        unsafe { self.avx._mm256_loadu_pd(x.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, x: __m256d, out: &mut [f64]) {
        let out = &mut out[..4];
        // SAFETY: the slice holds four numbers.
        unsafe {
            self.avx._mm256_storeu_pd(out.as_mut_ptr(), x);
        }
    }
    #[inline(always)]
    fn load_partial(self, x: &[f64], padding: f64) -> __m256d {
        debug_assert!(x.len() < 4);
        let mask = partial_mask(x.len());
        // SAFETY: only the lanes of the mask are read, which are those of the slice.
        let loaded = unsafe { self.avx._mm256_maskload_pd(x.as_ptr(), mask) };
        self.select(
            self.avx._mm256_castsi256_pd(mask),
            loaded,
            self.splat(padding),
        )
    }
    #[inline(always)]
    fn store_partial(self, x: __m256d, out: &mut [f64]) {
        debug_assert!(out.len() < 4);
        let mask = partial_mask(out.len());
        // SAFETY: only the lanes of the mask are written, which are those of the slice.
        unsafe {
            self.avx._mm256_maskstore_pd(out.as_mut_ptr(), mask, x);
        }
    }

    #[inline(always)]
    fn add(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_add_pd(a, b)
    }
    #[inline(always)]
    fn sub(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_sub_pd(a, b)
    }
    #[inline(always)]
    fn mul(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_mul_pd(a, b)
    }
    #[inline(always)]
    fn div(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_div_pd(a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: __m256d) -> __m256d {
        self.avx._mm256_sqrt_pd(a)
    }
    #[inline(always)]
    fn mul_add(self, a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        self.fma._mm256_fmadd_pd(a, b, c)
    }
    #[inline(always)]
    fn fma(self, a: __m256d, b: __m256d, c: __m256d) -> __m256d {
        self.fma._mm256_fmadd_pd(a, b, c)
    }
    #[inline(always)]
    fn scale_normal(self, x: __m256d, n: __m256d) -> __m256d {
        // The sum holds the biased exponent in its lowest bits.
        let biased = self.add(n, self.splat(EXPONENT_MAGIC));
        self.mul(x, self.shift_to_exponent(biased))
    }
    #[inline(always)]
    fn scale(self, x: __m256d, n: __m256d) -> __m256d {
        let first = clamp(self, n, -1000.0, 1000.0);
        let rest = clamp(self, self.sub(n, first), -1022.0, 1023.0);
        self.scale_normal(self.scale_normal(x, first), rest)
    }

    #[inline(always)]
    fn round(self, a: __m256d) -> __m256d {
        self.avx._mm256_round_pd::<{ rounding::NEAREST }>(a)
    }
    #[inline(always)]
    fn floor(self, a: __m256d) -> __m256d {
        self.avx._mm256_round_pd::<{ rounding::DOWN }>(a)
    }
    #[inline(always)]
    fn ceil(self, a: __m256d) -> __m256d {
        self.avx._mm256_round_pd::<{ rounding::UP }>(a)
    }
    #[inline(always)]
    fn trunc(self, a: __m256d) -> __m256d {
        self.avx._mm256_round_pd::<{ rounding::ZERO }>(a)
    }

    #[inline(always)]
    fn and(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_and_pd(a, b)
    }
    #[inline(always)]
    fn or(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_or_pd(a, b)
    }
    #[inline(always)]
    fn xor(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_xor_pd(a, b)
    }
    #[inline(always)]
    fn add_bits(self, a: __m256d, b: __m256d) -> __m256d {
        let v = self.avx;
        let sum = self
            .avx2
            ._mm256_add_epi64(v._mm256_castpd_si256(a), v._mm256_castpd_si256(b));
        v._mm256_castsi256_pd(sum)
    }
    #[inline(always)]
    fn sub_bits(self, a: __m256d, b: __m256d) -> __m256d {
        let v = self.avx;
        let difference = self
            .avx2
            ._mm256_sub_epi64(v._mm256_castpd_si256(a), v._mm256_castpd_si256(b));
        v._mm256_castsi256_pd(difference)
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: __m256d) -> __m256d {
        let v = self.avx;
        v._mm256_castsi256_pd(self.avx2._mm256_slli_epi64::<52>(v._mm256_castpd_si256(a)))
    }
    #[inline(always)]
    fn shift_from_exponent(self, a: __m256d) -> __m256d {
        let v = self.avx;
        v._mm256_castsi256_pd(self.avx2._mm256_srli_epi64::<52>(v._mm256_castpd_si256(a)))
    }

    #[inline(always)]
    fn at_most(self, x: __m256d, bound: __m256d) -> __m256d {
        // Of an unordered pair the instruction returns the second.
        self.avx._mm256_min_pd(bound, x)
    }
    #[inline(always)]
    fn at_least(self, x: __m256d, bound: __m256d) -> __m256d {
        self.avx._mm256_max_pd(bound, x)
    }

    #[inline(always)]
    fn lt(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_cmp_pd::<_CMP_LT_OQ>(a, b)
    }
    #[inline(always)]
    fn le(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_cmp_pd::<_CMP_LE_OQ>(a, b)
    }
    #[inline(always)]
    fn eq(self, a: __m256d, b: __m256d) -> __m256d {
        self.avx._mm256_cmp_pd::<_CMP_EQ_OQ>(a, b)
    }
    #[inline(always)]
    fn mask_and(self, a: __m256d, b: __m256d) -> __m256d {
        self.and(a, b)
    }
    #[inline(always)]
    fn mask_or(self, a: __m256d, b: __m256d) -> __m256d {
        self.or(a, b)
    }
    #[inline(always)]
    fn mask_not(self, a: __m256d) -> __m256d {
        self.xor(a, self.splat(f64::from_bits(u64::MAX)))
    }
    #[inline(always)]
    fn any(self, m: __m256d) -> bool {
        self.avx._mm256_movemask_pd(m) != 0
    }
    #[inline(always)]
    fn select(self, m: __m256d, yes: __m256d, no: __m256d) -> __m256d {
        self.avx._mm256_blendv_pd(no, yes, m)
    }

    #[inline(always)]
    unsafe fn gather(self, x: &[f64], index: &[u32]) -> __m256d {
        let i: [u32; 4] = index[..4].try_into().expect("the slice has four elements");
        let place = pulp::cast(i);
        // SAFETY: the caller upholds that the indices lie within `x`. Their products with the
        // size of an element are taken in 64 bits, and indices are below 2^31 (`Indices::new`).
        unsafe { self.avx2._mm256_i32gather_pd::<8>(x.as_ptr(), place) }
    }
}
