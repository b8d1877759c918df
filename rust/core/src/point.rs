//! Points of phase space, and the pool they are taken from.

use crate::record::record;
use crate::vector::Aligned;

/// One point of phase space.
///
/// Momentum and velocity are those of the metric in use, `velocity = S momentum` with the inverse
/// mass matrix `S`; see [`Metric`](crate::metric::Metric). Where `S` is diagonal the velocity is
/// never stored, and the last two vectors are empty.
#[derive(Debug, Clone, PartialEq)]
pub struct Point {
    /// `x`, where the log density is evaluated.
    pub position: Aligned,
    /// `p`, the momentum.
    pub momentum: Aligned,
    /// Gradient of the log density at `x`.
    pub gradient: Aligned,
    /// `S p`, if the metric keeps it.
    pub velocity: Aligned,
    /// `S` times the gradient, if the metric keeps it.
    pub force: Aligned,
    /// Log density at `x`.
    pub logdensity: f64,
    /// `p.S p / 2`.
    pub kinetic_energy: f64,
    /// Leapfrogs from the start of the trajectory to here, negative if backwards in time.
    pub index: i64,
}

impl Point {
    /// A point at the origin, without velocity and force.
    pub fn new(dim: usize) -> Self {
        Self {
            position: Aligned::zeros(dim),
            momentum: Aligned::zeros(dim),
            gradient: Aligned::zeros(dim),
            velocity: Aligned::zeros(0),
            force: Aligned::zeros(0),
            logdensity: 0.0,
            kinetic_energy: 0.0,
            index: 0,
        }
    }

    /// Makes room for velocity and force, or gives it back.
    pub fn keep_velocity(&mut self, keep: bool) {
        let dim = if keep { self.position.len() } else { 0 };
        if self.velocity.len() != dim {
            self.velocity = Aligned::zeros(dim);
            self.force = Aligned::zeros(dim);
        }
    }

    /// Minus the log density plus the kinetic energy.
    pub fn energy(&self) -> f64 {
        self.kinetic_energy - self.logdensity
    }
}

/// A position with what the log density says there.
///
/// This is where a chain is between transitions; it does not depend on the metric.
#[derive(Debug, Clone, PartialEq)]
pub struct Evaluation {
    /// The unconstrained position.
    pub position: Vec<f64>,
    /// The gradient of the log density there.
    pub gradient: Vec<f64>,
    /// The log density there.
    pub logdensity: f64,
}

record!(Evaluation {
    position,
    gradient,
    logdensity,
});

/// Names a point of a [`PointPool`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct PointId(usize);

/// A fixed number of points with reference counts.
///
/// Trajectories share points (an end of a subtree is often its proposal too), and need few at a
/// time. The pool hands them out without allocating or copying.
#[derive(Debug, Clone)]
pub struct PointPool {
    points: Vec<Point>,
    holders: Vec<u32>,
    free: Vec<PointId>,
}

impl PointPool {
    /// A pool of `capacity` free points.
    pub fn new(dim: usize, capacity: usize) -> Self {
        Self {
            points: (0..capacity).map(|_| Point::new(dim)).collect(),
            holders: vec![0; capacity],
            free: (0..capacity).map(PointId).collect(),
        }
    }

    /// Makes room for velocities in all points, or gives it back.
    pub fn keep_velocity(&mut self, keep: bool) {
        self.points
            .iter_mut()
            .for_each(|point| point.keep_velocity(keep));
    }

    /// Takes a free point, with one holder. Its content is left over from earlier use.
    ///
    /// # Panics
    ///
    /// If no point is free: the pool was made too small.
    pub fn take(&mut self) -> PointId {
        let id = self
            .free
            .pop()
            .expect("the pool was made for the deepest tree");
        self.holders[id.0] = 1;
        id
    }

    /// Adds a holder.
    pub fn share(&mut self, id: PointId) -> PointId {
        debug_assert!(self.holders[id.0] > 0, "a free point cannot be shared");
        self.holders[id.0] += 1;
        id
    }

    /// Removes a holder; the point is free when there is none left.
    pub fn release(&mut self, id: PointId) {
        debug_assert!(self.holders[id.0] > 0, "a free point cannot be released");
        self.holders[id.0] -= 1;
        if self.holders[id.0] == 0 {
            self.free.push(id);
        }
    }

    /// Frees all points.
    pub fn clear(&mut self) {
        self.holders.fill(0);
        self.free.clear();
        self.free.extend((0..self.points.len()).map(PointId));
    }

    /// The number of free points.
    pub fn num_free(&self) -> usize {
        self.free.len()
    }

    /// The point itself.
    pub fn get(&self, id: PointId) -> &Point {
        &self.points[id.0]
    }

    /// The point itself, to write to.
    pub fn get_mut(&mut self, id: PointId) -> &mut Point {
        &mut self.points[id.0]
    }

    /// One point to read and another one to write to.
    ///
    /// # Panics
    ///
    /// If both are the same.
    pub fn get_pair(&mut self, from: PointId, to: PointId) -> (&Point, &mut Point) {
        let pair = self.points.get_disjoint_mut([from.0, to.0]);
        let [from, to] = pair.expect("a point is never integrated onto itself");
        (from, to)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_point_is_free_again_after_its_last_holder() {
        let mut pool = PointPool::new(1, 2);
        let id = pool.take();
        pool.share(id);
        pool.release(id);
        assert_eq!(pool.num_free(), 1);
        pool.release(id);
        assert_eq!(pool.num_free(), 2);
    }

    #[test]
    fn clear_frees_everything() {
        let mut pool = PointPool::new(1, 3);
        let id = pool.take();
        pool.share(id);
        pool.take();
        pool.clear();
        assert_eq!(pool.num_free(), 3);
    }

    #[test]
    fn energy_is_kinetic_minus_logdensity() {
        let point = Point {
            logdensity: -2.0,
            kinetic_energy: 1.5,
            ..Point::new(1)
        };
        assert_eq!(point.energy(), 3.5);
    }
}
