"""Probabilistic programming for Python with samplers in Rust."""
