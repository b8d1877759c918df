//! From the imported graph to a graph with all sizes known.
//!
//! Every imported node becomes one node of a [`Graph`] (or a few), with shapes taken from the data;
//! what depends on data alone is computed on the way. Each topic of operations has its file.

mod elementwise;
mod index;
mod linalg;
mod loops;
mod reduce;
mod shapes;
mod tables;

use std::sync::Arc;

use crate::error::{EvaluatorError, Result};
use crate::graph::{Graph, NodeId};
use crate::op::{Op, UnaryOp};
use crate::shape::{Shape, broadcast};
use crate::source::{Dtype, Source, SourceGraph, SourceNode};

/// Values for one slot of the plan.
#[derive(Clone, Debug)]
pub struct SlotValue {
    /// Lengths of the axes.
    pub shape: Vec<usize>,
    /// The elements in row-major order; integers and truth values as numbers.
    pub values: Arc<[f64]>,
}

/// What stands for the names of one imported graph.
pub(crate) struct Scope<'a> {
    pub(crate) source: &'a Source,
    pub(crate) slots: &'a [SlotValue],
    /// The parameters of the main graph.
    pub(crate) parameters: &'a [NodeId],
    /// The inputs of the body of a loop.
    pub(crate) inner: &'a [NodeId],
}

/// A value of the imported graph: a node, or the outputs of a loop, which only
/// `ScanOutput` reads.
#[derive(Clone, Debug)]
pub(crate) enum Value {
    Node(NodeId),
    Loop(Vec<NodeId>),
}

/// The outputs of an imported graph, as nodes of `g`.
pub(crate) fn specialise(
    g: &mut Graph,
    graph: &SourceGraph,
    scope: &Scope<'_>,
) -> Result<Vec<NodeId>> {
    let mut values: Vec<Value> = Vec::with_capacity(graph.nodes.len());
    for node in &graph.nodes {
        let value = {
            let mut call = Call {
                g,
                node,
                nodes: &graph.nodes,
                scope,
                values: &values,
            };
            call.evaluate()
        };
        let value = value.map_err(|e| e.at(scope.source.string(node.origin)))?;
        values.push(value);
    }
    graph
        .outputs
        .iter()
        .map(|&k| match &values[k as usize] {
            Value::Node(id) => Ok(*id),
            Value::Loop(_) => Err(EvaluatorError::format("an output is a loop")),
        })
        .collect()
}

/// One imported node with what it needs to become a node of the graph.
pub(crate) struct Call<'a> {
    pub(crate) g: &'a mut Graph,
    pub(crate) node: &'a SourceNode,
    pub(crate) scope: &'a Scope<'a>,
    nodes: &'a [SourceNode],
    values: &'a [Value],
}

impl Call<'_> {
    fn evaluate(&mut self) -> Result<Value> {
        let name = self.name().to_owned();
        if name == "Scan" {
            return self.scan().map(Value::Loop);
        }
        let out = match name.as_str() {
            "Constant" => self.constant()?,
            "Param" => self.lookup(self.scope.parameters)?,
            "Inner" => self.lookup(self.scope.inner)?,
            "Slot" => self.slot()?,
            "ScanOutput" => self.scan_output()?,
            _ => {
                let mut out = self.elementwise(&name)?;
                for topic in [
                    Self::shapes,
                    Self::reduce,
                    Self::index,
                    Self::linalg,
                    Self::tables,
                ] {
                    if out.is_none() {
                        out = topic(self, &name)?;
                    }
                }
                out.ok_or_else(|| {
                    EvaluatorError::unsupported(name.as_str(), "no such operation here")
                })?
            }
        };
        self.check_shape(out)?;
        Ok(Value::Node(out))
    }

    /// The name of the operation.
    pub(crate) fn name(&self) -> &str {
        self.scope.source.string(self.node.op)
    }

    /// An attribute of the node.
    pub(crate) fn attribute(&self, k: usize) -> Result<i64> {
        self.node
            .attributes
            .get(k)
            .copied()
            .ok_or_else(|| EvaluatorError::format(format!("{} lacks an attribute", self.name())))
    }

    /// The value of input `k`.
    pub(crate) fn input(&self, k: usize) -> Result<NodeId> {
        let wrong = || EvaluatorError::format(format!("{} lacks an input", self.name()));
        let &from = self.node.inputs.get(k).ok_or_else(wrong)?;
        match &self.values[from as usize] {
            Value::Node(id) => Ok(*id),
            Value::Loop(_) => Err(wrong()),
        }
    }

    /// The values of all inputs from `k` on.
    pub(crate) fn inputs_from(&self, k: usize) -> Result<Vec<NodeId>> {
        (k..self.node.inputs.len()).map(|k| self.input(k)).collect()
    }

    /// Input `k` as known integers.
    #[allow(clippy::cast_possible_truncation)] // sizes and indices are far below 2^53
    pub(crate) fn known_integers(&self, k: usize) -> Result<Vec<i64>> {
        let id = self.input(k)?;
        match self.g.known(id) {
            Some(values) => Ok(values.iter().map(|&x| x as i64).collect()),
            None => Err(EvaluatorError::unsupported(
                self.name(),
                "a size or index depends on the parameters",
            )),
        }
    }

    /// Input `k` as one known integer.
    pub(crate) fn known_integer(&self, k: usize) -> Result<i64> {
        match self.known_integers(k)?[..] {
            [only] => Ok(only),
            _ => Err(EvaluatorError::format(format!(
                "{} wants one number",
                self.name()
            ))),
        }
    }

    /// Input `k` as one known length.
    pub(crate) fn known_length(&self, k: usize) -> Result<usize> {
        usize::try_from(self.known_integer(k)?)
            .map_err(|_| EvaluatorError::bind("a length would be negative"))
    }

    /// Attribute `k` as an axis of an array with `rank` axes.
    pub(crate) fn axis(&self, k: usize, rank: usize) -> Result<usize> {
        let axis = self.attribute(k)?;
        let axis = if axis < 0 {
            axis + rank.cast_signed() as i64
        } else {
            axis
        };
        usize::try_from(axis)
            .ok()
            .filter(|&a| a < rank)
            .ok_or_else(|| EvaluatorError::format(format!("{} has no such axis", self.name())))
    }

    fn constant(&mut self) -> Result<NodeId> {
        let k = usize::try_from(self.attribute(0)?).unwrap_or(usize::MAX);
        let constant = self
            .scope
            .source
            .constants
            .get(k)
            .ok_or_else(|| EvaluatorError::format("a constant is missing"))?;
        Ok(self
            .g
            .constant(constant.values.clone(), constant.shape.clone()))
    }

    fn slot(&mut self) -> Result<NodeId> {
        let k = usize::try_from(self.attribute(0)?).unwrap_or(usize::MAX);
        let slot = self
            .scope
            .slots
            .get(k)
            .ok_or_else(|| EvaluatorError::format("a slot is missing"))?;
        Ok(self.g.shared(slot.values.clone(), slot.shape.clone()))
    }

    fn lookup(&self, table: &[NodeId]) -> Result<NodeId> {
        let k = usize::try_from(self.attribute(0)?).unwrap_or(usize::MAX);
        table
            .get(k)
            .copied()
            .ok_or_else(|| EvaluatorError::format("an input is missing"))
    }

    fn scan_output(&self) -> Result<NodeId> {
        let k = usize::try_from(self.attribute(0)?).unwrap_or(usize::MAX);
        let wrong = || EvaluatorError::format("no such output of a loop");
        let &from = self.node.inputs.first().ok_or_else(wrong)?;
        match &self.values[from as usize] {
            Value::Loop(outputs) => outputs.get(k).copied().ok_or_else(wrong),
            Value::Node(_) => Err(wrong()),
        }
    }

    /// Refuses to repeat an axis that happens to have length 1: only where the imported graph knows
    /// that it always has may it be repeated.
    pub(crate) fn check_repeated(&self) -> Result<()> {
        let parts = self.inputs_from(0)?;
        let full = self.common_shape(&parts)?;
        for (&part, &from) in parts.iter().zip(&self.node.inputs) {
            let (found, declared) = (self.g.shape(part), &self.nodes[from as usize].shape);
            let lead = full.len() - found.len();
            for (axis, &n) in found.iter().enumerate() {
                if n == 1 && full[lead + axis] != 1 && declared.get(axis) == Some(&None) {
                    return Err(EvaluatorError::bind(format!(
                        "length 1 where {} elements are wanted in {}; only what is declared to \
                         have length 1 is repeated",
                        full[lead + axis],
                        self.name()
                    )));
                }
            }
        }
        Ok(())
    }

    /// The common shape of some nodes.
    pub(crate) fn common_shape(&self, parts: &[NodeId]) -> Result<Shape> {
        let mut shape = Shape::new();
        for &part in parts {
            shape = broadcast(&shape, self.g.shape(part)).ok_or_else(|| {
                EvaluatorError::bind(format!(
                    "lengths {shape:?} and {:?} do not fit in {}",
                    self.g.shape(part),
                    self.name()
                ))
            })?;
        }
        Ok(shape)
    }

    /// Rounds to single precision where the imported graph computes in it.
    pub(crate) fn rounded(&mut self, out: NodeId) -> NodeId {
        if self.node.dtype == Dtype::Float32 {
            self.g.unary(UnaryOp::ToSingle, out)
        } else {
            out
        }
    }

    /// The lengths that the imported graph knows must be those found.
    fn check_shape(&self, out: NodeId) -> Result<()> {
        let found = self.g.shape(out);
        let expected = &self.node.shape;
        let fits = found.len() == expected.len()
            && found
                .iter()
                .zip(expected)
                .all(|(&n, &m)| m.is_none_or(|m| m == n));
        if fits {
            return Ok(());
        }
        Err(EvaluatorError::bind(format!(
            "{} has lengths {found:?} where the model has {expected:?}; \
             lengths fixed in the model cannot change with the data",
            self.name()
        )))
    }
}

/// A fresh parameter: `shape` numbers of the position from `offset` on.
pub(crate) fn parameter(g: &mut Graph, offset: usize, shape: &[usize]) -> NodeId {
    g.intern(Op::Param(offset), Vec::new(), shape.to_vec())
}
