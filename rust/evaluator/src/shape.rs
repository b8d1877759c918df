//! Shapes, broadcasting and strided views of contiguous arrays.

/// Lengths of the axes of an array, outermost first.
pub(crate) type Shape = Vec<usize>;

/// Number of elements of an array of this shape.
pub(crate) fn size(shape: &[usize]) -> usize {
    shape.iter().product()
}

/// The shape that two shapes broadcast to, or nothing if they do not fit.
pub(crate) fn broadcast(a: &[usize], b: &[usize]) -> Option<Shape> {
    let (long, short) = if a.len() >= b.len() { (a, b) } else { (b, a) };
    let mut out = long.to_vec();
    let lead = long.len() - short.len();
    for (axis, &n) in short.iter().enumerate() {
        let m = &mut out[lead + axis];
        if *m == 1 {
            *m = n;
        } else if n != 1 && n != *m {
            return None;
        }
    }
    Some(out)
}

/// Strides, in elements, of a contiguous array.
pub(crate) fn contiguous(shape: &[usize]) -> Vec<isize> {
    let mut strides = vec![0; shape.len()];
    let mut step = 1isize;
    for (stride, &n) in strides.iter_mut().zip(shape).rev() {
        *stride = step;
        step *= n.max(1).cast_signed();
    }
    strides
}

/// Which elements of a contiguous array a view shows: axis `k` of the view steps by `strides[k]`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Strided {
    pub(crate) offset: usize,
    pub(crate) strides: Vec<isize>,
}

impl Strided {
    /// The view of a whole contiguous array.
    pub(crate) fn whole(shape: &[usize]) -> Self {
        Self {
            offset: 0,
            strides: contiguous(shape),
        }
    }

    /// The view of an array of shape `from` broadcast to `to` (which must fit).
    pub(crate) fn broadcast(from: &[usize], to: &[usize]) -> Self {
        let own = contiguous(from);
        let lead = to.len() - from.len();
        let strides = (0..to.len())
            .map(|axis| {
                if axis < lead || from[axis - lead] == 1 {
                    0
                } else {
                    own[axis - lead]
                }
            })
            .collect();
        Self { offset: 0, strides }
    }

    /// The same view with the strides that do not matter, of axes of length 1, set to 0.
    pub(crate) fn normal(mut self, shape: &[usize]) -> Self {
        for (stride, &n) in self.strides.iter_mut().zip(shape) {
            if n <= 1 {
                *stride = 0;
            }
        }
        self
    }

    /// Whether all that the view shows is inside an array with so many elements.
    pub(crate) fn fits(&self, shape: &[usize], base_size: usize) -> bool {
        if size(shape) == 0 {
            return true;
        }
        let (mut low, mut high) = (self.offset.cast_signed(), self.offset.cast_signed());
        for (&stride, &n) in self.strides.iter().zip(shape) {
            let reach = stride * (n.cast_signed() - 1);
            low += reach.min(0);
            high += reach.max(0);
        }
        low >= 0 && high < base_size.cast_signed()
    }

    /// Whether the view shows the elements of the array in order, each once.
    pub(crate) fn is_whole(&self, shape: &[usize], base_size: usize) -> bool {
        self.offset == 0 && size(shape) == base_size && self.is_contiguous(shape)
    }

    /// Whether consecutive elements of the view are neighbours in memory.
    pub(crate) fn is_contiguous(&self, shape: &[usize]) -> bool {
        let mut step = 1isize;
        for (&stride, &n) in self.strides.iter().zip(shape).rev() {
            if n != 1 && stride != step {
                return false;
            }
            step *= n.max(1).cast_signed();
        }
        true
    }

    /// Whether some element is shown more than once because an axis repeats it.
    pub(crate) fn repeats(&self, shape: &[usize]) -> bool {
        self.strides
            .iter()
            .zip(shape)
            .any(|(&stride, &n)| stride == 0 && n > 1)
    }

    /// Whether an element may be shown at two places that differ in an axis that moves.
    pub(crate) fn overlaps(&self, shape: &[usize]) -> bool {
        let mut moves: Vec<(usize, usize)> = self
            .strides
            .iter()
            .zip(shape)
            .filter(|&(&stride, &n)| stride != 0 && n > 1)
            .map(|(stride, &n)| (stride.unsigned_abs(), n))
            .collect();
        moves.sort_unstable();
        let mut reach = 0;
        for (stride, n) in moves {
            if stride <= reach {
                return true;
            }
            reach += stride * (n - 1);
        }
        false
    }

    /// The offset in the array of each element of the view, in order.
    pub(crate) fn offsets(&self, shape: &[usize]) -> Offsets {
        Offsets::new(self, shape)
    }

    /// The view that shows `inner` of what this view (of shape `shape`) shows, or nothing when
    /// that is no strided view.
    pub(crate) fn compose(
        &self,
        shape: &[usize],
        inner: &Self,
        inner_shape: &[usize],
    ) -> Option<Self> {
        if self.is_contiguous(shape) {
            return Some(Self {
                offset: self.offset + inner.offset,
                strides: inner.strides.clone(),
            });
        }
        let steps = contiguous(shape);
        let mut strides = Vec::with_capacity(inner.strides.len());
        let locate = |mut at: usize| -> isize {
            let mut offset = 0;
            for (axis, &step) in steps.iter().enumerate() {
                let step = step.unsigned_abs();
                offset += (at / step).cast_signed() * self.strides[axis];
                at %= step;
            }
            offset
        };
        for (axis, &stride) in inner.strides.iter().enumerate() {
            if stride == 0 || inner_shape[axis] <= 1 {
                strides.push(0);
                continue;
            }
            // The stride must be a multiple of one axis of ours and stay inside that axis.
            strides.push(
                match axis_step(shape, &steps, stride, inner_shape[axis], inner, inner_shape) {
                    Some((ours, times)) => self.strides[ours] * times,
                    None => return None,
                },
            );
        }
        let offset = self.offset.cast_signed() + locate(inner.offset);
        Some(Self {
            offset: offset.unsigned_abs(),
            strides,
        })
    }
}

/// The axis of an array of shape `shape` along which a step of `stride` elements moves, and by
/// how many; nothing if `count` such steps may leave that axis.
fn axis_step(
    shape: &[usize],
    steps: &[isize],
    stride: isize,
    count: usize,
    inner: &Strided,
    inner_shape: &[usize],
) -> Option<(usize, isize)> {
    let mut best = None;
    for (axis, &step) in steps.iter().enumerate() {
        if shape[axis] > 1 && stride % step == 0 {
            let times = stride / step;
            if (times.unsigned_abs()) * (count - 1) < shape[axis] {
                best = Some((axis, times));
                break;
            }
        }
    }
    let (axis, times) = best?;
    // All inner axes that move along this axis must together stay inside it.
    let step = steps[axis];
    let mut low = (inner.offset.cast_signed() / step) % shape[axis].cast_signed();
    let mut high = low;
    for (&other, &n) in inner.strides.iter().zip(inner_shape) {
        if n > 1 && other != 0 && other % step == 0 {
            let reach = other / step * (n.cast_signed() - 1);
            if (other / step).unsigned_abs() * (n - 1) < shape[axis] {
                low += reach.min(0);
                high += reach.max(0);
            }
        }
    }
    (low >= 0 && high < shape[axis].cast_signed()).then_some((axis, times))
}

/// Iterator over the offsets of a strided view.
pub(crate) struct Offsets {
    shape: Vec<usize>,
    strides: Vec<isize>,
    index: Vec<usize>,
    at: isize,
    left: usize,
}

impl Offsets {
    fn new(view: &Strided, shape: &[usize]) -> Self {
        Self {
            shape: shape.to_vec(),
            strides: view.strides.clone(),
            index: vec![0; shape.len()],
            at: view.offset.cast_signed(),
            left: size(shape),
        }
    }
}

impl Iterator for Offsets {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        if self.left == 0 {
            return None;
        }
        self.left -= 1;
        let here = self.at.unsigned_abs();
        for axis in (0..self.shape.len()).rev() {
            self.index[axis] += 1;
            self.at += self.strides[axis];
            if self.index[axis] < self.shape[axis] {
                break;
            }
            self.at -= self.strides[axis] * self.index[axis].cast_signed();
            self.index[axis] = 0;
        }
        Some(here)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        (self.left, Some(self.left))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shapes_broadcast_from_the_right() {
        assert_eq!(broadcast(&[4, 1], &[3]), Some(vec![4, 3]));
        assert_eq!(broadcast(&[], &[2]), Some(vec![2]));
        assert_eq!(broadcast(&[2], &[3]), None);
        assert_eq!(broadcast(&[0], &[1]), Some(vec![0]));
    }

    #[test]
    fn offsets_follow_the_strides() {
        let transposed = Strided {
            offset: 0,
            strides: vec![1, 3],
        };
        assert_eq!(
            transposed.offsets(&[3, 2]).collect::<Vec<_>>(),
            [0, 3, 1, 4, 2, 5]
        );
        let backwards = Strided {
            offset: 3,
            strides: vec![-1],
        };
        assert_eq!(backwards.offsets(&[4]).collect::<Vec<_>>(), [3, 2, 1, 0]);
    }

    #[test]
    fn windows_overlap_where_they_share_elements() {
        let windows = |step: isize| Strided {
            offset: 0,
            strides: vec![step, 1],
        };
        assert!(windows(1).overlaps(&[3, 2]) && windows(2).overlaps(&[3, 3]));
        assert!(!windows(2).overlaps(&[3, 2]) && !windows(0).overlaps(&[3, 2]));
    }

    #[test]
    fn views_of_views_are_views_where_strides_allow() {
        let transposed = Strided {
            offset: 0,
            strides: vec![1, 3],
        };
        // The second row of the transposed array.
        let row = Strided {
            offset: 2,
            strides: vec![1],
        };
        let both = transposed.compose(&[3, 2], &row, &[2]).unwrap();
        assert_eq!(both.offsets(&[2]).collect::<Vec<_>>(), [1, 4]);
        // The transposed array read in one line is no strided view.
        assert_eq!(
            transposed.compose(&[3, 2], &Strided::whole(&[6]), &[6]),
            None
        );
    }
}
