//! A program: what to run, in which order, in which memory.
//!
//! [`schedule`] decides in which phase and how each node is computed, [`layout`] where it is kept,
//! [`nest`] turns the nodes of a loop nest into the instructions of a [`region`] over a [`space`],
//! [`short`] makes straight-line code of small nests and single numbers, and [`run`] and
//! [`short_run`] interpret.

mod aligned;
mod code;
mod describe;
mod layout;
mod memory;
mod nest;
mod region;
mod run;
mod scalar;
mod schedule;
mod short;
mod short_run;
mod space;
mod turn;

use std::sync::Arc;

use crate::graph::{Graph, NodeId};
use crate::kernels::Isa;
use crate::op::Op;
use crate::scan::{Loop, LoopWorkspace};
use crate::shape::Shape;
use aligned::Aligned;
use code::Short;
use layout::Layout;
use memory::Ref;
use region::{Region, Table, Thin};
use scalar::Scalar;
use schedule::{Kind, Schedule, nodes};

/// An operation on whole arrays.
struct Step {
    op: Op,
    inputs: Vec<(Ref, Shape)>,
    shape: Shape,
    to: usize,
    /// The loop that it runs, by its place among the loops of the program.
    body: Option<usize>,
}

/// What a phase computes, in order.
enum Part {
    Scalars(Vec<Scalar>),
    Region(Box<Region>),
    Step(Box<Step>),
}

/// A part of a program, in order of execution.
enum Item {
    Short(Box<Short>),
    Region(Box<Region>),
    Step(Box<Step>),
}

/// See the [module](self).
pub(crate) struct Program {
    isa: Isa,
    items: Vec<Item>,
    loops: Vec<(Arc<Loop>, bool)>,
    tables: Vec<Table>,
    matrices: Vec<Thin>,
    data: Aligned,
    /// The arena before the first run.
    arena: Vec<f64>,
    outputs: Vec<(Ref, usize)>,
    input_size: usize,
    output_size: usize,
}

/// Memory to run a program.
pub(crate) struct Workspace {
    arena: Aligned,
    loops: Vec<LoopWorkspace>,
}

impl Program {
    /// A program that computes `outputs`, one after the other in one line.
    pub(crate) fn compile(g: &Graph, outputs: &[NodeId]) -> Self {
        let schedule = Schedule::new(g, outputs);
        let mut layout = Layout::new(g, &schedule);
        let mut builder = Builder {
            parts: Vec::new(),
            loops: Vec::new(),
        };
        for phase in 0..schedule.phases {
            builder.phase(g, &schedule, &mut layout, phase);
        }
        let items = short::shorten(builder.parts, &mut layout);
        let outputs: Vec<(Ref, usize)> = outputs
            .iter()
            .map(|&o| (layout.contiguous(g, o), g.size(o)))
            .collect();
        let output_size = outputs.iter().map(|o| o.1).sum();
        let (arena, data) = layout.memory();
        for item in &items {
            if let Item::Short(short) = item {
                assert!(
                    short.codes.iter().all(|code| code.fits(arena.len())),
                    "straight-line code stays inside its arena"
                );
            }
        }
        Self {
            isa: g.isa,
            items,
            loops: builder.loops,
            tables: layout.tables,
            matrices: layout.matrices,
            data: Aligned::new(data),
            arena,
            outputs,
            input_size: layout.input_size,
            output_size,
        }
    }

    /// The instruction set that the program was compiled for.
    pub(crate) fn isa(&self) -> Isa {
        self.isa
    }

    /// Length of the line of inputs.
    pub(crate) fn input_size(&self) -> usize {
        self.input_size
    }

    /// Length of the line of outputs.
    pub(crate) fn output_size(&self) -> usize {
        self.output_size
    }

    /// Bytes that the program holds, shared by all threads, and bytes that each thread needs.
    pub(crate) fn bytes(&self) -> (usize, usize) {
        let tables: usize = self.tables.iter().map(|t| t.indices.len() * 4).sum();
        (8 * self.data.len() + tables, 8 * self.arena.len())
    }

    /// Memory for one thread.
    pub(crate) fn workspace(&self) -> Workspace {
        Workspace {
            arena: Aligned::new(self.arena.clone()),
            loops: self
                .loops
                .iter()
                .map(|(body, back)| body.workspace(*back))
                .collect(),
        }
    }
}

struct Builder {
    parts: Vec<Part>,
    loops: Vec<(Arc<Loop>, bool)>,
}

impl Builder {
    /// Adds what a phase computes: numbers, then arrays.
    fn phase(&mut self, g: &Graph, schedule: &Schedule, layout: &mut Layout, phase: usize) {
        let members: Vec<NodeId> = nodes(g)
            .filter(|id| schedule.phase[id.index()] == phase)
            .collect();
        let of_kind = |kinds: &[Kind]| -> Vec<NodeId> {
            members
                .iter()
                .copied()
                .filter(|id| kinds.contains(&schedule.kind[id.index()]))
                .collect()
        };
        let scalars: Vec<Scalar> = of_kind(&[Kind::Scalar])
            .iter()
            .map(|&id| scalar_code(g, layout, id))
            .collect();
        if !scalars.is_empty() {
            self.parts.push(Part::Scalars(scalars));
        }
        for id in of_kind(&[Kind::Step]) {
            let step = self.step(g, layout, id);
            self.parts.push(Part::Step(Box::new(step)));
        }
        let mut nests: Vec<(Shape, Vec<NodeId>)> = Vec::new();
        for id in of_kind(&[Kind::Stream, Kind::Collect]) {
            let space = schedule.space(g, id).unwrap_or(&[]);
            match nests.iter_mut().find(|(shape, _)| shape == space) {
                Some((_, members)) => members.push(id),
                None => nests.push((space.to_vec(), vec![id])),
            }
        }
        for (shape, members) in nests {
            let region = nest::build(g, schedule, layout, &shape, &members);
            self.parts.push(Part::Region(Box::new(region)));
        }
    }

    fn step(&mut self, g: &Graph, layout: &mut Layout, id: NodeId) -> Step {
        let body = match *g.op(id) {
            Op::Scan(index) => {
                self.loops.push((g.loop_at(index).clone(), false));
                Some(self.loops.len() - 1)
            }
            Op::ScanPullback(index) => {
                self.loops.push((g.loop_at(index).clone(), true));
                Some(self.loops.len() - 1)
            }
            _ => None,
        };
        let inputs = g
            .inputs(id)
            .iter()
            .map(|&x| (layout.contiguous(g, x), g.shape(x).to_vec()))
            .collect();
        Step {
            op: g.op(id).clone(),
            inputs,
            shape: g.shape(id).to_vec(),
            to: layout.target(id),
            body,
        }
    }
}

fn scalar_code(g: &Graph, layout: &mut Layout, id: NodeId) -> Scalar {
    let inputs: Vec<Ref> = g.inputs(id).iter().map(|&x| layout.number(g, x)).collect();
    let out = layout.target(id);
    match *g.op(id) {
        Op::Unary(op) => Scalar::Unary {
            op,
            x: inputs[0],
            out,
        },
        Op::Binary(op) => Scalar::Binary {
            op,
            a: inputs[0],
            b: inputs[1],
            out,
        },
        _ => Scalar::Switch {
            condition: inputs[0],
            a: inputs[1],
            b: inputs[2],
            out,
        },
    }
}
