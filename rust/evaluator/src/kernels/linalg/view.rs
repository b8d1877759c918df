//! Borrowed row-major matrices.

/// A matrix to read: row `i` is `data[i * stride..][..cols]`.
#[derive(Clone, Copy, Debug)]
pub struct MatrixRef<'a> {
    data: &'a [f64],
    rows: usize,
    cols: usize,
    stride: usize,
}

/// A matrix to write: row `i` is `data[i * stride..][..cols]`.
#[derive(Debug)]
pub struct MatrixMut<'a> {
    data: &'a mut [f64],
    rows: usize,
    cols: usize,
    stride: usize,
}

/// Panics where a matrix does not fit into its data.
fn check(len: usize, rows: usize, cols: usize, stride: usize) {
    assert!(cols <= stride || rows <= 1, "the rows of a matrix overlap");
    let needed = if rows == 0 || cols == 0 {
        0
    } else {
        (rows - 1) * stride + cols
    };
    assert!(needed <= len, "a matrix reaches beyond its data");
}

/// Side of the squares in which triangles are gone through.
const SQUARE: usize = 8;

/// Calls `f(i, j)` for all `i > j`, square by square: both `(i, j)` and `(j, i)` are then in cache.
#[inline(always)]
pub(super) fn for_each_below(n: usize, mut f: impl FnMut(usize, usize)) {
    for i0 in (0..n).step_by(SQUARE) {
        for j0 in (0..=i0).step_by(SQUARE) {
            for i in i0..(i0 + SQUARE).min(n) {
                for j in j0..(j0 + SQUARE).min(i) {
                    f(i, j);
                }
            }
        }
    }
}

impl<'a> MatrixRef<'a> {
    /// A contiguous matrix.
    ///
    /// # Panics
    /// Where the data are too few.
    pub fn new(data: &'a [f64], rows: usize, cols: usize) -> Self {
        Self::with_stride(data, rows, cols, cols)
    }

    /// A matrix whose rows begin `stride` elements apart: part of a larger one.
    ///
    /// # Panics
    /// Where rows overlap or the data are too few.
    pub fn with_stride(data: &'a [f64], rows: usize, cols: usize, stride: usize) -> Self {
        check(data.len(), rows, cols, stride);
        Self {
            data,
            rows,
            cols,
            stride,
        }
    }

    /// Number of rows.
    pub fn rows(self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(self) -> usize {
        self.cols
    }

    /// A row.
    #[inline(always)]
    pub fn row(self, i: usize) -> &'a [f64] {
        &self.data[i * self.stride..][..self.cols]
    }

    /// An element.
    #[inline(always)]
    pub fn at(self, i: usize, j: usize) -> f64 {
        self.data[i * self.stride + j]
    }

    /// Elements from one row to the next.
    #[inline(always)]
    pub(super) fn stride(self) -> usize {
        self.stride
    }

    /// All data from an element on.
    #[inline(always)]
    pub(super) fn from(self, i: usize, j: usize) -> &'a [f64] {
        &self.data[(i * self.stride + j).min(self.data.len())..]
    }

    /// Columns `begin..end`.
    #[inline(always)]
    pub(super) fn columns(self, begin: usize, end: usize) -> MatrixRef<'a> {
        let begin_in_data = begin.min(self.data.len());
        MatrixRef {
            data: &self.data[begin_in_data..],
            cols: end - begin,
            ..self
        }
    }
}

impl<'a> MatrixMut<'a> {
    /// A contiguous matrix.
    ///
    /// # Panics
    /// Where the data are too few.
    pub fn new(data: &'a mut [f64], rows: usize, cols: usize) -> Self {
        Self::with_stride(data, rows, cols, cols)
    }

    /// A matrix whose rows begin `stride` elements apart: part of a larger one.
    ///
    /// # Panics
    /// Where rows overlap or the data are too few.
    pub fn with_stride(data: &'a mut [f64], rows: usize, cols: usize, stride: usize) -> Self {
        check(data.len(), rows, cols, stride);
        Self {
            data,
            rows,
            cols,
            stride,
        }
    }

    /// To read.
    pub fn as_ref(&self) -> MatrixRef<'_> {
        MatrixRef {
            data: self.data,
            rows: self.rows,
            cols: self.cols,
            stride: self.stride,
        }
    }

    /// To hand on without giving it away.
    pub fn reborrow(&mut self) -> MatrixMut<'_> {
        MatrixMut {
            data: self.data,
            rows: self.rows,
            cols: self.cols,
            stride: self.stride,
        }
    }

    /// Number of rows.
    pub fn rows(&self) -> usize {
        self.rows
    }

    /// Number of columns.
    pub fn cols(&self) -> usize {
        self.cols
    }

    /// A row.
    #[inline(always)]
    pub fn row_mut(&mut self, i: usize) -> &mut [f64] {
        &mut self.data[i * self.stride..][..self.cols]
    }

    /// Row `i` to write, with all rows before it and all rows after it to read.
    #[inline(always)]
    pub(super) fn around_row(&mut self, i: usize) -> (MatrixRef<'_>, &mut [f64], MatrixRef<'_>) {
        let (cols, stride, rows) = (self.cols, self.stride, self.rows);
        let (before, rest) = self.data.split_at_mut(i * stride);
        let (row, after) = if i + 1 < rows {
            rest.split_at_mut(stride)
        } else {
            (rest, &mut [][..])
        };
        (
            MatrixRef {
                data: before,
                rows: i,
                cols,
                stride,
            },
            &mut row[..cols],
            MatrixRef {
                data: after,
                rows: rows - i - 1,
                cols,
                stride,
            },
        )
    }

    /// `count` rows from `i` on to write, with all rows before and all rows after them to read.
    #[inline(always)]
    pub(super) fn around_rows(
        &mut self,
        i: usize,
        count: usize,
    ) -> (MatrixRef<'_>, MatrixMut<'_>, MatrixRef<'_>) {
        let (cols, stride, left) = (self.cols, self.stride, self.rows - i - count);
        let (before, rest) = self.data.split_at_mut(i * stride);
        let end = if left == 0 {
            rest.len()
        } else {
            count * stride
        };
        let (block, after) = rest.split_at_mut(end);
        (
            MatrixRef {
                data: before,
                rows: i,
                cols,
                stride,
            },
            MatrixMut {
                data: block,
                rows: count,
                cols,
                stride,
            },
            MatrixRef {
                data: after,
                rows: left,
                cols,
                stride,
            },
        )
    }

    /// The first columns.
    #[inline(always)]
    pub(super) fn first_columns(&mut self, cols: usize) -> MatrixMut<'_> {
        MatrixMut {
            data: self.data,
            rows: self.rows,
            cols,
            stride: self.stride,
        }
    }

    /// Exchanges rows and columns of a square matrix, square by square for the sake of the cache.
    pub(super) fn transpose(&mut self) {
        for_each_below(self.rows, |i, j| {
            let (below, above) = (i * self.stride + j, j * self.stride + i);
            self.data.swap(below, above);
        });
    }

    /// An element.
    #[inline(always)]
    pub fn at(&self, i: usize, j: usize) -> f64 {
        self.data[i * self.stride + j]
    }

    /// Sets an element.
    #[inline(always)]
    pub fn set(&mut self, i: usize, j: usize, value: f64) {
        self.data[i * self.stride + j] = value;
    }

    /// Whether the rows follow each other without gaps.
    pub(super) fn is_contiguous(&self) -> bool {
        self.stride == self.cols || self.rows <= 1
    }

    /// Rows `begin..end` of a contiguous matrix with one column.
    #[inline(always)]
    pub(super) fn contiguous(&self, begin: usize, end: usize) -> &[f64] {
        debug_assert!(self.cols == 1 && self.is_contiguous());
        &self.data[begin..end]
    }

    /// Sets all elements.
    pub fn fill(&mut self, value: f64) {
        for i in 0..self.rows {
            self.row_mut(i).fill(value);
        }
    }
}
