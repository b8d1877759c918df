//! What straight-line code consists of.

use super::region::Region;
use crate::kernels::{Binary, Places, Unary};

/// What an operation computes; the places say of what.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum What {
    Neg,
    Abs,
    Sqr,
    Sqrt,
    Reciprocal,
    Exp,
    Log,
    Sigmoid,
    Not,
    Add,
    Sub,
    Mul,
    Div,
    Lt,
    Le,
    Eq,
    And,
    AddNumber,
    SubNumber,
    NumberSub,
    MulNumber,
    DivNumber,
    NumberDiv,
    LtNumber,
    LeNumber,
    GtNumber,
    GeNumber,
    EqNumber,
    AndNumber,
    Choose,
    ChooseNumberNo,
    ChooseNumberYes,
    ChooseNumbers,
    SoftplusSigmoid,
    Fill,
    Copy,
    /// As `Copy`, but nothing past the end of the result is touched.
    Move,
    Sum,
    SumOfSquares,
    Dot,
    /// Operations on one number each.
    OneNeg,
    OneAbs,
    OneSqr,
    OneSqrt,
    OneReciprocal,
    OneExp,
    OneLog,
    OneLog1p,
    OneSigmoid,
    OneSoftplus,
    OneNot,
    OneAdd,
    OneSub,
    OneMul,
    OneDiv,
    OneLt,
    OneLe,
    OneEq,
    OneNe,
    OneAnd,
    OneOr,
    OneChoose,
    /// A kernel with this number in one of the tables.
    Unary(u16),
    Binary(u16),
    /// A loop nest with this number.
    Region(u16),
}

/// An operation.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Code {
    pub(crate) what: What,
    pub(crate) at: Places,
}

impl Code {
    /// Whether the operation stays inside an arena of this length.
    pub(crate) fn fits(&self, length: usize) -> bool {
        let at = self.at;
        match self.what {
            // Of any length, from one number.
            What::Fill => Places { a: 0, ..at }.fit(length) && (at.a as usize) < length,
            _ => at.fit(length),
        }
    }
}

/// Straight-line code with the kernels and loop nests that it calls by number.
#[derive(Clone, Default)]
pub(crate) struct Short {
    pub(crate) codes: Vec<Code>,
    pub(crate) unary: Vec<Unary>,
    pub(crate) binary: Vec<Binary>,
    pub(crate) regions: Vec<Region>,
}
