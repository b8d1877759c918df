//! Errors of the kernels in ulp, against tables made with 50 digits (`generate.py`).
//!
//! With the variable `RUFOUS_REFERENCE` set to a folder of larger tables those are used instead,
//! and `RUFOUS_REPORT=1` prints what was found.

use std::fmt::Write;
use std::path::PathBuf;

use rufous_evaluator::kernels::{self, Binary, Isa, Operand, Pair, Unary};

/// One line of a table.
struct Entry {
    arguments: Vec<f64>,
    /// The result rounded to nearest, and the rest in ulp.
    high: f64,
    rest: f64,
}

fn folder() -> PathBuf {
    let here = || PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/kernels/reference");
    std::env::var_os("RUFOUS_REFERENCE").map_or_else(here, PathBuf::from)
}

fn table(name: &str) -> Vec<Entry> {
    let path = folder().join(format!("{name}.txt"));
    let text = std::fs::read_to_string(&path).unwrap();
    let number = |hex: &str| f64::from_bits(u64::from_str_radix(hex, 16).unwrap());
    let entry = |line: &str| {
        let words: Vec<&str> = line.split(' ').collect();
        let (rest, numbers) = words.split_last().unwrap();
        let (high, arguments) = numbers.split_last().unwrap();
        Entry {
            arguments: arguments.iter().map(|x| number(x)).collect(),
            high: number(high),
            rest: rest.parse::<f64>().unwrap() / 256.0,
        }
    };
    text.lines().map(entry).collect()
}

/// Distance from `x` to the next number away from zero.
fn ulp(x: f64) -> f64 {
    let x = x.abs();
    f64::from_bits(x.to_bits() + 1) - x
}

/// What errors are measured in.
#[derive(Clone, Copy, PartialEq)]
enum Unit {
    /// Ulp of the result.
    Result,
    /// Ulp of the result or of one, whichever is larger.
    ResultOrOne,
    /// Ulp of the result or of `x log(x)` for the sum of the arguments, which bounds their lgamma.
    LargestTerm,
    /// Ulp of the largest of the result and the arguments.
    Largest,
}

impl Unit {
    fn of(self, entry: &Entry) -> f64 {
        match self {
            Self::Result => ulp(entry.high),
            Self::ResultOrOne => ulp(entry.high).max(ulp(1.0)),
            Self::LargestTerm => {
                let total: f64 = entry.arguments.iter().sum();
                ulp(entry.high).max(ulp(total * total.ln())).max(ulp(1.0))
            }
            Self::Largest => entry
                .arguments
                .iter()
                .map(|x| ulp(*x))
                .fold(ulp(entry.high), f64::max),
        }
    }
}

/// The largest error and where it is.
fn worst(entries: &[Entry], got: &[f64], unit: Unit) -> (f64, Vec<f64>) {
    let mut worst = (0.0, vec![]);
    for (entry, got) in entries.iter().zip(got) {
        let difference = (got - entry.high) - entry.rest * ulp(entry.high);
        let error = difference.abs() / unit.of(entry);
        if error > worst.0 || error.is_nan() {
            worst = (error, entry.arguments.clone());
        }
    }
    worst
}

/// Runs a kernel on a table and compares with its bound, on every instruction set.
fn check(
    failures: &mut String,
    name: &str,
    bound: f64,
    unit: Unit,
    run: impl Fn(Isa, &[Entry]) -> Vec<f64>,
) {
    let entries = table(name);
    for isa in Isa::available() {
        let (error, place) = worst(&entries, &run(isa, &entries), unit);
        if std::env::var_os("RUFOUS_REPORT").is_some() {
            println!(
                "{name:18} {:7} {error:8.3} of {bound} at {place:?}",
                isa.name()
            );
        }
        if error > bound || error.is_nan() {
            writeln!(
                failures,
                "{name} on {}: {error} ulp at {place:?}",
                isa.name()
            )
            .unwrap();
        }
    }
}

fn column(entries: &[Entry], i: usize) -> Vec<f64> {
    entries.iter().map(|e| e.arguments[i]).collect()
}

fn unary(f: Unary) -> impl Fn(Isa, &[Entry]) -> Vec<f64> {
    move |isa, entries| {
        let x = column(entries, 0);
        let mut out = vec![0.0; x.len()];
        f(isa, &x, &mut out);
        out
    }
}

/// One of two results.
fn half(f: Pair, second: bool) -> impl Fn(Isa, &[Entry]) -> Vec<f64> {
    move |isa, entries| {
        let x = column(entries, 0);
        let (mut a, mut b) = (vec![0.0; x.len()], vec![0.0; x.len()]);
        f(isa, &x, &mut a, &mut b);
        if second { b } else { a }
    }
}

fn binary(f: Binary) -> impl Fn(Isa, &[Entry]) -> Vec<f64> {
    move |isa, entries| {
        let (a, b) = (column(entries, 0), column(entries, 1));
        let mut out = vec![0.0; a.len()];
        f(isa, Operand::Slice(&a), Operand::Slice(&b), &mut out);
        out
    }
}

/// The bounds stated in the documentation.
const UNARY: [(&str, Unary, f64); 34] = [
    ("exp", kernels::exp, 1.0),
    ("exp2", kernels::exp2, 1.0),
    ("expm1", kernels::expm1, 2.0),
    ("log", kernels::log, 0.8),
    ("log1p", kernels::log1p, 1.0),
    ("log2", kernels::log2, 2.0),
    ("log10", kernels::log10, 2.0),
    ("log1mexp", kernels::log1mexp, 2.0),
    ("softplus", kernels::softplus, 2.0),
    ("sigmoid", kernels::sigmoid, 2.0),
    ("tanh", kernels::tanh, 2.5),
    ("sinh", kernels::sinh, 3.0),
    ("cosh", kernels::cosh, 2.5),
    ("asinh", kernels::asinh, 3.0),
    ("acosh", kernels::acosh, 3.0),
    ("atanh", kernels::atanh, 3.0),
    ("sin", kernels::sin, 1.0),
    ("cos", kernels::cos, 1.0),
    ("tan", kernels::tan, 3.0),
    ("atan", kernels::atan, 1.5),
    ("asin", kernels::asin, 3.0),
    ("acos", kernels::acos, 3.0),
    ("lgamma", kernels::lgamma, 5.0),
    ("digamma", kernels::digamma, 4.0),
    ("trigamma", kernels::trigamma, 4.0),
    ("erf", kernels::erf, 2.0),
    ("erfc", kernels::erfc, 4.0),
    ("erfcx", kernels::erfcx, 4.0),
    ("log_ndtr", kernels::log_ndtr, 5.0),
    ("ndtr", kernels::ndtr, 5.0),
    ("i0", kernels::i0, 12.0),
    ("i1", kernels::i1, 12.0),
    ("i0e", kernels::i0e, 12.0),
    ("i1e", kernels::i1e, 12.0),
];

#[test]
fn errors_stay_below_the_stated_bounds() {
    let mut failures = String::new();
    for (name, f, bound) in UNARY {
        check(&mut failures, name, bound, Unit::Result, unary(f));
    }
    let f = &mut failures;
    check(f, "log_erfc", 4.0, Unit::Result, unary(kernels::log_erfc));
    check(
        f,
        "lgamma_negative",
        16.0,
        Unit::ResultOrOne,
        unary(kernels::lgamma),
    );
    check(
        f,
        "digamma_negative",
        16.0,
        Unit::ResultOrOne,
        unary(kernels::digamma),
    );
    check(
        f,
        "trigamma_negative",
        16.0,
        Unit::ResultOrOne,
        unary(kernels::trigamma),
    );
    check(f, "ndtr_left", 5.0, Unit::Result, unary(kernels::ndtr));
    check(
        f,
        "softplus",
        2.0,
        Unit::Result,
        half(kernels::softplus_sigmoid, false),
    );
    check(
        f,
        "sigmoid",
        2.0,
        Unit::Result,
        half(kernels::softplus_sigmoid, true),
    );
    check(f, "sin", 1.0, Unit::Result, half(kernels::sin_cos, false));
    check(f, "cos", 1.0, Unit::Result, half(kernels::sin_cos, true));
    check(
        f,
        "lgamma",
        5.0,
        Unit::Result,
        half(kernels::lgamma_digamma, false),
    );
    check(
        f,
        "digamma",
        4.0,
        Unit::Result,
        half(kernels::lgamma_digamma, true),
    );
    check(
        f,
        "log_ndtr_ratio",
        5.0,
        Unit::Result,
        half(kernels::log_ndtr_ratio, true),
    );
    check(f, "pow", 1.5, Unit::Result, binary(kernels::pow));
    check(f, "atan2", 2.5, Unit::Result, binary(kernels::atan2));
    check(
        f,
        "log_add_exp",
        2.0,
        Unit::Largest,
        binary(kernels::log_add_exp),
    );
    check(f, "betaln", 8.0, Unit::LargestTerm, binary(kernels::betaln));
    assert!(failures.is_empty(), "\n{failures}");
}
