//! Starting positions: jitter around a given one until the density there is usable.

mod pathfinder;
mod scouts;

pub use pathfinder::{Summit, pathfinder};
pub use scouts::{Search, send_scouts};

use std::sync::atomic::{AtomicBool, Ordering};

use rand::RngExt;

use crate::error::{Error, Stop};
use crate::logdensity::{EvalError, LogDensity};
use crate::point::Evaluation;
use crate::rng::ChainRng;
use crate::settings::{InitKind, InitSettings};
use crate::vector::all_finite;

/// Looks for a start near `given` where log density and gradient are finite.
///
/// Each try moves all coordinates by U(-jitter, jitter). Without jitter there is one try only, for
/// another one would give the same. Gradients of zero are fine. Adds the number of evaluations to
/// `num_gradients`.
///
/// # Errors
///
/// [`Stop::Interrupted`], or [`Stop::Failed`] with [`Error::Initialization`], which says what was
/// wrong at the last position tried, or with [`Error::LogDensity`] at the first fatal error.
pub fn find_start<L: LogDensity + ?Sized>(
    logdensity: &mut L,
    given: &[f64],
    settings: &InitSettings,
    chain: usize,
    rng: &mut ChainRng,
    num_gradients: &mut u64,
    interrupt: &AtomicBool,
) -> Result<Evaluation, Stop> {
    let tries = if settings.jitter > 0.0 {
        settings.max_tries
    } else {
        1
    };
    let mut state = Evaluation {
        position: given.to_vec(),
        gradient: vec![f64::NAN; given.len()],
        logdensity: f64::NAN,
    };
    let mut reason = String::new();
    for _ in 0..tries {
        if interrupt.load(Ordering::Relaxed) {
            return Err(Stop::Interrupted);
        }
        for (x, given) in state.position.iter_mut().zip(given) {
            *x = given + settings.jitter * rng.random_range(-1.0..=1.0);
        }
        *num_gradients += 1;
        match evaluate(logdensity, &mut state) {
            Ok(()) => {
                if settings.kind == InitKind::Pathfinder {
                    pathfinder(logdensity, &mut state, rng, num_gradients)
                        .map_err(|reason| fatal(chain, reason))?;
                }
                return Ok(state);
            }
            Err(EvalError::Recoverable(text)) => reason = text,
            Err(EvalError::Fatal(reason)) => return Err(fatal(chain, reason)),
        }
    }
    let Evaluation {
        position,
        gradient,
        logdensity,
    } = state;
    let error = Error::Initialization {
        chain,
        tries,
        position,
        logdensity,
        gradient,
        reason,
    };
    Err(Stop::Failed(error))
}

fn fatal(chain: usize, reason: String) -> Stop {
    Stop::Failed(Error::LogDensity {
        chain,
        draw: 0,
        reason,
    })
}

/// Evaluates at `state.position`; what is not finite becomes a recoverable error that says so.
fn evaluate<L: LogDensity + ?Sized>(
    logdensity: &mut L,
    state: &mut Evaluation,
) -> Result<(), EvalError> {
    state.logdensity = f64::NAN;
    match logdensity.evaluate(&state.position, &mut state.gradient) {
        Ok(value) => state.logdensity = value,
        Err(error) => {
            state.gradient.fill(f64::NAN);
            return Err(error);
        }
    }
    if !state.logdensity.is_finite() {
        let text = format!("the log density is {}", state.logdensity);
        return Err(EvalError::Recoverable(text));
    }
    if !all_finite(&state.gradient) {
        return Err(EvalError::Recoverable(describe_gradient(&state.gradient)));
    }
    Ok(())
}

fn describe_gradient(gradient: &[f64]) -> String {
    let bad = gradient.iter().filter(|g| !g.is_finite()).count();
    let first = gradient.iter().position(|g| !g.is_finite()).unwrap_or(0);
    format!(
        "the gradient is not finite in {bad} of {} components, the first of which is number {first} \
         ({})",
        gradient.len(),
        gradient[first]
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rng::chain_rng;

    /// A log density made of a closure.
    struct Closure<F>(usize, F);

    impl<F: FnMut(&[f64], &mut [f64]) -> Result<f64, EvalError>> LogDensity for Closure<F> {
        fn dim(&self) -> usize {
            self.0
        }
        fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
            (self.1)(position, gradient)
        }
    }

    fn start(
        evaluate: impl FnMut(&[f64], &mut [f64]) -> Result<f64, EvalError>,
        jitter: f64,
    ) -> (Result<Evaluation, Stop>, u64) {
        let settings = InitSettings {
            jitter,
            ..InitSettings::default()
        };
        let mut tried = 0;
        let mut target = Closure(2, evaluate);
        let mut rng = chain_rng(1, 0);
        let found = find_start(
            &mut target,
            &[3.0, 4.0],
            &settings,
            7,
            &mut rng,
            &mut tried,
            &AtomicBool::new(false),
        );
        (found, tried)
    }

    #[test]
    fn a_zero_gradient_component_is_a_start() {
        let (found, tried) = start(
            |_, gradient| {
                gradient.copy_from_slice(&[0.0, 1.0]);
                Ok(0.0)
            },
            0.0,
        );
        assert_eq!(found.unwrap().position, [3.0, 4.0]);
        assert_eq!(tried, 1);
    }

    #[test]
    fn tries_until_the_density_is_finite() {
        let (found, tried) = start(
            |position, gradient| {
                gradient.fill(1.0);
                Ok(if position[0] > 3.5 {
                    0.0
                } else {
                    f64::NEG_INFINITY
                })
            },
            1.0,
        );
        let position = found.unwrap().position;
        assert!(position[0] > 3.5 && position[0] <= 4.0 && (position[1] - 4.0).abs() <= 1.0);
        assert!(tried > 1);
    }

    #[test]
    fn a_failure_reports_the_last_try() {
        let (found, tried) = start(
            |_, gradient| {
                gradient.copy_from_slice(&[1.0, f64::NAN]);
                Ok(-1.5)
            },
            1.0,
        );
        assert_eq!(tried, 100);
        let Err(Stop::Failed(error)) = found else {
            panic!("{found:?}")
        };
        let Error::Initialization {
            chain,
            tries,
            position,
            logdensity,
            gradient,
            reason,
        } = error
        else {
            panic!("{error}")
        };
        assert_eq!(
            (chain, tries, position.len(), logdensity),
            (7, 100, 2, -1.5)
        );
        assert!(gradient[1].is_nan());
        assert_eq!(
            reason,
            "the gradient is not finite in 1 of 2 components, the first of which is number 1 (NaN)"
        );
    }

    #[test]
    fn recoverable_errors_are_retried_and_fatal_ones_are_not() {
        let (found, tried) = start(|_, _| Err(EvalError::Recoverable("no root".into())), 1.0);
        assert!(matches!(
            found,
            Err(Stop::Failed(Error::Initialization { reason, logdensity, .. }))
                if reason == "no root" && logdensity.is_nan()
        ));
        assert_eq!(tried, 100);
        let (found, tried) = start(|_, _| Err(EvalError::Fatal("no data".into())), 1.0);
        let error = Error::LogDensity {
            chain: 7,
            draw: 0,
            reason: "no data".into(),
        };
        assert_eq!(found, Err(Stop::Failed(error)));
        assert_eq!(tried, 1);
    }
}
