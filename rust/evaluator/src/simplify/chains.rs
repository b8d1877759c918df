//! Rules for chains of sums and differences, and of products and ratios: what occurs with both
//! signs cancels before rounding can keep a rest of it, and constants and known arrays meet.

use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, UnaryOp};

/// The most terms that are looked at.
const MAX_TERMS: usize = 24;

/// Two inverse operations and what undoes an operand: sums with differences, or products with
/// ratios.
#[derive(Clone, Copy)]
struct Kind {
    join: BinaryOp,
    part: BinaryOp,
    undo: UnaryOp,
    neutral: f64,
}

const SUMS: Kind = Kind {
    join: BinaryOp::Add,
    part: BinaryOp::Sub,
    undo: UnaryOp::Neg,
    neutral: 0.0,
};

const PRODUCTS: Kind = Kind {
    join: BinaryOp::Mul,
    part: BinaryOp::Div,
    undo: UnaryOp::Reciprocal,
    neutral: 1.0,
};

/// A shorter form of `a + b` or `a - b` (`plus` says which), if something in it cancels or two
/// constants meet.
pub(super) fn sum(g: &mut Graph, a: NodeId, b: NodeId, plus: bool) -> Option<NodeId> {
    chain(g, SUMS, a, b, plus)
}

/// A shorter form of `a * b` or `a / b` (`times` says which), if something in it cancels.
pub(super) fn product(g: &mut Graph, a: NodeId, b: NodeId, times: bool) -> Option<NodeId> {
    chain(g, PRODUCTS, a, b, times)
}

fn chain(g: &mut Graph, kind: Kind, a: NodeId, b: NodeId, plain: bool) -> Option<NodeId> {
    let shape = crate::shape::broadcast(g.shape(a), g.shape(b))?;
    let mut terms = Vec::new();
    collect(g, kind, a, true, &mut terms);
    collect(g, kind, b, plain, &mut terms);
    if terms.len() > MAX_TERMS {
        return None;
    }
    let mut changed = false;
    let mut left: Vec<(NodeId, bool)> = Vec::with_capacity(terms.len());
    for (term, sign) in terms {
        let opposite = left.iter().position(|&other| other == (term, !sign));
        match opposite {
            Some(at) if g.scalar_value(term).is_none() => {
                left.remove(at);
                changed = true;
            }
            _ => left.push((term, sign)),
        }
    }
    if kind.join == BinaryOp::Add {
        changed |= merge_constants(g, &mut left);
        changed |= merge_known(g, &mut left);
    }
    if !changed {
        return None;
    }
    let out = rebuild(g, kind, &left);
    Some(g.broadcast_to(out, &shape))
}

/// Lists the terms of a chain with their signs; repeated elements are seen through.
fn collect(g: &mut Graph, kind: Kind, x: NodeId, sign: bool, terms: &mut Vec<(NodeId, bool)>) {
    let x = g.narrow(x);
    if terms.len() > MAX_TERMS {
        return;
    }
    if let Some((a, b)) = g.as_binary(x, kind.join) {
        collect(g, kind, a, sign, terms);
        collect(g, kind, b, sign, terms);
    } else if let Some((a, b)) = g.as_binary(x, kind.part) {
        collect(g, kind, a, sign, terms);
        collect(g, kind, b, !sign, terms);
    } else if let Some(y) = g.as_unary(x, kind.undo) {
        collect(g, kind, y, !sign, terms);
    } else if let (BinaryOp::Add, Some(y)) = (kind.join, g.as_unary(x, UnaryOp::Expm1)) {
        // The one that was taken off may be put back on.
        let (power, one) = (g.unary(UnaryOp::Exp, y), g.scalar(1.0));
        terms.extend([(power, sign), (one, !sign)]);
    } else {
        terms.push((x, sign));
    }
}

/// Adds up the constants, if there are two or more.
fn merge_constants(g: &mut Graph, terms: &mut Vec<(NodeId, bool)>) -> bool {
    let number = |g: &Graph, x: NodeId| g.scalar_value(x).filter(|c| c.is_finite());
    let constants = terms.iter().filter(|t| number(g, t.0).is_some()).count();
    if constants < 2 {
        return false;
    }
    let mut total = 0.0;
    terms.retain(|&(x, sign)| {
        let Some(c) = number(g, x) else { return true };
        total += if sign { c } else { -c };
        false
    });
    if total != 0.0 {
        let total = g.scalar(total);
        terms.push((total, true));
    }
    true
}

/// Adds up known arrays with the same unknown factors: `x^2 s^2 - 2 x y s^2 + y^2 s^2` is `s^2` times one
/// known array, in which a distance of a point to itself is zero whatever `s`.
fn merge_known(g: &mut Graph, terms: &mut Vec<(NodeId, bool)>) -> bool {
    let found: Vec<Option<Scaled>> = terms.iter().map(|&(x, _)| scaled(g, x, 0)).collect();
    let same = |i: usize, j: usize| match (&found[i], &found[j]) {
        (Some(a), Some(b)) => !a.factors.is_empty() && a.factors == b.factors,
        _ => false,
    };
    let Some(first) = (0..terms.len()).find(|&i| (i + 1..terms.len()).any(|j| same(i, j))) else {
        return false;
    };
    let mut kept = Vec::with_capacity(terms.len());
    let mut total = g.scalar(0.0);
    for (k, &(x, sign)) in terms.iter().enumerate() {
        match &found[k] {
            Some(term) if k == first || same(first, k) => {
                let op = if sign { BinaryOp::Add } else { BinaryOp::Sub };
                total = g.binary(op, total, term.known);
            }
            _ => kept.push((x, sign)),
        }
    }
    if let Some(term) = &found[first] {
        // One factor after the other: the product of them may overflow.
        for &factor in &term.factors {
            total = g.mul(factor, total);
        }
    }
    kept.push((total, true));
    *terms = kept;
    true
}

/// A known array times unknown numbers.
struct Scaled {
    factors: Vec<NodeId>,
    known: NodeId,
}

/// Takes a product, square or sum of a known array and unknown numbers apart.
fn scaled(g: &mut Graph, x: NodeId, depth: u32) -> Option<Scaled> {
    const DEEPEST: u32 = 6;
    let x = g.narrow(x);
    if g.is_known(x) {
        return g.data(x).is_some().then_some(Scaled {
            factors: Vec::new(),
            known: x,
        });
    }
    if depth == DEEPEST {
        return None;
    }
    if let Some((base, view)) = g.as_view(x) {
        let (view, shape, full) = (view.clone(), g.shape(x).to_vec(), g.shape(base).to_vec());
        let mut term = scaled(g, base, depth + 1)?;
        let known = g.broadcast_to(term.known, &full);
        term.known = g.view(known, view, shape);
        return Some(term);
    }
    if let Some((a, b)) = g.as_binary(x, BinaryOp::Mul) {
        for (number, rest) in [(a, b), (b, a)] {
            if !g.shape(number).is_empty() {
                continue;
            }
            let mut term = scaled(g, rest, depth + 1)?;
            let constant = split_number(g, number, &mut term.factors);
            term.factors.sort_unstable();
            term.known = g.scale(term.known, constant);
            return Some(term);
        }
        let (left, right) = (scaled(g, a, depth + 1)?, scaled(g, b, depth + 1)?);
        let mut factors = [left.factors, right.factors].concat();
        factors.sort_unstable();
        let known = g.mul(left.known, right.known);
        return Some(Scaled { factors, known });
    } else if let Some(y) = g.as_unary(x, UnaryOp::Sqr) {
        let mut term = scaled(g, y, depth + 1)?;
        term.known = g.unary(UnaryOp::Sqr, term.known);
        term.factors = term.factors.iter().flat_map(|&f| [f, f]).collect();
        return Some(term);
    }
    None
}

/// Lists the unknown factors of a number; returns the product of the known ones.
fn split_number(g: &Graph, x: NodeId, factors: &mut Vec<NodeId>) -> f64 {
    if let Some(constant) = g.scalar_value(x) {
        return constant;
    }
    if let Some((a, b)) = g.as_binary(x, BinaryOp::Mul) {
        return split_number(g, a, factors) * split_number(g, b, factors);
    }
    match g.as_unary(x, UnaryOp::Sqr) {
        Some(root) => factors.extend([root; 2]),
        None => factors.push(x),
    }
    1.0
}

fn rebuild(g: &mut Graph, kind: Kind, terms: &[(NodeId, bool)]) -> NodeId {
    let mut out: Option<NodeId> = None;
    // Positive terms first, so that a chain does not begin by undoing.
    for positive in [true, false] {
        for &(x, sign) in terms {
            if sign != positive {
                continue;
            }
            out = Some(match (out, sign) {
                (None, true) => x,
                (None, false) => g.unary(kind.undo, x),
                (Some(sum), true) => g.binary(kind.join, sum, x),
                (Some(sum), false) => g.binary(kind.part, sum, x),
            });
        }
    }
    match out {
        Some(out) => out,
        None => g.scalar(kind.neutral),
    }
}
