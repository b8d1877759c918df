//! Pieces of a trajectory: how they merge, and when they turn.

use crate::point::{PointId, PointPool};
use crate::vector::{halves_turn, turns};

/// A piece of a trajectory: `2^depth` points in a row.
///
/// It holds its points in the pool once for each of its three fields.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Subtree {
    /// The point earliest in time.
    pub first: PointId,
    /// The point latest in time.
    pub last: PointId,
    /// The point drawn from the piece, with probability proportional to its weight.
    pub proposal: PointId,
    /// Log of the summed weights `exp(-energy error)`.
    pub log_weight: f64,
    /// Log 2 of the number of points.
    pub depth: usize,
}

/// How heavy a new piece is next to the old one.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Odds {
    /// Weight of the new piece by the weight of both.
    pub share: f64,
    /// Weight of the new piece by the weight of the old one, but at most 1.
    pub ratio: f64,
}

/// Which way in time a trajectory grows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Towards later times.
    Forward,
    /// Towards earlier times.
    Backward,
}

impl Subtree {
    /// The piece made of one point, which the caller holds once.
    pub fn leaf(pool: &mut PointPool, point: PointId, energy_error: f64) -> Self {
        Self {
            first: point,
            last: pool.share(point),
            proposal: pool.share(point),
            log_weight: -energy_error,
            depth: 0,
        }
    }

    /// The end that is outermost in `direction`.
    pub fn end(&self, direction: Direction) -> PointId {
        match direction {
            Direction::Forward => self.last,
            Direction::Backward => self.first,
        }
    }

    /// Joins `self` with a piece of equal depth that was grown from its end in `direction`.
    ///
    /// `choose` is told the odds of the new piece, and says whether its proposal is kept instead of
    /// that of `self`.
    #[must_use]
    pub fn merge(
        self,
        new: Self,
        direction: Direction,
        pool: &mut PointPool,
        choose: impl FnOnce(Odds) -> bool,
    ) -> Self {
        let (early, late) = in_time_order(self, new, direction);
        let (log_weight, odds) = add_weights(self.log_weight, new.log_weight);
        let (proposal, dropped) = if choose(odds) {
            (new.proposal, self.proposal)
        } else {
            (self.proposal, new.proposal)
        };
        pool.release(early.last);
        pool.release(late.first);
        pool.release(dropped);
        Self {
            first: early.first,
            last: late.last,
            proposal,
            log_weight,
            depth: self.depth + 1,
        }
    }

    /// Whether the union of `self` and a piece of equal depth grown from its end in `direction`
    /// makes a U-turn.
    ///
    /// It does if it turns from end to end, or between the like ends of its halves; the latter
    /// catches a trajectory that has gone round so far that its ends agree again.
    ///
    /// It turns between two points if the distance between them shrinks at either. The inner product
    /// of displacement and momentum, whose sign tells, does not depend on the coordinates: it is
    /// that of displacement and velocity where the metric is the identity.
    pub fn is_turning(&self, new: &Self, direction: Direction, pool: &PointPool) -> bool {
        let (early, late) = in_time_order(*self, *new, direction);
        let phase = |id| {
            let point = pool.get(id);
            (&point.position[..], &point.momentum[..])
        };
        if self.depth == 0 {
            return turns(phase(early.first), phase(late.last));
        }
        halves_turn([early.first, early.last, late.first, late.last].map(phase))
    }
}

/// Log of the sum of two weights, and the odds of the second one.
///
/// One exponential and one logarithm serve both: this is done once per leapfrog. Log weights are
/// not NaN, and not minus infinity.
fn add_weights(log_old: f64, log_new: f64) -> (f64, Odds) {
    let ratio = (-(log_new - log_old).abs()).exp();
    let is_heavier = log_new >= log_old;
    let odds = Odds {
        share: if is_heavier { 1.0 } else { ratio } / (1.0 + ratio),
        ratio: if is_heavier { 1.0 } else { ratio },
    };
    (log_old.max(log_new) + ratio.ln_1p(), odds)
}

fn in_time_order(old: Subtree, new: Subtree, direction: Direction) -> (Subtree, Subtree) {
    match direction {
        Direction::Forward => (old, new),
        Direction::Backward => (new, old),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn weights_are_added_as_written(old in -30.0..30.0, new in -30.0..30.0) {
            let (old_weight, new_weight) = (f64::exp(old), f64::exp(new));
            let (log_weight, odds) = add_weights(old, new);
            prop_assert!((log_weight - (old_weight + new_weight).ln()).abs() <= 1e-12);
            prop_assert!((odds.share - new_weight / (old_weight + new_weight)).abs() <= 1e-12);
            prop_assert!((odds.ratio - (new_weight / old_weight).min(1.0)).abs() <= 1e-12);
        }
    }

    #[test]
    fn weights_far_apart_do_not_overflow() {
        assert_eq!(
            add_weights(0.0, 1e19),
            (
                1e19,
                Odds {
                    share: 1.0,
                    ratio: 1.0
                }
            )
        );
        assert_eq!(
            add_weights(1e19, 0.0),
            (
                1e19,
                Odds {
                    share: 0.0,
                    ratio: 0.0
                }
            )
        );
    }

    /// A leaf at `x` with momentum `p`, in one dimension.
    fn leaf(pool: &mut PointPool, x: f64, p: f64) -> Subtree {
        let id = pool.take();
        pool.get_mut(id).position[0] = x;
        pool.get_mut(id).momentum[0] = p;
        Subtree::leaf(pool, id, 0.0)
    }

    #[test]
    fn pieces_turn_when_an_end_moves_back() {
        let mut pool = PointPool::new(1, 4);
        let (a, b) = (leaf(&mut pool, 0.0, 1.0), leaf(&mut pool, 1.0, 0.1));
        let (c, d) = (leaf(&mut pool, 0.9, -0.1), leaf(&mut pool, 0.5, -1.0));
        assert!(!a.is_turning(&b, Direction::Forward, &pool));
        assert!(!b.is_turning(&a, Direction::Backward, &pool));
        assert!(a.is_turning(&c, Direction::Forward, &pool));
        assert!(c.is_turning(&a, Direction::Backward, &pool));
        assert!(!c.is_turning(&d, Direction::Forward, &pool));
    }

    #[test]
    fn pieces_that_went_round_turn_between_like_ends() {
        let mut pool = PointPool::new(1, 4);
        // From end to end all is well, but between the first points of the halves it turned.
        let (a, b) = (leaf(&mut pool, 0.0, 1.0), leaf(&mut pool, 1.0, 1.0));
        let (c, d) = (leaf(&mut pool, 0.5, -1.0), leaf(&mut pool, 2.0, 1.0));
        let old = a.merge(b, Direction::Forward, &mut pool, |_| true);
        let new = c.merge(d, Direction::Forward, &mut pool, |_| false);
        assert!(old.is_turning(&new, Direction::Forward, &pool));
        assert_eq!((old.proposal, new.proposal), (b.proposal, c.proposal));
        assert_eq!((old.first, old.last, old.depth), (a.first, b.last, 1));
    }

    #[test]
    fn merged_pieces_hold_three_points_at_most() {
        let mut pool = PointPool::new(1, 8);
        let merge = |pool: &mut PointPool, a: Subtree, b: Subtree| {
            a.merge(b, Direction::Backward, pool, |_| false)
        };
        let leaves: Vec<Subtree> = (0..8).map(|_| leaf(&mut pool, 0.0, 0.0)).collect();
        let pairs: Vec<Subtree> = leaves
            .chunks(2)
            .map(|pair| merge(&mut pool, pair[0], pair[1]))
            .collect();
        let fours: Vec<Subtree> = pairs
            .chunks(2)
            .map(|pair| merge(&mut pool, pair[0], pair[1]))
            .collect();
        let whole = merge(&mut pool, fours[0], fours[1]);
        assert_eq!(pool.num_free(), 8 - 2);
        assert_eq!(
            (whole.depth, whole.first, whole.last),
            (3, leaves[7].first, leaves[0].last)
        );
    }
}
