//! Loops over short arrays of one arena in which every array is followed by room for a whole
//! register: nothing is masked but the last register of a sum, and nothing is checked that was
//! checked when the program was made. With eight elements that is what an operation costs.
//!
//! Everything here is `#[inline(always)]`, as are all functions with a register in their signature.

use std::marker::PhantomData;

use super::lanes::{Lanes, MAX_LANES};
use super::map::{Formula1, Formula2, FormulaPair, PADDING};
pub(crate) use super::quick::{
    Abs, Add, And, Div, Eq, Exp, Ge, Gt, Le, Log, Log1p, Lt, Mul, Neg, Not, Reciprocal, Same,
    Sigmoid, Softplus, SoftplusSigmoid, Sqr, Sqrt, Sub,
};
use super::reduce::Fold;
use super::vector::Vector;

/// Numbers after an array that may be read, and for results written, as if they were part of it.
pub(crate) const SLACK: usize = MAX_LANES;

/// Where an operation reads and writes, counted in numbers from the start of the arena.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Places {
    pub(crate) a: u32,
    pub(crate) b: u32,
    pub(crate) c: u32,
    pub(crate) to: u32,
    /// Number of elements.
    pub(crate) count: u32,
}

impl Places {
    /// Whether the operation stays inside an arena of this length.
    pub(crate) fn fit(&self, length: usize) -> bool {
        let last = self.a.max(self.b).max(self.c).max(self.to) as usize;
        last + self.count as usize + SLACK <= length
    }
}

/// The arena while a program runs.
#[derive(Clone, Copy)]
pub(crate) struct Arena<'a> {
    start: *mut f64,
    owner: PhantomData<&'a mut [f64]>,
}

/// A number that counts the lanes: 0, 1, 2, ...
const LANE: [f64; MAX_LANES] = [0.0, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0];

impl<'a> Arena<'a> {
    /// The arena that starts here, to be used with places that [`fit`](Places::fit) its length.
    #[inline(always)]
    pub(crate) fn new(start: *mut f64) -> Self {
        Self {
            start,
            owner: PhantomData,
        }
    }

    /// One number.
    #[inline(always)]
    pub(crate) unsafe fn number(self, at: u32) -> f64 {
        // SAFETY: the caller's places fit the arena.
        unsafe { *self.start.add(at as usize) }
    }

    /// Sets one number.
    #[inline(always)]
    pub(crate) unsafe fn set(self, at: u32, x: f64) {
        // SAFETY: the caller's places fit the arena.
        unsafe { *self.start.add(at as usize) = x }
    }

    #[inline(always)]
    unsafe fn load<S: Lanes>(self, lanes: S, at: usize) -> Vector<S> {
        // SAFETY: the caller's places fit the arena, with room for a register after each array.
        Vector::load(lanes, unsafe {
            std::slice::from_raw_parts(self.start.add(at), S::N)
        })
    }

    #[inline(always)]
    unsafe fn store<S: Lanes>(self, at: usize, x: Vector<S>) {
        // SAFETY: as for loading; nothing else borrows from the arena meanwhile.
        x.store(unsafe { std::slice::from_raw_parts_mut(self.start.add(at), S::N) });
    }

    #[inline(always)]
    unsafe fn splat<S: Lanes>(self, lanes: S, at: u32) -> Vector<S> {
        // SAFETY: the caller's places fit the arena.
        Vector::splat(lanes, unsafe { self.number(at) })
    }

    /// `to = f(a)`, element by element.
    #[inline(always)]
    pub(crate) unsafe fn map<S: Lanes, F: Formula1>(self, lanes: S, p: &Places) {
        for at in (0..p.count as usize).step_by(S::N) {
            // SAFETY: the caller's places fit the arena.
            unsafe {
                let x = self.load(lanes, p.a as usize + at);
                self.store(p.to as usize + at, F::apply(x));
            }
        }
    }

    /// The same for a function for which numbers past the end might be slow.
    #[inline(always)]
    pub(crate) unsafe fn map_kept<S: Lanes, F: Formula1>(self, lanes: S, p: &Places) {
        for at in (0..p.count as usize).step_by(S::N) {
            // SAFETY: the caller's places fit the arena.
            unsafe {
                let x = self.load(lanes, p.a as usize + at);
                let x = keep(x, lanes, p.count as usize - at, PADDING);
                self.store(p.to as usize + at, F::apply(x));
            }
        }
    }

    /// `to, c = f(a)`, element by element.
    #[inline(always)]
    pub(crate) unsafe fn map_pair<S: Lanes, F: FormulaPair>(self, lanes: S, p: &Places) {
        for at in (0..p.count as usize).step_by(S::N) {
            // SAFETY: the caller's places fit the arena.
            unsafe {
                let x = self.load(lanes, p.a as usize + at);
                let (first, second) = F::apply(keep(x, lanes, p.count as usize - at, PADDING));
                self.store(p.to as usize + at, first);
                self.store(p.c as usize + at, second);
            }
        }
    }

    /// `to = f(a, b)`, element by element.
    #[inline(always)]
    pub(crate) unsafe fn zip<S: Lanes, F: Formula2>(self, lanes: S, p: &Places) {
        for at in (0..p.count as usize).step_by(S::N) {
            // SAFETY: the caller's places fit the arena.
            unsafe {
                let a = self.load(lanes, p.a as usize + at);
                let b = self.load(lanes, p.b as usize + at);
                self.store(p.to as usize + at, F::apply(a, b));
            }
        }
    }

    /// `to = f(a, b)`, where `b` is one number.
    #[inline(always)]
    pub(crate) unsafe fn zip_number<S: Lanes, F: Formula2>(self, lanes: S, p: &Places) {
        // SAFETY: the caller's places fit the arena.
        let b = unsafe { self.splat(lanes, p.b) };
        for at in (0..p.count as usize).step_by(S::N) {
            // SAFETY: as above.
            unsafe {
                let a = self.load(lanes, p.a as usize + at);
                self.store(p.to as usize + at, F::apply(a, b));
            }
        }
    }

    /// `to = f(b, a)`, where `b` is one number.
    #[inline(always)]
    pub(crate) unsafe fn number_zip<S: Lanes, F: Formula2>(self, lanes: S, p: &Places) {
        // SAFETY: the caller's places fit the arena.
        let b = unsafe { self.splat(lanes, p.b) };
        for at in (0..p.count as usize).step_by(S::N) {
            // SAFETY: as above.
            unsafe {
                let a = self.load(lanes, p.a as usize + at);
                self.store(p.to as usize + at, F::apply(b, a));
            }
        }
    }

    /// `to = b` where `a` is not zero, `c` elsewhere; `b` and `c` are arrays or, where the
    /// constants say so, numbers.
    #[inline(always)]
    pub(crate) unsafe fn choose<S: Lanes, const YES: bool, const NO: bool>(
        self,
        lanes: S,
        p: &Places,
    ) {
        for at in (0..p.count as usize).step_by(S::N) {
            // SAFETY: the caller's places fit the arena.
            unsafe {
                let yes = if YES {
                    self.splat(lanes, p.b)
                } else {
                    self.load(lanes, p.b as usize + at)
                };
                let no = if NO {
                    self.splat(lanes, p.c)
                } else {
                    self.load(lanes, p.c as usize + at)
                };
                let condition = self.load(lanes, p.a as usize + at);
                let chosen = super::arithmetic::choose(condition, yes, no);
                self.store(p.to as usize + at, chosen);
            }
        }
    }

    /// Sets all elements of `to` to the number at `a`.
    #[inline(always)]
    pub(crate) unsafe fn fill<S: Lanes>(self, lanes: S, p: &Places) {
        // SAFETY: the caller's places fit the arena.
        let x = unsafe { self.splat(lanes, p.a) };
        for at in (0..p.count as usize).step_by(S::N) {
            // SAFETY: as above.
            unsafe { self.store(p.to as usize + at, x) };
        }
    }

    /// Copies `a` to `to`, of which nothing past the end is touched.
    #[inline(always)]
    pub(crate) unsafe fn move_exactly(self, p: &Places) {
        // SAFETY: the caller's places fit the arena; the arrays do not overlap.
        unsafe {
            std::ptr::copy_nonoverlapping(
                self.start.add(p.a as usize),
                self.start.add(p.to as usize),
                p.count as usize,
            );
        }
    }

    /// Folds an array into the number at `to`.
    #[inline(always)]
    pub(crate) unsafe fn fold1<S: Lanes, F: Fold<1>>(self, lanes: S, fold: F, p: &Places) {
        let count = p.count as usize;
        let mut sum = Vector::splat(lanes, F::START);
        let mut at = 0;
        // SAFETY: the caller's places fit the arena.
        unsafe {
            while count - at > S::N {
                sum = fold.step(sum, [self.load(lanes, p.a as usize + at)]);
                at += S::N;
            }
            let x = keep(
                self.load(lanes, p.a as usize + at),
                lanes,
                count - at,
                F::PADDING,
            );
            self.set(p.to, fold.step(sum, [x]).sum());
        }
    }

    /// Folds two arrays into the number at `to`.
    #[inline(always)]
    pub(crate) unsafe fn fold2<S: Lanes, F: Fold<2>>(self, lanes: S, fold: F, p: &Places) {
        let count = p.count as usize;
        let mut sum = Vector::splat(lanes, F::START);
        let mut at = 0;
        // SAFETY: the caller's places fit the arena.
        unsafe {
            while count - at > S::N {
                let a = self.load(lanes, p.a as usize + at);
                sum = fold.step(sum, [a, self.load(lanes, p.b as usize + at)]);
                at += S::N;
            }
            let a = self.load(lanes, p.a as usize + at);
            let b = self.load(lanes, p.b as usize + at);
            let left = count - at;
            let last = [
                keep(a, lanes, left, F::PADDING),
                keep(b, lanes, left, F::PADDING),
            ];
            self.set(p.to, fold.step(sum, last).sum());
        }
    }

    /// `to = f(a)` for one number.
    #[inline(always)]
    pub(crate) unsafe fn single<S: Lanes, F: Formula1>(self, lanes: S, p: &Places) {
        // SAFETY: the caller's places fit the arena, with room for a register.
        unsafe {
            let y = F::apply(self.splat(lanes, p.a));
            self.set(p.to, y.first());
        }
    }

    /// Numbers to read.
    #[inline(always)]
    pub(crate) unsafe fn slice(self, at: u32, count: u32) -> &'a [f64] {
        // SAFETY: the caller's places fit the arena, and nothing writes there meanwhile.
        unsafe { std::slice::from_raw_parts(self.start.add(at as usize), count as usize) }
    }

    /// Numbers to write.
    #[inline(always)]
    pub(crate) unsafe fn slice_mut(self, at: u32, count: u32) -> &'a mut [f64] {
        // SAFETY: the caller's places fit the arena, and nothing else is there meanwhile.
        unsafe { std::slice::from_raw_parts_mut(self.start.add(at as usize), count as usize) }
    }
}

/// The first `count` lanes, then `padding`.
#[inline(always)]
fn keep<S: Lanes>(x: Vector<S>, lanes: S, count: usize, padding: f64) -> Vector<S> {
    if count >= S::N {
        return x;
    }
    #[allow(clippy::cast_precision_loss)] // fewer than the lanes of a register
    Vector::load(lanes, &LANE)
        .lt(count as f64)
        .select(x, padding)
}
