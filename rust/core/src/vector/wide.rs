//! One loop, compiled thrice: for every processor of the target, for AVX2 and for AVX-512.

/// Length from which on AVX-512 pays; shorter loops spend their time on what is left over.
pub(super) const WIDEST: usize = 64;

/// Defines a function whose body is compiled for AVX2 and AVX-512 as well, and taken so where there
/// is one of them. What comes before the function is the length of its loop.
///
/// No sum is reordered and no product fused with one for that, so the result is the same bit for
/// bit. The body should be a loop: what it calls must be inlined to profit.
macro_rules! wide {
    (
        $length:expr;
        $(#[$attribute:meta])*
        $visibility:vis fn $name:ident($($argument:ident: $type:ty),* $(,)?) $(-> $output:ty)?
        $body:block
    ) => {
        $(#[$attribute])*
        $visibility fn $name($($argument: $type),*) $(-> $output)? {
            #[inline(always)]
            #[allow(clippy::inline_always, reason = "it is compiled into all versions")]
            fn body($($argument: $type),*) $(-> $output)? $body

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx2")]
            fn with_avx2($($argument: $type),*) $(-> $output)? {
                body($($argument),*)
            }

            #[cfg(target_arch = "x86_64")]
            #[target_feature(enable = "avx512f")]
            fn with_avx512($($argument: $type),*) $(-> $output)? {
                body($($argument),*)
            }

            #[cfg(target_arch = "x86_64")]
            if $length >= $crate::vector::wide::WIDEST
                && std::arch::is_x86_feature_detected!("avx512f")
            {
                // SAFETY: the function is safe but for its need of AVX-512, which is there.
                #[allow(unsafe_code, reason = "measured: a sixth faster than with AVX2")]
                return unsafe { with_avx512($($argument),*) };
            }
            #[cfg(target_arch = "x86_64")]
            if std::arch::is_x86_feature_detected!("avx2") {
                // SAFETY: the function is safe but for its need of AVX2, which is there.
                #[allow(unsafe_code, reason = "measured: twice as fast on long vectors")]
                return unsafe { with_avx2($($argument),*) };
            }
            body($($argument),*)
        }
    };
}

pub(super) use wide;
