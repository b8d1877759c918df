//! Accuracy and edge cases of the kernels, on every instruction set of this machine.

// A table that cannot be read fails the test.
#![allow(clippy::unwrap_used)]

mod accuracy;
mod edges;
