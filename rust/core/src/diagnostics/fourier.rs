//! The discrete Fourier transform of a power-of-two number of points, for autocorrelations.

use std::f64::consts::PI;

/// Turns sequences into the sum of their autocorrelations.
///
/// The spectrum is left in the order in which the first transform makes it and the second one
/// takes it, so that nothing is ever permuted.
#[derive(Debug, Default)]
pub(super) struct Fourier {
    size: usize,
    /// Cosines and sines of each stage, from the one with a single pair on.
    stages: Vec<(Vec<f64>, Vec<f64>)>,
    real: Vec<f64>,
    imaginary: Vec<f64>,
    power: Vec<f64>,
}

impl Fourier {
    /// The sum over rows of the products of all neighbours `lag` apart, for each lag below the
    /// length of a row.
    ///
    /// Two rows are transformed at once, as real and imaginary part: of the squared absolute value
    /// only the part that is symmetric comes back as real numbers, and that is the sum of both.
    pub(super) fn autocorrelations(&mut self, rows: &[f64], length: usize, lags: &mut Vec<f64>) {
        self.prepare((2 * length).next_power_of_two());
        self.power.fill(0.0);
        for two in rows.chunks(2 * length) {
            let (first, second) = two.split_at(length);
            fill(&mut self.real, first);
            fill(&mut self.imaginary, second);
            forward(&self.stages, &mut self.real, &mut self.imaginary);
            let spectrum = self.real.iter().zip(&self.imaginary);
            for (power, (re, im)) in self.power.iter_mut().zip(spectrum) {
                *power += re * re + im * im;
            }
        }
        self.imaginary.fill(0.0);
        back(&self.stages, &mut self.power, &mut self.imaginary);
        lags.clear();
        let scale = 1.0 / self.size as f64;
        lags.extend(self.power[..length].iter().map(|x| scale * x));
    }

    fn prepare(&mut self, size: usize) {
        if self.size == size {
            return;
        }
        self.size = size;
        for buffer in [&mut self.real, &mut self.imaginary, &mut self.power] {
            buffer.resize(size, 0.0);
        }
        let halves = (0..size.ilog2()).map(|stage| 1_usize << stage);
        let angles = |half: usize| (0..half).map(move |j| -PI * j as f64 / half as f64);
        self.stages = halves
            .map(|half| {
                (
                    angles(half).map(f64::cos).collect(),
                    angles(half).map(f64::sin).collect(),
                )
            })
            .collect();
    }
}

/// Copies a row and fills up with zeros.
fn fill(buffer: &mut [f64], row: &[f64]) {
    let (values, padding) = buffer.split_at_mut(row.len());
    values.copy_from_slice(row);
    padding.fill(0.0);
}

/// Decimation in frequency: from natural order to that of reversed bits.
fn forward(stages: &[(Vec<f64>, Vec<f64>)], real: &mut [f64], imaginary: &mut [f64]) {
    for (cos, sin) in stages.iter().rev() {
        each_pair(cos.len(), real, imaginary, |j, [a_re, a_im, b_re, b_im]| {
            let (re, im) = (a_re - b_re, a_im - b_im);
            let turned = (re * cos[j] - im * sin[j], re * sin[j] + im * cos[j]);
            [a_re + b_re, a_im + b_im, turned.0, turned.1]
        });
    }
}

/// Decimation in time: from the order of reversed bits to the natural one.
fn back(stages: &[(Vec<f64>, Vec<f64>)], real: &mut [f64], imaginary: &mut [f64]) {
    for (cos, sin) in stages {
        each_pair(cos.len(), real, imaginary, |j, [a_re, a_im, b_re, b_im]| {
            let (re, im) = (b_re * cos[j] - b_im * sin[j], b_re * sin[j] + b_im * cos[j]);
            [a_re + re, a_im + im, a_re - re, a_im - im]
        });
    }
}

/// Replaces all pairs of numbers `half` apart by `combine(place, pair)`.
#[inline]
fn each_pair(
    half: usize,
    real: &mut [f64],
    imaginary: &mut [f64],
    combine: impl Fn(usize, [f64; 4]) -> [f64; 4],
) {
    let blocks = real.chunks_exact_mut(2 * half);
    for (real, imaginary) in blocks.zip(imaginary.chunks_exact_mut(2 * half)) {
        let (a_re, b_re) = real.split_at_mut(half);
        let (a_im, b_im) = imaginary.split_at_mut(half);
        for j in 0..half {
            [a_re[j], a_im[j], b_re[j], b_im[j]] = combine(j, [a_re[j], a_im[j], b_re[j], b_im[j]]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn same_as_the_plain_sums(
            length in 1..40_usize,
            numbers in prop::collection::vec(-10.0..10.0, 160),
            num_rows in 1..3_usize,
        ) {
            let rows = &numbers[..2 * num_rows * length];
            let mut fourier = Fourier::default();
            let mut lags = Vec::new();
            fourier.autocorrelations(rows, length, &mut lags);
            for (lag, found) in lags.iter().enumerate() {
                let products = |row: &[f64]| -> f64 {
                    row.iter().zip(&row[lag..]).map(|(x, y)| x * y).sum()
                };
                let expected: f64 = rows.chunks(length).map(products).sum();
                prop_assert!((found - expected).abs() < 1e-10);
            }
        }
    }
}
