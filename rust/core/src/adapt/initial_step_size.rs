//! A first step size by doubling and halving.

use crate::hamiltonian::Leap;

/// Doublings or halvings before the search gives up: ten orders of magnitude.
const MAX_TRIES: usize = 34;

/// Searches the largest `initial * 2^k` at which a single leapfrog is accepted with probability
/// `target` or more.
///
/// From a step that is accepted the search goes up and returns the last one before the first
/// refusal; from one that is refused it goes down to the first that is accepted. It ends after
/// ten orders of magnitude in either direction. `try_leapfrog` takes one leapfrog with a fresh
/// velocity.
///
/// # Errors
///
/// Those of `try_leapfrog`.
pub fn search<E>(
    initial: f64,
    target: f64,
    mut try_leapfrog: impl FnMut(f64) -> Result<Leap, E>,
) -> Result<f64, E> {
    let mut accepted = |step_size: f64| {
        let leap = try_leapfrog(step_size)?;
        Ok(matches!(leap, Leap::Taken(energy_error) if -energy_error >= target.ln()))
    };
    let mut step_size = initial;
    if accepted(step_size)? {
        for _ in 0..MAX_TRIES {
            if !accepted(2.0 * step_size)? {
                break;
            }
            step_size *= 2.0;
        }
    } else {
        for _ in 0..MAX_TRIES {
            step_size *= 0.5;
            if accepted(step_size)? {
                break;
            }
        }
    }
    Ok(step_size)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hamiltonian::{Divergence, DivergenceReason};

    /// Searches where steps up to `largest` are accepted; also returns the number of tries.
    fn search_below(largest: f64) -> (f64, usize) {
        let mut tries = 0;
        let found = search(0.1, 0.8, |step_size| {
            tries += 1;
            Ok::<_, ()>(if step_size <= largest {
                Leap::Taken(0.1)
            } else {
                let reason = DivergenceReason::NonFiniteLogDensity;
                Leap::Diverged(Divergence {
                    reason,
                    energy_error: f64::NAN,
                })
            })
        });
        (found.unwrap(), tries)
    }

    #[test]
    fn goes_up_and_stops_before_the_first_refusal() {
        assert_eq!(search_below(0.9), (0.8, 5));
        assert_eq!(search_below(0.1), (0.1, 2));
    }

    #[test]
    fn goes_down_to_the_first_acceptance() {
        assert_eq!(search_below(0.03), (0.025, 3));
    }

    #[test]
    fn gives_up_in_the_end() {
        let (up, tries) = search_below(f64::INFINITY);
        assert!(up > 1e9 && up < 1e10 && tries == MAX_TRIES + 1);
        let (down, _) = search_below(0.0);
        assert!(down > 1e-12 && down < 1e-11);
    }

    #[test]
    fn passes_errors_on() {
        assert_eq!(search(0.1, 0.8, |_| Err("fatal")), Err("fatal"));
    }
}
