//! Places that no chain is in.
//!
//! All chains may have come to the same wrong place, and agree on it. So each also climbs from a few
//! starts of its own. One chain goes to the best place found in this way if that is better than
//! where all chains are, by the measure that also leaves chains out of the pool; whether it is
//! indeed, the draws that this chain takes there show at the meetings that follow. In hundreds of
//! dimensions the mass of a place is not known from a climb; there chains that are left out of the
//! pool, and have nothing to lose, try the highest ones.

use super::health::{NEGLIGIBLE, Place};
use super::meeting::Member;
use crate::init::Summit;

/// Sends the chain that is worst off to the best place found by scouts, if that is worth it, or else
/// each chain that is left out to one of the highest.
///
/// Scouts are asked once.
pub(super) fn follow_scouts(members: &mut [Member<'_>], places: &[Place]) {
    let summits = members
        .iter_mut()
        .flat_map(|member| std::mem::take(&mut member.adaptation.summits));
    let mut summits: Vec<Summit> = summits
        .filter(|summit| places.iter().all(|place| is_far_higher(summit, place)))
        .collect();
    summits.sort_by(|a, b| b.bound.total_cmp(&a.bound));
    let by_mass = |a: &usize, b: &usize| places[*a].mass.total_cmp(&places[*b].mass);
    let (Some(best), Some(worst)) = (summits.first(), (0..places.len()).min_by(by_mass)) else {
        return;
    };
    if places.iter().all(|place| has_far_more_mass(best, place)) {
        members[worst].restart(best.draw.clone());
        return;
    }
    summits.sort_by(|a, b| b.height.total_cmp(&a.height));
    let lost = members.iter_mut().filter(|member| !member.is_well());
    for (member, summit) in lost.zip(summits) {
        member.restart(summit.draw);
    }
}

fn is_far_higher(summit: &Summit, place: &Place) -> bool {
    summit.height > place.height + tolerance(place)
}

fn has_far_more_mass(summit: &Summit, place: &Place) -> bool {
    // The bound is of a normal with all its volume, a place counts a box of standard deviations.
    let dim = summit.draw.position.len() as f64;
    let mass = summit.bound - 0.5 * dim * (2.0 * std::f64::consts::PI).ln();
    mass > place.mass + tolerance(place)
}

/// It is the best of many approximations, each judged by a few draws: hold it to twice as much.
fn tolerance(place: &Place) -> f64 {
    2.0 * NEGLIGIBLE + place.upward
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::adapt::PooledAdaptation;
    use crate::metric::{ChainMetric, DiagonalMetric, Whitening};
    use crate::point::Evaluation;
    use crate::rng::{ChainRng, chain_rng};
    use crate::settings::SampleSettings;

    fn at(height: f64, bound: f64) -> Summit {
        let draw = Evaluation {
            position: vec![height],
            gradient: vec![0.0],
            logdensity: height,
        };
        Summit {
            draw,
            height,
            bound,
        }
    }

    fn place(height: f64) -> Place {
        Place {
            height,
            error: 0.5,
            upward: 0.5,
            mass: height - 1.0,
        }
    }

    #[test]
    fn a_summit_must_be_higher_and_have_more_mass() {
        let is_better = |summit| {
            let place = place(-20.0);
            is_far_higher(&summit, &place) && has_far_more_mass(&summit, &place)
        };
        assert!(is_better(at(0.0, 0.0)));
        assert!(!is_better(at(0.0, -6.0)), "a narrow peak");
        assert!(!is_better(at(-6.0, 0.0)), "a wide plain");
        assert!(!is_better(at(f64::NAN, 0.0)));
    }

    /// Where three chains are after one of them has found `summits`; each was at 0 before.
    fn positions_after(summits: &[Summit], flags: [usize; 3]) -> Vec<f64> {
        struct Parts(PooledAdaptation, Whitening, Evaluation, ChainRng, usize);
        let settings = SampleSettings::default();
        let parts = |flags| {
            let mut adaptation = PooledAdaptation::new(1, &settings);
            adaptation.flags = flags;
            let metric = ChainMetric::Diagonal(DiagonalMetric::new(vec![1.0]));
            let current = at(0.0, 0.0).draw;
            Parts(
                adaptation,
                Whitening::new(metric),
                current,
                chain_rng(1, 0),
                0,
            )
        };
        let mut parts = flags.map(parts);
        parts[0].0.summits = summits.to_vec();
        let mut members: Vec<Member<'_>> = parts
            .iter_mut()
            .map(
                |Parts(adaptation, whitening, current, rng, num_tune)| Member {
                    adaptation,
                    whitening,
                    current,
                    rng,
                    num_tune,
                },
            )
            .collect();
        follow_scouts(&mut members, &[-40.0, -70.0, -60.0].map(place));
        parts
            .iter()
            .map(|Parts(_, _, current, ..)| current.position[0])
            .collect()
    }

    #[test]
    fn the_worst_chain_goes_where_there_is_more_mass() {
        let summits = [at(-12.0, -90.0), at(-10.0, -10.0), at(-30.0, -9.0)];
        assert_eq!(positions_after(&summits, [0, 0, 0]), [0.0, -10.0, 0.0]);
    }

    #[test]
    fn chains_with_nothing_to_lose_try_the_highest_where_mass_is_not_known() {
        let summits = [at(-12.0, -80.0), at(-10.0, -90.0), at(-30.0, -95.0)];
        assert_eq!(positions_after(&summits, [0, 0, 0]), [0.0, 0.0, 0.0]);
        assert_eq!(positions_after(&summits, [0, 1, 1]), [0.0, -10.0, -12.0]);
        assert_eq!(positions_after(&summits[2..], [0, 1, 1]), [0.0, 0.0, 0.0]);
    }
}
