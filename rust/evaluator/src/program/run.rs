//! The interpreter.

// A loop nest must become one function per instruction set; see `kernels::lanes`.
#![allow(clippy::inline_always)]

use super::memory::{Memory, Ref};
use super::region::{Dst, Instruction, Region, Src};
use super::space::{Access, Tile};
use super::{Item, Program, Step, Workspace};
use crate::eager::{self, Array};
use crate::kernels::{self as k, Isa, Kernel, Lanes, MatrixRef, Operand};
use crate::op::{Op, Reduction};
use crate::scan::LoopWorkspace;
use crate::shape::size;

impl Program {
    /// Computes the outputs from the inputs.
    pub(crate) fn run(&self, work: &mut Workspace, input: &[f64], out: &mut [f64]) {
        self.run_into(work, input, |at, values| match (values, &mut out[at..]) {
            ([value], [first, ..]) => *first = *value,
            (values, rest) => rest[..values.len()].copy_from_slice(values),
        });
    }

    /// Computes the outputs from the inputs and hands over each with its place in their line.
    #[inline]
    pub(crate) fn run_into(
        &self,
        work: &mut Workspace,
        input: &[f64],
        mut write: impl FnMut(usize, &[f64]),
    ) {
        let Workspace { arena, loops } = work;
        arena[..self.input_size].copy_from_slice(&input[..self.input_size]);
        let memory = Memory::new(arena, &self.data);
        for item in &self.items {
            match item {
                Item::Short(short) => self.short(short, memory),
                Item::Region(region) => self.region(region, memory),
                Item::Step(step) => self.step(step, memory, loops),
            }
        }
        let mut at = 0;
        for &(from, count) in &self.outputs {
            // SAFETY: nothing writes to the arena any more.
            write(at, unsafe { memory.read(from, count) });
            at += count;
        }
    }

    fn step(&self, step: &Step, memory: Memory<'_>, loops: &mut [LoopWorkspace]) {
        // SAFETY: the result of a step has its own place in the arena.
        let (read, out) = unsafe {
            let read = |at, n| memory.read(at, n);
            (read, memory.write(step.to, size(&step.shape)))
        };
        if let Some(body) = step.body {
            let parts: Vec<&[f64]> = step
                .inputs
                .iter()
                .map(|(at, shape)| read(*at, size(shape)))
                .collect();
            if matches!(step.op, Op::ScanPullback(_)) {
                self.loops[body].0.run_back(&mut loops[body], &parts, out);
            } else {
                self.loops[body].0.run(&mut loops[body], &parts, out);
            }
            return;
        }
        let mut arrays = [Array {
            values: &[],
            shape: &[],
        }; 3];
        if step.inputs.len() <= arrays.len() {
            for (array, (at, shape)) in arrays.iter_mut().zip(&step.inputs) {
                *array = Array {
                    values: read(*at, size(shape)),
                    shape,
                };
            }
            eager::evaluate(
                self.isa,
                &step.op,
                &arrays[..step.inputs.len()],
                &step.shape,
                out,
            );
        } else {
            let arrays: Vec<Array<'_>> = step
                .inputs
                .iter()
                .map(|(at, shape)| Array {
                    values: read(*at, size(shape)),
                    shape,
                })
                .collect();
            eager::evaluate(self.isa, &step.op, &arrays, &step.shape, out);
        }
    }

    pub(super) fn region(&self, region: &Region, memory: Memory<'_>) {
        for &(at, count, value) in &region.initial {
            if count == 1 {
                memory.set(at, value);
            } else {
                // SAFETY: no other slice of the arena is alive.
                unsafe { memory.write(at, count) }.fill(value);
            }
        }
        self.isa.run(Sweep {
            program: self,
            region,
            memory,
        });
    }
}

/// A loop nest as one piece of code for each instruction set.
struct Sweep<'a> {
    program: &'a Program,
    region: &'a Region,
    memory: Memory<'a>,
}

impl Kernel for Sweep<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let mut tiles = self.region.space.tiles();
        while let Some(tile) = tiles.next() {
            let block = Block {
                program: self.program,
                isa: self.program.isa,
                region: self.region,
                memory: self.memory,
                tile,
                count: tile.len(),
            };
            for instruction in &self.region.instructions {
                block.execute(lanes, instruction);
            }
        }
    }
}

/// One block of a loop nest while it runs.
struct Block<'a> {
    program: &'a Program,
    isa: Isa,
    region: &'a Region,
    memory: Memory<'a>,
    tile: Tile<'a>,
    count: usize,
}

impl<'a> Block<'a> {
    /// The elements that an instruction reads.
    #[inline(always)]
    fn slice(&self, src: Src) -> &'a [f64] {
        let at = match src {
            Src::Block(at) => Ref::Arena(at),
            Src::Linear(at) => at.plus(self.tile.linear.cast_signed()),
            Src::Piece(access) => self.tile.start(&self.region.accesses[access]),
            Src::Number(_) | Src::Each(_) => {
                debug_assert!(false, "a number where elements are read");
                return &[];
            }
        };
        // SAFETY: no instruction reads what it writes: blocks are given out by last use, and arrays
        // are written by one instruction each.
        unsafe { self.memory.read(at, self.count) }
    }

    #[inline(always)]
    fn operand(&self, src: Src) -> Operand<'a> {
        match src {
            Src::Number(at) => Operand::Scalar(self.memory.number(at)),
            Src::Each(access) => {
                let at = self.tile.start(&self.region.accesses[access]);
                Operand::Scalar(self.memory.number(at))
            }
            _ => Operand::Slice(self.slice(src)),
        }
    }

    #[inline(always)]
    fn target(&self, dst: Dst) -> &'a mut [f64] {
        let at = match dst {
            Dst::Block(at) => at,
            Dst::Linear(at) => at + self.tile.linear,
        };
        // SAFETY: as for reading; an instruction with two results writes to two places.
        unsafe { self.memory.write(at, self.count) }
    }

    /// Adds to a number that collects.
    #[inline(always)]
    fn add(&self, out: usize, value: f64) {
        self.memory
            .set(out, self.memory.number(Ref::Arena(out)) + value);
    }

    /// Runs an instruction; the frequent ones without a call.
    #[inline(always)]
    fn execute<S: Lanes>(&self, lanes: S, instruction: &Instruction) {
        match *instruction {
            Instruction::Quick1 { op, x, to } => {
                k::quick1(lanes, op, self.slice(x), self.target(to));
            }
            Instruction::Quick2 { op, a, b, to } => {
                k::quick2(lanes, op, self.operand(a), self.operand(b), self.target(to));
            }
            Instruction::Switch {
                condition,
                a,
                b,
                to,
            } => {
                let (condition, to) = (self.operand(condition), self.target(to));
                k::quick_switch(lanes, condition, self.operand(a), self.operand(b), to);
            }
            Instruction::Sum { x, out } => self.add(out, k::Sum([self.slice(x)]).run(lanes)),
            Instruction::SumOfSquares { x, out } => {
                self.add(out, k::SumSqr([self.slice(x)]).run(lanes));
            }
            Instruction::Dot { a, b, out } => {
                self.add(out, k::Dot([self.slice(a), self.slice(b)]).run(lanes));
            }
            Instruction::Copy { x, to } => k::quick_copy(lanes, self.slice(x), self.target(to)),
            Instruction::Load { access, to } => self.load(lanes, access, self.target(to)),
            Instruction::Reduce {
                how: Reduction::Sum,
                x,
                access,
            } => self.sum(lanes, self.slice(x), access),
            _ => self.call(instruction),
        }
    }

    /// Runs an instruction that is a call anyway.
    #[inline(never)]
    fn call(&self, instruction: &Instruction) {
        let isa = self.isa;
        match *instruction {
            Instruction::Unary { kernel, x, to, .. } => kernel(isa, self.slice(x), self.target(to)),
            Instruction::Binary {
                kernel, a, b, to, ..
            } => {
                kernel(isa, self.operand(a), self.operand(b), self.target(to));
            }
            Instruction::Pair {
                kernel,
                x,
                first,
                second,
            } => {
                kernel(isa, self.slice(x), self.target(first), self.target(second));
            }
            Instruction::Gather { table, from, to } => self.gather(table, from, self.target(to)),
            Instruction::Scatter { table, x, out } => self.scatter(table, self.slice(x), out),
            Instruction::Product { matrix, x, to } => {
                let matrix = self.matrix(matrix);
                // SAFETY: the vector was computed in an earlier phase.
                let x = unsafe { self.memory.read(x, matrix.rows()) };
                k::gemv_t(isa, matrix, x, self.target(to));
            }
            Instruction::ProductBack { matrix, x, out } => {
                let matrix = self.matrix(matrix);
                // SAFETY: only this instruction touches the sum.
                let out = unsafe { self.memory.write(out, matrix.rows()) };
                k::gemv_add(isa, matrix, self.slice(x), out);
            }
            Instruction::SumSoftplus { x, out } => {
                self.add(out, k::sum_softplus(isa, self.slice(x)));
            }
            Instruction::SumSoftplusSigmoid { x, sigmoid, out } => {
                self.add(
                    out,
                    k::sum_softplus_sigmoid(isa, self.slice(x), self.target(sigmoid)),
                );
            }
            Instruction::Reduce { how, x, access } => self.reduce(how, self.slice(x), access),
            Instruction::Quick1 { .. }
            | Instruction::Quick2 { .. }
            | Instruction::Switch { .. }
            | Instruction::Sum { .. }
            | Instruction::SumOfSquares { .. }
            | Instruction::Copy { .. }
            | Instruction::Load { .. }
            | Instruction::Dot { .. } => debug_assert!(false, "these need no call"),
        }
    }

    /// The part of a matrix that belongs to this block.
    fn matrix(&self, index: usize) -> MatrixRef<'a> {
        let thin = &self.program.matrices[index];
        let start = self.tile.linear;
        let length = (thin.rows - 1) * thin.cols + self.count;
        // SAFETY: matrices are data or values of an earlier phase.
        let data = unsafe { self.memory.read(thin.at.plus(start.cast_signed()), length) };
        MatrixRef::with_stride(data, thin.rows, self.count, thin.cols)
    }

    fn gather(&self, table: usize, from: Ref, out: &mut [f64]) {
        let table = &self.program.tables[table];
        let start = self.tile.linear;
        // SAFETY: the array was computed in an earlier phase.
        let from = unsafe { self.memory.read(from, table.length) };
        if let Some(segments) = &table.segments {
            k::segment_fill(self.isa, from, segments, start, out);
        } else {
            let indices = table.indices.as_ref().slice(start..start + self.count);
            k::gather(self.isa, from, indices, out);
        }
    }

    fn scatter(&self, table: usize, x: &[f64], out: usize) {
        let table = &self.program.tables[table];
        let start = self.tile.linear;
        // SAFETY: only this instruction touches the sums.
        let out = unsafe { self.memory.write(out, table.length) };
        if let Some(segments) = &table.segments {
            k::segment_sum_add(self.isa, x, segments, start, out);
        } else {
            let indices = table.indices.as_ref().slice(start..start + self.count);
            k::scatter_add(Operand::Slice(x), indices, out);
        }
    }

    /// The strides of an access along the rows and columns of a block, and where it starts.
    fn grid(&self, access: &Access) -> (Ref, isize, isize) {
        let inner = access.strides.len() - 2;
        (
            self.tile.start(access),
            access.strides[inner],
            access.strides[inner + 1],
        )
    }

    /// Copies what an access shows into a block.
    #[inline(always)]
    fn load<S: Lanes>(&self, lanes: S, access: usize, out: &mut [f64]) {
        let (start, row, col) = self.grid(&self.region.accesses[access]);
        let cols = self.tile.cols;
        for (i, line) in out.chunks_exact_mut(cols).enumerate() {
            let at = start.plus(i.cast_signed() * row);
            match col {
                0 => k::quick_fill(lanes, self.memory.number(at), line),
                // SAFETY: the array was computed in an earlier phase.
                1 => k::quick_copy(lanes, unsafe { self.memory.read(at, cols) }, line),
                _ => {
                    for (j, x) in line.iter_mut().enumerate() {
                        *x = self.memory.number(at.plus(j.cast_signed() * col));
                    }
                }
            }
        }
    }

    /// Adds rows or columns to what an access keeps apart.
    #[inline(always)]
    fn sum<S: Lanes>(&self, lanes: S, x: &[f64], access: usize) {
        let (start, row, col) = self.grid(&self.region.accesses[access]);
        let Ref::Arena(start) = start else { return };
        if !(0..=1).contains(&col) {
            return self.reduce(Reduction::Sum, x, access);
        }
        for (i, line) in x.chunks_exact(self.tile.cols).enumerate() {
            let at = start.wrapping_add_signed(i.cast_signed() * row);
            if col == 0 {
                self.add(at, k::Sum([line]).run(lanes));
            } else {
                // SAFETY: only this instruction touches the result.
                k::quick_add_to(lanes, line, unsafe { self.memory.write(at, line.len()) });
            }
        }
    }

    fn reduce(&self, how: Reduction, x: &[f64], access: usize) {
        let (start, row, col) = self.grid(&self.region.accesses[access]);
        let Ref::Arena(start) = start else { return };
        for (i, line) in x.chunks_exact(self.tile.cols).enumerate() {
            let at = start.wrapping_add_signed(i.cast_signed() * row);
            if col == 0 {
                let old = self.memory.number(Ref::Arena(at));
                self.memory.set(at, how.step(old, self.line(how, line)));
                continue;
            }
            if col == 1 {
                // SAFETY: only this instruction touches the result.
                let all = unsafe { self.memory.write(at, line.len()) };
                for (old, &value) in all.iter_mut().zip(line) {
                    *old = how.step(*old, value);
                }
                continue;
            }
            for (j, &value) in line.iter().enumerate() {
                let at = at.wrapping_add_signed(j.cast_signed() * col);
                let old = self.memory.number(Ref::Arena(at));
                self.memory.set(at, how.step(old, value));
            }
        }
    }

    fn line(&self, how: Reduction, line: &[f64]) -> f64 {
        match how {
            Reduction::Sum => k::sum(self.isa, line),
            Reduction::Product => k::prod(self.isa, line),
            Reduction::Max => k::max_of(self.isa, line),
            Reduction::Min => k::min_of(self.isa, line),
        }
    }
}
