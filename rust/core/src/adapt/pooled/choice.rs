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
    let is_costly = fallback.len() > pooled.thorough_dim;
    let scores = left_out_scores(folds, fallback, &candidates, is_costly);
    let pairs = thinned(&folds.concat(), fallback.len());
    let fit = DiagonalFit::new(&pairs, fallback)?;
    let spectrum = needs_spectrum(&candidates, &scores)
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

/// Whether a candidate that is still in question, or the only one, takes more than a diagonal fit.
fn needs_spectrum(candidates: &[Candidate], scores: &[Score]) -> bool {
    let is_only = candidates.len() == 1;
    candidates.iter().zip(scores).any(|(candidate, score)| {
        *candidate != Candidate::Diagonal && (is_only || score.divergence < f64::INFINITY)
    })
}

/// The score of each candidate.
///
/// Where fits are costly, two folds have to do, and a candidate that the diagonal metric beats on the
/// first is out of question: as long as there are fewer draws than dimensions it is far behind.
fn left_out_scores(
    folds: &[Vec<Pair<'_>>],
    fallback: &[f64],
    candidates: &[Candidate],
    is_costly: bool,
) -> Vec<Score> {
    let num_folds = if is_costly { 2 } else { folds.len() };
    let share = (num_folds as f64).recip();
    let mut scores = vec![Score::default(); candidates.len()];
    for left_out in 0..num_folds {
        let with_spectrum = needs_spectrum(candidates, &scores);
        let fold = fold_scores(folds, left_out, fallback, candidates, with_spectrum);
        for (score, fold) in scores.iter_mut().zip(fold) {
            score.divergence += share * fold.divergence;
            score.log_gain += share * fold.log_gain;
        }
        if is_costly && candidates[0] == Candidate::Diagonal {
            let diagonal = scores[0].divergence;
            for score in &mut scores[1..] {
                if score.divergence > diagonal {
                    score.divergence = f64::INFINITY;
                }
            }
        }
    }
    scores
}

/// The score of each candidate on one fold, fitted to the others.
fn fold_scores(
    folds: &[Vec<Pair<'_>>],
    left_out: usize,
    fallback: &[f64],
    candidates: &[Candidate],
    with_spectrum: bool,
) -> Vec<Score> {
    let test = &folds[left_out];
    let others = folds.iter().enumerate().filter(|(i, _)| *i != left_out);
    let train: Vec<Pair<'_>> = others.flat_map(|(_, fold)| fold.iter().copied()).collect();
    let train = thinned(&train, fallback.len());
    let fit = DiagonalFit::new(&train, fallback);
    let spectrum = with_spectrum
        .then(|| fit.as_ref()?.spectrum(&train))
        .flatten();
    let score = |candidate: &Candidate| {
        let fit = fit.as_ref().filter(|_| !test.is_empty())?;
        let metric = candidate.metric(fit, spectrum.as_ref())?;
        Some(Score {
            divergence: fit.divergence(&metric, test),
            log_gain: candidate.log_gain(fit, spectrum.as_ref(), test),
        })
    };
    let unusable = Score {
        divergence: f64::INFINITY,
        log_gain: f64::NEG_INFINITY,
    };
    candidates
        .iter()
        .map(|candidate| score(candidate).unwrap_or(unusable))
        .collect()
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

    fn log_gain(self, fit: &DiagonalFit, spectrum: Option<&SpectrumFit>, test: &[Pair<'_>]) -> f64 {
        let cutoff = match self {
            Self::Diagonal => return 0.0,
            Self::LowRank => CUTOFF,
            Self::Dense => 1.0,
        };
        spectrum.map_or(f64::NEG_INFINITY, |spectrum| {
            spectrum.log_gain(fit, cutoff, test)
        })
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::LogDensity;
    use crate::adapt::draws::Draws;
    use crate::rng::chain_rng;
    use crate::testing::CorrelatedNormal;
    use rand::RngExt;

    const DIM: usize = 40;

    /// Independent points of a normal, with gradients of `noise` beside its own.
    fn draws(correlation: f64, noise: f64, count: usize) -> Draws {
        let mut target = CorrelatedNormal {
            dim: DIM,
            correlation,
        };
        let (mut draws, mut rng) = (Draws::new(DIM), chain_rng(5, 0));
        for _ in 0..count {
            let mut unit = || rng.random_range(-1.7..1.7);
            let shared = correlation.sqrt() * unit();
            let own = (1.0 - correlation).sqrt();
            let position: Vec<f64> = (0..DIM).map(|_| shared + own * unit()).collect();
            let mut gradient = vec![0.0; DIM];
            let value = target.evaluate(&position, &mut gradient).unwrap();
            for a in &mut gradient {
                *a += noise * unit();
            }
            let (position, gradient) = (&position[..], &gradient[..]);
            draws.push(Pair { position, gradient }, value);
        }
        draws
    }

    fn folds(draws: &Draws) -> Vec<Vec<Pair<'_>>> {
        let pairs: Vec<Pair<'_>> = draws.iter().collect();
        pairs.chunks(pairs.len() / 4).map(Vec::from).collect()
    }

    /// Divergences of the diagonal and of the low-rank metric.
    fn divergences(draws: &Draws, is_costly: bool) -> [f64; 2] {
        let both = [Candidate::Diagonal, Candidate::LowRank];
        let scores = left_out_scores(&folds(draws), &[1.0; DIM], &both, is_costly);
        [scores[0].divergence, scores[1].divergence]
    }

    fn chosen(draws: &Draws, settings: &SampleSettings) -> ChainMetric {
        let choice = choose(&folds(draws), &[1.0; DIM], settings);
        choice.expect("the draws are usable").metric
    }

    #[test]
    fn in_many_dimensions_a_candidate_that_is_behind_drops_out() {
        let (noise, mut settings) = (draws(0.0, 1.0, 40), SampleSettings::default());
        let [diagonal, low_rank] = divergences(&noise, false);
        assert!(diagonal < low_rank && low_rank < f64::INFINITY);
        assert_eq!(divergences(&noise, true)[1], f64::INFINITY);
        assert!(matches!(
            chosen(&noise, &settings),
            ChainMetric::Diagonal(_)
        ));
        // A metric asked for is fitted however bad it is.
        settings.metric.choice = MetricChoice::LowRank;
        assert!(matches!(chosen(&noise, &settings), ChainMetric::LowRank(_)));
    }

    #[test]
    fn in_many_dimensions_one_that_is_ahead_is_taken() {
        let (draws, settings) = (draws(0.95, 0.0, 200), SampleSettings::default());
        let [diagonal, low_rank] = divergences(&draws, true);
        assert!(low_rank < 0.5 * diagonal);
        assert!(matches!(chosen(&draws, &settings), ChainMetric::LowRank(_)));
    }
}
