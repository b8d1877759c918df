//! Reverse-mode differentiation of a graph: one rule per operation.
//!
//! Conventions are PyTensor's: discrete results have no gradient, `maximum` gives ties to its
//! first argument, the largest element of a line gives to all ties, and the side of a switch that
//! was not taken is given zero (so that `0 * inf` stays NaN, as there).

mod elementwise;
mod error_function;
mod gaussian;
mod linalg;
mod lines;
mod single;

use crate::error::Result;
use crate::graph::{Graph, NodeId};
use crate::op::Op;

/// Adds up the cotangents of the inputs of a node.
pub(crate) struct Cotangents {
    sums: Vec<Option<NodeId>>,
    needed: Vec<bool>,
}

impl Cotangents {
    /// Adds `value`, summed over broadcast axes, to the cotangent of `node`.
    fn give(&mut self, g: &mut Graph, node: NodeId, value: NodeId) {
        if !self.wants(node) || g.is_value(value, 0.0) {
            return;
        }
        let shape = g.shape(node).to_vec();
        let full =
            crate::shape::broadcast(g.shape(value), &shape).expect("a cotangent fits its node");
        let value = g.broadcast_to(value, &full);
        let value = g.sum_to(value, &shape);
        let slot = &mut self.sums[node.index()];
        *slot = Some(match *slot {
            None => value,
            Some(sum) => g.add(sum, value),
        });
    }

    /// Whether the gradient needs the cotangent of `node`.
    fn wants(&self, node: NodeId) -> bool {
        self.needed[node.index()]
    }
}

/// The cotangents of `wrt`, given those of some outputs; zero where nothing flows.
pub(crate) fn pullback(
    g: &mut Graph,
    seeds: &[(NodeId, NodeId)],
    wrt: &[NodeId],
) -> Result<Vec<NodeId>> {
    let count = g.len();
    let mut needed = vec![false; count];
    for &x in wrt {
        needed[x.index()] = true;
    }
    for k in 0..count {
        let id = NodeId(u32::try_from(k).expect("fewer than 2^32 nodes"));
        if !needed[k] {
            needed[k] = g.inputs(id).iter().any(|i| needed[i.index()]);
        }
    }
    let mut state = Cotangents {
        sums: vec![None; count],
        needed,
    };
    for &(output, seed) in seeds {
        state.give(g, output, seed);
    }
    for k in (0..count).rev() {
        let id = NodeId(u32::try_from(k).expect("fewer than 2^32 nodes"));
        if let (true, Some(cotangent)) = (state.needed[k], state.sums[k]) {
            rule(g, id, cotangent, &mut state)?;
        }
    }
    Ok(wrt
        .iter()
        .map(|&x| {
            if let Some(sum) = state.sums[x.index()] {
                sum
            } else {
                let shape = g.shape(x).to_vec();
                g.zeros(&shape)
            }
        })
        .collect())
}

fn rule(g: &mut Graph, id: NodeId, c: NodeId, to: &mut Cotangents) -> Result<()> {
    let inputs = g.inputs(id).to_vec();
    match g.op(id).clone() {
        Op::Scalar(_) | Op::Data(_) | Op::Param(_) | Op::Input(_) | Op::Argsort | Op::Argmax => {}
        Op::Unary(op) => elementwise::unary(g, op, inputs[0], id, c, to),
        Op::Binary(op) => elementwise::binary(g, op, inputs[0], inputs[1], id, c, to),
        Op::Single(op) => single::rule(g, op, &inputs, id, c, to)?,
        Op::Switch => elementwise::switch(g, &inputs, c, to),
        Op::View(_) if gaussian::diagonal(g, id, c, to) => {}
        Op::View(view) => {
            let shape = g.shape(inputs[0]).to_vec();
            let back = g.place(c, view, shape);
            to.give(g, inputs[0], back);
        }
        Op::Place(view) => {
            let shape = g.shape(inputs[0]).to_vec();
            let back = g.view(c, view, shape);
            to.give(g, inputs[0], back);
        }
        Op::Reduce(how, axes) => lines::reduce(g, how, &axes, inputs[0], id, c, to),
        Op::Gather => {
            let shape = g.shape(inputs[0]).to_vec();
            let back = g.scatter(c, inputs[1], &shape);
            to.give(g, inputs[0], back);
        }
        Op::Scatter => {
            let back = g.gather(c, inputs[1]);
            to.give(g, inputs[0], back);
        }
        Op::Take => {
            let shape = g.shape(inputs[0]).to_vec();
            let back = g.take_add(c, inputs[1], &shape);
            to.give(g, inputs[0], back);
        }
        Op::TakeAdd => {
            let back = g.take(c, inputs[1]);
            to.give(g, inputs[0], back);
        }
        Op::Join(axis) => lines::join(g, axis, &inputs, c, to),
        Op::Cumulate {
            product,
            axis,
            reverse,
        } => {
            lines::cumulate(g, product, axis, reverse, inputs[0], id, c, to);
        }
        Op::Scan(index) => {
            crate::scan::pull_back(g, index, &inputs, id, c, |g, x, value| to.give(g, x, value))?;
        }
        op => linalg::rule(g, &op, &inputs, id, c, to)?,
    }
    Ok(())
}
