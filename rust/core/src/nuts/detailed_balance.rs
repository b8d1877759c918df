//! Detailed balance by enumeration: every random choice of a transition is followed both ways.
//!
//! Fix a step size, and a trajectory of points `z_i` that covers all that shallow trees can reach.
//! With weights `w_i = exp(-energy of z_i)` and the probability `P(i -> j)` that a transition from
//! `z_i` draws `z_j`, the kernel leaves the weights alone if `sum_i w_i P(i -> j) = w_j` for all `j`.

use std::sync::atomic::AtomicBool;

use super::local::tests::leaf;
use super::{Choices, Growth, LocalSteps, Nuts};
use crate::hamiltonian::{Hamiltonian, Leap};
use crate::logdensity::LogDensity;
use crate::metric::{DiagonalMetric, Metric};
use crate::point::Point;
use crate::testing::phase_space::{dense_metric, low_rank_metric, place};
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

/// What was found out about the transitions from one point, or about all of an orbit.
#[derive(Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what happened, each by itself"
)]
struct Seen {
    draws: Vec<(i64, f64)>,
    turned: bool,
    diverged: bool,
    reached_max_treedepth: bool,
    shortened: bool,
    irreversible: bool,
}

impl Seen {
    fn add(&mut self, other: &Self) {
        self.turned |= other.turned;
        self.diverged |= other.diverged;
        self.reached_max_treedepth |= other.reached_max_treedepth;
        self.shortened |= other.shortened;
        self.irreversible |= other.irreversible;
    }
}

/// A kernel on a target of two dimensions.
struct Kernel<'a, M, L> {
    metric: &'a M,
    target: &'a mut L,
    step_size: f64,
    depth: usize,
    local_steps: Option<LocalSteps>,
}

impl<M: Metric, L: LogDensity> Kernel<'_, M, L> {
    fn system(&mut self) -> Hamiltonian<'_, M, L> {
        Hamiltonian {
            metric: self.metric,
            logdensity: self.target,
            max_energy_error: 1000.0,
        }
    }

    /// All draws from `start`, with their probabilities.
    fn enumerate(&mut self, start: &Point) -> Seen {
        let interrupt = AtomicBool::new(false);
        let growth = Growth {
            step_size: self.step_size,
            max_treedepth: self.depth,
            local_steps: self.local_steps,
            interrupt: &interrupt,
        };
        let mut nuts = Nuts::new(2, self.depth);
        let mut system = self.system();
        let mut script = Script::default();
        let mut seen = Seen::default();
        loop {
            nuts.pool.clear();
            nuts.pool.keep_velocity(M::KEEPS_VELOCITY);
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

    /// The points of the trajectory through `middle` as far as shallow trees reach both ways, or
    /// until it ends: the points that are not there have no energy.
    fn orbit(&mut self, middle: &Point, seen: &mut Seen) -> Vec<Point> {
        let mut points = self.arm(middle, -self.step_size, seen);
        points.reverse();
        points.push(middle.clone());
        points.extend(self.arm(middle, self.step_size, seen));
        points
    }

    fn arm(&mut self, middle: &Point, step_size: f64, seen: &mut Seen) -> Vec<Point> {
        let nowhere = Point {
            logdensity: f64::NAN,
            ..middle.clone()
        };
        let mut points = vec![nowhere; self.reach()];
        let mut from = middle.clone();
        for point in &mut points {
            match self.leap(&from, step_size, seen) {
                Some(to) => point.clone_from(&to),
                None => break,
            }
            from.clone_from(point);
        }
        points
    }

    /// One leaf, or None if a trajectory ends there.
    fn leap(&mut self, from: &Point, step_size: f64, seen: &mut Seen) -> Option<Point> {
        let local = self.local_steps;
        let mut system = self.system();
        let Some(local) = local else {
            let mut to = from.clone();
            let leap = system.leap(from, &mut to, step_size, from.energy());
            return matches!(leap, Ok(Leap::Taken(_))).then_some(to);
        };
        let (leaf, to) = leaf(&mut system, from, step_size, local);
        seen.shortened |= leaf.num_gradients > 1;
        seen.irreversible |= leaf.leap == Leap::Irreversible;
        matches!(leaf.leap, Leap::Taken(_)).then_some(to)
    }

    fn reach(&self) -> usize {
        (1 << self.depth) - 1
    }

    /// Checks the balance at the middle of an orbit, and returns what was seen on the way.
    fn check(&mut self, position: [f64; 2], normals: [f64; 2]) -> Seen {
        let middle = place(self.target, self.metric, &position, &normals);
        let mut all = Seen::default();
        let points = self.orbit(&middle, &mut all);
        let reach = i64::try_from(self.reach()).unwrap();
        let mut flow = 0.0;
        // From point number i the middle is reach - i leapfrogs away.
        for (point, to_middle) in points.iter().zip((-reach..=reach).rev()) {
            if !point.energy().is_finite() {
                continue;
            }
            let seen = self.enumerate(point);
            let total: f64 = seen.draws.iter().map(|(_, probability)| probability).sum();
            assert!((total - 1.0).abs() < 1e-12);
            let to_here = seen.draws.iter().filter(|(index, _)| *index == to_middle);
            let probability: f64 = to_here.map(|(_, probability)| probability).sum();
            flow += (middle.energy() - point.energy()).exp() * probability;
            all.add(&seen);
        }
        let (step_size, depth) = (self.step_size, self.depth);
        assert!(
            (flow - 1.0).abs() < 1e-12,
            "flow {flow} at step size {step_size}, depth {depth}"
        );
        all
    }
}

fn check_all<M: Metric, L: LogDensity>(
    metric: &M,
    target: &mut L,
    local_steps: Option<LocalSteps>,
) -> Seen {
    let mut all = Seen::default();
    for depth in 1..=3 {
        for step_size in [0.1, 0.4, 0.7, 1.1, 1.6] {
            for (position, normals) in [
                ([0.3, -0.4], [1.0, 0.2]),
                ([-1.2, 0.8], [-0.3, 1.5]),
                ([0.1, 2.0], [0.6, -0.9]),
            ] {
                let mut kernel = Kernel {
                    metric,
                    target: &mut *target,
                    step_size,
                    depth,
                    local_steps,
                };
                all.add(&kernel.check(position, normals));
            }
        }
    }
    all
}

fn check_metrics<L: LogDensity>(target: &mut L, local_steps: Option<LocalSteps>) -> Seen {
    let scale = [0.5, 2.0];
    let mut all = check_all(&DiagonalMetric::new(scale.to_vec()), target, local_steps);
    all.add(&check_all(
        &low_rank_metric(scale.to_vec()),
        target,
        local_steps,
    ));
    all.add(&check_all(&dense_metric(&scale), target, local_steps));
    all
}

#[test]
fn holds_where_trajectories_turn_and_where_they_are_cut_off() {
    for seen in [
        check_metrics(&mut StudentT { dim: 2, nu: 3.0 }, None),
        check_metrics(&mut LogHalfNormal { dim: 2 }, None),
        check_metrics(&mut Funnel { dim: 2 }, None),
    ] {
        assert!(seen.turned && seen.reached_max_treedepth);
    }
}

/// A cliff in a heavy-tailed plain.
fn cliff(how: Misbehaviour) -> Cliff<StudentT> {
    let inner = StudentT { dim: 2, nu: 3.0 };
    Cliff {
        inner,
        limit: 0.6,
        how,
    }
}

const FAILURES: [Misbehaviour; 3] = [
    Misbehaviour::NaN,
    Misbehaviour::MinusInfinity,
    Misbehaviour::Recoverable,
];

#[test]
fn holds_where_trajectories_fall_off_a_cliff() {
    for how in FAILURES {
        let seen = check_metrics(&mut cliff(how), None);
        assert!(seen.turned && seen.diverged && seen.reached_max_treedepth);
    }
}

#[test]
fn holds_where_steps_are_shortened() {
    let mut all = Seen::default();
    for max_energy_change in [0.02, 0.2, 1.0] {
        let local = Some(LocalSteps {
            max_energy_change,
            ..LocalSteps::new(false)
        });
        all.add(&check_metrics(&mut LogHalfNormal { dim: 2 }, local));
        all.add(&check_metrics(&mut Funnel { dim: 2 }, local));
        for how in FAILURES {
            all.add(&check_metrics(&mut cliff(how), local));
        }
    }
    assert!(all.turned && all.diverged && all.reached_max_treedepth);
    assert!(all.shortened && all.irreversible);
}

#[test]
fn the_top_prefers_new_halves() {
    // Where all weights are nearly equal, a completed doubling is nearly always moved to.
    let metric = DiagonalMetric::new(vec![0.5, 2.0]);
    let mut target = StudentT { dim: 2, nu: 3.0 };
    let start = place(&mut target, &metric, &[0.3, -0.4], &[1.0, 0.2]);
    for depth in 1..=3 {
        let mut kernel = Kernel {
            metric: &metric,
            target: &mut target,
            step_size: 1e-4,
            depth,
            local_steps: None,
        };
        let seen = kernel.enumerate(&start);
        let moved = seen.draws.iter().filter(|(index, _)| *index != 0);
        let probability: f64 = moved.map(|(_, probability)| probability).sum();
        assert!(probability > 1.0 - 1e-6, "{probability} at depth {depth}");
    }
}
