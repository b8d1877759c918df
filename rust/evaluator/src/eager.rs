//! One operation at a time on whole arrays: folds what is known when binding, and runs the
//! operations that are no part of a loop nest.

use crate::elementwise;
use crate::graph::{Graph, NodeId};
use crate::kernels::{Isa, Operand};
use crate::op::{Op, Reduction};
use crate::shape::{Strided, contiguous, size};
use crate::steps;

/// An array: its elements and its shape.
#[derive(Clone, Copy)]
pub(crate) struct Array<'a> {
    pub(crate) values: &'a [f64],
    pub(crate) shape: &'a [usize],
}

/// The value of an operation on known inputs, or nothing if it has no value of its own.
pub(crate) fn fold(g: &Graph, op: &Op, inputs: &[NodeId], shape: &[usize]) -> Option<Vec<f64>> {
    let mut out = vec![0.0; size(shape)];
    let known: Vec<_> = inputs.iter().map(|&x| g.known(x)).collect::<Option<_>>()?;
    let arrays: Vec<Array<'_>> = known
        .iter()
        .zip(inputs)
        .map(|(values, &x)| Array {
            values,
            shape: g.shape(x),
        })
        .collect();
    match op {
        Op::Scan(index) => {
            let body = g.loop_at(*index);
            let parts: Vec<&[f64]> = arrays.iter().map(|a| a.values).collect();
            body.run(&mut body.workspace(false), &parts, &mut out);
        }
        Op::ScanPullback(_) => return None,
        _ => evaluate(g.isa, op, &arrays, shape, &mut out),
    }
    Some(out)
}

/// Evaluates one operation that is no loop into `out`, which has the given shape.
pub(crate) fn evaluate(isa: Isa, op: &Op, inputs: &[Array<'_>], shape: &[usize], out: &mut [f64]) {
    match op {
        Op::Unary(op) => elementwise::unary(*op)(isa, inputs[0].values, out),
        Op::Binary(op) => {
            let (a, b) = (Spread::new(inputs[0], shape), Spread::new(inputs[1], shape));
            elementwise::binary(*op)(isa, a.operand(), b.operand(), out);
        }
        Op::Switch => {
            let [c, a, b] = [0, 1, 2].map(|k| Spread::new(inputs[k], shape));
            elementwise::switch(isa, c.operand(), a.operand(), b.operand(), out);
        }
        Op::View(view) => {
            for (to, at) in out.iter_mut().zip(view.offsets(shape)) {
                *to = inputs[0].values[at];
            }
        }
        Op::Place(view) => {
            out.fill(0.0);
            for (x, at) in inputs[0].values.iter().zip(view.offsets(inputs[0].shape)) {
                out[at] = *x;
            }
        }
        Op::Reduce(how, axes) => reduce(*how, axes, inputs[0], out),
        Op::Join(axis) => join(*axis, inputs, shape, out),
        _ => steps::evaluate(isa, op, inputs, shape, out),
    }
}

/// An operand of an elementwise operation, repeated to the shape of the result where it is neither
/// a number nor of that shape already.
enum Spread<'a> {
    Whole(&'a [f64]),
    Number(f64),
    Copied(Vec<f64>),
}

impl<'a> Spread<'a> {
    fn new(x: Array<'a>, shape: &[usize]) -> Self {
        if x.values.len() == 1 {
            Self::Number(x.values[0])
        } else if x.values.len() == size(shape) {
            Self::Whole(x.values)
        } else {
            let view = Strided::broadcast(x.shape, shape);
            Self::Copied(view.offsets(shape).map(|at| x.values[at]).collect())
        }
    }

    fn operand(&self) -> Operand<'_> {
        match self {
            Self::Whole(x) => Operand::Slice(x),
            Self::Number(x) => Operand::Scalar(*x),
            Self::Copied(x) => Operand::Slice(x),
        }
    }
}

fn reduce(how: Reduction, axes: &[usize], x: Array<'_>, out: &mut [f64]) {
    out.fill(how.identity());
    let kept: Vec<usize> = (0..x.shape.len())
        .filter(|k| !axes.contains(k))
        .map(|k| x.shape[k])
        .collect();
    let own = contiguous(&kept);
    let mut strides = Vec::with_capacity(x.shape.len());
    let mut next = 0;
    for axis in 0..x.shape.len() {
        if axes.contains(&axis) {
            strides.push(0);
        } else {
            strides.push(own[next]);
            next += 1;
        }
    }
    let view = Strided { offset: 0, strides };
    for (&value, at) in x.values.iter().zip(view.offsets(x.shape)) {
        out[at] = how.step(out[at], value);
    }
}

fn join(axis: usize, parts: &[Array<'_>], shape: &[usize], out: &mut [f64]) {
    let outer: usize = shape[..axis].iter().product();
    let inner: usize = shape[axis + 1..].iter().product();
    let width = shape[axis] * inner;
    let mut start = 0;
    for part in parts {
        let own = part.shape[axis] * inner;
        for row in 0..outer {
            let to = row * width + start;
            out[to..to + own].copy_from_slice(&part.values[row * own..(row + 1) * own]);
        }
        start += own;
    }
}
