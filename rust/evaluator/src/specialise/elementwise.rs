//! Functions of single elements, by their names in PyTensor.

use super::Call;
use crate::error::Result;
use crate::graph::NodeId;
use crate::op::{BinaryOp, SingleOp, UnaryOp};
use crate::source::Dtype;

impl Call<'_> {
    /// The node of an elementwise operation, if `name` is one.
    pub(super) fn elementwise(&mut self, name: &str) -> Result<Option<NodeId>> {
        let out = if let Some(op) = unary_op(name) {
            let x = self.input(0)?;
            self.g.unary(op, x)
        } else if let Some(op) = chain_op(name) {
            self.chain(op)?
        } else if name == "Ive" {
            self.bessel()?
        } else if let Some(op) = single_op(name) {
            let parts = self.inputs_from(0)?;
            self.common_shape(&parts)?;
            self.g.single(op, &parts)
        } else if let Some(op) = binary_op(name) {
            let parts = [self.input(0)?, self.input(1)?];
            self.common_shape(&parts)?;
            self.g.binary(op, parts[0], parts[1])
        } else if let Some(out) = self.composed(name)? {
            out
        } else {
            return Ok(None);
        };
        self.check_repeated()?;
        Ok(Some(self.rounded(out)))
    }

    /// `a op b op c ..`
    fn chain(&mut self, op: BinaryOp) -> Result<NodeId> {
        let parts = self.inputs_from(0)?;
        let shape = self.common_shape(&parts)?;
        let mut out = parts[0];
        for &part in &parts[1..] {
            out = self.g.binary(op, out, part);
        }
        Ok(self.g.broadcast_to(out, &shape))
    }

    /// A scaled Bessel function; known whole orders have their own.
    fn bessel(&mut self) -> Result<NodeId> {
        let (order, x) = (self.input(0)?, self.input(1)?);
        let shape = self.common_shape(&[order, x])?;
        let known = self.g.known(order);
        if known.is_none_or(|orders| orders.iter().any(|n| n.fract() != 0.0)) {
            return Ok(self.g.single(SingleOp::Ive, &[order, x]));
        }
        let out = match self.g.scalar_value(order) {
            Some(0.0) => self.g.unary(UnaryOp::I0e, x),
            Some(1.0) => self.g.unary(UnaryOp::I1e, x),
            _ => self.g.binary(BinaryOp::Ive, order, x),
        };
        Ok(self.g.broadcast_to(out, &shape))
    }

    /// Operations that are a few of ours.
    fn composed(&mut self, name: &str) -> Result<Option<NodeId>> {
        let parts = self.inputs_from(0)?;
        let Some(&x) = parts.first() else {
            return Ok(None);
        };
        let out = match name {
            "Identity" | "Real" | "Conj" => x,
            "Second" => {
                let shape = self.common_shape(&parts)?;
                self.g.broadcast_to(parts[1], &shape)
            }
            "Cast" => self.cast(x),
            "Switch" => {
                self.common_shape(&parts)?;
                self.g.switch(parts[0], parts[1], parts[2])
            }
            "Clip" => {
                self.common_shape(&parts)?;
                let below = self.g.binary(BinaryOp::Lt, x, parts[1]);
                let above = self.g.binary(BinaryOp::Gt, x, parts[2]);
                let upper = self.g.switch(above, parts[2], x);
                self.g.switch(below, parts[1], upper)
            }
            "Exp2" => {
                let scaled = self.g.scale(x, std::f64::consts::LN_2);
                self.g.unary(UnaryOp::Exp, scaled)
            }
            "Gamma" => {
                // |gamma(x)|; negative arguments, where the sign varies, become NaN.
                let log = self.g.unary(UnaryOp::Lgamma, x);
                let value = self.g.unary(UnaryOp::Exp, log);
                let zero = self.g.scalar(0.0);
                let nan = self.g.scalar(f64::NAN);
                let negative = self.g.binary(BinaryOp::Lt, x, zero);
                self.g.switch(negative, nan, value)
            }
            "LogSumExpPair" => self.g.binary(BinaryOp::LogAddExp, parts[0], parts[1]),
            "Invert" if self.node.dtype == Dtype::Bool => self.g.unary(UnaryOp::Not, x),
            "Deg2Rad" => self.g.scale(x, std::f64::consts::PI / 180.0),
            "Rad2Deg" => self.g.scale(x, 180.0 / std::f64::consts::PI),
            _ => return Ok(None),
        };
        Ok(Some(out))
    }

    fn cast(&mut self, x: NodeId) -> NodeId {
        match self.node.dtype {
            Dtype::Float64 | Dtype::Float32 => x,
            Dtype::Int64 => self.g.unary(UnaryOp::Trunc, x),
            Dtype::Bool => {
                let no = self.g.unary(UnaryOp::Not, x);
                self.g.unary(UnaryOp::Not, no)
            }
        }
    }
}

fn unary_op(name: &str) -> Option<UnaryOp> {
    Some(match name {
        "Neg" => UnaryOp::Neg,
        "Abs" => UnaryOp::Abs,
        "Sign" => UnaryOp::Sign,
        "Ceil" => UnaryOp::Ceil,
        "Floor" => UnaryOp::Floor,
        "Trunc" => UnaryOp::Trunc,
        "RoundHalfToEven" => UnaryOp::RoundHalfEven,
        "RoundHalfAwayFromZero" => UnaryOp::RoundHalfAway,
        "Sqr" => UnaryOp::Sqr,
        "Sqrt" => UnaryOp::Sqrt,
        "Reciprocal" => UnaryOp::Reciprocal,
        "Exp" => UnaryOp::Exp,
        "Expm1" => UnaryOp::Expm1,
        "Log" => UnaryOp::Log,
        "Log1p" => UnaryOp::Log1p,
        "Log2" => UnaryOp::Log2,
        "Log10" => UnaryOp::Log10,
        "Log1mexp" => UnaryOp::Log1mExp,
        "Softplus" => UnaryOp::Softplus,
        "Sigmoid" => UnaryOp::Sigmoid,
        "Sin" => UnaryOp::Sin,
        "Cos" => UnaryOp::Cos,
        "Tan" => UnaryOp::Tan,
        "ArcSin" => UnaryOp::Asin,
        "ArcCos" => UnaryOp::Acos,
        "ArcTan" => UnaryOp::Atan,
        "Sinh" => UnaryOp::Sinh,
        "Cosh" => UnaryOp::Cosh,
        "Tanh" => UnaryOp::Tanh,
        "ArcSinh" => UnaryOp::Asinh,
        "ArcCosh" => UnaryOp::Acosh,
        "ArcTanh" => UnaryOp::Atanh,
        "GammaLn" => UnaryOp::Lgamma,
        "Psi" => UnaryOp::Digamma,
        "TriGamma" => UnaryOp::Trigamma,
        "Erf" => UnaryOp::Erf,
        "Erfc" => UnaryOp::Erfc,
        "Erfcx" => UnaryOp::Erfcx,
        "I0" => UnaryOp::I0,
        "I1" => UnaryOp::I1,
        "I0e" => UnaryOp::I0e,
        "I1e" => UnaryOp::I1e,
        "IsNan" => UnaryOp::IsNan,
        "IsInf" => UnaryOp::IsInf,
        _ => return None,
    })
}

/// Operations that take any number of inputs.
fn chain_op(name: &str) -> Option<BinaryOp> {
    Some(match name {
        "Add" => BinaryOp::Add,
        "Mul" => BinaryOp::Mul,
        "AND" => BinaryOp::And,
        "OR" => BinaryOp::Or,
        "XOR" => BinaryOp::Xor,
        "Maximum" => BinaryOp::Max,
        "Minimum" => BinaryOp::Min,
        _ => return None,
    })
}

fn binary_op(name: &str) -> Option<BinaryOp> {
    Some(match name {
        "Sub" => BinaryOp::Sub,
        "TrueDiv" => BinaryOp::Div,
        "IntDiv" => BinaryOp::FloorDiv,
        "Mod" => BinaryOp::Mod,
        "Pow" => BinaryOp::Pow,
        "ArcTan2" => BinaryOp::Atan2,
        "GammaInc" => BinaryOp::GammaInc,
        "GammaIncC" => BinaryOp::GammaIncC,
        "LT" => BinaryOp::Lt,
        "LE" => BinaryOp::Le,
        "GT" => BinaryOp::Gt,
        "GE" => BinaryOp::Ge,
        "EQ" => BinaryOp::Eq,
        "NEQ" => BinaryOp::Ne,
        _ => return None,
    })
}

fn single_op(name: &str) -> Option<SingleOp> {
    Some(match name {
        "BetaInc" => SingleOp::BetaInc,
        "BetaIncInv" => SingleOp::BetaIncInv,
        "GammaIncInv" => SingleOp::GammaIncInv,
        "GammaIncCInv" => SingleOp::GammaIncCInv,
        "Erfinv" => SingleOp::ErfInv,
        "Erfcinv" => SingleOp::ErfcInv,
        "NdtriExp" => SingleOp::NdtriExp,
        "Owens_t" => SingleOp::OwensT,
        "PolyGamma" => SingleOp::PolyGamma,
        "Kve" => SingleOp::Kve,
        _ => return None,
    })
}
