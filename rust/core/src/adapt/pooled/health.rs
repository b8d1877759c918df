//! Which chains may take part in pooling.
//!
//! A chain that is stuck far from the mass would spoil the pool. It is recognised by what it knows
//! of the place where it is: the height of the log density there, and the volume of the region that
//! it moves in. Both together estimate the mass of that region; a chain in the narrow neck of a
//! funnel has a high density there and yet little mass, and is not taken for the best one.

use crate::adapt::draws::Draws;
use crate::adapt::fisher::DiagonalFit;

/// Logarithm of how many times less mass than the best a place has that no chain is left in. What
/// it would add to a mean is less than the Monte Carlo error of a thousand independent draws.
pub(super) const NEGLIGIBLE: f64 = 7.0;

/// What the draws of an epoch say about the place of a chain.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) struct Place {
    /// Log density at the top of it.
    pub(super) height: f64,
    /// Standard error of that.
    pub(super) error: f64,
    /// By how much the top may be higher: the standard error, up to what the best draw allows.
    pub(super) upward: f64,
    /// The height plus the log volume of a box with the scales of the draws.
    pub(super) mass: f64,
}

impl Place {
    /// Of draws in which a chain has moved, with what it found by itself; nowhere without a fit.
    ///
    /// A draw `x` with gradient `a` says `log p(x) - a (x - mean) / 2` about the height. For a normal
    /// place that is the same for all draws, be they few or slow; what varies says how far the place
    /// is from normal. Draws on the way in could put the top anywhere, so that it is held against
    /// the best draw, which is half a unit per dimension below on average.
    pub(super) fn new(draws: &Draws, fit: Option<&DiagonalFit>) -> Self {
        let Some(fit) = fit else { return Self::NOWHERE };
        let says = |(pair, logdensity): (_, &f64)| logdensity - 0.5 * fit.slope_from_mean(pair);
        let mut heights: Vec<f64> = draws.iter().zip(draws.logdensities()).map(says).collect();
        heights.sort_by(f64::total_cmp);
        let at = |quarters: usize| heights[quarters * (heights.len() - 1) / 4];
        let logdensities = draws.logdensities().iter().copied();
        let best = logdensities.fold(f64::NEG_INFINITY, f64::max);
        let highest = best + 0.5 * draws.dim() as f64;
        let height = at(2).min(highest);
        let error = (at(3) - at(1)) / (heights.len() as f64).sqrt();
        let volume: f64 = fit.scale().iter().map(|s| s.ln()).sum();
        Self {
            height,
            error,
            upward: error.min(highest - height),
            mass: height + volume,
        }
    }

    const NOWHERE: Self = Self {
        height: f64::NEG_INFINITY,
        error: f64::INFINITY,
        upward: 0.0,
        mass: f64::NEG_INFINITY,
    };
}

/// Which chains are in places of far less mass than the best one, and lower or hard to move in.
///
/// `step_sizes` are those of the chains; one far below the median says that it is hard to move.
pub(super) fn unwell(places: &[Place], step_sizes: &[f64]) -> Vec<bool> {
    let Some(best) = places
        .iter()
        .filter(|place| place.mass.is_finite())
        .max_by(|a, b| a.mass.total_cmp(&b.mass))
    else {
        return vec![false; places.len()];
    };
    let mut sorted = step_sizes.to_vec();
    sorted.sort_by(f64::total_cmp);
    let median_step = sorted[sorted.len() / 2];
    let judge = |(place, step_size): (&Place, &f64)| {
        let tolerance = NEGLIGIBLE + best.error.hypot(place.upward);
        let is_lower = place.height < best.height - tolerance;
        let has_less = place.mass < best.mass - tolerance;
        let tiny_steps = *step_size < 0.1 * median_step;
        has_less && (is_lower || tiny_steps) || !place.mass.is_finite()
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
    use crate::adapt::draws::Pair;

    fn place(height: f64, volume: f64) -> Place {
        Place {
            height,
            error: 0.5,
            upward: 0.5,
            mass: height + volume,
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
        assert_eq!(unwell(&places, &[0.5; 4]), [true, false, true, true]);
    }

    #[test]
    fn on_the_way_in_the_top_is_not_above_what_the_best_draw_allows() {
        let mut draws = Draws::new(2);
        for i in 0..20 {
            let position = [f64::from(i), 0.0];
            let gradient = [1e3 - 40.0 * f64::from(i), 0.0];
            let pair = Pair {
                position: &position,
                gradient: &gradient,
            };
            draws.push(pair, -5e3 + 100.0 * f64::from(i));
        }
        let pairs: Vec<Pair<'_>> = draws.iter().collect();
        let fit = DiagonalFit::new(&pairs, &[1.0; 2]);
        let found = Place::new(&draws, fit.as_ref());
        let best = -5e3 + 1900.0;
        assert!(found.error > 100.0 && found.upward >= 0.0);
        assert!(found.height + found.upward <= best + 1.0);
    }

    #[test]
    fn a_narrow_peak_does_not_condemn_the_others() {
        let places = [place(-10.0, 0.0), place(15.0, -60.0), place(-11.0, 0.0)];
        assert_eq!(unwell(&places, &[0.5; 3]), [false; 3]);
    }

    #[test]
    fn tiny_steps_count_where_there_is_little_mass() {
        let mut places = [place(-10.0, 0.0); 3];
        let step_sizes = [0.5, 0.01, 0.4];
        assert_eq!(unwell(&places, &step_sizes), [false; 3]);
        places[1] = place(-5.0, -20.0);
        assert_eq!(unwell(&places, &step_sizes), [false, true, false]);
    }

    #[test]
    fn all_unwell_is_none() {
        let nowhere = Place::new(&Draws::new(1), None);
        assert_eq!(unwell(&[nowhere; 2], &[0.5; 2]), [false; 2]);
        let found = unwell(&[nowhere, place(-10.0, 0.0)], &[0.5; 2]);
        assert_eq!(found, [true, false]);
    }
}
