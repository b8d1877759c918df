//! Places that no chain is in.
//!
//! All chains may have come to the same wrong place, and agree on it. So each also climbs from a few
//! starts of its own. One chain goes to the best place found in this way if that is better than
//! where all chains are, by the measure that also leaves chains out of the pool; whether it is
//! indeed, the draws that this chain takes there show at the meetings that follow.

use super::health::{NEGLIGIBLE, Place};
use super::meeting::Member;
use crate::init::Summit;

/// Sends the chain that is worst off to the best place found by scouts, if that is worth it.
///
/// Scouts are asked once.
pub(super) fn follow_scouts(members: &mut [Member<'_>], places: &[Place]) {
    let summits = members
        .iter_mut()
        .flat_map(|member| std::mem::take(&mut member.adaptation.summits));
    let Some(best) = summits.max_by(|a, b| a.bound.total_cmp(&b.bound)) else {
        return;
    };
    let by_mass = |a: &usize, b: &usize| places[*a].mass.total_cmp(&places[*b].mass);
    let Some(worst) = (0..places.len()).min_by(by_mass) else {
        return;
    };
    if places.iter().all(|place| is_far_above(&best, place)) {
        members[worst].restart(best.draw);
    }
}

/// Whether a place found by climbing is better in height and in mass.
fn is_far_above(summit: &Summit, place: &Place) -> bool {
    // The bound is of a normal with all its volume, a place counts a box of standard deviations.
    let dim = summit.draw.position.len() as f64;
    let mass = summit.bound - 0.5 * dim * (2.0 * std::f64::consts::PI).ln();
    // It is the best of many approximations, each judged by a few draws: hold it to twice as much.
    let tolerance = 2.0 * NEGLIGIBLE + place.error.min(f64::MAX);
    summit.height > place.height + tolerance && mass > place.mass + tolerance
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::point::Evaluation;

    #[test]
    fn a_summit_must_be_higher_and_have_more_mass() {
        let at = |height: f64, bound: f64| Summit {
            draw: Evaluation {
                position: vec![0.0],
                gradient: vec![0.0],
                logdensity: height,
            },
            height,
            bound,
        };
        let place = Place {
            height: -20.0,
            error: 0.5,
            mass: -21.0,
        };
        assert!(is_far_above(&at(0.0, 0.0), &place));
        assert!(!is_far_above(&at(0.0, -6.0), &place), "a narrow peak");
        assert!(!is_far_above(&at(-6.0, 0.0), &place), "a wide plain");
        assert!(!is_far_above(&at(f64::NAN, 0.0), &place));
    }
}
