//! Accuracy and edge cases of the kernels, on every instruction set of this machine.

mod accuracy;
mod edges;
