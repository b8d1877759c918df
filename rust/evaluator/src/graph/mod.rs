//! The graph of one bound model: single assignment, all sizes known, equal nodes shared.
//!
//! Nodes are made by the methods of [`Graph`], which fold what is known, apply the rules of
//! [`simplify`](crate::simplify) and share equal nodes; a node only refers to earlier ones, so the
//! order of the numbers of the nodes is an order of evaluation.

mod build;
mod linalg;
mod structure;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

use crate::kernels::Isa;
use crate::op::Op;
use crate::scan::Loop;
use crate::shape::{Shape, Strided, size};

/// A node of a [`Graph`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct NodeId(pub(crate) u32);

impl NodeId {
    /// The number of the node.
    pub(crate) fn index(self) -> usize {
        self.0 as usize
    }
}

/// What is computed, from what, and the shape of the result.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Node {
    pub(crate) op: Op,
    pub(crate) inputs: Vec<NodeId>,
    pub(crate) shape: Shape,
}

/// See the [module](self).
pub(crate) struct Graph {
    nodes: Vec<Node>,
    index: HashMap<Node, NodeId>,
    data: Vec<Arc<[f64]>>,
    data_index: HashMap<u64, Vec<u32>>,
    loops: Vec<Arc<Loop>>,
    depth: u32,
    pub(crate) isa: Isa,
}

impl Graph {
    /// An empty graph whose constants are folded with the kernels of `isa`.
    pub(crate) fn new(isa: Isa) -> Self {
        Self {
            nodes: Vec::new(),
            index: HashMap::new(),
            data: Vec::new(),
            data_index: HashMap::new(),
            loops: Vec::new(),
            depth: 0,
            isa,
        }
    }

    /// The number of nodes.
    pub(crate) fn len(&self) -> usize {
        self.nodes.len()
    }

    /// A node.
    pub(crate) fn node(&self, id: NodeId) -> &Node {
        &self.nodes[id.index()]
    }

    /// The operation of a node.
    pub(crate) fn op(&self, id: NodeId) -> &Op {
        &self.nodes[id.index()].op
    }

    /// The shape of a node.
    pub(crate) fn shape(&self, id: NodeId) -> &[usize] {
        &self.nodes[id.index()].shape
    }

    /// The number of elements of a node.
    pub(crate) fn size(&self, id: NodeId) -> usize {
        size(self.shape(id))
    }

    /// The inputs of a node.
    pub(crate) fn inputs(&self, id: NodeId) -> &[NodeId] {
        &self.nodes[id.index()].inputs
    }

    /// The loop with this number.
    pub(crate) fn loop_at(&self, index: u32) -> &Arc<Loop> {
        &self.loops[index as usize]
    }

    /// Adds a loop and returns its number.
    pub(crate) fn add_loop(&mut self, body: Loop) -> u32 {
        self.loops.push(Arc::new(body));
        u32::try_from(self.loops.len() - 1).expect("fewer than 2^32 loops")
    }

    /// The node with this content: the one there is, or a new one.
    pub(crate) fn intern(&mut self, op: Op, inputs: Vec<NodeId>, shape: Shape) -> NodeId {
        let node = Node { op, inputs, shape };
        if let Some(&id) = self.index.get(&node) {
            return id;
        }
        let id = NodeId(u32::try_from(self.nodes.len()).expect("fewer than 2^32 nodes"));
        self.nodes.push(node.clone());
        self.index.insert(node, id);
        id
    }

    /// A number.
    pub(crate) fn scalar(&mut self, value: f64) -> NodeId {
        self.intern(Op::Scalar(value.to_bits()), Vec::new(), Vec::new())
    }

    /// An array whose elements are known. An array of one value is that number, broadcast.
    pub(crate) fn constant(&mut self, values: Vec<f64>, shape: Shape) -> NodeId {
        self.shared(values.into(), shape)
    }

    /// The same for elements that somebody else holds too.
    pub(crate) fn shared(&mut self, values: Arc<[f64]>, shape: Shape) -> NodeId {
        debug_assert_eq!(values.len(), size(&shape));
        if let Some(&first) = values.first()
            && values.iter().all(|x| x.to_bits() == first.to_bits())
        {
            let number = self.scalar(first);
            return self.broadcast_to(number, &shape);
        }
        let index = self.intern_data(values);
        self.intern(Op::Data(index), Vec::new(), shape)
    }

    fn intern_data(&mut self, values: Arc<[f64]>) -> u32 {
        let mut hasher = DefaultHasher::new();
        // Hash a sample: equality is checked in full below.
        let step = (values.len() / 64).max(1);
        values.len().hash(&mut hasher);
        for x in values.iter().step_by(step) {
            x.to_bits().hash(&mut hasher);
        }
        let key = hasher.finish();
        let same = |old: &[f64]| {
            old.len() == values.len()
                && old
                    .iter()
                    .zip(&*values)
                    .all(|(a, b)| a.to_bits() == b.to_bits())
        };
        if let Some(found) = self
            .data_index
            .get(&key)
            .and_then(|all| all.iter().find(|&&i| same(&self.data[i as usize])))
        {
            return *found;
        }
        let index = u32::try_from(self.data.len()).expect("fewer than 2^32 arrays");
        self.data.push(values);
        self.data_index.entry(key).or_default().push(index);
        index
    }

    /// The elements of a node that is an array known at bind time.
    pub(crate) fn data(&self, id: NodeId) -> Option<&Arc<[f64]>> {
        match self.op(id) {
            Op::Data(index) => Some(&self.data[*index as usize]),
            _ => None,
        }
    }

    /// The value of a node that is a known number, broadcast or not.
    pub(crate) fn scalar_value(&self, id: NodeId) -> Option<f64> {
        match self.op(id) {
            Op::Scalar(bits) => Some(f64::from_bits(*bits)),
            Op::View(_) => match self.op(self.inputs(id)[0]) {
                Op::Scalar(bits) => Some(f64::from_bits(*bits)),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether the value of a node is known at bind time.
    pub(crate) fn is_known(&self, id: NodeId) -> bool {
        match self.op(id) {
            Op::Scalar(_) | Op::Data(_) => true,
            Op::View(_) => self.is_known(self.inputs(id)[0]),
            _ => false,
        }
    }

    /// All elements of a node whose value is known at bind time.
    pub(crate) fn known(&self, id: NodeId) -> Option<Cow<'_, [f64]>> {
        match self.op(id) {
            Op::Data(index) => Some(Cow::Borrowed(&self.data[*index as usize])),
            Op::Scalar(bits) => Some(Cow::Owned(vec![f64::from_bits(*bits)])),
            Op::View(view) => {
                let base = self.known(self.inputs(id)[0])?;
                Some(view.offsets(self.shape(id)).map(|at| base[at]).collect())
            }
            _ => None,
        }
    }

    /// A node of this content, or its value if all inputs are known.
    pub(crate) fn make(&mut self, op: Op, inputs: Vec<NodeId>, shape: Shape) -> NodeId {
        if !inputs.is_empty()
            && inputs.iter().all(|&x| self.is_known(x))
            && let Some(values) = crate::eager::fold(self, &op, &inputs, &shape)
        {
            return self.constant(values, shape);
        }
        self.intern(op, inputs, shape)
    }

    /// Whether a node is the number `value`, broadcast or not.
    pub(crate) fn is_value(&self, id: NodeId, value: f64) -> bool {
        self.scalar_value(id) == Some(value)
    }

    /// The view that a node is, with its input.
    pub(crate) fn as_view(&self, id: NodeId) -> Option<(NodeId, &Strided)> {
        match self.op(id) {
            Op::View(view) => Some((self.inputs(id)[0], view)),
            _ => None,
        }
    }

    /// The inputs of a node if it is this unary operation.
    pub(crate) fn as_unary(&self, id: NodeId, op: crate::op::UnaryOp) -> Option<NodeId> {
        (*self.op(id) == Op::Unary(op)).then(|| self.inputs(id)[0])
    }

    /// The inputs of a node if it is this binary operation.
    pub(crate) fn as_binary(
        &self,
        id: NodeId,
        op: crate::op::BinaryOp,
    ) -> Option<(NodeId, NodeId)> {
        (*self.op(id) == Op::Binary(op)).then(|| (self.inputs(id)[0], self.inputs(id)[1]))
    }
}
