//! Sinks that keep draws.

mod memory;

pub use memory::{DrawTable, MemorySink};
