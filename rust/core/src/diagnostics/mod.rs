//! Whether draws can be trusted: R-hat, effective sample sizes, Monte Carlo errors.
//!
//! The estimators are those of Vehtari et al. (2021), number for number as ArviZ computes them, a
//! constant or missing value included. Variables are independent of each other, so they are spread
//! over a few threads; each number depends on its own draws only, whatever the threads do.
//!
//! ```
//! use rufous_core::diagnostics::{Draws, Quantity, diagnose};
//!
//! // Two chains of four draws of one variable, one after the other in memory.
//! let data = [0.1, 0.4, -0.3, 0.2, 0.0, -0.1, 0.3, 0.5];
//! let draws = Draws::new(&data, [2, 4, 1], [4, 1, 1]).expect("eight numbers are there");
//! let numbers = diagnose(&[draws], &[Quantity::Rhat, Quantity::EssBulk], 1);
//! assert!(numbers[0][0] < 2.0 && numbers[1][0] > 1.0);
//! ```
//!
//! # References
//!
//! A. Vehtari, A. Gelman, D. Simpson, B. Carpenter, P.-C. Bürkner (2021). Rank-normalization,
//! folding, and localization: an improved R-hat for assessing convergence of MCMC. Bayesian
//! Analysis 16(2). C. J. Geyer (1992). Practical Markov chain Monte Carlo. Statistical Science 7(4).

mod autocovariance;
mod draws;
mod effective_size;
mod fourier;
mod moments;
mod normal_quantile;
mod normal_scores;
mod parallel;
mod quantity;
mod rhat;
mod sorted;
mod variable;

pub use draws::{Draws, pieces};
pub use quantity::Quantity;

use normal_scores::ScoreTable;
use variable::Workspace;

/// Draws per chain below which nothing can be said.
pub const MIN_DRAWS: usize = 4;

/// Variables that are read together, since they lie side by side in memory.
const MAX_BLOCK: usize = 8;

/// Threads beyond which memory, not arithmetic, is what is waited for.
const MAX_THREADS: usize = 4;

/// Numbers that one thread holds at a time, where a single variable does not take more.
const BLOCK_NUMBERS: usize = 1 << 18;

/// Threads that are worth starting for a while: as many as there are cores, but few.
pub fn few_threads() -> usize {
    let cores = std::thread::available_parallelism();
    cores.map_or(1, |cores| cores.get().min(MAX_THREADS))
}

/// Computes `quantities` of all variables of `draws`, one array after the other.
///
/// Returns one vector for each quantity, with a number for each variable. It is NaN where there is
/// none: with a NaN among the draws, with fewer than [`MIN_DRAWS`] draws (the extremes need one
/// only), and, for R-hat, with a single chain. At most `num_threads` threads work, and the result does not depend on them.
pub fn diagnose(draws: &[Draws<'_>], quantities: &[Quantity], num_threads: usize) -> Vec<Vec<f64>> {
    let tables = ScoreTable::of_sizes(draws.iter().map(Draws::num_split));
    let blocks = blocks(draws);
    let computed = parallel::map(
        blocks.len(),
        num_threads,
        Workspace::default,
        |i, workspace| {
            let block = &blocks[i];
            workspace.diagnose(
                block,
                quantities,
                ScoreTable::find(&tables, block.num_split()),
            )
        },
    );
    let column = |i| {
        computed
            .iter()
            .flatten()
            .map(|row: &Vec<f64>| row[i])
            .collect()
    };
    (0..quantities.len()).map(column).collect()
}

/// Cuts arrays into blocks of neighbouring variables.
fn blocks<'a>(draws: &[Draws<'a>]) -> Vec<Draws<'a>> {
    draws
        .iter()
        .flat_map(|array| {
            let fitting = BLOCK_NUMBERS / array.num_numbers().max(1);
            array.chunks(fitting.clamp(1, MAX_BLOCK))
        })
        .collect()
}

#[cfg(test)]
mod tests;
