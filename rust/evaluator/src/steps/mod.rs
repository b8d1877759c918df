//! Operations on whole arrays that are no part of a loop nest.

mod linalg;

use crate::eager::Array;
use crate::elementwise;
use crate::kernels::Isa;
use crate::op::{Op, SingleOp};
use crate::shape::Strided;

/// Evaluates one operation into `out`, which has the given shape.
pub(crate) fn evaluate(isa: Isa, op: &Op, inputs: &[Array<'_>], shape: &[usize], out: &mut [f64]) {
    match op {
        Op::Gather => {
            for (to, &at) in out.iter_mut().zip(inputs[1].values) {
                *to = inputs[0].values[place(at)];
            }
        }
        Op::Scatter => {
            out.fill(0.0);
            for (&x, &at) in inputs[0].values.iter().zip(inputs[1].values) {
                out[place(at)] += x;
            }
        }
        Op::Take => take(inputs[0], inputs[1].values, out),
        Op::TakeAdd => take_add(inputs[0].values, inputs[1].values, shape, out),
        Op::Cumulate {
            product,
            axis,
            reverse,
        } => {
            cumulate(*product, *axis, *reverse, inputs[0], out);
        }
        Op::Single(op) => single(isa, *op, inputs, shape, out),
        Op::Argsort => argsort(inputs[0], out),
        Op::Argmax => argmax(inputs[0], out),
        _ => linalg::evaluate(isa, op, inputs, shape, out),
    }
}

/// Calls a function of numbers for each element of the broadcast inputs.
fn single(isa: Isa, op: SingleOp, inputs: &[Array<'_>], shape: &[usize], out: &mut [f64]) {
    let function = elementwise::single(op);
    let mut places: Vec<_> = inputs
        .iter()
        .map(|x| Strided::broadcast(x.shape, shape).offsets(shape))
        .collect();
    let mut arguments = vec![0.0; inputs.len()];
    for to in out {
        for ((argument, places), x) in arguments.iter_mut().zip(&mut places).zip(inputs) {
            *argument = places.next().map_or(f64::NAN, |at| x.values[at]);
        }
        *to = function(isa, &arguments);
    }
}

/// A number that is a place in an array; what is no place becomes a very large one.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked when bound
fn place(at: f64) -> usize {
    at as usize
}

/// The row that a run-time index means: negative ones count from the end, others stay inside.
#[allow(clippy::cast_possible_truncation)] // kept inside the array
fn row(at: f64, rows: usize) -> usize {
    let rows = rows.cast_signed();
    let at = at as isize;
    let at = if at < 0 { at + rows } else { at };
    at.clamp(0, (rows - 1).max(0)).unsigned_abs()
}

fn take(x: Array<'_>, index: &[f64], out: &mut [f64]) {
    let rows = x.shape[0];
    let width: usize = x.shape[1..].iter().product();
    for (k, &at) in index.iter().enumerate() {
        let from = row(at, rows) * width;
        out[k * width..(k + 1) * width].copy_from_slice(&x.values[from..from + width]);
    }
}

fn take_add(x: &[f64], index: &[f64], shape: &[usize], out: &mut [f64]) {
    out.fill(0.0);
    let width: usize = shape[1..].iter().product();
    for (k, &at) in index.iter().enumerate() {
        let to = row(at, shape[0]) * width;
        for (sum, value) in out[to..to + width]
            .iter_mut()
            .zip(&x[k * width..(k + 1) * width])
        {
            *sum += value;
        }
    }
}

fn cumulate(product: bool, axis: usize, reverse: bool, x: Array<'_>, out: &mut [f64]) {
    let length = x.shape[axis];
    let inner: usize = x.shape[axis + 1..].iter().product();
    let outer: usize = x.shape[..axis].iter().product();
    for o in 0..outer {
        for i in 0..inner {
            let mut total = if product { 1.0 } else { 0.0 };
            for k in 0..length {
                let k = if reverse { length - 1 - k } else { k };
                let at = (o * length + k) * inner + i;
                if product {
                    total *= x.values[at];
                } else {
                    total += x.values[at];
                }
                out[at] = total;
            }
        }
    }
}

fn argsort(x: Array<'_>, out: &mut [f64]) {
    let n = x.shape.last().copied().unwrap_or(1);
    for (line, order) in x
        .values
        .chunks_exact(n.max(1))
        .zip(out.chunks_exact_mut(n.max(1)))
    {
        for (k, to) in order.iter_mut().enumerate() {
            *to = k as f64;
        }
        order.sort_by(|&a, &b| line[place(a)].total_cmp(&line[place(b)]));
    }
}

fn argmax(x: Array<'_>, out: &mut [f64]) {
    let n = x.shape.last().copied().unwrap_or(1);
    for (line, to) in x.values.chunks_exact(n.max(1)).zip(out) {
        let mut best = 0;
        for (k, &value) in line.iter().enumerate() {
            if value > line[best] || (value.is_nan() && !line[best].is_nan()) {
                best = k;
            }
        }
        *to = best as f64;
    }
}
