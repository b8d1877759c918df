//! Loops that apply a formula to slices of any length.
//!
//! Full registers are followed by one that overlaps its predecessor and ends with the slice, so a
//! tail costs one register and an element's value never depends on where it stands. Slices
//! shorter than a register go through padded copies, filled with a number of the slice itself so
//! that no rare branch is taken for the sake of padding.

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

/// Calls `step(at)` for registers starting at `at` that together cover `0..len`.
#[inline(always)]
pub(crate) fn cover<S: Lanes>(len: usize, mut step: impl FnMut(usize)) {
    let last = len - S::N;
    let mut at = 0;
    while at < last {
        step(at);
        at += S::N;
    }
    step(last);
}

/// A copy of a short slice, padded with its first number.
#[inline]
fn padded(x: &[f64]) -> [f64; MAX_LANES] {
    let mut copy = [x[0]; MAX_LANES];
    copy[..x.len()].copy_from_slice(x);
    copy
}

/// A register from the end of a slice, padded.
#[inline(always)]
pub(crate) fn load_tail<S: Lanes>(lanes: S, x: &[f64], padding: f64) -> Vector<S> {
    let mut copy = [padding; MAX_LANES];
    copy[..x.len()].copy_from_slice(x);
    Vector::load(lanes, &copy)
}

/// Writes a register to the end of a slice, as far as it goes.
#[inline(always)]
pub(crate) fn store_tail<S: Lanes>(x: Vector<S>, out: &mut [f64]) {
    let mut copy = [0.0; MAX_LANES];
    x.store(&mut copy);
    out.copy_from_slice(&copy[..out.len()]);
}

/// An operand in a loop.
#[inline(always)]
fn load<S: Lanes>(lanes: S, operand: Operand, at: usize) -> Vector<S> {
    match operand {
        Operand::Slice(x) => Vector::load(lanes, &x[at..]),
        Operand::Scalar(x) => Vector::splat(lanes, x),
    }
}

/// A short operand, padded into a buffer.
fn pad<'a>(operand: Operand<'a>, buffer: &'a mut [f64; MAX_LANES], lanes: usize) -> Operand<'a> {
    match operand {
        Operand::Slice(x) => {
            *buffer = padded(x);
            Operand::Slice(&buffer[..lanes])
        }
        Operand::Scalar(_) => operand,
    }
}

/// The loop of [`map1`].
struct Map1<'a, F>(&'a [f64], &'a mut [f64], PhantomData<F>);

impl<F: Formula1> Kernel for Map1<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(x, out, _) = self;
        cover::<S>(out.len(), |at| {
            F::apply(Vector::load(lanes, &x[at..])).store(&mut out[at..]);
        });
    }
}

/// Applies a formula to every element.
pub(crate) fn map1<F: Formula1>(isa: Isa, x: &[f64], out: &mut [f64]) {
    Operand::Slice(x).check(out.len());
    let (len, lanes) = (out.len(), isa.lanes());
    if len >= lanes {
        isa.run(Map1(x, out, PhantomData::<F>));
    } else if len > 0 {
        let mut result = [0.0; MAX_LANES];
        isa.run(Map1(
            &padded(x)[..lanes],
            &mut result[..lanes],
            PhantomData::<F>,
        ));
        out.copy_from_slice(&result[..len]);
    }
}

/// The loop of [`map_pair`].
struct MapPair<'a, F>(&'a [f64], &'a mut [f64], &'a mut [f64], PhantomData<F>);

impl<F: FormulaPair> Kernel for MapPair<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(x, first, second, _) = self;
        cover::<S>(first.len(), |at| {
            let (a, b) = F::apply(Vector::load(lanes, &x[at..]));
            a.store(&mut first[at..]);
            b.store(&mut second[at..]);
        });
    }
}

/// Applies a pair of formulas to every element.
pub(crate) fn map_pair<F: FormulaPair>(isa: Isa, x: &[f64], first: &mut [f64], second: &mut [f64]) {
    let (len, lanes) = (x.len(), isa.lanes());
    Operand::Slice(first).check(len);
    Operand::Slice(second).check(len);
    if len >= lanes {
        isa.run(MapPair(x, first, second, PhantomData::<F>));
    } else if len > 0 {
        let (mut a, mut b) = ([0.0; MAX_LANES], [0.0; MAX_LANES]);
        let pair = MapPair(
            &padded(x)[..lanes],
            &mut a[..lanes],
            &mut b[..lanes],
            PhantomData::<F>,
        );
        isa.run(pair);
        first.copy_from_slice(&a[..len]);
        second.copy_from_slice(&b[..len]);
    }
}

/// The loop of [`map2`].
struct Map2<'a, F>(Operand<'a>, Operand<'a>, &'a mut [f64], PhantomData<F>);

impl<F: Formula2> Kernel for Map2<'_, F> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(a, b, out, _) = self;
        cover::<S>(out.len(), |at| {
            F::apply(load(lanes, a, at), load(lanes, b, at)).store(&mut out[at..]);
        });
    }
}

/// Applies a formula of two operands to every element.
pub(crate) fn map2<F: Formula2>(isa: Isa, a: Operand, b: Operand, out: &mut [f64]) {
    let (len, lanes) = (out.len(), isa.lanes());
    a.check(len);
    b.check(len);
    if len >= lanes {
        isa.run(Map2(a, b, out, PhantomData::<F>));
    } else if len > 0 {
        let [mut pad_a, mut pad_b, mut result] = [[0.0; MAX_LANES]; 3];
        let (a, b) = (pad(a, &mut pad_a, lanes), pad(b, &mut pad_b, lanes));
        isa.run(Map2(a, b, &mut result[..lanes], PhantomData::<F>));
        out.copy_from_slice(&result[..len]);
    }
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
        cover::<S>(out.len(), |at| {
            let (a, b, c) = (load(lanes, a, at), load(lanes, b, at), load(lanes, c, at));
            F::apply(a, b, c).store(&mut out[at..]);
        });
    }
}

/// Applies a formula of three operands to every element.
pub(crate) fn map3<F: Formula3>(isa: Isa, a: Operand, b: Operand, c: Operand, out: &mut [f64]) {
    let (len, lanes) = (out.len(), isa.lanes());
    a.check(len);
    b.check(len);
    c.check(len);
    if len >= lanes {
        isa.run(Map3(a, b, c, out, PhantomData::<F>));
    } else if len > 0 {
        let [mut pad_a, mut pad_b, mut pad_c, mut result] = [[0.0; MAX_LANES]; 4];
        let (a, b) = (pad(a, &mut pad_a, lanes), pad(b, &mut pad_b, lanes));
        let c = pad(c, &mut pad_c, lanes);
        isa.run(Map3(a, b, c, &mut result[..lanes], PhantomData::<F>));
        out.copy_from_slice(&result[..len]);
    }
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
