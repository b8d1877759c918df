//! Detailed balance by enumeration: every random choice of a transition is followed both ways.
//!
//! Fix a step size, and a trajectory of points `z_i` that covers all that shallow trees can reach.
//! With weights `w_i = exp(-energy of z_i)` and the probability `P(i -> j)` that a transition from
//! `z_i` draws `z_j`, the kernel leaves the weights alone if `sum_i w_i P(i -> j) = w_j` for all `j`.

use std::sync::atomic::AtomicBool;

use super::{Choices, Growth, Nuts};
use crate::hamiltonian::Hamiltonian;
use crate::integrator::leapfrog;
use crate::logdensity::LogDensity;
use crate::metric::DiagonalMetric;
use crate::point::{Evaluation, Point};
use crate::testing::{Cliff, Funnel, LogHalfNormal, Misbehaviour, StudentT};
use crate::trajectory::Direction;

/// Follows a script of choices, then says yes, and notes what was chosen with which probability.
#[derive(Default)]
struct Script {
    choices: Vec<(bool, f64)>,
    next: usize,
}

impl Script {
    fn choose(&mut self, probability: f64) -> bool {
        if self.next == self.choices.len() {
            self.choices.push((probability > 0.0, probability));
        }
        let (choice, noted) = &mut self.choices[self.next];
        *noted = probability;
        self.next += 1;
        *choice
    }

    fn probability(&self) -> f64 {
        let of = |(choice, probability): &(bool, f64)| {
            if *choice {
                *probability
            } else {
                1.0 - probability
            }
        };
        self.choices.iter().map(of).product()
    }

    /// Turns to the next script in lexical order; false after the last.
    fn advance(&mut self) -> bool {
        self.next = 0;
        while let Some((choice, probability)) = self.choices.pop() {
            if choice && probability < 1.0 {
                self.choices.push((false, probability));
                return true;
            }
        }
        false
    }
}

impl Choices for Script {
    fn direction(&mut self) -> Direction {
        if self.choose(0.5) {
            Direction::Forward
        } else {
            Direction::Backward
        }
    }

    fn accept(&mut self, probability: f64) -> bool {
        self.choose(probability)
    }
}

/// What `enumerate` found out about the transitions from one point.
#[derive(Default)]
struct Seen {
    draws: Vec<(i64, f64)>,
    turned: bool,
    diverged: bool,
    reached_max_treedepth: bool,
}

/// All draws from `start`, with their probabilities.
fn enumerate<L: LogDensity>(target: &mut L, start: &Point, step_size: f64, depth: usize) -> Seen {
    let metric = DiagonalMetric::new(vec![0.5, 2.0]);
    let mut system = Hamiltonian {
        metric: &metric,
        logdensity: target,
        max_energy_error: 1000.0,
    };
    let mut nuts = Nuts::new(2, depth);
    let interrupt = AtomicBool::new(false);
    let growth = Growth {
        step_size,
        max_treedepth: depth,
        interrupt: &interrupt,
    };
    let mut script = Script::default();
    let mut seen = Seen::default();
    loop {
        nuts.pool.clear();
        let id = nuts.pool.take();
        nuts.pool.get_mut(id).clone_from(start);
        nuts.pool.get_mut(id).index = 0;
        let (_, info) = nuts.grow(&mut system, id, &growth, &mut script).unwrap();
        seen.draws
            .push((info.index_in_trajectory, script.probability()));
        seen.diverged |= info.divergence.is_some();
        seen.reached_max_treedepth |= info.reached_max_treedepth;
        seen.turned |= info.divergence.is_none() && !info.reached_max_treedepth;
        if !script.advance() {
            return seen;
        }
    }
}

/// The points from `-reach` to `reach` of the trajectory through `position` with `velocity`.
fn orbit<L: LogDensity>(
    target: &mut L,
    position: [f64; 2],
    velocity: [f64; 2],
    step_size: f64,
    reach: usize,
) -> Vec<Point> {
    let metric = DiagonalMetric::new(vec![0.5, 2.0]);
    let mut state = Evaluation {
        position: position.to_vec(),
        gradient: vec![0.0; 2],
        logdensity: 0.0,
    };
    state.logdensity = target
        .evaluate(&state.position, &mut state.gradient)
        .unwrap();
    let system = Hamiltonian {
        metric: &metric,
        logdensity: target,
        max_energy_error: 1000.0,
    };
    let mut middle = Point {
        velocity: velocity.to_vec(),
        ..Point::new(2)
    };
    system.place(&state, &mut middle);
    let mut arm = |step_size: f64| {
        let mut points = vec![middle.clone()];
        for _ in 0..reach {
            let mut to = Point::new(2);
            if leapfrog(
                &metric,
                system.logdensity,
                &points[points.len() - 1],
                &mut to,
                step_size,
            )
            .is_err()
            {
                to.logdensity = f64::NAN;
            }
            points.push(to);
        }
        points
    };
    let mut points = arm(-step_size);
    points.reverse();
    points.extend(arm(step_size).into_iter().skip(1));
    points
}

/// Checks the balance at the middle of an orbit, and returns what was seen on the way.
fn check<L: LogDensity>(
    target: &mut L,
    position: [f64; 2],
    velocity: [f64; 2],
    step_size: f64,
    depth: usize,
) -> Seen {
    let reach = (1 << depth) - 1;
    let points = orbit(target, position, velocity, step_size, reach);
    let middle = points[reach].energy();
    let mut flow = 0.0;
    let mut all = Seen::default();
    // From point number i the middle is reach - i leapfrogs away.
    for (point, to_middle) in points
        .iter()
        .zip((1 - (1_i64 << depth)..1_i64 << depth).rev())
    {
        if !point.energy().is_finite() {
            continue;
        }
        let seen = enumerate(target, point, step_size, depth);
        let total: f64 = seen.draws.iter().map(|(_, probability)| probability).sum();
        assert!((total - 1.0).abs() < 1e-12);
        let to_here = seen.draws.iter().filter(|(index, _)| *index == to_middle);
        let probability: f64 = to_here.map(|(_, probability)| probability).sum();
        flow += (middle - point.energy()).exp() * probability;
        all.turned |= seen.turned;
        all.diverged |= seen.diverged;
        all.reached_max_treedepth |= seen.reached_max_treedepth;
    }
    assert!(
        (flow - 1.0).abs() < 1e-12,
        "flow {flow} at step size {step_size}, depth {depth}"
    );
    all
}

fn check_all<L: LogDensity>(target: &mut L) -> Seen {
    let mut all = Seen::default();
    for depth in 1..=3 {
        for step_size in [0.1, 0.4, 0.7, 1.1, 1.6] {
            for (position, velocity) in [
                ([0.3, -0.4], [1.0, 0.2]),
                ([-1.2, 0.8], [-0.3, 1.5]),
                ([0.1, 2.0], [0.6, -0.9]),
            ] {
                let seen = check(target, position, velocity, step_size, depth);
                all.turned |= seen.turned;
                all.diverged |= seen.diverged;
                all.reached_max_treedepth |= seen.reached_max_treedepth;
            }
        }
    }
    all
}

#[test]
fn holds_where_trajectories_turn_and_where_they_are_cut_off() {
    for seen in [
        check_all(&mut StudentT { dim: 2, nu: 3.0 }),
        check_all(&mut LogHalfNormal { dim: 2 }),
        check_all(&mut Funnel { dim: 2 }),
    ] {
        assert!(seen.turned && seen.reached_max_treedepth);
    }
}

#[test]
fn holds_where_trajectories_fall_off_a_cliff() {
    for how in [
        Misbehaviour::NaN,
        Misbehaviour::MinusInfinity,
        Misbehaviour::Recoverable,
    ] {
        let inner = StudentT { dim: 2, nu: 3.0 };
        let seen = check_all(&mut Cliff {
            inner,
            limit: 0.6,
            how,
        });
        assert!(seen.turned && seen.diverged && seen.reached_max_treedepth);
    }
}

#[test]
fn the_top_prefers_new_halves() {
    // Where all weights are nearly equal, a completed doubling is nearly always moved to.
    let mut target = StudentT { dim: 2, nu: 3.0 };
    let start = orbit(&mut target, [0.3, -0.4], [1.0, 0.2], 1e-4, 0).remove(0);
    for depth in 1..=3 {
        let seen = enumerate(&mut target, &start, 1e-4, depth);
        let moved = seen.draws.iter().filter(|(index, _)| *index != 0);
        let probability: f64 = moved.map(|(_, probability)| probability).sum();
        assert!(probability > 1.0 - 1e-6, "{probability} at depth {depth}");
    }
}
