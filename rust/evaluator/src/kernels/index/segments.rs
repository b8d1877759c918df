//! Rows sorted by group: a gather becomes a fill of runs, its reverse a sum of runs.

use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};
use crate::kernels::reduce::{Terms, accumulate};
use crate::kernels::vector::Vector;

/// Consecutive runs of rows, one per group; a group may have none.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Segments {
    /// First row of every group, and after the last one their number.
    starts: Vec<usize>,
}

impl Segments {
    /// Runs of these lengths.
    pub fn new(sizes: &[usize]) -> Self {
        let ends = sizes.iter().scan(0, |end, size| {
            *end += size;
            Some(*end)
        });
        Self {
            starts: std::iter::once(0).chain(ends).collect(),
        }
    }

    /// Number of groups.
    pub fn len(&self) -> usize {
        self.starts.len() - 1
    }

    /// Whether there are no groups.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Number of rows.
    pub fn num_rows(&self) -> usize {
        self.starts[self.len()]
    }

    /// The group of a row.
    fn group_of(&self, row: usize) -> usize {
        self.starts
            .partition_point(|&first| first <= row)
            .saturating_sub(1)
    }
}

/// The loop of [`segment_sum_add`].
struct SumRuns<'a>(&'a [f64], &'a Segments, usize, &'a mut [f64]);

impl Kernel for SumRuns<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(values, segments, start, out) = self;
        let end = start + values.len();
        let mut group = segments.group_of(start);
        let mut row = start;
        while row < end {
            let stop = segments.starts[group + 1].min(end);
            if stop > row {
                let run = &values[row - start..stop - start];
                out[group] += accumulate(lanes, [run], Terms).sum();
                row = stop;
            }
            group += 1;
        }
    }
}

/// `out[g] += ` the sum of the values of group `g`, where `values` belong to the rows from
/// `start_row` on. A block of rows may begin and end within a group.
///
/// # Panics
/// Where there are more rows than the segments have, or `out` is shorter than their number.
pub fn segment_sum_add(
    isa: Isa,
    values: &[f64],
    segments: &Segments,
    start_row: usize,
    out: &mut [f64],
) {
    let end = start_row + values.len();
    assert!(end <= segments.num_rows(), "rows beyond the last group");
    isa.run(SumRuns(values, segments, start_row, out));
}

/// The loop of [`segment_fill`].
struct FillRuns<'a>(&'a [f64], &'a Segments, usize, &'a mut [f64]);

impl Kernel for FillRuns<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(x, segments, start, out) = self;
        let len = out.len();
        let mut group = segments.group_of(start);
        let mut at = 0;
        while at < len {
            let stop = (segments.starts[group + 1] - start).min(len);
            let value = Vector::splat(lanes, x[group]);
            // Full registers, also past the end of the run: the next one overwrites that.
            while at < stop {
                if at + S::N <= len {
                    value.store(&mut out[at..]);
                } else {
                    value.store_partial(&mut out[at..]);
                }
                at += S::N;
            }
            at = stop;
            group += 1;
        }
    }
}

/// `out[i] = x[g]`, where `g` is the group of row `start_row + i`.
///
/// # Panics
/// Where there are more rows than the segments have, or `x` is shorter than their number.
pub fn segment_fill(isa: Isa, x: &[f64], segments: &Segments, start_row: usize, out: &mut [f64]) {
    let end = start_row + out.len();
    assert!(end <= segments.num_rows(), "rows beyond the last group");
    isa.run(FillRuns(x, segments, start_row, out));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn blocks_may_cut_groups() {
        let segments = Segments::new(&[3, 0, 1, 40, 0, 5, 0]);
        assert_eq!((segments.len(), segments.num_rows()), (7, 49));
        let values: Vec<f64> = (0..49).map(f64::from).collect();
        let groups: Vec<usize> = [3, 0, 1, 40, 0, 5, 0]
            .iter()
            .enumerate()
            .flat_map(|(g, &n)| vec![g; n])
            .collect();
        for isa in Isa::available() {
            for block in [1, 2, 7, 16, 49] {
                let (mut sums, mut counts) = (vec![0.0; 7], vec![0.0; 7]);
                for start in (0..49).step_by(block) {
                    let end = (start + block).min(49);
                    segment_sum_add(isa, &values[start..end], &segments, start, &mut sums);
                    let ones = vec![1.0; end - start];
                    segment_sum_add(isa, &ones, &segments, start, &mut counts);
                    let x: Vec<f64> = (0..7).map(f64::from).collect();
                    let mut filled = vec![0.0; end - start];
                    segment_fill(isa, &x, &segments, start, &mut filled);
                    for (row, got) in (start..).zip(filled) {
                        assert_eq!(got, groups[row] as f64);
                    }
                }
                assert_eq!(counts, [3.0, 0.0, 1.0, 40.0, 0.0, 5.0, 0.0]);
                assert_eq!(sums, [3.0, 0.0, 3.0, 940.0, 0.0, 230.0, 0.0]);
            }
        }
    }
}
