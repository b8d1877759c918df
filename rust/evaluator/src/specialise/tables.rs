//! Operations with known tables: places in sorted arrays, splines, sparse matrices, convolutions.

use super::Call;
use crate::error::{EvaluatorError, Result};
use crate::graph::NodeId;
use crate::op::{BinaryOp, Reduction};

impl Call<'_> {
    /// The node of an operation with a table, if `name` is one.
    pub(super) fn tables(&mut self, name: &str) -> Result<Option<NodeId>> {
        let out = match name {
            "SearchSorted" => self.search_sorted()?,
            "Spline" => self.spline()?,
            "SparseDot" => self.sparse_dot()?,
            "Convolve" => self.convolve()?,
            _ => return Ok(None),
        };
        Ok(Some(out))
    }

    /// How many elements of a sorted vector lie before each number. Attribute 0: whether equal ones
    /// do too. Inputs: the vector, the numbers, and the order that sorts the vector if it is not.
    fn search_sorted(&mut self) -> Result<NodeId> {
        let (mut line, x) = (self.input(0)?, self.input(1)?);
        if self.node.inputs.len() == 3 {
            let order = self.input(2)?;
            line = if self.g.is_known(order) {
                self.g.gather(line, order)
            } else {
                self.g.take(line, order)
            };
        }
        let right = self.attribute(0)? == 1;
        Ok(self.count_before(line, x, right))
    }

    fn count_before(&mut self, line: NodeId, x: NodeId, equal: bool) -> NodeId {
        let mut beside = self.g.shape(x).to_vec();
        beside.push(1);
        let x = self.g.reshape(x, &beside);
        let op = if equal { BinaryOp::Le } else { BinaryOp::Lt };
        let before = self.g.binary(op, line, x);
        let axis = beside.len() - 1;
        let mut full = beside;
        full[axis] = self.g.size(line);
        let before = self.g.broadcast_to(before, &full);
        self.g.reduce(Reduction::Sum, before, &[axis])
    }

    /// A piecewise polynomial. Attribute 0: what it is outside (0 the outer pieces, 1 zero, 3 the
    /// value at the end). Inputs: the numbers, the ends of the pieces, and the coefficients of all
    /// pieces, highest power first.
    fn spline(&mut self) -> Result<NodeId> {
        let (x, ends, pieces) = (self.input(0)?, self.input(1)?, self.input(2)?);
        let count = self.g.size(ends);
        let powers = match *self.g.shape(pieces) {
            [powers, n] if count == n + 1 && n > 0 && powers > 0 => powers,
            _ => return Err(EvaluatorError::format("a spline without pieces")),
        };
        let outside = self.attribute(0)?;
        let low = self.g.slice_axis(ends, 0, 0, 1);
        let low = self.g.reshape(low, &[]);
        let high = self.g.slice_axis(ends, 0, count - 1, count);
        let high = self.g.reshape(high, &[]);
        let below = self.g.binary(BinaryOp::Lt, x, low);
        let above = self.g.binary(BinaryOp::Gt, x, high);
        let mut at = x;
        if outside == 3 {
            at = self.g.switch(below, low, at);
            at = self.g.switch(above, high, at);
        }
        let inner = self.g.slice_axis(ends, 0, 1, count - 1);
        let piece = self.count_before(inner, at, true);
        let starts = self.g.slice_axis(ends, 0, 0, count - 1);
        let start = self.look_up(starts, piece);
        let distance = self.g.sub(at, start);
        let mut out = self.g.scalar(0.0);
        for k in 0..powers {
            let line = self.g.slice_axis(pieces, 0, k, k + 1);
            let line = self.g.reshape(line, &[count - 1]);
            let coefficient = self.look_up(line, piece);
            out = self.g.mul(out, distance);
            out = self.g.add(out, coefficient);
        }
        if outside == 1 {
            let zero = self.g.scalar(0.0);
            out = self.g.switch(below, zero, out);
            out = self.g.switch(above, zero, out);
        }
        let shape = self.g.shape(x).to_vec();
        Ok(self.g.broadcast_to(out, &shape))
    }

    fn look_up(&mut self, line: NodeId, index: NodeId) -> NodeId {
        if self.g.is_known(index) {
            self.g.gather(line, index)
        } else {
            self.g.take(line, index)
        }
    }

    /// A product of a known sparse matrix and an array of one or two axes. Attributes: rows of the
    /// result, whether the matrix is on the right. Inputs: the array, the values of the matrix, and
    /// for each the row of the result and the row of the array.
    fn sparse_dot(&mut self) -> Result<NodeId> {
        let mut x = self.input(0)?;
        let values = self.input(1)?;
        let (to, from) = (self.known_integers(2)?, self.known_integers(3)?);
        let rows = usize::try_from(self.attribute(0)?).unwrap_or(0);
        let is_right = self.attribute(1)? == 1;
        let was_vector = self.g.shape(x).len() == 1;
        if was_vector {
            let n = self.g.size(x);
            x = self.g.reshape(x, &[n, 1]);
        } else if is_right {
            x = self.g.transpose_last(x);
        }
        let [height, width] = *self.g.shape(x) else {
            return Err(EvaluatorError::format(
                "a sparse product of more than two axes",
            ));
        };
        let inside = |places: &[i64], n: usize| {
            places
                .iter()
                .all(|&k| usize::try_from(k).is_ok_and(|k| k < n))
        };
        if !inside(&to, rows) || !inside(&from, height) {
            return Err(EvaluatorError::bind(
                "the sizes of a sparse product do not fit",
            ));
        }
        let count = to.len();
        let mut places = |rows: &[i64]| {
            let flat = rows
                .iter()
                .flat_map(|&row| {
                    (0..width).map(move |column| row as f64 * width as f64 + column as f64)
                })
                .collect();
            self.g.constant(flat, vec![count, width])
        };
        let (to, from) = (places(&to), places(&from));
        let rows_of_x = self.g.gather(x, from);
        let values = self.g.reshape(values, &[count, 1]);
        let products = self.g.mul(rows_of_x, values);
        let out = self.g.scatter(products, to, &[rows, width]);
        Ok(if was_vector {
            self.g.reshape(out, &[rows])
        } else if is_right {
            self.g.transpose_last(out)
        } else {
            out
        })
    }

    /// The convolution of two vectors, at all places where they meet or (input 2 is zero) at those
    /// where the shorter lies inside the longer.
    fn convolve(&mut self) -> Result<NodeId> {
        let (mut x, mut kernel) = (self.input(0)?, self.input(1)?);
        if self.g.size(x) < self.g.size(kernel) {
            (x, kernel) = (kernel, x);
        }
        let (n, m) = (self.g.size(x), self.g.size(kernel));
        if m == 0 {
            return Err(EvaluatorError::bind("a convolution with nothing"));
        }
        let mut length = n - m + 1;
        if self.known_integer(2)? != 0 {
            let margin = self.g.zeros(&[m - 1]);
            x = self.g.join(0, &[margin, x, margin]);
            length = n + m - 1;
        }
        let places = (0..length * m)
            .map(|k| (k / m + m - 1 - k % m) as f64)
            .collect();
        let places = self.g.constant(places, vec![length, m]);
        let windows = self.g.gather(x, places);
        Ok(self.g.matvec(windows, kernel, false))
    }
}
