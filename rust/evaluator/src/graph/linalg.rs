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
        if let Some((scale, rest)) = simplify::scalar_factor(self, cotangent) {
            let back = self.cholesky_pullback(factor, rest);
            return self.mul(scale, back);
        }
        self.make(Op::CholeskyPullback, vec![factor, cotangent], shape)
    }

    /// The solution of triangular systems: `b` has the right-hand sides as columns.
    pub(crate) fn solve(&mut self, matrix: NodeId, b: NodeId, triangle: Triangle) -> NodeId {
        let (sm, sb) = (self.shape(matrix).to_vec(), self.shape(b).to_vec());
        let mut shape = broadcast(&sm[..sm.len() - 2], &sb[..sb.len() - 2])
            .expect("batches were checked to broadcast");
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
        let shape = self.shape(x).to_vec();
        self.make(Op::Inverse, vec![x], shape)
    }

    /// `log |det|` of square matrices, or the sign of the determinant.
    pub(crate) fn determinant(&mut self, x: NodeId, sign: bool) -> NodeId {
        let rank = self.shape(x).len();
        let shape = self.shape(x)[..rank - 2].to_vec();
        self.make(
            if sign { Op::DetSign } else { Op::LogAbsDet },
            vec![x],
            shape,
        )
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
