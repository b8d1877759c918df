//! Straight-line code for single numbers.

use super::memory::{Memory, Ref};
use crate::elementwise;
use crate::kernels::{Isa, Operand};
use crate::op::{BinaryOp, UnaryOp};

/// One operation on single numbers; the result goes to the arena at `out`.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Scalar {
    Unary {
        op: UnaryOp,
        x: Ref,
        out: usize,
    },
    Binary {
        op: BinaryOp,
        a: Ref,
        b: Ref,
        out: usize,
    },
    Switch {
        condition: Ref,
        a: Ref,
        b: Ref,
        out: usize,
    },
}

impl Scalar {
    /// Runs the operation.
    #[inline]
    pub(crate) fn run(self, isa: Isa, m: Memory<'_>) {
        match self {
            Self::Unary { op, x, out } => m.set(out, unary(isa, op, m.number(x))),
            Self::Binary { op, a, b, out } => m.set(out, binary(isa, op, m.number(a), m.number(b))),
            Self::Switch {
                condition,
                a,
                b,
                out,
            } => {
                let taken = if m.number(condition) == 0.0 { b } else { a };
                m.set(out, m.number(taken));
            }
        }
    }
}

#[inline]
fn unary(isa: Isa, op: UnaryOp, x: f64) -> f64 {
    match op {
        UnaryOp::Neg => -x,
        UnaryOp::Sqr => x * x,
        UnaryOp::Sqrt => x.sqrt(),
        UnaryOp::Reciprocal => x.recip(),
        UnaryOp::Exp => x.exp(),
        UnaryOp::Log => x.ln(),
        UnaryOp::Abs => x.abs(),
        UnaryOp::Not => f64::from(x == 0.0),
        UnaryOp::IsNan => f64::from(x.is_nan()),
        UnaryOp::IsInf => f64::from(x.is_infinite()),
        _ => {
            let mut out = [0.0];
            elementwise::unary(op)(isa, &[x], &mut out);
            out[0]
        }
    }
}

#[inline]
fn binary(isa: Isa, op: BinaryOp, a: f64, b: f64) -> f64 {
    let truth = |t: bool| f64::from(t);
    match op {
        BinaryOp::Add => a + b,
        BinaryOp::Sub => a - b,
        BinaryOp::Mul => a * b,
        BinaryOp::Div => a / b,
        BinaryOp::Lt => truth(a < b),
        BinaryOp::Le => truth(a <= b),
        BinaryOp::Gt => truth(a > b),
        BinaryOp::Ge => truth(a >= b),
        BinaryOp::Eq => truth(a == b),
        BinaryOp::Ne => truth(a != b),
        BinaryOp::And => truth(a != 0.0 && b != 0.0),
        BinaryOp::Or => truth(a != 0.0 || b != 0.0),
        _ => {
            let mut out = [0.0];
            elementwise::binary(op)(isa, Operand::Scalar(a), Operand::Scalar(b), &mut out);
            out[0]
        }
    }
}
