//! Indices known to lie within a bound, gather and its reverse.

use std::ops::Range;

use crate::kernels::Isa;
use crate::kernels::lanes::{Kernel, Lanes};
use crate::kernels::map::Operand;
use crate::kernels::vector::Vector;

/// Places in a slice of at least `bound` elements.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Indices {
    places: Vec<u32>,
    bound: usize,
}

/// An index lies outside the slice it is meant for.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("index {index} at position {position} must lie in a dimension of length {bound}")]
pub struct IndexError {
    /// The index as given.
    pub index: i64,
    /// Where it was given.
    pub position: usize,
    /// Length of the dimension.
    pub bound: usize,
}

/// Part of some [`Indices`].
#[derive(Clone, Copy, Debug)]
pub struct IndicesRef<'a> {
    places: &'a [u32],
    bound: usize,
}

impl Indices {
    /// Checks indices against the length of the slice they are meant for. Negative ones count
    /// from its end.
    ///
    /// # Errors
    /// [`IndexError`] for the first that lies outside, or beyond 2^31.
    pub fn new(values: &[i64], bound: usize) -> Result<Self, IndexError> {
        let place = |(position, &index): (usize, &i64)| {
            let error = IndexError {
                index,
                position,
                bound,
            };
            let length = i64::try_from(bound).map_err(|_| error.clone())?;
            let wrapped = if index < 0 {
                index.checked_add(length)
            } else {
                Some(index)
            };
            let inside = wrapped
                .filter(|&i| (0..length).contains(&i))
                .ok_or(error.clone())?;
            i32::try_from(inside)
                .map(i32::cast_unsigned)
                .map_err(|_| error)
        };
        let places = values
            .iter()
            .enumerate()
            .map(place)
            .collect::<Result<_, _>>()?;
        Ok(Self { places, bound })
    }

    /// All of them.
    pub fn as_ref(&self) -> IndicesRef<'_> {
        IndicesRef {
            places: &self.places,
            bound: self.bound,
        }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }
}

impl<'a> IndicesRef<'a> {
    /// Those in a range of positions.
    ///
    /// # Panics
    /// Where the range is not within [`len`](Self::len).
    #[must_use]
    pub fn slice(self, range: Range<usize>) -> IndicesRef<'a> {
        IndicesRef {
            places: &self.places[range],
            bound: self.bound,
        }
    }

    /// How many.
    pub fn len(self) -> usize {
        self.places.len()
    }

    /// Whether there are none.
    pub fn is_empty(self) -> bool {
        self.places.is_empty()
    }

    /// The places themselves.
    pub fn places(self) -> &'a [u32] {
        self.places
    }
}

struct Gather<'a>(&'a [f64], &'a [u32], &'a mut [f64]);

impl Kernel for Gather<'_> {
    type Output = ();
    #[inline(always)]
    fn run<S: Lanes>(self, lanes: S) {
        let Self(x, places, out) = self;
        let full = out.len() - out.len() % S::N;
        let mut at = 0;
        while at < full {
            // SAFETY: `gather` has compared the length of `x` with the bound below which
            // `Indices::new` has found every index.
            let found = unsafe { Vector::gather(lanes, x, &places[at..at + S::N]) };
            found.store(&mut out[at..]);
            at += S::N;
        }
        for (out, &place) in out[full..].iter_mut().zip(&places[full..]) {
            *out = x[place as usize];
        }
    }
}

/// `out[i] = x[indices[i]]`
///
/// # Panics
/// Where `x` is shorter than the bound of the indices, or `out` not as long as they are many.
pub fn gather(isa: Isa, x: &[f64], indices: IndicesRef, out: &mut [f64]) {
    assert!(
        x.len() >= indices.bound,
        "the indices are meant for a longer slice"
    );
    assert_eq!(
        indices.len(),
        out.len(),
        "the operands of a kernel differ in length"
    );
    isa.run(Gather(x, indices.places, out));
}

/// `out[indices[i]] += values[i]`, in order: the reverse of [`gather`].
///
/// # Panics
/// Where `out` is shorter than the bound of the indices, or `values` not as long as they are many.
pub fn scatter_add(values: Operand, indices: IndicesRef, out: &mut [f64]) {
    assert!(
        out.len() >= indices.bound,
        "the indices are meant for a longer slice"
    );
    values.check(indices.len());
    match values {
        Operand::Slice(values) => {
            for (value, &place) in values.iter().zip(indices.places) {
                out[place as usize] += value;
            }
        }
        Operand::Scalar(value) => {
            for &place in indices.places {
                out[place as usize] += value;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gather_and_scatter_are_each_others_reverse() {
        let x: Vec<f64> = (0..13).map(f64::from).collect();
        let values: Vec<i64> = (0..41).map(|i| i * 7 % 26 - 13).collect();
        let indices = Indices::new(&values, 13).unwrap();
        for isa in Isa::available() {
            let mut out = vec![0.0; 41];
            gather(isa, &x, indices.as_ref(), &mut out);
            for (value, got) in values.iter().zip(&out) {
                assert_eq!(*got, value.rem_euclid(13) as f64);
            }
            let mut counts = vec![0.0; 13];
            scatter_add(Operand::Scalar(1.0), indices.as_ref(), &mut counts);
            assert_eq!(counts.iter().sum::<f64>(), 41.0);
            let mut sums = vec![0.0; 13];
            scatter_add(Operand::Slice(&out), indices.as_ref(), &mut sums);
            for i in 0..13 {
                assert_eq!(sums[i], counts[i] * x[i]);
            }
            let mut part = [0.0; 3];
            gather(isa, &x, indices.as_ref().slice(4..7), &mut part);
            assert_eq!(part, out[4..7]);
        }
    }

    #[test]
    fn index_outside_is_named() {
        let error = Indices::new(&[0, 3, -5], 4).unwrap_err();
        assert_eq!(
            error,
            IndexError {
                index: -5,
                position: 2,
                bound: 4
            }
        );
        assert!(Indices::new(&[4], 4).is_err() && Indices::new(&[i64::MIN], 4).is_err());
    }

    #[test]
    #[should_panic(expected = "meant for a longer slice")]
    fn shorter_slice_is_refused() {
        let indices = Indices::new(&[3], 4).unwrap();
        gather(Isa::best(), &[1.0; 3], indices.as_ref(), &mut [0.0]);
    }
}
