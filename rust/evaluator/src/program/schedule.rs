//! When each node is computed, and how.
//!
//! Work is cut into phases. In a phase the single numbers come first, then the loop nests and the
//! operations on whole arrays. A node of a loop nest reads other nodes of the same nest (same
//! phase, same shape) block by block and everything else from memory, as an earlier phase left it.
//! As the cotangent of a term of a sum is known beforehand, the forward and the backward part of a
//! likelihood come to lie in the same nest.

use crate::graph::{Graph, NodeId};
use crate::op::{Op, UnaryOp};

/// How a node is computed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    /// Not needed.
    Unused,
    /// Known when bound.
    Constant,
    /// Given at run time.
    Input,
    /// Elements of another node where they are.
    View,
    /// A single number.
    Scalar,
    /// Block by block in a loop nest.
    Stream,
    /// Collected by a loop nest over the shape of its streamed input.
    Collect,
    /// An operation on whole arrays.
    Step,
}

/// See the [module](self).
pub(crate) struct Schedule {
    pub(crate) kind: Vec<Kind>,
    /// The phase that computes a node, for those that are computed.
    pub(crate) phase: Vec<usize>,
    /// Streamed nodes that something reads from memory.
    pub(crate) stored: Vec<bool>,
    pub(crate) phases: usize,
}

/// The longest side of a matrix that is multiplied inside a loop nest.
const THIN: usize = 512;

impl Schedule {
    /// Plans the computation of `outputs`.
    pub(crate) fn new(g: &Graph, outputs: &[NodeId]) -> Self {
        let mut schedule = Self {
            kind: vec![Kind::Unused; g.len()],
            phase: vec![0; g.len()],
            stored: vec![false; g.len()],
            phases: 0,
        };
        let needed = needed(g, outputs);
        let contiguous = wanted_contiguous(g, &needed, outputs);
        for id in nodes(g).filter(|id| needed[id.index()]) {
            let k = id.index();
            schedule.kind[k] = kind(g, id, contiguous[k]);
            schedule.phase[k] = schedule.phase_of(g, id);
            if !matches!(schedule.kind[k], Kind::Constant | Kind::Input | Kind::View) {
                schedule.phases = schedule.phases.max(schedule.phase[k] + 1);
            }
        }
        schedule.mark_stored(g, outputs);
        schedule
    }

    /// The first phase in which the value of a node can be read from memory.
    fn ready(&self, g: &Graph, id: NodeId) -> usize {
        let k = id.index();
        match self.kind[k] {
            Kind::Unused | Kind::Constant | Kind::Input => 0,
            Kind::View => self.ready(g, g.inputs(id)[0]),
            Kind::Scalar => self.phase[k],
            Kind::Stream | Kind::Collect | Kind::Step => self.phase[k] + 1,
        }
    }

    fn phase_of(&self, g: &Graph, id: NodeId) -> usize {
        (0..g.inputs(id).len())
            .map(|k| {
                let input = g.inputs(id)[k];
                if self.may_be_inside(g, id, k) {
                    self.phase[input.index()]
                } else {
                    self.ready(g, input)
                }
            })
            .max()
            .unwrap_or(0)
    }

    /// The shape that the loop nest of a node runs over.
    pub(crate) fn space<'g>(&self, g: &'g Graph, id: NodeId) -> Option<&'g [usize]> {
        match self.kind[id.index()] {
            Kind::Stream => Some(g.shape(id)),
            Kind::Collect => {
                let streamed = usize::from(matches!(g.op(id), Op::MatVec(_)));
                Some(g.shape(g.inputs(id)[streamed]))
            }
            _ => None,
        }
    }

    /// Which inputs a node of a loop nest reads block by block.
    pub(crate) fn streamed(&self, g: &Graph, id: NodeId) -> std::ops::Range<usize> {
        match (self.kind[id.index()], g.op(id)) {
            (Kind::Stream, Op::Unary(_) | Op::Binary(_) | Op::Switch | Op::View(_)) => {
                0..g.inputs(id).len()
            }
            (Kind::Collect, Op::MatVec(_)) => 1..2,
            (Kind::Collect, _) => 0..1,
            _ => 0..0,
        }
    }

    /// Whether a node of a loop nest reads its input `k` from the same nest.
    pub(crate) fn is_inside(&self, g: &Graph, id: NodeId, k: usize) -> bool {
        let input = g.inputs(id)[k];
        self.may_be_inside(g, id, k) && self.phase[input.index()] == self.phase[id.index()]
    }

    /// Whether a node can read its input `k` from the same nest if both are in the same phase.
    fn may_be_inside(&self, g: &Graph, id: NodeId, k: usize) -> bool {
        let input = g.inputs(id)[k];
        self.streamed(g, id).contains(&k)
            && self.kind[input.index()] == Kind::Stream
            && Some(g.shape(input)) == self.space(g, id)
            && !matches!(g.op(id), Op::View(_))
    }

    fn mark_stored(&mut self, g: &Graph, outputs: &[NodeId]) {
        for &output in outputs {
            self.store(g, output);
        }
        for id in nodes(g) {
            if matches!(
                self.kind[id.index()],
                Kind::Unused | Kind::Constant | Kind::Input
            ) {
                continue;
            }
            for k in 0..g.inputs(id).len() {
                if !self.is_inside(g, id, k) {
                    self.store(g, g.inputs(id)[k]);
                }
            }
        }
    }

    fn store(&mut self, g: &Graph, id: NodeId) {
        match self.kind[id.index()] {
            Kind::Stream => self.stored[id.index()] = true,
            Kind::View => self.store(g, g.inputs(id)[0]),
            _ => {}
        }
    }
}

/// All nodes in order.
pub(crate) fn nodes(g: &Graph) -> impl Iterator<Item = NodeId> + use<> {
    (0..u32::try_from(g.len()).expect("fewer than 2^32 nodes")).map(NodeId)
}

fn needed(g: &Graph, outputs: &[NodeId]) -> Vec<bool> {
    let mut needed = vec![false; g.len()];
    for o in outputs {
        needed[o.index()] = true;
    }
    for k in (0..g.len()).rev() {
        let id = NodeId(u32::try_from(k).expect("fewer than 2^32 nodes"));
        if needed[k] {
            for input in g.inputs(id) {
                needed[input.index()] = true;
            }
        }
    }
    needed
}

/// Nodes whose elements something wants one after the other in memory.
fn wanted_contiguous(g: &Graph, needed: &[bool], outputs: &[NodeId]) -> Vec<bool> {
    let mut wanted = vec![false; g.len()];
    for o in outputs {
        wanted[o.index()] = true;
    }
    for id in nodes(g).filter(|id| needed[id.index()]) {
        let inputs = g.inputs(id);
        let from = match g.op(id) {
            Op::Unary(_) | Op::Binary(_) | Op::Switch | Op::Reduce(..) | Op::Scatter => continue,
            _ => inputs,
        };
        for input in from {
            wanted[input.index()] = true;
        }
    }
    wanted
}

fn kind(g: &Graph, id: NodeId, contiguous: bool) -> Kind {
    if g.is_known(id) {
        return Kind::Constant;
    }
    let single = g.size(id) == 1;
    match g.op(id) {
        Op::Scalar(_) | Op::Data(_) => Kind::Constant,
        Op::Param(_) | Op::Input(_) => Kind::Input,
        Op::View(view) => {
            let plain = view.is_contiguous(g.shape(id)) || single;
            if contiguous && !plain {
                Kind::Stream
            } else {
                Kind::View
            }
        }
        Op::Unary(UnaryOp::Detach) if single => Kind::View,
        Op::Unary(_) | Op::Binary(_) | Op::Switch => {
            if single {
                Kind::Scalar
            } else {
                Kind::Stream
            }
        }
        Op::Gather if single => Kind::Step,
        Op::Gather => Kind::Stream,
        Op::Reduce(..) => Kind::Collect,
        Op::Scatter if g.size(g.inputs(id)[0]) > 1 => Kind::Collect,
        Op::MatVec(transposed) => product_kind(g, id, *transposed),
        _ => Kind::Step,
    }
}

/// A product with a known, long and thin matrix runs along its long side.
fn product_kind(g: &Graph, id: NodeId, transposed: bool) -> Kind {
    let matrix = g.inputs(id)[0];
    let (out, inner) = (
        g.shape(matrix)[usize::from(transposed)],
        g.shape(matrix)[usize::from(!transposed)],
    );
    if g.data(matrix).is_none() || out.min(inner) > THIN || out.max(inner) <= 1 {
        Kind::Step
    } else if out >= inner {
        Kind::Stream
    } else {
        Kind::Collect
    }
}
