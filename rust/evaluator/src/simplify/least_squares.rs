//! Sums of squares of many rows that share few unknowns.
//!
//! The residuals of a normal likelihood are often linear in a few numbers for each group of rows:
//! an intercept, a slope. For such a group the vector of residuals is `k + A u` with known `k` and
//! `A`, and with the triangular factor of the matrix `[A k]`, which rotates rows and so keeps
//! lengths,
//!
//! `|k + A u|^2 = |q + R u|^2 + p^2`.
//!
//! The right side has as many rows as there are unknowns, however many observations there are,
//! and like the left one it takes no difference of sums of squares, so that no digits are lost.
//! The factor depends on the data alone and is computed when they are bound.

use crate::graph::{Graph, NodeId};
use crate::op::{BinaryOp, Op, UnaryOp};

/// Unknowns of a group at most.
const MAX_UNKNOWNS: usize = 6;
/// Rows that are worth the trouble, and how many more of them there must be than unknowns.
const MIN_ROWS: usize = 32;
const GAIN: usize = 2;
/// Data beyond this might overflow in a square.
const LARGE: f64 = 1e100;

/// The sum of the squares of `x`, from fewer rows.
pub(super) fn sum_of_squares(g: &mut Graph, x: NodeId) -> Option<NodeId> {
    if g.size(x) < MIN_ROWS || g.shape(x).len() != 1 || g.is_known(x) {
        return None;
    }
    let mut scales = Vec::new();
    let mut residual = x;
    let mut shared = Shared::default();
    while !shared.is_linear(g, residual) {
        let (scale, rest) = scale_of(g, residual)?;
        scales.push(scale);
        residual = rest;
        shared = Shared::default();
    }
    let rows = Rows::collect(g, residual, shared)?;
    let scale = rows.scale(g, &scales)?;
    rows.is_worth_it().then(|| rows.rotated(g, scale))
}

/// A factor that is one number, or one for each group.
fn scale_of(g: &Graph, x: NodeId) -> Option<(NodeId, NodeId)> {
    let (a, b) = g.as_binary(x, BinaryOp::Mul)?;
    let is_number = |x: NodeId| g.size(x) == 1;
    let is_gather = |x: NodeId| *g.op(x) == Op::Gather;
    if is_number(a) || is_gather(a) && !is_gather(b) {
        Some((a, b))
    } else {
        (is_number(b) || is_gather(b)).then_some((b, a))
    }
}

/// The indices of the groups that the rows belong to, if there are groups.
#[derive(Default)]
struct Shared {
    index: Option<NodeId>,
    unknowns: Vec<NodeId>,
}

impl Shared {
    /// Whether `x` is a sum of known multiples of numbers and of gathers at the same indices.
    fn is_linear(&mut self, g: &mut Graph, x: NodeId) -> bool {
        let x = g.narrow(x);
        if g.is_known(x) {
            return true;
        }
        if g.size(x) == 1 {
            return self.take(x);
        }
        let inputs = g.inputs(x).to_vec();
        match g.op(x) {
            Op::Unary(UnaryOp::Neg) => self.is_linear(g, inputs[0]),
            Op::Binary(BinaryOp::Add | BinaryOp::Sub) => {
                inputs.iter().all(|&y| self.is_linear(g, y))
            }
            Op::Binary(BinaryOp::Mul) => {
                inputs.iter().any(|&y| g.is_known(y))
                    && inputs.iter().all(|&y| self.is_linear(g, y))
            }
            Op::Gather => *self.index.get_or_insert(inputs[1]) == inputs[1] && self.take(inputs[0]),
            _ => false,
        }
    }

    fn take(&mut self, unknown: NodeId) -> bool {
        if !self.unknowns.contains(&unknown) {
            self.unknowns.push(unknown);
        }
        self.unknowns.len() <= MAX_UNKNOWNS
    }
}

/// The matrix `[A k]` by columns, and what its rows and columns stand for.
struct Rows {
    shared: Shared,
    columns: Vec<Vec<f64>>,
    groups: usize,
}

impl Rows {
    fn collect(g: &mut Graph, x: NodeId, shared: Shared) -> Option<Self> {
        let rows = g.size(x);
        let groups = match shared.index {
            None => 1,
            Some(_) => shared
                .unknowns
                .iter()
                .map(|&u| g.size(u))
                .max()
                .unwrap_or(1),
        };
        let mut all = Self {
            columns: vec![vec![0.0; rows]; shared.unknowns.len() + 1],
            shared,
            groups,
        };
        all.add(g, x, &vec![1.0; rows]);
        let fine = |x: &f64| x.abs() < LARGE;
        all.columns.iter().flatten().all(fine).then_some(all)
    }

    /// Adds `factor * x` to the columns.
    fn add(&mut self, g: &mut Graph, x: NodeId, factor: &[f64]) {
        let x = g.narrow(x);
        if let Some(known) = g.known(x) {
            let last = self.shared.unknowns.len();
            let known = known.iter().cycle();
            for ((to, f), k) in self.columns[last].iter_mut().zip(factor).zip(known) {
                *to += f * k;
            }
            return;
        }
        let inputs = g.inputs(x).to_vec();
        match g.op(x) {
            _ if g.size(x) == 1 => self.add_unknown(x, factor),
            Op::Gather => self.add_unknown(inputs[0], factor),
            Op::Unary(_) => self.add(g, inputs[0], &negative(factor)),
            Op::Binary(BinaryOp::Mul) => {
                let (known, other) = if g.is_known(inputs[0]) {
                    (inputs[0], inputs[1])
                } else {
                    (inputs[1], inputs[0])
                };
                let scaled: Vec<f64> = g.known(known).map_or_else(Vec::new, |known| {
                    factor
                        .iter()
                        .zip(known.iter().cycle())
                        .map(|(f, k)| f * k)
                        .collect()
                });
                self.add(g, other, &scaled);
            }
            op => {
                let second = if *op == Op::Binary(BinaryOp::Sub) {
                    negative(factor)
                } else {
                    factor.to_vec()
                };
                self.add(g, inputs[0], factor);
                self.add(g, inputs[1], &second);
            }
        }
    }

    fn add_unknown(&mut self, unknown: NodeId, factor: &[f64]) {
        let column = self.shared.unknowns.iter().position(|&u| u == unknown);
        if let Some(column) = column {
            for (to, f) in self.columns[column].iter_mut().zip(factor) {
                *to += f;
            }
        }
    }

    fn is_worth_it(&self) -> bool {
        let unknowns = self.shared.unknowns.len();
        self.columns[unknowns].len() >= GAIN * self.groups * (unknowns + 1)
    }

    /// The product of the scales, one number or one for each group; nothing if they belong to other
    /// groups.
    fn scale(&self, g: &mut Graph, scales: &[NodeId]) -> Option<Option<NodeId>> {
        let mut product = None;
        for &scale in scales {
            let own = match (g.op(scale), g.size(scale)) {
                (Op::Gather, 2..) => {
                    let (base, index) = (g.inputs(scale)[0], g.inputs(scale)[1]);
                    if self.shared.index != Some(index) {
                        return None;
                    }
                    base
                }
                _ => scale,
            };
            let own = self.for_groups(g, own)?;
            product = Some(match product {
                None => own,
                Some(others) => g.mul(others, own),
            });
        }
        Some(product)
    }

    /// An unknown as one number, or as a line of one for each group.
    fn for_groups(&self, g: &mut Graph, x: NodeId) -> Option<NodeId> {
        match g.size(x) {
            1 => Some(g.reshape(x, &[])),
            n if n == self.groups => Some(g.reshape(x, &[n])),
            _ => None,
        }
    }

    /// The sum of squares of the rotated rows.
    fn rotated(self, g: &mut Graph, scale: Option<NodeId>) -> NodeId {
        let unknowns = self.shared.unknowns.len();
        let factors = self.factors(g);
        let mut total = g.scalar(0.0);
        for row in 0..=unknowns {
            let entry = |g: &mut Graph, column: usize| {
                let width = unknowns + 1;
                let at = row * width + column;
                let values: Vec<f64> = factors.iter().map(|f| f[at]).collect();
                g.constant(values, vec![factors.len()])
            };
            let mut line = entry(g, unknowns);
            for column in row..unknowns {
                let unknown = self.for_groups(g, self.shared.unknowns[column]);
                let Some(unknown) = unknown else { continue };
                let factor = entry(g, column);
                let term = g.mul(factor, unknown);
                line = g.add(line, term);
            }
            if row == unknowns && scale.is_none_or(|s| g.size(s) == 1) {
                // What no unknown reaches is one number for all groups.
                let last = factors.iter().map(|f| f[f.len() - 1].powi(2)).sum::<f64>();
                line = g.scalar(last.sqrt());
            }
            if let Some(scale) = scale {
                line = g.mul(scale, line);
            }
            let squares = g.unary(UnaryOp::Sqr, line);
            let sum = g.sum_all(squares);
            total = g.add(total, sum);
        }
        total
    }

    /// The triangular factor of each group, by rows.
    fn factors(&self, g: &Graph) -> Vec<Vec<f64>> {
        let rows = self.columns[0].len();
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)] // checked when bound
        let group: Vec<usize> = match self.shared.index.and_then(|index| g.known(index)) {
            Some(index) => index.iter().map(|&at| at as usize).collect(),
            None => vec![0; rows],
        };
        let mut members: Vec<Vec<usize>> = vec![Vec::new(); self.groups];
        for (row, &at) in group.iter().enumerate() {
            members[at].push(row);
        }
        members
            .iter()
            .map(|rows| {
                let own = |column: &Vec<f64>| rows.iter().map(|&row| column[row]).collect();
                triangular(self.columns.iter().map(own).collect())
            })
            .collect()
    }
}

fn negative(x: &[f64]) -> Vec<f64> {
    x.iter().map(|x| -x).collect()
}

/// The triangular factor, by rows, of a matrix given by columns: Householder's reflections.
pub(super) fn triangular(mut columns: Vec<Vec<f64>>) -> Vec<f64> {
    let width = columns.len();
    let rows = columns[0].len();
    let mut out = vec![0.0; width * width];
    for k in 0..width.min(rows) {
        let (left, right) = columns.split_at_mut(k + 1);
        let v = &mut left[k][k..];
        let norm = v.iter().map(|x| x * x).sum::<f64>().sqrt();
        let diagonal = if v[0] > 0.0 { -norm } else { norm };
        v[0] -= diagonal;
        let length: f64 = v.iter().map(|x| x * x).sum();
        out[k * width + k] = diagonal;
        for (j, column) in right.iter_mut().enumerate() {
            let column = &mut column[k..];
            if length > 0.0 {
                let dot: f64 = v.iter().zip(&*column).map(|(a, b)| a * b).sum();
                let factor = 2.0 * dot / length;
                for (to, v) in column.iter_mut().zip(&*v) {
                    *to -= factor * v;
                }
            }
            out[k * width + k + 1 + j] = column[0];
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kernels::Isa;
    use crate::program::Program;

    /// Intercepts and slopes of three groups, one of them without rows, and one slope for all.
    #[test]
    fn lengths_are_kept() {
        let mut g = Graph::new(Isa::best());
        let rows = 60_u32;
        let index: Vec<f64> = (0..rows).map(|i| f64::from(i % 5 % 2 * 2)).collect();
        let x: Vec<f64> = (0..rows).map(|i| f64::from(i * i % 17) - 8.0).collect();
        let y: Vec<f64> = (0..rows).map(|i| 1e4 + f64::from(i * 7 % 13)).collect();
        let n = index.len();
        let u: Vec<NodeId> = [0, 3]
            .map(|at| g.intern(Op::Param(at), vec![], vec![3]))
            .into();
        let s = g.intern(Op::Param(6), vec![], vec![]);
        let places = g.constant(index.clone(), vec![n]);
        let known = [&x, &y].map(|v| g.constant(v.clone(), vec![n]));
        let (a, b) = (g.gather(u[0], places), g.gather(u[1], places));
        let slope = g.mul(b, known[0]);
        let mean = g.add(a, slope);
        let residual = g.sub(known[1], mean);
        let scaled = g.mul(s, residual);
        let squares = g.unary(UnaryOp::Sqr, scaled);
        let sum = g.sum_all(squares);
        let program = Program::compile(&g, &[sum]);
        assert!(!program.describe().contains("60"), "{}", program.describe());
        let position = [1e4, 3.0, 1e4 + 2.0, 0.5, 0.1, -0.25, 0.5];
        let mut out = [0.0];
        program.run(&mut program.workspace(), &position, &mut out);
        let direct: f64 = (0..n)
            .map(|i| {
                let group = if index[i] == 0.0 { 0 } else { 2 };
                (0.5 * (y[i] - (position[group] + position[3 + group] * x[i]))).powi(2)
            })
            .sum();
        assert!(
            (out[0] - direct).abs() < 1e-12 * direct,
            "{} {direct}",
            out[0]
        );
    }
}
