//! The graph as imported: operations by name, sizes symbolic, read from and kept as bytes.
//!
//! Layout (all numbers little-endian):
//!
//! ```text
//! magic "RUFOUSPL", version u32, CRC-32 of the rest u32
//! strings     count u32, each: length u32, UTF-8
//! slots       count u32, each: name u32, dtype u8, number of axes u8
//! parameters  count u32, each: name u32, number of axes u8, per axis: slot i32 (-1: none), number i64
//! constants   count u32, each: dtype u8, number of axes u8, lengths i64.., values f64..
//! graphs      count u32, each:
//!   nodes     count u32, each: op u32, origin u32, dtype u8, number of axes u8, lengths i64..
//!             (-1: known later), attributes: count u32, i64..; inputs: count u32, u32..
//!   outputs   count u32, u32..
//! groups      count u32, each: name u32, first output u32, number of outputs u32
//! ```
//!
//! The length of an axis of a parameter is `number`, plus the value of the slot when there is one.

use crate::bytes::{Reader, crc32};
use crate::error::{EvaluatorError, Result};

const MAGIC: &[u8; 8] = b"RUFOUSPL";

/// Version of the format that this crate reads.
pub const FORMAT_VERSION: u32 = 1;

/// Type of the elements of an array in the imported graph.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Dtype {
    Float64,
    Int64,
    Bool,
    Float32,
}

impl Dtype {
    fn from_code(code: u8) -> Result<Self> {
        match code {
            0 => Ok(Self::Float64),
            1 => Ok(Self::Int64),
            2 => Ok(Self::Bool),
            3 => Ok(Self::Float32),
            _ => Err(EvaluatorError::format(format!("unknown dtype code {code}"))),
        }
    }
}

/// A place for data given when binding.
#[derive(Clone, Debug)]
pub(crate) struct Slot {
    pub(crate) name: String,
    pub(crate) rank: usize,
}

/// Length of an axis: a number, plus the value of a slot if there is one.
#[derive(Clone, Copy, Debug)]
pub(crate) struct AxisLength {
    pub(crate) slot: Option<usize>,
    pub(crate) number: i64,
}

/// A free variable, as a slice of the position.
#[derive(Clone, Debug)]
pub(crate) struct Parameter {
    pub(crate) name: String,
    pub(crate) axes: Vec<AxisLength>,
}

/// An array that is part of the plan.
#[derive(Clone, Debug)]
pub(crate) struct Constant {
    pub(crate) shape: Vec<usize>,
    pub(crate) values: Vec<f64>,
}

/// One application of an operation.
#[derive(Clone, Debug)]
pub(crate) struct SourceNode {
    pub(crate) op: u32,
    pub(crate) origin: u32,
    pub(crate) dtype: Dtype,
    /// Lengths of the axes, `None` where they are known only when bound.
    pub(crate) shape: Vec<Option<usize>>,
    pub(crate) attributes: Vec<i64>,
    pub(crate) inputs: Vec<u32>,
}

/// Nodes in order of evaluation.
#[derive(Clone, Debug)]
pub(crate) struct SourceGraph {
    pub(crate) nodes: Vec<SourceNode>,
    pub(crate) outputs: Vec<u32>,
}

/// A named range of outputs of the main graph.
#[derive(Clone, Debug)]
pub(crate) struct Group {
    pub(crate) name: String,
    pub(crate) first: usize,
    pub(crate) count: usize,
}

/// Everything that a plan says.
#[derive(Clone, Debug)]
pub(crate) struct Source {
    pub(crate) strings: Vec<String>,
    pub(crate) slots: Vec<Slot>,
    pub(crate) parameters: Vec<Parameter>,
    pub(crate) constants: Vec<Constant>,
    /// The main graph and then the bodies of loops.
    pub(crate) graphs: Vec<SourceGraph>,
    pub(crate) groups: Vec<Group>,
}

impl Source {
    /// Reads a plan and checks that it holds together.
    pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let mut r = Reader::new(bytes);
        if r.take(8)? != MAGIC {
            return Err(EvaluatorError::format(
                "the first bytes are not those of a plan",
            ));
        }
        let version = r.u32()?;
        if version != FORMAT_VERSION {
            return Err(EvaluatorError::format(format!(
                "format version {version}, this is a reader of version {FORMAT_VERSION}"
            )));
        }
        let checksum = r.u32()?;
        if checksum != crc32(r.rest()) {
            return Err(EvaluatorError::format(
                "the checksum differs: the bytes are damaged",
            ));
        }
        let strings = r.list(|r| {
            let length = r.count()?;
            String::from_utf8(r.take(length)?.to_vec())
                .map_err(|_| EvaluatorError::format("a name is not UTF-8"))
        })?;
        let name = |r: &mut Reader<'_>| -> Result<String> {
            let index = r.count()?;
            strings
                .get(index)
                .cloned()
                .ok_or_else(|| EvaluatorError::format("a name is missing"))
        };
        let slots = r.list(|r| {
            let name = name(r)?;
            let _dtype = Dtype::from_code(r.u8()?)?;
            Ok(Slot {
                name,
                rank: usize::from(r.u8()?),
            })
        })?;
        let parameters = r.list(|r| {
            let name = name(r)?;
            let rank = r.u8()?;
            let axes = (0..rank)
                .map(|_| {
                    let slot = r.i32()?;
                    Ok(AxisLength {
                        slot: usize::try_from(slot).ok(),
                        number: r.i64()?,
                    })
                })
                .collect::<Result<_>>()?;
            Ok(Parameter { name, axes })
        })?;
        let constants = r.list(read_constant)?;
        let graphs = r.list(|r| {
            Ok(SourceGraph {
                nodes: r.list(read_node)?,
                outputs: r.list(Reader::u32)?,
            })
        })?;
        let groups = r.list(|r| {
            Ok(Group {
                name: name(r)?,
                first: r.count()?,
                count: r.count()?,
            })
        })?;
        let source = Self {
            strings,
            slots,
            parameters,
            constants,
            graphs,
            groups,
        };
        source.check()?;
        Ok(source)
    }

    /// The name with this number.
    pub(crate) fn string(&self, index: u32) -> &str {
        self.strings.get(index as usize).map_or("", String::as_str)
    }

    /// Every reference must point at something earlier.
    fn check(&self) -> Result<()> {
        let wrong = || EvaluatorError::format("a node refers to a later or missing node");
        for graph in &self.graphs {
            for (k, node) in graph.nodes.iter().enumerate() {
                if node.inputs.iter().any(|&i| i as usize >= k) {
                    return Err(wrong());
                }
            }
            if graph
                .outputs
                .iter()
                .any(|&o| o as usize >= graph.nodes.len())
            {
                return Err(wrong());
            }
        }
        let main = self
            .graphs
            .first()
            .ok_or_else(|| EvaluatorError::format("no graph"))?;
        for group in &self.groups {
            if group.first.saturating_add(group.count) > main.outputs.len() {
                return Err(EvaluatorError::format("a group of outputs is out of range"));
            }
        }
        let slots = self.slots.len();
        if self
            .parameters
            .iter()
            .flat_map(|p| &p.axes)
            .any(|a| a.slot.is_some_and(|s| s >= slots))
        {
            return Err(EvaluatorError::format(
                "a parameter refers to a missing slot",
            ));
        }
        Ok(())
    }
}

fn read_constant(r: &mut Reader<'_>) -> Result<Constant> {
    let _dtype = Dtype::from_code(r.u8()?)?;
    let rank = r.u8()?;
    let shape = (0..rank)
        .map(|_| r.length())
        .collect::<Result<Vec<usize>>>()?;
    let count = shape
        .iter()
        .try_fold(1usize, |n, &m| n.checked_mul(m))
        .ok_or_else(|| EvaluatorError::format("a constant is too large"))?;
    Ok(Constant {
        values: r.floats(count)?,
        shape,
    })
}

fn read_node(r: &mut Reader<'_>) -> Result<SourceNode> {
    let op = r.u32()?;
    let origin = r.u32()?;
    let dtype = Dtype::from_code(r.u8()?)?;
    let rank = r.u8()?;
    let shape = (0..rank)
        .map(|_| Ok(usize::try_from(r.i64()?).ok()))
        .collect::<Result<Vec<_>>>()?;
    Ok(SourceNode {
        op,
        origin,
        dtype,
        shape,
        attributes: r.list(Reader::i64)?,
        inputs: r.list(Reader::u32)?,
    })
}
