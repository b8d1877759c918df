//! Operations on shapes and layout: reshape, transpose, alloc, join, split, ranges, diagonals.

use super::Call;
use crate::error::{EvaluatorError, Result};
use crate::graph::NodeId;
use crate::op::{BinaryOp, UnaryOp};
use crate::shape::{Shape, Strided, contiguous, size};

impl Call<'_> {
    /// The node of an operation on shapes, if `name` is one.
    pub(super) fn shapes(&mut self, name: &str) -> Result<Option<NodeId>> {
        let out = match name {
            "DimShuffle" => self.dim_shuffle()?,
            "Copy" => self.input(0)?,
            "Reshape" => self.reshape()?,
            "Alloc" => self.alloc()?,
            "AllocEmpty" => {
                let shape = self.lengths_from(0)?;
                self.g.zeros(&shape)
            }
            "Shape" => {
                let x = self.input(0)?;
                let values: Vec<f64> = self.g.shape(x).iter().map(|&n| n as f64).collect();
                let shape = vec![values.len()];
                self.g.constant(values, shape)
            }
            "ShapeAxis" => {
                let x = self.input(0)?;
                let axis = self.axis(0, self.g.shape(x).len())?;
                let length = self.g.shape(x)[axis] as f64;
                self.g.scalar(length)
            }
            "MakeVector" => self.make_vector()?,
            "Join" => self.join()?,
            "Split" => self.split()?,
            "ARange" => self.arange()?,
            "Eye" => self.eye()?,
            "Tri" => self.tri()?,
            "ExtractDiag" => self.extract_diagonal()?,
            "AllocDiag" => self.alloc_diagonal()?,
            "FillDiagonal" => self.fill_diagonal()?,
            "Check" => self.check()?,
            "JoinDims" => self.join_dims()?,
            "SplitDims" => self.split_dims()?,
            "Repeat" => self.repeat()?,
            "Nonzero" => self.nonzero()?,
            _ => return Ok(None),
        };
        Ok(Some(out))
    }

    fn lengths_from(&self, first: usize) -> Result<Shape> {
        (first..self.node.inputs.len())
            .map(|k| self.known_length(k))
            .collect()
    }

    /// Axes in a new order, -1 for a new axis of length 1.
    fn dim_shuffle(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let shape = self.g.shape(x).to_vec();
        let steps = contiguous(&shape);
        let mut kept = 0;
        let mut out = Shape::new();
        let mut strides = Vec::new();
        for &axis in &self.node.attributes {
            match usize::try_from(axis) {
                Ok(axis) if axis < shape.len() => {
                    out.push(shape[axis]);
                    strides.push(steps[axis]);
                    kept |= 1u64 << axis;
                }
                _ => {
                    out.push(1);
                    strides.push(0);
                }
            }
        }
        if (0..shape.len()).any(|axis| kept & (1 << axis) == 0 && shape[axis] != 1) {
            return Err(EvaluatorError::bind(
                "an axis to be dropped is longer than 1",
            ));
        }
        Ok(self.g.view(x, Strided { offset: 0, strides }, out))
    }

    fn reshape(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let wanted = self.known_integers(1)?;
        let total = self.g.size(x);
        let given: i64 = wanted.iter().filter(|&&n| n >= 0).product();
        let given = usize::try_from(given).unwrap_or(0);
        let shape: Shape = wanted
            .iter()
            .map(|&n| usize::try_from(n).unwrap_or(total.checked_div(given).unwrap_or(0)))
            .collect();
        if size(&shape) != total {
            return Err(EvaluatorError::bind(format!(
                "{total} elements cannot take the lengths {wanted:?}"
            )));
        }
        Ok(self.g.reshape(x, &shape))
    }

    /// A matrix with one number on its diagonal.
    fn fill_diagonal(&mut self) -> Result<NodeId> {
        let (x, value) = (self.input(0)?, self.input(1)?);
        let [rows, columns] = *self.g.shape(x) else {
            return Err(EvaluatorError::unsupported(
                "FillDiagonal",
                "of more than two axes",
            ));
        };
        // NumPy begins the diagonal again below.
        if rows > columns + 1 {
            return Err(EvaluatorError::unsupported(
                "FillDiagonal",
                "of a tall matrix",
            ));
        }
        let mask = (0..rows * columns)
            .map(|k| f64::from(k / columns == k % columns))
            .collect();
        let mask = self.g.constant(mask, vec![rows, columns]);
        Ok(self.g.switch(mask, value, x))
    }

    /// Attributes: first axis, number of axes that become one.
    fn join_dims(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let mut shape = self.g.shape(x).to_vec();
        let count = usize::try_from(self.attribute(1)?).unwrap_or(0);
        let first = usize::try_from(self.attribute(0)?).unwrap_or(usize::MAX);
        if first.saturating_add(count) > shape.len() {
            return Err(EvaluatorError::format("there are not so many axes to join"));
        }
        let length = size(&shape[first..first + count]);
        shape.splice(first..first + count, [length]);
        Ok(self.g.reshape(x, &shape))
    }

    /// Attribute 0: the axis that becomes several, of the lengths in input 1.
    fn split_dims(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let mut shape = self.g.shape(x).to_vec();
        let axis = self.axis(0, shape.len())?;
        let lengths: Shape = self
            .known_integers(1)?
            .iter()
            .map(|&n| usize::try_from(n).map_err(|_| EvaluatorError::bind("a length is negative")))
            .collect::<Result<_>>()?;
        shape.splice(axis..=axis, lengths);
        if size(&shape) != self.g.size(x) {
            return Err(EvaluatorError::bind(format!(
                "no axes of lengths {shape:?} fit"
            )));
        }
        Ok(self.g.reshape(x, &shape))
    }

    fn alloc(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let shape = self.lengths_from(1)?;
        match crate::shape::broadcast(self.g.shape(x), &shape) {
            Some(full) if full == shape => Ok(self.g.broadcast_to(x, &shape)),
            _ => Err(EvaluatorError::bind(format!(
                "an array with lengths {:?} cannot fill {shape:?}",
                self.g.shape(x)
            ))),
        }
    }

    fn make_vector(&mut self) -> Result<NodeId> {
        let parts = self.inputs_from(0)?;
        if parts.is_empty() {
            return Ok(self.g.constant(Vec::new(), vec![0]));
        }
        let parts: Vec<NodeId> = parts.iter().map(|&p| self.g.reshape(p, &[1])).collect();
        Ok(self.g.join(0, &parts))
    }

    fn join(&mut self) -> Result<NodeId> {
        let parts = self.inputs_from(0)?;
        let Some(&first) = parts.first() else {
            return Err(EvaluatorError::format("nothing to join"));
        };
        let axis = self.axis(0, self.g.shape(first).len())?;
        let fits = |&p: &NodeId| {
            let (a, b) = (self.g.shape(p), self.g.shape(parts[0]));
            a.len() == b.len()
                && a.iter()
                    .zip(b)
                    .enumerate()
                    .all(|(k, (n, m))| k == axis || n == m)
        };
        if !parts.iter().all(fits) {
            return Err(EvaluatorError::bind(
                "arrays to be joined differ along another axis",
            ));
        }
        Ok(self.g.join(axis, &parts))
    }

    /// Output `attribute 0` of a split of input 0 along axis input 1 into lengths input 2.
    fn split(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let axis = usize::try_from(self.known_integer(1)?).unwrap_or(0);
        let lengths = self.known_integers(2)?;
        let which = usize::try_from(self.attribute(0)?).unwrap_or(0);
        let start: i64 = lengths[..which].iter().sum();
        let (start, length) = (usize::try_from(start), usize::try_from(lengths[which]));
        match (start, length) {
            (Ok(start), Ok(length)) if start + length <= self.g.shape(x)[axis] => {
                Ok(self.g.slice_axis(x, axis, start, start + length))
            }
            _ => Err(EvaluatorError::bind("a split does not fit its array")),
        }
    }

    fn arange(&mut self) -> Result<NodeId> {
        let [start, stop, step] = [0, 1, 2].map(|k| {
            self.input(k)
                .ok()
                .and_then(|id| self.g.known(id))
                .and_then(|v| v.first().copied())
        });
        let (Some(start), Some(stop), Some(step)) = (start, stop, step) else {
            return Err(EvaluatorError::unsupported(
                "ARange",
                "its length depends on the parameters",
            ));
        };
        let count = ((stop - start) / step).ceil().max(0.0);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // a length
        let count = count as usize;
        let values = (0..count).map(|k| start + step * k as f64).collect();
        Ok(self.g.constant(values, vec![count]))
    }

    fn eye(&mut self) -> Result<NodeId> {
        let (rows, columns, shift) = (
            self.known_length(0)?,
            self.known_length(1)?,
            self.known_integer(2)?,
        );
        Ok(self.matrix_of_places(rows, columns, |row, column| column - row == shift))
    }

    fn tri(&mut self) -> Result<NodeId> {
        let (rows, columns, shift) = (
            self.known_length(0)?,
            self.known_length(1)?,
            self.known_integer(2)?,
        );
        Ok(self.matrix_of_places(rows, columns, |row, column| column - row <= shift))
    }

    /// Ones where `inside(row, column)`, else zeros.
    fn matrix_of_places(
        &mut self,
        rows: usize,
        columns: usize,
        inside: impl Fn(i64, i64) -> bool,
    ) -> NodeId {
        let mut values = Vec::with_capacity(rows * columns);
        for row in 0..rows.cast_signed() as i64 {
            values.extend(
                (0..columns.cast_signed() as i64).map(|column| f64::from(inside(row, column))),
            );
        }
        self.g.constant(values, vec![rows, columns])
    }

    /// The view of the diagonal of the axes given, and its shape.
    fn diagonal(shape: &[usize], shift: i64, axis1: usize, axis2: usize) -> (Strided, Shape) {
        let steps = contiguous(shape);
        let shift = isize::try_from(shift).unwrap_or(0);
        let (row, column) = ((-shift).max(0).unsigned_abs(), shift.max(0).unsigned_abs());
        let length = shape[axis1]
            .saturating_sub(row)
            .min(shape[axis2].saturating_sub(column));
        let mut out = Shape::new();
        let mut strides = Vec::new();
        for axis in (0..shape.len()).filter(|&k| k != axis1 && k != axis2) {
            out.push(shape[axis]);
            strides.push(steps[axis]);
        }
        out.push(length);
        strides.push(steps[axis1] + steps[axis2]);
        let offset = row * steps[axis1].unsigned_abs() + column * steps[axis2].unsigned_abs();
        (Strided { offset, strides }, out)
    }

    /// Attributes: offset, axis1, axis2.
    fn extract_diagonal(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let shape = self.g.shape(x).to_vec();
        let (axis1, axis2) = (self.axis(1, shape.len())?, self.axis(2, shape.len())?);
        let (view, out) = Self::diagonal(&shape, self.attribute(0)?, axis1, axis2);
        Ok(self.g.view(x, view, out))
    }

    /// Attributes: offset, axis1, axis2 of the result.
    fn alloc_diagonal(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let seen = self.g.shape(x).to_vec();
        let rank = seen.len() + 1;
        let (axis1, axis2) = (self.axis(1, rank)?, self.axis(2, rank)?);
        let shift = self.attribute(0)?;
        let Some((&last, lead)) = seen.split_last() else {
            return Err(EvaluatorError::format("a diagonal of a number"));
        };
        let length = last + usize::try_from(shift.unsigned_abs()).unwrap_or(0);
        let mut shape = lead.to_vec();
        let (low, high) = (axis1.min(axis2), axis1.max(axis2));
        shape.insert(low, length);
        shape.insert(high, length);
        let (view, _) = Self::diagonal(&shape, shift, axis1, axis2);
        Ok(self.g.place(x, view, shape))
    }

    /// A checked value: minus infinity (attribute 0 is 1) or NaN where a condition fails.
    fn check(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let mut all = self.g.scalar(1.0);
        for condition in self.inputs_from(1)? {
            let condition = self.g.reshape(condition, &[]);
            let no = self.g.unary(UnaryOp::Not, condition);
            let condition = self.g.unary(UnaryOp::Not, no);
            all = self.g.binary(BinaryOp::And, all, condition);
        }
        let failed = if self.attribute(0)? == 1 {
            f64::NEG_INFINITY
        } else {
            f64::NAN
        };
        let failed = self.g.scalar(failed);
        Ok(self.g.switch(all, x, failed))
    }

    /// Elements along an axis (attribute 0), each as often as input 1 says.
    fn repeat(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let shape = self.g.shape(x).to_vec();
        let axis = self.axis(0, shape.len())?;
        let counts = self.known_integers(1)?;
        let count =
            |k: usize| usize::try_from(counts[if counts.len() == 1 { 0 } else { k }]).unwrap_or(0);
        let picked: Vec<usize> = (0..shape[axis])
            .flat_map(|k| std::iter::repeat_n(k, count(k)))
            .collect();
        let (outer, inner): (usize, usize) = (
            shape[..axis].iter().product(),
            shape[axis + 1..].iter().product(),
        );
        let mut flat = Vec::with_capacity(outer * picked.len() * inner);
        for o in 0..outer {
            for &k in &picked {
                let start = (o * shape[axis] + k) * inner;
                flat.extend((start..start + inner).map(|at| at as f64));
            }
        }
        let mut out = shape;
        out[axis] = picked.len();
        let index = self.g.constant(flat, out);
        Ok(self.g.gather(x, index))
    }

    /// Indices along axis attribute 0 of the elements that are not zero.
    fn nonzero(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let axis = usize::try_from(self.attribute(0)?).unwrap_or(0);
        let steps = contiguous(self.g.shape(x));
        let length = self.g.shape(x).get(axis).copied().unwrap_or(1);
        let Some(values) = self.g.known(x) else {
            return Err(EvaluatorError::unsupported(
                "Nonzero",
                "it depends on the parameters",
            ));
        };
        let step = steps[axis].unsigned_abs();
        let found: Vec<f64> = values
            .iter()
            .enumerate()
            .filter(|(_, v)| **v != 0.0)
            .map(|(at, _)| ((at / step) % length) as f64)
            .collect();
        let shape = vec![found.len()];
        Ok(self.g.constant(found, shape))
    }
}
