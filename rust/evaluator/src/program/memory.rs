//! The memory of a running program: one arena for everything that changes, one pool of data that
//! all threads share.

use crate::kernels::Arena;

/// Where a number, or the first of several, is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Ref {
    /// In the arena of the thread.
    Arena(usize),
    /// In the shared data.
    Data(usize),
}

impl Ref {
    /// So many numbers further on.
    pub(crate) fn plus(self, offset: isize) -> Self {
        match self {
            Self::Arena(at) => Self::Arena(at.wrapping_add_signed(offset)),
            Self::Data(at) => Self::Data(at.wrapping_add_signed(offset)),
        }
    }

    /// Whether it never changes.
    pub(crate) fn is_data(self) -> bool {
        matches!(self, Self::Data(_))
    }
}

/// The arena and the data while a program runs.
///
/// A program reads some slices of the arena while it writes another; which is which was settled
/// when the program was compiled, so the borrow checker is told nothing here and the two
/// constructors of slices are `unsafe`.
#[derive(Clone, Copy)]
pub(crate) struct Memory<'a> {
    arena: *mut f64,
    length: usize,
    data: &'a [f64],
}

impl<'a> Memory<'a> {
    /// Memory over an arena that nothing else touches as long as this lives.
    pub(crate) fn new(arena: &'a mut [f64], data: &'a [f64]) -> Self {
        Self {
            arena: arena.as_mut_ptr(),
            length: arena.len(),
            data,
        }
    }

    /// The arena for straight-line code.
    #[inline]
    pub(crate) fn arena(self) -> Arena<'a> {
        Arena::new(self.arena)
    }

    /// `count` numbers to read.
    ///
    /// # Safety
    ///
    /// No slice of the arena that is alive for writing may overlap them.
    #[inline]
    pub(crate) unsafe fn read(self, at: Ref, count: usize) -> &'a [f64] {
        match at {
            Ref::Data(at) => &self.data[at..at + count],
            Ref::Arena(at) => {
                assert!(
                    at + count <= self.length,
                    "a program stays inside its arena"
                );
                // SAFETY: inside the arena as just checked; the caller keeps writers apart.
                unsafe { std::slice::from_raw_parts(self.arena.add(at), count) }
            }
        }
    }

    /// `count` numbers of the arena to write.
    ///
    /// # Safety
    ///
    /// No other slice of the arena that is alive may overlap them.
    #[inline]
    pub(crate) unsafe fn write(self, at: usize, count: usize) -> &'a mut [f64] {
        assert!(
            at + count <= self.length,
            "a program stays inside its arena"
        );
        // SAFETY: inside the arena as just checked; the caller keeps other slices apart.
        unsafe { std::slice::from_raw_parts_mut(self.arena.add(at), count) }
    }

    /// One number.
    #[inline]
    pub(crate) fn number(self, at: Ref) -> f64 {
        // SAFETY: the slice is gone at the end of the expression and nothing writes meanwhile.
        unsafe { self.read(at, 1)[0] }
    }

    /// Sets one number of the arena.
    #[inline]
    pub(crate) fn set(self, at: usize, value: f64) {
        // SAFETY: as for reading one number.
        unsafe { self.write(at, 1)[0] = value };
    }
}
