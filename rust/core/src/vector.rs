//! Arithmetic on slices of `f64`: all that a leapfrog does besides the log density.
//!
//! Each function passes over its slices once. Sums run in eight lanes of fixed order: the compiler
//! turns them into vector instructions, and the result does not depend on the machine.

mod aligned;
mod wide;

use std::array::from_fn;

pub use aligned::Aligned;
use wide::wide;

/// Number of partial sums.
pub(crate) const LANES: usize = 8;

/// Partial sums.
pub(crate) type Lanes = [f64; LANES];

/// Length from which on the compiler cuts a loop without sums better than one does by hand.
const LONG: usize = 64;

wide! {
    x.len();
    /// The inner product of two slices of equal length.
    pub fn dot(x: &[f64], y: &[f64]) -> f64 {
        dot_in_lanes(x, y)
    }
}

/// The inner product, to be inlined where many are needed.
#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "a call would cost more than a short product"
)]
fn dot_in_lanes(x: &[f64], y: &[f64]) -> f64 {
    debug_assert_eq!(x.len(), y.len());
    let dim = x.len();
    let mut sums = Lanes::default();
    let (x, y) = (cut(x, dim), cut(y, dim));
    for i in 0..dim / LANES {
        let (x, y) = (&x.0[i], &y.0[i]);
        for lane in 0..LANES {
            sums[lane] += x[lane] * y[lane];
        }
    }
    let mut rest = 0.0;
    for i in 0..dim % LANES {
        rest += x.1[i] * y.1[i];
    }
    add_lanes(sums) + rest
}

wide! {
    x.len();
    /// Writes the product of a matrix, row after row, with a vector.
    pub fn multiply(rows: &[f64], x: &[f64], product: &mut [f64]) {
        debug_assert_eq!(rows.len(), x.len() * product.len());
        for (row, y) in rows.chunks_exact(x.len()).zip(product) {
            *y = dot_in_lanes(row, x);
        }
    }
}

wide! {
    x.len();
    /// `y += factor * x`.
    pub fn axpy(factor: f64, x: &[f64], y: &mut [f64]) {
        debug_assert_eq!(x.len(), y.len());
        y.iter_mut().zip(x).for_each(|(y, x)| *y += factor * x);
    }
}

wide! {
    x.len();
    /// Turns pairs of numbers by an angle: `x` becomes `cosine x - sine y`, `y` becomes
    /// `sine x + cosine y`.
    pub fn rotate(cosine: f64, sine: f64, x: &mut [f64], y: &mut [f64]) {
        debug_assert_eq!(x.len(), y.len());
        for (x, y) in x.iter_mut().zip(y) {
            (*x, *y) = (cosine * *x - sine * *y, sine * *x + cosine * *y);
        }
    }
}

/// Whether no number is NaN or infinite.
pub fn all_finite(x: &[f64]) -> bool {
    x.iter().all(|x| x.is_finite())
}

/// Position and momentum of a point.
pub type Phase<'a> = (&'a [f64], &'a [f64]);

wide! {
    early.0.len();
    /// Whether the distance between two points shrinks at either of them, in one pass.
    pub fn turns(early: Phase<'_>, late: Phase<'_>) -> bool {
        let mut sums = [Lanes::default(); 2];
        let dim = early.0.len();
        let [x0, p0, x1, p1] = [early.0, early.1, late.0, late.1].map(|x| cut(x, dim));
        let mut add = |lane: usize, way: f64, p: [f64; 2]| {
            sums[0][lane] += way * p[0];
            sums[1][lane] += way * p[1];
        };
        for i in 0..dim / LANES {
            let (x0, p0, x1, p1) = (&x0.0[i], &p0.0[i], &x1.0[i], &p1.0[i]);
            for lane in 0..LANES {
                add(lane, x1[lane] - x0[lane], [p0[lane], p1[lane]]);
            }
        }
        for i in 0..dim % LANES {
            add(i, x1.1[i] - x0.1[i], [p0.1[i], p1.1[i]]);
        }
        sums.into_iter().any(|sums| add_lanes(sums) < 0.0)
    }
}

wide! {
    points[0].0.len();
    /// Whether a trajectory turns between its ends or between like ends of its halves, in one pass.
    ///
    /// The points are first and last of the early half, and first and last of the late half.
    pub fn halves_turn(points: [Phase<'_>; 4]) -> bool {
        let mut sums = [Lanes::default(); 6];
        let dim = points[0].0.len();
        let [x0, x1, x2, x3] = points.map(|point| cut(point.0, dim));
        let [p0, p1, p2, p3] = points.map(|point| cut(point.1, dim));
        let mut add = |lane: usize, x: [f64; 4], p: [f64; 4]| {
            let [whole, firsts, lasts] = [x[3] - x[0], x[2] - x[0], x[3] - x[1]];
            sums[0][lane] += whole * p[0];
            sums[1][lane] += whole * p[3];
            sums[2][lane] += firsts * p[0];
            sums[3][lane] += firsts * p[2];
            sums[4][lane] += lasts * p[1];
            sums[5][lane] += lasts * p[3];
        };
        for i in 0..dim / LANES {
            let (x0, x1, x2, x3) = (&x0.0[i], &x1.0[i], &x2.0[i], &x3.0[i]);
            let (p0, p1, p2, p3) = (&p0.0[i], &p1.0[i], &p2.0[i], &p3.0[i]);
            for lane in 0..LANES {
                let x = [x0[lane], x1[lane], x2[lane], x3[lane]];
                add(lane, x, [p0[lane], p1[lane], p2[lane], p3[lane]]);
            }
        }
        for i in 0..dim % LANES {
            let x = [x0.1[i], x1.1[i], x2.1[i], x3.1[i]];
            add(i, x, [p0.1[i], p1.1[i], p2.1[i], p3.1[i]]);
        }
        sums.into_iter().any(|sums| add_lanes(sums) < 0.0)
    }
}

/// A vector of a point and what it becomes in a step.
pub type Update<'a> = (&'a [f64], &'a mut [f64]);

/// A slice of this length, in chunks and what is left.
///
/// Loops over chunks are written out, because the compiler cuts no sums, and does most of a short
/// vector number by number; all slices get the same length, so that none is checked again.
#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "it is compiled into both versions of its callers"
)]
fn cut(x: &[f64], dim: usize) -> (&[Lanes], &[f64]) {
    x[..dim].as_chunks()
}

/// The same of a slice to write to.
#[inline(always)]
#[allow(
    clippy::inline_always,
    reason = "it is compiled into both versions of its callers"
)]
fn cut_mut(x: &mut [f64], dim: usize) -> (&mut [Lanes], &mut [f64]) {
    x[..dim].as_chunks_mut()
}

wide! {
    scale.len();
    /// Half a step of the momentum and a step of the position, where the metric is diagonal.
    pub fn kick_and_drift_diagonal(
        scale: &[f64],
        gradient: &[f64],
        momentum: Update<'_>,
        position: Update<'_>,
        step_size: f64,
    ) {
        let (half_step, dim) = (0.5 * step_size, scale.len());
        let drift = |s: f64, p: f64, x: f64| x + step_size * (s * (s * p));
        if dim >= LONG {
            let (g, p, x) = (&gradient[..dim], &momentum.0[..dim], &position.0[..dim]);
            let (new_p, new_x) = (&mut momentum.1[..dim], &mut position.1[..dim]);
            for i in 0..dim {
                new_p[i] = p[i] + half_step * g[i];
                new_x[i] = drift(scale[i], new_p[i], x[i]);
            }
            return;
        }
        let (s, g) = (cut(scale, dim), cut(gradient, dim));
        let (p, x) = (cut(momentum.0, dim), cut(position.0, dim));
        let (new_p, new_x) = (cut_mut(momentum.1, dim), cut_mut(position.1, dim));
        for i in 0..dim / LANES {
            let (s, g, p, x) = (s.0[i], g.0[i], p.0[i], x.0[i]);
            let p: Lanes = from_fn(|j| p[j] + half_step * g[j]);
            new_p.0[i] = p;
            new_x.0[i] = from_fn(|j| drift(s[j], p[j], x[j]));
        }
        for i in 0..dim % LANES {
            let p = p.1[i] + half_step * g.1[i];
            new_p.1[i] = p;
            new_x.1[i] = drift(s.1[i], p, x.1[i]);
        }
    }
}

wide! {
    scale.len();
    /// Half a step of the momentum where the metric is diagonal; the kinetic energy.
    pub fn kick_diagonal(scale: &[f64], gradient: &[f64], momentum: &mut [f64], step_size: f64) -> f64 {
        let (half_step, dim) = (0.5 * step_size, scale.len());
        let mut sums = Lanes::default();
        let (s, g, p) = (cut(scale, dim), cut(gradient, dim), cut_mut(momentum, dim));
        for i in 0..dim / LANES {
            let (s, g, old) = (s.0[i], g.0[i], p.0[i]);
            let new: Lanes = from_fn(|j| old[j] + half_step * g[j]);
            p.0[i] = new;
            let whitened: Lanes = from_fn(|j| s[j] * new[j]);
            for j in 0..LANES {
                sums[j] += whitened[j] * whitened[j];
            }
        }
        let mut rest = 0.0;
        for i in 0..dim % LANES {
            p.1[i] += half_step * g.1[i];
            rest += (s.1[i] * p.1[i]) * (s.1[i] * p.1[i]);
        }
        0.5 * (add_lanes(sums) + rest)
    }
}

wide! {
    gradient.len();
    /// Half a step of momentum and velocity, and a step of the position.
    pub fn kick_and_drift(
        gradient: &[f64],
        momentum: Update<'_>,
        force: &[f64],
        velocity: Update<'_>,
        position: Update<'_>,
        step_size: f64,
    ) {
        let (half_step, dim) = (0.5 * step_size, gradient.len());
        let (g, f) = (gradient, &force[..dim]);
        let (p, v, x) = (&momentum.0[..dim], &velocity.0[..dim], &position.0[..dim]);
        let (new_p, new_v) = (&mut momentum.1[..dim], &mut velocity.1[..dim]);
        let new_x = &mut position.1[..dim];
        for i in 0..dim {
            new_p[i] = p[i] + half_step * g[i];
            new_v[i] = v[i] + half_step * f[i];
            new_x[i] = x[i] + step_size * new_v[i];
        }
    }
}

wide! {
    gradient.len();
    /// Half a step of momentum and velocity; the kinetic energy.
    pub fn kick(
        gradient: &[f64],
        momentum: &mut [f64],
        force: &[f64],
        velocity: &mut [f64],
        step_size: f64,
    ) -> f64 {
        let (half_step, dim) = (0.5 * step_size, gradient.len());
        let mut sums = Lanes::default();
        let (g, f) = (cut(gradient, dim), cut(force, dim));
        let (p, v) = (cut_mut(momentum, dim), cut_mut(velocity, dim));
        for i in 0..dim / LANES {
            let (g, f, old_p, old_v) = (g.0[i], f.0[i], p.0[i], v.0[i]);
            let new_p: Lanes = from_fn(|j| old_p[j] + half_step * g[j]);
            let new_v: Lanes = from_fn(|j| old_v[j] + half_step * f[j]);
            p.0[i] = new_p;
            v.0[i] = new_v;
            for j in 0..LANES {
                sums[j] += new_p[j] * new_v[j];
            }
        }
        let mut rest = 0.0;
        for i in 0..dim % LANES {
            p.1[i] += half_step * g.1[i];
            v.1[i] += half_step * f.1[i];
            rest += p.1[i] * v.1[i];
        }
        0.5 * (add_lanes(sums) + rest)
    }
}

/// The sum of the lanes, in the order in which all sums of this module add them.
pub(crate) fn add_lanes(sums: Lanes) -> f64 {
    let [a, b, c, d, e, f, g, h] = sums;
    ((a + e) + (c + g)) + ((b + f) + (d + h))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// Columns of a table of eight.
    fn columns(rows: &[[f64; 8]]) -> [Vec<f64>; 8] {
        std::array::from_fn(|i| rows.iter().map(|row| row[i]).collect())
    }

    fn table() -> impl Strategy<Value = Vec<[f64; 8]>> {
        prop::collection::vec(prop::array::uniform8(-10.0..10.0), 1..40)
    }

    fn difference(x: &[f64], y: &[f64]) -> Vec<f64> {
        x.iter().zip(y).map(|(x, y)| x - y).collect()
    }

    proptest! {
        #[test]
        fn dot_agrees_with_the_plain_sum(pairs in prop::collection::vec((-1e3..1e3, -1e3..1e3), 0..40)) {
            let (x, y): (Vec<f64>, Vec<f64>) = pairs.into_iter().unzip();
            let plain: f64 = x.iter().zip(&y).map(|(x, y)| x * y).sum();
            prop_assert!((dot(&x, &y) - plain).abs() <= 1e-7);
        }

        #[test]
        fn products_are_dots_of_rows(rows in table()) {
            let x = [1.0, -2.0, 0.5, 3.0, 0.0, 1.5, -1.0, 2.0];
            let mut product = vec![0.0; rows.len()];
            multiply(rows.as_flattened(), &x, &mut product);
            for (row, y) in rows.iter().zip(product) {
                prop_assert_eq!(dot(row, &x), y);
            }
        }

        #[test]
        fn turns_are_negative_products(rows in table()) {
            let [x0, x1, x2, x3, p0, p1, p2, p3] = columns(&rows);
            let shrinks = |x: &[f64], p: &[f64], y: &[f64], q: &[f64]| {
                let way = difference(y, x);
                dot(&way, p) < 0.0 || dot(&way, q) < 0.0
            };
            prop_assert_eq!(turns((&x0, &p0), (&x1, &p1)), shrinks(&x0, &p0, &x1, &p1));
            let expected = shrinks(&x0, &p0, &x3, &p3)
                || shrinks(&x0, &p0, &x2, &p2)
                || shrinks(&x1, &p1, &x3, &p3);
            let points = [(&x0, &p0), (&x1, &p1), (&x2, &p2), (&x3, &p3)];
            prop_assert_eq!(halves_turn(points.map(|(x, p)| (&x[..], &p[..]))), expected);
        }

        #[test]
        fn both_forms_of_a_step_agree(rows in table(), step_size in -1.0..1.0) {
            let [scale, gradient, momentum, position, ..] = columns(&rows);
            let scale: Vec<f64> = scale.iter().map(|s| s.abs() + 0.1).collect();
            let times_mass = |x: &[f64]| -> Vec<f64> {
                x.iter().zip(&scale).map(|(x, s)| s * s * x).collect()
            };
            let zeros = vec![0.0; rows.len()];
            let (mut p, mut x) = (zeros.clone(), zeros.clone());
            kick_and_drift_diagonal(
                &scale, &gradient, (&momentum, &mut p), (&position, &mut x), step_size,
            );
            let (mut q, mut v, mut y) = (zeros.clone(), zeros.clone(), zeros);
            let (force, velocity) = (times_mass(&gradient), times_mass(&momentum));
            kick_and_drift(
                &gradient, (&momentum, &mut q), &force, (&velocity, &mut v), (&position, &mut y),
                step_size,
            );
            prop_assert_eq!(&p, &q);
            let error = difference(&x, &y).iter().fold(0.0, |largest: f64, x| largest.max(x.abs()));
            prop_assert!(error <= 1e-10 * 1e3);
            let energy = kick_diagonal(&scale, &gradient, &mut p, step_size);
            let other = kick(&gradient, &mut q, &force, &mut v, step_size);
            prop_assert!((energy - other).abs() <= 1e-10 * energy);
            prop_assert_eq!(&p, &q);
        }
    }

    #[test]
    fn axpy_adds_a_multiple() {
        let mut y = [1.0, 2.0];
        axpy(2.0, &[10.0, 20.0], &mut y);
        assert_eq!(y, [21.0, 42.0]);
    }

    #[test]
    fn a_quarter_turn_swaps() {
        let (mut x, mut y) = ([1.0, 2.0], [3.0, 4.0]);
        rotate(0.0, 1.0, &mut x, &mut y);
        assert_eq!((x, y), ([-3.0, -4.0], [1.0, 2.0]));
    }

    #[test]
    fn all_finite_refuses_nan_and_infinity() {
        assert!(all_finite(&[0.0, -1e300]));
        assert!(!all_finite(&[0.0, f64::NAN]));
        assert!(!all_finite(&[f64::NEG_INFINITY]));
    }
}
