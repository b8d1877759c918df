//! A posterior before the coffee is poured: log densities, gradients and derived quantities
//! straight from a symbolic graph, without a compiler.
//!
//! A *plan* is imported from bytes ([`plan`]), bound to data ([`bind`](plan::Plan::bind)), which
//! fixes all sizes, simplifies, differentiates and schedules the graph, and gives a *program*
//! that an interpreter runs in blocks of a few hundred numbers with SIMD kernels.

pub mod kernels;
