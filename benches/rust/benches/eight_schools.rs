//! What expanding and storing draws costs beside drawing them, on eight schools, non-centred.
//!
//! All draw the same thousand draws from the same state, in turn. `drawn` drops them; `expanded`
//! computes the 18 variables of each; `stored` also keeps them with all statistics in memory, the
//! reservation included. That should cost less than a tenth.

use std::sync::atomic::AtomicBool;
use std::time::{Duration, Instant};

use rufous_benches::{Nowhere, in_turn};
use rufous_core::{
    Chain, ChainState, EvalError, Expand, IdentityExpand, LogDensity, MemorySink, SampleSettings,
    Sink,
};

const ROUNDS: usize = 1000;

const EFFECTS: [f64; 8] = [28.0, 8.0, -3.0, 7.0, -1.0, 1.0, 18.0, 12.0];
const ERRORS: [f64; 8] = [15.0, 10.0, 16.0, 11.0, 9.0, 11.0, 10.0, 18.0];

/// Position: mu, log tau, and eight standardised effects.
#[derive(Clone)]
struct EightSchools;

impl LogDensity for EightSchools {
    fn dim(&self) -> usize {
        10
    }

    fn evaluate(&mut self, position: &[f64], gradient: &mut [f64]) -> Result<f64, EvalError> {
        let (mu, tau) = (position[0], position[1].exp());
        let square = (tau / 5.0) * (tau / 5.0);
        let mut value = -mu * mu / 50.0 - square.ln_1p() + position[1];
        gradient[0] = -mu / 25.0;
        gradient[1] = 1.0 - 2.0 * square / (1.0 + square);
        for i in 0..8 {
            let z = position[2 + i];
            let residual = (EFFECTS[i] - mu - tau * z) / ERRORS[i];
            let slope = residual / ERRORS[i];
            value -= 0.5 * (z * z + residual * residual);
            gradient[0] += slope;
            gradient[1] += slope * tau * z;
            gradient[2 + i] = slope * tau - z;
        }
        Ok(value)
    }
}

impl Expand for EightSchools {
    fn num_values(&self) -> usize {
        18
    }

    fn expand(&mut self, position: &[f64], values: &mut [f64]) -> Result<(), EvalError> {
        values[..10].copy_from_slice(position);
        values[1] = position[1].exp();
        for i in 0..8 {
            values[10 + i] = values[0] + values[1] * position[2 + i];
        }
        Ok(())
    }
}

fn main() {
    let (settings, never) = (SampleSettings::default(), AtomicBool::new(false));
    let start = ChainState::start(&mut EightSchools, 0, &[0.0; 10], &settings, &never);
    let start = start.expect("it has a density everywhere");
    let identity = || IdentityExpand { dim: 10 };
    let mut tuned = Chain::resume(EightSchools, identity(), start, settings.clone());
    while tuned.is_tuning() {
        let step = tuned.step(&mut Nowhere, &never);
        step.expect("it has a density everywhere");
    }
    let state = tuned.state();
    let times = in_turn(
        ROUNDS,
        [
            &mut || draw(state, &settings, identity(), &mut Nowhere),
            &mut || draw(state, &settings, EightSchools, &mut Nowhere),
            &mut || {
                let reserved = Instant::now();
                let mut sink = MemorySink::new(0, 18, 10, &settings).expect("there is memory");
                let reserved = reserved.elapsed();
                reserved + draw(state, &settings, EightSchools, &mut sink)
            },
        ],
    );
    let [drawn, expanded, stored] = times.map(|time| time.as_secs_f64() * 1e6);
    println!(
        "microseconds for 1,000 draws: {drawn:.0} drawn, {expanded:.0} expanded, {stored:.0} stored"
    );
    println!("stored / drawn {:.3}", stored / drawn);
}

/// How long a thousand draws take.
fn draw<E: Expand>(
    state: &ChainState,
    settings: &SampleSettings,
    expand: E,
    sink: &mut dyn Sink,
) -> Duration {
    let (never, started) = (AtomicBool::new(false), Instant::now());
    let mut chain = Chain::resume(EightSchools, expand, state.clone(), settings.clone());
    while !chain.is_finished() {
        chain
            .step(sink, &never)
            .expect("it has a density everywhere");
    }
    started.elapsed()
}
