//! Loops that apply a formula to slices of any length.
//!
//! Full registers are followed by one that is partly filled, so a tail costs one register, a short
//! slice costs no more than its registers, and an element's value never depends on where it
//! stands. Places past the end hold 1, for whose sake no formula takes a rare branch.
//!
//! No closure takes or returns a register, here or elsewhere: one that is not inlined would not
//! be compiled for the instruction set, and every operation in it would become a call.

use std::marker::PhantomData;

use super::isa::Isa;
use super::lanes::{Kernel, Lanes, MAX_LANES};
use super::vector::Vector;

/// An argument of an elementwise kernel: one number per element, or the same for all.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Operand<'a> {
    /// One number per element.
    Slice(&'a [f64]),
    /// The same number for all elements.
    Scalar(f64),
}

impl<'a> From<&'a [f64]> for Operand<'a> {
    fn from(x: &'a [f64]) -> Self {
        Operand::Slice(x)
    }
}

impl From<f64> for Operand<'_> {
    fn from(x: f64) -> Self {
        Operand::Scalar(x)
    }
}

impl Operand<'_> {
    /// Panics where this is a slice of another length than the result.
    pub(crate) fn check(self, len: usize) {
        if let Operand::Slice(x) = self {
            assert_eq!(x.len(), len, "the operands of a kernel differ in length");
        }
    }
}

/// A function of one number, as a formula on vectors. Methods are `#[inline(always)]`.
pub(crate) trait Formula1 {
    /// Its value.
    fn apply<S: Lanes>(x: Vector<S>) -> Vector<S>;
}

/// Two functions of one number, computed together.
pub(crate) trait FormulaPair {
    /// Their values.
    fn apply<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>);
}

/// A function of two numbers.
pub(crate) trait Formula2 {
    /// Its value.
    fn apply<S: Lanes>(a: Vector<S>, b: Vector<S>) -> Vector<S>;
}

/// A function of three numbers.
pub(crate) trait Formula3 {
    /// Its value.
    fn apply<S: Lanes>(a: Vector<S>, b: Vector<S>, c: Vector<S>) -> Vector<S>;
}

/// What stands past the end of a slice.
pub(super) const PADDING: f64 = 1.0;

/// The register of a slice that begins at `at`, as far as the slice goes.
#[inline(always)]
fn load<S: Lanes>(lanes: S, x: &[f64], at: usize, full: bool) -> Vector<S> {
    if full {
        Vector::load(lanes, &x[at..])
    } else {
        Vector::load_partial(lanes, &x[at..], PADDING)
    }
}

/// The register of an operand that begins at `at`.
#[inline(always)]
fn fetch<S: Lanes>(lanes: S, operand: Operand, at: usize, full: bool) -> Vector<S> {
    match operand {
        Operand::Slice(x) => load(lanes, x, at, full),
        Operand::Scalar(x) => Vector::splat(lanes, x),
    }
}

/// An operand among three, where the compiler no longer makes a loop for every combination of
/// scalars and slices: a scalar is a register's worth of itself, read over and over, so that the
/// loop need not ask which it is.
#[derive(Clone, Copy)]
pub(super) struct Source<'a> {
    numbers: &'a [f64],
    /// Takes a place to where it is read: all bits set, or none.
    mask: usize,
}

impl<'a> Source<'a> {
    #[inline(always)]
    pub(super) fn new(operand: Operand<'a>, buffer: &'a mut [f64; MAX_LANES]) -> Self {
        match operand {
            Operand::Slice(numbers) => Self {
                numbers,
                mask: usize::MAX,
            },
            Operand::Scalar(x) => {
                buffer.fill(x);
                Self {
                    numbers: buffer,
                    mask: 0,
                }
            }
        }
    }

    /// The register that begins at `at`, as far as the numbers go.
    #[inline(always)]
    pub(super) fn load<S: Lanes>(self, lanes: S, at: usize) -> Vector<S> {
        let rest = &self.numbers[at & self.mask..];
        if rest.len() >= S::N {
            Vector::load(lanes, rest)
        } else {
            Vector::load_partial(lanes, rest, PADDING)
        }
    }
}

/// Writes a register to a slice from `at` on, as far as the slice goes.
#[inline(always)]
pub(super) fn put<S: Lanes>(x: Vector<S>, out: &mut [f64], at: usize, full: bool) {
    if full {
        x.store(&mut out[at..]);
    } else {
        x.store_partial(&mut out[at..]);
    }
}

/// The loop of [`map1`].
struct Map1<'a, F>(&'a [f64], &'a mut [f64], PhantomData<F>);

impl<F: Formula1> Kernel for Map1<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(x, out, _) = self;
        let len = out.len();
        let mut at = 0;
        while at < len {
            let full = at + S::N <= len;
            put(F::apply(load(lanes, x, at, full)), out, at, full);
            at += S::N;
        }
    }
}

/// Applies a formula to every element.
pub(crate) fn map1<F: Formula1>(isa: Isa, x: &[f64], out: &mut [f64]) {
    Operand::Slice(x).check(out.len());
    isa.run(Map1(x, out, PhantomData::<F>));
}

/// The loop of [`map_pair`].
struct MapPair<'a, F>(&'a [f64], &'a mut [f64], &'a mut [f64], PhantomData<F>);

impl<F: FormulaPair> Kernel for MapPair<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(x, first, second, _) = self;
        let len = first.len();
        let mut at = 0;
        while at < len {
            let full = at + S::N <= len;
            let (a, b) = F::apply(load(lanes, x, at, full));
            put(a, first, at, full);
            put(b, second, at, full);
            at += S::N;
        }
    }
}

/// Applies a pair of formulas to every element.
pub(crate) fn map_pair<F: FormulaPair>(isa: Isa, x: &[f64], first: &mut [f64], second: &mut [f64]) {
    Operand::Slice(first).check(x.len());
    Operand::Slice(second).check(x.len());
    isa.run(MapPair(x, first, second, PhantomData::<F>));
}

/// The loop of [`map2`].
struct Map2<'a, F>(Operand<'a>, Operand<'a>, &'a mut [f64], PhantomData<F>);

impl<F: Formula2> Kernel for Map2<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(a, b, out, _) = self;
        let len = out.len();
        let mut at = 0;
        while at < len {
            let full = at + S::N <= len;
            let (a, b) = (fetch(lanes, a, at, full), fetch(lanes, b, at, full));
            put(F::apply(a, b), out, at, full);
            at += S::N;
        }
    }
}

/// Applies a formula of two operands to every element.
pub(crate) fn map2<F: Formula2>(isa: Isa, a: Operand, b: Operand, out: &mut [f64]) {
    a.check(out.len());
    b.check(out.len());
    isa.run(Map2(a, b, out, PhantomData::<F>));
}

/// The loop of [`map3`].
struct Map3<'a, F>(
    Operand<'a>,
    Operand<'a>,
    Operand<'a>,
    &'a mut [f64],
    PhantomData<F>,
);

impl<F: Formula3> Kernel for Map3<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(a, b, c, out, _) = self;
        let mut buffers = [[0.0; MAX_LANES]; 3];
        let [first, second, third] = &mut buffers;
        let (a, b) = (Source::new(a, first), Source::new(b, second));
        let c = Source::new(c, third);
        let len = out.len();
        let mut at = 0;
        while at < len {
            let full = at + S::N <= len;
            let (a, b, c) = (a.load(lanes, at), b.load(lanes, at), c.load(lanes, at));
            put(F::apply(a, b, c), out, at, full);
            at += S::N;
        }
    }
}

/// Applies a formula of three operands to every element.
pub(crate) fn map3<F: Formula3>(isa: Isa, a: Operand, b: Operand, c: Operand, out: &mut [f64]) {
    a.check(out.len());
    b.check(out.len());
    c.check(out.len());
    isa.run(Map3(a, b, c, out, PhantomData::<F>));
}

/// The loop of [`update`].
struct Update<'a, F>(&'a mut [f64], Operand<'a>, Operand<'a>, PhantomData<F>);

impl<F: Formula3> Kernel for Update<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(out, a, b, _) = self;
        let len = out.len();
        let mut at = 0;
        while at < len {
            let full = at + S::N <= len;
            let (a, b) = (fetch(lanes, a, at, full), fetch(lanes, b, at, full));
            put(F::apply(load(lanes, out, at, full), a, b), out, at, full);
            at += S::N;
        }
    }
}

/// Replaces every element by a formula of itself and two operands.
pub(crate) fn update<F: Formula3>(isa: Isa, out: &mut [f64], a: Operand, b: Operand) {
    a.check(out.len());
    b.check(out.len());
    isa.run(Update(out, a, b, PhantomData::<F>));
}

/// Defines the public functions of a family: `fn name(isa, x, out)` and its formula.
///
/// The formula is a function of vectors in scope under the path given.
macro_rules! kernels1 {
    ($($(#[$doc:meta])* $name:ident = $formula:path;)+) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        /// Where the slices differ in length.
        pub fn $name(isa: $crate::kernels::Isa, x: &[f64], out: &mut [f64]) {
            struct Formula;
            impl $crate::kernels::map::Formula1 for Formula {
                #[inline(always)]
                fn apply<S: $crate::kernels::lanes::Lanes>(
                    x: $crate::kernels::vector::Vector<S>,
                ) -> $crate::kernels::vector::Vector<S> {
                    $formula(x)
                }
            }
            $crate::kernels::map::map1::<Formula>(isa, x, out);
        }
    )+};
}

/// Defines public functions of one argument and two results.
macro_rules! kernels_pair {
    ($($(#[$doc:meta])* $name:ident = $formula:path;)+) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        /// Where the slices differ in length.
        pub fn $name(
            isa: $crate::kernels::Isa,
            x: &[f64],
            first: &mut [f64],
            second: &mut [f64],
        ) {
            struct Formula;
            impl $crate::kernels::map::FormulaPair for Formula {
                #[inline(always)]
                fn apply<S: $crate::kernels::lanes::Lanes>(
                    x: $crate::kernels::vector::Vector<S>,
                ) -> ($crate::kernels::vector::Vector<S>, $crate::kernels::vector::Vector<S>) {
                    $formula(x)
                }
            }
            $crate::kernels::map::map_pair::<Formula>(isa, x, first, second);
        }
    )+};
}

/// Defines public functions of two operands.
macro_rules! kernels2 {
    ($($(#[$doc:meta])* $name:ident = $formula:path;)+) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        /// Where an operand's length is not that of `out`.
        pub fn $name(
            isa: $crate::kernels::Isa,
            a: $crate::kernels::Operand,
            b: $crate::kernels::Operand,
            out: &mut [f64],
        ) {
            struct Formula;
            impl $crate::kernels::map::Formula2 for Formula {
                #[inline(always)]
                fn apply<S: $crate::kernels::lanes::Lanes>(
                    a: $crate::kernels::vector::Vector<S>,
                    b: $crate::kernels::vector::Vector<S>,
                ) -> $crate::kernels::vector::Vector<S> {
                    $formula(a, b)
                }
            }
            $crate::kernels::map::map2::<Formula>(isa, a, b, out);
        }
    )+};
}

/// Defines public functions of three operands.
macro_rules! kernels3 {
    ($($(#[$doc:meta])* $name:ident = $formula:path;)+) => {$(
        $(#[$doc])*
        ///
        /// # Panics
        /// Where an operand's length is not that of `out`.
        pub fn $name(
            isa: $crate::kernels::Isa,
            a: $crate::kernels::Operand,
            b: $crate::kernels::Operand,
            c: $crate::kernels::Operand,
            out: &mut [f64],
        ) {
            struct Formula;
            impl $crate::kernels::map::Formula3 for Formula {
                #[inline(always)]
                fn apply<S: $crate::kernels::lanes::Lanes>(
                    a: $crate::kernels::vector::Vector<S>,
                    b: $crate::kernels::vector::Vector<S>,
                    c: $crate::kernels::vector::Vector<S>,
                ) -> $crate::kernels::vector::Vector<S> {
                    $formula(a, b, c)
                }
            }
            $crate::kernels::map::map3::<Formula>(isa, a, b, c, out);
        }
    )+};
}

pub(crate) use {kernels_pair, kernels1, kernels2, kernels3};
