//! Reductions, running sums, softmax and orders along an axis.

use super::Call;
use crate::error::Result;
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
                let mut x = self.input(0)?;
                if self.node.attributes.is_empty() {
                    let count = self.g.size(x);
                    x = self.g.reshape(x, &[count]);
                }
                let axis = if self.node.attributes.is_empty() {
                    0
                } else {
                    self.axis(0, self.g.shape(x).len())?
                };
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

    /// Orders along an axis, which is moved to the end and back.
    fn order(&mut self, name: &str) -> Result<NodeId> {
        let mut x = self.input(0)?;
        if self.node.attributes.is_empty() && !self.g.shape(x).is_empty() {
            let count = self.g.size(x);
            x = self.g.reshape(x, &[count]);
        }
        let rank = self.g.shape(x).len();
        if rank == 0 {
            return Ok(if name == "Sort" {
                x
            } else {
                self.g.scalar(0.0)
            });
        }
        let axis = if self.node.attributes.is_empty() {
            0
        } else {
            self.axis(0, rank)?
        };
        let mut moved: Vec<usize> = (0..rank).collect();
        moved.swap(axis, rank - 1);
        let x = self.g.transpose(x, &moved);
        let mut shape = self.g.shape(x).to_vec();
        if name == "Argmax" {
            shape.pop();
            let out = self.g.make(Op::Argmax, vec![x], shape);
            // The axis that went to the end is gone, the last one is in its place.
            return Ok(if axis + 1 == rank {
                out
            } else {
                let mut back: Vec<usize> = (0..rank - 1).collect();
                let last = back.remove(axis);
                back.push(last);
                self.g.transpose(out, &back)
            });
        }
        let order = self.g.make(Op::Argsort, vec![x], shape.clone());
        if name == "Argsort" {
            return Ok(self.g.transpose(order, &moved));
        }
        let sorted = self.along_last_axis(x, order, &shape);
        Ok(self.g.transpose(sorted, &moved))
    }

    /// Elements of each line of `x` in an order given for each line.
    fn along_last_axis(&mut self, x: NodeId, order: NodeId, shape: &[usize]) -> NodeId {
        let n = shape[shape.len() - 1];
        let lines = self.g.size(x) / n.max(1);
        let starts = (0..lines).map(|k| (k * n) as f64).collect();
        let mut beside = shape.to_vec();
        beside[shape.len() - 1] = 1;
        let starts = self.g.constant(starts, beside);
        let places = self.g.add(order, starts);
        let count = self.g.size(x);
        let flat = self.g.reshape(x, &[count]);
        if self.g.is_known(places) {
            self.g.gather(flat, places)
        } else {
            self.g.take(flat, places)
        }
    }
}
