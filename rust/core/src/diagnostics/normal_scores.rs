//! Ranks as normal quantiles, so that no moment needs to exist.

use super::normal_quantile::normal_quantile;
use super::sorted::Sorted;

/// Normal quantiles of all ranks among `size` values; those of half ranks are for ties.
#[derive(Debug)]
pub(super) struct ScoreTable {
    size: usize,
    /// The score of rank `r` is at `2 r - 2`.
    scores: Vec<f64>,
}

impl ScoreTable {
    /// One table for each size that occurs.
    pub(super) fn of_sizes(sizes: impl Iterator<Item = usize>) -> Vec<Self> {
        let mut tables = Vec::<Self>::new();
        for size in sizes {
            if tables.iter().all(|table| table.size != size) {
                tables.push(Self::new(size));
            }
        }
        tables
    }

    /// The table of that size.
    pub(super) fn find(tables: &[Self], size: usize) -> &Self {
        let found = tables.iter().find(|table| table.size == size);
        found.expect("a table was made for each size")
    }

    fn new(size: usize) -> Self {
        let length = (2 * size).saturating_sub(1);
        let mut scores = vec![0.0; length];
        for i in 0..length / 2 {
            // Blom's offset, as Vehtari et al. (2021), equation 14, have it.
            let rank = (i + 2) as f64 / 2.0;
            let score = normal_quantile((rank - 3.0 / 8.0) / (size as f64 + 1.0 / 4.0));
            scores[i] = score;
            scores[length - 1 - i] = -score;
        }
        Self { size, scores }
    }

    /// Writes the score of each value to its place; equal values get that of their average rank.
    pub(super) fn score(&self, sorted: &Sorted, scores: &mut Vec<f64>) {
        scores.resize(self.size, 0.0);
        let mut start = 0;
        for run in sorted.values.chunk_by(|a, b| a == b) {
            let end = start + run.len();
            // Twice the mean of the ranks start + 1 to end.
            let score = self.scores[start + end - 1];
            for place in &sorted.places[start..end] {
                scores[*place] = score;
            }
            start = end;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ties_share_the_average_rank() {
        let mut sorted = Sorted::default();
        sorted.sort(&[5.0, -1.0, 5.0, 9.0]);
        let mut scores = Vec::new();
        ScoreTable::new(4).score(&sorted, &mut scores);
        let of_rank = |rank: f64| normal_quantile((rank - 0.375) / 4.25);
        assert_eq!(
            scores,
            [of_rank(2.5), of_rank(1.0), of_rank(2.5), -of_rank(1.0)]
        );
    }
}
