//! Autocovariance, averaged over chains, at the lags that are asked for.

use super::fourier::Fourier;
use super::moments::mean;

/// Lags that are computed together.
const LANES: usize = 8;

/// Lags up to which sums of products are quicker than a Fourier transform.
const DIRECT: usize = 32;

/// Autocovariances of chains of equal length.
///
/// A chain that mixes well needs a handful of lags, which plain sums give in less time than the
/// Fourier transform of all; the transform comes in when more are asked for.
#[derive(Debug, Default)]
pub(super) struct Autocovariance {
    num_draws: usize,
    centred: Vec<f64>,
    means: Vec<f64>,
    lags: Vec<f64>,
    fourier: Fourier,
}

impl Autocovariance {
    /// Takes an even number of chains of `num_draws` values, one after the other.
    pub(super) fn load(&mut self, values: &[f64], num_draws: usize) {
        self.num_draws = num_draws;
        self.lags.clear();
        self.means.clear();
        self.centred.clear();
        for chain in values.chunks_exact(num_draws) {
            let mean = mean(chain);
            self.means.push(mean);
            self.centred.extend(chain.iter().map(|x| x - mean));
        }
    }

    /// The mean of each chain.
    pub(super) fn means(&self) -> &[f64] {
        &self.means
    }

    /// The autocovariance at a lag below the number of draws.
    pub(super) fn at(&mut self, lag: usize) -> f64 {
        while self.lags.len() <= lag {
            if self.lags.len() < DIRECT {
                self.add_lags();
            } else {
                self.transform();
            }
        }
        self.lags[lag]
    }

    fn add_lags(&mut self) {
        let first = self.lags.len();
        let mut sums = [0.0; LANES];
        for chain in self.centred.chunks_exact(self.num_draws) {
            add_products(chain, first, &mut sums);
        }
        let scale = 1.0 / self.centred.len() as f64;
        self.lags.extend(sums.iter().map(|sum| sum * scale));
    }

    fn transform(&mut self) {
        self.fourier
            .autocorrelations(&self.centred, self.num_draws, &mut self.lags);
        let scale = 1.0 / self.centred.len() as f64;
        self.lags.iter_mut().for_each(|lag| *lag *= scale);
    }
}

/// Adds the products of neighbours that are `first`, `first + 1`, ... apart.
fn add_products(chain: &[f64], first: usize, sums: &mut [f64; LANES]) {
    let later = &chain[first..];
    for (x, neighbours) in chain.iter().zip(later.windows(LANES)) {
        for lane in 0..LANES {
            sums[lane] += x * neighbours[lane];
        }
    }
    // The last values have fewer neighbours.
    let whole = (later.len() + 1).saturating_sub(LANES);
    for (lane, sum) in sums.iter_mut().enumerate() {
        let partners = later.get(whole + lane..).unwrap_or_default();
        *sum += chain[whole..]
            .iter()
            .zip(partners)
            .map(|(x, y)| x * y)
            .sum::<f64>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn both_ways_agree(
            num_draws in 2..100_usize,
            numbers in prop::collection::vec(-10.0..10.0, 400),
        ) {
            let mut autocovariance = Autocovariance::default();
            autocovariance.load(&numbers[..4 * num_draws], num_draws);
            let summed: Vec<f64> = (0..num_draws.min(DIRECT)).map(|lag| autocovariance.at(lag)).collect();
            autocovariance.transform();
            for (lag, direct) in summed.iter().enumerate() {
                prop_assert!((autocovariance.at(lag) - direct).abs() < 1e-10);
            }
        }
    }

    #[test]
    fn by_hand() {
        let mut autocovariance = Autocovariance::default();
        autocovariance.load(&[1.0, 2.0, 6.0, 1.0, 1.0, 1.0], 3);
        assert_eq!(autocovariance.means(), [3.0, 1.0]);
        // Centred: -2, -1, 3 and 0, 0, 0.
        for (lag, expected) in [14.0, -1.0, -6.0].into_iter().enumerate() {
            assert!((autocovariance.at(lag) * 6.0 - expected).abs() < 1e-14);
        }
    }
}
