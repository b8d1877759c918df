//! Where the value of each node is kept.

use std::collections::HashMap;

use super::memory::Ref;
use super::region::{Table, Thin};
use super::schedule::{Kind, Schedule, nodes};
use super::space::{Access, BLOCK};
use crate::graph::{Graph, NodeId};
use crate::kernels::padded::SLACK;
use crate::kernels::{Indices, Segments};
use crate::op::{Op, UnaryOp};
use crate::shape::{Strided, contiguous};

/// A value in memory: where its elements are.
#[derive(Clone, Debug)]
struct Kept {
    at: Ref,
    strides: Vec<isize>,
}

/// See the [module](self).
pub(crate) struct Layout {
    kept: Vec<Option<Kept>>,
    arena: Vec<f64>,
    data: Vec<f64>,
    pub(crate) tables: Vec<Table>,
    table_of: HashMap<(NodeId, usize), usize>,
    pub(crate) matrices: Vec<Thin>,
    matrix_of: HashMap<(NodeId, bool), usize>,
    turned: HashMap<(usize, usize, usize), usize>,
    pub(crate) input_size: usize,
}

impl Layout {
    /// Places inputs, constants, and all values that are read from memory.
    pub(crate) fn new(g: &Graph, schedule: &Schedule) -> Self {
        let mut layout = Self {
            kept: vec![None; g.len()],
            arena: Vec::new(),
            data: Vec::new(),
            tables: Vec::new(),
            table_of: HashMap::new(),
            matrices: Vec::new(),
            matrix_of: HashMap::new(),
            turned: HashMap::new(),
            input_size: 0,
        };
        let starts = layout.place_inputs(g);
        for id in nodes(g) {
            let k = id.index();
            let place = match schedule.kind[k] {
                Kind::Unused | Kind::Constant => continue,
                Kind::Input => Kept {
                    at: Ref::Arena(match g.op(id) {
                        Op::Param(offset) => *offset,
                        Op::Input(i) => starts[*i as usize],
                        _ => 0,
                    }),
                    strides: contiguous(g.shape(id)),
                },
                Kind::View => layout.view(g, id),
                Kind::Stream if !schedule.stored[k] => continue,
                Kind::Scalar | Kind::Stream | Kind::Collect | Kind::Step => {
                    layout.reserve_for(g, id)
                }
            };
            layout.kept[k] = Some(place);
        }
        layout
    }

    /// Inputs come first in the arena; returns where each input of a body starts.
    fn place_inputs(&mut self, g: &Graph) -> Vec<usize> {
        let mut sizes = Vec::new();
        for id in nodes(g) {
            match *g.op(id) {
                Op::Param(offset) => self.input_size = self.input_size.max(offset + g.size(id)),
                Op::Input(i) => {
                    let i = i as usize;
                    if sizes.len() <= i {
                        sizes.resize(i + 1, 0);
                    }
                    sizes[i] = g.size(id);
                }
                _ => {}
            }
        }
        let mut starts = Vec::with_capacity(sizes.len());
        for n in sizes {
            starts.push(self.input_size);
            self.input_size += n;
        }
        self.arena = vec![0.0; self.input_size];
        starts
    }

    fn reserve_for(&mut self, g: &Graph, id: NodeId) -> Kept {
        Kept {
            at: Ref::Arena(self.reserve(g.size(id))),
            strides: contiguous(g.shape(id)),
        }
    }

    /// Room for so many numbers in the arena.
    pub(crate) fn reserve(&mut self, count: usize) -> usize {
        if count == 1 {
            self.arena.push(0.0);
            return self.arena.len() - 1;
        }
        // Arrays start with a cache line and fill whole registers.
        let at = self.arena.len().next_multiple_of(SLACK);
        self.arena.resize(at + count.next_multiple_of(SLACK), 0.0);
        at
    }

    /// A copy of some of the shared data in the arena of each thread.
    pub(crate) fn adopt(&mut self, at: usize, count: usize) -> usize {
        let to = self.reserve(count);
        self.arena[to..to + count].copy_from_slice(&self.data[at..at + count]);
        to
    }

    /// A number that never changes.
    pub(crate) fn constant(&mut self, value: f64) -> usize {
        let at = self.reserve(1);
        self.arena[at] = value;
        at
    }

    fn view(&mut self, g: &Graph, id: NodeId) -> Kept {
        let base = g.inputs(id)[0];
        let whole = Strided::whole(g.shape(base));
        let view = match g.op(id) {
            Op::View(view) => view.clone(),
            _ => whole,
        };
        let at = self.contiguous(g, base).plus(view.offset.cast_signed());
        Kept {
            at,
            strides: view.strides,
        }
    }

    /// A value of which the elements follow each other in memory.
    pub(crate) fn contiguous(&mut self, g: &Graph, id: NodeId) -> Ref {
        if self.kept[id.index()].is_none() && g.is_known(id) {
            let values = g.known(id).expect("just asked");
            return self.keep_data(g, id, &values);
        }
        debug_assert!(
            self.kept[id.index()].is_some(),
            "{:?} is not kept",
            g.node(id)
        );
        self.kept[id.index()]
            .as_ref()
            .map_or(Ref::Arena(0), |kept| kept.at)
    }

    fn keep_data(&mut self, g: &Graph, id: NodeId, values: &[f64]) -> Ref {
        let at = if values.len() == 1 {
            let at = self.arena.len();
            self.arena.push(values[0]);
            Ref::Arena(at)
        } else {
            let at = self.aligned();
            self.data.extend_from_slice(values);
            Ref::Data(at)
        };
        self.kept[id.index()] = Some(Kept {
            at,
            strides: contiguous(g.shape(id)),
        });
        at
    }

    /// Where the next of the shared data start: with a cache line.
    fn aligned(&mut self) -> usize {
        let at = self.data.len().next_multiple_of(SLACK);
        self.data.resize(at, 0.0);
        at
    }

    /// Where a value of one element is.
    pub(crate) fn number(&mut self, g: &Graph, id: NodeId) -> Ref {
        self.contiguous(g, id)
    }

    /// Where in the arena a computed value goes.
    pub(crate) fn target(&self, id: NodeId) -> usize {
        match self.kept[id.index()] {
            Some(Kept {
                at: Ref::Arena(at), ..
            }) => at,
            _ => 0,
        }
    }

    /// How `id` is read along the axes of `shape`, to which it broadcasts.
    pub(crate) fn access(&mut self, g: &Graph, id: NodeId, shape: &[usize]) -> Access {
        let (id, view) = match (self.kept[id.index()].is_some(), g.as_view(id)) {
            // A known array that repeats is read where it is.
            (false, Some((base, view))) => (base, Some((view.clone(), g.shape(id).to_vec()))),
            _ => (id, None),
        };
        let at = self.contiguous(g, id);
        let (at, own, strides) = if let Some((view, shape)) = view {
            (at.plus(view.offset.cast_signed()), shape, view.strides)
        } else {
            let kept = self.kept[id.index()].as_ref();
            (
                at,
                g.shape(id).to_vec(),
                kept.map_or_else(Vec::new, |k| k.strides.clone()),
            )
        };
        let lead = shape.len() - own.len();
        let strides = (0..shape.len())
            .map(|axis| {
                if axis < lead || own[axis - lead] == 1 {
                    0
                } else {
                    strides[axis - lead]
                }
            })
            .collect();
        Access { at, strides }
    }

    /// The table of known indices into an array of `length` elements.
    #[allow(clippy::cast_possible_truncation)] // checked when the indices were made
    pub(crate) fn table(&mut self, g: &Graph, index: NodeId, length: usize) -> usize {
        if let Some(&table) = self.table_of.get(&(index, length)) {
            return table;
        }
        let values: Vec<i64> = g
            .known(index)
            .expect("indices are known")
            .iter()
            .map(|&x| x as i64)
            .collect();
        let sorted = values.windows(2).all(|w| w[0] <= w[1]) && length <= 2 * values.len();
        let segments = sorted.then(|| {
            let mut sizes = vec![0; length];
            for &k in &values {
                if let Some(n) = usize::try_from(k).ok().and_then(|k| sizes.get_mut(k)) {
                    *n += 1;
                }
            }
            Segments::new(&sizes)
        });
        let indices = Indices::new(&values, length).expect("indices were checked when bound");
        self.tables.push(Table {
            indices,
            segments,
            length,
        });
        self.table_of.insert((index, length), self.tables.len() - 1);
        self.tables.len() - 1
    }

    /// A known matrix with its long side along the rows of memory: as it is, or transposed.
    pub(crate) fn thin(&mut self, g: &Graph, matrix: NodeId, transpose: bool) -> usize {
        if let Some(&found) = self.matrix_of.get(&(matrix, transpose)) {
            return found;
        }
        let (n, m) = (g.shape(matrix)[0], g.shape(matrix)[1]);
        let thin = if transpose {
            let values = g.known(matrix).expect("the matrix is known");
            let at = self.aligned();
            self.data.reserve(n * m);
            for j in 0..m {
                self.data.extend(values.chunks_exact(m).map(|row| row[j]));
            }
            Thin {
                at: Ref::Data(at),
                rows: m,
                cols: n,
            }
        } else {
            Thin {
                at: self.contiguous(g, matrix),
                rows: n,
                cols: m,
            }
        };
        self.matrices.push(thin);
        self.matrix_of
            .insert((matrix, transpose), self.matrices.len() - 1);
        self.matrices.len() - 1
    }

    /// Where the columns of `rows` x `cols` shared data follow each other as rows.
    pub(crate) fn turned(&mut self, at: usize, rows: usize, cols: usize) -> usize {
        if let Some(&found) = self.turned.get(&(at, rows, cols)) {
            return found;
        }
        let to = self.aligned();
        self.data.reserve(rows * cols);
        for j in 0..cols {
            for i in 0..rows {
                self.data.push(self.data[at + i * cols + j]);
            }
        }
        self.turned.insert((at, rows, cols), to);
        to
    }

    /// The arena before the first run and the data.
    pub(crate) fn memory(&mut self) -> (Vec<f64>, Vec<f64>) {
        // Straight-line code reads past the end of its arrays.
        self.arena.resize(self.arena.len() + BLOCK + SLACK, 0.0);
        (
            std::mem::take(&mut self.arena),
            std::mem::take(&mut self.data),
        )
    }
}

/// Whether a node passes its input on unchanged.
pub(crate) fn is_copy(op: &Op) -> bool {
    matches!(op, Op::View(_) | Op::Unary(UnaryOp::Detach))
}
