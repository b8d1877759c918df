//! Elementwise nodes: folding, broadcasting kept as narrow as it can be, rules.

use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, SingleOp, UnaryOp};
use crate::shape::{Shape, Strided, broadcast, size};
use crate::simplify;

/// How deeply rules may call each other.
const MAX_DEPTH: u32 = 100;

impl Graph {
    /// A function of each element.
    pub(crate) fn unary(&mut self, op: UnaryOp, x: NodeId) -> NodeId {
        let shape = self.shape(x).to_vec();
        if let Some((base, view)) = self.as_view(x) {
            // Computing before repeating or reordering is never more work.
            if self.size(base) <= size(&shape) {
                let view = view.clone();
                let inner = self.unary(op, base);
                return self.view(inner, view, shape);
            }
        }
        if let Some((base, index)) = self.smaller_gather(x) {
            let inner = self.unary(op, base);
            return self.gather(inner, index);
        }
        if !self.is_known(x)
            && let Some(better) = self.deeper(|g| simplify::unary(g, op, x))
        {
            return better;
        }
        self.make(Op::Unary(op), vec![x], shape)
    }

    /// A function of pairs of elements; the shapes must broadcast.
    pub(crate) fn binary(&mut self, op: BinaryOp, a: NodeId, b: NodeId) -> NodeId {
        let full =
            broadcast(self.shape(a), self.shape(b)).expect("shapes were checked to broadcast");
        let (mut a, mut b) = (self.narrow(a), self.narrow(b));
        if let Some(out) =
            self.deeper(|g| g.below_views(&[a, b], &full, |g, x| g.binary(op, x[0], x[1])))
        {
            return out;
        }
        if let Some(out) = self.below_gather(op, a, b) {
            return self.broadcast_to(out, &full);
        }
        if op.commutes() && self.order(b) < self.order(a) {
            (a, b) = (b, a);
        }
        let shape = broadcast(self.shape(a), self.shape(b)).expect("narrower shapes broadcast too");
        let out = match self.deeper(|g| simplify::binary(g, op, a, b)) {
            Some(better) => better,
            None => self.make(Op::Binary(op), vec![a, b], shape),
        };
        self.broadcast_to(out, &full)
    }

    /// Where `condition` is not zero `a`, else `b`; the shapes must broadcast.
    pub(crate) fn switch(&mut self, condition: NodeId, a: NodeId, b: NodeId) -> NodeId {
        let full = broadcast(self.shape(a), self.shape(b))
            .and_then(|both| broadcast(&both, self.shape(condition)))
            .expect("shapes were checked to broadcast");
        let parts = [self.narrow(condition), self.narrow(a), self.narrow(b)];
        if let Some(out) =
            self.deeper(|g| g.below_views(&parts, &full, |g, x| g.switch(x[0], x[1], x[2])))
        {
            return out;
        }
        let [condition, a, b] = parts;
        let out = if let Some(better) = self.deeper(|g| simplify::switch(g, condition, a, b)) {
            better
        } else {
            let shape = broadcast(self.shape(a), self.shape(b))
                .and_then(|both| broadcast(&both, self.shape(condition)))
                .expect("narrower shapes broadcast too");
            self.make(Op::Switch, vec![condition, a, b], shape)
        };
        self.broadcast_to(out, &full)
    }

    /// [`Self::switch`], but one between known numbers stays a choice: what is multiplied with it later
    /// goes inside, where an infinite slope of a branch not taken does no harm.
    pub(crate) fn choice(&mut self, condition: NodeId, a: NodeId, b: NodeId) -> NodeId {
        let out = self.switch(condition, a, b);
        if self.data(out).is_none() || self.scalar_value(condition).is_some() {
            return out;
        }
        let shape = self.shape(out).to_vec();
        self.intern(Op::Switch, vec![condition, a, b], shape)
    }

    /// A rare function of numbers; the shapes must broadcast.
    pub(crate) fn single(&mut self, op: SingleOp, inputs: &[NodeId]) -> NodeId {
        let shape_of = |g: &Self, parts: &[NodeId]| {
            parts.iter().fold(Shape::new(), |shape, &x| {
                broadcast(&shape, g.shape(x)).expect("shapes were checked to broadcast")
            })
        };
        let full = shape_of(self, inputs);
        let parts: Vec<NodeId> = inputs.iter().map(|&x| self.narrow(x)).collect();
        let shape = shape_of(self, &parts);
        let out = self.make(Op::Single(op), parts, shape);
        self.broadcast_to(out, &full)
    }

    /// The array and the indices of a gather that repeats elements.
    fn smaller_gather(&self, x: NodeId) -> Option<(NodeId, NodeId)> {
        let &[base, index] = self.inputs(x) else {
            return None;
        };
        (*self.op(x) == Op::Gather && self.size(base) < self.size(x)).then_some((base, index))
    }

    /// An operation of a gather that repeats elements and a number, or of two gathers at the same
    /// indices, before the elements are repeated.
    fn below_gather(&mut self, op: BinaryOp, a: NodeId, b: NodeId) -> Option<NodeId> {
        let single = |g: &Self, x: NodeId| g.shape(x).is_empty();
        match (self.smaller_gather(a), self.smaller_gather(b)) {
            (Some((x, i)), Some((y, j))) if i == j && self.shape(x) == self.shape(y) => {
                let inner = self.binary(op, x, y);
                Some(self.gather(inner, i))
            }
            (Some((x, i)), _) if single(self, b) => {
                let inner = self.binary(op, x, b);
                Some(self.gather(inner, i))
            }
            (_, Some((y, j))) if single(self, a) => {
                let inner = self.binary(op, a, y);
                Some(self.gather(inner, j))
            }
            _ => None,
        }
    }

    /// Tries a rule, unless rules have already called each other very deeply: a node that is not as
    /// simple as it could be is better than no end.
    pub(crate) fn deeper(
        &mut self,
        rule: impl FnOnce(&mut Self) -> Option<NodeId>,
    ) -> Option<NodeId> {
        if self.depth >= MAX_DEPTH {
            return None;
        }
        self.depth += 1;
        let out = rule(self);
        self.depth -= 1;
        out
    }

    /// Constants first, then in order of making, so that equal sums and products meet.
    fn order(&self, x: NodeId) -> (bool, NodeId) {
        (self.scalar_value(x).is_none(), x)
    }

    /// The node with the fewest axes and elements that broadcasts to this one.
    pub(crate) fn narrow(&mut self, x: NodeId) -> NodeId {
        let shape = self.shape(x).to_vec();
        let (base, view) = match self.as_view(x) {
            Some((base, view)) => (base, view.clone()),
            None if shape.first() == Some(&1) => (x, Strided::whole(&shape).normal(&shape)),
            None => return x,
        };
        if shape.contains(&0) {
            return x;
        }
        let mut narrow: Shape = shape
            .iter()
            .zip(&view.strides)
            .map(|(&n, &stride)| if stride == 0 { 1 } else { n })
            .collect();
        let lead = narrow.iter().take_while(|&&n| n == 1).count();
        narrow.drain(..lead);
        if narrow == shape {
            return x;
        }
        let view = Strided {
            offset: view.offset,
            strides: view.strides[lead..].to_vec(),
        };
        self.view(base, view, narrow)
    }

    /// Moves one view of all operands behind the operation, when all show the same or are numbers.
    fn below_views(
        &mut self,
        operands: &[NodeId],
        full: &[usize],
        apply: impl FnOnce(&mut Self, &[NodeId]) -> NodeId,
    ) -> Option<NodeId> {
        let first = *operands.iter().find(|&&x| !self.shape(x).is_empty())?;
        let (base, view) = self.as_view(first)?;
        let (view, shape) = (view.clone(), self.shape(first).to_vec());
        let base_shape = self.shape(base).to_vec();
        if size(&base_shape) > size(&shape) || base_shape.first() == Some(&1) {
            return None;
        }
        let mut bases = Vec::with_capacity(operands.len());
        for &x in operands {
            if self.shape(x).is_empty() {
                bases.push(x);
                continue;
            }
            let (other, other_view) = self.as_view(x)?;
            if *other_view != view || self.shape(x) != shape || self.shape(other) != base_shape {
                return None;
            }
            bases.push(other);
        }
        let inner = apply(self, &bases);
        if self.shape(inner) != base_shape {
            // A rule made it narrower; the plain route handles that.
            let inner = self.broadcast_to(inner, &base_shape);
            let shown = self.view(inner, view, shape);
            return Some(self.broadcast_to(shown, full));
        }
        let shown = self.view(inner, view, shape);
        Some(self.broadcast_to(shown, full))
    }

    /// `-x`
    pub(crate) fn neg(&mut self, x: NodeId) -> NodeId {
        self.unary(UnaryOp::Neg, x)
    }

    /// `a + b`
    pub(crate) fn add(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(BinaryOp::Add, a, b)
    }

    /// `a - b`
    pub(crate) fn sub(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(BinaryOp::Sub, a, b)
    }

    /// `a * b`
    pub(crate) fn mul(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(BinaryOp::Mul, a, b)
    }

    /// `a / b`
    pub(crate) fn div(&mut self, a: NodeId, b: NodeId) -> NodeId {
        self.binary(BinaryOp::Div, a, b)
    }

    /// `x * number`
    pub(crate) fn scale(&mut self, x: NodeId, number: f64) -> NodeId {
        let number = self.scalar(number);
        self.mul(number, x)
    }

    /// `x + number`
    pub(crate) fn shift(&mut self, x: NodeId, number: f64) -> NodeId {
        let number = self.scalar(number);
        self.add(number, x)
    }
}
