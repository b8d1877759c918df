//! What chains do when they meet.

use rand::RngExt;

use super::choice::{Choice, choose};
use super::converged::{Mixing, mixing};
use super::health::{Place, unwell};
use super::plan::{ROUNDS, round_end};
use super::scouts::follow_scouts;
use super::{PooledAdaptation, Rates, Stage};
use crate::adapt::draws::{Draws, Pair};
use crate::adapt::step_size::DualAveraging;
use crate::metric::{ChainMetric, Whitening};
use crate::point::Evaluation;
use crate::rng::ChainRng;
use crate::settings::{SampleSettings, StepRule};

/// Draws per chain that the first metric is fitted to: the last ones, for the way in is over then.
const FIRST_DRAWS: usize = 20;

/// Folds at least, for choosing a metric.
const FOLDS: usize = 4;

/// Largest factor by which one round of settling may change the step size.
const LARGEST_CHANGE: f64 = 2.0;

/// A chain at a meeting.
#[derive(Debug)]
pub struct Member<'a> {
    /// What it has learnt.
    pub adaptation: &'a mut PooledAdaptation,
    /// Its metric and center.
    pub whitening: &'a mut Whitening,
    /// Where it is.
    pub current: &'a mut Evaluation,
    /// Its random numbers.
    pub rng: &'a mut ChainRng,
    /// The iteration at which its warmup ends, as far as is known.
    pub num_tune: &'a mut usize,
}

/// Lets chains that are all at the same meeting go on to the next one.
///
/// `members` are in the order of their numbers, and at least one.
pub fn meet(members: &mut [Member<'_>], iteration: usize, settings: &SampleSettings) {
    match members[0].adaptation.stage {
        Stage::Exploring | Stage::Epoch => end_epoch(members, iteration, settings),
        Stage::Searching { is_final } => {
            agree_on_step_size(members, |member| member.adaptation.log_step);
            begin(members, iteration, is_final);
        }
        Stage::Settling { round } => end_round(members, iteration, round, settings),
        Stage::Settled => {}
    }
}

fn end_epoch(members: &mut [Member<'_>], iteration: usize, settings: &SampleSettings) {
    let is_first = members[0].adaptation.agreed.num_fits == 0;
    if is_first {
        for member in members.iter_mut() {
            member.adaptation.draws.keep_last(FIRST_DRAWS);
        }
    }
    let places = places(members);
    if settings.pooled.quarantine {
        quarantine(members, &places);
    }
    agree_on_step_size(members, |member| {
        member.adaptation.step_size.step_size_bar().ln()
    });
    let choice = fit(members, settings);
    let mixing = mixing_of(members, choice.as_ref());
    let is_calm = !is_first
        && settings.pooled.stops_early
        && mixing == Mixing::Good
        && is_calm(members, choice.as_ref());
    // An epoch more is dear: it must have a reason that chance does not give.
    let extends = settings.pooled.extends && mixing == Mixing::Bad;
    let is_new_kind = adopt(members, choice);
    let is_final = plan_next(members, iteration, is_calm, extends);
    restart_the_lost(members, settings.pooled.patience);
    follow_scouts(members, &places);
    for member in members.iter_mut() {
        member.adaptation.forget_old_draws(is_first);
    }
    if is_new_kind && settings.step_size.rule() == StepRule::Search {
        for member in members.iter_mut() {
            member.adaptation.stage = Stage::Searching { is_final };
            member.adaptation.wants_search = true;
        }
    } else {
        begin(members, iteration, is_final);
    }
}

/// Notes which chains are left out of the pool this time.
fn quarantine(members: &mut [Member<'_>], places: &[Place]) {
    let step_sizes: Vec<f64> = members
        .iter()
        .map(|member| member.adaptation.step_size.step_size_bar())
        .collect();
    let unwell = unwell(places, &step_sizes);
    for (member, unwell) in members.iter_mut().zip(unwell) {
        let adaptation = &mut *member.adaptation;
        adaptation.flags = if unwell { adaptation.flags + 1 } else { 0 };
        adaptation.num_quarantines += usize::from(unwell);
    }
}

fn places(members: &[Member<'_>]) -> Vec<Place> {
    let members = members.iter();
    let place = |member: &Member<'_>| member.adaptation.place(member.whitening);
    members.map(place).collect()
}

/// Sets the common step size to the geometric mean over the chains that are well.
fn agree_on_step_size(members: &mut [Member<'_>], of: impl Fn(&Member<'_>) -> f64) {
    let (mut sum, mut count) = (0.0, 0.0);
    for member in members.iter().filter(|member| member.is_well()) {
        sum += of(member);
        count += 1.0;
    }
    for member in members.iter_mut() {
        member.adaptation.log_step = sum / count;
    }
}

/// Chooses and fits a metric for all chains.
fn fit(members: &[Member<'_>], settings: &SampleSettings) -> Option<Choice> {
    let well: Vec<&Draws> = members
        .iter()
        .filter(|member| member.is_well())
        .map(|member| &member.adaptation.draws)
        .collect();
    let pieces = FOLDS.div_ceil(well.len());
    let folds: Vec<Vec<Pair<'_>>> = well
        .iter()
        .flat_map(|draws| {
            let length = draws.len().div_ceil(pieces).max(1);
            (0..pieces).map(move |piece| {
                let start = (piece * length).min(draws.len());
                let end = (start + length).min(draws.len());
                (start..end).map(|index| draws.get(index)).collect()
            })
        })
        .collect();
    choose(&folds, &scale(members[0].whitening.metric()), settings)
}

/// Whether nothing changes any more: a longer warmup would not find anything better.
fn is_calm(members: &[Member<'_>], choice: Option<&Choice>) -> bool {
    let agreed = &members[0].adaptation.agreed;
    let Some(Choice {
        metric, divergence, ..
    }) = choice
    else {
        return false;
    };
    let squares: f64 = scale(metric)
        .iter()
        .zip(&agreed.scale)
        .map(|(new, old)| (new / old).ln().powi(2))
        .sum();
    members.iter().all(Member::is_well)
        && (squares / metric.dim() as f64).sqrt() < 0.25
        && (divergence / agreed.divergence - 1.0).abs() < 0.1
        && (members[0].adaptation.log_step - agreed.log_step).abs() < 0.15
}

/// How well chains have mixed in the draws that the metric was fitted to.
fn mixing_of(members: &[Member<'_>], choice: Option<&Choice>) -> Mixing {
    let draws = members.iter().map(|member| &member.adaptation.draws);
    let draws: Vec<&Draws> = draws.collect();
    choice.map_or(Mixing::Bad, |choice| mixing(&draws, &choice.metric))
}

/// Gives all chains the metric chosen; whether it is of a new kind.
fn adopt(members: &mut [Member<'_>], choice: Option<Choice>) -> bool {
    let Some(Choice {
        metric,
        center,
        divergence,
    }) = choice
    else {
        return false;
    };
    let (new_scale, is_first) = (scale(&metric), members[0].adaptation.agreed.num_fits == 0);
    let mut is_new_kind = is_first;
    for member in members.iter_mut() {
        is_new_kind |= member.whitening.metric().kind() != metric.kind();
        member.whitening.replace(metric.clone(), center.clone());
        let (log_step, agreed) = (member.adaptation.log_step, &mut member.adaptation.agreed);
        agreed.num_fits += 1;
        agreed.divergence = divergence;
        agreed.log_step = log_step;
        agreed.scale.clone_from(&new_scale);
    }
    is_new_kind
}

/// Moves chains that were left out again and again to a draw of a chain that is well.
///
/// A chain is only left out when the region that it is in has next to no mass beside that of the
/// others; it could not leave it by itself. Warmup goes on after that, and is thrown away.
fn restart_the_lost(members: &mut [Member<'_>], patience: usize) {
    let well: Vec<usize> = (0..members.len())
        .filter(|i| members[*i].is_well() && !members[*i].adaptation.draws.is_empty())
        .collect();
    for lost in 0..members.len() {
        if members[lost].adaptation.flags < patience || well.is_empty() {
            continue;
        }
        let helper = well[members[lost].rng.random_range(0..well.len())];
        let count = members[helper].adaptation.draws.len();
        let index = members[lost].rng.random_range(0..count);
        let draws = &members[helper].adaptation.draws;
        let Pair { position, gradient } = draws.get(index);
        let start = Evaluation {
            position: position.to_vec(),
            gradient: gradient.to_vec(),
            logdensity: draws.logdensities()[index],
        };
        members[lost].restart(start);
    }
}

/// Decides whether the metric just fitted is the last one, and extends the plan if need be.
fn plan_next(members: &mut [Member<'_>], iteration: usize, is_calm: bool, extends: bool) -> bool {
    let agreed = &members[0].adaptation.agreed;
    let (epoch_start, plan) = (agreed.epoch_start, &members[0].adaptation.plan);
    let left = plan
        .epoch_ends
        .iter()
        .filter(|end| **end > iteration)
        .count();
    let extension = plan
        .extension(iteration, iteration - epoch_start)
        .filter(|_| extends);
    let is_final = match (left, is_calm, extension) {
        (0 | 1, true, _) | (0, false, None) => true,
        (0, false, Some(end)) => {
            for member in members.iter_mut() {
                member.adaptation.plan.epoch_ends.push(end);
            }
            false
        }
        _ => false,
    };
    for member in members.iter_mut() {
        member.adaptation.agreed.epoch_start = iteration;
    }
    is_final
}

/// Starts the next epoch, or settling, from the common step size.
fn begin(members: &mut [Member<'_>], iteration: usize, is_final: bool) {
    for member in members.iter_mut() {
        let adaptation = &mut *member.adaptation;
        if is_final {
            adaptation.stage = Stage::Settling { round: 0 };
            adaptation.rates = Rates::default();
            adaptation.due = round_end(iteration, adaptation.plan.settling, 0);
            adaptation.agreed.epoch_start = iteration;
            adaptation.draws.keep_last(0);
            *member.num_tune = iteration + adaptation.plan.settling;
        } else {
            adaptation.stage = Stage::Epoch;
            adaptation.step_size = DualAveraging::restarted(adaptation.log_step.exp());
            let mut ends = adaptation.plan.epoch_ends.iter();
            let next = ends.find(|end| **end > iteration).copied();
            adaptation.due = next.unwrap_or(iteration);
            adaptation.draws.reserve(adaptation.due - iteration);
            *member.num_tune = adaptation.plan.num_tune();
        }
    }
}

/// Corrects the common step size by the mean acceptance rate of all chains in a round.
///
/// Energy errors grow with the square of the step size, and so does what is missing from an
/// acceptance rate of 1. After the last round the estimates of all rounds are averaged, with caution.
fn end_round(
    members: &mut [Member<'_>],
    iteration: usize,
    round: usize,
    settings: &SampleSettings,
) {
    let all = members.iter().map(|member| member.adaptation.rates);
    let all = all.fold(Rates::default(), |sum, more| Rates {
        plain: sum.plain + more.plain,
        symmetric: sum.symmetric + more.symmetric,
        count: sum.count + more.count,
    });
    let (sum, count) = (all.plain.min(all.symmetric), all.count);
    let log_step = members[0].adaptation.log_step;
    let change = correction(sum / count.max(1) as f64, settings.nuts.target_accept);
    let is_last = round + 1 == ROUNDS;
    for member in members.iter_mut() {
        let adaptation = &mut *member.adaptation;
        adaptation.rates = Rates::default();
        if count > 0 {
            if change.abs() >= LARGEST_CHANGE.ln() {
                adaptation.log_estimates.clear();
            }
            adaptation.log_estimates.push(log_step + change);
        }
        let estimates = &adaptation.log_estimates;
        adaptation.log_step = match (is_last, estimates.last()) {
            (true, Some(_)) => cautious_mean(estimates),
            (false, Some(last)) => *last,
            (_, None) => log_step,
        };
        if let StepRule::Fixed(step_size) = settings.step_size.rule() {
            adaptation.log_step = step_size.ln();
        }
        adaptation.stage = if is_last {
            Stage::Settled
        } else {
            Stage::Settling { round: round + 1 }
        };
        let start = adaptation.agreed.epoch_start;
        adaptation.due = round_end(start, adaptation.plan.settling, round + 1);
    }
    debug_assert!(!is_last || iteration == *members[0].num_tune);
}

/// The mean less its standard error: a step that is too long costs more than one too short.
fn cautious_mean(estimates: &[f64]) -> f64 {
    let count = estimates.len() as f64;
    let mean = estimates.iter().sum::<f64>() / count;
    if estimates.len() < 2 {
        return mean;
    }
    let squares: f64 = estimates.iter().map(|x| (x - mean).powi(2)).sum();
    mean - (squares / (count - 1.0) / count).sqrt()
}

/// By how much to change the log step size, given the acceptance rate that it had.
fn correction(rate: f64, target: f64) -> f64 {
    let most = LARGEST_CHANGE.ln();
    let change = 0.5 * ((1.0 - target) / (1.0 - rate)).ln();
    if change.is_nan() {
        -most
    } else {
        change.clamp(-most, most)
    }
}

impl Member<'_> {
    pub(super) fn is_well(&self) -> bool {
        self.adaptation.flags == 0
    }

    /// Lets the chain go on from elsewhere, and forget where it was.
    ///
    /// A chain that was still on its way in is spared the rest of it; only one that had settled was
    /// lost, and counts.
    pub(super) fn restart(&mut self, start: Evaluation) {
        *self.current = start;
        let before = self.adaptation.num_before;
        let was_lost = !self.adaptation.draws.rises_after(before);
        self.adaptation.draws.keep_last(0);
        self.adaptation.num_before = 0;
        self.adaptation.flags = 0;
        self.adaptation.num_restarts += usize::from(was_lost);
    }
}

impl PooledAdaptation {
    /// Keeps the draws of the epoch just ended, but not those of the first.
    fn forget_old_draws(&mut self, is_first: bool) {
        let current = self.draws.len() - self.num_before;
        self.draws.keep_last(if is_first { 0 } else { current });
        self.num_before = self.draws.len();
    }
}

/// Standard deviations of the coordinates according to a metric.
pub(super) fn scale(metric: &ChainMetric) -> Vec<f64> {
    let variances = metric.inverse_mass_matrix_diagonal();
    variances.into_iter().map(f64::sqrt).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_step_is_corrected_by_what_is_missing() {
        assert_eq!(correction(0.8, 0.8), 0.0);
        assert!((correction(0.95, 0.8) - 2.0_f64.ln()).abs() < 1e-12);
        assert!((correction(0.6, 0.8) + 0.5 * 2.0_f64.ln()).abs() < 1e-12);
        assert_eq!(correction(1.0, 0.8), 2.0_f64.ln());
        assert_eq!(correction(f64::NAN, 0.8), -(2.0_f64.ln()));
    }

    #[test]
    fn the_mean_is_taken_with_caution() {
        assert_eq!(cautious_mean(&[0.5]), 0.5);
        assert_eq!(cautious_mean(&[1.0, 1.0, 1.0]), 1.0);
        let expected = 2.0 - (1.0_f64 / 3.0).sqrt();
        assert!((cautious_mean(&[1.0, 2.0, 3.0]) - expected).abs() < 1e-15);
    }
}
