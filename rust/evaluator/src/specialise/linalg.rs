//! Matrix operations by their names in PyTensor; leading axes are a batch.

use super::Call;
use crate::error::{EvaluatorError, Result};
use crate::graph::NodeId;
use crate::op::{Triangle, UnaryOp};

impl Call<'_> {
    /// The node of a matrix operation, if `name` is one.
    pub(super) fn linalg(&mut self, name: &str) -> Result<Option<NodeId>> {
        let out = match name {
            "Dot" => self.dot()?,
            "MatMul" => {
                let (a, b) = (self.input(0)?, self.input(1)?);
                self.product(a, b)?
            }
            "Cholesky" => self.cholesky()?,
            "SolveTriangular" => self.solve_triangular()?,
            "CholeskySolve" => self.cholesky_solve()?,
            "Solve" => self.solve()?,
            "Inverse" => {
                let x = self.input(0)?;
                self.g.inverse(x)
            }
            "EighValues" | "EighVectors" => self.eigen(name == "EighValues")?,
            "Expm" => {
                let x = self.square(0)?;
                self.g.exponential(x)
            }
            "BlockDiagonal" => self.block_diagonal()?,
            "Det" => {
                let x = self.input(0)?;
                let log = self.g.determinant(x, false);
                let sign = self.g.determinant(x, true);
                let size = self.g.unary(UnaryOp::Exp, log);
                self.g.mul(sign, size)
            }
            "SLogDetSign" | "SLogDetLog" => {
                let x = self.input(0)?;
                self.g.determinant(x, name == "SLogDetSign")
            }
            _ => return Ok(None),
        };
        Ok(Some(out))
    }

    /// Dot product of vectors and matrices.
    fn dot(&mut self) -> Result<NodeId> {
        let (a, b) = (self.input(0)?, self.input(1)?);
        let (sa, sb) = (self.g.shape(a).to_vec(), self.g.shape(b).to_vec());
        let mut out = Vec::new();
        let a = if let [n] = sa[..] {
            self.g.reshape(a, &[1, n])
        } else {
            out.push(sa[0]);
            a
        };
        let b = if let [n] = sb[..] {
            self.g.reshape(b, &[n, 1])
        } else {
            out.push(sb[1]);
            b
        };
        let product = self.product(a, b)?;
        Ok(self.g.reshape(product, &out))
    }

    fn product(&mut self, a: NodeId, b: NodeId) -> Result<NodeId> {
        let (sa, sb) = (self.g.shape(a), self.g.shape(b));
        if sa.len() < 2 || sb.len() < 2 || sa[sa.len() - 1] != sb[sb.len() - 2] {
            return Err(EvaluatorError::bind(format!(
                "no product of lengths {sa:?} and {sb:?}"
            )));
        }
        if crate::shape::broadcast(&sa[..sa.len() - 2], &sb[..sb.len() - 2]).is_none() {
            return Err(EvaluatorError::bind(format!(
                "no product of lengths {sa:?} and {sb:?}"
            )));
        }
        Ok(self.g.matmul(a, b, false, false))
    }

    /// Attribute 0: lower.
    fn cholesky(&mut self) -> Result<NodeId> {
        let x = self.square(0)?;
        if self.attribute(0)? == 1 {
            return Ok(self.g.cholesky(x));
        }
        let x = self.g.transpose_last(x);
        let lower = self.g.cholesky(x);
        Ok(self.g.transpose_last(lower))
    }

    /// Matrices one after the other along the diagonal, zeros elsewhere.
    fn block_diagonal(&mut self) -> Result<NodeId> {
        let parts = self.inputs_from(0)?;
        if parts.iter().any(|&part| self.g.shape(part).len() != 2) {
            return Err(EvaluatorError::unsupported("BlockDiagonal", "of a batch"));
        }
        let width: usize = parts.iter().map(|&part| self.g.shape(part)[1]).sum();
        let mut before = 0;
        let mut rows = Vec::with_capacity(parts.len());
        for &part in &parts {
            let [height, own] = [self.g.shape(part)[0], self.g.shape(part)[1]];
            let left = self.g.zeros(&[height, before]);
            let right = self.g.zeros(&[height, width - before - own]);
            rows.push(self.g.join(1, &[left, part, right]));
            before += own;
        }
        Ok(self.g.join(0, &rows))
    }

    /// Attribute 0: whether the lower triangle is read.
    fn eigen(&mut self, values: bool) -> Result<NodeId> {
        let mut x = self.square(0)?;
        if self.attribute(0)? != 1 {
            x = self.g.transpose_last(x);
        }
        let both = self.g.eigen(x);
        let mut shape = self.g.shape(x).to_vec();
        let (rank, n) = (shape.len(), shape[shape.len() - 1]);
        if !values {
            return Ok(self.g.slice_axis(both, rank - 2, 1, n + 1));
        }
        let row = self.g.slice_axis(both, rank - 2, 0, 1);
        shape.pop();
        Ok(self.g.reshape(row, &shape))
    }

    fn square(&self, k: usize) -> Result<NodeId> {
        let x = self.input(k)?;
        match self.g.shape(x) {
            [.., n, m] if n == m => Ok(x),
            shape => Err(EvaluatorError::bind(format!(
                "{} of lengths {shape:?}",
                self.name()
            ))),
        }
    }

    /// Right-hand sides as columns (attribute `k` says how many axes each has), and whether they
    /// were vectors.
    fn right_side(&mut self, k: usize) -> Result<(NodeId, bool)> {
        let b = self.input(1)?;
        if self.attribute(k)? == 1 {
            let mut shape = self.g.shape(b).to_vec();
            shape.push(1);
            return Ok((self.g.reshape(b, &shape), true));
        }
        Ok((b, false))
    }

    /// Solutions without the axis that was added to vectors.
    fn solution(&mut self, x: NodeId, vector: bool) -> NodeId {
        if !vector {
            return x;
        }
        let mut shape = self.g.shape(x).to_vec();
        shape.pop();
        self.g.reshape(x, &shape)
    }

    /// Attributes: lower, transposed, unit diagonal, axes of a right-hand side.
    fn solve_triangular(&mut self) -> Result<NodeId> {
        let triangle = Triangle {
            lower: self.attribute(0)? == 1,
            transposed: self.attribute(1)? == 1,
            unit_diagonal: self.attribute(2)? == 1,
        };
        let matrix = self.square(0)?;
        let (b, vector) = self.right_side(3)?;
        let x = self.g.solve(matrix, b, triangle);
        Ok(self.solution(x, vector))
    }

    /// Attributes: lower, axes of a right-hand side.
    fn cholesky_solve(&mut self) -> Result<NodeId> {
        let lower = self.attribute(0)? == 1;
        let factor = self.square(0)?;
        let (b, vector) = self.right_side(1)?;
        let x = self.two_solves(factor, b, lower);
        Ok(self.solution(x, vector))
    }

    fn two_solves(&mut self, factor: NodeId, b: NodeId, lower: bool) -> NodeId {
        let first = Triangle {
            lower,
            transposed: !lower,
            unit_diagonal: false,
        };
        let x = self.g.solve(factor, b, first);
        self.g.solve(
            factor,
            x,
            Triangle {
                transposed: lower,
                ..first
            },
        )
    }

    /// Attributes: whether the matrix is declared positive definite, axes of a right-hand side.
    fn solve(&mut self) -> Result<NodeId> {
        let matrix = self.square(0)?;
        let (b, vector) = self.right_side(1)?;
        let x = if self.attribute(0)? == 1 {
            let factor = self.g.cholesky(matrix);
            self.two_solves(factor, b, true)
        } else {
            let inverse = self.g.inverse(matrix);
            self.g.matmul(inverse, b, false, false)
        };
        Ok(self.solution(x, vector))
    }
}
