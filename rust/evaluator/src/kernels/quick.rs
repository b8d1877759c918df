//! The most frequent operations, for code that is itself compiled for an instruction set: no call
//! and no dispatch, which matters where a loop nest has eight elements.
//!
//! Everything here is `#[inline(always)]`, as are all functions with a register in their signature.

use super::arithmetic as a;
use super::elementary as e;
use super::lanes::{Lanes, MAX_LANES};
use super::map::{Formula1, Formula2, FormulaPair, Operand, PADDING, Source, put};
use super::vector::Vector;

/// A function of one number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quick1 {
    Neg,
    Abs,
    Sqr,
    Sqrt,
    Reciprocal,
    Exp,
    Log,
    Sigmoid,
    Not,
}

/// A function of two numbers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Quick2 {
    Add,
    Sub,
    Mul,
    Div,
    Lt,
    Le,
    Gt,
    Ge,
    Eq,
    And,
}

/// Gives formulas of one vector types.
macro_rules! formulas1 {
    ($($name:ident = $formula:path;)+) => {$(
        pub(crate) struct $name;
        impl Formula1 for $name {
            #[inline(always)]
            fn apply<S: Lanes>(x: Vector<S>) -> Vector<S> {
                $formula(x)
            }
        }
    )+};
}

/// Gives formulas of two vectors types.
macro_rules! formulas2 {
    ($($name:ident = $formula:path;)+) => {$(
        pub(crate) struct $name;
        impl Formula2 for $name {
            #[inline(always)]
            fn apply<S: Lanes>(x: Vector<S>, y: Vector<S>) -> Vector<S> {
                $formula(x, y)
            }
        }
    )+};
}

formulas1! {
    Neg = a::minus;
    Abs = Vector::abs;
    Sqr = a::square;
    Sqrt = Vector::sqrt;
    Reciprocal = a::inverse;
    Exp = e::exp_formula;
    Log = e::log_formula;
    Sigmoid = e::sigmoid_formula;
    Not = a::falsehood;
    Log1p = e::log1p_formula;
    Softplus = e::softplus_formula;
    Same = same;
}

formulas2! {
    Add = a::plus;
    Sub = a::less;
    Mul = a::times;
    Div = a::over;
    Lt = a::is_lt;
    Le = a::is_le;
    Gt = a::is_gt;
    Ge = a::is_ge;
    Eq = a::is_eq;
    And = a::both;
}

/// Softplus and its derivative.
pub(crate) struct SoftplusSigmoid;

impl FormulaPair for SoftplusSigmoid {
    #[inline(always)]
    fn apply<S: Lanes>(x: Vector<S>) -> (Vector<S>, Vector<S>) {
        e::softplus_sigmoid_formula(x)
    }
}

/// Applies a function of one number to every element.
#[inline(always)]
pub(crate) fn quick1<S: Lanes>(lanes: S, op: Quick1, x: &[f64], out: &mut [f64]) {
    match op {
        Quick1::Neg => map1::<S, Neg>(lanes, x, out),
        Quick1::Abs => map1::<S, Abs>(lanes, x, out),
        Quick1::Sqr => map1::<S, Sqr>(lanes, x, out),
        Quick1::Sqrt => map1::<S, Sqrt>(lanes, x, out),
        Quick1::Reciprocal => map1::<S, Reciprocal>(lanes, x, out),
        Quick1::Exp => map1::<S, Exp>(lanes, x, out),
        Quick1::Log => map1::<S, Log>(lanes, x, out),
        Quick1::Sigmoid => map1::<S, Sigmoid>(lanes, x, out),
        Quick1::Not => map1::<S, Not>(lanes, x, out),
    }
}

/// Applies a function of two numbers to every pair of elements.
#[inline(always)]
pub(crate) fn quick2<S: Lanes>(lanes: S, op: Quick2, a: Operand, b: Operand, out: &mut [f64]) {
    match op {
        Quick2::Add => map2::<S, Add>(lanes, a, b, out),
        Quick2::Sub => map2::<S, Sub>(lanes, a, b, out),
        Quick2::Mul => map2::<S, Mul>(lanes, a, b, out),
        Quick2::Div => map2::<S, Div>(lanes, a, b, out),
        Quick2::Lt => map2::<S, Lt>(lanes, a, b, out),
        Quick2::Le => map2::<S, Le>(lanes, a, b, out),
        Quick2::Gt => map2::<S, Gt>(lanes, a, b, out),
        Quick2::Ge => map2::<S, Ge>(lanes, a, b, out),
        Quick2::Eq => map2::<S, Eq>(lanes, a, b, out),
        Quick2::And => map2::<S, And>(lanes, a, b, out),
    }
}

/// Chooses between two numbers for every element.
#[inline(always)]
pub(crate) fn quick_switch<S: Lanes>(
    lanes: S,
    condition: Operand,
    yes: Operand,
    no: Operand,
    out: &mut [f64],
) {
    let mut buffers = [[0.0; MAX_LANES]; 3];
    let [first, second, third] = &mut buffers;
    let (condition, yes) = (Source::new(condition, first), Source::new(yes, second));
    let no = Source::new(no, third);
    let len = out.len();
    let mut at = 0;
    while at < len {
        let chosen = a::choose(
            condition.load(lanes, at),
            yes.load(lanes, at),
            no.load(lanes, at),
        );
        put(chosen, out, at, at + S::N <= len);
        at += S::N;
    }
}

#[inline(always)]
fn map1<S: Lanes, F: Formula1>(lanes: S, x: &[f64], out: &mut [f64]) {
    assert_eq!(
        x.len(),
        out.len(),
        "the operands of a kernel differ in length"
    );
    let len = out.len();
    let mut at = 0;
    while len - at >= S::N {
        F::apply(full(lanes, x, at)).store(&mut out[at..]);
        at += S::N;
    }
    if at < len {
        let x = Vector::load_partial(lanes, &x[at..], PADDING);
        F::apply(x).store_partial(&mut out[at..]);
    }
}

#[inline(always)]
fn map2<S: Lanes, F: Formula2>(lanes: S, a: Operand, b: Operand, out: &mut [f64]) {
    match (a, b) {
        (Operand::Slice(a), Operand::Slice(b)) => both::<S, F>(lanes, a, b, out),
        (Operand::Slice(a), Operand::Scalar(b)) => {
            one::<S, F, false>(lanes, a, Vector::splat(lanes, b), out);
        }
        (Operand::Scalar(a), Operand::Slice(b)) => {
            one::<S, F, true>(lanes, b, Vector::splat(lanes, a), out);
        }
        (Operand::Scalar(a), Operand::Scalar(b)) => {
            let y = F::apply(Vector::splat(lanes, a), Vector::splat(lanes, b));
            let len = out.len();
            let mut at = 0;
            while at < len {
                put(y, out, at, len - at >= S::N);
                at += S::N;
            }
        }
    }
}

/// Both operands are slices.
#[inline(always)]
fn both<S: Lanes, F: Formula2>(lanes: S, a: &[f64], b: &[f64], out: &mut [f64]) {
    let len = out.len();
    assert!(
        a.len() == len && b.len() == len,
        "the operands of a kernel differ in length"
    );
    let mut at = 0;
    while len - at >= S::N {
        F::apply(full(lanes, a, at), full(lanes, b, at)).store(&mut out[at..]);
        at += S::N;
    }
    if at < len {
        let a = Vector::load_partial(lanes, &a[at..], PADDING);
        let b = Vector::load_partial(lanes, &b[at..], PADDING);
        F::apply(a, b).store_partial(&mut out[at..]);
    }
}

/// One operand is a slice, the other (the first where `FIRST`) a number.
#[inline(always)]
fn one<S: Lanes, F: Formula2, const FIRST: bool>(
    lanes: S,
    x: &[f64],
    number: Vector<S>,
    out: &mut [f64],
) {
    assert_eq!(
        x.len(),
        out.len(),
        "the operands of a kernel differ in length"
    );
    let len = out.len();
    let mut at = 0;
    while len - at >= S::N {
        let x = full(lanes, x, at);
        let y = if FIRST {
            F::apply(number, x)
        } else {
            F::apply(x, number)
        };
        y.store(&mut out[at..]);
        at += S::N;
    }
    if at < len {
        let x = Vector::load_partial(lanes, &x[at..], PADDING);
        let y = if FIRST {
            F::apply(number, x)
        } else {
            F::apply(x, number)
        };
        y.store_partial(&mut out[at..]);
    }
}

/// The register that begins at `at`, which the slice fills.
#[inline(always)]
fn full<S: Lanes>(lanes: S, x: &[f64], at: usize) -> Vector<S> {
    Vector::load(lanes, &x[at..])
}

/// Sets every element to a number.
#[inline(always)]
pub(crate) fn quick_fill<S: Lanes>(lanes: S, x: f64, out: &mut [f64]) {
    let value = Vector::splat(lanes, x);
    let len = out.len();
    let mut at = 0;
    while at < len {
        put(value, out, at, len - at >= S::N);
        at += S::N;
    }
}

/// Copies numbers.
#[inline(always)]
pub(crate) fn quick_copy<S: Lanes>(lanes: S, x: &[f64], out: &mut [f64]) {
    map1::<S, Same>(lanes, x, out);
}

/// `out += x`
#[inline(always)]
pub(crate) fn quick_add_to<S: Lanes>(lanes: S, x: &[f64], out: &mut [f64]) {
    assert_eq!(
        x.len(),
        out.len(),
        "the operands of a kernel differ in length"
    );
    let len = out.len();
    let mut at = 0;
    while len - at >= S::N {
        (full(lanes, out, at) + full(lanes, x, at)).store(&mut out[at..]);
        at += S::N;
    }
    if at < len {
        let x = Vector::load_partial(lanes, &x[at..], PADDING);
        let sum = Vector::load_partial(lanes, &out[at..], PADDING);
        (sum + x).store_partial(&mut out[at..]);
    }
}

/// The number itself.
#[inline(always)]
fn same<S: Lanes>(x: Vector<S>) -> Vector<S> {
    x
}
