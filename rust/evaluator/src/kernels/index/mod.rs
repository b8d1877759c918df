//! Gathering and scattering by index, and by runs of equal index.
//!
//! Indices are checked once, when they are made; what runs thousands of times a second has
//! nothing left to check.

mod indices;
mod segments;

pub use indices::{IndexError, Indices, IndicesRef, gather, scatter_add};
pub use segments::{Segments, segment_fill, segment_sum_add};
