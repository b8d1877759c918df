//! Samplers for log densities.
