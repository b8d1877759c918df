//! Loops: the body becomes a graph of its own, the outputs views of what the loop writes.
//!
//! Attributes: number of the graph of the body, number of sequences, number of recurrences, for
//! each its number of taps and the taps (-1 is the value before), number of outputs that are only
//! stored. Inputs: number of steps, sequences, initial buffers, lengths of the stored outputs,
//! other arrays.

use super::{Call, Scope, specialise};
use crate::error::{EvaluatorError, Result};
use crate::graph::{Graph, NodeId};
use crate::op::Op;
use crate::scan::{Layout, Loop, State};
use crate::shape::{Shape, Strided, size};

impl Call<'_> {
    /// The outputs of a loop: the buffer of each recurrence, then each stored output.
    pub(super) fn scan(&mut self) -> Result<Vec<NodeId>> {
        let form = Form::read(self)?;
        let steps = self.known_length(0)?;
        let mut arguments = Vec::new();
        let mut inner = Graph::new(self.g.isa);
        let mut scope_inputs = Vec::new();
        let mut layout = Layout {
            steps,
            ..Layout::default()
        };

        for k in 0..form.sequences {
            let x = self.input(1 + k)?;
            let shape = self.g.shape(x).to_vec();
            if shape.first().is_none_or(|&n| n < steps) {
                return Err(EvaluatorError::bind("a sequence is shorter than its loop"));
            }
            let x = self.g.slice_axis(x, 0, 0, steps);
            arguments.push(x);
            layout.sequences.push(size(&shape[1..]));
            scope_inputs.push(body_input(&mut inner, &mut layout, &shape[1..]));
        }
        let mut buffers = Vec::new();
        for (k, taps) in form.taps.iter().enumerate() {
            let x = self.input(1 + form.sequences + k)?;
            let shape = self.g.shape(x).to_vec();
            let lag = taps.iter().copied().max().unwrap_or(1);
            if shape.first() != Some(&(lag + steps)) {
                return Err(EvaluatorError::unsupported(
                    "Scan",
                    "its buffers are shortened",
                ));
            }
            let initial = self.g.slice_axis(x, 0, 0, lag);
            arguments.push(initial);
            for _ in taps {
                scope_inputs.push(body_input(&mut inner, &mut layout, &shape[1..]));
            }
            layout.states.push(State {
                taps: taps.clone(),
                lag,
                size: size(&shape[1..]),
            });
            buffers.push(shape);
        }
        let first_other = 1 + form.sequences + form.taps.len() + form.stored;
        for k in first_other..self.node.inputs.len() {
            let x = self.input(k)?;
            let shape = self.g.shape(x).to_vec();
            if let Some(values) = self.g.known(x) {
                let values = values.to_vec();
                scope_inputs.push(inner.constant(values, shape));
                continue;
            }
            arguments.push(x);
            layout.others.push(size(&shape));
            scope_inputs.push(body_input(&mut inner, &mut layout, &shape));
        }

        let graph = self
            .scope
            .source
            .graphs
            .get(form.graph)
            .ok_or_else(|| EvaluatorError::format("the body of a loop is missing"))?;
        let scope = Scope {
            source: self.scope.source,
            slots: self.scope.slots,
            parameters: &[],
            inner: &scope_inputs,
        };
        let outputs = specialise(&mut inner, graph, &scope)?;
        self.finish(inner, layout, &outputs, &form, arguments, buffers)
    }

    fn finish(
        &mut self,
        mut inner: Graph,
        mut layout: Layout,
        outputs: &[NodeId],
        form: &Form,
        arguments: Vec<NodeId>,
        buffers: Vec<Shape>,
    ) -> Result<Vec<NodeId>> {
        if outputs.len() != form.taps.len() + form.stored {
            return Err(EvaluatorError::format(
                "the body of a loop has other outputs",
            ));
        }
        let mut shapes = buffers;
        for (k, state) in layout.states.iter().enumerate() {
            if inner.size(outputs[k]) != state.size {
                return Err(EvaluatorError::bind(
                    "the state of a loop changes its shape",
                ));
            }
        }
        for &output in &outputs[form.taps.len()..] {
            let mut shape = vec![layout.steps];
            shape.extend_from_slice(inner.shape(output));
            layout.stored.push(inner.size(output));
            shapes.push(shape);
        }
        let total = layout.output_size();
        let body = Loop::new(&mut inner, layout, outputs);
        let index = self.g.add_loop(body);
        let flat = self.g.make(Op::Scan(index), arguments, vec![total]);
        let mut start = 0;
        Ok(shapes
            .into_iter()
            .map(|shape| {
                let view = Strided {
                    offset: start,
                    ..Strided::whole(&shape)
                };
                start += size(&shape);
                self.g.view(flat, view, shape)
            })
            .collect())
    }
}

/// A new input of the body.
fn body_input(inner: &mut Graph, layout: &mut Layout, shape: &[usize]) -> NodeId {
    let k = u32::try_from(layout.body_inputs.len()).expect("fewer than 2^32 inputs");
    let id = inner.intern(Op::Input(k), Vec::new(), shape.to_vec());
    layout.body_inputs.push(id);
    id
}

/// The attributes of a loop.
struct Form {
    graph: usize,
    sequences: usize,
    taps: Vec<Vec<usize>>,
    stored: usize,
}

impl Form {
    fn read(call: &Call<'_>) -> Result<Self> {
        let wrong = || EvaluatorError::format("a loop is malformed");
        let mut at = 0;
        let mut next = || {
            at += 1;
            call.attribute(at - 1)
        };
        let count = |v: i64| usize::try_from(v).map_err(|_| wrong());
        let graph = count(next()?)?;
        let sequences = count(next()?)?;
        let recurrences = count(next()?)?;
        let mut taps = Vec::new();
        for _ in 0..recurrences {
            let number = count(next()?)?;
            let own: Vec<usize> = (0..number)
                .map(|_| next().and_then(|tap| count(-tap)))
                .collect::<Result<_>>()?;
            if own.contains(&0) {
                return Err(wrong());
            }
            taps.push(own);
        }
        Ok(Self {
            graph,
            sequences,
            taps,
            stored: count(next()?)?,
        })
    }
}
