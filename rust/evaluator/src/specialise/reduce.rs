//! Reductions, running sums, softmax and orders along an axis.

use super::Call;
use crate::error::{EvaluatorError, Result};
use crate::graph::NodeId;
use crate::op::{Op, Reduction, UnaryOp};
use crate::simplify::log_sum_exp;

impl Call<'_> {
    /// The node of an operation along axes, if `name` is one.
    pub(super) fn reduce(&mut self, name: &str) -> Result<Option<NodeId>> {
        let out = match name {
            "Sum" => self.along_axes(Reduction::Sum)?,
            "Prod" => self.along_axes(Reduction::Product)?,
            "Max" => self.along_axes(Reduction::Max)?,
            "Min" => self.along_axes(Reduction::Min)?,
            "All" => self.truth_along_axes(Reduction::Min)?,
            "Any" => self.truth_along_axes(Reduction::Max)?,
            "Mean" => self.mean()?,
            "LogSumExp" => {
                let x = self.input(0)?;
                let axes = self.axes(x)?;
                log_sum_exp(self.g, x, &axes)
            }
            "CumSum" | "CumProd" => {
                let x = self.input(0)?;
                let axis = self.axis(0, self.g.shape(x).len())?;
                self.g.cumulate(x, name == "CumProd", axis, false)
            }
            "Softmax" | "LogSoftmax" => self.softmax(name == "LogSoftmax")?,
            "Argsort" | "Sort" | "Argmax" => self.order(name)?,
            _ => return Ok(None),
        };
        Ok(Some(self.rounded(out)))
    }

    /// The attributes as axes of `x`.
    fn axes(&self, x: NodeId) -> Result<Vec<usize>> {
        let rank = self.g.shape(x).len();
        (0..self.node.attributes.len())
            .map(|k| self.axis(k, rank))
            .collect()
    }

    fn along_axes(&mut self, how: Reduction) -> Result<NodeId> {
        let x = self.input(0)?;
        let axes = self.axes(x)?;
        Ok(self.g.reduce(how, x, &axes))
    }

    fn truth_along_axes(&mut self, how: Reduction) -> Result<NodeId> {
        let x = self.input(0)?;
        let axes = self.axes(x)?;
        let no = self.g.unary(UnaryOp::Not, x);
        let x = self.g.unary(UnaryOp::Not, no);
        if axes.iter().any(|&k| self.g.shape(x)[k] == 0) {
            let out = self.g.scalar(f64::from(how == Reduction::Min));
            let shape: Vec<usize> = (0..self.g.shape(x).len())
                .filter(|k| !axes.contains(k))
                .map(|k| self.g.shape(x)[k])
                .collect();
            return Ok(self.g.broadcast_to(out, &shape));
        }
        Ok(self.g.reduce(how, x, &axes))
    }

    fn mean(&mut self) -> Result<NodeId> {
        let x = self.input(0)?;
        let axes = self.axes(x)?;
        let count: usize = axes.iter().map(|&k| self.g.shape(x)[k]).product();
        let total = self.g.reduce(Reduction::Sum, x, &axes);
        let count = self.g.scalar(count as f64);
        Ok(self.g.div(total, count))
    }

    /// `x - logsumexp(x)` along the axes, or `exp` of it.
    fn softmax(&mut self, log: bool) -> Result<NodeId> {
        let x = self.input(0)?;
        let axes = self.axes(x)?;
        let total = log_sum_exp(self.g, x, &axes);
        let mut kept = self.g.shape(x).to_vec();
        for &axis in &axes {
            kept[axis] = 1;
        }
        let total = self.g.reshape(total, &kept);
        let out = self.g.sub(x, total);
        Ok(if log {
            out
        } else {
            self.g.unary(UnaryOp::Exp, out)
        })
    }

    /// Orders of the last axis; other axes are moved there.
    fn order(&mut self, name: &str) -> Result<NodeId> {
        let x = self.input(0)?;
        let rank = self.g.shape(x).len();
        if rank == 0 {
            return Ok(x);
        }
        let axis = self.axis(0, rank)?;
        if axis != rank - 1 {
            return Err(EvaluatorError::unsupported(
                name,
                "only along the last axis",
            ));
        }
        let mut shape = self.g.shape(x).to_vec();
        if name == "Argmax" {
            shape.pop();
            return Ok(self.g.make(Op::Argmax, vec![x], shape));
        }
        let order = self.g.make(Op::Argsort, vec![x], shape.clone());
        if name == "Argsort" {
            return Ok(order);
        }
        if rank != 1 {
            return Err(EvaluatorError::unsupported(name, "only of vectors"));
        }
        Ok(if self.g.is_known(order) {
            self.g.gather(x, order)
        } else {
            self.g.take(x, order)
        })
    }
}
