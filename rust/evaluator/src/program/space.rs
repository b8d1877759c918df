//! The iteration space of a loop nest, and how arrays are read along it.

use super::memory::Ref;

/// Numbers that a block holds at most: a few blocks fit the first cache.
pub(crate) const BLOCK: usize = 256;

/// How an array is walked along the axes of a space; stride 0 repeats.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Access {
    pub(crate) at: Ref,
    pub(crate) strides: Vec<isize>,
}

/// Axes of a loop nest, with neighbouring axes merged where all arrays allow it.
#[derive(Clone, Debug)]
pub(crate) struct Space {
    /// Lengths of the axes outside the blocks.
    pub(crate) outer: Vec<usize>,
    pub(crate) rows: usize,
    pub(crate) cols: usize,
    /// Rows of a block; 1 where blocks are parts of rows.
    pub(crate) tile: usize,
}

impl Space {
    /// Merges the axes of `shape` and rewrites the strides of all accesses to match: the last two
    /// are those of rows and columns, the others those of the outer axes.
    pub(crate) fn merge(shape: &[usize], accesses: &mut [Access]) -> Self {
        let mut lengths: Vec<usize> = Vec::new();
        let mut kept: Vec<usize> = Vec::new();
        for axis in (0..shape.len()).rev() {
            if shape[axis] == 1 {
                continue;
            }
            let joins = kept.last().is_some_and(|&inner| {
                let n = lengths.last().copied().unwrap_or(1).cast_signed();
                accesses
                    .iter()
                    .all(|a| a.strides[axis] == a.strides[inner] * n)
            });
            if joins {
                // The merged axis keeps the inner stride.
                *lengths.last_mut().expect("an axis was kept") *= shape[axis];
            } else {
                kept.push(axis);
                lengths.push(shape[axis]);
            }
        }
        kept.reverse();
        lengths.reverse();
        while lengths.len() < 2 {
            lengths.insert(0, 1);
        }
        for access in accesses {
            let mut strides: Vec<isize> = kept.iter().map(|&axis| access.strides[axis]).collect();
            while strides.len() < 2 {
                strides.insert(0, 0);
            }
            access.strides = strides;
        }
        let cols = lengths.pop().unwrap_or(1);
        let rows = lengths.pop().unwrap_or(1);
        Self {
            outer: lengths,
            rows,
            cols,
            tile: rows_of_block(rows, cols),
        }
    }

    /// Rows become columns.
    pub(crate) fn turn(&mut self) {
        (self.rows, self.cols) = (self.cols, self.rows);
        self.tile = rows_of_block(self.rows, self.cols);
    }

    /// Whether one block holds it all.
    pub(crate) fn is_one_block(&self) -> bool {
        self.outer.is_empty() && self.rows <= self.tile && self.cols <= BLOCK
    }

    /// Length of the longest block.
    pub(crate) fn block(&self) -> usize {
        if self.tile == 1 {
            self.cols.min(BLOCK)
        } else {
            self.tile * self.cols
        }
    }

    /// The blocks, in order.
    pub(crate) fn tiles(&self) -> Tiles<'_> {
        Tiles {
            space: self,
            index: vec_of_zeros(self.outer.len()),
            row: 0,
            col: 0,
            linear: 0,
            ended: false,
        }
    }
}

/// How many rows a block takes.
fn rows_of_block(rows: usize, cols: usize) -> usize {
    if cols >= BLOCK {
        1
    } else {
        (BLOCK / cols.max(1)).clamp(1, rows.max(1))
    }
}

/// The blocks of a space, one after the other. Not an `Iterator`: a block borrows from it.
pub(crate) struct Tiles<'a> {
    space: &'a Space,
    index: Vec<usize>,
    row: usize,
    col: usize,
    linear: usize,
    ended: bool,
}

impl Tiles<'_> {
    /// The next block.
    #[inline]
    pub(crate) fn next(&mut self) -> Option<Tile<'_>> {
        let space = self.space;
        if self.row == space.rows {
            self.row = 0;
            self.ended = !advance(&mut self.index, &space.outer);
        }
        if self.ended || space.rows == 0 || space.cols == 0 {
            return None;
        }
        let (row, col, linear) = (self.row, self.col, self.linear);
        let rows = space.tile.min(space.rows - row);
        let cols = if rows > 1 || space.cols <= BLOCK {
            space.cols
        } else {
            BLOCK.min(space.cols - col)
        };
        self.linear += rows * cols;
        self.col += cols;
        if self.col == space.cols {
            self.col = 0;
            self.row += rows;
        }
        Some(Tile {
            outer: &self.index,
            row,
            rows,
            col,
            cols,
            linear,
        })
    }
}

/// Empty for most spaces, and then without an allocation.
fn vec_of_zeros(n: usize) -> Vec<usize> {
    if n == 0 { Vec::new() } else { vec![0; n] }
}

/// The next index of the outer axes; false after the last.
fn advance(index: &mut [usize], lengths: &[usize]) -> bool {
    for (k, n) in index.iter_mut().zip(lengths).rev() {
        *k += 1;
        if *k < *n {
            return true;
        }
        *k = 0;
    }
    false
}

/// One block: `rows` x `cols` elements that follow each other in the order of the space.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Tile<'a> {
    pub(crate) outer: &'a [usize],
    pub(crate) row: usize,
    pub(crate) rows: usize,
    pub(crate) col: usize,
    pub(crate) cols: usize,
    /// Number of elements before this block.
    pub(crate) linear: usize,
}

impl Tile<'_> {
    /// Number of elements.
    #[inline]
    pub(crate) fn len(&self) -> usize {
        self.rows * self.cols
    }

    /// Where an array's first element of this block is.
    #[inline]
    pub(crate) fn start(&self, access: &Access) -> Ref {
        let inner = access.strides.len() - 2;
        let mut offset = self.row.cast_signed() * access.strides[inner]
            + self.col.cast_signed() * access.strides[inner + 1];
        for (&k, &stride) in self.outer.iter().zip(&access.strides) {
            offset += k.cast_signed() * stride;
        }
        access.at.plus(offset)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn access(strides: &[isize]) -> Access {
        Access {
            at: Ref::Arena(0),
            strides: strides.to_vec(),
        }
    }

    #[test]
    fn contiguous_axes_become_one() {
        let mut accesses = [access(&[12, 4, 1]), access(&[0, 0, 0])];
        let space = Space::merge(&[2, 3, 4], &mut accesses);
        assert_eq!((space.rows, space.cols), (1, 24));
        assert_eq!(accesses[0].strides, [0, 1]);
    }

    #[test]
    fn broadcasting_keeps_two_axes() {
        let mut accesses = [access(&[12, 4, 1]), access(&[3, 1, 0])];
        let space = Space::merge(&[2, 3, 4], &mut accesses);
        assert_eq!((space.rows, space.cols), (6, 4));
        assert_eq!(accesses[1].strides, [1, 0]);
    }

    #[test]
    fn blocks_cover_the_space_once() {
        for (rows, cols) in [(1_isize, 1000_isize), (7, 30), (3, 300), (1, 1), (500, 2)] {
            let mut accesses = [access(&[cols, 1]), access(&[1, 0]), access(&[0, 1])];
            let space = Space::merge(&[rows.unsigned_abs(), cols.unsigned_abs()], &mut accesses);
            let mut next = 0;
            let mut tiles = space.tiles();
            while let Some(tile) = tiles.next() {
                assert_eq!(tile.linear, next);
                assert!(tile.len() <= BLOCK);
                next += tile.len();
            }
            assert_eq!(next, (rows * cols).unsigned_abs());
        }
    }
}
