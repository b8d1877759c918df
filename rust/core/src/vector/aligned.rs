//! Vectors whose first number begins a line of the cache.

use std::fmt;
use std::ops::{Deref, DerefMut};

/// A line of the cache, and what the widest registers hold.
#[derive(Clone, Copy)]
#[repr(C, align(64))]
struct Line([f64; PER_LINE]);

const PER_LINE: usize = 8;

/// A fixed number of `f64` that begin a line of the cache.
///
/// A wide load that straddles two lines takes as long as two; an allocation of its own begins in the
/// middle of a line more often than not.
///
/// # Examples
///
/// ```
/// use rufous_core::vector::Aligned;
///
/// let mut x = Aligned::zeros(3);
/// x[1] = 2.0;
/// assert_eq!(x[..], [0.0, 2.0, 0.0]);
/// assert_eq!(x.as_ptr().align_offset(64), 0);
/// ```
pub struct Aligned {
    lines: Box<[Line]>,
    len: usize,
}

impl Aligned {
    /// Zeros.
    pub fn zeros(len: usize) -> Self {
        Self {
            lines: vec![Line([0.0; PER_LINE]); len.div_ceil(PER_LINE)].into(),
            len,
        }
    }
}

#[allow(
    unsafe_code,
    reason = "measured: with bounds to check, a leapfrog in ten dimensions takes a fifth longer"
)]
impl Deref for Aligned {
    type Target = [f64];

    fn deref(&self) -> &[f64] {
        // SAFETY: lines are arrays of numbers without anything in between, and `zeros` made enough
        // of them; the type never changes its length.
        unsafe { std::slice::from_raw_parts(self.lines.as_ptr().cast(), self.len) }
    }
}

#[allow(unsafe_code, reason = "as above")]
impl DerefMut for Aligned {
    fn deref_mut(&mut self) -> &mut [f64] {
        // SAFETY: as above, and the lines are borrowed mutably for as long as the slice.
        unsafe { std::slice::from_raw_parts_mut(self.lines.as_mut_ptr().cast(), self.len) }
    }
}

impl From<&[f64]> for Aligned {
    fn from(values: &[f64]) -> Self {
        let mut aligned = Self::zeros(values.len());
        aligned.copy_from_slice(values);
        aligned
    }
}

impl From<Vec<f64>> for Aligned {
    fn from(values: Vec<f64>) -> Self {
        Self::from(&values[..])
    }
}

impl Clone for Aligned {
    fn clone(&self) -> Self {
        Self::from(&self[..])
    }
}

impl PartialEq for Aligned {
    fn eq(&self, other: &Self) -> bool {
        self[..] == other[..]
    }
}

impl fmt::Debug for Aligned {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self[..].fmt(formatter)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_begins_a_line() {
        for len in 0..70 {
            let x = Aligned::zeros(len);
            assert_eq!((x.len(), x.iter().sum::<f64>()), (len, 0.0));
            assert!(len == 0 || x.as_ptr().align_offset(64) == 0);
        }
    }

    #[test]
    fn copies_are_equal_and_aligned() {
        let x = Aligned::from(vec![1.0, 2.0]);
        let y = x.clone();
        assert_eq!(x, y);
        assert_eq!(y.as_ptr().align_offset(64), 0);
        assert_eq!(format!("{y:?}"), "[1.0, 2.0]");
        assert_ne!(x, Aligned::zeros(2));
    }
}
