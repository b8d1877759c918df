//! Matrix operations on the last two axes; leading axes are a batch and broadcast.

use crate::graph::{Graph, NodeId};
use crate::op::{Op, Triangle};
use crate::shape::{Strided, broadcast, contiguous};
use crate::simplify;

impl Graph {
    /// Matrix product, with either matrix transposed first.
    pub(crate) fn matmul(&mut self, a: NodeId, b: NodeId, ta: bool, tb: bool) -> NodeId {
        let (a, ta) = self.below_transpose(a, ta);
        let (b, tb) = self.below_transpose(b, tb);
        for (x, other, first) in [(a, b, true), (b, a, false)] {
            if let Some((scale, rest)) = simplify::scalar_factor(self, x) {
                let product = if first {
                    self.matmul(rest, other, ta, tb)
                } else {
                    self.matmul(other, rest, ta, tb)
                };
                return self.mul(scale, product);
            }
        }
        let (sa, sb) = (self.shape(a).to_vec(), self.shape(b).to_vec());
        if let Some(out) = self.flat_product(a, b, ta, tb) {
            return out;
        }
        let (batch_a, batch_b) = (&sa[..sa.len() - 2], &sb[..sb.len() - 2]);
        let mut shape = broadcast(batch_a, batch_b).expect("batches were checked to broadcast");
        shape.push(sa[sa.len() - if ta { 1 } else { 2 }]);
        shape.push(sb[sb.len() - if tb { 2 } else { 1 }]);
        if self.is_value(a, 0.0) || self.is_value(b, 0.0) {
            return self.zeros(&shape);
        }
        if let [m, n] = shape[..] {
            let inner = self.size(a) / m.max(1);
            if let Some(out) = self.thin_product(a, b, ta, tb, (m, inner, n)) {
                return self.reshape(out, &shape);
            }
        }
        self.make(Op::MatMul(ta, tb), vec![a, b], shape)
    }

    /// A product of batches of which one is a single matrix, as one product of two matrices.
    fn flat_product(&mut self, a: NodeId, b: NodeId, ta: bool, tb: bool) -> Option<NodeId> {
        let (sa, sb) = (self.shape(a).to_vec(), self.shape(b).to_vec());
        if sa.len() == 2 && sb.len() == 2 {
            return None;
        }
        let batch = broadcast(&sa[..sa.len() - 2], &sb[..sb.len() - 2])?;
        let (single_a, single_b) = (is_single(&sa), is_single(&sb));
        let mut shape = batch.clone();
        shape.push(sa[sa.len() - if ta { 1 } else { 2 }]);
        shape.push(sb[sb.len() - if tb { 2 } else { 1 }]);
        if single_b && (!ta || single_a) {
            // The rows of all matrices one below the other.
            let rows = self.size(a) / sa[sa.len() - 1].max(1);
            let a = self.reshape(a, &[rows, sa[sa.len() - 1]]);
            let b = self.reshape(b, &sb[sb.len() - 2..]);
            let out = self.matmul(a, b, ta, tb);
            return Some(self.reshape(out, &shape));
        }
        if single_a && batch.iter().product::<usize>() == self.size(b) / last_two(&sb).max(1) {
            // The columns of all matrices side by side.
            let b = if tb { self.transpose_last(b) } else { b };
            let columns = self.side_by_side(b);
            let a = self.reshape(a, &sa[sa.len() - 2..]);
            let out = self.matmul(a, columns, ta, false);
            return Some(self.apart(out, &shape));
        }
        None
    }

    /// The columns of a batch of matrices as those of one matrix.
    fn side_by_side(&mut self, x: NodeId) -> NodeId {
        let shape = self.shape(x).to_vec();
        let rank = shape.len();
        let mut order: Vec<usize> = vec![rank - 2];
        order.extend(0..rank - 2);
        order.push(rank - 1);
        let moved = self.transpose(x, &order);
        let rows = shape[rank - 2];
        self.reshape(moved, &[rows, self.size(x) / rows.max(1)])
    }

    /// The batch of matrices of which `x` holds the columns side by side.
    fn apart(&mut self, x: NodeId, shape: &[usize]) -> NodeId {
        let rank = shape.len();
        let mut lifted = vec![shape[rank - 2]];
        lifted.extend_from_slice(&shape[..rank - 2]);
        lifted.push(shape[rank - 1]);
        let lifted = self.reshape(x, &lifted);
        let mut order: Vec<usize> = (1..rank - 1).collect();
        order.push(0);
        order.push(rank - 1);
        self.transpose(lifted, &order)
    }

    /// Applies an operation to the only matrix of a batch.
    fn without_batch(
        &mut self,
        x: NodeId,
        result_rank: usize,
        apply: impl FnOnce(&mut Self, NodeId) -> NodeId,
    ) -> Option<NodeId> {
        let shape = self.shape(x).to_vec();
        let rank = shape.len();
        if rank == 2 || !is_single(&shape) {
            return None;
        }
        let matrix = self.reshape(x, &shape[rank - 2..]);
        let out = apply(self, matrix);
        Some(self.reshape(out, &shape[..rank - 2 + result_rank]))
    }

    /// A product in which a matrix is one row or one column: of a matrix and a vector, of two
    /// vectors, or all products of their elements.
    fn thin_product(
        &mut self,
        a: NodeId,
        b: NodeId,
        ta: bool,
        tb: bool,
        (m, inner, n): (usize, usize, usize),
    ) -> Option<NodeId> {
        if m * inner * n == 0 {
            return None;
        }
        if m == 1 && n == 1 {
            let (a, b) = (self.reshape(a, &[inner]), self.reshape(b, &[inner]));
            let product = self.mul(a, b);
            return Some(self.sum_all(product));
        }
        if inner == 1 {
            let (a, b) = (self.reshape(a, &[m, 1]), self.reshape(b, &[n]));
            return Some(self.mul(a, b));
        }
        if n == 1 {
            let x = self.reshape(b, &[inner]);
            return Some(self.matvec(a, x, ta));
        }
        if m == 1 {
            let x = self.reshape(a, &[inner]);
            return Some(self.matvec(b, x, !tb));
        }
        None
    }

    /// `A x`, or `A' x`.
    pub(crate) fn matvec(&mut self, a: NodeId, x: NodeId, transposed: bool) -> NodeId {
        let length = self.shape(a)[usize::from(transposed)];
        if self.is_value(x, 0.0) || self.is_value(a, 0.0) {
            return self.zeros(&[length]);
        }
        if let Some((scale, rest)) = simplify::scalar_factor(self, x) {
            let out = self.matvec(a, rest, transposed);
            return self.mul(scale, out);
        }
        self.make(Op::MatVec(transposed), vec![a, x], vec![length])
    }

    /// Undoes a transposition of the last two axes by flipping the flag.
    fn below_transpose(&self, x: NodeId, transposed: bool) -> (NodeId, bool) {
        let Some((base, view)) = self.as_view(x) else {
            return (x, transposed);
        };
        let shape = self.shape(x);
        let rank = shape.len();
        let mut flipped = shape.to_vec();
        flipped.swap(rank - 2, rank - 1);
        if self.shape(base) != flipped || view.offset != 0 {
            return (x, transposed);
        }
        let mut strides = contiguous(&flipped);
        strides.swap(rank - 2, rank - 1);
        let expected = Strided { offset: 0, strides }.normal(shape);
        if *view == expected {
            (base, !transposed)
        } else {
            (x, transposed)
        }
    }

    /// The last two axes swapped.
    pub(crate) fn transpose_last(&mut self, x: NodeId) -> NodeId {
        let rank = self.shape(x).len();
        let mut order: Vec<usize> = (0..rank).collect();
        order.swap(rank - 2, rank - 1);
        self.transpose(x, &order)
    }

    /// Lower Cholesky factors.
    pub(crate) fn cholesky(&mut self, x: NodeId) -> NodeId {
        if let Some(out) = self.without_batch(x, 2, Self::cholesky) {
            return out;
        }
        // The factor of L L' is L; multiplying out and factoring again would square the condition.
        if let (Op::MatMul(false, true), [a, b]) = (self.op(x), self.inputs(x))
            && a == b
            && simplify::is_lower_triangular(self, *a)
        {
            return *a;
        }
        let shape = self.shape(x).to_vec();
        self.make(Op::Cholesky, vec![x], shape)
    }

    /// The cotangent of the matrix from that of its Cholesky factor.
    pub(crate) fn cholesky_pullback(&mut self, factor: NodeId, cotangent: NodeId) -> NodeId {
        let shape = self.shape(factor).to_vec();
        if let Some(out) = self.without_batch(factor, 2, |g, factor| {
            let matrix = g.shape(factor).to_vec();
            let cotangent = g.reshape(cotangent, &matrix);
            g.cholesky_pullback(factor, cotangent)
        }) {
            return out;
        }
        if let Some((scale, rest)) = simplify::scalar_factor(self, cotangent) {
            let back = self.cholesky_pullback(factor, rest);
            return self.mul(scale, back);
        }
        self.make(Op::CholeskyPullback, vec![factor, cotangent], shape)
    }

    /// The cotangent of the matrix from that of the diagonal of its Cholesky factor.
    pub(crate) fn cholesky_diagonal_pullback(
        &mut self,
        factor: NodeId,
        diagonal: NodeId,
    ) -> NodeId {
        if let Some((scale, rest)) = simplify::scalar_factor(self, diagonal) {
            let length = [self.shape(factor)[0]];
            let rest = self.broadcast_to(rest, &length);
            let back = self.cholesky_diagonal_pullback(factor, rest);
            return self.mul(scale, back);
        }
        let shape = self.shape(factor).to_vec();
        self.make(Op::CholeskyDiagonalPullback, vec![factor, diagonal], shape)
    }

    /// The solution of triangular systems: `b` has the right-hand sides as columns.
    pub(crate) fn solve(&mut self, matrix: NodeId, b: NodeId, triangle: Triangle) -> NodeId {
        let (sm, sb) = (self.shape(matrix).to_vec(), self.shape(b).to_vec());
        let mut shape = broadcast(&sm[..sm.len() - 2], &sb[..sb.len() - 2])
            .expect("batches were checked to broadcast");
        if is_single(&sm) && (sm.len() > 2 || sb.len() > 2) {
            let matrix = self.reshape(matrix, &sm[sm.len() - 2..]);
            let columns = self.side_by_side(b);
            let out = self.solve(matrix, columns, triangle);
            shape.extend_from_slice(&sb[sb.len() - 2..]);
            return self.apart(out, &shape);
        }
        if let Some((scale, rest)) = simplify::scalar_factor(self, b) {
            let out = self.solve(matrix, rest, triangle);
            return self.mul(scale, out);
        }
        shape.extend_from_slice(&sb[sb.len() - 2..]);
        let b = if self.is_value(b, 0.0) {
            return self.zeros(&shape);
        } else {
            b
        };
        self.make(Op::Solve(triangle), vec![matrix, b], shape)
    }

    /// Inverses of square matrices.
    pub(crate) fn inverse(&mut self, x: NodeId) -> NodeId {
        if let Some(out) = self.without_batch(x, 2, Self::inverse) {
            return out;
        }
        let shape = self.shape(x).to_vec();
        self.make(Op::Inverse, vec![x], shape)
    }

    /// `log |det|` of square matrices, or the sign of the determinant.
    pub(crate) fn determinant(&mut self, x: NodeId, sign: bool) -> NodeId {
        if let Some(out) = self.without_batch(x, 0, |g, x| g.determinant(x, sign)) {
            return out;
        }
        let rank = self.shape(x).len();
        let shape = self.shape(x)[..rank - 2].to_vec();
        self.make(
            if sign { Op::DetSign } else { Op::LogAbsDet },
            vec![x],
            shape,
        )
    }

    /// Eigenvalues of symmetric matrices, rising, in a row above the eigenvectors.
    pub(crate) fn eigen(&mut self, x: NodeId) -> NodeId {
        let mut shape = self.shape(x).to_vec();
        let rows = shape.len() - 2;
        shape[rows] += 1;
        if self.size(x) == 0 {
            return self.zeros(&shape);
        }
        self.make(Op::Eigen, vec![x], shape)
    }

    /// Exponentials of square matrices.
    pub(crate) fn exponential(&mut self, x: NodeId) -> NodeId {
        let shape = self.shape(x).to_vec();
        self.make(Op::Exponential, vec![x], shape)
    }

    /// Running sums or products along an axis.
    pub(crate) fn cumulate(
        &mut self,
        x: NodeId,
        product: bool,
        axis: usize,
        reverse: bool,
    ) -> NodeId {
        let shape = self.shape(x).to_vec();
        if shape[axis] <= 1 || self.size(x) == 0 {
            return x;
        }
        self.make(
            Op::Cumulate {
                product,
                axis,
                reverse,
            },
            vec![x],
            shape,
        )
    }

    /// Rows of `x` (axis 0) at indices computed at run time.
    pub(crate) fn take(&mut self, x: NodeId, index: NodeId) -> NodeId {
        let mut shape = self.shape(index).to_vec();
        shape.extend_from_slice(&self.shape(x)[1..]);
        self.make(Op::Take, vec![x, index], shape)
    }

    /// Zeros of `shape` with the rows of `x` added at indices computed at run time.
    pub(crate) fn take_add(&mut self, x: NodeId, index: NodeId, shape: &[usize]) -> NodeId {
        self.make(Op::TakeAdd, vec![x, index], shape.to_vec())
    }
}

/// Number of elements of each matrix of a batch.
fn last_two(shape: &[usize]) -> usize {
    shape[shape.len() - 2..].iter().product()
}

/// Whether a batch is one matrix.
fn is_single(shape: &[usize]) -> bool {
    shape[..shape.len() - 2].iter().all(|&n| n == 1)
}
