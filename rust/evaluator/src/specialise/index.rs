//! Indexing: slices become views, known index arrays become gathers and scatters, and one index
//! computed at run time becomes a take.
//!
//! Attributes list the indices, outermost axis first: `0, k` a number or array given by input `k`,
//! `1, start, stop, step` a slice whose parts are inputs (-1: left out), `2, k` a mask given by input
//! `k`. The updates have one more
//! attribute in front: 1 to set, 0 to add; their input 1 holds the new values.

use super::Call;
use crate::error::{EvaluatorError, Result};
use crate::graph::NodeId;
use crate::shape::{Shape, Strided, broadcast, contiguous, size};

/// One index as written.
enum Entry {
    At(usize),
    Slice([Option<usize>; 3]),
    Mask(usize),
}

/// One index with all numbers known.
enum Selector {
    /// Elements `start + k * step` of an axis.
    Slice {
        start: isize,
        step: isize,
        length: usize,
    },
    /// Elements of an axis, for each place of the common shape of all arrays.
    Array { places: Vec<usize>, shape: Shape },
}

/// What a list of indices selects from an array.
enum Selection {
    View(Strided, Shape),
    Flat(NodeId),
    /// Rows of the array after moving and merging axes.
    Dynamic {
        axis: usize,
        index: NodeId,
    },
}

impl Call<'_> {
    /// The node of an indexing operation, if `name` is one.
    pub(super) fn index(&mut self, name: &str) -> Result<Option<NodeId>> {
        let out = match name {
            "Subtensor" => {
                let x = self.input(0)?;
                let entries = self.entries(0)?;
                match self.select(x, &entries)? {
                    Selection::View(view, shape) => self.g.view(x, view, shape),
                    Selection::Flat(index) => self.g.gather(x, index),
                    Selection::Dynamic { axis, index } => self.take_along(x, axis, index),
                }
            }
            "IncSubtensor" => self.update()?,
            _ => return Ok(None),
        };
        Ok(Some(out))
    }

    fn entries(&self, first: usize) -> Result<Vec<Entry>> {
        let mut out = Vec::new();
        let mut k = first;
        let wrong = || EvaluatorError::format("an index is malformed");
        while k < self.node.attributes.len() {
            let kind = self.attribute(k)?;
            if kind == 1 {
                let part = |j: usize| self.attribute(k + j).map(|v| usize::try_from(v).ok());
                out.push(Entry::Slice([part(1)?, part(2)?, part(3)?]));
                k += 4;
            } else {
                let input = usize::try_from(self.attribute(k + 1)?).map_err(|_| wrong())?;
                out.push(if kind == 0 {
                    Entry::At(input)
                } else {
                    Entry::Mask(input)
                });
                k += 2;
            }
        }
        Ok(out)
    }

    /// `x` with the selected elements set to, or increased by, input 1.
    fn update(&mut self) -> Result<NodeId> {
        let (x, y) = (self.input(0)?, self.input(1)?);
        let set = self.attribute(0)? == 1;
        let entries = self.entries(1)?;
        let full = self.g.shape(x).to_vec();
        match self.select(x, &entries)? {
            Selection::View(view, shape) => {
                let y = self.fill(y, &shape)?;
                let placed = self.g.place(y, view.clone(), full.clone());
                if !set {
                    return Ok(self.g.add(x, placed));
                }
                let mut mask = vec![0.0; size(&full)];
                view.offsets(&shape).for_each(|at| mask[at] = 1.0);
                let mask = self.g.constant(mask, full);
                Ok(self.g.switch(mask, placed, x))
            }
            Selection::Flat(index) => {
                let shape = self.g.shape(index).to_vec();
                let y = self.fill(y, &shape)?;
                if !set {
                    let added = self.g.scatter(y, index, &full);
                    return Ok(self.g.add(x, added));
                }
                Ok(self.set_at(x, y, index))
            }
            Selection::Dynamic { .. } => Err(EvaluatorError::unsupported(
                self.name(),
                "the places to update depend on the parameters",
            )),
        }
    }

    /// `x` with the elements at known flat places set; of several the last counts.
    fn set_at(&mut self, x: NodeId, y: NodeId, index: NodeId) -> NodeId {
        let full = self.g.shape(x).to_vec();
        let mut mask = vec![0.0; size(&full)];
        let mut source = vec![0.0; size(&full)];
        let places = self
            .g
            .known(index)
            .expect("indices are known here")
            .to_vec();
        for (from, &at) in places.iter().enumerate() {
            let at = usize_of(at);
            mask[at] = 1.0;
            source[at] = from as f64;
        }
        let mask = self.g.constant(mask, full.clone());
        let source = self.g.constant(source, full);
        let values = self.g.gather(y, source);
        self.g.switch(mask, values, x)
    }

    fn fill(&mut self, y: NodeId, shape: &[usize]) -> Result<NodeId> {
        match broadcast(self.g.shape(y), shape) {
            Some(full) if full == shape => Ok(self.g.broadcast_to(y, shape)),
            _ => Err(EvaluatorError::bind(format!(
                "values with lengths {:?} do not fit places with lengths {shape:?}",
                self.g.shape(y)
            ))),
        }
    }

    /// `x[.., index, ..]` with an index computed at run time.
    fn take_along(&mut self, x: NodeId, axis: usize, index: NodeId) -> NodeId {
        let rank = self.g.shape(x).len();
        let wide = self.g.shape(index).len();
        let mut order: Vec<usize> = (0..rank).collect();
        order.remove(axis);
        order.insert(0, axis);
        let front = self.g.transpose(x, &order);
        let taken = self.g.take(front, index);
        // The axes of the index go where the axis was.
        let mut back: Vec<usize> = (wide..wide + axis).collect();
        back.extend(0..wide);
        back.extend(wide + axis..wide + rank - 1);
        self.g.transpose(taken, &back)
    }

    fn select(&mut self, x: NodeId, entries: &[Entry]) -> Result<Selection> {
        let full = self.g.shape(x).to_vec();
        if let Some(found) = self.dynamic(entries)? {
            return Ok(found);
        }
        let mut selectors = Vec::new();
        let mut axis = 0;
        for entry in entries {
            let here = full.get(axis..).unwrap_or(&[]).to_vec();
            let (parts, used) = self.selector(entry, &here)?;
            selectors.extend(parts);
            axis += used;
        }
        for &length in full.get(axis..).unwrap_or(&[]) {
            selectors.push(Selector::Slice {
                start: 0,
                step: 1,
                length,
            });
        }
        Ok(self.combine(&selectors, &full))
    }

    /// One index of the axes with lengths `here`: its selectors and how many axes it takes.
    fn selector(&mut self, entry: &Entry, here: &[usize]) -> Result<(Vec<Selector>, usize)> {
        let &length = here
            .first()
            .ok_or_else(|| EvaluatorError::bind("too many indices"))?;
        match entry {
            Entry::Slice(parts) => Ok((vec![self.slice(parts, length)?], 1)),
            Entry::Mask(input) => self.mask(*input, here),
            Entry::At(input) => {
                let id = self.input(*input)?;
                let shape = self.g.shape(id).to_vec();
                let places = self
                    .known_integers(*input)?
                    .iter()
                    .map(|&k| place(k, length))
                    .collect::<Result<Vec<_>>>()?;
                Ok((vec![Selector::Array { places, shape }], 1))
            }
        }
    }

    /// The places of a mask over the first of the axes with lengths `here`.
    fn mask(&self, input: usize, here: &[usize]) -> Result<(Vec<Selector>, usize)> {
        let id = self.input(input)?;
        let shape = self.g.shape(id).to_vec();
        if !here.starts_with(&shape) {
            return Err(EvaluatorError::bind(format!(
                "a mask with lengths {shape:?} does not fit axes with lengths {here:?}"
            )));
        }
        let Some(values) = self.g.known(id) else {
            return Err(EvaluatorError::unsupported(
                self.name(),
                "a mask depends on the parameters",
            ));
        };
        let taken: Vec<usize> = (0..values.len()).filter(|&at| values[at] != 0.0).collect();
        let steps = contiguous(&shape);
        let selectors = steps
            .iter()
            .zip(&shape)
            .map(|(step, &n)| Selector::Array {
                places: taken
                    .iter()
                    .map(|at| at / step.unsigned_abs() % n)
                    .collect(),
                shape: vec![taken.len()],
            })
            .collect();
        Ok((selectors, shape.len()))
    }

    /// Python's slice of an axis of this length.
    fn slice(&self, parts: &[Option<usize>; 3], length: usize) -> Result<Selector> {
        let n = length.cast_signed() as i64;
        let part = |k: usize| parts[k].map(|input| self.known_integer(input)).transpose();
        let (start, stop, step) = (part(0)?, part(1)?, part(2)?.unwrap_or(1));
        if step == 0 {
            return Err(EvaluatorError::bind("the step of a slice is zero"));
        }
        let wrap = |k: i64| if k < 0 { k + n } else { k };
        let (low, high) = if step > 0 { (0, n) } else { (-1, n - 1) };
        let start = start.map_or(if step > 0 { low } else { high }, |k| {
            wrap(k).clamp(low, high)
        });
        let stop = stop.map_or(if step > 0 { high } else { low }, |k| {
            wrap(k).clamp(low, high)
        });
        let span = if step > 0 { stop - start } else { start - stop };
        let count = if span <= 0 {
            0
        } else {
            (span - 1) / step.abs() + 1
        };
        Ok(Selector::Slice {
            start: isize::try_from(start).unwrap_or(0).max(0),
            step: isize::try_from(step).unwrap_or(1),
            length: usize::try_from(count).unwrap_or(0),
        })
    }

    /// The selection of one selector for each axis.
    fn combine(&mut self, selectors: &[Selector], full: &[usize]) -> Selection {
        let steps = contiguous(full);
        let arrays: Vec<usize> = (0..selectors.len())
            .filter(|&k| matches!(selectors[k], Selector::Array { .. }))
            .collect();
        let single = |s: &Selector| matches!(s, Selector::Array { shape, .. } if shape.is_empty());
        if selectors
            .iter()
            .all(|s| matches!(s, Selector::Slice { .. }) || single(s))
        {
            return view_of(selectors, &steps);
        }
        // All arrays broadcast to one shape and move together.
        let mut common = Shape::new();
        for &k in &arrays {
            if let Selector::Array { shape, .. } = &selectors[k] {
                common = broadcast(&common, shape).unwrap_or(common);
            }
        }
        let mut together = vec![0usize; size(&common)];
        for &k in &arrays {
            if let Selector::Array { places, shape } = &selectors[k] {
                let spread = Strided::broadcast(shape, &common);
                for (sum, at) in together.iter_mut().zip(spread.offsets(&common)) {
                    *sum += places[at] * steps[k].unsigned_abs();
                }
            }
        }
        let adjacent = arrays.windows(2).all(|w| w[1] == w[0] + 1);
        let mut flat = vec![0usize];
        let mut shape = Shape::new();
        let mut append = |offsets: &[usize], lengths: &[usize]| {
            flat = flat
                .iter()
                .flat_map(|&a| offsets.iter().map(move |&b| a + b))
                .collect();
            shape.extend_from_slice(lengths);
        };
        if !adjacent {
            append(&together, &common);
        }
        for (k, selector) in selectors.iter().enumerate() {
            match selector {
                Selector::Slice {
                    start,
                    step,
                    length,
                } => {
                    let offsets: Vec<usize> = (0..*length)
                        .map(|j| ((start + step * j.cast_signed()) * steps[k]).unsigned_abs())
                        .collect();
                    append(&offsets, &[*length]);
                }
                Selector::Array { .. } if adjacent && arrays[0] == k => append(&together, &common),
                Selector::Array { .. } => {}
            }
        }
        let values = flat.iter().map(|&at| at as f64).collect();
        Selection::Flat(self.g.constant(values, shape))
    }

    /// A selection with one index that depends on the parameters, all other axes in full.
    fn dynamic(&mut self, entries: &[Entry]) -> Result<Option<Selection>> {
        let mut found = None;
        let mut full = true;
        for (axis, entry) in entries.iter().enumerate() {
            match entry {
                Entry::At(input) => {
                    let id = self.input(*input)?;
                    if !self.g.is_known(id) && found.replace((axis, id)).is_some() {
                        return Err(EvaluatorError::unsupported(
                            self.name(),
                            "more than one index depends on the parameters",
                        ));
                    }
                    full &= !self.g.is_known(id);
                }
                Entry::Slice(parts) => full &= parts.iter().all(Option::is_none),
                Entry::Mask(_) => full = false,
            }
        }
        match found {
            None => Ok(None),
            Some((axis, index)) if full => Ok(Some(Selection::Dynamic { axis, index })),
            Some(_) => Err(EvaluatorError::unsupported(
                self.name(),
                "an index that depends on the parameters beside other indices",
            )),
        }
    }
}

/// The view of slices and single elements.
fn view_of(selectors: &[Selector], steps: &[isize]) -> Selection {
    let mut offset = 0isize;
    let mut strides = Vec::new();
    let mut shape = Shape::new();
    for (selector, &stride) in selectors.iter().zip(steps) {
        match selector {
            Selector::Slice {
                start,
                step,
                length,
            } => {
                offset += start * stride;
                strides.push(step * stride);
                shape.push(*length);
            }
            Selector::Array { places, .. } => offset += places[0].cast_signed() * stride,
        }
    }
    Selection::View(
        Strided {
            offset: offset.max(0).unsigned_abs(),
            strides,
        },
        shape,
    )
}

/// A possibly negative index of an axis as a place.
fn place(k: i64, length: usize) -> Result<usize> {
    let n = length.cast_signed() as i64;
    let at = if k < 0 { k + n } else { k };
    usize::try_from(at)
        .ok()
        .filter(|&at| at < length)
        .ok_or_else(|| {
            EvaluatorError::bind(format!(
                "index {k} is out of range for an axis of length {length}"
            ))
        })
}

#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // places are small and not negative
fn usize_of(x: f64) -> usize {
    x as usize
}
