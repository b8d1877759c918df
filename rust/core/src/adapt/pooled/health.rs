//! Which chains may take part in pooling.
//!
//! A chain that is stuck far from the mass would spoil the pool. It is recognised by what it knows
//! of the place where it is: its log densities, and the volume of the region that it moves in. Both
//! together estimate the mass of that region; a chain in the narrow neck of a funnel has a high
//! density there and yet little mass, and is not taken for the best one.

use crate::adapt::draws::Draws;

/// What the draws of an epoch say about the place of a chain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Median log density.
    pub(super) median: f64,
    /// Distance of the quartiles of the log density.
    pub(super) spread: f64,
    /// Median log density plus the log volume of a box with the scales of the draws.
    pub(super) mass: f64,
}

impl Place {
    /// Of draws in which a chain has moved, with the scales it found by itself.
    pub(super) fn new(draws: &Draws, scale: Option<&[f64]>) -> Self {
        let mut sorted = draws.logdensities().to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |quarters: usize| match sorted.len() {
            0 => f64::NEG_INFINITY,
            count => sorted[quarters * (count - 1) / 4],
        };
        let volume: f64 = scale.map_or(f64::NEG_INFINITY, |scale| {
            scale.iter().map(|s| s.ln()).sum()
        });
        Self {
            median: at(2),
            spread: at(3) - at(1),
            mass: at(2) + volume,
        }
    }
}

/// Which chains are far below the best one, both in density and in mass.
///
/// `step_sizes` are those of the chains; one far below the median also counts against a chain.
pub(super) fn unwell(places: &[Place], step_sizes: &[f64], dim: usize) -> Vec<bool> {
    let Some(best) = places
        .iter()
        .filter(|place| place.mass.is_finite())
        .max_by(|a, b| a.mass.total_cmp(&b.mass))
    else {
        return vec![false; places.len()];
    };
    let tolerance = (3.0 * best.spread).max(3.0 * (0.5 * dim as f64).sqrt());
    let mut sorted = step_sizes.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median_step = sorted[sorted.len() / 2];
    let judge = |(place, step_size): (&Place, &f64)| {
        let far_below =
            place.median < best.median - tolerance && place.mass < best.mass - tolerance;
        let tiny_steps = *step_size < 0.1 * median_step;
        far_below || tiny_steps || !place.median.is_finite()
    };
    let unwell: Vec<bool> = places.iter().zip(step_sizes).map(judge).collect();
    if unwell.iter().all(|unwell| *unwell) {
        return vec![false; places.len()];
    }
    unwell
}

#[cfg(test)]
mod tests {
    use super::*;

    fn place(median: f64, volume: f64) -> Place {
        Place {
            median,
            spread: 2.0,
            mass: median + volume,
        }
    }

    #[test]
    fn chains_far_below_are_left_out_even_if_they_are_many() {
        let places = [
            place(-60.0, 0.0),
            place(-10.0, 0.0),
            place(-70.0, 1.0),
            place(-64.0, 0.0),
        ];
        assert_eq!(unwell(&places, &[0.5; 4], 4), [true, false, true, true]);
    }

    #[test]
    fn a_narrow_peak_does_not_condemn_the_others() {
        let places = [place(-10.0, 0.0), place(15.0, -60.0), place(-11.0, 0.0)];
        assert_eq!(unwell(&places, &[0.5; 3], 2), [false; 3]);
    }

    #[test]
    fn tiny_steps_count_and_all_unwell_is_none() {
        let places = [place(-10.0, 0.0); 3];
        assert_eq!(unwell(&places, &[0.5, 0.01, 0.4], 2), [false, true, false]);
        let nowhere = Place::new(&Draws::new(1), None);
        assert_eq!(unwell(&[nowhere; 2], &[0.5; 2], 1), [false; 2]);
    }
}
