//! The interpreter of straight-line code.

// The loop must become one function per instruction set; see `kernels::lanes`.
#![allow(clippy::inline_always)]

use super::Program;
use super::code::{Code, Short, What};
use super::memory::Memory;
use crate::kernels::{self as k, Arena, Kernel, Lanes, Operand, Places, padded as p};

impl Program {
    /// Runs straight-line code.
    pub(super) fn short(&self, short: &Short, memory: Memory<'_>) {
        self.isa.run(Line {
            program: self,
            short,
            memory,
        });
    }
}

/// Straight-line code as one piece of code for each instruction set.
struct Line<'a> {
    program: &'a Program,
    short: &'a Short,
    memory: Memory<'a>,
}

impl Kernel for Line<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let arena = self.memory.arena();
        for code in &self.short.codes {
            // SAFETY: the places of all codes were compared with the length of the arena when the
            // program was made, and no slice of the arena is alive.
            unsafe { self.execute(lanes, arena, code) };
        }
    }
}

/// Truth as a number.
#[inline(always)]
fn truth(t: bool) -> f64 {
    f64::from(u8::from(t))
}

impl Line<'_> {
    #[inline(always)]
    unsafe fn execute<S: Lanes>(&self, lanes: S, m: Arena<'_>, code: &Code) {
        let at = &code.at;
        // SAFETY: the caller's places fit the arena; an operation writes where it reads only
        // element by element.
        unsafe {
            match code.what {
                What::Neg => m.map::<S, p::Neg>(lanes, at),
                What::Abs => m.map::<S, p::Abs>(lanes, at),
                What::Sqr => m.map::<S, p::Sqr>(lanes, at),
                What::Sqrt => m.map::<S, p::Sqrt>(lanes, at),
                What::Reciprocal => m.map::<S, p::Reciprocal>(lanes, at),
                What::Exp => m.map_kept::<S, p::Exp>(lanes, at),
                What::Log => m.map_kept::<S, p::Log>(lanes, at),
                What::Sigmoid => m.map_kept::<S, p::Sigmoid>(lanes, at),
                What::Not => m.map::<S, p::Not>(lanes, at),
                What::Add => m.zip::<S, p::Add>(lanes, at),
                What::Sub => m.zip::<S, p::Sub>(lanes, at),
                What::Mul => m.zip::<S, p::Mul>(lanes, at),
                What::Div => m.zip::<S, p::Div>(lanes, at),
                What::Lt => m.zip::<S, p::Lt>(lanes, at),
                What::Le => m.zip::<S, p::Le>(lanes, at),
                What::Eq => m.zip::<S, p::Eq>(lanes, at),
                What::And => m.zip::<S, p::And>(lanes, at),
                What::AddNumber => m.zip_number::<S, p::Add>(lanes, at),
                What::SubNumber => m.zip_number::<S, p::Sub>(lanes, at),
                What::NumberSub => m.number_zip::<S, p::Sub>(lanes, at),
                What::MulNumber => m.zip_number::<S, p::Mul>(lanes, at),
                What::DivNumber => m.zip_number::<S, p::Div>(lanes, at),
                What::NumberDiv => m.number_zip::<S, p::Div>(lanes, at),
                What::LtNumber => m.zip_number::<S, p::Lt>(lanes, at),
                What::LeNumber => m.zip_number::<S, p::Le>(lanes, at),
                What::GtNumber => m.zip_number::<S, p::Gt>(lanes, at),
                What::GeNumber => m.zip_number::<S, p::Ge>(lanes, at),
                What::EqNumber => m.zip_number::<S, p::Eq>(lanes, at),
                What::AndNumber => m.zip_number::<S, p::And>(lanes, at),
                What::Choose => m.choose::<S, false, false>(lanes, at),
                What::ChooseNumberNo => m.choose::<S, false, true>(lanes, at),
                What::ChooseNumberYes => m.choose::<S, true, false>(lanes, at),
                What::ChooseNumbers => m.choose::<S, true, true>(lanes, at),
                What::SoftplusSigmoid => m.map_pair::<S, p::SoftplusSigmoid>(lanes, at),
                What::Fill => m.fill(lanes, at),
                What::Copy => m.map::<S, p::Same>(lanes, at),
                What::Move => m.move_exactly(at),
                What::Sum => m.fold1(lanes, k::Terms, at),
                What::SumOfSquares => m.fold1(lanes, k::Squares, at),
                What::Dot => m.fold2(lanes, k::Products, at),
                What::OneExp => m.single::<S, p::Exp>(lanes, at),
                What::OneLog => m.single::<S, p::Log>(lanes, at),
                What::OneLog1p => m.single::<S, p::Log1p>(lanes, at),
                What::OneSigmoid => m.single::<S, p::Sigmoid>(lanes, at),
                What::OneSoftplus => m.single::<S, p::Softplus>(lanes, at),
                What::Unary(index) => self.unary(index, m, at),
                What::Binary(index) => self.binary(index, m, at),
                What::Region(index) => {
                    let region = &self.short.regions[usize::from(index)];
                    self.program.region(region, self.memory);
                }
                What::OneNeg => m.set(at.to, -m.number(at.a)),
                What::OneAbs => m.set(at.to, m.number(at.a).abs()),
                What::OneSqr => m.set(at.to, m.number(at.a) * m.number(at.a)),
                What::OneSqrt => m.set(at.to, m.number(at.a).sqrt()),
                What::OneReciprocal => m.set(at.to, m.number(at.a).recip()),
                What::OneNot => m.set(at.to, truth(m.number(at.a) == 0.0)),
                What::OneAdd => m.set(at.to, m.number(at.a) + m.number(at.b)),
                What::OneSub => m.set(at.to, m.number(at.a) - m.number(at.b)),
                What::OneMul => m.set(at.to, m.number(at.a) * m.number(at.b)),
                What::OneDiv => m.set(at.to, m.number(at.a) / m.number(at.b)),
                What::OneLt => m.set(at.to, truth(m.number(at.a) < m.number(at.b))),
                What::OneLe => m.set(at.to, truth(m.number(at.a) <= m.number(at.b))),
                What::OneEq => m.set(at.to, truth(m.number(at.a) == m.number(at.b))),
                What::OneNe => m.set(at.to, truth(m.number(at.a) != m.number(at.b))),
                What::OneAnd => m.set(
                    at.to,
                    truth((m.number(at.a) != 0.0) & (m.number(at.b) != 0.0)),
                ),
                What::OneOr => m.set(
                    at.to,
                    truth((m.number(at.a) != 0.0) | (m.number(at.b) != 0.0)),
                ),
                What::OneChoose => {
                    let chosen = if m.number(at.a) == 0.0 { at.c } else { at.b };
                    m.set(at.to, m.number(chosen));
                }
            }
        }
    }

    #[inline(never)]
    unsafe fn unary(&self, index: u16, m: Arena<'_>, at: &Places) {
        let kernel = self.short.unary[usize::from(index)];
        // SAFETY: the caller's places fit the arena; the arrays do not overlap.
        let (x, out) = unsafe { (m.slice(at.a, at.count), m.slice_mut(at.to, at.count)) };
        kernel(self.program.isa, x, out);
    }

    #[inline(never)]
    unsafe fn binary(&self, index: u16, m: Arena<'_>, at: &Places) {
        let kernel = self.short.binary[usize::from(index)];
        // SAFETY: the caller's places fit the arena.
        let (a, b, out) = unsafe { (m.number(at.a), m.number(at.b), m.slice_mut(at.to, 1)) };
        kernel(
            self.program.isa,
            Operand::Scalar(a),
            Operand::Scalar(b),
            out,
        );
    }
}
