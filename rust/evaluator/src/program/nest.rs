//! From the nodes of a loop nest to its instructions.

use std::collections::HashMap;

use super::layout::{Layout, is_copy};
use super::memory::Ref;
use super::region::{Dst, Instruction, Region, Src};
use super::schedule::{Kind, Schedule};
use super::space::{Access, Space};
use super::turn::turn;
use crate::elementwise;
use crate::graph::{Graph, NodeId};
use crate::kernels;
use crate::op::{BinaryOp, Op, Reduction, UnaryOp};
use crate::shape::contiguous;

/// The loop nest over `shape` that computes `members`.
pub(crate) fn build(
    g: &Graph,
    schedule: &Schedule,
    layout: &mut Layout,
    shape: &[usize],
    members: &[NodeId],
) -> Region {
    let mut nest = Nest {
        g,
        schedule,
        layout,
        shape,
        accesses: Vec::new(),
        access_of: HashMap::new(),
        last_use: HashMap::new(),
        uses: HashMap::new(),
        place: HashMap::new(),
        done: Vec::new(),
        free: Vec::new(),
        passing: Vec::new(),
        block: 0,
        linear: Access {
            at: Ref::Arena(0),
            strides: contiguous(shape),
        },
        space: None,
        instructions: Vec::new(),
        initial: Vec::new(),
    };
    nest.collect_accesses(members);
    nest.count_uses(members);
    for (position, &id) in members.iter().enumerate() {
        nest.emit(id, members);
        nest.release(position);
    }
    let space = nest.space.expect("the space was merged");
    Region {
        space,
        accesses: nest.accesses,
        instructions: nest.instructions,
        initial: nest.initial,
    }
}

struct Nest<'a> {
    g: &'a Graph,
    schedule: &'a Schedule,
    layout: &'a mut Layout,
    shape: &'a [usize],
    accesses: Vec<Access>,
    access_of: HashMap<NodeId, usize>,
    /// The last member that reads a streamed node from its block.
    last_use: HashMap<NodeId, usize>,
    uses: HashMap<NodeId, usize>,
    place: HashMap<NodeId, Src>,
    /// Members that an earlier instruction has computed on the way.
    done: Vec<NodeId>,
    free: Vec<usize>,
    /// Blocks that only the current member reads.
    passing: Vec<usize>,
    block: usize,
    linear: Access,
    space: Option<Space>,
    instructions: Vec<Instruction>,
    initial: Vec<(usize, usize, f64)>,
}

impl Nest<'_> {
    /// Finds all arrays read or collected and merges the axes of the space.
    fn collect_accesses(&mut self, members: &[NodeId]) {
        for &id in members {
            for k in self.schedule.streamed(self.g, id) {
                let input = self.g.inputs(id)[k];
                if let Op::View(view) = self.g.op(id) {
                    // A copy of a view reads the array where the view shows it.
                    let at = self
                        .layout
                        .contiguous(self.g, input)
                        .plus(view.offset.cast_signed());
                    self.add_access(
                        id,
                        Access {
                            at,
                            strides: view.strides.clone(),
                        },
                    );
                } else if !self.schedule.is_inside(self.g, id, k) {
                    let access = self.layout.access(self.g, input, self.shape);
                    self.add_access(input, access);
                }
            }
            if let Op::Reduce(_, axes) = self.g.op(id) {
                let access = self.reduced(id, axes);
                self.add_access(id, access);
            }
        }
        // The order of the space itself takes part in the merging.
        self.accesses.push(self.linear.clone());
        let mut space = Space::merge(self.shape, &mut self.accesses);
        self.linear = self.accesses.pop().expect("just pushed");
        if members.iter().all(|&m| self.has_no_order(m))
            && turn(&mut space, &mut self.accesses, self.layout)
        {
            self.linear.strides = vec![space.cols.cast_signed(), 1];
        }
        self.block = space.block();
        self.space = Some(space);
    }

    /// Whether a member may run through its elements in any order.
    fn has_no_order(&self, id: NodeId) -> bool {
        let stored =
            self.schedule.kind[id.index()] == Kind::Stream && self.schedule.stored[id.index()];
        !stored && !matches!(self.g.op(id), Op::Gather | Op::Scatter | Op::MatVec(_))
    }

    fn add_access(&mut self, id: NodeId, access: Access) {
        self.access_of.entry(id).or_insert_with(|| {
            self.accesses.push(access);
            self.accesses.len() - 1
        });
    }

    /// Where a reduction collects: stride 0 along the axes that vanish.
    fn reduced(&self, id: NodeId, axes: &[usize]) -> Access {
        let own = contiguous(self.g.shape(id));
        let mut next = 0;
        let strides = (0..self.shape.len())
            .map(|axis| {
                if axes.contains(&axis) {
                    return 0;
                }
                next += 1;
                own[next - 1]
            })
            .collect();
        Access {
            at: Ref::Arena(self.layout.target(id)),
            strides,
        }
    }

    fn count_uses(&mut self, members: &[NodeId]) {
        for (position, &id) in members.iter().enumerate() {
            for k in self.schedule.streamed(self.g, id) {
                let input = self.g.inputs(id)[k];
                *self.uses.entry(input).or_default() += 1;
                self.last_use.insert(input, position);
            }
        }
        // What is computed while it is summed needs its operands until then.
        for &id in members {
            if self.only_summed(id, members).is_some() {
                let until = self.last_use[&id];
                for input in self.g.inputs(id) {
                    let last = self.last_use.entry(*input).or_default();
                    *last = until.max(*last);
                }
            }
        }
    }

    /// Frees the blocks of what is not read any more.
    fn release(&mut self, position: usize) {
        self.free.append(&mut self.passing);
        let last_use = &self.last_use;
        let free = &mut self.free;
        self.place.retain(|x, src| {
            let ended = last_use.get(x).is_none_or(|&last| last <= position);
            if let (true, Src::Block(at)) = (ended, &*src) {
                free.push(*at);
            }
            !ended
        });
        // Maps have no order, programs do.
        self.free.sort_unstable();
    }

    fn new_block(&mut self) -> usize {
        self.free
            .pop()
            .unwrap_or_else(|| self.layout.reserve(self.block))
    }

    /// Where a member writes its value, remembered for its readers.
    fn target(&mut self, id: NodeId) -> Dst {
        if self.schedule.stored[id.index()] {
            let at = self.layout.target(id);
            self.place.insert(id, Src::Linear(Ref::Arena(at)));
            return Dst::Linear(at);
        }
        let at = self.new_block();
        self.place.insert(id, Src::Block(at));
        Dst::Block(at)
    }

    /// Where input `k` of a member is read, loading it into a block if it must be.
    fn source(&mut self, id: NodeId, k: usize) -> Src {
        let input = self.g.inputs(id)[k];
        if let Some(&place) = self.place.get(&input) {
            return place;
        }
        let access = self.access_of[&input];
        if let Some(direct) = self.direct(access) {
            return direct;
        }
        let at = self.new_block();
        self.instructions.push(Instruction::Load {
            access,
            to: Dst::Block(at),
        });
        self.place.insert(input, Src::Block(at));
        Src::Block(at)
    }

    /// How an access is read without copying, if it can be.
    fn direct(&self, access: usize) -> Option<Src> {
        let Access { at, strides } = &self.accesses[access];
        if strides.iter().all(|&s| s == 0) {
            return Some(Src::Number(*at));
        }
        if *strides == self.linear.strides {
            return Some(Src::Linear(*at));
        }
        let space = self.space.as_ref()?;
        let (row, col) = (strides[strides.len() - 2], strides[strides.len() - 1]);
        let one_row = space.tile == 1;
        let cols = space.cols.cast_signed();
        if col == 1 && (one_row || row == cols) {
            Some(Src::Piece(access))
        } else if col == 0 && (one_row || row == 0) {
            Some(Src::Each(access))
        } else {
            None
        }
    }

    /// As [`source`](Self::source), but always one number per element.
    fn elements(&mut self, id: NodeId, k: usize) -> Src {
        match self.source(id, k) {
            Src::Number(_) | Src::Each(_) => {
                let access = self.access_of[&self.g.inputs(id)[k]];
                let at = self.new_block();
                self.instructions.push(Instruction::Load {
                    access,
                    to: Dst::Block(at),
                });
                // Not remembered: other readers are better off with the number.
                self.passing.push(at);
                Src::Block(at)
            }
            src => src,
        }
    }

    fn emit(&mut self, id: NodeId, members: &[NodeId]) {
        if self.done.contains(&id) {
            return;
        }
        match self.g.op(id).clone() {
            Op::Unary(op) if !is_copy(self.g.op(id)) => self.unary(id, op, members),
            Op::View(_) => {
                let access = self.access_of[&id];
                let to = self.target(id);
                self.instructions.push(Instruction::Load { access, to });
            }
            Op::Unary(_) => {
                let x = self.elements(id, 0);
                let to = self.target(id);
                self.instructions.push(Instruction::Copy { x, to });
            }
            Op::Binary(op) => {
                let deferred = op == BinaryOp::Mul && self.only_summed(id, members).is_some();
                if !deferred {
                    let (a, b) = (self.source(id, 0), self.source(id, 1));
                    let to = self.target(id);
                    self.instructions.push(match elementwise::quick_binary(op) {
                        Some(op) => Instruction::Quick2 { op, a, b, to },
                        None => Instruction::Binary {
                            op,
                            kernel: elementwise::binary(op),
                            a,
                            b,
                            to,
                        },
                    });
                }
            }
            Op::Switch => {
                let [condition, a, b] = [0, 1, 2].map(|k| self.source(id, k));
                let to = self.target(id);
                self.instructions.push(Instruction::Switch {
                    condition,
                    a,
                    b,
                    to,
                });
            }
            Op::Gather => {
                let (base, index) = (self.g.inputs(id)[0], self.g.inputs(id)[1]);
                let table = self.layout.table(self.g, index, self.g.size(base));
                let from = self.layout.contiguous(self.g, base);
                let to = self.target(id);
                self.instructions
                    .push(Instruction::Gather { table, from, to });
            }
            Op::MatVec(transposed) => self.product(id, transposed),
            Op::Reduce(how, _) => self.reduce(id, how, members),
            Op::Scatter => {
                let x = self.elements(id, 0);
                let out = self.start(id, 0.0);
                let table = self
                    .layout
                    .table(self.g, self.g.inputs(id)[1], self.g.size(id));
                self.instructions
                    .push(Instruction::Scatter { table, x, out });
            }
            _ => debug_assert!(false, "{:?} is no part of a loop nest", self.g.op(id)),
        }
    }

    /// Fills where a member collects before the first block.
    fn start(&mut self, id: NodeId, value: f64) -> usize {
        let out = self.layout.target(id);
        self.initial.push((out, self.g.size(id), value));
        out
    }

    fn unary(&mut self, id: NodeId, op: UnaryOp, members: &[NodeId]) {
        let input = self.g.inputs(id)[0];
        if matches!(op, UnaryOp::Sqr | UnaryOp::Softplus) && self.only_summed(id, members).is_some()
        {
            return;
        }
        // Two functions that share most of their work.
        let (first, second, kernel): (_, _, kernels::Pair) = match op {
            UnaryOp::Softplus | UnaryOp::Sigmoid => (
                UnaryOp::Softplus,
                UnaryOp::Sigmoid,
                kernels::softplus_sigmoid,
            ),
            UnaryOp::Lgamma | UnaryOp::Digamma => {
                (UnaryOp::Lgamma, UnaryOp::Digamma, kernels::lgamma_digamma)
            }
            UnaryOp::Sin | UnaryOp::Cos => (UnaryOp::Sin, UnaryOp::Cos, kernels::sin_cos),
            _ => return self.plain_unary(id, op),
        };
        let other = if op == first { second } else { first };
        let partner = members.iter().copied().find(|&m| {
            *self.g.op(m) == Op::Unary(other)
                && self.g.inputs(m)[0] == input
                && !self.done.contains(&m)
        });
        match partner {
            Some(partner) if self.only_summed(partner, members).is_none() => {
                let x = self.elements(id, 0);
                let (own, theirs) = (self.target(id), self.target(partner));
                let (first, second) = if op == first {
                    (own, theirs)
                } else {
                    (theirs, own)
                };
                self.done.push(partner);
                self.instructions.push(Instruction::Pair {
                    kernel,
                    x,
                    first,
                    second,
                });
            }
            _ => self.plain_unary(id, op),
        }
    }

    fn plain_unary(&mut self, id: NodeId, op: UnaryOp) {
        let x = self.elements(id, 0);
        let to = self.target(id);
        self.instructions.push(match elementwise::quick_unary(op) {
            Some(op) => Instruction::Quick1 { op, x, to },
            None => Instruction::Unary {
                op,
                kernel: elementwise::unary(op),
                x,
                to,
            },
        });
    }

    /// The sum over all elements that is the only reader of a member, if there is one.
    fn only_summed(&self, id: NodeId, members: &[NodeId]) -> Option<NodeId> {
        if self.schedule.stored[id.index()] || self.uses.get(&id) != Some(&1) {
            return None;
        }
        let reader = members.iter().copied().find(|&m| {
            matches!(self.g.op(m), Op::Reduce(Reduction::Sum, _)) && self.g.inputs(m)[0] == id
        })?;
        let full = |x: NodeId| self.g.shape(x) == self.shape;
        let inputs = self.g.inputs(id);
        (self.g.size(reader) == 1 && inputs.iter().all(|&x| full(x))).then_some(reader)
    }

    fn product(&mut self, id: NodeId, transposed: bool) {
        let (matrix, x) = (self.g.inputs(id)[0], self.g.inputs(id)[1]);
        if self.schedule.kind[id.index()] == Kind::Stream {
            // The result runs along the long side.
            let matrix = self.layout.thin(self.g, matrix, !transposed);
            let x = self.layout.contiguous(self.g, x);
            let to = self.target(id);
            self.instructions
                .push(Instruction::Product { matrix, x, to });
        } else {
            let matrix = self.layout.thin(self.g, matrix, transposed);
            let x = self.elements(id, 1);
            let out = self.start(id, 0.0);
            self.instructions
                .push(Instruction::ProductBack { matrix, x, out });
        }
    }

    fn reduce(&mut self, id: NodeId, how: Reduction, members: &[NodeId]) {
        let input = self.g.inputs(id)[0];
        let out = self.start(id, how.identity());
        let access = self.access_of[&id];
        let total = self.accesses[access].strides.iter().all(|&s| s == 0);
        if how != Reduction::Sum || !total {
            let x = self.elements(id, 0);
            self.instructions
                .push(Instruction::Reduce { how, x, access });
            return;
        }
        let deferred = self.schedule.kind[input.index()] == Kind::Stream
            && !self.place.contains_key(&input)
            && !self.access_of.contains_key(&input);
        if !deferred {
            let x = self.elements(id, 0);
            self.instructions.push(Instruction::Sum { x, out });
            return;
        }
        match *self.g.op(input) {
            Op::Binary(_) => {
                let (a, b) = (self.elements(input, 0), self.elements(input, 1));
                self.instructions.push(Instruction::Dot { a, b, out });
            }
            Op::Unary(UnaryOp::Sqr) => {
                let x = self.elements(input, 0);
                self.instructions.push(Instruction::SumOfSquares { x, out });
            }
            _ => self.sum_softplus(input, members, out),
        }
    }

    fn sum_softplus(&mut self, softplus: NodeId, members: &[NodeId], out: usize) {
        let argument = self.g.inputs(softplus)[0];
        let sigmoid = members.iter().copied().find(|&m| {
            *self.g.op(m) == Op::Unary(UnaryOp::Sigmoid)
                && self.g.inputs(m)[0] == argument
                && !self.place.contains_key(&m)
                && !self.done.contains(&m)
        });
        let x = self.elements(softplus, 0);
        match sigmoid {
            Some(sigmoid) => {
                let to = self.target(sigmoid);
                self.done.push(sigmoid);
                self.instructions.push(Instruction::SumSoftplusSigmoid {
                    x,
                    sigmoid: to,
                    out,
                });
            }
            None => self.instructions.push(Instruction::SumSoftplus { x, out }),
        }
    }
}
