//! Zeros of both signs, subnormal numbers, infinities and NaN: as NumPy and `SciPy`
//! (`generate_edges.py`), and the same wherever in a slice an element stands.

use std::fmt::Write;

use rufous_evaluator::kernels::{self, Binary, Isa, Operand, Unary};

const UNARY: [(&str, Unary); 44] = [
    ("neg", kernels::neg),
    ("abs", kernels::abs),
    ("sign", kernels::sign),
    ("sqr", kernels::sqr),
    ("sqrt", kernels::sqrt),
    ("reciprocal", kernels::reciprocal),
    ("floor", kernels::floor),
    ("ceil", kernels::ceil),
    ("trunc", kernels::trunc),
    ("round_half_even", kernels::round_half_even),
    ("is_nan", kernels::is_nan),
    ("is_inf", kernels::is_inf),
    ("is_finite", kernels::is_finite),
    ("exp", kernels::exp),
    ("exp2", kernels::exp2),
    ("expm1", kernels::expm1),
    ("log", kernels::log),
    ("log1p", kernels::log1p),
    ("log2", kernels::log2),
    ("log10", kernels::log10),
    ("softplus", kernels::softplus),
    ("sigmoid", kernels::sigmoid),
    ("log_sigmoid", kernels::log_sigmoid),
    ("logit", kernels::logit),
    ("log1mexp", kernels::log1mexp),
    ("tanh", kernels::tanh),
    ("sinh", kernels::sinh),
    ("cosh", kernels::cosh),
    ("asinh", kernels::asinh),
    ("acosh", kernels::acosh),
    ("atanh", kernels::atanh),
    ("sin", kernels::sin),
    ("cos", kernels::cos),
    ("tan", kernels::tan),
    ("asin", kernels::asin),
    ("acos", kernels::acos),
    ("atan", kernels::atan),
    ("lgamma", kernels::lgamma),
    ("digamma", kernels::digamma),
    ("erf", kernels::erf),
    ("erfc", kernels::erfc),
    ("erfcx", kernels::erfcx),
    ("ndtr", kernels::ndtr),
    ("log_ndtr", kernels::log_ndtr),
];

const BINARY: [(&str, Binary); 23] = [
    ("add", kernels::add),
    ("sub", kernels::sub),
    ("mul", kernels::mul),
    ("div", kernels::div),
    ("min", kernels::min),
    ("max", kernels::max),
    ("floor_div", kernels::floor_div),
    ("modulo", kernels::modulo),
    ("lt", kernels::lt),
    ("le", kernels::le),
    ("gt", kernels::gt),
    ("ge", kernels::ge),
    ("eq", kernels::eq),
    ("ne", kernels::ne),
    ("and", kernels::and),
    ("or", kernels::or),
    ("xor", kernels::xor),
    ("pow", kernels::pow),
    ("atan2", kernels::atan2),
    ("log_add_exp", kernels::log_add_exp),
    ("xlogy", kernels::xlogy),
    ("xlog1py", kernels::xlog1py),
    ("copysign", kernels::copysign),
];

/// Where `SciPy` is not followed: its `gammaln` overflows for the smallest number and is -inf at
/// -inf, where the limit of the function of C is inf.
const EXCEPTIONS: [(&str, f64); 2] = [("lgamma", 5e-324), ("lgamma", f64::NEG_INFINITY)];

/// NaN for NaN, infinities and zeros with their signs, others to 1e-14 (or 4 subnormal steps).
///
/// A subnormal number will do for a zero: `SciPy` flushes some.
fn same(got: f64, want: f64) -> bool {
    if want.is_nan() || got.is_nan() {
        return want.is_nan() && got.is_nan();
    }
    if want.is_infinite() {
        return got == want;
    }
    if want == 0.0 {
        return got.abs() < f64::MIN_POSITIVE && got.is_sign_negative() == want.is_sign_negative();
    }
    (got - want).abs() <= (1e-14 * want.abs()).max(2e-323)
}

/// The lines of a kernel: arguments and result.
fn lines(name: &str) -> Vec<Vec<f64>> {
    let text = include_str!("reference/edges.txt");
    let number = |hex: &str| f64::from_bits(u64::from_str_radix(hex, 16).unwrap());
    let of_kernel = text.lines().map(|line| line.split(' ').collect::<Vec<_>>());
    of_kernel
        .filter(|words| words[0] == name)
        .map(|words| words[1..].iter().map(|hex| number(hex)).collect())
        .collect()
}

fn compare(failures: &mut String, name: &str, isa: Isa, lines: &[Vec<f64>], got: &[f64]) {
    for (line, got) in lines.iter().zip(got) {
        let (want, arguments) = line.split_last().unwrap();
        // Which zero is the smaller is left open.
        let zeros = matches!(name, "min" | "max") && *got == 0.0 && *want == 0.0;
        let exception = EXCEPTIONS.contains(&(name, arguments[0]));
        if !same(*got, *want) && !zeros && !exception {
            writeln!(
                failures,
                "{name}{arguments:?} on {}: {got:e}, not {want:e}",
                isa.name()
            )
            .unwrap();
        }
    }
}

#[test]
fn edges_are_those_of_numpy_and_scipy() {
    let mut failures = String::new();
    for isa in Isa::available() {
        for (name, f) in UNARY {
            let lines = lines(name);
            assert!(!lines.is_empty(), "{name}");
            let x: Vec<f64> = lines.iter().map(|line| line[0]).collect();
            let mut out = vec![0.0; x.len()];
            f(isa, &x, &mut out);
            compare(&mut failures, name, isa, &lines, &out);
        }
        for (name, f) in BINARY {
            let lines = lines(name);
            assert!(!lines.is_empty(), "{name}");
            let a: Vec<f64> = lines.iter().map(|line| line[0]).collect();
            let b: Vec<f64> = lines.iter().map(|line| line[1]).collect();
            let mut out = vec![0.0; a.len()];
            f(isa, Operand::Slice(&a), Operand::Slice(&b), &mut out);
            compare(&mut failures, name, isa, &lines, &out);
        }
    }
    assert!(failures.is_empty(), "\n{failures}");
}

#[test]
fn value_does_not_depend_on_the_place() {
    for isa in Isa::available() {
        for (name, f) in UNARY {
            let x: Vec<f64> = lines(name).iter().map(|line| line[0]).collect();
            let mut whole = vec![0.0; x.len()];
            f(isa, &x, &mut whole);
            for len in [1, 3, 8, 9, 13] {
                for start in [0, 1, 7, 14] {
                    let mut part = vec![0.0; len];
                    f(isa, &x[start..start + len], &mut part);
                    for (a, b) in part.iter().zip(&whole[start..]) {
                        assert!(
                            a.to_bits() == b.to_bits() || a.is_nan() && b.is_nan(),
                            "{name}"
                        );
                    }
                }
            }
            f(isa, &[], &mut []);
        }
        for (name, f) in BINARY {
            let pairs = lines(name);
            for line in pairs.iter().take(40) {
                let (mut a, mut b) = ([0.0; 3], [0.0; 3]);
                f(
                    isa,
                    Operand::Scalar(line[0]),
                    Operand::Slice(&[line[1]; 3]),
                    &mut a,
                );
                f(
                    isa,
                    Operand::Slice(&[line[0]; 3]),
                    Operand::Scalar(line[1]),
                    &mut b,
                );
                assert!(a[0].to_bits() == b[2].to_bits() || a[0].is_nan() && b[2].is_nan());
            }
        }
    }
}
