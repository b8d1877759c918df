//! A loop nest: instructions that run block by block.

use super::memory::Ref;
use super::space::{Access, Space};
use crate::kernels::{Binary, Indices, Pair, Quick1, Quick2, Segments, Unary};
use crate::op::{BinaryOp, Reduction, UnaryOp};

/// Where an instruction reads.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Src {
    /// A block of the arena.
    Block(usize),
    /// An array in the order of the space.
    Linear(Ref),
    /// One number, the same for all blocks.
    Number(Ref),
    /// An array of which each block reads a piece of its own, by an access.
    Piece(usize),
    /// One number for each block, by an access.
    Each(usize),
}

/// Where an instruction writes.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Dst {
    /// A block of the arena.
    Block(usize),
    /// An array of the arena in the order of the space.
    Linear(usize),
}

/// One step of a block.
#[derive(Clone, Debug)]
pub(crate) enum Instruction {
    /// Copies what an access shows into a block.
    Load {
        access: usize,
        to: Dst,
    },
    Copy {
        x: Src,
        to: Dst,
    },
    Unary {
        op: UnaryOp,
        kernel: Unary,
        x: Src,
        to: Dst,
    },
    /// The same without a call, for the functions that have it.
    Quick1 {
        op: Quick1,
        x: Src,
        to: Dst,
    },
    Binary {
        op: BinaryOp,
        kernel: Binary,
        a: Src,
        b: Src,
        to: Dst,
    },
    Quick2 {
        op: Quick2,
        a: Src,
        b: Src,
        to: Dst,
    },
    Switch {
        condition: Src,
        a: Src,
        b: Src,
        to: Dst,
    },
    /// Two functions of one argument.
    Pair {
        kernel: Pair,
        x: Src,
        first: Dst,
        second: Dst,
    },
    /// Elements of an array at the indices of this table.
    Gather {
        table: usize,
        from: Ref,
        to: Dst,
    },
    /// Rows of a long and thin matrix times a vector.
    Product {
        matrix: usize,
        x: Ref,
        to: Dst,
    },
    /// Adds the transposed product with this block to `out`.
    ProductBack {
        matrix: usize,
        x: Src,
        out: usize,
    },
    /// Adds elements to an array at the indices of this table.
    Scatter {
        table: usize,
        x: Src,
        out: usize,
    },
    /// Adds the sum of the block to a number.
    Sum {
        x: Src,
        out: usize,
    },
    SumOfSquares {
        x: Src,
        out: usize,
    },
    Dot {
        a: Src,
        b: Src,
        out: usize,
    },
    SumSoftplus {
        x: Src,
        out: usize,
    },
    /// The sum of softplus and, for each element, sigmoid.
    SumSoftplusSigmoid {
        x: Src,
        sigmoid: Dst,
        out: usize,
    },
    /// Reduces what an access keeps apart.
    Reduce {
        how: Reduction,
        x: Src,
        access: usize,
    },
}

/// See the [module](self).
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub(crate) space: Space,
    pub(crate) accesses: Vec<Access>,
    pub(crate) instructions: Vec<Instruction>,
    /// Parts of the arena that are filled with a number before the first block.
    pub(crate) initial: Vec<(usize, usize, f64)>,
}

/// Indices of a gather or scatter, and as runs of groups where they never decrease.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) indices: Indices,
    pub(crate) segments: Option<Segments>,
    /// Number of elements of the array that the indices point into.
    pub(crate) length: usize,
}

/// A matrix with its long side along the rows of memory.
#[derive(Clone, Debug)]
pub(crate) struct Thin {
    pub(crate) at: Ref,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
}
