//! Loops: a body run step by step with its states kept, and back again for the gradient.
//!
//! A loop writes one line of numbers: for each state its buffer (`lag` initial values, then one
//! value a step), then each stored output (one value a step). Its pullback reads that line and the
//! cotangent of it, runs the pullback of the body from the last step to the first, and writes the
//! cotangents of the inputs of the loop in one line.

use crate::error::{EvaluatorError, Result};
use crate::gradient::pullback;
use crate::graph::{Graph, NodeId};
use crate::op::Op;
use crate::program::{Program, Workspace};
use crate::shape::{Strided, size};

/// A value carried from step to step.
#[derive(Clone, Debug)]
pub(crate) struct State {
    /// How many steps back the body looks, one for each input that it is.
    pub(crate) taps: Vec<usize>,
    /// The largest tap: so many initial values are given.
    pub(crate) lag: usize,
    /// Number of elements.
    pub(crate) size: usize,
}

/// What goes in and out of a loop; sizes are numbers of elements of one step.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) steps: usize,
    pub(crate) sequences: Vec<usize>,
    pub(crate) states: Vec<State>,
    pub(crate) stored: Vec<usize>,
    /// Arrays that are the same at every step.
    pub(crate) others: Vec<usize>,
    /// The inputs of the body: sequences, taps of the states, others.
    pub(crate) body_inputs: Vec<NodeId>,
}

impl Layout {
    /// Length of the line that the loop writes.
    pub(crate) fn output_size(&self) -> usize {
        let states: usize = self
            .states
            .iter()
            .map(|s| (s.lag + self.steps) * s.size)
            .sum();
        states + self.stored.iter().map(|n| n * self.steps).sum::<usize>()
    }

    /// Lengths of the inputs of the loop.
    fn argument_sizes(&self) -> Vec<usize> {
        let sequences = self.sequences.iter().map(|n| n * self.steps);
        let states = self.states.iter().map(|s| s.lag * s.size);
        sequences
            .chain(states)
            .chain(self.others.iter().copied())
            .collect()
    }
}

/// A loop with the programs of its body.
pub(crate) struct Loop {
    layout: Layout,
    forward: Program,
    backward: std::result::Result<Program, EvaluatorError>,
}

/// Memory for one loop.
pub(crate) struct LoopWorkspace {
    body: Workspace,
    inputs: Vec<f64>,
    outputs: Vec<f64>,
    carried: Vec<f64>,
}

impl Loop {
    /// A loop over the body `outputs`, computed from `layout.body_inputs`.
    pub(crate) fn new(body: &mut Graph, layout: Layout, outputs: &[NodeId]) -> Self {
        let forward = Program::compile(body, outputs);
        let backward = Self::pull_back_body(body, &layout, outputs);
        Self {
            layout,
            forward,
            backward,
        }
    }

    /// The program that gives the cotangents of the body's inputs, from those inputs and the
    /// cotangents of its outputs.
    fn pull_back_body(body: &mut Graph, layout: &Layout, outputs: &[NodeId]) -> Result<Program> {
        let mut seeds = Vec::new();
        for (next, &output) in (layout.body_inputs.len()..).zip(outputs) {
            let shape = body.shape(output).to_vec();
            let k = u32::try_from(next).expect("fewer than 2^32 inputs");
            seeds.push((output, body.intern(Op::Input(k), Vec::new(), shape)));
        }
        let cotangents = pullback(body, &seeds, &layout.body_inputs)?;
        Ok(Program::compile(body, &cotangents))
    }

    /// Memory to run the loop, forward or backward.
    pub(crate) fn workspace(&self, backward: bool) -> LoopWorkspace {
        let empty = Vec::new();
        match (&self.backward, backward) {
            (Ok(program), true) => LoopWorkspace {
                body: program.workspace(),
                inputs: vec![0.0; program.input_size()],
                outputs: vec![0.0; program.output_size()],
                carried: vec![0.0; self.layout.output_size()],
            },
            _ => LoopWorkspace {
                body: self.forward.workspace(),
                inputs: vec![0.0; self.forward.input_size()],
                outputs: vec![0.0; self.forward.output_size()],
                carried: empty,
            },
        }
    }

    /// Copies the inputs of the body at step `t` into `to`; `states` is the line of outputs.
    fn load(&self, t: usize, arguments: &[&[f64]], states: &[f64], to: &mut [f64]) -> usize {
        let mut at = 0;
        let mut put = |values: &[f64]| {
            to[at..at + values.len()].copy_from_slice(values);
            at += values.len();
        };
        for (k, &n) in self.layout.sequences.iter().enumerate() {
            put(&arguments[k][t * n..(t + 1) * n]);
        }
        let mut start = 0;
        for state in &self.layout.states {
            for tap in &state.taps {
                let row = start + (state.lag + t - tap) * state.size;
                put(&states[row..row + state.size]);
            }
            start += (state.lag + self.layout.steps) * state.size;
        }
        let first = self.layout.sequences.len() + self.layout.states.len();
        for k in 0..self.layout.others.len() {
            put(arguments[first + k]);
        }
        at
    }

    /// Runs the loop; `out` is its line of outputs.
    pub(crate) fn run(&self, work: &mut LoopWorkspace, arguments: &[&[f64]], out: &mut [f64]) {
        let sequences = self.layout.sequences.len();
        let mut start = 0;
        for (k, state) in self.layout.states.iter().enumerate() {
            let initial = arguments[sequences + k];
            out[start..start + initial.len()].copy_from_slice(initial);
            start += (state.lag + self.layout.steps) * state.size;
        }
        for t in 0..self.layout.steps {
            self.load(t, arguments, out, &mut work.inputs);
            self.forward
                .run(&mut work.body, &work.inputs, &mut work.outputs);
            let (mut from, mut to) = (0, 0);
            for state in &self.layout.states {
                let row = to + (state.lag + t) * state.size;
                out[row..row + state.size].copy_from_slice(&work.outputs[from..from + state.size]);
                from += state.size;
                to += (state.lag + self.layout.steps) * state.size;
            }
            for &n in &self.layout.stored {
                let row = to + t * n;
                out[row..row + n].copy_from_slice(&work.outputs[from..from + n]);
                from += n;
                to += n * self.layout.steps;
            }
        }
    }

    /// Runs the loop backward. `arguments` are those of the loop, then its line of outputs and the
    /// cotangent of that; `out` is the line of cotangents of the arguments.
    pub(crate) fn run_back(&self, work: &mut LoopWorkspace, arguments: &[&[f64]], out: &mut [f64]) {
        let Ok(backward) = &self.backward else {
            return out.fill(f64::NAN);
        };
        let (given, rest) = arguments.split_at(arguments.len() - 2);
        let (line, cotangent) = (rest[0], rest[1]);
        let sizes = self.layout.argument_sizes();
        let mut carried = std::mem::take(&mut work.carried);
        carried.copy_from_slice(cotangent);
        out.fill(0.0);
        for t in (0..self.layout.steps).rev() {
            let mut at = self.load(t, given, line, &mut work.inputs);
            let mut start = 0;
            for state in &self.layout.states {
                let row = start + (state.lag + t) * state.size;
                work.inputs[at..at + state.size].copy_from_slice(&carried[row..row + state.size]);
                at += state.size;
                start += (state.lag + self.layout.steps) * state.size;
            }
            for &n in &self.layout.stored {
                let row = start + t * n;
                work.inputs[at..at + n].copy_from_slice(&carried[row..row + n]);
                at += n;
                start += n * self.layout.steps;
            }
            backward.run(&mut work.body, &work.inputs, &mut work.outputs);
            self.collect(t, &work.outputs, &mut carried, out);
        }
        let mut to: usize = self
            .layout
            .sequences
            .iter()
            .map(|n| n * self.layout.steps)
            .sum();
        let mut start = 0;
        for state in &self.layout.states {
            let n = state.lag * state.size;
            out[to..to + n].copy_from_slice(&carried[start..start + n]);
            to += n;
            start += (state.lag + self.layout.steps) * state.size;
        }
        debug_assert_eq!(
            to + self.layout.others.iter().sum::<usize>(),
            sizes.iter().sum::<usize>()
        );
        work.carried = carried;
    }

    /// Adds the cotangents of the body's inputs at step `t` to where they belong.
    fn collect(&self, t: usize, from: &[f64], carried: &mut [f64], out: &mut [f64]) {
        let mut at = 0;
        let mut to = 0;
        let mut add = |target: &mut [f64]| {
            let n = target.len();
            for (sum, x) in target.iter_mut().zip(&from[at..at + n]) {
                *sum += x;
            }
            at += n;
        };
        for &n in &self.layout.sequences {
            add(&mut out[to + t * n..to + (t + 1) * n]);
            to += n * self.layout.steps;
        }
        let mut start = 0;
        for state in &self.layout.states {
            for tap in &state.taps {
                let row = start + (state.lag + t - tap) * state.size;
                add(&mut carried[row..row + state.size]);
            }
            start += (state.lag + self.layout.steps) * state.size;
            to += state.lag * state.size;
        }
        for &n in &self.layout.others {
            add(&mut out[to..to + n]);
            to += n;
        }
    }
}

/// Gives the arguments of a loop their cotangents.
pub(crate) fn pull_back(
    g: &mut Graph,
    index: u32,
    arguments: &[NodeId],
    out: NodeId,
    cotangent: NodeId,
    mut give: impl FnMut(&mut Graph, NodeId, NodeId),
) -> Result<()> {
    let body = g.loop_at(index).clone();
    if let Err(error) = &body.backward {
        return Err(error.clone());
    }
    let sizes = body.layout.argument_sizes();
    let mut inputs = arguments.to_vec();
    inputs.extend([out, cotangent]);
    let line = g.make(Op::ScanPullback(index), inputs, vec![sizes.iter().sum()]);
    let mut start = 0;
    for &argument in arguments {
        let shape = g.shape(argument).to_vec();
        let view = Strided {
            offset: start,
            ..Strided::whole(&shape)
        };
        start += size(&shape);
        let part = g.view(line, view, shape);
        give(g, argument, part);
    }
    Ok(())
}
