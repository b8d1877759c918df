//! Views, places, reductions, gathers, scatters and joins.

use crate::graph::{Graph, NodeId};
use crate::op::{Op, Reduction};
use crate::shape::{Shape, Strided, size};
use crate::simplify;

impl Graph {
    /// The elements of `x` that a view shows.
    pub(crate) fn view(&mut self, x: NodeId, view: Strided, shape: Shape) -> NodeId {
        let view = view.normal(&shape);
        let count = size(&shape);
        debug_assert!(
            count == 0 || !view.overlaps(&shape),
            "{view:?} of {shape:?} overlaps"
        );
        debug_assert!(
            view.fits(&shape, self.size(x)),
            "{view:?} of {shape:?} leaves {:?}",
            self.node(x)
        );
        if view.is_whole(&shape, self.size(x)) && self.shape(x) == shape {
            return x;
        }
        if count == 0 {
            return self.constant(Vec::new(), shape);
        }
        if let Some((base, outer)) = self.as_view(x)
            && let Some(both) = outer.compose(self.shape(x), &view, &shape)
        {
            return self.view(base, both, shape);
        }
        if let Some(better) = self.deeper(|g| simplify::view(g, x, &view, &shape)) {
            return better;
        }
        if self.data(x).is_some() && count <= self.size(x) {
            let base = self.data(x).expect("just seen").clone();
            let values = view.offsets(&shape).map(|at| base[at]).collect();
            return self.constant(values, shape);
        }
        self.intern(Op::View(view), vec![x], shape)
    }

    /// `x` broadcast to a shape that it must fit.
    pub(crate) fn broadcast_to(&mut self, x: NodeId, shape: &[usize]) -> NodeId {
        if self.shape(x) == shape {
            return x;
        }
        let view = Strided::broadcast(self.shape(x), shape);
        self.view(x, view, shape.to_vec())
    }

    /// The elements of `x` in order, in another shape of the same size.
    pub(crate) fn reshape(&mut self, x: NodeId, shape: &[usize]) -> NodeId {
        self.view(x, Strided::whole(shape), shape.to_vec())
    }

    /// The axes of `x` in another order.
    pub(crate) fn transpose(&mut self, x: NodeId, order: &[usize]) -> NodeId {
        let whole = Strided::whole(self.shape(x));
        let shape: Shape = order.iter().map(|&axis| self.shape(x)[axis]).collect();
        let strides = order.iter().map(|&axis| whole.strides[axis]).collect();
        self.view(x, Strided { offset: 0, strides }, shape)
    }

    /// Zeros of `shape` with `x` added at the places that `view` shows. The pullback of a view.
    pub(crate) fn place(&mut self, x: NodeId, view: Strided, shape: Shape) -> NodeId {
        let seen = self.shape(x).to_vec();
        let view = view.normal(&seen);
        if self.is_value(x, 0.0) || size(&seen) == 0 {
            return self.zeros(&shape);
        }
        if view.repeats(&seen) {
            // Axes that repeat add up first.
            let axes: Vec<usize> = (0..seen.len())
                .filter(|&k| view.strides[k] == 0 && seen[k] > 1)
                .collect();
            let strides = (0..seen.len())
                .filter(|k| !axes.contains(k))
                .map(|k| view.strides[k])
                .collect();
            let summed = self.reduce(Reduction::Sum, x, &axes);
            return self.place(
                summed,
                Strided {
                    offset: view.offset,
                    strides,
                },
                shape,
            );
        }
        if size(&seen) == size(&shape) {
            return self.unpermute(x, &view, shape);
        }
        if let Some((scale, rest)) = simplify::scalar_factor(self, x) {
            let placed = self.place(rest, view, shape);
            return self.mul(scale, placed);
        }
        self.make(Op::Place(view), vec![x], shape)
    }

    /// The array of which `x` is a permuted view.
    fn unpermute(&mut self, x: NodeId, view: &Strided, shape: Shape) -> NodeId {
        let seen = self.shape(x).to_vec();
        let negative = view.strides.iter().any(|&s| s < 0);
        if negative || view.offset != 0 {
            return self.make(Op::Place(view.clone()), vec![x], shape);
        }
        // Sort the axes of the view by stride: in that order the elements are those of the array.
        let mut order: Vec<usize> = (0..seen.len()).filter(|&k| seen[k] > 1).collect();
        order.sort_by_key(|&k| -view.strides[k]);
        order.extend((0..seen.len()).filter(|&k| seen[k] <= 1));
        let sorted = self.transpose(x, &order);
        self.reshape(sorted, &shape)
    }

    /// Zeros of a shape.
    pub(crate) fn zeros(&mut self, shape: &[usize]) -> NodeId {
        let zero = self.scalar(0.0);
        self.broadcast_to(zero, shape)
    }

    /// One number from each line of `x` along `axes`, which vanish.
    pub(crate) fn reduce(&mut self, how: Reduction, x: NodeId, axes: &[usize]) -> NodeId {
        if axes.is_empty() {
            return x;
        }
        let mut axes = axes.to_vec();
        axes.sort_unstable();
        let shape: Shape = (0..self.shape(x).len())
            .filter(|k| !axes.contains(k))
            .map(|k| self.shape(x)[k])
            .collect();
        if self.size(x) == 0 {
            let identity = self.scalar(how.identity());
            return self.broadcast_to(identity, &shape);
        }
        if axes.iter().all(|&k| self.shape(x)[k] == 1) {
            return self.reshape(x, &shape);
        }
        if let Some(better) = self.deeper(|g| simplify::reduce(g, how, x, &axes)) {
            debug_assert_eq!(self.shape(better), shape);
            return better;
        }
        self.make(Op::Reduce(how, axes), vec![x], shape)
    }

    /// The sum over all elements.
    pub(crate) fn sum_all(&mut self, x: NodeId) -> NodeId {
        let axes: Vec<usize> = (0..self.shape(x).len()).collect();
        self.reduce(Reduction::Sum, x, &axes)
    }

    /// `x` summed over the axes along which `shape` was broadcast. The pullback of broadcasting.
    pub(crate) fn sum_to(&mut self, x: NodeId, shape: &[usize]) -> NodeId {
        if self.shape(x) == shape {
            return x;
        }
        let full = self.shape(x).to_vec();
        let lead = full.len() - shape.len();
        let axes: Vec<usize> = (0..full.len())
            .filter(|&k| k < lead || (shape[k - lead] == 1 && full[k] != 1))
            .collect();
        let summed = self.reduce(Reduction::Sum, x, &axes);
        self.reshape(summed, shape)
    }

    /// Elements of `x` at known flat indices; the result has the shape of the indices.
    pub(crate) fn gather(&mut self, x: NodeId, index: NodeId) -> NodeId {
        debug_assert!(self.is_known(index));
        let shape = self.shape(index).to_vec();
        if size(&shape) == 0 {
            return self.constant(Vec::new(), shape);
        }
        if let Some(view) = simplify::index_as_view(self, index) {
            return self.view(x, view, shape);
        }
        if let Some(better) = self.deeper(|g| simplify::gather(g, x, index)) {
            return better;
        }
        self.make(Op::Gather, vec![x, index], shape)
    }

    /// Zeros of `shape` with the elements of `x` added at known flat indices.
    pub(crate) fn scatter(&mut self, x: NodeId, index: NodeId, shape: &[usize]) -> NodeId {
        debug_assert!(self.is_known(index));
        if self.is_value(x, 0.0) || self.size(x) == 0 {
            return self.zeros(shape);
        }
        let seen = self.shape(index).to_vec();
        if let Some(view) = simplify::index_as_view(self, index) {
            let x = self.broadcast_to(x, &seen);
            return self.place(x, view, shape.to_vec());
        }
        if let Some((scale, rest)) = simplify::scalar_factor(self, x) {
            let scattered = self.scatter(rest, index, shape);
            return self.mul(scale, scattered);
        }
        let x = self.broadcast_to(x, &seen);
        self.make(Op::Scatter, vec![x, index], shape.to_vec())
    }

    /// The parts one after the other along `axis`.
    pub(crate) fn join(&mut self, axis: usize, parts: &[NodeId]) -> NodeId {
        let all = parts;
        let parts: Vec<NodeId> = parts
            .iter()
            .copied()
            .filter(|&p| self.shape(p)[axis] != 0)
            .collect();
        match parts[..] {
            [] => return all[0],
            [only] => return only,
            _ => {}
        }
        let mut shape = self.shape(parts[0]).to_vec();
        shape[axis] = parts.iter().map(|&p| self.shape(p)[axis]).sum();
        if let Some(better) = simplify::join(self, axis, &parts, &shape) {
            return better;
        }
        self.make(Op::Join(axis), parts, shape)
    }

    /// Part `start..end` of `x` along an axis.
    pub(crate) fn slice_axis(
        &mut self,
        x: NodeId,
        axis: usize,
        start: usize,
        end: usize,
    ) -> NodeId {
        let mut view = Strided::whole(self.shape(x));
        let mut shape = self.shape(x).to_vec();
        view.offset = start * view.strides[axis].unsigned_abs();
        shape[axis] = end - start;
        self.view(x, view, shape)
    }
}
