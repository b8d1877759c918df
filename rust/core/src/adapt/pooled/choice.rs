//! The choice of a metric by the draws that it was not fitted to.

use std::cmp::Ordering;

use crate::adapt::draws::Pair;
use crate::adapt::fisher::{DiagonalFit, SpectrumFit};
use crate::metric::ChainMetric;
use crate::settings::{MetricChoice, PooledSettings, SampleSettings};

/// Directions enter a low-rank metric whose variance, in units of the diagonal, is above this or
/// below its inverse.
const CUTOFF: f64 = 2.0;

/// Largest condition number of a metric in units of its diagonal.
const MAX_CONDITION: f64 = 1e10;

/// Entries that a fit of all variances may have at most: draws by dimensions.
const MAX_ENTRIES: usize = 60_000;

/// What was chosen.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Choice {
    pub(super) metric: ChainMetric,
    pub(super) center: Vec<f64>,
    /// Mean divergence per dimension, under the root, on draws left out.
    pub(super) divergence: f64,
}

/// A kind of metric that may be chosen.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Candidate {
    Diagonal,
    LowRank,
    Dense,
}

/// Chooses among the metrics allowed by `settings` the one of smallest divergence on folds left
/// out, and fits it to all folds; None if nothing usable comes of it.
///
/// A metric that is not diagonal must be worth more than the time it takes in a leapfrog. That time
/// is counted in flops and held against an assumed cost of the log density, never measured, so that
/// the choice depends on the draws alone.
pub(super) fn choose(
    folds: &[Vec<Pair<'_>>],
    fallback: &[f64],
    settings: &SampleSettings,
) -> Option<Choice> {
    let SampleSettings { metric, pooled, .. } = settings;
    let candidates = candidates(metric.choice, pooled, fallback.len());
    let scores = left_out_scores(folds, fallback, &candidates);
    let pairs = thinned(&folds.concat(), fallback.len());
    let fit = DiagonalFit::new(&pairs, fallback)?;
    let spectrum = (candidates != [Candidate::Diagonal])
        .then(|| fit.spectrum(&pairs))
        .flatten();
    let mut ranked: Vec<(Score, Candidate)> = scores.into_iter().zip(candidates).collect();
    ranked.sort_by(|a, b| a.0.divergence.total_cmp(&b.0.divergence));
    let diagonal = ranked
        .iter()
        .find(|(_, candidate)| *candidate == Candidate::Diagonal)
        .map(|(score, _)| score.divergence);
    ranked.into_iter().find_map(|(score, candidate)| {
        let divergence = score.divergence;
        let chosen_freely = diagonal.is_some() && candidate != Candidate::Diagonal;
        if chosen_freely
            && divergence.partial_cmp(&(pooled.worth * diagonal?)) != Some(Ordering::Less)
        {
            return None;
        }
        if chosen_freely {
            let relative = candidate.cost(spectrum.as_ref()?, fallback.len())
                / metric.gradient_cost(fallback.len());
            // Trajectories must get shorter by more than a leapfrog gets longer.
            if score.log_gain.partial_cmp(&relative.ln_1p()) != Some(Ordering::Greater) {
                return None;
            }
        }
        let metric = candidate.metric(&fit, spectrum.as_ref())?;
        let center = fit.center(&metric);
        Some(Choice {
            metric,
            center,
            divergence,
        })
    })
}

fn candidates(choice: MetricChoice, settings: &PooledSettings, dim: usize) -> Vec<Candidate> {
    use Candidate::{Dense, Diagonal, LowRank};
    match choice {
        MetricChoice::Diagonal => vec![Diagonal],
        MetricChoice::LowRank => vec![LowRank],
        MetricChoice::Dense => vec![Dense],
        MetricChoice::Auto if dim == 1 => vec![Diagonal],
        MetricChoice::Auto => {
            let dense = (dim <= settings.dense_dim).then_some(Dense);
            [Diagonal, LowRank].into_iter().chain(dense).collect()
        }
    }
}

/// What a candidate fitted to all folds but one is worth there, as means over folds.
#[derive(Debug, Clone, Copy, Default)]
struct Score {
    divergence: f64,
    /// By what factor trajectories get shorter, as a log; 0 for the diagonal metric.
    log_gain: f64,
}

/// The score of each candidate.
fn left_out_scores(
    folds: &[Vec<Pair<'_>>],
    fallback: &[f64],
    candidates: &[Candidate],
) -> Vec<Score> {
    let share = (folds.len() as f64).recip();
    let mut scores = vec![Score::default(); candidates.len()];
    for (left_out, test) in folds.iter().enumerate() {
        let others = folds.iter().enumerate().filter(|(i, _)| *i != left_out);
        let train: Vec<Pair<'_>> = others.flat_map(|(_, fold)| fold.iter().copied()).collect();
        let train = thinned(&train, fallback.len());
        let fit = DiagonalFit::new(&train, fallback);
        let spectrum = (candidates != [Candidate::Diagonal])
            .then(|| fit.as_ref()?.spectrum(&train))
            .flatten();
        for (score, candidate) in scores.iter_mut().zip(candidates) {
            let divergence = fit.as_ref().and_then(|fit| {
                let metric = candidate.metric(fit, spectrum.as_ref())?;
                (!test.is_empty()).then(|| fit.divergence(&metric, test))
            });
            score.divergence += share * divergence.unwrap_or(f64::INFINITY);
            if let (Some(fit), Some(spectrum)) = (&fit, &spectrum) {
                score.log_gain += share * candidate.log_gain(fit, spectrum, test);
            }
        }
    }
    scores
}

/// Every so many-th of the draws, so that fits in many dimensions do not take long.
fn thinned<'a>(pairs: &[Pair<'a>], dim: usize) -> Vec<Pair<'a>> {
    let most = (MAX_ENTRIES / dim.max(1)).clamp(100, 400);
    let step = pairs.len().div_ceil(most).max(1);
    pairs.iter().copied().step_by(step).collect()
}

impl Candidate {
    fn metric(self, fit: &DiagonalFit, spectrum: Option<&SpectrumFit>) -> Option<ChainMetric> {
        match self {
            Self::Diagonal => Some(fit.metric()),
            _ if spectrum?.condition() > MAX_CONDITION => None,
            Self::LowRank if spectrum?.rank(CUTOFF) == 0 => Some(fit.metric()),
            Self::LowRank => Some(spectrum?.low_rank(fit, CUTOFF)),
            Self::Dense => spectrum?.dense(fit),
        }
    }

    fn log_gain(self, fit: &DiagonalFit, spectrum: &SpectrumFit, test: &[Pair<'_>]) -> f64 {
        match self {
            Self::Diagonal => 0.0,
            Self::LowRank => spectrum.log_gain(fit, CUTOFF, test),
            Self::Dense => spectrum.log_gain(fit, 1.0, test),
        }
    }

    /// Nanoseconds per leapfrog more than a diagonal metric takes, at four flops each.
    fn cost(self, spectrum: &SpectrumFit, dim: usize) -> f64 {
        let dim = dim as f64;
        match self {
            Self::Diagonal => 0.0,
            Self::LowRank => dim + spectrum.rank(CUTOFF) as f64 * (dim + 5.0),
            Self::Dense => dim + dim * (0.5 * dim + 2.0),
        }
    }
}
