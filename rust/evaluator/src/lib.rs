//! A posterior before the coffee is poured: log densities, gradients and derived quantities
//! straight from a symbolic graph, without a compiler.
//!
//! A [`Plan`] is read from bytes and bound to data ([`Plan::bind`]), which fixes all sizes,
//! simplifies, differentiates and schedules the graph. The [`BoundModel`] model that comes out runs in
//! an interpreter with SIMD kernels and is a [`Target`](rufous_core::Target) for the sampler.

mod bound;
mod bytes;
mod eager;
mod elementwise;
mod error;
mod gradient;
mod graph;
pub mod kernels;
mod op;
mod plan;
mod program;
mod scan;
mod shape;
mod simplify;
mod source;
mod specialise;
mod steps;

pub use bound::{BoundModel, Evaluation};
pub use error::{EvaluatorError, Result};
pub use plan::Plan;
pub use source::FORMAT_VERSION;
pub use specialise::SlotValue;
