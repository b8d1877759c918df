//! Rules that rewrite a node while it is made.
//!
//! Each rule returns the better node, or nothing when it does not apply. [`algebra`] removes work,
//! [`stabilise`] keeps precision where the plain formula loses it (with a test of the
//! cancellation that each rule prevents), [`lines`] treats reductions and [`places`] what only
//! moves elements. [`facts`] proves signs.

mod algebra;
mod chains;
mod facts;
mod least_squares;
mod lines;
mod places;
mod stabilise;
mod whitened;

pub(crate) use algebra::{binary, scalar_factor, switch};
pub(crate) use facts::is_lower_triangular;
pub(crate) use lines::reduce;
pub(crate) use places::{gather, index_as_view, join, view};
pub(crate) use stabilise::log_sum_exp;

use crate::graph::{Graph, NodeId};
use crate::op::UnaryOp;

/// A better node than `op(x)`.
pub(crate) fn unary(g: &mut Graph, op: UnaryOp, x: NodeId) -> Option<NodeId> {
    stabilise::unary(g, op, x).or_else(|| algebra::unary(g, op, x))
}
