//! From elementwise operations to kernels.

use crate::kernels::{self as k, Binary, Isa, Operand, Unary};
use crate::op::{BinaryOp, UnaryOp};

/// The kernel of a function of one number.
pub(crate) fn unary(op: UnaryOp) -> Unary {
    match op {
        UnaryOp::Neg => k::neg,
        UnaryOp::Abs => k::abs,
        UnaryOp::Sign => k::sign,
        UnaryOp::Ceil => k::ceil,
        UnaryOp::Floor => k::floor,
        UnaryOp::Trunc => k::trunc,
        UnaryOp::RoundHalfEven => k::round_half_even,
        UnaryOp::RoundHalfAway => k::round_half_away,
        UnaryOp::Sqr => k::sqr,
        UnaryOp::Sqrt => k::sqrt,
        UnaryOp::Reciprocal => k::reciprocal,
        UnaryOp::Exp => k::exp,
        UnaryOp::Expm1 => k::expm1,
        UnaryOp::Log => k::log,
        UnaryOp::Log1p => k::log1p,
        UnaryOp::Log2 => k::log2,
        UnaryOp::Log10 => k::log10,
        UnaryOp::Log1mExp => k::log1mexp,
        UnaryOp::Softplus => k::softplus,
        UnaryOp::Sigmoid => k::sigmoid,
        UnaryOp::Sin => k::sin,
        UnaryOp::Cos => k::cos,
        UnaryOp::Tan => k::tan,
        UnaryOp::Asin => k::asin,
        UnaryOp::Acos => k::acos,
        UnaryOp::Atan => k::atan,
        UnaryOp::Sinh => k::sinh,
        UnaryOp::Cosh => k::cosh,
        UnaryOp::Tanh => k::tanh,
        UnaryOp::Asinh => k::asinh,
        UnaryOp::Acosh => k::acosh,
        UnaryOp::Atanh => k::atanh,
        UnaryOp::Lgamma => placeholder::lgamma,
        UnaryOp::Digamma => placeholder::digamma,
        UnaryOp::Trigamma => placeholder::trigamma,
        UnaryOp::Erf => placeholder::erf,
        UnaryOp::Erfc => placeholder::erfc,
        UnaryOp::Erfcx => placeholder::erfcx,
        UnaryOp::LogErfc => placeholder::log_erfc,
        UnaryOp::I0 | UnaryOp::I1 => placeholder::nan,
        UnaryOp::IsNan => k::is_nan,
        UnaryOp::IsInf => k::is_inf,
        UnaryOp::Not => k::not,
        UnaryOp::ToSingle => to_single,
        UnaryOp::Detach => copy,
    }
}

/// The kernel of a function of two numbers.
pub(crate) fn binary(op: BinaryOp) -> Binary {
    match op {
        BinaryOp::Add => k::add,
        BinaryOp::Sub => k::sub,
        BinaryOp::Mul => k::mul,
        BinaryOp::Div => k::div,
        BinaryOp::FloorDiv => k::floor_div,
        BinaryOp::Mod => k::modulo,
        BinaryOp::Pow => k::pow,
        BinaryOp::Max => k::max,
        BinaryOp::Min => k::min,
        BinaryOp::Atan2 => k::atan2,
        BinaryOp::Lt => k::lt,
        BinaryOp::Le => k::le,
        BinaryOp::Gt => k::gt,
        BinaryOp::Ge => k::ge,
        BinaryOp::Eq => k::eq,
        BinaryOp::Ne => k::ne,
        BinaryOp::And => k::and,
        BinaryOp::Or => k::or,
        BinaryOp::Xor => k::xor,
        BinaryOp::LogAddExp => k::log_add_exp,
    }
}

/// `switch(condition, a, b)`.
pub(crate) fn switch(isa: Isa, condition: Operand<'_>, a: Operand<'_>, b: Operand<'_>, out: &mut [f64]) {
    k::switch(isa, condition, a, b, out);
}

fn copy(_: Isa, x: &[f64], out: &mut [f64]) {
    out.copy_from_slice(x);
}

#[allow(clippy::cast_possible_truncation)] // rounding is the point
fn to_single(_: Isa, x: &[f64], out: &mut [f64]) {
    for (to, &from) in out.iter_mut().zip(x) {
        *to = f64::from(from as f32);
    }
}

mod placeholder {
    use super::Isa;
    fn each(x: &[f64], out: &mut [f64], f: impl Fn(f64) -> f64) {
        for (o, &x) in out.iter_mut().zip(x) { *o = f(x); }
    }
    pub fn nan(_: Isa, _: &[f64], out: &mut [f64]) { out.fill(f64::NAN); }
    pub fn lgamma(_: Isa, x: &[f64], out: &mut [f64]) { each(x, out, lg) }
    fn lg(x: f64) -> f64 {
        if x.is_nan() { return x; }
        if x == f64::INFINITY { return x; }
        if x <= 0.0 {
            if x == x.floor() { return f64::INFINITY; }
            return (std::f64::consts::PI / (std::f64::consts::PI * x).sin().abs()).ln() - lg(1.0 - x);
        }
        let mut y = x; let mut shift = 1.0f64;
        while y < 15.0 { shift *= y; y += 1.0; }
        let r = 1.0 / (y * y);
        let series = (1.0/12.0 - r*(1.0/360.0 - r*(1.0/1260.0 - r*(1.0/1680.0 - r*(1.0/1188.0 - r*691.0/360360.0)))))/y;
        (y - 0.5) * y.ln() - y + 0.918_938_533_204_672_8 + series - shift.ln()
    }
    pub fn digamma(_: Isa, x: &[f64], out: &mut [f64]) { each(x, out, |x| {
        if x <= 0.0 { return f64::NAN; }
        let mut y = x; let mut s = 0.0;
        while y < 15.0 { s -= 1.0 / y; y += 1.0; }
        let r = 1.0 / (y * y);
        s + y.ln() - 0.5 / y - r*(1.0/12.0 - r*(1.0/120.0 - r*(1.0/252.0 - r*(1.0/240.0 - r*(1.0/132.0 - r*691.0/32760.0)))))
    }) }
    pub fn trigamma(_: Isa, x: &[f64], out: &mut [f64]) { each(x, out, |x| {
        let mut y = x; let mut s = 0.0;
        while y < 15.0 { s += 1.0 / (y * y); y += 1.0; }
        let r = 1.0 / (y * y);
        s + 1.0/y + 0.5*r + r/y*(1.0/6.0 - r*(1.0/30.0 - r*(1.0/42.0 - r*(1.0/30.0 - r*5.0/66.0))))
    }) }
    fn cx(x: f64) -> f64 {
        if x < 2.0 { return (x * x).exp() * (1.0 - er(x)); }
        let mut f = 0.0;
        for k in (1..200).rev() { f = f64::from(k) / 2.0 / (x + f); }
        1.0 / (x + f) / std::f64::consts::PI.sqrt()
    }
    fn er(x: f64) -> f64 {
        if x.abs() > 2.0 { let t = cx(x.abs()) * (-x * x).exp(); return if x > 0.0 { 1.0 - t } else { t - 1.0 }; }
        let mut term = x; let mut sum = x;
        for n in 1..100 { term *= 2.0 * x * x / f64::from(2 * n + 1); sum += term; }
        std::f64::consts::FRAC_2_SQRT_PI * sum * (-x * x).exp()
    }
    pub fn erf(_: Isa, x: &[f64], out: &mut [f64]) { each(x, out, er) }
    pub fn erfc(_: Isa, x: &[f64], out: &mut [f64]) { each(x, out, |x| if x > 2.0 { cx(x) * (-x*x).exp() } else { 1.0 - er(x) }) }
    pub fn erfcx(_: Isa, x: &[f64], out: &mut [f64]) { each(x, out, cx) }
    pub fn log_erfc(_: Isa, x: &[f64], out: &mut [f64]) { each(x, out, |x| if x > 2.0 { cx(x).ln() - x*x } else { (1.0 - er(x)).ln() }) }
}
