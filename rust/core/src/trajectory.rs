//! Pieces of a trajectory: how they merge, and when they turn.

use crate::point::{PointId, PointPool};
use crate::vector::{dot_difference, log_add_exp};

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
    /// The proposal of the new piece is kept if `take_new`, else that of `self`.
    #[must_use]
    pub fn merge(
        self,
        new: Self,
        direction: Direction,
        take_new: bool,
        pool: &mut PointPool,
    ) -> Self {
        let (early, late) = in_time_order(self, new, direction);
        let (proposal, dropped) = if take_new {
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
            log_weight: log_add_exp(self.log_weight, new.log_weight),
            depth: self.depth + 1,
        }
    }

    /// Whether the union of `self` and a piece of equal depth grown from its end in `direction`
    /// makes a U-turn.
    ///
    /// It does if it turns from end to end, or between the like ends of its halves; the latter
    /// catches a trajectory that has gone round so far that its ends agree again.
    pub fn is_turning(&self, new: &Self, direction: Direction, pool: &PointPool) -> bool {
        let (early, late) = in_time_order(*self, *new, direction);
        turns(pool, early.first, late.last)
            || self.depth > 0
                && (turns(pool, early.first, late.first) || turns(pool, early.last, late.last))
    }
}

/// Whether the distance between two points shrinks at either of them (in whitened coordinates).
fn turns(pool: &PointPool, early: PointId, late: PointId) -> bool {
    let (early, late) = (pool.get(early), pool.get(late));
    let (at_early, at_late) = dot_difference(
        &early.whitened,
        &late.whitened,
        &early.velocity,
        &late.velocity,
    );
    at_early < 0.0 || at_late < 0.0
}

fn in_time_order(old: Subtree, new: Subtree, direction: Direction) -> (Subtree, Subtree) {
    match direction {
        Direction::Forward => (old, new),
        Direction::Backward => (new, old),
    }
}
