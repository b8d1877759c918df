//! Eight lanes: AVX-512 (F, BW, CD, DQ and VL, as `pulp` groups them).

use core::arch::x86_64::{__m512d, _CMP_EQ_OQ, _CMP_LE_OQ, _CMP_LT_OQ};

use pulp::NullaryFnOnce;
use pulp::x86::V4;

use super::{Kernel, Lanes};

/// A kernel with its token, as `pulp` wants it.
struct Call<K>(K, V4);

impl<K: Kernel> NullaryFnOnce for Call<K> {
    type Output = K::Output;
    #[inline(always)]
    fn call(self) -> K::Output {
        self.0.run(self.1)
    }
}

/// Rounding immediates of `vrndscalepd`, exceptions suppressed.
mod rounding {
    pub(super) const NEAREST: i32 = 8;
    pub(super) const DOWN: i32 = 9;
    pub(super) const UP: i32 = 10;
    pub(super) const ZERO: i32 = 11;
}

impl Lanes for V4 {
    type F = __m512d;
    type M = u8;
    const N: usize = 8;
    const CHEAP_SCALE: bool = true;
    const MANY_REGISTERS: bool = true;

    #[inline(always)]
    fn dispatch<K: Kernel>(self, kernel: K) -> K::Output {
        self.vectorize(Call(kernel, self))
    }

    #[inline(always)]
    fn splat(self, x: f64) -> __m512d {
        self.avx512f._mm512_set1_pd(x)
    }
    #[inline(always)]
    fn load(self, x: &[f64]) -> __m512d {
        let x = &x[..8];
        // SAFETY: the slice holds eight numbers.
        unsafe { self.avx512f._mm512_loadu_pd(x.as_ptr()) }
    }
    #[inline(always)]
    fn store(self, x: __m512d, out: &mut [f64]) {
        let out = &mut out[..8];
        // SAFETY: the slice holds eight numbers.
        unsafe {
            self.avx512f._mm512_storeu_pd(out.as_mut_ptr(), x);
        }
    }
    #[inline(always)]
    fn load_partial(self, x: &[f64], padding: f64) -> __m512d {
        debug_assert!(x.len() < 8);
        let mask = (1_u8 << (x.len() & 7)) - 1;
        // SAFETY: only the lanes of the mask are read, which are those of the slice.
        unsafe {
            self.avx512f
                ._mm512_mask_loadu_pd(self.splat(padding), mask, x.as_ptr())
        }
    }
    #[inline(always)]
    fn store_partial(self, x: __m512d, out: &mut [f64]) {
        debug_assert!(out.len() < 8);
        let mask = (1_u8 << (out.len() & 7)) - 1;
        // SAFETY: only the lanes of the mask are written, which are those of the slice.
        unsafe {
            self.avx512f
                ._mm512_mask_storeu_pd(out.as_mut_ptr(), mask, x);
        }
    }

    #[inline(always)]
    fn add(self, a: __m512d, b: __m512d) -> __m512d {
        self.avx512f._mm512_add_pd(a, b)
    }
    #[inline(always)]
    fn sub(self, a: __m512d, b: __m512d) -> __m512d {
        self.avx512f._mm512_sub_pd(a, b)
    }
    #[inline(always)]
    fn mul(self, a: __m512d, b: __m512d) -> __m512d {
        self.avx512f._mm512_mul_pd(a, b)
    }
    #[inline(always)]
    fn div(self, a: __m512d, b: __m512d) -> __m512d {
        self.avx512f._mm512_div_pd(a, b)
    }
    #[inline(always)]
    fn sqrt(self, a: __m512d) -> __m512d {
        self.avx512f._mm512_sqrt_pd(a)
    }
    #[inline(always)]
    fn mul_add(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        self.avx512f._mm512_fmadd_pd(a, b, c)
    }
    #[inline(always)]
    fn fma(self, a: __m512d, b: __m512d, c: __m512d) -> __m512d {
        self.avx512f._mm512_fmadd_pd(a, b, c)
    }
    #[inline(always)]
    fn scale_normal(self, x: __m512d, n: __m512d) -> __m512d {
        self.avx512f._mm512_scalef_pd(x, n)
    }
    #[inline(always)]
    fn scale(self, x: __m512d, n: __m512d) -> __m512d {
        self.avx512f._mm512_scalef_pd(x, n)
    }

    #[inline(always)]
    fn round(self, a: __m512d) -> __m512d {
        self.avx512f
            ._mm512_roundscale_pd::<{ rounding::NEAREST }>(a)
    }
    #[inline(always)]
    fn floor(self, a: __m512d) -> __m512d {
        self.avx512f._mm512_roundscale_pd::<{ rounding::DOWN }>(a)
    }
    #[inline(always)]
    fn ceil(self, a: __m512d) -> __m512d {
        self.avx512f._mm512_roundscale_pd::<{ rounding::UP }>(a)
    }
    #[inline(always)]
    fn trunc(self, a: __m512d) -> __m512d {
        self.avx512f._mm512_roundscale_pd::<{ rounding::ZERO }>(a)
    }

    #[inline(always)]
    fn and(self, a: __m512d, b: __m512d) -> __m512d {
        self.avx512dq._mm512_and_pd(a, b)
    }
    #[inline(always)]
    fn or(self, a: __m512d, b: __m512d) -> __m512d {
        self.avx512dq._mm512_or_pd(a, b)
    }
    #[inline(always)]
    fn xor(self, a: __m512d, b: __m512d) -> __m512d {
        self.avx512dq._mm512_xor_pd(a, b)
    }
    #[inline(always)]
    fn add_bits(self, a: __m512d, b: __m512d) -> __m512d {
        let f = self.avx512f;
        f._mm512_castsi512_pd(
            f._mm512_add_epi64(f._mm512_castpd_si512(a), f._mm512_castpd_si512(b)),
        )
    }
    #[inline(always)]
    fn sub_bits(self, a: __m512d, b: __m512d) -> __m512d {
        let f = self.avx512f;
        f._mm512_castsi512_pd(
            f._mm512_sub_epi64(f._mm512_castpd_si512(a), f._mm512_castpd_si512(b)),
        )
    }
    #[inline(always)]
    fn shift_to_exponent(self, a: __m512d) -> __m512d {
        let f = self.avx512f;
        f._mm512_castsi512_pd(f._mm512_slli_epi64::<52>(f._mm512_castpd_si512(a)))
    }
    #[inline(always)]
    fn shift_from_exponent(self, a: __m512d) -> __m512d {
        let f = self.avx512f;
        f._mm512_castsi512_pd(f._mm512_srli_epi64::<52>(f._mm512_castpd_si512(a)))
    }

    #[inline(always)]
    fn at_most(self, x: __m512d, bound: __m512d) -> __m512d {
        // Of an unordered pair the instruction returns the second.
        self.avx512f._mm512_min_pd(bound, x)
    }
    #[inline(always)]
    fn at_least(self, x: __m512d, bound: __m512d) -> __m512d {
        self.avx512f._mm512_max_pd(bound, x)
    }

    #[inline(always)]
    fn lt(self, a: __m512d, b: __m512d) -> u8 {
        self.avx512f._mm512_cmp_pd_mask::<_CMP_LT_OQ>(a, b)
    }
    #[inline(always)]
    fn le(self, a: __m512d, b: __m512d) -> u8 {
        self.avx512f._mm512_cmp_pd_mask::<_CMP_LE_OQ>(a, b)
    }
    #[inline(always)]
    fn eq(self, a: __m512d, b: __m512d) -> u8 {
        self.avx512f._mm512_cmp_pd_mask::<_CMP_EQ_OQ>(a, b)
    }
    #[inline(always)]
    fn mask_and(self, a: u8, b: u8) -> u8 {
        a & b
    }
    #[inline(always)]
    fn mask_or(self, a: u8, b: u8) -> u8 {
        a | b
    }
    #[inline(always)]
    fn mask_not(self, a: u8) -> u8 {
        !a
    }
    #[inline(always)]
    fn any(self, m: u8) -> bool {
        m != 0
    }
    #[inline(always)]
    fn select(self, m: u8, yes: __m512d, no: __m512d) -> __m512d {
        self.avx512f._mm512_mask_blend_pd(m, no, yes)
    }

    #[inline(always)]
    unsafe fn gather(self, x: &[f64], index: &[u32]) -> __m512d {
        let i: [u32; 8] = index[..8].try_into().expect("the slice has eight elements");
        let place = pulp::cast(i);
        // SAFETY: the caller upholds that the indices lie within `x`. Their products with the
        // size of an element are taken in 64 bits, and indices are below 2^31 (`Indices::new`).
        unsafe { self.avx512f._mm512_i32gather_pd::<8>(place, x.as_ptr()) }
    }
}
