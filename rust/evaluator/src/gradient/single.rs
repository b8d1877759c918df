//! Pullbacks of the rare functions.

use std::f64::consts::{FRAC_1_SQRT_2, PI, TAU};

use super::Cotangents;
use crate::error::{EvaluatorError, Result};
use crate::graph::{Graph, NodeId};
use crate::op::{SingleOp, UnaryOp};

/// Gives each input its cotangent.
pub(super) fn rule(
    g: &mut Graph,
    op: SingleOp,
    inputs: &[NodeId],
    out: NodeId,
    c: NodeId,
    to: &mut Cotangents,
) -> Result<()> {
    for (k, &x) in inputs.iter().enumerate() {
        if to.wants(x) {
            let slope = slope(g, op, inputs, out, k)?;
            let back = g.mul(c, slope);
            to.give(g, x, back);
        }
    }
    Ok(())
}

/// The derivative of the result by input `k`.
fn slope(g: &mut Graph, op: SingleOp, inputs: &[NodeId], out: NodeId, k: usize) -> Result<NodeId> {
    Ok(match (op, k) {
        (SingleOp::BetaInc, 0) => g.single(SingleOp::BetaIncByA, inputs),
        (SingleOp::BetaInc, 1) => g.single(SingleOp::BetaIncByB, inputs),
        (SingleOp::BetaInc, _) => g.single(SingleOp::BetaIncByX, inputs),
        (SingleOp::BetaIncInv, 2) => {
            let density = g.single(SingleOp::BetaIncByX, &[inputs[0], inputs[1], out]);
            g.unary(UnaryOp::Reciprocal, density)
        }
        (SingleOp::GammaIncInv | SingleOp::GammaIncCInv, 1) => {
            gamma_quantile(g, inputs[0], out, op == SingleOp::GammaIncCInv)
        }
        (SingleOp::ErfInv, _) => normal_quantile(g, out, PI.sqrt() / 2.0, None, 1.0),
        (SingleOp::ErfcInv, _) => normal_quantile(g, out, -PI.sqrt() / 2.0, None, 1.0),
        (SingleOp::NdtriExp, _) => normal_quantile(g, out, TAU.sqrt(), Some(inputs[0]), 0.5),
        (SingleOp::OwensT, _) => owens_t(g, inputs, k),
        (SingleOp::PolyGamma, 1) => {
            let order = g.shift(inputs[0], 1.0);
            g.single(SingleOp::PolyGamma, &[order, inputs[1]])
        }
        (SingleOp::Ive | SingleOp::Kve, 1) => neighbours(g, op, inputs, out),
        _ => {
            return Err(EvaluatorError::unsupported(
                format!("{op:?}"),
                format!("its derivative by argument {} is not available", k + 1),
            ));
        }
    })
}

/// `scale * exp(y^2 * rate + log)`
fn normal_quantile(g: &mut Graph, y: NodeId, scale: f64, log: Option<NodeId>, rate: f64) -> NodeId {
    let square = g.unary(UnaryOp::Sqr, y);
    let mut exponent = g.scale(square, rate);
    if let Some(log) = log {
        exponent = g.add(exponent, log);
    }
    let size = g.unary(UnaryOp::Exp, exponent);
    g.scale(size, scale)
}

/// One over the density of the gamma distribution of shape `k` at its quantile `y`, or less that.
fn gamma_quantile(g: &mut Graph, k: NodeId, y: NodeId, upper: bool) -> NodeId {
    let log = g.unary(UnaryOp::Log, y);
    let power = g.shift(k, -1.0);
    let falling = g.mul(power, log);
    let norm = g.unary(UnaryOp::Lgamma, k);
    let exponent = g.add(y, norm);
    let exponent = g.sub(exponent, falling);
    let size = g.unary(UnaryOp::Exp, exponent);
    if upper { g.neg(size) } else { size }
}

fn owens_t(g: &mut Graph, inputs: &[NodeId], k: usize) -> NodeId {
    let (h, a) = (inputs[0], inputs[1]);
    let square = g.unary(UnaryOp::Sqr, h);
    let exponent = g.scale(square, -0.5);
    if k == 0 {
        let density = g.unary(UnaryOp::Exp, exponent);
        let product = g.mul(a, h);
        let scaled = g.scale(product, FRAC_1_SQRT_2);
        let part = g.unary(UnaryOp::Erf, scaled);
        let slope = g.mul(density, part);
        return g.scale(slope, -0.5 / TAU.sqrt());
    }
    let square = g.unary(UnaryOp::Sqr, a);
    let norm = g.shift(square, 1.0);
    let exponent = g.mul(exponent, norm);
    let density = g.unary(UnaryOp::Exp, exponent);
    let ratio = g.div(density, norm);
    g.scale(ratio, 1.0 / TAU)
}

/// Half the sum of the functions of neighbouring orders, less what the scale of the first kind falls;
/// of the second kind both have the other sign.
fn neighbours(g: &mut Graph, op: SingleOp, inputs: &[NodeId], out: NodeId) -> NodeId {
    let (order, x) = (inputs[0], inputs[1]);
    let [lower, upper] = [-1.0, 1.0].map(|by| {
        let order = g.shift(order, by);
        g.single(op, &[order, x])
    });
    let both = g.add(lower, upper);
    let mean = g.scale(both, 0.5);
    if op == SingleOp::Kve {
        return g.sub(out, mean);
    }
    let sign = g.unary(UnaryOp::Sign, x);
    let falling = g.mul(sign, out);
    g.sub(mean, falling)
}
