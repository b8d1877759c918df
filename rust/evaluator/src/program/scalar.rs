//! Straight-line code for single numbers.

use super::memory::Ref;
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
