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
                Item::Short(short) => {
                    let _ = writeln!(text, "{} operations in a line", short.codes.len());
                    for code in &short.codes {
                        let _ = writeln!(text, "  {:?} of {}", code.what, code.at.count);
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

fn name(instruction: &Instruction) -> String {
    let fixed = match instruction {
        Instruction::Unary { op, .. } => return lower(op),
        Instruction::Quick1 { op, .. } => return lower(op),
        Instruction::Binary { op, .. } => return lower(op),
        Instruction::Quick2 { op, .. } => return lower(op),
        Instruction::Load { .. } => "load",
        Instruction::Copy { .. } => "copy",
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
    };
    fixed.to_owned()
}

/// The name of an operation as people write it.
fn lower(op: &impl std::fmt::Debug) -> String {
    format!("{op:?}").to_lowercase()
}
