//! A program as text for people.

use std::fmt::Write;

use super::region::Instruction;
use super::{Item, Program};

impl Program {
    /// What runs, in order: single numbers, loop nests with their instructions, other operations.
    pub(crate) fn describe(&self) -> String {
        let mut text = String::new();
        for item in &self.items {
            match item {
                Item::Scalars(code) => {
                    let _ = writeln!(text, "{} operations on single numbers", code.len());
                }
                Item::Region(region) => {
                    let space = &region.space;
                    let _ = writeln!(
                        text,
                        "loop nest over {:?} x {} x {} elements, {} rows a block",
                        space.outer, space.rows, space.cols, space.tile
                    );
                    for instruction in &region.instructions {
                        let _ = writeln!(text, "  {}", name(instruction));
                    }
                }
                Item::Step(step) => {
                    let _ = writeln!(text, "{:?} of {:?}", step.op, step.shape);
                }
            }
        }
        let (shared, own) = self.bytes();
        let _ = writeln!(text, "{shared} bytes of data, {own} bytes for each thread");
        text
    }
}

fn name(instruction: &Instruction) -> &'static str {
    match instruction {
        Instruction::Load { .. } => "load",
        Instruction::Copy { .. } => "copy",
        Instruction::Unary { .. } => "function of one number",
        Instruction::Binary { .. } => "function of two numbers",
        Instruction::Switch { .. } => "choice",
        Instruction::Pair { .. } => "two functions at once",
        Instruction::Gather { .. } => "gather",
        Instruction::Product { .. } => "matrix times vector",
        Instruction::ProductBack { .. } => "transposed matrix times vector",
        Instruction::Scatter { .. } => "scatter",
        Instruction::Sum { .. } => "sum",
        Instruction::SumOfSquares { .. } => "sum of squares",
        Instruction::Dot { .. } => "sum of products",
        Instruction::SumSoftplus { .. } => "sum of softplus",
        Instruction::SumSoftplusSigmoid { .. } => "sum of softplus, and sigmoid",
        Instruction::Reduce { .. } => "reduction of rows or columns",
    }
}
