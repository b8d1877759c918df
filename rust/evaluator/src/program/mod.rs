//! A program: what to run, in which order, in which memory.

use std::sync::Arc;

use crate::eager::{self, Array};
use crate::error::Result;
use crate::graph::{Graph, NodeId};
use crate::kernels::Isa;
use crate::op::Op;
use crate::scan::{Loop, LoopWorkspace};
use crate::shape::size;

/// Where a value is.
#[derive(Clone, Debug)]
enum Place {
    Input(usize),
    Buffer(usize),
    Constant(Arc<[f64]>),
}

struct Step {
    op: Op,
    inputs: Vec<(Place, Vec<usize>)>,
    shape: Vec<usize>,
    to: usize,
    body: Option<(Arc<Loop>, usize)>,
}

/// See the [module](self).
pub(crate) struct Program {
    isa: Isa,
    steps: Vec<Step>,
    loops: Vec<(Arc<Loop>, bool)>,
    outputs: Vec<(Place, usize)>,
    memory: usize,
    input_size: usize,
    output_size: usize,
}

/// Memory to run a program.
pub(crate) struct Workspace {
    memory: Vec<f64>,
    loops: Vec<LoopWorkspace>,
}

impl Program {
    /// A program that computes `outputs`, one after the other in one line.
    pub(crate) fn compile(g: &Graph, outputs: &[NodeId]) -> Result<Self> {
        let mut needed = vec![false; g.len()];
        for &o in outputs {
            needed[o.index()] = true;
        }
        for k in (0..g.len()).rev() {
            if needed[k] {
                for i in g.inputs(NodeId(k as u32)) {
                    needed[i.index()] = true;
                }
            }
        }
        let mut starts = Vec::new();
        for k in 0..g.len() {
            if let Op::Input(i) = g.op(NodeId(k as u32)) {
                let i = *i as usize;
                if starts.len() <= i {
                    starts.resize(i + 1, 0);
                }
                starts[i] = g.size(NodeId(k as u32));
            }
        }
        let mut input_size = 0;
        for s in &mut starts {
            let n = *s;
            *s = input_size;
            input_size += n;
        }
        let mut places: Vec<Option<Place>> = vec![None; g.len()];
        let mut steps = Vec::new();
        let mut loops = Vec::new();
        let mut memory = 0;
        for k in 0..g.len() {
            if !needed[k] {
                continue;
            }
            let id = NodeId(k as u32);
            places[k] = Some(match g.op(id) {
                Op::Scalar(bits) => Place::Constant(Arc::from(vec![f64::from_bits(*bits)])),
                Op::Data(_) => Place::Constant(g.data(id).expect("data").clone()),
                Op::Param(offset) => {
                    input_size = input_size.max(offset + g.size(id));
                    Place::Input(*offset)
                }
                Op::Input(i) => Place::Input(starts[*i as usize]),
                op => {
                    let to = memory;
                    memory += g.size(id);
                    let body = match op {
                        Op::Scan(i) | Op::ScanPullback(i) => {
                            loops.push((g.loop_at(*i).clone(), matches!(op, Op::ScanPullback(_))));
                            Some((g.loop_at(*i).clone(), loops.len() - 1))
                        }
                        _ => None,
                    };
                    steps.push(Step {
                        op: op.clone(),
                        inputs: g
                            .inputs(id)
                            .iter()
                            .map(|i| (places[i.index()].clone().expect("earlier"), g.shape(*i).to_vec()))
                            .collect(),
                        shape: g.shape(id).to_vec(),
                        to,
                        body,
                    });
                    Place::Buffer(to)
                }
            });
        }
        let outputs: Vec<(Place, usize)> =
            outputs.iter().map(|o| (places[o.index()].clone().expect("needed"), g.size(*o))).collect();
        let output_size = outputs.iter().map(|o| o.1).sum();
        Ok(Self { isa: g.isa, steps, loops, outputs, memory, input_size, output_size })
    }

    pub(crate) fn isa(&self) -> Isa {
        self.isa
    }

    pub(crate) fn input_size(&self) -> usize {
        self.input_size
    }

    pub(crate) fn output_size(&self) -> usize {
        self.output_size
    }

    pub(crate) fn workspace(&self) -> Workspace {
        Workspace {
            memory: vec![0.0; self.memory],
            loops: self.loops.iter().map(|(l, back)| l.workspace(*back)).collect(),
        }
    }

    /// Runs the program.
    pub(crate) fn run(&self, work: &mut Workspace, input: &[f64], out: &mut [f64]) {
        for step in &self.steps {
            let n = size(&step.shape);
            let (before, rest) = work.memory.split_at_mut(step.to);
            let to = &mut rest[..n];
            let arrays: Vec<Array<'_>> = step
                .inputs
                .iter()
                .map(|(place, shape)| Array { values: fetch(place, size(shape), input, before), shape })
                .collect();
            if let Some((body, k)) = &step.body {
                let parts: Vec<&[f64]> = arrays.iter().map(|a| a.values).collect();
                if matches!(step.op, Op::ScanPullback(_)) {
                    body.run_back(&mut work.loops[*k], &parts, to);
                } else {
                    body.run(&mut work.loops[*k], &parts, to);
                }
            } else {
                eager::evaluate(self.isa, &step.op, &arrays, &step.shape, to);
            }
        }
        let mut at = 0;
        for (place, n) in &self.outputs {
            out[at..at + n].copy_from_slice(fetch(place, *n, input, &work.memory));
            at += n;
        }
    }
}

fn fetch<'a>(place: &'a Place, n: usize, input: &'a [f64], memory: &'a [f64]) -> &'a [f64] {
    match place {
        Place::Input(at) => &input[*at..at + n],
        Place::Buffer(at) => &memory[*at..at + n],
        Place::Constant(values) => values,
    }
}
