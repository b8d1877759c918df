//! Rules that remove work: neutral elements, signs, powers, factors moved to where they are small.

use super::chains;
use super::facts::{is_at_most_one, is_nonnegative, is_truth};
use super::stabilise;
use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, UnaryOp};

/// A better node than `op(x)`.
pub(super) fn unary(g: &mut Graph, op: UnaryOp, x: NodeId) -> Option<NodeId> {
    match op {
        UnaryOp::Neg => negation(g, x),
        UnaryOp::Abs => {
            if is_nonnegative(g, x) {
                return Some(x);
            }
            g.as_unary(x, UnaryOp::Neg)
                .map(|y| g.unary(UnaryOp::Abs, y))
        }
        UnaryOp::Sqr => square(g, x),
        UnaryOp::Sqrt => g
            .as_unary(x, UnaryOp::Sqr)
            .map(|y| g.unary(UnaryOp::Abs, y)),
        UnaryOp::Reciprocal => reciprocal(g, x),
        UnaryOp::Exp => g
            .as_unary(x, UnaryOp::Log)
            .filter(|&y| is_nonnegative(g, y)),
        UnaryOp::Cos | UnaryOp::Cosh => g.as_unary(x, UnaryOp::Neg).map(|y| g.unary(op, y)),
        UnaryOp::Not => g.as_unary(x, UnaryOp::Not).filter(|&y| is_truth(g, y)),
        UnaryOp::Floor | UnaryOp::Ceil | UnaryOp::Trunc | UnaryOp::RoundHalfEven
            if is_truth(g, x) =>
        {
            Some(x)
        }
        _ => None,
    }
}

fn negation(g: &mut Graph, x: NodeId) -> Option<NodeId> {
    if let Some(y) = g.as_unary(x, UnaryOp::Neg) {
        return Some(y);
    }
    if let Some((a, b)) = g.as_binary(x, BinaryOp::Sub) {
        return Some(g.sub(b, a));
    }
    if let Some((a, b)) = g.as_binary(x, BinaryOp::Mul)
        && let Some(c) = g.scalar_value(a)
    {
        return Some(g.scale(b, -c));
    }
    if *g.op(x) == Op::Switch {
        let &[condition, a, b] = g.inputs(x) else {
            return None;
        };
        if g.is_value(a, 0.0) || g.is_value(b, 0.0) {
            let (a, b) = (g.neg(a), g.neg(b));
            return Some(g.switch(condition, a, b));
        }
    }
    None
}

fn square(g: &mut Graph, x: NodeId) -> Option<NodeId> {
    if let Some(y) = g
        .as_unary(x, UnaryOp::Neg)
        .or_else(|| g.as_unary(x, UnaryOp::Abs))
    {
        return Some(g.unary(UnaryOp::Sqr, y));
    }
    if let Some(y) = g.as_unary(x, UnaryOp::Sqrt) {
        return is_nonnegative(g, y).then_some(y);
    }
    // A factor stays inside: its square may overflow where that of the product does not.
    None
}

fn reciprocal(g: &mut Graph, x: NodeId) -> Option<NodeId> {
    if let Some(y) = g.as_unary(x, UnaryOp::Reciprocal) {
        return Some(y);
    }
    if let Some(y) = g.as_unary(x, UnaryOp::Neg) {
        let inverse = g.unary(UnaryOp::Reciprocal, y);
        return Some(g.neg(inverse));
    }
    stabilise::reciprocal(g, x)
}

/// A better node than `op(a, b)`; of commuting operations `a` is the constant, if one is.
pub(crate) fn binary(g: &mut Graph, op: BinaryOp, a: NodeId, b: NodeId) -> Option<NodeId> {
    if g.is_known(a) && g.is_known(b) {
        return None;
    }
    match op {
        BinaryOp::Add => stabilise::add(g, a, b).or_else(|| add(g, a, b)),
        BinaryOp::Sub => stabilise::sub(g, a, b).or_else(|| sub(g, a, b)),
        BinaryOp::Mul => mul(g, a, b),
        BinaryOp::Div => div(g, a, b),
        BinaryOp::Pow => pow(g, a, b),
        BinaryOp::Max | BinaryOp::Min => (a == b).then_some(a),
        BinaryOp::And | BinaryOp::Or => logic(g, op, a, b),
        BinaryOp::Lt | BinaryOp::Le | BinaryOp::Gt | BinaryOp::Ge => compare(g, op, a, b),
        _ => None,
    }
}

fn add(g: &mut Graph, a: NodeId, b: NodeId) -> Option<NodeId> {
    if g.is_value(a, 0.0) {
        return same_size(g, b, a);
    }
    if a == b {
        return Some(g.scale(a, 2.0));
    }
    if let Some(y) = g.as_unary(b, UnaryOp::Neg) {
        return Some(g.sub(a, y));
    }
    if let Some(y) = g.as_unary(a, UnaryOp::Neg) {
        return Some(g.sub(b, y));
    }
    chains::sum(g, a, b, true)
        .or_else(|| small_first(g, BinaryOp::Add, a, b))
        .or_else(|| small_first(g, BinaryOp::Add, b, a))
}

fn sub(g: &mut Graph, a: NodeId, b: NodeId) -> Option<NodeId> {
    if g.is_value(b, 0.0) {
        return same_size(g, a, b);
    }
    if g.is_value(a, 0.0) {
        let out = g.neg(b);
        return same_size(g, out, a);
    }
    if let Some(c) = g.scalar_value(b) {
        return Some(g.shift(a, -c));
    }
    if let Some(y) = g.as_unary(b, UnaryOp::Neg) {
        return Some(g.add(a, y));
    }
    if let Some(y) = g.as_unary(a, UnaryOp::Neg) {
        let sum = g.add(y, b);
        return Some(g.neg(sum));
    }
    chains::sum(g, a, b, false)
}

fn mul(g: &mut Graph, a: NodeId, b: NodeId) -> Option<NodeId> {
    if let Some(c) = g.scalar_value(a) {
        if c == 0.0 {
            // As PyTensor has it: nothing times anything is nothing.
            let shape = crate::shape::broadcast(g.shape(a), g.shape(b))?;
            return Some(g.zeros(&shape));
        }
        if g.shape(a).is_empty() && c == 1.0 {
            return Some(b);
        }
        if g.shape(a).is_empty() && c == -1.0 {
            return Some(g.neg(b));
        }
        if let Some(y) = g.as_unary(b, UnaryOp::Neg) {
            return Some(g.scale(y, -c));
        }
    }
    if a == b {
        return Some(g.unary(UnaryOp::Sqr, a));
    }
    for (x, y) in [(a, b), (b, a)] {
        if let Some(inner) = g.as_unary(x, UnaryOp::Neg) {
            let product = g.mul(inner, y);
            return Some(g.neg(product));
        }
    }
    if let Some(out) =
        into_switch(g, BinaryOp::Mul, a, b).or_else(|| into_switch(g, BinaryOp::Mul, b, a))
    {
        return Some(out);
    }
    chains::product(g, a, b, true)
        .or_else(|| small_first(g, BinaryOp::Mul, a, b))
        .or_else(|| small_first(g, BinaryOp::Mul, b, a))
}

/// `switch(c, x * y, 0)` for `switch(c, x, 0) * y`, and the same for ratios and the other side:
/// where a branch was not taken, an infinite slope of it must not make NaN of its zero.
fn into_switch(g: &mut Graph, op: BinaryOp, chosen: NodeId, y: NodeId) -> Option<NodeId> {
    if *g.op(chosen) != Op::Switch {
        return None;
    }
    let &[condition, a, b] = g.inputs(chosen) else {
        return None;
    };
    let is_mask = |g: &Graph, x: NodeId| g.is_value(x, 1.0) && !g.is_known(condition);
    if g.is_value(b, 0.0) && !is_mask(g, a) {
        let inner = g.binary(op, a, y);
        let zero = g.scalar(0.0);
        Some(g.switch(condition, inner, zero))
    } else if g.is_value(a, 0.0) && !is_mask(g, b) {
        let inner = g.binary(op, b, y);
        let zero = g.scalar(0.0);
        Some(g.switch(condition, zero, inner))
    } else {
        None
    }
}

/// Moves small operands of a chain of sums or of products together: `s + (t + v)` becomes
/// `(s + t) + v`, and `w + (t + v)` becomes `t + (w + v)`, for `s`, `t` smaller than the result.
fn small_first(g: &mut Graph, op: BinaryOp, s: NodeId, chain: NodeId) -> Option<NodeId> {
    let (t, v) = g.as_binary(chain, op)?;
    let full = g.size(chain).max(g.size(s));
    if g.size(chain) < full {
        return None;
    }
    let constant = |g: &Graph, x: NodeId| g.scalar_value(x).is_some();
    let (t, v) = if g.size(v) < g.size(t) || (constant(g, v) && !constant(g, t)) {
        (v, t)
    } else {
        (t, v)
    };
    if op == BinaryOp::Mul && s == t {
        return None; // its square may overflow where the product does not
    }
    if constant(g, t) && constant(g, s) {
        let both = g.binary(op, s, t);
        return Some(g.binary(op, both, v));
    }
    if g.size(t) >= full {
        return (constant(g, t) && !constant(g, s)).then(|| {
            let inner = g.binary(op, s, v);
            g.binary(op, t, inner)
        });
    }
    if g.size(s) < full {
        let both = g.binary(op, s, t);
        if g.size(both) < full && g.size(v) == full {
            return Some(g.binary(op, both, v));
        }
        return None;
    }
    let inner = g.binary(op, s, v);
    Some(g.binary(op, t, inner))
}

fn div(g: &mut Graph, a: NodeId, b: NodeId) -> Option<NodeId> {
    if g.is_value(a, 0.0) {
        let shape = crate::shape::broadcast(g.shape(a), g.shape(b))?;
        return Some(g.zeros(&shape));
    }
    if let Some(out) = stabilise::div(g, a, b).or_else(|| into_switch(g, BinaryOp::Div, a, b)) {
        return Some(out);
    }
    if let Some(c) = g.scalar_value(b) {
        let inverse = 1.0 / c;
        if inverse.is_normal() || inverse == 0.0 && c.is_infinite() {
            return Some(g.scale(a, inverse));
        }
        return None;
    }
    if g.data(b)
        .is_some_and(|b| b.iter().all(|b| b.is_normal() && (1.0 / b).is_normal()))
    {
        let inverse = g.unary(UnaryOp::Reciprocal, b);
        return Some(g.mul(a, inverse));
    }
    if g.is_value(a, 1.0) {
        let out = g.unary(UnaryOp::Reciprocal, b);
        return same_size(g, out, a);
    }
    if let Some(y) = g.as_unary(b, UnaryOp::Reciprocal) {
        return Some(g.mul(a, y));
    }
    if let Some(out) = chains::product(g, a, b, false) {
        return Some(out);
    }
    let full = crate::shape::broadcast(g.shape(a), g.shape(b))?;
    let full = crate::shape::size(&full);
    if g.size(a) < full || g.size(b) < full {
        let inverse = g.unary(UnaryOp::Reciprocal, b);
        return Some(g.mul(a, inverse));
    }
    for (x, y, swap) in [(a, b, false), (b, a, true)] {
        if let Some(inner) = g.as_unary(x, UnaryOp::Neg) {
            let ratio = if swap {
                g.div(y, inner)
            } else {
                g.div(inner, y)
            };
            return Some(g.neg(ratio));
        }
    }
    // A small factor of either side moves out of the ratio.
    if let Some((s, v)) = small_factor(g, a) {
        let ratio = g.div(v, b);
        return Some(g.mul(s, ratio));
    }
    None
}

/// A factor of `x` with fewer elements than `x`, and the rest.
fn small_factor(g: &Graph, x: NodeId) -> Option<(NodeId, NodeId)> {
    let (a, b) = g.as_binary(x, BinaryOp::Mul)?;
    let full = g.size(x);
    if g.size(a) < full && g.size(b) == full {
        Some((a, b))
    } else if g.size(b) < full && g.size(a) == full {
        Some((b, a))
    } else {
        None
    }
}

/// A factor of `x` that is one number, and the rest. Linear operations move it out.
pub(crate) fn scalar_factor(g: &mut Graph, x: NodeId) -> Option<(NodeId, NodeId)> {
    if g.size(x) <= 1 {
        return None;
    }
    if let Some(y) = g.as_unary(x, UnaryOp::Neg) {
        return Some((g.scalar(-1.0), y));
    }
    let (s, v) = small_factor(g, x)?;
    (g.size(s) == 1).then(|| (g.reshape(s, &[]), v))
}

fn pow(g: &mut Graph, x: NodeId, exponent: NodeId) -> Option<NodeId> {
    let n = g.scalar_value(exponent)?;
    let sqr = |g: &mut Graph, x| g.unary(UnaryOp::Sqr, x);
    let out = if n == 0.0 {
        g.scalar(1.0)
    } else if n == 1.0 {
        x
    } else if n == 2.0 {
        sqr(g, x)
    } else if n == 3.0 {
        let y = sqr(g, x);
        g.mul(x, y)
    } else if n == 4.0 {
        let y = sqr(g, x);
        sqr(g, y)
    } else if n == 0.5 && is_nonnegative(g, x) {
        g.unary(UnaryOp::Sqrt, x)
    } else if n == -1.0 {
        g.unary(UnaryOp::Reciprocal, x)
    } else if n == -2.0 {
        let y = sqr(g, x);
        g.unary(UnaryOp::Reciprocal, y)
    } else if n == -0.5 && is_nonnegative(g, x) {
        let y = g.unary(UnaryOp::Sqrt, x);
        g.unary(UnaryOp::Reciprocal, y)
    } else {
        return None;
    };
    let full = crate::shape::broadcast(g.shape(x), g.shape(exponent))?;
    Some(g.broadcast_to(out, &full))
}

fn logic(g: &mut Graph, op: BinaryOp, a: NodeId, b: NodeId) -> Option<NodeId> {
    for (x, y) in [(a, b), (b, a)] {
        if let Some(value) = g.scalar_value(x) {
            let decides = (value == 0.0) == (op == BinaryOp::And);
            let shape = crate::shape::broadcast(g.shape(a), g.shape(b))?;
            if decides {
                let out = g.scalar(f64::from(value != 0.0));
                return Some(g.broadcast_to(out, &shape));
            }
            if is_truth(g, y) {
                return Some(g.broadcast_to(y, &shape));
            }
        }
    }
    (a == b && is_truth(g, a)).then_some(a)
}

/// Comparisons of something of known sign with 0 or 1.
fn compare(g: &mut Graph, op: BinaryOp, a: NodeId, b: NodeId) -> Option<NodeId> {
    let decided = if let Some(c) = g.scalar_value(b) {
        decide(g, op, a, c)
    } else if let Some(c) = g.scalar_value(a) {
        let mirrored = match op {
            BinaryOp::Lt => BinaryOp::Gt,
            BinaryOp::Le => BinaryOp::Ge,
            BinaryOp::Gt => BinaryOp::Lt,
            _ => BinaryOp::Le,
        };
        decide(g, mirrored, b, c)
    } else {
        None
    }?;
    let shape = crate::shape::broadcast(g.shape(a), g.shape(b))?;
    let out = g.scalar(f64::from(decided));
    Some(g.broadcast_to(out, &shape))
}

/// The truth of `x op c`, where it is the same for every `x` that is not NaN. Where `x` is NaN
/// the log density is not finite either way.
fn decide(g: &Graph, op: BinaryOp, x: NodeId, c: f64) -> Option<bool> {
    match op {
        BinaryOp::Ge if c <= 0.0 && is_nonnegative(g, x) => Some(true),
        BinaryOp::Gt if c < 0.0 && is_nonnegative(g, x) => Some(true),
        BinaryOp::Lt if c <= 0.0 && is_nonnegative(g, x) => Some(false),
        BinaryOp::Le if c < 0.0 && is_nonnegative(g, x) => Some(false),
        BinaryOp::Le if c >= 1.0 && is_at_most_one(g, x) => Some(true),
        BinaryOp::Gt if c >= 1.0 && is_at_most_one(g, x) => Some(false),
        _ => None,
    }
}

/// A better node than `switch(condition, a, b)`.
pub(crate) fn switch(g: &mut Graph, condition: NodeId, a: NodeId, b: NodeId) -> Option<NodeId> {
    let full = crate::shape::broadcast(g.shape(a), g.shape(b))
        .and_then(|both| crate::shape::broadcast(&both, g.shape(condition)))?;
    if let Some(out) = common_function(g, condition, a, b) {
        return Some(g.broadcast_to(out, &full));
    }
    if g.is_known(a) && is_zero_anyway(g, condition, a, b) {
        return Some(g.broadcast_to(b, &full));
    }
    let chosen = if let Some(value) = g.scalar_value(condition) {
        if value == 0.0 { b } else { a }
    } else if a == b {
        a
    } else if let Op::Unary(UnaryOp::Not) = g.op(condition) {
        let inner = g.inputs(condition)[0];
        return Some(g.switch(inner, b, a));
    } else if let (true, Some(shown)) = (*g.op(b) == Op::Switch, g.inputs(b).first()) {
        // The inner switch on the same condition is decided.
        if *shown != condition {
            return None;
        }
        let last = g.inputs(b)[2];
        return Some(g.switch(condition, a, last));
    } else {
        return None;
    };
    Some(g.broadcast_to(chosen, &full))
}

/// Whether both `a` and `x` are zero wherever `condition` holds: a known factor of `x` is, and the
/// other is finite. So it is with `switch(n == 0 & p == 0, 0, n * log(p))`, the logarithm being a
/// stable one.
fn is_zero_anyway(g: &Graph, condition: NodeId, a: NodeId, x: NodeId) -> bool {
    let x = g.as_unary(x, UnaryOp::Neg).unwrap_or(x);
    let Some((n, y)) = g.as_binary(x, BinaryOp::Mul) else {
        return false;
    };
    let is_finite = |y: NodeId| {
        let y = g.as_unary(y, UnaryOp::Neg).unwrap_or(y);
        matches!(g.op(y), Op::Unary(UnaryOp::Softplus))
    };
    let factor = if is_finite(y) { n } else { y };
    if !is_finite(y) && !is_finite(n) || !g.is_known(factor) {
        return false;
    }
    let parts = g
        .as_binary(condition, BinaryOp::And)
        .map_or([condition; 2], |(a, b)| [a, b]);
    parts.iter().any(|&mask| {
        g.is_known(mask) && is_zero_where(g, mask, factor) && is_zero_where(g, mask, a)
    })
}

/// Whether a known array, or number, is zero wherever a known mask of its shape is not.
fn is_zero_where(g: &Graph, mask: NodeId, x: NodeId) -> bool {
    g.is_value(x, 0.0)
        || g.shape(mask) == g.shape(x)
            && g.known(mask)
                .zip(g.known(x))
                .is_some_and(|(m, x)| m.iter().zip(&*x).all(|(&m, &x)| m == 0.0 || x == 0.0))
}

/// `f(switch(c, x, y))` for `switch(c, f(x), f(y))`, for functions with finite slopes; and `x` times a
/// known sign for a known choice between `x` and `-x`.
fn common_function(g: &mut Graph, condition: NodeId, a: NodeId, b: NodeId) -> Option<NodeId> {
    if let (Op::Unary(f), Op::Unary(h)) = (g.op(a), g.op(b)) {
        let f = *f;
        let smooth = matches!(
            f,
            UnaryOp::Neg | UnaryOp::Softplus | UnaryOp::Sigmoid | UnaryOp::Tanh
        );
        if f == *h && smooth {
            let (x, y) = (g.inputs(a)[0], g.inputs(b)[0]);
            let chosen = g.switch(condition, x, y);
            return Some(g.unary(f, chosen));
        }
    }
    let opposite = |g: &Graph, x: NodeId, y: NodeId| {
        let (ours, theirs) = (g.as_binary(x, BinaryOp::Sub), g.as_binary(y, BinaryOp::Sub));
        g.as_unary(x, UnaryOp::Neg) == Some(y)
            || ours.is_some_and(|(a, b)| theirs == Some((b, a)))
            || is_negated_product(g, x, y)
    };
    let (x, first) = if opposite(g, a, b) {
        (b, -1.0)
    } else if opposite(g, b, a) {
        (a, 1.0)
    } else {
        return None;
    };
    if !g.is_known(condition) {
        return None;
    }
    let (yes, no) = (g.scalar(first), g.scalar(-first));
    let sign = g.switch(condition, yes, no);
    Some(g.mul(sign, x))
}

/// Whether `x` and `y` are products of the same node with opposite numbers.
fn is_negated_product(g: &Graph, x: NodeId, y: NodeId) -> bool {
    match (g.as_binary(x, BinaryOp::Mul), g.as_binary(y, BinaryOp::Mul)) {
        (Some((a, u)), Some((b, v))) if u == v => g
            .scalar_value(a)
            .is_some_and(|a| g.scalar_value(b) == Some(-a)),
        _ => false,
    }
}

/// `x` broadcast to the shape that it has together with `other`.
fn same_size(g: &mut Graph, x: NodeId, other: NodeId) -> Option<NodeId> {
    let shape = crate::shape::broadcast(g.shape(x), g.shape(other))?;
    Some(g.broadcast_to(x, &shape))
}
