//! Numbers that start with a cache line.
//!
//! What the allocator gives starts somewhere in one, and then every other load of a wide register
//! takes two lines.

use std::ops::{Deref, DerefMut};

/// Numbers of a cache line.
const LINE: usize = 64 / size_of::<f64>();

/// See the [module](self). Derefs to the numbers.
pub(crate) struct Aligned {
    room: Vec<f64>,
    skip: usize,
    length: usize,
}

impl Aligned {
    /// Moves the numbers within their own memory.
    pub(crate) fn new(mut room: Vec<f64>) -> Self {
        let length = room.len();
        room.reserve_exact(LINE);
        let skip = room
            .as_ptr()
            .align_offset(LINE * size_of::<f64>())
            .min(LINE);
        room.resize(length + skip, 0.0);
        room.copy_within(..length, skip);
        Self { room, skip, length }
    }
}

impl Deref for Aligned {
    type Target = [f64];
    #[inline]
    fn deref(&self) -> &[f64] {
        &self.room[self.skip..][..self.length]
    }
}

impl DerefMut for Aligned {
    #[inline]
    fn deref_mut(&mut self) -> &mut [f64] {
        &mut self.room[self.skip..][..self.length]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_stay_what_they_are_and_start_with_a_line() {
        for n in [0, 1, 7, 8, 1000, 100_000] {
            let numbers: Vec<f64> = (0..n).map(f64::from).collect();
            let aligned = Aligned::new(numbers.clone());
            assert_eq!(*aligned, *numbers);
            assert_eq!(aligned.as_ptr().align_offset(64), 0);
        }
    }
}
