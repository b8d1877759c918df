//! Straight-line code: single numbers, and loop nests of one block.
//!
//! Where a nest has one block, every place is known when the program is made. Its instructions
//! become operations at fixed places of the arena, in one line with those on single numbers
//! before and after it; what they read of the shared data is copied to the arena of the thread.

use std::collections::HashMap;

use super::code::{Code, Short, What};
use super::layout::Layout;
use super::memory::Ref;
use super::region::{Dst, Instruction, Region, Src};
use super::scalar::Scalar;
use super::{Item, Part, Step};
use crate::elementwise;
use crate::kernels::{self as k, Binary, Places, Quick1, Quick2, Unary};
use crate::op::{BinaryOp, Op, UnaryOp};

/// Puts what can be straight-line code into one item where it follows each other.
pub(super) fn shorten(parts: Vec<Part>, layout: &mut Layout) -> Vec<Item> {
    let mut out = Vec::new();
    let mut writer = Writer::new(layout);
    for part in parts {
        match part {
            Part::Scalars(scalars) => scalars.iter().for_each(|s| writer.scalar(*s)),
            Part::Region(region) if region.space.is_one_block() => writer.region(&region),
            Part::Region(region) => {
                writer.finish(&mut out);
                out.push(Item::Region(region));
            }
            Part::Step(step) if is_line_of_parts(&step) => writer.join(&step),
            Part::Step(step) => {
                writer.finish(&mut out);
                out.push(Item::Step(step));
            }
        }
    }
    writer.finish(&mut out);
    out
}

/// Whether a step writes its inputs one after the other.
fn is_line_of_parts(step: &Step) -> bool {
    matches!(step.op, Op::Join(axis) if step.shape[..axis].iter().all(|&n| n == 1))
}

struct Writer<'a> {
    layout: &'a mut Layout,
    short: Short,
    /// Copies of shared data in the arena.
    adopted: HashMap<(usize, usize), u32>,
    /// Instructions of a nest that wait to become a nest of their own.
    waiting: Vec<Instruction>,
}

/// An operand: an array, or one number for all elements.
#[derive(Clone, Copy)]
enum Given {
    Array(u32),
    Number(u32),
}

impl<'a> Writer<'a> {
    fn new(layout: &'a mut Layout) -> Self {
        Self {
            layout,
            short: Short::default(),
            adopted: HashMap::new(),
            waiting: Vec::new(),
        }
    }

    fn finish(&mut self, out: &mut Vec<Item>) {
        if !self.short.codes.is_empty() {
            out.push(Item::Short(Box::new(std::mem::take(&mut self.short))));
        }
    }

    fn push(&mut self, what: What, at: Places) {
        self.short.codes.push(Code { what, at });
    }

    /// Where `count` numbers are in the arena.
    fn place(&mut self, at: Ref, count: usize) -> u32 {
        match at {
            Ref::Arena(at) => index(at),
            Ref::Data(at) => {
                let layout = &mut *self.layout;
                *self
                    .adopted
                    .entry((at, count))
                    .or_insert_with(|| index(layout.adopt(at, count)))
            }
        }
    }

    fn copy(&mut self, from: Ref, to: usize, count: usize) {
        let a = self.place(from, count);
        self.push(
            What::Move,
            Places {
                a,
                to: index(to),
                count: index(count),
                ..Places::default()
            },
        );
    }

    fn join(&mut self, step: &Step) {
        let mut to = step.to;
        for (from, shape) in &step.inputs {
            let count = crate::shape::size(shape);
            self.copy(*from, to, count);
            to += count;
        }
    }

    fn scalar(&mut self, scalar: Scalar) {
        let (what, at) = match scalar {
            Scalar::Unary { op, x, out } => {
                let what = single(op).unwrap_or_else(|| self.unary(elementwise::unary(op)));
                (what, self.numbers(&[x], out))
            }
            Scalar::Binary { op, a, b, out } => {
                let (what, swapped) = single_of_two(op)
                    .unwrap_or_else(|| (self.binary(elementwise::binary(op)), false));
                let inputs = if swapped { [b, a] } else { [a, b] };
                (what, self.numbers(&inputs, out))
            }
            Scalar::Switch {
                condition,
                a,
                b,
                out,
            } => (What::OneChoose, self.numbers(&[condition, a, b], out)),
        };
        self.push(what, at);
    }

    fn numbers(&mut self, inputs: &[Ref], out: usize) -> Places {
        let mut at = [0; 3];
        for (place, &x) in at.iter_mut().zip(inputs) {
            *place = self.place(x, 1);
        }
        let [a, b, c] = at;
        Places {
            a,
            b,
            c,
            to: index(out),
            count: 1,
        }
    }

    fn unary(&mut self, kernel: Unary) -> What {
        self.short.unary.push(kernel);
        What::Unary(short_index(self.short.unary.len() - 1))
    }

    fn binary(&mut self, kernel: Binary) -> What {
        self.short.binary.push(kernel);
        What::Binary(short_index(self.short.binary.len() - 1))
    }

    fn region(&mut self, region: &Region) {
        let count = region.space.rows * region.space.cols;
        for &(to, length, value) in &region.initial {
            if !region.instructions.iter().any(|i| sets(i) == Some(to)) {
                let a = index(self.layout.constant(value));
                let (to, count) = (index(to), index(length));
                // After a single number there is no room for a register.
                self.push(
                    if length == 1 { What::Move } else { What::Fill },
                    Places {
                        a,
                        to,
                        count,
                        ..Places::default()
                    },
                );
            }
        }
        if count == 0 {
            for to in region.instructions.iter().filter_map(sets) {
                let zero = Ref::Arena(self.layout.constant(0.0));
                self.copy(zero, to, 1);
            }
            return;
        }
        for instruction in &region.instructions {
            if !self.instruction(region, instruction, count) {
                self.waiting.push(instruction.clone());
            }
        }
        self.flush(region);
    }

    /// Makes a nest of the instructions that wait.
    fn flush(&mut self, region: &Region) {
        if self.waiting.is_empty() {
            return;
        }
        self.short.regions.push(Region {
            instructions: std::mem::take(&mut self.waiting),
            initial: Vec::new(),
            ..region.clone()
        });
        let last = short_index(self.short.regions.len() - 1);
        self.push(What::Region(last), Places::default());
    }

    fn emit(&mut self, region: &Region, what: What, at: Places) -> bool {
        self.flush(region);
        self.push(what, at);
        true
    }

    fn given(&mut self, region: &Region, src: Src, count: usize) -> Given {
        match src {
            Src::Block(at) => Given::Array(index(at)),
            Src::Linear(at) => Given::Array(self.place(at, count)),
            Src::Piece(access) => Given::Array(self.place(region.accesses[access].at, count)),
            Src::Number(at) => Given::Number(self.place(at, 1)),
            Src::Each(access) => Given::Number(self.place(region.accesses[access].at, 1)),
        }
    }

    /// Writes an instruction of a nest of one block; false where it has no short form.
    fn instruction(&mut self, region: &Region, instruction: &Instruction, n: usize) -> bool {
        if n == 1 && sets(instruction).is_none() {
            return false; // there is no room for a register after a single number
        }
        let count = index(n);
        let unary = |a: u32, to: u32| Places {
            a,
            to,
            count,
            ..Places::default()
        };
        match *instruction {
            Instruction::Quick1 { op, x, to } => match self.given(region, x, n) {
                Given::Array(a) => self.emit(region, mapped(op), unary(a, place_of(to))),
                Given::Number(_) => false,
            },
            Instruction::Copy { x, to } => match self.given(region, x, n) {
                Given::Array(a) => self.emit(region, What::Copy, unary(a, place_of(to))),
                Given::Number(a) => self.emit(region, What::Fill, unary(a, place_of(to))),
            },
            Instruction::Unary { kernel, x, to, .. } => match self.given(region, x, n) {
                Given::Array(a) => {
                    let what = self.unary(kernel);
                    self.emit(region, what, unary(a, place_of(to)))
                }
                Given::Number(_) => false,
            },
            Instruction::Quick2 { op, a, b, to } => {
                let (a, b) = (self.given(region, a, n), self.given(region, b, n));
                let Some((what, a, b)) = zipped(op, a, b) else {
                    return false;
                };
                let at = Places {
                    b,
                    ..unary(a, place_of(to))
                };
                self.emit(region, what, at)
            }
            Instruction::Switch {
                condition,
                a,
                b,
                to,
            } => {
                let Given::Array(condition) = self.given(region, condition, n) else {
                    return false;
                };
                let (what, b, c) = match (self.given(region, a, n), self.given(region, b, n)) {
                    (Given::Array(b), Given::Array(c)) => (What::Choose, b, c),
                    (Given::Array(b), Given::Number(c)) => (What::ChooseNumberNo, b, c),
                    (Given::Number(b), Given::Array(c)) => (What::ChooseNumberYes, b, c),
                    (Given::Number(b), Given::Number(c)) => (What::ChooseNumbers, b, c),
                };
                let at = Places {
                    b,
                    c,
                    ..unary(condition, place_of(to))
                };
                self.emit(region, what, at)
            }
            Instruction::Pair {
                kernel,
                x,
                first,
                second,
            } if std::ptr::fn_addr_eq(kernel, k::softplus_sigmoid as k::Pair) => {
                let Given::Array(a) = self.given(region, x, n) else {
                    return false;
                };
                let at = Places {
                    c: place_of(second),
                    ..unary(a, place_of(first))
                };
                self.emit(region, What::SoftplusSigmoid, at)
            }
            Instruction::Sum { x, out } => self.folded(region, What::Sum, [x, x], out, n),
            Instruction::SumOfSquares { x, out } => {
                self.folded(region, What::SumOfSquares, [x, x], out, n)
            }
            Instruction::Dot { a, b, out } => self.folded(region, What::Dot, [a, b], out, n),
            Instruction::Load { access, to } if region.space.rows == 1 => {
                let from = &region.accesses[access];
                let (at, stride) = (from.at, from.strides.last().copied());
                match stride {
                    Some(1) => {
                        let a = self.place(at, n);
                        self.emit(region, What::Copy, unary(a, place_of(to)))
                    }
                    Some(0) => {
                        let a = self.place(at, 1);
                        self.emit(region, What::Fill, unary(a, place_of(to)))
                    }
                    _ => false,
                }
            }
            _ => false,
        }
    }

    fn folded(&mut self, region: &Region, what: What, x: [Src; 2], out: usize, n: usize) -> bool {
        let [a, b] = x.map(|x| match self.given(region, x, n) {
            Given::Array(at) | Given::Number(at) => at,
        });
        let at = Places {
            a,
            b,
            to: index(out),
            count: index(n),
            ..Places::default()
        };
        self.emit(region, what, at)
    }
}

/// The number that an instruction of one block sets rather than adds to.
fn sets(instruction: &Instruction) -> Option<usize> {
    match *instruction {
        Instruction::Sum { out, .. }
        | Instruction::SumOfSquares { out, .. }
        | Instruction::Dot { out, .. } => Some(out),
        _ => None,
    }
}

fn place_of(dst: Dst) -> u32 {
    match dst {
        Dst::Block(at) | Dst::Linear(at) => index(at),
    }
}

fn index(at: usize) -> u32 {
    u32::try_from(at).expect("an arena is shorter than 2^32 numbers")
}

fn short_index(at: usize) -> u16 {
    u16::try_from(at).expect("a piece of straight-line code has fewer than 2^16 calls")
}

fn mapped(op: Quick1) -> What {
    match op {
        Quick1::Neg => What::Neg,
        Quick1::Abs => What::Abs,
        Quick1::Sqr => What::Sqr,
        Quick1::Sqrt => What::Sqrt,
        Quick1::Reciprocal => What::Reciprocal,
        Quick1::Exp => What::Exp,
        Quick1::Log => What::Log,
        Quick1::Sigmoid => What::Sigmoid,
        Quick1::Not => What::Not,
    }
}

/// An operation on two operands, and these in the order in which it takes them.
fn zipped(op: Quick2, a: Given, b: Given) -> Option<(What, u32, u32)> {
    use Given::{Array, Number};
    Some(match (op, a, b) {
        (Quick2::Add, Array(a), Array(b)) => (What::Add, a, b),
        (Quick2::Add, Array(a), Number(b)) | (Quick2::Add, Number(b), Array(a)) => {
            (What::AddNumber, a, b)
        }
        (Quick2::Mul, Array(a), Array(b)) => (What::Mul, a, b),
        (Quick2::Mul, Array(a), Number(b)) | (Quick2::Mul, Number(b), Array(a)) => {
            (What::MulNumber, a, b)
        }
        (Quick2::Eq, Array(a), Array(b)) => (What::Eq, a, b),
        (Quick2::Eq, Array(a), Number(b)) | (Quick2::Eq, Number(b), Array(a)) => {
            (What::EqNumber, a, b)
        }
        (Quick2::And, Array(a), Array(b)) => (What::And, a, b),
        (Quick2::And, Array(a), Number(b)) | (Quick2::And, Number(b), Array(a)) => {
            (What::AndNumber, a, b)
        }
        (Quick2::Sub, Array(a), Array(b)) => (What::Sub, a, b),
        (Quick2::Sub, Array(a), Number(b)) => (What::SubNumber, a, b),
        (Quick2::Sub, Number(b), Array(a)) => (What::NumberSub, a, b),
        (Quick2::Div, Array(a), Array(b)) => (What::Div, a, b),
        (Quick2::Div, Array(a), Number(b)) => (What::DivNumber, a, b),
        (Quick2::Div, Number(b), Array(a)) => (What::NumberDiv, a, b),
        (Quick2::Lt, Array(a), Array(b)) | (Quick2::Gt, Array(b), Array(a)) => (What::Lt, a, b),
        (Quick2::Le, Array(a), Array(b)) | (Quick2::Ge, Array(b), Array(a)) => (What::Le, a, b),
        (Quick2::Lt, Array(a), Number(b)) | (Quick2::Gt, Number(b), Array(a)) => {
            (What::LtNumber, a, b)
        }
        (Quick2::Le, Array(a), Number(b)) | (Quick2::Ge, Number(b), Array(a)) => {
            (What::LeNumber, a, b)
        }
        (Quick2::Gt, Array(a), Number(b)) | (Quick2::Lt, Number(b), Array(a)) => {
            (What::GtNumber, a, b)
        }
        (Quick2::Ge, Array(a), Number(b)) | (Quick2::Le, Number(b), Array(a)) => {
            (What::GeNumber, a, b)
        }
        (_, Number(_), Number(_)) => return None,
    })
}

/// A function of one number without a call, where there is that.
fn single(op: UnaryOp) -> Option<What> {
    Some(match op {
        UnaryOp::Neg => What::OneNeg,
        UnaryOp::Abs => What::OneAbs,
        UnaryOp::Sqr => What::OneSqr,
        UnaryOp::Sqrt => What::OneSqrt,
        UnaryOp::Reciprocal => What::OneReciprocal,
        UnaryOp::Exp => What::OneExp,
        UnaryOp::Log => What::OneLog,
        UnaryOp::Log1p => What::OneLog1p,
        UnaryOp::Sigmoid => What::OneSigmoid,
        UnaryOp::Softplus => What::OneSoftplus,
        UnaryOp::Not => What::OneNot,
        _ => return None,
    })
}

/// A function of two numbers without a call, where there is that, and whether it takes them in
/// the other order.
fn single_of_two(op: BinaryOp) -> Option<(What, bool)> {
    Some(match op {
        BinaryOp::Add => (What::OneAdd, false),
        BinaryOp::Sub => (What::OneSub, false),
        BinaryOp::Mul => (What::OneMul, false),
        BinaryOp::Div => (What::OneDiv, false),
        BinaryOp::Lt => (What::OneLt, false),
        BinaryOp::Gt => (What::OneLt, true),
        BinaryOp::Le => (What::OneLe, false),
        BinaryOp::Ge => (What::OneLe, true),
        BinaryOp::Eq => (What::OneEq, false),
        BinaryOp::Ne => (What::OneNe, false),
        BinaryOp::And => (What::OneAnd, false),
        BinaryOp::Or => (What::OneOr, false),
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use crate::graph::{Graph, NodeId};
    use crate::kernels::Isa;
    use crate::op::{Op, Reduction, UnaryOp};
    use crate::program::Program;

    /// The start of a largest element is one number: what is next to it must stay.
    #[test]
    fn neighbours_of_single_numbers_stay() {
        for isa in Isa::available() {
            let mut g = Graph::new(isa);
            let x: Vec<NodeId> = (0..3)
                .map(|k| g.intern(Op::Param(5 * k), vec![], vec![5]))
                .collect();
            let lines: Vec<NodeId> = x.iter().map(|&x| g.unary(UnaryOp::Exp, x)).collect();
            let mut outputs = Vec::new();
            for how in [
                Reduction::Max,
                Reduction::Sum,
                Reduction::Min,
                Reduction::Product,
            ] {
                outputs.extend(lines.iter().map(|&line| g.reduce(how, line, &[0])));
            }
            outputs.extend(&lines);
            let program = Program::compile(&g, &outputs);
            let position: Vec<f64> = (0..15).map(|i| f64::from(i) / 8.0 - 1.0).collect();
            let mut out = vec![0.0; program.output_size()];
            program.run(&mut program.workspace(), &position, &mut out);
            let close =
                |a: f64, b: f64| assert!((a - b).abs() <= 1e-14 * b.abs(), "{a} is not {b}");
            for (k, line) in position.chunks_exact(5).enumerate() {
                let line: Vec<f64> = line.iter().map(|x| x.exp()).collect();
                close(out[k], line[4]);
                close(out[3 + k], line.iter().sum());
                close(out[6 + k], line[0]);
                close(out[9 + k], line.iter().product());
                for (i, &x) in line.iter().enumerate() {
                    close(out[12 + 5 * k + i], x);
                }
            }
        }
    }
}
