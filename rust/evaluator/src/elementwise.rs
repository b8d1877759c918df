//! From elementwise operations to kernels.

use crate::kernels::{self as k, Binary, Isa, Operand, Quick1, Quick2, Single, Unary};
use crate::op::{BinaryOp, SingleOp, UnaryOp};

/// The function of one number as one that needs no call, where there is that.
pub(crate) fn quick_unary(op: UnaryOp) -> Option<Quick1> {
    Some(match op {
        UnaryOp::Neg => Quick1::Neg,
        UnaryOp::Abs => Quick1::Abs,
        UnaryOp::Sqr => Quick1::Sqr,
        UnaryOp::Sqrt => Quick1::Sqrt,
        UnaryOp::Reciprocal => Quick1::Reciprocal,
        UnaryOp::Exp => Quick1::Exp,
        UnaryOp::Log => Quick1::Log,
        UnaryOp::Sigmoid => Quick1::Sigmoid,
        UnaryOp::Not => Quick1::Not,
        _ => return None,
    })
}

/// The function of two numbers as one that needs no call, where there is that.
pub(crate) fn quick_binary(op: BinaryOp) -> Option<Quick2> {
    Some(match op {
        BinaryOp::Add => Quick2::Add,
        BinaryOp::Sub => Quick2::Sub,
        BinaryOp::Mul => Quick2::Mul,
        BinaryOp::Div => Quick2::Div,
        BinaryOp::Lt => Quick2::Lt,
        BinaryOp::Le => Quick2::Le,
        BinaryOp::Gt => Quick2::Gt,
        BinaryOp::Ge => Quick2::Ge,
        BinaryOp::Eq => Quick2::Eq,
        BinaryOp::And => Quick2::And,
        _ => return None,
    })
}

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
        UnaryOp::Lgamma => k::lgamma,
        UnaryOp::Digamma => k::digamma,
        UnaryOp::Trigamma => k::trigamma,
        UnaryOp::Erf => k::erf,
        UnaryOp::Erfc => k::erfc,
        UnaryOp::Erfcx => k::erfcx,
        UnaryOp::LogErfc => k::log_erfc,
        UnaryOp::I0 => k::i0,
        UnaryOp::I1 => k::i1,
        UnaryOp::I0e => k::i0e,
        UnaryOp::I1e => k::i1e,
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
        BinaryOp::GammaInc => k::gammainc,
        BinaryOp::GammaIncC => k::gammaincc,
        BinaryOp::Ive => k::ive,
    }
}

/// The function that computes one result of a rare function.
pub(crate) fn single(op: SingleOp) -> Single {
    match op {
        SingleOp::BetaInc => k::betainc,
        SingleOp::BetaIncByA => k::betainc_by_a,
        SingleOp::BetaIncByB => k::betainc_by_b,
        SingleOp::BetaIncByX => k::betainc_by_x,
        SingleOp::BetaIncInv => k::betaincinv,
        SingleOp::GammaIncByShape => k::gammainc_by_shape,
        SingleOp::GammaIncInv => k::gammaincinv,
        SingleOp::GammaIncCInv => k::gammainccinv,
        SingleOp::ErfInv => k::erfinv,
        SingleOp::ErfcInv => k::erfcinv,
        SingleOp::NdtriExp => k::ndtri_exp,
        SingleOp::OwensT => k::owens_t,
        SingleOp::PolyGamma => k::polygamma,
        SingleOp::Ive => k::ive_real,
        SingleOp::Kve => k::kve,
    }
}

/// `switch(condition, a, b)`.
pub(crate) fn switch(
    isa: Isa,
    condition: Operand<'_>,
    a: Operand<'_>,
    b: Operand<'_>,
    out: &mut [f64],
) {
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
